"""Fine-tuning RIFE to a person's own drawings; what comes of it is an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.rife.pyramid import SCALES, Flow, FlowPyramid
from genani.engines.inbetween.rife.versions import (
    OWN,
    VERSIONS,
    random_network,
    read_network,
)
from genani.store import models as store
from genani.training.config import ConfigError, TrainingConfig, typed
from genani.training.losses import over
from genani.training.task import Batch, Models
from genani.training.tasks.inbetween import (
    Drawn,
    InbetweenSettings,
    InbetweenTask,
    feature_file,
)
from genani.training.tasks.material import material

_NETWORK = "model"
_STARTS = {
    kind.model: version for version, kind in VERSIONS.items() if VERSIONS[OWN].model in kind.bases
}
"""Networks of our own layout by their models' names: their adapters fit each other."""

_MULTIPLE = 32


class RifeSettings(InbetweenSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `rife`.

    Attributes:
        start: `genani-rife`, which comes with GenAni, `rife-4.6` as published, or `nothing` for a
            tiny network.
    """

    start: str = VERSIONS[OWN].model


class RifeTask(InbetweenTask):
    """RIFE 4.6; see `InbetweenTask` for the arguments."""

    name = "rife"
    _settings: RifeSettings

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        return {_NETWORK: _started(self._settings).train()}

    def drawn(self, models: Models, batch: Batch, t: Tensor, *, teaching: bool) -> Drawn:
        """See `InbetweenTask.drawn`."""
        first, last = batch["first"], batch["last"]
        matte = torch.rand(len(t), 1, 1, 1, device=t.device) if teaching else 1.0
        network = models[_NETWORK]
        if not isinstance(network, FlowPyramid):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        flows, flow = _travel(network, over(first, matte), over(last, matte), t)
        return Drawn(flow.blended(first, last), flows, torch.sigmoid(flow.mask))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """An adapter that `genani adapters import` takes, and its figures."""
        before = _started(self._settings)
        base = VERSIONS[_STARTS.get(self._settings.start, OWN)].model
        self._export_adapter(models, base, before, folder, figures)
        self._export_figures(folder, figures)


def make(config: TrainingConfig, data: Path | None) -> RifeTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, RifeSettings, "task")
    features = feature_file(settings)
    _started(settings)
    drawings = material(settings.shares, settings.distilled, data, settings.own, settings.varied)
    return RifeTask(settings, config, drawings, features)


def _started(settings: RifeSettings) -> FlowPyramid:
    if settings.start == "nothing":
        return random_network(OWN)
    if settings.start not in _STARTS:
        names = " or ".join(_STARTS)
        raise ConfigError(f"task.start: RIFE starts as {names}, not as '{settings.start}'")
    version = _STARTS[settings.start]
    kind = VERSIONS[version]
    return read_network(version, store.path(kind.model, kind.file))


def _travel(
    network: FlowPyramid, first: Tensor, last: Tensor, t: Tensor
) -> tuple[list[Tensor], Flow]:
    """The flow after each block, and all of the last; every drawing at its own time.

    Args:
        network: of RIFE.
        first, last: (B, 3, H, W).
        t: (B,).
    """
    height, width = first.shape[2:]
    more = (0, -width % _MULTIPLE, 0, -height % _MULTIPLE)
    first, last = (functional.pad(key, more, mode="replicate") for key in (first, last))
    at = t.view(-1, 1, 1, 1).expand_as(first[:, :1])
    flow: Flow = network.get_submodule("block0")(torch.cat((first, last, at), 1), None, SCALES[0])
    steps = [flow.flow]
    for index in (1, 2, 3):
        seen = torch.cat((*flow.warped(first, last), at, flow.mask), 1)
        flow = flow + network.get_submodule(f"block{index}")(seen, flow.flow, SCALES[index])
        steps.append(flow.flow)
    whole = (slice(None), slice(None), slice(height), slice(width))
    return [each[whole] for each in steps], Flow(flow.flow[whole], flow.mask[whole])
