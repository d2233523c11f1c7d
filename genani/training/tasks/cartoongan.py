"""Training CartoonGAN and ArtifyGAN: photos to cartoons, from pictures without counterparts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.stylise.cartoongan_model import Generator, Judge, Layout
from genani.engines.stylise.cartoongan_weights import KINDS, Kind, load, pack
from genani.store import models as store
from genani.training.config import (
    ConfigError,
    Count,
    Natural,
    NotNegative,
    TrainingConfig,
    typed,
)
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.losses_animegan import Looks
from genani.training.metrics_frechet import Moments, frechet
from genani.training.sources.one_hand import cartoons
from genani.training.sources.unpaired import Unpaired
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.tasks.cartoongan_card import card
from genani.training.tasks.result import CARD, record
from genani.training.tasks.sheets import sheet

Side = Annotated[int, msgspec.Meta(ge=32, multiple_of=4)]

PROXY, FRECHET, PHOTO, CONTENT = "proxy", "frechet", "photo frechet", "content"

_GENERATOR, _JUDGE = "generator", "judge"
_MOMENT = "moment"
_PATIENT = (0.5, 0.999)
"""Betas of Adam, as adversarial training wants them."""

_LAYER = 2
"""Of SqueezeNet's: after fire 5, an eighth of the size, as conv4_4 of VGG 19 is there."""

_LEAST = 1e-9
_AT_ONCE = 8
_SHOWN = 8


class CartoonGanSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the tasks `cartoongan` and `artifygan`.

    Attributes:
        size: side of the pictures, in pixels.
        photos, cartoons: how many of each kind at most.
        width: channels of the generator at full size; 64 as published.
        changes: whether the generator draws a change of the photo rather than all of the picture,
            which is not as published and learns in much shorter time.
        judge_width: channels of the judge's first layer; 32 as published.
        content_steps: first steps on which only the content counts, so that the generator knows
            how to draw what it sees before it is told in what style.
        adversarial, content: weights of the losses.
        summed: whether the differences of content are added up over the whole picture, as they
            are where ArtifyGAN's weight of 0.00001 is meant, instead of their mean.
        start: weights to begin with, a file that an earlier run has made; empty for none.
        held: pictures of each kind that are held back to judge by.
    """

    size: Side = 256
    photos: Count = 6000
    cartoons: Count = 4000
    width: Annotated[int, msgspec.Meta(ge=2)] = 64
    changes: bool = True
    judge_width: Annotated[int, msgspec.Meta(ge=2)] = 32
    content_steps: Natural = 500
    adversarial: NotNegative = 1.0
    content: NotNegative = 10.0
    summed: bool = False
    start: str = ""
    held: Annotated[int, msgspec.Meta(ge=2)] = 64


class CartoonGanTask(Task):
    """A generator and its judge.

    Args:
        kind: CartoonGAN or ArtifyGAN.
        name: of the task.
        settings: of the task.
        config: of the run.
        learnt, held: pictures to learn from, and held back.
        features: `squeezenet_v1.1.caffemodel`.
    """

    judged_by = PROXY
    turns = (
        Turn(_JUDGE, (_JUDGE,), 1.0, _PATIENT),
        Turn(_GENERATOR, (_GENERATOR,), 1.0, _PATIENT),
    )

    def __init__(
        self,
        kind: Kind,
        name: str,
        settings: CartoonGanSettings,
        config: TrainingConfig,
        learnt: Unpaired,
        held: Unpaired,
        features: Path,
    ) -> None:
        self.name = name
        self._kind, self._settings, self._config = kind, settings, config
        self._learnt, self._held = learnt, held
        self.notes = learnt.notes
        self._looks = Looks(features)
        self._device = torch.device("cpu")
        self._back: dict[str, Tensor] = {}

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        return {
            _GENERATOR: _started(self._kind, self._settings).train(),
            _JUDGE: Judge(self._settings.judge_width).train(),
        }

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._looks.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; each also has its step, as `moment`."""
        told = self._config
        while True:
            made = self._learnt.batch(told.seed, step, told.batch, self._settings.size)
            batch = {name: torch.from_numpy(each) for name, each in made.items()}
            yield {**batch, _MOMENT: torch.full((told.batch,), step)}
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        warming = int(batch[_MOMENT][0]) < self._settings.content_steps
        photo = _toned(batch["photo"])
        if turn == _JUDGE:
            return self._judged(models, batch, photo, warming)
        made = models[_GENERATOR](photo)
        terms = {CONTENT: self._content(made, photo)}
        if not warming:
            terms["adversarial"] = functional.softplus(-models[_JUDGE](made).float()).mean()
        weights = msgspec.structs.asdict(self._settings)
        total = sum(terms[name] * weights[name] for name in terms)
        return {TOTAL: torch.as_tensor(total), **{k: each.detach() for k, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`.

        `proxy` is no published measure: how far the crowd of drawings is from the cartoons, next
        to how far the photos are, and how far each drawing is from its photo, next to how far a
        cartoon is that has nothing to do with it. Photos left as they are have 1, and so have
        such cartoons.
        """
        photo, cartoon = self._held_back()
        made = torch.cat([models[_GENERATOR](each).float() for each in photo.split(_AT_ONCE)])
        made = made.clamp(-1, 1)
        truth = self._crowd(cartoon)
        figures = {
            FRECHET: frechet(self._crowd(made), truth),
            PHOTO: frechet(self._crowd(photo), truth),
            CONTENT: self._apart(made, photo),
        }
        other = self._apart(cartoon, photo)
        share = figures[FRECHET] / max(figures[PHOTO], _LEAST)
        return {PROXY: share + figures[CONTENT] / max(other, _LEAST), **figures}

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: photos above, what is made of them below."""
        photo = self._held_back()[0][:_SHOWN]
        rows = [(each.float() + 1) / 2 for each in (photo, models[_GENERATOR](photo))]
        (folder / "held_back.png").write_bytes(sheet(rows))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with its card, and beside it what it was made with."""
        network = models[_GENERATOR]
        if not isinstance(network, Generator):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        pack(network, self._kind, folder)
        record(folder, self._config, figures)
        text = card(
            self.name, self._kind, self._config, self._settings, network, figures, self._learnt.name
        )
        (folder / CARD).write_text(text, encoding="utf-8")

    def _judged(self, models: Models, batch: Batch, photo: Tensor, warming: bool) -> Losses:
        cartoon, smooth = _toned(batch["drawing"]), _toned(batch["smooth"])
        with torch.no_grad():
            # At first the generator learns to draw the photo itself.
            made = photo if warming else models[_GENERATOR](photo)
        judge = models[_JUDGE]
        # One look at all three kinds: normalisation is within each picture.
        drawn, soft, own = judge(torch.cat((cartoon, smooth, made))).float().chunk(3)
        terms = {
            "cartoon": functional.softplus(-drawn).mean(),
            "smooth": functional.softplus(soft).mean(),
            "made": functional.softplus(own).mean(),
        }
        total = torch.stack(list(terms.values())).sum()
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}

    def _content(self, made: Tensor, photo: Tensor) -> Tensor:
        with torch.autocast(photo.device.type, enabled=False):
            with torch.no_grad():
                wanted = self._features(photo)
            off = (self._features(made.float()) - wanted).abs()
        return off.sum() / len(off) if self._settings.summed else off.mean()

    def _apart(self, one: Tensor, other: Tensor) -> float:
        pairs = zip(one.split(_AT_ONCE), other.split(_AT_ONCE), strict=True)
        sums = [(self._features(a) - self._features(b)).abs().mean() * len(a) for a, b in pairs]
        return float(torch.stack(sums).sum() / len(one))

    def _features(self, toned: Tensor) -> Tensor:
        return self._looks((toned + 1) / 2)[_LAYER]

    def _crowd(self, toned: Tensor) -> Moments:
        return self._looks.moments(((toned + 1) / 2).split(_AT_ONCE))

    def _held_back(self) -> tuple[Tensor, Tensor]:
        """(N, 3, size, size) photos and cartoons, -1 to 1."""
        if not self._back:
            made = self._held.first(self._settings.held, self._settings.size)
            self._back = {
                name: _toned(torch.from_numpy(each).to(self._device)) for name, each in made.items()
            }
        return self._back["photo"], self._back["drawing"]


def make(config: TrainingConfig, data: Path | None) -> CartoonGanTask:
    """The task `cartoongan`; see `genani.training.tasks.make`."""
    return made("cartoongan", config, data)


def made(name: str, config: TrainingConfig, data: Path | None) -> CartoonGanTask:
    """The task of one of `KINDS`; the rest as `make`."""
    settings = typed(config.task, CartoonGanSettings, "task")
    kind = KINDS[name]
    features = store.path(FEATURES_MODEL, FEATURES_FILE)
    _started(kind, settings)
    learnt = cartoons(data, settings.photos, settings.cartoons)
    held = cartoons(data, settings.held, settings.held, held=True)
    return CartoonGanTask(kind, name, settings, config, learnt, held, features)


def _started(kind: Kind, settings: CartoonGanSettings) -> Generator:
    """The generator before the first step.

    Raises:
        ConfigError: there is no such file, or its layout is another.
        ModelError: the file holds no such weights.
    """
    layout = layout_for(kind, settings)
    if not settings.start:
        return Generator(layout)
    path = Path(settings.start)
    if not path.is_file():
        raise ConfigError(f"task.start: there is no file '{path}'")
    network = load(path)
    if network.layout != layout:
        raise ConfigError(
            f"task.start: '{path}' holds another network ({network.layout}); say the same with "
            "task.width and task.changes, or train the other of cartoongan and artifygan"
        )
    return network


def layout_for(kind: Kind, settings: CartoonGanSettings) -> Layout:
    """The layout of a kind at the width of the settings."""
    like = kind.layout
    return Layout(settings.width, like.blocks, like.convolutions, like.after, settings.changes)


def _toned(picture: Tensor) -> Tensor:
    """Bytes as -1 to 1."""
    return picture.float() / 127.5 - 1
