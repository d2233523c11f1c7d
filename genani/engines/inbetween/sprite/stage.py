"""A drawing on the square that the network sees, and the network's plans carried out on it.

The square is laid around what is drawn, with room to move; parts of it may lie beyond the canvas.
Frames are drawn at the size of the canvas, band by band, so that any size is possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genani.engines.inbetween.sprite.actions import Action
from genani.engines.inbetween.sprite.network import Plan
from genani.engines.tensor import premultiplied
from genani.scene.errors import EngineError
from genani.scene.picture import Picture, Pixels

FILL = {Action.BLINK: 0.88, Action.TALK: 0.88}
"""Share of the square that the longer side of the drawing takes, by action."""

_FILL, _MIDDLE = 0.62, 0.56
"""For the other actions; and where the middle of the drawing is, from above: room to jump."""

_SEEN = 0.03
"""Alpha from which something is drawn."""

_PAPER = 12 / 255
"""What differs no more than this from the paper's colour, and joins the border, is paper."""

_ONE_PAPER = 0.9
"""Share of an opaque picture's border that has one colour where it is drawn on paper."""

_BAND = 1 << 20
"""Pixels drawn at a time."""


@dataclass(frozen=True)
class Stage:
    """A drawing and the square around it.

    Attributes:
        key: (1, 4, H, W) premultiplied RGBA of the whole canvas, without its paper.
        paper: (4,) premultiplied RGBA that lies behind; None where nothing does.
        left, top, side: the square, in pixels of the canvas.
        solid: the picture goes on beyond the canvas as its border is, as a scene does.
    """

    key: Tensor
    paper: Tensor | None
    left: float
    top: float
    side: float
    solid: bool

    def seen(self, size: int, nearest: bool) -> Tensor:
        """(1, 4, size, size) the square of the key as the network sees it."""
        height, width = self.key.shape[2:]
        # Small enough first, so that no line falls between the places looked at.
        shrink = min(1.0, size / self.side)
        key = self.key
        if shrink < 1:
            wanted = max(1, round(height * shrink)), max(1, round(width * shrink))
            key = functional.interpolate(key, wanted, mode="bilinear", antialias=True)
        line = (torch.arange(size, device=key.device) + 0.5) * (self.side / size)
        x = (line + self.left) * (2 / width) - 1
        y = (line + self.top) * (2 / height) - 1
        return self._looked(key, _grid(x, y), nearest and shrink == 1)

    def drawn(self, plan: Plan, before: Tensor, hard: bool) -> Tensor:
        """A plan carried out on the whole canvas.

        Args:
            plan: of the network's size.
            before: (1, 4, H, W) the frame before, as this gave it.
            hard: nothing is mixed and nothing sampled between pixels, as in pixel art.

        Returns:
            (1, 4, H, W).
        """
        height, width = self.key.shape[2:]
        rows = max(1, _BAND // width)
        told = torch.cat((plan.from_key, plan.from_before, plan.mix, plan.gate, plan.paint), 1)
        out = torch.empty_like(self.key)
        for start in range(0, height, rows):
            stop = min(start + rows, height)
            out[:, :, start:stop] = self._band(told, before, start, stop, hard)
        return out

    def laid(self, frame: Tensor) -> Tensor:
        """A frame (1, 4, H, W) with its paper behind it again."""
        if self.paper is None:
            return frame
        return frame + self.paper.view(1, 4, 1, 1) * (1 - frame[:, 3:])

    def _band(self, told: Tensor, before: Tensor, start: int, stop: int, hard: bool) -> Tensor:
        height, width = self.key.shape[2:]
        x = torch.arange(width, device=told.device) + 0.5
        y = torch.arange(start, stop, device=told.device) + 0.5
        # From the canvas to the square, -1 to 1 within it.
        across, down = (x - self.left) * (2 / self.side) - 1, (y - self.top) * (2 / self.side) - 1
        grid = _grid(across, down)
        here = functional.grid_sample(told, grid, "bilinear", "border", align_corners=False)
        inside = (grid.abs().amax(3, keepdim=True) <= 1).permute(0, 3, 1, 2)
        from_key, from_before, mix, gate, paint = here.split((2, 2, 1, 1, 4), 1)
        gate = gate * inside
        if self.solid:
            # A scene has no holes: what is painted half clear only counts half.
            gate, paint = gate * paint[:, 3:], paint / paint[:, 3:].clamp_min(1e-3)
        if hard:
            mix, gate = (mix > 0.5).float(), (gate > 0.5).float()
        plain = _grid(x * (2 / width) - 1, y * (2 / height) - 1)
        scale = torch.tensor((self.side / width, self.side / height), device=told.device)
        carried = [
            self._looked(source, plain + (way * inside).permute(0, 2, 3, 1) * scale, hard)
            for source, way in ((self.key, from_key), (before, from_before))
        ]
        return torch.lerp(torch.lerp(carried[1], carried[0], mix), paint, gate)

    def _looked(self, picture: Tensor, grid: Tensor, nearest: bool) -> Tensor:
        beyond = "border" if self.solid else "zeros"
        kind = "nearest" if nearest else "bilinear"
        return functional.grid_sample(picture, grid, kind, beyond, align_corners=False)


def stage(picture: Picture, action: Action, device: torch.device) -> Stage:
    """The square around a drawing.

    Raises:
        EngineError: nothing is drawn.
    """
    pixels, paper = picture.pixels, None
    if picture.opaque:
        pixels, paper = cut_out(pixels)
    key = premultiplied(pixels, device)
    height, width = key.shape[2:]
    if picture.opaque and paper is None:
        side = float(max(height, width))
        return Stage(key, None, (width - side) / 2, (height - side) / 2, side, True)
    visible = key[0, 3] > _SEEN
    rows, columns = visible.any(1).nonzero()[:, 0], visible.any(0).nonzero()[:, 0]
    if not len(rows):
        raise EngineError("the drawing is empty: there is nothing to animate")
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    side = max(bottom - top, right - left) / FILL.get(action, _FILL)
    behind = None
    if paper is not None:
        behind = torch.tensor([*paper, 1.0], dtype=torch.float32, device=device)
    return Stage(
        key, behind, (left + right) / 2 - side / 2, (top + bottom) / 2 - side * _MIDDLE, side, False
    )


def cut_out(pixels: Pixels) -> tuple[Pixels, NDArray[np.float32] | None]:
    """An opaque drawing without the paper it is on.

    Args:
        pixels: (H, W, 4), alpha full everywhere.

    Returns:
        The pixels with no alpha where paper joins the border, and the paper's colour (3,), 0 to
        1; the pixels as they are and None where the border has no one colour.
    """
    import cv2

    white = np.float32(np.iinfo(pixels.dtype).max)
    colours = pixels[..., :3].astype(np.float32) / white
    edge = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    paper = np.median(edge, 0).astype(np.float32)
    if ((np.abs(edge - paper) <= _PAPER).all(1)).mean() < _ONE_PAPER:
        return pixels, None
    like = np.asarray((np.abs(colours - paper) <= _PAPER).all(2), np.uint8)
    _, labels = cv2.connectedComponents(np.ascontiguousarray(like), connectivity=4)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    joined = np.isin(labels, border[border > 0])
    bare = pixels.copy()
    bare[joined] = 0
    return bare, paper


def _grid(x: Tensor, y: Tensor) -> Tensor:
    """(1, len(y), len(x), 2) all pairs of places."""
    across, down = torch.meshgrid(x, y, indexing="xy")
    return torch.stack((across, down), 2)[None]
