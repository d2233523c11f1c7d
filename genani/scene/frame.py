"""What a frame shows: for every layer a picture of the shelf, or a drawing of a take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from genani.scene.attached import AttachedFrame, Lying, lying, moment
from genani.scene.composite import composite
from genani.scene.document import Exposure, Layer, Scene
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import Resolve, as_given, record


@dataclass(frozen=True)
class TakeFrame:
    """A generated in-between: the take of that hash, at `t`."""

    take: str
    t: Fraction


Source = PictureId | TakeFrame | AttachedFrame
"""What lies on a frame; equal sources have equal pixels."""

Look = Callable[[Source], Picture | None]
"""Gives the pixels of a source; None where a take has not got them (yet)."""


def source(
    layer: Layer, exposure: Exposure, resolve: Resolve = as_given
) -> PictureId | TakeFrame | None:
    """What a block of the timeline shows; None for an empty exposure."""
    cell, span = exposure.cell, exposure.span
    if cell is not None:
        return layer.drawings[cell.drawing].picture if cell.drawing else None
    if span is None or exposure.t is None:
        return None
    return TakeFrame(span.shown or record(layer, span, resolve).hash, exposure.t)


def exposure_at(layer: Layer, frame: int, end: int) -> Exposure | None:
    """The block of a layer that shows on a frame."""
    for exposure in layer.exposures(end):
        if exposure.frame <= frame < exposure.frame + exposure.frames:
            return exposure
    return None


@dataclass(frozen=True)
class Shot:
    """A run of frames that look the same.

    Attributes:
        frame: the first of them.
        frames: how many.
        layers: what to lay over one another, from the back, each with its layer's opacity.
    """

    frame: int
    frames: int
    layers: tuple[tuple[Source, float], ...]

    def picture(self, size: tuple[int, int], look: Look) -> Picture:
        """The finished frame; a layer whose take has no pixels yet shows nothing.

        Args:
            size: (width, height) of the canvas.
            look: gives the pixels.
        """
        found = ((look(source), opacity) for source, opacity in self.layers)
        return composite([(p, opacity) for p, opacity in found if p is not None], size)


def shots(scene: Scene, first: int, last: int, resolve: Resolve = as_given) -> Iterator[Shot]:
    """The frames from `first` to `last`, held ones together, in order."""
    rows = [
        (each.layer.opacity, _row(scene, each, last, resolve))
        for each in lying(scene)
        if each.layer.visible
    ]
    starts = {frame for _, row in rows for frame, _ in row}
    cuts = {first, last + 1, *(frame for frame in starts if first < frame <= last)}
    for frame, stop in pairwise(sorted(cuts)):
        shown: list[tuple[Source, float]] = []
        for opacity, row in rows:
            place = bisect_right(row, frame, key=_start) - 1
            what = row[place][1] if place >= 0 else None
            if what is not None:
                shown.append((what, opacity))
        yield Shot(frame, stop - frame, tuple(shown))


def _row(scene: Scene, lies: Lying, last: int, resolve: Resolve) -> list[tuple[int, Source | None]]:
    """What one thing among those that lie over one another shows, by the frame it starts on."""
    worn, end = lies.layer.attachment, max(scene.end, last)
    if lies.wearer is None or worn is None:
        return [
            (block.frame, source(lies.layer, block, resolve)) for block in lies.layer.exposures(end)
        ]
    found: list[tuple[int, Source | None]] = []
    for block in lies.wearer.exposures(end):
        face = moment(lies.wearer, block)
        what = AttachedFrame(worn, face, scene.size, lies.behind) if face else None
        found.append((block.frame, what))
    return found


def _start(entry: tuple[int, Source | None]) -> int:
    return entry[0]
