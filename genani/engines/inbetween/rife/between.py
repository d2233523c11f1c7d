"""RIFE between two neighbouring frames of another engine, where it is installed."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.rife.painter import RifePainter
from genani.engines.inbetween.rife.versions import VERSIONS, placed, read_network
from genani.engines.painting import Locate
from genani.scene.errors import ModelError


def between_frames(
    locate: Locate, device: Device
) -> Callable[[Tensor, Tensor, float, CancelToken], Tensor] | None:
    """What draws between two (1, 4, h, w) frames, 0..1 of the way; None without RIFE 4.6."""
    kind = VERSIONS["4.6"]
    try:
        path = locate(kind.model, kind.file)
    except ModelError:
        return None
    rife = RifePainter(placed(read_network("4.6", path), device))

    def between(first: Tensor, last: Tensor, share: float, token: CancelToken) -> Tensor:
        state = rife.prepare(first, last, 1.0, token)
        return rife.paint(state, share, token).rgba

    return between
