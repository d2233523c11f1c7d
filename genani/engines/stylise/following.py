"""Where the things of one picture are in its neighbour. Imports OpenCV, torch: import it late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from genani.engines.device import Device, pick
from genani.engines.inbetween.rife.pyramid import FlowPyramid
from genani.engines.inbetween.rife.versions import VERSIONS, placed, read_network
from genani.engines.painting import Locate
from genani.engines.tiers import padded_side
from genani.scene.errors import ModelError
from genani.store.models import path

F32 = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

_MOST_SIDE = 768
"""Longest side at which motion is looked for; a larger picture is looked at smaller."""


class Follower(Protocol):
    """Finds motion between two pictures."""

    def ways(self, here: F32, there: F32) -> tuple[F32, F32]:
        """Both ways between two pictures (H, W, 3), 0..1.

        Returns:
            (H, W, 2) each, x before y, in pixels: for every place of `here` how far from it that
            place is in `there`, and the other way round.
        """
        ...


class Dis:
    """OpenCV's dense inverse search: T. Kroeger et al., ECCV 2016, arXiv 1603.03590."""

    def __init__(self) -> None:
        self._search: Any = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def ways(self, here: F32, there: F32) -> tuple[F32, F32]:
        """See `Follower.ways`."""
        one, two = (np.rint(255 * np.clip(each @ _LUMA, 0, 1)) for each in (here, there))
        one, two = one.astype(np.uint8), two.astype(np.uint8)
        return self._search.calc(one, two, None), self._search.calc(two, one, None)


@dataclass(frozen=True)
class Rife:
    """RIFE 4.6's flow, learnt from film; better than a search where much moves.

    Attributes:
        network: on the device.
        device: where it is.
        check: called between its blocks; what it raises goes through.
    """

    network: FlowPyramid
    device: Device
    check: Callable[[], None] = lambda: None

    @torch.inference_mode()
    def ways(self, here: F32, there: F32) -> tuple[F32, F32]:
        """See `Follower.ways`."""
        height, width = here.shape[:2]
        keys = [self._tensor(each) for each in (here, there)]
        # Near a key's own time it is far worse (measured): it has learnt what lies between.
        flow = self.network(*keys, 0.5, self.check).flow[0, :, :height, :width]
        flow = np.ascontiguousarray(flow.permute(1, 2, 0).cpu().numpy())
        to_here, to_there = flow[..., :2], flow[..., 2:]
        whole = to_there - to_here
        return pulled(whole, -to_here), pulled(-whole, -to_there)

    def _tensor(self, picture: F32) -> torch.Tensor:
        multiple = self.network.multiple
        more = [(0, padded_side(side, multiple, multiple) - side) for side in picture.shape[:2]]
        grown = np.pad(picture, (*more, (0, 0)), "edge").transpose(2, 0, 1)[None]
        return torch.from_numpy(np.ascontiguousarray(grown)).to(self.device.torch)


def best(
    check: Callable[[], None], device: Device | None = None, locate: Locate = path
) -> Follower:
    """RIFE where it is installed, else OpenCV's search.

    Args:
        check: called now and then; what it raises goes through.
        device: where a network runs; None picks as `genani.engines.device.pick` does.
        locate: finds the files of installed models.
    """
    kind = VERSIONS["4.6"]
    try:
        weights = locate(kind.model, kind.file)
        place = device or pick()
        return Rife(placed(read_network("4.6", weights), place), place, check)
    except ModelError:
        return Dis()


def ways(follower: Follower, here: F32, there: F32) -> tuple[F32, F32]:
    """As `Follower.ways`, for pictures of any size; a large one is looked at smaller."""
    height, width = here.shape[:2]
    share = min(1.0, _MOST_SIDE / max(height, width))
    # Both searches need some room for their coarsest look.
    small = tuple(max(32, round(side * share)) for side in (width, height))
    if small == (width, height):
        return follower.ways(here, there)
    shrunk = [cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (here, there)]
    ratio = np.array([width / small[0], height / small[1]], np.float32)
    one, two = follower.ways(*shrunk)
    return tuple(cv2.resize(each, (width, height)) * ratio for each in (one, two))


def pulled(picture: F32, flow: F32) -> F32:
    """(H, W, C) each place of a picture taken from where its flow (H, W, 2), in pixels, points.

    Cubic, so that a picture that is pulled again and again stays sharp; places beyond the picture
    show its border.
    """
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray(
        cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
