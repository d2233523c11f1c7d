"""Training a style from one picture: JoJoGAN."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import torch
from torch import Tensor, nn

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.stylise.canvas import Canvas
from genani.engines.stylise.stylegan.edits import LEVEL
from genani.engines.stylise.stylegan.generator import Generator, mixed, seeded
from genani.engines.stylise.stylegan.inversion import compared, inverted
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.sitter import AUTO, Sitter
from genani.engines.stylise.stylegan.weights import StyleModel, pack
from genani.media import image
from genani.scene.errors import FileError
from genani.store import models as store
from genani.training.config import ConfigError, Natural, NotNegative, Share, TrainingConfig, typed
from genani.training.losses import Perception
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.tasks.result import record
from genani.training.tasks.stylegan import features_file
from genani.training.tasks.stylegan_augment import augmented
from genani.training.tasks.stylegan_export import card_of, sheet_of
from genani.training.tasks.stylegan_losses import drawn_loss, judged_loss

DRAW, JUDGE = "draw", "judge"
_STYLED = "styled"
LIKENESS = "likeness"

_JUDGED_SEEDS = range(2_000_000, 2_000_016)
"""Their mixes are never learnt from: what is learnt from has no seed of its own."""

_CHANCE = 0.5
"""Of each augmentation, where a judge learns from the one picture."""

_SHOWN = 8


class JojoganSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `jojogan`.

    Attributes:
        model: what it starts from, with encoder and judge: a name in the model store, or a file.
        inversion: steps of finding the picture's styles.
        level: first of the layers that are mixed, counted from the coarsest.
        own: share of the picture's own styles in those layers; 0 as published.
        pixels: weight of the difference in pixels beside that in features; 0 as published.
        adversarial: weight of a judge that learns what the picture looks like; 0 has none.
        measure: features beside the judge's that likeness is told by; `judge` needs no model.
        name: of the model that comes of it.
        rights: who made the picture and under which licence, for the card.
    """

    model: str = "genani-stylegan"
    inversion: Natural = 300
    level: Natural = LEVEL
    own: Share = 0.0
    pixels: NotNegative = 0.0
    adversarial: NotNegative = 0.0
    measure: Literal["squeezenet", "judge"] = "squeezenet"
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.+-]*\Z")] = "genani-jojogan"
    rights: str = ""


class JojoganTask(Task):
    """A generator fine-tuned until a family of faces is drawn as one picture.

    M. J. Chong, D. Forsyth, "JoJoGAN: One Shot Face Stylization", arXiv 2112.11641: the picture
    is inverted; its styles with other fine ones mixed in stand for the faces that it may be a
    drawing of; the generator learns to draw all of them as the picture is, told by the features
    of the judge.

    Args:
        settings: of the task.
        config: of the run.
        model: what is started from.
        picture: (1, 4, size, size) premultiplied RGBA, -1 to 1.
        title: the picture's name, for the card.
        features: `squeezenet_v1.1.caffemodel`; None leaves its features out.
    """

    name = "jojogan"
    judged_by = LIKENESS

    def __init__(
        self,
        settings: JojoganSettings,
        config: TrainingConfig,
        model: StyleModel,
        picture: Tensor,
        title: str,
        features: Path | None,
    ) -> None:
        if model.judge is None or model.encoder is None:
            raise ConfigError("task.model: a style needs a model that has its judge and encoder")
        self._settings, self._config, self._title = settings, config, title
        self._model, self._judge = model, model.judge
        self._picture = compared(model, picture)
        self._styles = inverted(model, picture, settings.inversion, CancelToken())
        self._perception = Perception(features) if features else None
        drawing = Turn(DRAW, (_STYLED,), betas=(0.0, 0.99))
        judging = Turn(JUDGE, (JUDGE,), rate=1.5, betas=(0.0, 0.99))
        self.turns = (drawing, judging) if settings.adversarial else (drawing,)

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        styled = copy.deepcopy(self._model.generator).requires_grad_(True)
        styled.mapping.requires_grad_(False)
        built: dict[str, nn.Module] = {_STYLED: styled.train()}
        if self._settings.adversarial:
            built[JUDGE] = copy.deepcopy(self._judge).requires_grad_(True).train()
        return built

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._model = self._model.to(device)
        self._picture, self._styles = self._picture.to(device), self._styles.to(device)
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; what is mixed in is thrown in the step."""
        while True:
            yield {"number": torch.full((self._config.batch,), step, dtype=torch.int64)}
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        count = len(batch["number"])
        base = self._model.generator
        with torch.no_grad():
            z = torch.randn(count, base.config.latent, device=self._picture.device)
            w = self.family(base.mapping(z))
        if turn == JUDGE:
            with torch.no_grad():
                made = _styled(models)(w)
            return {TOTAL: self._told(models, made)}
        made = _styled(models)(w)
        terms = self._unlike(made)
        if self._settings.adversarial:
            told = _judge(models)(augmented(made, _CHANCE))
            terms["fooled"] = self._settings.adversarial * drawn_loss(told)
        total = torch.stack([each.float() for each in terms.values()]).sum()
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`.

        `likeness` is how far mixes that were not learnt from are from the picture; `apart` how
        much other faces still differ from each other, as a share of how much they did.
        """
        styled, base = _styled(models), self._model.generator
        seeds = list(_JUDGED_SEEDS)
        unlike = self._unlike(styled(self.family(seeded(base, seeds))))
        other = base.spread(seeded(base, seeds))
        apart = [each.std(0).mean() for each in (styled(other), base(other))]
        total = torch.stack([each.float() for each in unlike.values()]).sum()
        return {LIKENESS: float(total), "apart": float(apart[0] / apart[1].clamp_min(1e-9))}

    def samples(self, models: Models, folder: Path) -> None:
        """The picture and mixes of it; other faces, and what becomes of them."""
        styled, base = _styled(models), self._model.generator
        seeds = list(_JUDGED_SEEDS)[:_SHOWN]
        mixes = styled(self.family(seeded(base, seeds[1:])))
        other = base.spread(seeded(base, seeds))
        rows = [self._picture, mixes, base(other), styled(other)]
        (folder / "styled.png").write_bytes(sheet_of(torch.cat(rows), _SHOWN))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store: what finds styles stays, what draws them is new."""
        data = f"{self._model.told.get('data', '')}; its style: one picture, '{self._title}'"
        told = {**self._model.told, "data": data}
        if self._settings.rights:
            told["rights"] = self._settings.rights
        model = replace(self._model, styled=_styled(models), told=told)
        title = f"A JoJoGAN style: {self._title}"
        about = "Draws faces in the style of one picture."
        card = card_of(title, model, self._config, figures)
        pack(model, folder, self._settings.name, title, about, card)
        record(folder, self._config, figures)

    def family(self, w: Tensor) -> Tensor:
        """The picture's styles (B, styles, latent), the fine ones mixed with others (B, latent)."""
        own = self._styles.expand(len(w), -1, -1)
        other = torch.lerp(self._model.generator.spread(w), own, self._settings.own)
        return mixed(own, other, min(self._settings.level, own.shape[1] - 1))

    def _unlike(self, made: Tensor) -> dict[str, Tensor]:
        """How far pictures are from the picture."""
        truth = self._picture.expand_as(made)
        with torch.no_grad():
            wanted = self._judge.trunk(self._picture)
        found = self._judge.trunk(made)
        off = [(one - two).abs().mean() for one, two in zip(found, wanted, strict=True)]
        terms = {"looks": torch.stack([each.float() for each in off]).mean()}
        if self._settings.pixels:
            terms["pixels"] = self._settings.pixels * (made.float() - truth).abs().mean()
        if self._perception:
            values = made.float() / 2 + 0.5
            flat = torch.ones_like(values[:, :1])
            terms["perceptual"] = self._perception(values, truth / 2 + 0.5, flat)
        return terms

    def _told(self, models: Models, made: Tensor) -> Tensor:
        judge = _judge(models)
        real = self._picture.expand_as(made).contiguous()
        return judged_loss(judge(augmented(real, _CHANCE)), judge(augmented(made, _CHANCE)))


def _styled(models: Models) -> Generator:
    network = models[_STYLED]
    assert isinstance(network, Generator)
    return network


def _judge(models: Models) -> Judge:
    network = models[JUDGE]
    assert isinstance(network, Judge)
    return network


def seen(path: Path, size: int) -> Tensor:
    """The picture in a file as a model sees it: its face, or all of it where none is found.

    Returns:
        (1, 4, size, size) premultiplied RGBA, -1 to 1.

    Raises:
        FileError: it cannot be read, or there is nothing to see in it.
    """
    picture = image.read(path)
    canvas = Canvas(picture, Device())
    if canvas.box is None:
        raise FileError(f"'{path}' is empty: there is no style to be learnt from it")
    return Sitter(store.path).seen(picture, canvas, size, AUTO, CancelToken())[1]


def make(config: TrainingConfig, data: Path | None) -> JojoganTask:
    """The task, its picture inverted; see `genani.training.tasks.make`."""
    settings = typed(config.task, JojoganSettings, "task")
    if data is None:
        raise ConfigError("jojogan learns a style from one picture: name it with --data PICTURE")
    features = features_file(settings.measure)
    model = opened(settings.model)
    if data.is_dir():
        raise ConfigError(f"'{data}' is a folder: jojogan learns from one picture")
    picture = seen(data, model.config.size)
    return JojoganTask(settings, config, model, picture, data.name, features)
