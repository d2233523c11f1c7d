"""Training CartoonGAN and ArtifyGAN: photos to cartoons, from pictures without counterparts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.stylise.cartoongan_model import Generator, Judge, Layout
from genani.engines.stylise.cartoongan_weights import KINDS, Kind, load, pack
from genani.store import models as store
from genani.training import losses_animegan as losses
from genani.training.config import ConfigError, Count, NotNegative, Positive, TrainingConfig, typed
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.metrics_frechet import frechet
from genani.training.sources.inking import inked
from genani.training.sources.one_hand import cartoons
from genani.training.sources.unpaired import Unpaired
from genani.training.task import TOTAL, Batch, Losses, Models, Turn, idle
from genani.training.tasks.cartoongan_card import card
from genani.training.tasks.result import CARD, record
from genani.training.tasks.stylegan_losses import slope_penalty
from genani.training.tasks.unpaired import (
    GENERATOR,
    JUDGE,
    PATIENT,
    UnpairedSettings,
    UnpairedTask,
    moment,
    start_file,
)

FIRST = "first"
"""The turn of the first steps, where they have the pixels alone."""

PROXY, FRECHET, STYLE = "proxy", "frechet", "style"
PHOTO, PHOTO_STYLE, CONTENT = "photo frechet", "photo style", "content"

_LAYER = 2
"""Of SqueezeNet's: after fire 5, an eighth of the size, as conv4_4 of VGG 19 is there."""

_LEAST = 1e-9
_SQUARED = 2.0
_KEPT = 0.25
"""What content counts in `proxy`: as much as the rest, and the photo itself would be best."""

_SLOPE_EVERY = 4
"""Steps between two looks at the judge's slope."""


class CartoonGanSettings(UnpairedSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the tasks `cartoongan` and `artifygan`, beside those of `UnpairedSettings`.

    Attributes:
        photos, cartoons: how many of each kind at most.
        width: channels of the generator at full size; 64 as published.
        changes: whether the generator draws a change of the photo rather than all of the picture,
            which is not as published and learns in much shorter time.
        judge_width: channels of the judge's first layer; 32 as published.
        judge_rate: times the learning rate, for the judge; 1 as published.
        adversarial, content: weights of the losses.
        style, variation: weights of AnimeGAN's losses of these names, which say what few pictures
            and steps of a judge alone do not; 0 as published.
        pixels: weight of how far pixels go from what content is held to; 0 as published. With it
            the first steps have nothing else, and the judge waits.
        inked: whether content and pixels are held to the photo as a plain filter draws it, with
            even areas and dark lines, rather than to the photo, which is not as published: where
            judge and pictures are small, what is held to the photo stays the photo.
        slope: weight of R1, on the mean of the judge's answers; 0 as published.
        summed: whether the differences of content are added up over the whole picture, as they
            are where ArtifyGAN's weight of 0.00001 is meant, instead of their mean.
    """

    photos: Count = 6000
    cartoons: Count = 4000
    width: Annotated[int, msgspec.Meta(ge=2)] = 64
    changes: bool = True
    judge_width: Annotated[int, msgspec.Meta(ge=2)] = 32
    judge_rate: Positive = 1.0
    adversarial: NotNegative = 1.0
    content: NotNegative = 10.0
    style: NotNegative = 0.0
    variation: NotNegative = 0.0
    pixels: NotNegative = 0.0
    slope: NotNegative = 0.0
    inked: bool = False
    summed: bool = False


class CartoonGanTask(UnpairedTask[CartoonGanSettings]):
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
        super().__init__(settings, config, learnt, held, features)
        self.name = name
        self._kind = kind
        turns = (
            Turn(JUDGE, (JUDGE,), settings.judge_rate, PATIENT),
            Turn(GENERATOR, (GENERATOR,), 1.0, PATIENT),
        )
        # What has no adversary bears longer steps, and a shorter memory of the first ones.
        first = Turn(FIRST, (GENERATOR,), 4.0, (0.9, 0.99))
        self.turns = (first, *turns) if settings.pixels and settings.content_steps else turns

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        return {
            GENERATOR: _started(self._kind, self._settings).train(),
            JUDGE: Judge(self._settings.judge_width).train(),
        }

    def redrawn(self, models: Models, photo: Tensor) -> Tensor:
        """See `UnpairedTask.redrawn`."""
        return ((models[GENERATOR](photo * 2 - 1).float() + 1) / 2).clamp(0, 1)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `UnpairedTask.batches`; with `inked` where that is asked for."""
        for batch in super().batches(step):
            if self._settings.inked:
                photos = batch["photo"].permute(0, 2, 3, 1).numpy()
                drawn = np.stack([inked(np.ascontiguousarray(each)) for each in photos])
                yield {**batch, "inked": torch.from_numpy(drawn).permute(0, 3, 1, 2)}
            else:
                yield batch

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        warming = self.warming(batch)
        photo = _toned(batch["photo"])
        if self._settings.pixels and (turn == FIRST) != warming:
            return idle(models[JUDGE if turn == JUDGE else GENERATOR])
        if turn == JUDGE:
            return self._judged(models, batch, photo, warming)
        made = models[GENERATOR](photo)
        terms = self._held_to(
            made, _toned(batch["inked"]) if self._settings.inked else photo, warming
        )
        if not warming:
            terms |= self._styled(made, photo)
            terms["adversarial"] = functional.softplus(-models[JUDGE](made).float()).mean()
        weights = msgspec.structs.asdict(self._settings)
        total = sum(terms[name] * weights[name] for name in terms)
        return {TOTAL: torch.as_tensor(total), **{k: each.detach() for k, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`.

        `proxy` is no published measure: how far the crowd of drawings is from the cartoons, in
        features and in style, next to how far the photos are; and a little of how far each
        drawing is from its photo, next to how far a cartoon is that has nothing to do with it.
        Photos left as they are have 1.
        """
        photo, cartoon = self.held_back()
        made = self.all_redrawn(models, photo)
        truth, drawn = self.crowd(cartoon), self.style(cartoon)
        content, colour, _ = self.kept(made, photo)
        figures = {
            FRECHET: frechet(self.crowd(made), truth),
            PHOTO: frechet(self.crowd(photo), truth),
            STYLE: float(losses.style(self.style(made), drawn)),
            PHOTO_STYLE: float(losses.style(self.style(photo), drawn)),
            CONTENT: content,
            "colour": colour,
        }
        other = self.kept(cartoon, photo)[0]
        crowd = figures[FRECHET] / max(figures[PHOTO], _LEAST)
        hand = figures[STYLE] / max(figures[PHOTO_STYLE], _LEAST)
        kept = content / max(other, _LEAST)
        return {PROXY: (crowd + hand) / 2 + _KEPT * kept, **figures}

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with its card, and beside it what it was made with."""
        network = models[GENERATOR]
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
            made = photo if warming else models[GENERATOR](photo)
        judge, told = models[JUDGE], self._settings
        # One look at all three kinds: normalisation is within each picture.
        drawn, soft, own = judge(torch.cat((cartoon, smooth, made))).float().chunk(3)
        terms = {
            "cartoon": functional.softplus(-drawn).mean(),
            "smooth": functional.softplus(soft).mean(),
            "made": functional.softplus(own).mean(),
        }
        total = torch.stack(list(terms.values())).sum()
        if told.slope and moment(batch) % _SLOPE_EVERY == 0:
            terms["slope"] = slope_penalty(lambda seen: judge(seen).mean((1, 2, 3)), cartoon)
            total = total + told.slope / 2 * _SLOPE_EVERY * terms["slope"]
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}

    def _held_to(self, made: Tensor, model: Tensor, warming: bool) -> dict[str, Tensor]:
        """What the generator loses without the judge, but for what has no weight."""
        told = self._settings
        terms: dict[str, Tensor] = {}
        with torch.autocast(model.device.type, enabled=False):
            made = made.float()
            if told.pixels:
                # Squares move what absolutes leave at its median: thin lines.
                off = made - model
                terms["pixels"] = off.abs().mean() + _SQUARED * off.square().mean()
            if told.pixels and warming:
                return terms
            with torch.no_grad():
                wanted = self._looks((model + 1) / 2)[_LAYER]
            off = (self._looks((made + 1) / 2)[_LAYER] - wanted).abs()
            terms[CONTENT] = off.sum() / len(off) if told.summed else off.mean()
        return terms

    def _styled(self, made: Tensor, photo: Tensor) -> dict[str, Tensor]:
        """What AnimeGAN has beside the judge, but for what has no weight."""
        told = self._settings
        terms: dict[str, Tensor] = {}
        with torch.autocast(photo.device.type, enabled=False):
            made, photo = (made.float() + 1) / 2, (photo + 1) / 2
            if told.style:
                terms["style"] = self.styled(made, photo)
            if told.variation:
                terms["variation"] = losses.variation(made)
        return terms


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
    path = start_file(settings)
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
