"""From a request to in-betweens: all that is not painting, the same for every engine.

The keys become premultiplied tensors, a painter fills what lies between, and the result is
brought back to the keys' size, depth, colours and alpha. What both keys share and nothing
crosses is taken from the keys bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genani.engines import colour, region, tensor, tiers
from genani.engines.api import CancelToken
from genani.engines.device import Device, is_out_of_memory, release
from genani.engines.painter import Painted, Painter, State, Tier
from genani.engines.palette import Palette, palette_of, snapped
from genani.engines.still import still
from genani.scene.errors import OutOfMemoryError
from genani.scene.picture import Picture, Pixels
from genani.scene.request import InBetween, SpanRequest
from genani.scene.timing import inbetweening_order

_NO_ALPHA = 3 / 255
"""Alpha below which a place that is empty in both keys stays empty."""


@dataclass(frozen=True)
class Finish:
    """What is done to the painted picture.

    Attributes:
        palette_snap: `auto` (flat art only), `on` or `off`.
        colour_match: take out a drift of colour.
        keep_still: paste unchanged pixels from the keys.
    """

    palette_snap: str = "auto"
    colour_match: bool = True
    keep_still: bool = True


def draw(
    request: SpanRequest,
    token: CancelToken,
    painter: Painter[State],
    device: Device,
    choices: Sequence[Tier],
    finish: Finish = Finish(),
) -> Iterator[InBetween]:
    """Draw all times of a request, nearest one half first, at the best tier that fits.

    Args:
        choices: the painter's tiers, best first.

    Raises:
        Cancelled: the token was cancelled.
        OutOfMemoryError: not enough memory even at the last tier.
    """
    order = inbetweening_order(request.times)
    warnings = _doubts(request)
    same = region.unchanged(request.first, request.last)
    box = region.drawn(same, painter.multiple)
    if box is None:
        for t in order:
            token.check()
            yield InBetween(t, request.first, warnings)
        return
    left = list(tiers.fitting(choices, box.height, box.width, device))
    if tiers.memory(left[-1], box.height, box.width, device.half) > device.free:
        # A computer that overcommits would end the whole program instead of refusing.
        raise OutOfMemoryError(_advice(request, device))
    sheet = _Sheet(request, same, box, device, finish)
    easel = tiers.Easel(painter, sheet.first, sheet.last, left[0])
    for done, t in enumerate(order):
        token.step(done / len(order), f"in-between {done + 1} of {len(order)}")
        while True:
            # The error is let go of before the next try: it holds on to the tensors.
            try:
                picture, doubts = sheet.finished(easel, t, token)
                break
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            left.pop(0)
            if not left:
                raise OutOfMemoryError(_advice(request, device))
            easel = tiers.Easel(painter, sheet.first, sheet.last, left[0])
            warnings = (*_doubts(request), f"drawn '{left[0].name}', as memory ran out")
            release(device)
        yield InBetween(t, picture, (*warnings, *doubts))
    token.step(1.0, "done")


def _doubts(request: SpanRequest) -> tuple[str, ...]:
    if request.first.icc != request.last.icc:
        return ("the keys have different colour profiles; the first key's is kept",)
    return ()


def _advice(request: SpanRequest, device: Device) -> str:
    return (
        "there is not enough memory on {} to draw {} x {} pixels; close other programs, draw "
        "smaller keys or use the engine 'blend'".format(device.name, *request.size)
    )


class _Sheet:
    """The changed part of a span as tensors, and the way back to whole pictures."""

    def __init__(
        self,
        request: SpanRequest,
        same: NDArray[np.bool_],
        box: region.Box,
        device: Device,
        finish: Finish,
    ) -> None:
        self._request = request
        self._box = box
        self._finish = finish
        self.first = _tensor(request.first, box, device)
        self.last = _tensor(request.last, box, device)
        self._same = torch.from_numpy(same[box.cut]).to(device.torch)[None, None]
        self._hold = _hold(request.mask, box, device)
        self._palette = _palette(request, finish)
        self._canvas = _clean(request.first.pixels)

    @torch.inference_mode()
    def finished(
        self, easel: tiers.Easel, t: Fraction, token: CancelToken
    ) -> tuple[Picture, tuple[str, ...]]:
        """The whole picture at `t`, of the first key's size, depth and colours."""
        painted = easel.paint(float(t), token)
        token.check()
        calm = still(painted, self.first, self._same)
        rgba = self._corrected(painted, calm)
        keep = calm if self._finish.keep_still else torch.zeros_like(calm)
        if self._hold is not None:
            rgba = torch.lerp(rgba, self.first, self._hold)
            keep = keep | (self._hold >= 1)
        drawn = tensor.straight_pixels(rgba, self._request.first.depth)
        if self._palette:
            drawn = snapped(drawn, self._palette)
        pixels = self._canvas.copy()
        part = pixels[self._box.cut]
        np.copyto(part, drawn, where=~keep[0, 0].cpu().numpy()[..., None])
        pixels.flags.writeable = False
        return Picture(pixels, self._request.first.icc), painted.warnings

    def _corrected(self, painted: Painted, calm: Tensor) -> Tensor:
        rgba = painted.rgba
        # A network's trace of alpha where both keys are empty is not a drawing.
        empty = (self.first[:, 3:] == 0) & (self.last[:, 3:] == 0)
        alpha = rgba[:, 3:].clamp(0, 1) * ~(empty & (rgba[:, 3:] < _NO_ALPHA))
        rgba = torch.cat((torch.minimum(rgba[:, :3].clamp_min(0), alpha), alpha), 1)
        if self._finish.colour_match:
            rgba = colour.matched(rgba, self.first, calm)
        return rgba


def _tensor(picture: Picture, box: region.Box, device: Device) -> Tensor:
    part = np.ascontiguousarray(picture.pixels[box.cut])
    return tensor.premultiplied(part, device.torch)


def _hold(mask: Picture | None, box: region.Box, device: Device) -> Tensor | None:
    """(1, 1, h, w) share of the first key that the mask asks for."""
    if mask is None:
        return None
    alpha = mask.pixels[box.cut][..., 3].astype(np.float32) / np.float32(mask.white)
    return torch.from_numpy(alpha).to(device.torch)[None, None]


def _palette(request: SpanRequest, finish: Finish) -> Palette | None:
    if finish.palette_snap == "off":
        return None
    palette = palette_of(request.first, request.last)
    return palette if finish.palette_snap == "on" or palette.is_flat_art else None


def _clean(pixels: Pixels) -> Pixels:
    """Pixels whose fully transparent places have no hidden colour."""
    return pixels * (pixels[..., 3:] > 0)
