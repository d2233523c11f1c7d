"""How a loop comes onto a square: framing, a bend of the whole plane, a mirror, other colours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import U8, Loop

FILL, FILL_CLOSE = 0.62, 0.88
"""Share of the square that a figure's longer side takes, where it may move and on its face."""

MIDDLE = 0.56
"""Where the figure's middle is, from above: more room over the head, to jump."""

_NODES = 4
_BEND = 0.03
_CLEAR = 8


@dataclass(frozen=True)
class View:
    """One way to see all drawings of a loop.

    Attributes:
        across, down: (S, S) places in the drawings, pixels.
        colours: (3, 3), of RGB.
    """

    across: NDArray[np.float32]
    down: NDArray[np.float32]
    colours: NDArray[np.float32]

    def of(self, drawing: U8) -> U8:
        """(S, S, 4) premultiplied."""
        clear = not bool((drawing[[0, -1], :, 3] == 255).all())
        border = cv2.BORDER_CONSTANT if clear else cv2.BORDER_REPLICATE
        shrunk, scale = _shrunk(drawing, self._step)
        across = (self.across + 0.5) * scale - 0.5
        down = (self.down + 0.5) * scale - 0.5
        seen = cv2.remap(shrunk, across, down, cv2.INTER_LINEAR, borderMode=border)
        turned = cv2.transform(np.ascontiguousarray(seen[..., :3]), self.colours)
        # Premultiplied: no colour is more than its alpha.
        rgb = np.minimum(turned, seen[..., 3:])
        return np.concatenate([rgb, seen[..., 3:]], 2).astype(np.uint8)

    @property
    def _step(self) -> float:
        return abs(float(self.across[0, -1] - self.across[0, 0])) / len(self.across)


def plain(loop: Loop, size: int) -> View:
    """The figure as the engine frames it."""
    box = _box(loop.at(0.0))
    fill = FILL_CLOSE if loop.close else FILL
    return _view(box, size, fill, (0.0, 0.0), np.zeros((2, _NODES, _NODES), np.float32), False)


def thrown(dice: Dice, loop: Loop, size: int, own_colours: bool = False) -> View:
    """Some view of a loop, never twice the same.

    Args:
        dice: what is thrown.
        loop: its key is framed.
        size: S.
        own_colours: the loop's colours stay nearly as they are.
    """
    box = _box(loop.at(0.0))
    low, high = (0.65, 1.05) if loop.close else (0.48, 0.75)
    fill = dice.between(low, high)
    off = dice.around(0.06), dice.around(0.05)
    strength = _BEND * dice.between(0, 1.5)
    bend = [dice.around(strength) for _ in range(2 * _NODES * _NODES)]
    nodes = np.asarray(bend, np.float32).reshape(2, _NODES, _NODES)
    view = _view(box, size, fill, off, nodes, dice.chance(0.5))
    turn = dice.around(0.1) if own_colours else dice.between(-math.pi, math.pi)
    colours = _hue(turn) * np.float32(dice.between(0.75, 1.15))
    return View(view.across, view.down, colours)


def _view(
    box: tuple[int, int, int, int],
    size: int,
    fill: float,
    off: tuple[float, float],
    nodes: NDArray[np.float32],
    mirrored: bool,
) -> View:
    left, top, right, bottom = box
    side = max(right - left, bottom - top) / fill
    x = (left + right) / 2 - side * (0.5 + off[0])
    y = (top + bottom) / 2 - side * (MIDDLE + off[1])
    line = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    across, down = np.meshgrid(line[::-1] if mirrored else line, line)
    if nodes.any():
        across = across + cv2.resize(nodes[0], (size, size), interpolation=cv2.INTER_CUBIC)
        down = down + cv2.resize(nodes[1], (size, size), interpolation=cv2.INTER_CUBIC)
    return View(
        (across * side + x - 0.5).astype(np.float32),
        (down * side + y - 0.5).astype(np.float32),
        np.eye(3, dtype=np.float32),
    )


def _hue(turn: float) -> NDArray[np.float32]:
    """Colours turned around grey."""
    cos, sin = math.cos(turn), math.sin(turn)
    third, root = (1 - cos) / 3, math.sqrt(1 / 3) * sin
    return np.array(
        [
            [cos + third, third - root, third + root],
            [third + root, cos + third, third - root],
            [third - root, third + root, cos + third],
        ],
        np.float32,
    )


def _box(drawing: U8) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is drawn."""
    seen = drawing[..., 3] > _CLEAR
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return 0, 0, drawing.shape[1], drawing.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _shrunk(drawing: U8, step: float) -> tuple[U8, float]:
    """The drawing small enough for bilinear sampling, and how much smaller it is."""
    if step <= 1.5:
        return drawing, 1.0
    scale = 1.0 / step
    return np.asarray(
        cv2.resize(drawing, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    ), scale
