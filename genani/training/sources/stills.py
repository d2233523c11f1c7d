"""Samples from single pictures: cut-outs made to bend and move over backgrounds, with exact flow.

Layered animation out of stills follows AutoFI (W. Shen et al., "Enhanced Deep Animation Video
Interpolation", arXiv 2206.12657); the maps are known here, so the flow is too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.media import image
from genani.scene.errors import FileError
from genani.training.sample import Sample
from genani.training.sources.bends import Bend, bend
from genani.training.sources.clip_store import ClipFrames, open_clip
from genani.training.sources.clips import HELD_OUT, clip_paths
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import ground
from genani.training.sources.sampling import (
    F32,
    U8,
    centres,
    looked_up,
    nearest,
    over,
    premultiplied,
    straight,
)

_SALT = 0x57
_CLEAR, _FULL = 6, 249
"""Alpha up to which a pixel of a cut-out is no part of it, and from which it hides all behind."""

_LARGEST = 1024
_MARGIN = 4
"""A layer goes on beyond the canvas by this part of its side."""


@dataclass(frozen=True)
class _Layer:
    """One cut-out: its picture as in the drawing between, and how it lies in both keys.

    Attributes:
        canvas: (S + 2 M, S + 2 M, 4) premultiplied, in the drawing between and around it.
        margin: M.
        keys: where it lies in the first and in the last key.
        solid: True where it has no edge: beyond the canvas it goes on.
    """

    canvas: U8
    margin: int
    keys: tuple[Bend, Bend]
    solid: bool

    @property
    def picture(self) -> U8:
        """(S, S, 4) the layer in the drawing between."""
        inside = slice(self.margin, len(self.canvas) - self.margin)
        return self.canvas[inside, inside]

    def shown(self, key: int) -> U8:
        """(S, S, 4) the layer in a key."""
        x, y = self.keys[key].backward(*centres(len(self.picture)))
        return looked_up(self.canvas, x + self.margin, y + self.margin, clear=not self.solid)


class StillSource:
    """Samples of stills; see `genani.training.sample.Source`.

    Args:
        folder: pictures and clips, whose drawings are taken one by one; None takes the emoji of
            the model store.

    Raises:
        FileError, ModelError: at the first sample, when there are no pictures.
    """

    name = "still"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._opened: dict[Path, ClipFrames | U8] = {}

    def __getstate__(self) -> dict[str, object]:
        return {"_folder": self._folder, "_opened": {}}

    @cached_property
    def _paths(self) -> list[Path]:
        if self._folder is None:
            return clip_paths(None)
        return _pictures(self._folder)

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        dice = Dice(seed, index, _SALT)
        t = dice.between(0.1, 0.9)
        strength = dice.between(0.15, 1.0)
        layers = [self._layer(dice, size, t, strength)]
        if dice.chance(0.3):
            layers.append(self._layer(dice, size, t, strength))
        if dice.chance(0.75):
            still = Bend((), 0.0, 1.0, (0.0, 0.0), (0.0, 0.0))
            moving = bend(dice, size, strength * 0.6, 0) if dice.chance(0.5) else still
            margin = size // _MARGIN
            picture = ground(dice, size + 2 * margin)
            layers.insert(0, _Layer(picture, margin, _keys(dice, moving, t), solid=True))
        between = _stacked([layer.picture for layer in layers])
        keys = [[layer.shown(key) for layer in layers] for key in (0, 1)]
        truth = [_truth(layers, key, keys[key]) for key in (0, 1)]
        return Sample(
            first=straight(_stacked(keys[0])),
            last=straight(_stacked(keys[1])),
            between=straight(between),
            t=t,
            points=np.full((3, 478, 2), np.nan, np.float32),
            flow=np.stack([flow for flow, _ in truth]),
            seen=np.stack([seen for _, seen in truth]),
            parts=_parts(layers),
            emotion="",
            intensity=0.0,
            source=self.name,
        )

    def _layer(self, dice: Dice, size: int, t: float, strength: float) -> _Layer:
        picture = self._picture(dice)
        solid = bool((picture[..., 3] == 255).all())
        height, width = picture.shape[:2]
        side = min(height, width) if solid else max(height, width)
        step = np.float32(
            side / size * (dice.between(0.6, 0.98) if solid else dice.between(0.85, 1.6))
        )
        margin = size // _MARGIN
        x, y = centres(size + 2 * margin)
        half = np.float32(size / 2 + margin)
        off = (0.0, 0.0) if solid else (dice.around(0.1) * size, dice.around(0.1) * size)
        u = (x - half - np.float32(off[0])) * step + np.float32(width / 2)
        v = (y - half - np.float32(off[1])) * step + np.float32(height / 2)
        placed = looked_up(_thinned(picture, step), u / _factor(step), v / _factor(step), not solid)
        moves = bend(dice, size, strength, 5)
        return _Layer(placed, margin, _keys(dice, moves, t), solid)

    def _picture(self, dice: Dice) -> U8:
        """(H, W, 4) premultiplied, one of the folder's pictures or drawings."""
        path = dice.one_of(self._paths)
        if path not in self._opened:
            clip = open_clip(path) if path.is_dir() or _may_move(path) else None
            self._opened[path] = clip or premultiplied(_read(path))
        found = self._opened[path]
        if isinstance(found, ClipFrames):
            return np.asarray(found.drawings[dice.whole(0, len(found.drawings) - 1)])
        return found


def _keys(dice: Dice, whole: Bend, t: float) -> tuple[Bend, Bend]:
    """Where a layer lies in both keys, seen from the drawing between, a little off the straight."""
    lead = dice.around(0.03)
    share = min(max(t + lead, 0.05), 0.95)
    return whole.scaled(-share), whole.scaled(1 - share)


def _stacked(pictures: list[U8]) -> U8:
    result = pictures[0]
    for picture in pictures[1:]:
        result = over(picture, result)
    return result


def _truth(layers: list[_Layer], key: int, shown: list[U8]) -> tuple[F32, NDArray[np.bool_]]:
    """Flow (S, S, 2) from the drawing between to a key, and where it shows there, (S, S)."""
    size = len(shown[0])
    x, y = centres(size)
    flow = np.zeros((size, size, 2), np.float32)
    seen = np.zeros((size, size), np.bool_)
    for at, layer in enumerate(layers):
        alpha = layer.picture[..., 3]
        to_x, to_y = layer.keys[key].forward(x, y)
        here = alpha > _CLEAR if not layer.solid else np.ones_like(seen)
        flow[here] = np.stack([to_x - x, to_y - y], 2)[here]
        own, inside = nearest(shown[at][..., 3], to_x, to_y)
        visible = inside & (alpha >= _FULL) & (own >= _FULL)
        for front in shown[at + 1 :]:
            hidden, _ = nearest(front[..., 3], to_x, to_y)
            visible &= hidden <= _CLEAR
        seen[here] = visible[here]
    return flow, seen


def _parts(layers: list[_Layer]) -> U8:
    """(S, S) 8 where there is a cut-out."""
    parts = np.zeros(layers[0].picture.shape[:2], np.uint8)
    for layer in layers:
        if not layer.solid:
            parts[layer.picture[..., 3] > 127] = 8
    return parts


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileError(f"there is no folder of pictures at '{folder}'")
    endings = image.EXTENSIONS | {".webp", ".gif"}
    found = [
        path
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.suffix.lower() in endings and not path.name.startswith((".", *HELD_OUT))
    ]
    if not found:
        raise FileError(f"'{folder}' holds no pictures")
    return found


def _may_move(path: Path) -> bool:
    return path.suffix.lower() in (".webp", ".gif", ".apng")


def _read(path: Path) -> U8:
    pixels = image.read(path).pixels
    while max(pixels.shape[:2]) > _LARGEST:
        pixels = pixels[::2, ::2]
    return pixels.astype(np.uint8) if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)


def _factor(step: np.float32) -> int:
    factor = 1
    while step / factor > 1.5:
        factor *= 2
    return factor


def _thinned(picture: U8, step: np.float32) -> U8:
    """The picture made smaller by a power of two, so that no detail is passed over."""
    factor = _factor(step)
    while factor > 1:
        picture = picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2]
        rows = picture[::2].astype(np.uint16) + picture[1::2]
        picture = ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)
        factor //= 2
    return picture
