"""Training GenAni's own network, which follows faces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import torch
from torch import Tensor, nn

from genani.engines.inbetween.face_model import FaceModel, FaceModelConfig
from genani.engines.inbetween.face_model_guidance import Guidance
from genani.engines.inbetween.face_model_weights import FILE, MODEL, TINY, load, pack, started_from
from genani.engines.inbetween.rife.versions import VERSIONS, read_network
from genani.scene.face import Emotion
from genani.store import models as store
from genani.training.config import ConfigError, NotNegative, Share, TrainingConfig, typed
from genani.training.loader import EMOTIONS
from genani.training.task import Batch, Models
from genani.training.tasks.inbetween import (
    Drawn,
    InbetweenSettings,
    InbetweenTask,
    feature_file,
)
from genani.training.tasks.material import Material, material

_NETWORK = "model"
_RIFE = "rife-4.6"
_BLOCKS = f"{_NETWORK}/block"
_CALM = EMOTIONS[str(Emotion.NEUTRAL)]
_SAME_TIME = 1e-6
_ASTRAY = 0.1
"""In shares of the face's size: half of what a lid travels in a blink."""


class FaceSettings(InbetweenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `face`.

    Attributes:
        start: what the network starts as: `genani-face` or `rife-4.6` from the model store,
            `nothing`, or a file that an earlier run has made; empty is `genani-face` with one's
            own clips, where it is installed, else `rife-4.6`.
        network: `full`, or `tiny` to see that everything works.
        published_rate: what the learning rate is multiplied by for weights that RIFE had, and
            for all of `genani-face`.
        straight: share of faces whose way between the keys is guessed to be straight, as the
            engine guesses where nobody corrects it; the others are told where the face truly is.
        jitter: how far landmarks are off, in shares of the face's size, as a detector's are.
        unguided: share of faces without landmarks.
        unfelt: share of drawings without an emotion.
    """

    start: str = ""
    network: Literal["full", "tiny"] = "full"
    published_rate: Share = 0.3
    straight: Share = 0.6
    jitter: NotNegative = 0.006
    unguided: Share = 0.25
    unfelt: Share = 0.3


class FaceTask(InbetweenTask):
    """GenAni's own network.

    Args:
        own: whether the drawings are a person's own; see `InbetweenTask` for the others.
    """

    name = "face"
    _settings: FaceSettings

    def __init__(
        self,
        settings: FaceSettings,
        config: TrainingConfig,
        drawings: Material,
        perceptual: Path | None,
        *,
        own: bool = False,
    ) -> None:
        super().__init__(settings, config, drawings, perceptual)
        self._own = own

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        return {_NETWORK: _started(self._settings).train()}

    def rate_of(self, weight: str) -> float:
        """See `Task.rate_of`: what RIFE had learnt is moved with care."""
        start = self._settings.start
        known = start == MODEL or (start != "nothing" and weight.startswith(_BLOCKS))
        return self._settings.published_rate if known else 1.0

    def drawn(self, models: Models, batch: Batch, t: Tensor, *, teaching: bool) -> Drawn:
        """See `InbetweenTask.drawn`."""
        first, last = batch["first"], batch["last"]
        with torch.autocast(t.device.type, enabled=False):
            guidance = self._guidance(batch, t, teaching)
        # What drawings are laid over is the engine's affair, so the network may not rely on it.
        grey = torch.rand(len(t), 1, 1, 1, device=t.device) if teaching else 1.0
        made = models[_NETWORK](first, last, t, guidance, grey)
        return Drawn(made.picture, made.flows, made.mask)

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """An adapter where own clips were added to the installed network, else a whole model."""
        network = models[_NETWORK]
        if not isinstance(network, FaceModel):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        if self._own and self._settings.start == MODEL:
            self._export_adapter(models, MODEL, _started(self._settings), folder, figures)
        else:
            pack(network, folder)
        self._export_figures(folder, figures)

    def _guidance(self, batch: Batch, t: Tensor, teaching: bool) -> Guidance:
        """What the network is told of the faces, with less than the whole truth in teaching.

        A face that nobody could have foreseen from its keys, such as a blink between open eyes,
        is told as it is: taught to guess it, the network would learn to draw the mean of all.
        """
        points, told = batch["points"], self._settings
        height, width = batch["first"].shape[2:]
        straight = torch.lerp(points[:, 0], points[:, 2], t.view(-1, 1, 1))
        # Of another time than the drawing's the truth is not known.
        here = (t - batch["t"]).abs() < _SAME_TIME
        foreseen = (batch["emotion"] > _CALM) | ~_astray(points[:, 1], straight)
        true = here & ~foreseen
        if teaching:
            true |= here & (torch.rand_like(t) >= told.straight)
        way = torch.where(true.view(-1, 1, 1), points[:, 1], straight)
        faces = torch.stack((points[:, 0], way, points[:, 2]), 1)
        if teaching:
            faces = _shaken(faces, told.jitter)
        guidance = FaceModel.guide(faces, (width, height))
        guidance = guidance.feeling(batch["emotion"], batch["intensity"])
        if not teaching:
            return guidance
        kept = ~foreseen | (torch.rand_like(t) >= told.unguided)
        return guidance.where(kept, torch.rand_like(t) >= told.unfelt)


def make(config: TrainingConfig, data: Path | None) -> FaceTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, FaceSettings, "task")
    if not settings.start:
        adapted = data is not None and store.Catalogue().state(MODEL).status.usable
        start = MODEL if adapted else _RIFE
        settings = msgspec.structs.replace(settings, start=start)
    features = feature_file(settings)
    _started(settings)
    drawings = material(settings.shares, settings.distilled, data, settings.own, settings.varied)
    return FaceTask(settings, config, drawings, features, own=data is not None)


def _started(settings: FaceSettings) -> FaceModel:
    """The network before the first step.

    Raises:
        ConfigError: `start` is neither known nor a file.
        ModelError: the weights to start from are missing or of another network.
    """
    config = TINY if settings.network == "tiny" else FaceModelConfig()
    if settings.start == "nothing":
        return FaceModel(config)
    if settings.start == MODEL:
        return _fitting(load(store.path(MODEL, FILE)), config, settings)
    if settings.start == _RIFE:
        if settings.network != "full":
            raise ConfigError("task.start: a tiny network cannot start as RIFE; say nothing")
        kind = VERSIONS["4.6"]
        return started_from(read_network("4.6", store.path(kind.model, kind.file)), config)
    path = Path(settings.start)
    if not path.is_file():
        raise ConfigError(f"task.start: '{path}' is neither {MODEL}, {_RIFE}, nothing, nor a file")
    return _fitting(load(path), config, settings)


def _fitting(model: FaceModel, config: FaceModelConfig, settings: FaceSettings) -> FaceModel:
    """The network, if it has the wanted layout.

    Raises:
        ConfigError: it has another one.
    """
    if model.config != config:
        raise ConfigError(
            f"task.start: '{settings.start}' is not of the network '{settings.network}'"
        )
    return model


def _astray(truth: Tensor, straight: Tensor) -> Tensor:
    """(B,) whether any point of faces (B, 478, 2) lies well off where it was expected.

    How the whole face is off, as on a nod's arc, does not count.
    """
    size = (truth - truth.mean(1, keepdim=True)).square().sum(2).mean(1).sqrt()
    off = truth - straight
    off = torch.linalg.vector_norm(off - off.mean(1, keepdim=True), dim=2).amax(1)
    return off > _ASTRAY * size


def _shaken(points: Tensor, share: float) -> Tensor:
    """Faces as a detector sees them: each one off as a whole, and each point a little."""
    size = (points - points.mean(2, keepdim=True)).square().sum(3).mean(2).sqrt()
    whole = torch.randn_like(points[:, :, :1])
    each = torch.randn_like(points)
    return points + share * size[..., None, None] * (whole + each / 2)
