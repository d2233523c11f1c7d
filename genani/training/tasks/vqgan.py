"""Training the autoencoder of GANime: drawings to codes and back (a VQ-GAN)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from genani.engines.inbetween.vqgpt.autoencoder import Coded, VqGan, VqGanConfig, perplexity
from genani.engines.inbetween.vqgpt.weights import CODER, VQGAN, describe, load_coder, save_coder
from genani.scene.errors import ModelError
from genani.store import models as store
from genani.training import losses
from genani.training.config import (
    ConfigError,
    Count,
    Natural,
    NotNegative,
    Share,
    TrainingConfig,
    typed,
)
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.sources.strip_mix import SHARES, StripMaterial, strip_material
from genani.training.sources.strips import StripSource
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn
from genani.training.tasks.result import CARD, record
from genani.training.tasks.vqgan_card import card
from genani.training.tasks.vqgan_judge import PatchJudge, balance, told_apart
from genani.training.tasks.vqgpt_sheets import premultiplied, write_sheet

Side = Annotated[int, msgspec.Meta(ge=16, le=1024)]
Widths = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=8, multiple_of=8)], ...], msgspec.Meta(min_length=1)
]

MSE, DISTANCE = "mse", "distance"
_CODER, _JUDGE, _MOMENT = "coder", "judge", "moment"
_PATIENT = (0.5, 0.99)
_HELD_SEED = 2026
_AT_ONCE = 16
_SHOWN = 8


class VqGanSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `vqgan`.

    Attributes:
        shares: sources of drawings and how much each gives, in any unit: `digits`, `rig` and
            `emoji`.
        own: share of the user's own drawings where there are any; the rest is the mix.
        side, fold, widths, layers, codes, depth, apart: of the network, see `VqGanConfig`.
        start: weights to begin with, a file that an earlier run has made; empty for none.
        held: drawings that are held back to judge by.
        pixels, squares, edges, perceptual, commitment, adversarial: weights of the losses;
            without `adversarial` there is no judge.
        judge_width: channels of the judge's first layer.
        judge_from: the step from which on the judge counts.
        loose: first steps without the codebook, which is then filled from what the encoder has
            learnt to tell; with it from the start, everything tends to become one code.
        revive_every: steps between two looks for dead codes; 0 leaves them dead.
        dead_below: a code used less than this share of the average is dead.
        name: what the model store is to call the result.
    """

    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(SHARES))
    own: Share = 0.7
    side: Side = 64
    fold: Annotated[int, msgspec.Meta(ge=1, le=8)] = 4
    widths: Widths = (48, 96)
    layers: Count = 1
    codes: Annotated[int, msgspec.Meta(ge=2, le=65536)] = 256
    depth: Count = 16
    apart: bool = True
    start: str = ""
    held: Annotated[int, msgspec.Meta(ge=2)] = 64
    pixels: NotNegative = 1.0
    squares: NotNegative = 4.0
    edges: NotNegative = 0.0
    perceptual: NotNegative = 1.0
    commitment: NotNegative = 1.0
    adversarial: NotNegative = 0.1
    judge_width: Count = 32
    judge_from: Natural = 1000
    loose: Natural = 100
    revive_every: Natural = 20
    dead_below: NotNegative = 0.02
    name: str = CODER


class VqGanTask(Task):
    """An autoencoder with a codebook, and its judge.

    Args:
        settings, config: of the task and of the run.
        drawings: to learn from, and held back.
        perceptual: `squeezenet_v1.1.caffemodel`; None where its loss counts nothing.
    """

    name = "vqgan"

    def __init__(
        self,
        settings: VqGanSettings,
        config: TrainingConfig,
        drawings: StripMaterial,
        perceptual: Path | None,
    ) -> None:
        self._settings, self._config, self._drawings = settings, config, drawings
        self.notes = drawings.notes
        self.judged_by = DISTANCE if perceptual else MSE
        coder = Turn(_CODER, (_CODER,), betas=(0.9, 0.99))
        self.turns = (coder, Turn(_JUDGE, (_JUDGE,), 1.0, _PATIENT))[: 1 + self._adversarial]
        self._perception = losses.Perception(perceptual) if perceptual else None
        self._device = torch.device("cpu")
        self._back: Tensor | None = None

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        models: dict[str, nn.Module] = {_CODER: _started(self._settings).train()}
        if self._adversarial:
            # As many as leave it four places a side to look at.
            levels = max(1, min(3, int(math.log2(self._settings.side / 4))))
            models[_JUDGE] = PatchJudge(self._settings.judge_width, levels).train()
        return models

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; each also has its step, as `moment`."""
        told = self._config
        while True:
            drawings = _pictures(
                self._drawings.learnt, told.seed, step, told.batch, self._settings.side
            )
            yield {"picture": drawings, _MOMENT: torch.full((told.batch,), step)}
            step += 1

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        truth, moment = premultiplied(batch["picture"]), int(batch[_MOMENT][0])
        coder, warming = _coder(models), moment < self._settings.judge_from
        if turn == _JUDGE:
            if warming:
                return {
                    TOTAL: torch.stack([w.sum() for w in models[_JUDGE].parameters()]).sum() * 0
                }
            with torch.no_grad():
                made = coder(truth).picture
            return {TOTAL: told_apart(models[_JUDGE](truth), models[_JUDGE](made))}
        loose = moment < self._settings.loose
        made = coder(truth, loose=loose)
        terms = self._likeness(made, truth)
        total = torch.stack(
            [value * getattr(self._settings, name) for name, value in terms.items()]
        ).sum()
        if self._adversarial and not warming:
            doubt = -models[_JUDGE](made.picture).mean()
            weight = balance(total, doubt, coder.last_weight) * self._settings.adversarial
            total, terms = total + weight * doubt, {**terms, "adversarial": doubt}
        if not loose:
            coder.watch(made.codes)
        every = self._settings.revive_every
        # At the end of the loose steps nothing was used yet, so every vector is moved.
        due = every and not loose and moment % every == every - 1
        if due or moment == self._settings.loose - 1:
            revived = coder.revive(made.latents, self._settings.dead_below)
            terms["revived"] = torch.tensor(float(revived))
        terms["perplexity"] = perplexity(coder.use)
        return {TOTAL: total, **{name: value.detach() for name, value in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`: likeness, and how well the codebook is used."""
        coder = _coder(models)
        counts = torch.zeros(coder.config.codes)
        sums = {MSE: 0.0} | ({DISTANCE: 0.0} if self._perception else {})
        every = self._held_back().split(_AT_ONCE)
        flat = torch.ones(1, 1, *every[0].shape[2:], device=self._device)
        for pictures in every:
            truth = premultiplied(pictures.to(self._device))
            made = coder(truth)
            drawn = made.picture.float().clamp(0, 1)
            sums[MSE] += float((drawn - truth).square().mean((1, 2, 3)).sum())
            if self._perception:
                sums[DISTANCE] += float(self._perception(drawn, truth, flat)) * len(truth)
            counts += torch.bincount(made.codes.flatten().cpu(), minlength=len(counts))
        figures = {name: total / len(self._held_back()) for name, total in sums.items()}
        used = float((counts > 0).float().mean())
        return {**figures, "perplexity": float(perplexity(counts)), "codes used": used}

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: drawings above, the same from their codes below."""
        truth = premultiplied(self._held_back()[:_SHOWN].to(self._device))
        made = _coder(models)(truth).picture
        write_sheet([list(truth), list(made)], folder / "held_back.png")

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store that `genani train vqgpt` starts from, its card and figures."""
        coder, told = _coder(models), self._settings
        save_coder(coder, folder / VQGAN)
        describe(folder, told.name, "GenAni's VQ-GAN")
        weights = sum(each.numel() for each in coder.parameters())
        data = self._drawings.learnt.name
        text = card(self._config, told, figures, weights, data)
        (folder / CARD).write_text(text, encoding="utf-8")
        record(folder, self._config, figures)

    @property
    def _adversarial(self) -> bool:
        return self._settings.adversarial > 0

    def _likeness(self, made: Coded, truth: Tensor) -> dict[str, Tensor]:
        told, picture = self._settings, made.picture.float()
        flat = torch.ones_like(truth[:, :1])
        with torch.autocast(truth.device.type, enabled=False):
            terms = {
                "pixels": (picture - truth).abs().mean(),
                "squares": (picture - truth).square().mean(),
                "commitment": made.commitment.float(),
            }
            if told.edges:
                terms["edges"] = losses.edges(picture, truth, flat)
            if self._perception:
                terms["perceptual"] = self._perception(picture, truth, flat)
        return terms

    def _held_back(self) -> Tensor:
        if self._back is None:
            told = self._settings
            self._back = _pictures(self._drawings.held, _HELD_SEED, 0, told.held, told.side)
        return self._back


def make(config: TrainingConfig, data: Path | None) -> VqGanTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, VqGanSettings, "task")
    _started(settings)
    features = feature_file() if settings.perceptual else None
    return VqGanTask(
        settings, config, strip_material(settings.shares, data, settings.own), features
    )


def feature_file() -> Path:
    """The weights of the perceptual loss.

    Raises:
        ModelError: they are not installed; says what to do.
    """
    try:
        return store.path(FEATURES_MODEL, FEATURES_FILE)
    except ModelError as error:
        raise ModelError(f"{error}; or train without its loss: --set task.perceptual=0") from error


def _started(settings: VqGanSettings) -> VqGan:
    """The network before the first step.

    Raises:
        ConfigError: the sides do not fit, or `start` is no file or of another layout.
        ModelError: the file to start from is damaged.
    """
    names = VqGanConfig.__struct_fields__
    config = VqGanConfig(**{name: getattr(settings, name) for name in names})
    if config.side % config.patch:
        raise ConfigError(
            f"task.side: {config.side} is no multiple of the {config.patch} pixels of one code"
        )
    if not settings.start:
        return VqGan(config)
    path = Path(settings.start).expanduser()
    if not path.is_file():
        raise ConfigError(f"task.start: there is no file '{path}'")
    model = load_coder(path)
    if model.config != config:
        raise ConfigError(f"task.start: '{path}' is of another layout: {model.config}")
    return model


def _pictures(source: StripSource, seed: int, step: int, count: int, side: int) -> Tensor:
    """(count, side, side, 4) uint8 drawings: the ends of strips, which share what is costly."""
    strips = range(step * -(-count // 2), (step + 1) * -(-count // 2))
    ends = [source.strip(seed, index, side, 1).frames[[0, 2]] for index in strips]
    return torch.from_numpy(np.concatenate(ends)[:count])


def _coder(models: Models) -> VqGan:
    network = models[_CODER]
    if not isinstance(network, VqGan):
        raise TypeError(f"not the network of this task: {type(network).__name__}")
    return network
