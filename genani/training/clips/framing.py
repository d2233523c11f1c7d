"""Framing a clip: one still window for all its frames, around a face or the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Pixels

FACE_SHARE = 0.5
"""Of a face's window its face takes this much, from side to side or from top to bottom."""

_RISE = 0.06
"""How much higher than its middle a face sits in its window, in shares of that: there is hair
above, but shoulders below."""

_ONE_FACE = 0.3
"""Boxes of one face overlap by so much of the smaller one."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """The part of a picture that becomes a frame, in pixels; it may reach over the edges.

    Attributes:
        left, top, width, height: of the part.
        face: whether it was put there for a face.
    """

    left: float
    top: float
    width: float
    height: float
    face: bool = False


@dataclass(frozen=True)
class Seen:
    """A face on one frame of a piece.

    Attributes:
        frame: which, by index in the piece.
        box: (4,) left, top, right, bottom, in pixels.
    """

    frame: int
    box: FloatArray


def whole(size: tuple[int, int], target: tuple[int, int]) -> Window:
    """The whole picture, with room beside or above it where its shape is another.

    Args:
        size: width and height of the picture.
        target: those of the frames.
    """
    scale = max(size[0] / target[0], size[1] / target[1])
    width, height = target[0] * scale, target[1] * scale
    return Window((size[0] - width) / 2, (size[1] - height) / 2, width, height)


def around(boxes: Sequence[FloatArray], size: tuple[int, int], target: tuple[int, int]) -> Window:
    """A window with a margin around all places that a face has in a piece.

    It is moved into the picture as far as it fits, and never larger than the whole picture.

    Args:
        boxes: of the face, frame by frame.
        size: width and height of the picture.
        target: those of the frames.
    """
    every = np.stack(boxes)
    left, top = every[:, :2].min(0)
    right, bottom = every[:, 2:].max(0)
    shape = target[0] / target[1]
    height = max(bottom - top, (right - left) / shape) / FACE_SHARE
    full = whole(size, target)
    if height >= full.height:
        return replace(full, face=True)
    width = height * shape
    x = (left + right - width) / 2
    y = (top + bottom - height) / 2 - _RISE * height
    x, y = _moved_in(x, width, size[0]), _moved_in(y, height, size[1])
    return Window(x, y, width, height, face=True)


def _moved_in(start: float, length: float, room: int) -> float:
    if length >= room:
        return (room - length) / 2
    return float(min(max(start, 0.0), room - length))


def by_face(seen: Sequence[Sequence[FloatArray]], frames: Sequence[int]) -> list[list[Seen]]:
    """The boxes of a piece sorted by whose they are; who is seen on most frames comes first.

    Args:
        seen: the boxes on each frame that was looked at.
        frames: which frames these are.
    """
    people: list[list[Seen]] = []
    for frame, boxes in zip(frames, seen, strict=True):
        for box in boxes:
            known = [each for each in people if each[-1].frame != frame]
            best = max(known, key=lambda each: _overlap(each[-1].box, box), default=None)
            if best is not None and _overlap(best[-1].box, box) > _ONE_FACE:
                best.append(Seen(frame, box))
            else:
                people.append([Seen(frame, box)])
    return sorted(people, key=lambda each: (-len(each), -_area(each[0].box)))


def _overlap(one: FloatArray, two: FloatArray) -> float:
    low, high = np.maximum(one[:2], two[:2]), np.minimum(one[2:], two[2:])
    return float(np.maximum(high - low, 0).prod()) / max(min(_area(one), _area(two)), 1e-6)


def _area(box: FloatArray) -> float:
    return float((box[2:] - box[:2]).prod())


def framed(pixels: Pixels, window: Window, target: tuple[int, int]) -> NDArray[np.uint8]:
    """What is seen in a window: (height, width, 4) uint8, straight alpha.

    Room over the picture's edges is transparent. Colours are weighed by their alpha, so that
    nothing hidden bleeds into the edges of a drawing.

    Args:
        pixels: (H, W, 4) uint8 or uint16.
        window: which part.
        target: width and height of the frame.
    """
    import cv2

    rgba = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    rgba[..., :3] *= rgba[..., 3:]
    part, left, top = _cut(rgba, window)
    shrink = window.width / target[0]
    if shrink > 1:
        # First by area, so that thin lines do not drop out between the samples.
        size = (max(round(part.shape[1] / shrink), 1), max(round(part.shape[0] / shrink), 1))
        scale = (part.shape[1] / size[0], part.shape[0] / size[1])
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        scale = (1.0, 1.0)
    step = (window.width / target[0], window.height / target[1])
    matrix = np.array(
        [
            [step[0] / scale[0], 0, ((0.5 * step[0] + window.left - left) / scale[0]) - 0.5],
            [0, step[1] / scale[1], ((0.5 * step[1] + window.top - top) / scale[1]) - 0.5],
        ]
    )
    method = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(part, matrix, target, flags=method, borderMode=cv2.BORDER_REPLICATE)
    frame = np.asarray(seen, np.float32)
    return straight(_blanked(frame, window, pixels.shape[1], pixels.shape[0]))


def _cut(rgba: NDArray[np.float32], window: Window) -> tuple[NDArray[np.float32], int, int]:
    """The part of a picture in a window and a little around it, and where its corner lies."""
    rim = 4 + int(window.width // 64)
    left = max(int(np.floor(window.left)) - rim, 0)
    top = max(int(np.floor(window.top)) - rim, 0)
    right = int(np.ceil(window.left + window.width)) + rim
    bottom = int(np.ceil(window.top + window.height)) + rim
    return np.ascontiguousarray(rgba[top:bottom, left:right]), left, top


def _blanked(
    seen: NDArray[np.float32], window: Window, width: int, height: int
) -> NDArray[np.float32]:
    """The frame with nothing where the window reaches over the picture's edges."""
    rows, columns = seen.shape[:2]
    x = window.left + (np.arange(columns) + 0.5) * window.width / columns
    y = window.top + (np.arange(rows) + 0.5) * window.height / rows
    inside = ((y >= 0) & (y <= height))[:, None] & ((x >= 0) & (x <= width))[None]
    return np.where(inside[..., None], seen, np.float32(0))


def straight(rgba: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 straight alpha of premultiplied 0..1; hidden colours become 0."""
    alpha = np.clip(rgba[..., 3:], 0, 1)
    colours = np.clip(rgba[..., :3], 0, alpha) / np.maximum(alpha, 1e-6)
    whole_numbers = np.rint(np.concatenate([colours, alpha], 2) * 255).astype(np.uint8)
    whole_numbers[whole_numbers[..., 3] == 0] = 0
    return whole_numbers
