"""Training the transformer of GANime: the codes of the drawings between two keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.api import CancelToken
from genani.engines.inbetween.vqgpt.autoencoder import VqGan
from genani.engines.inbetween.vqgpt.transformer import VqGpt, VqGptConfig
from genani.engines.inbetween.vqgpt.weights import (
    CODER,
    MODEL,
    VQGAN,
    VQGPT,
    describe,
    load_coder,
    load_writer,
    save_coder,
    save_writer,
)
from genani.engines.inbetween.vqgpt.writing import Chance, written
from genani.scene.errors import ModelError
from genani.store import models as store
from genani.training import runs
from genani.training.config import ConfigError, Count, NotNegative, Share, TrainingConfig, typed
from genani.training.sources.dice import Dice
from genani.training.sources.strip_mix import SHARES, StripMaterial, strip_material
from genani.training.sources.strips import StripSource
from genani.training.task import TOTAL, Batch, Losses, Models, Task
from genani.training.tasks.result import CARD, record
from genani.training.tasks.vqgpt_card import card
from genani.training.tasks.vqgpt_sheets import premultiplied, write_sheet

NEWEST = "newest"

_NETWORK = "model"
_HELD_SEED = 2026
_SALT = 0x6B7
_SHOWN = 4
_STRIDE = 8
"""Neighbours in a stream may show one character; of these one is looked at."""


class VqGptSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `vqgpt`.

    Attributes:
        shares, own: as for `vqgan`, whose mix it should be.
        vqgan: the autoencoder: a file or folder that `genani train vqgan` has made, a name in the
            model store, or `newest` for that of the newest run.
        width, layers, heads, look, shared, timed: of the network, see `VqGptConfig`.
        start: weights to begin with, a file that an earlier run has made; empty for none.
        least, most: drawings between the keys; each step has its own number.
        spoilt: share of codes that are read wrongly, so that a slip while writing is not the end.
        unread: share of drawings that later ones cannot read, so that these look at the keys.
        seen: how much it counts what the keys alone let expect.
        held: strips that are held back to judge by.
        held_between: drawings between their keys.
        name: what the model store is to call the result.
    """

    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(SHARES))
    own: Share = 0.7
    vqgan: str = NEWEST
    width: Annotated[int, msgspec.Meta(ge=8)] = 192
    layers: Count = 4
    heads: Count = 6
    look: Annotated[int, msgspec.Meta(ge=8, multiple_of=8)] = 128
    shared: Count = 3
    timed: Count = 2
    start: str = ""
    least: Count = 1
    most: Count = 5
    spoilt: Share = 0.1
    unread: Share = 0.3
    seen: NotNegative = 0.5
    held: Annotated[int, msgspec.Meta(ge=2)] = 24
    held_between: Count = 3
    name: str = MODEL


class VqGptTask(Task):
    """A transformer over the codes of an autoencoder that stays as it is.

    Args:
        settings, config: of the task and of the run.
        coder: the autoencoder.
        drawings: to learn from, and held back.
    """

    name = "vqgpt"
    judged_by = "loss of codes"

    def __init__(
        self,
        settings: VqGptSettings,
        config: TrainingConfig,
        coder: VqGan,
        drawings: StripMaterial,
    ) -> None:
        self._settings, self._config, self._drawings = settings, config, drawings
        self._coder = coder.eval().requires_grad_(False)
        self.notes = drawings.notes
        self._device = torch.device("cpu")
        self._back: Batch | None = None

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        return {_NETWORK: _started(self._settings, self._coder).train()}

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._coder.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`."""
        told, settings = self._config, self._settings
        while True:
            between = Dice(told.seed, step, _SALT).whole(settings.least, settings.most)
            first = step * told.batch
            rows = range(first, first + told.batch)
            yield _strips(self._drawings.learnt, told.seed, rows, self._side, between)
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        del turn
        codes, times = self._codes(batch["frames"]), batch["times"][:, 1:-1]
        between = codes[:, 1:-1]
        known = torch.rand(times.shape, device=times.device) >= self._settings.unread
        said = _network(models)(codes[:, 0], codes[:, -1], self._spoilt(between), times, known)
        terms = {
            "codes": functional.cross_entropy(
                said.written.float().flatten(0, 2), between.flatten()
            ),
            "seen": functional.cross_entropy(said.seen.float().flatten(0, 2), between.flatten()),
        }
        total = terms["codes"] + self._settings.seen * terms["seen"]
        return {TOTAL: total, **{name: value.detach() for name, value in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`: of codes told the true ones before, and of drawings written alone.

        `mse` is of the drawings between, written from the keys, `blend mse` that of a plain
        cross-dissolve and `recoded mse` that of the true drawings through codes and back.
        """
        batch = self._held_back()
        network, codes, times = _network(models), self._codes(batch["frames"]), batch["times"]
        between, inner = codes[:, 1:-1], times[:, 1:-1]
        whole = torch.ones_like(inner, dtype=torch.bool)
        said = network(codes[:, 0], codes[:, -1], between, inner, whole).written.float()
        truth = premultiplied(batch["frames"])
        first, last = truth[:, :1], truth[:, -1:]
        mixed = torch.lerp(first, last, inner[:, :, None, None, None])
        drawn = self._pictures(self._written(network, codes, times))
        return {
            self.judged_by: float(functional.cross_entropy(said.flatten(0, 2), between.flatten())),
            "right codes": float((said.argmax(-1) == between).float().mean()),
            "mse": _off(drawn, truth[:, 1:-1]),
            "blend mse": _off(mixed, truth[:, 1:-1]),
            "recoded mse": _off(self._pictures(between), truth[:, 1:-1]),
        }

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: for each strip the truth, and below it what is written between its keys."""
        batch = {name: each[:_SHOWN] for name, each in self._held_back().items()}
        codes = self._codes(batch["frames"])
        drawn = self._pictures(self._written(_network(models), codes, batch["times"]))
        truth = premultiplied(batch["frames"])
        rows = []
        for own, made in zip(truth, drawn, strict=True):
            rows += [list(own), [own[0], *made, own[-1]]]
        write_sheet(rows, folder / "held_back.png")

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with both networks, as the engine loads it; its card and figures."""
        network, told = _network(models), self._settings
        save_coder(self._coder, folder / VQGAN)
        save_writer(network, folder / VQGPT)
        describe(folder, told.name, f"GANime: {told.name}")
        text = card(self._config, told, (self._coder, network), figures, self._drawings)
        (folder / CARD).write_text(text, encoding="utf-8")
        record(folder, self._config, figures)

    @property
    def _side(self) -> int:
        return self._coder.config.side

    def _codes(self, frames: Tensor) -> Tensor:
        """(B, N, places) of frames (B, N, H, W, 4)."""
        with torch.no_grad():
            found = self._coder.codes(premultiplied(frames).flatten(0, 1))
        return found.flatten(1).unflatten(0, frames.shape[:2])

    def _pictures(self, codes: Tensor) -> Tensor:
        """(B, N, 4, H, W) of codes (B, N, places)."""
        grid = self._coder.config.grid
        made = self._coder.picture(codes.flatten(0, 1).unflatten(1, (grid, grid)))
        return made.float().clamp(0, 1).unflatten(0, codes.shape[:2])

    def _written(self, network: VqGpt, codes: Tensor, times: Tensor) -> Tensor:
        """(B, N, places) as the engine writes them."""
        wanted = times[0, 1:-1].tolist()
        rows = written(network, codes[:, 0], codes[:, -1], wanted, Chance(), CancelToken())
        return torch.stack(list(rows), 1)

    def _spoilt(self, codes: Tensor) -> Tensor:
        """Codes with some in the place of others, in some drawings more than in others."""
        share = 2 * self._settings.spoilt * torch.rand(*codes.shape[:2], 1, device=codes.device)
        wrong = torch.randint_like(codes, self._coder.config.codes)
        return torch.where(torch.rand(codes.shape, device=codes.device) < share, wrong, codes)

    def _held_back(self) -> Batch:
        if self._back is None:
            told = self._settings
            rows = range(0, told.held * _STRIDE, _STRIDE)
            made = _strips(self._drawings.held, _HELD_SEED, rows, self._side, told.held_between)
            self._back = {name: each.to(self._device) for name, each in made.items()}
        return self._back


def make(config: TrainingConfig, data: Path | None) -> VqGptTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, VqGptSettings, "task")
    if settings.least > settings.most:
        raise ConfigError(
            f"task.least: {settings.least} is more than task.most, which is {settings.most}"
        )
    if settings.width % settings.heads:
        raise ConfigError(f"task.width: must be a multiple of task.heads, {settings.heads}")
    coder = load_coder(_coder_file(settings.vqgan))
    _started(settings, coder)
    return VqGptTask(settings, config, coder, strip_material(settings.shares, data, settings.own))


def _coder_file(wish: str) -> Path:
    """The autoencoder's weights.

    Raises:
        ConfigError: there is neither a run, a file nor a model of that name.
        ModelError: the model is not installed or damaged.
    """
    if wish == NEWEST:
        made = [
            folder / "result" / VQGAN
            for folder in (runs.home() / "vqgan").glob("*")
            if (folder / "result" / VQGAN).is_file()
        ]
        if made:
            return max(made, key=lambda path: path.stat().st_mtime_ns)
        wish = CODER
    path = Path(wish).expanduser()
    for place in (path, path / VQGAN):
        if place.is_file():
            return place
    try:
        return store.path(wish, VQGAN)
    except ModelError as error:
        raise ConfigError(
            f"task.vqgan: {error}; or train one with `genani train vqgan` and name its folder "
            "`result` here"
        ) from error


def _started(settings: VqGptSettings, coder: VqGan) -> VqGpt:
    """The network before the first step.

    Raises:
        ConfigError: `start` is no file or of another layout.
        ModelError: the file to start from is damaged.
    """
    same = ("width", "layers", "heads", "look", "shared", "timed", "most")
    told = {name: getattr(settings, name) for name in same}
    config = VqGptConfig(codes=coder.config.codes, grid=coder.config.grid, **told)
    if settings.start:
        path = Path(settings.start).expanduser()
        if not path.is_file():
            raise ConfigError(f"task.start: there is no file '{path}'")
        model = load_writer(path)
        if model.config != config:
            raise ConfigError(f"task.start: '{path}' is of another layout: {model.config}")
        return model
    model = VqGpt(config)
    model.acquaint(coder.vectors)
    return model


def _strips(source: StripSource, seed: int, rows: range, side: int, between: int) -> Batch:
    """`frames` (B, N + 2, side, side, 4) uint8 and `times` (B, N + 2)."""
    strips = [source.strip(seed, row, side, between) for row in rows]
    return {
        "frames": torch.from_numpy(np.stack([strip.frames for strip in strips])),
        "times": torch.from_numpy(np.stack([strip.times for strip in strips])),
    }


def _off(made: Tensor, truth: Tensor) -> float:
    return float((made - truth).square().mean())


def _network(models: Models) -> VqGpt:
    network = models[_NETWORK]
    if not isinstance(network, VqGpt):
        raise TypeError(f"not the network of this task: {type(network).__name__}")
    return network
