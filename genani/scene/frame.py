"""What a frame shows: for every layer a picture of the shelf, or a drawing of a take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from genani.scene.composite import composite
from genani.scene.document import Exposure, Layer, Scene
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import Resolve, as_given, record

Look = Callable[["PictureId | TakeFrame"], Picture | None]
"""Gives the pixels behind what a layer shows; None where a take has not got them (yet)."""


@dataclass(frozen=True)
class TakeFrame:
    """A generated in-between: the take of that hash, at `t`."""

    take: str
    t: Fraction


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
    layers: tuple[tuple[PictureId | TakeFrame, float], ...]

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
    rows: list[tuple[float, list[int], list[PictureId | TakeFrame | None]]] = []
    cuts = {first, last + 1}
    for layer in scene.layers:
        if layer.visible:
            blocks = layer.exposures(max(scene.end, last))
            starts = [block.frame for block in blocks]
            rows.append((layer.opacity, starts, [source(layer, b, resolve) for b in blocks]))
            cuts.update(frame for frame in starts if first < frame <= last)
    for frame, stop in pairwise(sorted(cuts)):
        shown: list[tuple[PictureId | TakeFrame, float]] = []
        for opacity, starts, sources in rows:
            place = bisect_right(starts, frame) - 1
            what = sources[place] if place >= 0 else None
            if what is not None:
                shown.append((what, opacity))
        yield Shot(frame, stop - frame, tuple(shown))
