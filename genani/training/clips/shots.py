"""Where a film may be cut into clips: holds, cuts, fades, dissolves, pieces of two seconds.

Cuts are found as PySceneDetect's adaptive detector finds them (B. Castellano): a change of content
that stands out from those around it. It is done here because that package brings a second copy of
OpenCV, which cannot live beside MediaPipe's, and because films that are drawn on twos have to be
judged by their drawings, not by their frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genani.scene.picture import Picture

RATE = 24
"""Frames a second of every clip."""

LENGTH = 48
"""Frames of a clip, about."""

SHORTEST = 8
"""Shorter pieces are left out."""

LEAST_DRAWINGS = 3
"""Two keys and something between them."""

LONGEST_HOLD = 6
"""A drawing exposed for more frames than this is a hold, of which only the shot's rhythm stays."""

_FINE, _COARSE = (64, 36), (32, 18)
"""Columns and rows of the thumbnails that holds and cuts are told from."""

_HELD = 2.5
"""A change of no cell of the fine one by more levels, of 255, is the codec's."""

_STILL = 3.0
"""The same of the coarse one, over a whole piece: grain, but nothing that moves."""

_BLANK = 8.0
"""Cells of an empty frame differ by no more."""

_CUT, _OUTSTANDING, _AROUND = 10.0, 3.0, 3
"""A cut changes the picture by so many levels on average, and by so many times what the changes
to so many drawings on either side are."""

_SAME_PICTURE = 0.985
"""Correlation of two frames of one fade."""

_DISSOLVE, _MIXED = 16.0, 0.08
"""A dissolve changes the picture by so much in all; its frames are mixtures of the outer two, but
for this share of that."""

_DISSOLVES = (8, 12, 16, 24)
"""Drawings a dissolve may last."""

Thumb = NDArray[np.float32]


@dataclass(frozen=True)
class Drawing:
    """A drawing of a film, over all frames that it is held.

    Attributes:
        start: its first frame, counted from 0.
        frames: how long it stays.
        thumb: (18, 32, 4) uint8, colours on white and alpha.
        spread: how far the cells of its fine thumbnail differ, 0 to 255.
    """

    start: int
    frames: int
    thumb: NDArray[np.uint8]
    spread: float


@dataclass(frozen=True)
class Piece:
    """A clip to be.

    Attributes:
        frames: the film's frames it consists of, counted from 0; rising, with gaps where holds
            were shortened.
    """

    frames: tuple[int, ...]


@dataclass(frozen=True)
class Left:
    """Frames of a film that no clip is made of.

    Attributes:
        first, last: counted from 0.
        why: in words.
    """

    first: int
    last: int
    why: str


class Watcher:
    """Looks at a film's frames one after the other, and remembers little of each."""

    def __init__(self) -> None:
        self._drawings: list[Drawing] = []
        self._fine: Thumb | None = None
        self._frames = 0

    def add(self, picture: Picture) -> None:
        """The next frame."""
        fine = _thumbnail(picture)
        held = self._fine is not None and float(np.abs(fine - self._fine).max()) < _HELD
        if held:
            before = self._drawings[-1]
            self._drawings[-1] = Drawing(
                before.start, before.frames + 1, before.thumb, before.spread
            )
        else:
            coarse = fine.reshape(_COARSE[1], 2, _COARSE[0], 2, 4).mean((1, 3))
            spread = float(np.ptp(fine, axis=(0, 1)).max())
            thumb = np.rint(coarse).astype(np.uint8)
            self._drawings.append(Drawing(self._frames, 1, thumb, spread))
            # Held against the drawing's first frame, so that a slow drift is not taken for a hold.
            self._fine = fine
        self._frames += 1

    @property
    def drawings(self) -> list[Drawing]:
        """What was seen so far."""
        return list(self._drawings)


def _thumbnail(picture: Picture) -> Thumb:
    """(36, 64, 4) float32, 0 to 255, colours on white."""
    import cv2

    pixels = picture.pixels
    if picture.depth == 16:
        pixels = (pixels >> 8).astype(np.uint8)
    if picture.opaque:
        small = cv2.resize(pixels, _FINE, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)
    rgba = pixels.astype(np.float32)
    rgba[..., :3] = 255 + (rgba[..., :3] - 255) * (rgba[..., 3:] / 255)
    return np.asarray(cv2.resize(rgba, _FINE, interpolation=cv2.INTER_AREA), np.float32)


def cut_up(drawings: Sequence[Drawing], length: int = LENGTH) -> tuple[list[Piece], list[Left]]:
    """The pieces of a film, and what is left out and why.

    Pieces end between drawings, never within a hold. A drawing that is held for longer than
    `LONGEST_HOLD` is shortened to its shot's rhythm: what is drawn on twos stays on twos.

    Args:
        drawings: from a `Watcher`.
        length: frames of a piece, about: a shot is divided evenly.
    """
    pieces: list[Piece] = []
    left: list[Left] = []
    for shot, why in _shots(drawings):
        if why:
            left.append(_left(shot, why))
            continue
        frames = _unheld(shot)
        for part in _divided(frames, length):
            if (fault := _fault(part)) is not None:
                left.append(_left([drawing for drawing, _ in part], fault))
            else:
                pieces.append(Piece(tuple(frame for _, each in part for frame in each)))
    return pieces, left


def _left(shot: Sequence[Drawing], why: str) -> Left:
    return Left(shot[0].start, shot[-1].start + shot[-1].frames - 1, why)


def _shots(drawings: Sequence[Drawing]) -> list[tuple[list[Drawing], str]]:
    """Drawings by shot; what is no shot comes with what it is."""
    if not drawings:
        return []
    thumbs = np.stack([drawing.thumb for drawing in drawings]).astype(np.float32)
    kinds = [""] * len(drawings)
    for index, drawing in enumerate(drawings):
        if drawing.spread < _BLANK:
            kinds[index] = "empty"
    _mark_fades(thumbs, kinds)
    for first, last in _dissolves(thumbs, kinds):
        kinds[first + 1 : last] = ["a dissolve"] * (last - first - 1)
    starts = cuts(thumbs)
    shots: list[tuple[list[Drawing], str]] = []
    for index, (drawing, kind) in enumerate(zip(drawings, kinds, strict=True)):
        if shots and shots[-1][1] == kind and (kind or index not in starts):
            shots[-1][0].append(drawing)
        else:
            shots.append(([drawing], kind))
    return shots


def cuts(thumbs: Thumb) -> set[int]:
    """Which drawings are the first of a shot, by index; the film's first one is not told.

    Args:
        thumbs: (N, rows, columns, channels), 0 to 255.
    """
    if len(thumbs) < 2:
        return set()
    steps = np.array([float(np.abs(b - a).mean()) for a, b in pairwise(thumbs)])
    found: set[int] = set()
    for index in np.flatnonzero(steps > _CUT):
        around = steps[max(index - _AROUND, 0) : index + _AROUND + 1]
        others = np.delete(around, min(index, _AROUND))
        usual = float(np.median(others)) if others.size else 0.0
        if steps[index] > _OUTSTANDING * usual:
            found.add(int(index) + 1)
    return found


def _mark_fades(thumbs: Thumb, kinds: list[str]) -> None:
    """Call the drawings that go over into an empty one, or come out of it, a fade."""
    for blank in [index for index, kind in enumerate(kinds) if kind == "empty"]:
        level = thumbs[blank].mean((0, 1))
        for step in (-1, 1):
            index, reached = blank + step, 0.0
            while 0 <= index < len(thumbs) and not kinds[index]:
                own = thumbs[index] - level
                contrast = float(np.abs(own).mean())
                inner = thumbs[index - step] - level
                fresh = float(np.abs(inner).mean()) < 1
                if contrast < reached * 1.02 or not (fresh or _alike(own, inner)):
                    break
                beyond = index + step
                # The first whole frame ends a fade: what follows it is no weaker copy of it.
                if not 0 <= beyond < len(thumbs) or not _alike(own, thumbs[beyond] - level):
                    break
                if float(np.abs(thumbs[beyond] - level).mean()) < contrast * 1.02:
                    break
                kinds[index] = "a fade"
                reached, index = contrast, beyond


def _alike(one: Thumb, two: Thumb) -> bool:
    """True if one is the other times a number."""
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    return size > 0 and float((one * two).sum()) / size > _SAME_PICTURE


def _dissolves(thumbs: Thumb, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """First and last drawing of each stretch that is a mixture of these two."""
    found: list[tuple[int, int]] = []
    for count in _DISSOLVES:
        shares = (np.arange(1, count) / count).astype(np.float32)[:, None, None, None]
        for first in range(len(thumbs) - count):
            last = first + count
            whole = float(np.abs(thumbs[last] - thumbs[first]).mean())
            if whole < _DISSOLVE or any(kinds[first : last + 1]):
                continue
            mixed = thumbs[first] + shares * (thumbs[last] - thumbs[first])
            off = np.abs(thumbs[first + 1 : last] - mixed).mean((1, 2, 3))
            if float(off.max()) < _MIXED * whole:
                found.append((first, last))
    return found


def _unheld(shot: Sequence[Drawing]) -> list[tuple[Drawing, range]]:
    """The frames of each drawing that stay, once holds are shortened."""
    usual = [drawing.frames for drawing in shot if drawing.frames <= LONGEST_HOLD]
    rhythm = max(1, round(float(np.median(usual)))) if usual else 1
    return [
        (
            drawing,
            range(
                drawing.start,
                drawing.start + (drawing.frames if drawing.frames <= LONGEST_HOLD else rhythm),
            ),
        )
        for drawing in shot
    ]


def _divided(
    shot: Sequence[tuple[Drawing, range]], length: int
) -> list[list[tuple[Drawing, range]]]:
    """A shot in parts of nearly the same length, none of which ends within a drawing."""
    total = sum(len(frames) for _, frames in shot)
    count = max(1, round(total / length))
    parts: list[list[tuple[Drawing, range]]] = [[]]
    done = 0
    for drawing, frames in shot:
        due = len(parts) * total / count
        if parts[-1] and len(parts) < count and done + len(frames) / 2 > due:
            parts.append([])
        parts[-1].append((drawing, frames))
        done += len(frames)
    return parts


def _fault(part: Sequence[tuple[Drawing, range]]) -> str | None:
    """Why there is no clip to be made of this, or None."""
    total = sum(len(frames) for _, frames in part)
    if len(part) == 1:
        return "a still: nothing moves in it"
    moved = part[0][0].thumb.astype(np.int16)
    if max(int(np.abs(each.thumb - moved).max()) for each, _ in part) < _STILL:
        return "a still: nothing moves in it"
    if total < SHORTEST:
        return f"too short: {total} frames, at least {SHORTEST} are wanted"
    if len(part) < LEAST_DRAWINGS:
        return f"too few drawings: {len(part)}, at least {LEAST_DRAWINGS} are wanted"
    return None
