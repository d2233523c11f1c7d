"""What a frame shows: for every layer a picture of the shelf, or a drawing of a take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

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
    rows: list[tuple[float, list[tuple[int, int, PictureId | TakeFrame | None]]]] = []
    for layer in scene.layers:
        if layer.visible:
            blocks = [
                (e.frame, e.frame + e.frames, source(layer, e, resolve))
                for e in layer.exposures(max(scene.end, last))
            ]
            rows.append((layer.opacity, blocks))
    cuts = {first, last + 1}
    for _, blocks in rows:
        cuts |= {frame for frame, _, _ in blocks if first < frame <= last}
    order = sorted(cuts)
    for frame, stop in zip(order, order[1:], strict=False):
        shown: list[tuple[PictureId | TakeFrame, float]] = []
        for opacity, blocks in rows:
            for start, end, what in blocks:
                if start <= frame < end and what is not None:
                    shown.append((what, opacity))
        yield Shot(frame, stop - frame, tuple(shown))
