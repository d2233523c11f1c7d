"""What every block of the timeline shows: a picture of the shelf, or a drawing of a take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from genani.scene.acting import Acting
from genani.scene.attached import AttachedFrame, FaceMoment, Lying, moment
from genani.scene.document import Drawing, Exposure, Layer
from genani.scene.errors import GenAniError, SceneError
from genani.scene.frame import Source, TakeFrame
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import Resolve, record
from genani.scene.request import RequestRecord, SpanSettings
from genani.scene.span import Slot, Span

if TYPE_CHECKING:
    from genani.app.takes import TakeShelf

Drawn = Callable[[AttachedFrame, Callable[[PictureId], Picture]], Picture]
"""Draws an attachment on a frame, its pictures looked up by id."""


@dataclass(frozen=True)
class _Memory:
    """A request, and the very objects it was made of."""

    first: Drawing | None
    last: Drawing | None
    settings: SpanSettings
    mask: PictureId | None
    acting: Acting
    slots: tuple[Slot, ...]
    record: RequestRecord | None


class Sources:
    """Finds what blocks show, remembering the requests of spans.

    Args:
        picture: gives the pixels of an id, or raises `PictureError`.
        takes: what is drawn.
        resolve: names the engine behind `auto`; where it raises, the settings stay as given.
        attached: draws attachments; thread-safe.
    """

    def __init__(
        self,
        picture: Callable[[PictureId], Picture],
        takes: TakeShelf,
        resolve: Resolve,
        attached: Drawn,
    ) -> None:
        self._picture = picture
        self.attached = attached
        self._takes = takes
        self._resolve = resolve
        self._known: dict[tuple[str, str], _Memory] = {}
        self._last: dict[tuple[str, str], tuple[str, str, str]] = {}

    def forget(self) -> None:
        """Ask again who `auto` is: models were installed, or another document is open."""
        self._known.clear()
        self._last.clear()

    def resolve(self, settings: SpanSettings, faces: bool) -> SpanSettings:
        """The settings with `auto` named; as given where nobody can draw them."""
        try:
            return self._resolve(settings, faces)
        except GenAniError:
            return settings

    def request(self, layer: Layer, span: Span) -> RequestRecord | None:
        """What the span asks for now, without times; None while one of its keys is empty."""
        first, last = _drawing(layer, span.first), _drawing(layer, span.last)
        known = self._known.get((layer.id, span.id))
        if (
            known is None
            or known.first is not first
            or known.last is not last
            or known.settings is not span.settings
            or known.mask != span.mask
            or known.acting is not layer.acting
            or known.slots != _asked_slots(layer, span)
        ):
            asked = None
            if first is not None and last is not None:
                asked = replace(record(layer, span, self.resolve), times=())
            known = _Memory(
                first,
                last,
                span.settings,
                span.mask,
                layer.acting,
                _asked_slots(layer, span),
                asked,
            )
            self._known[layer.id, span.id] = known
        return known.record

    def take(self, layer: Layer, span: Span) -> str | None:
        """Hash of the take a span shows: the chosen one, or that of its present request."""
        if span.shown:
            return span.shown
        asked = self.request(layer, span)
        return asked.hash if asked else None

    def wished(self, layer: Layer, block: Exposure) -> Source | None:
        """What a block should show, drawn or not; None for an empty one."""
        if block.cell is not None:
            drawing = _drawing(layer, block.cell.id)
            return drawing.picture if drawing else None
        if block.span is None or block.t is None:
            return None
        take = self.take(layer, block.span)
        return TakeFrame(take, block.t) if take else None

    def has(self, source: Source) -> bool:
        """True if the pixels are there; pictures of the shelf always count as there."""
        return not isinstance(source, TakeFrame) or self._takes.has(source.take, source.t)

    def shown(self, layer: Layer, block: Exposure) -> Source | None:
        """What a block can show now: its own drawing, else the nearest one of its span."""
        wished = self.wished(layer, block)
        if not isinstance(wished, TakeFrame) or block.span is None:
            return wished
        if self.has(wished) and wished.take not in block.span.rejected:
            self._last[layer.id, block.span.id] = (
                block.span.first,
                block.span.last,
                wished.take,
            )
            return wished
        return self._nearest(layer, block.span, wished)

    def face(self, layer: Layer, block: Exposure) -> FaceMoment | None:
        """The face on what a block shows now; None where none is known."""
        shown = self.shown(layer, block)
        if isinstance(shown, TakeFrame):
            return moment(layer, block, shown.t)
        if block.cell is not None or block.span is None:
            return moment(layer, block)
        # A key stands in for an in-between that is not drawn yet.
        ends = (_drawing(layer, key) for key in (block.span.first, block.span.last))
        for drawing in ends:
            if drawing is not None and drawing.picture == shown:
                return FaceMoment(drawing.landmarks) if drawing.landmarks else None
        return None

    def worn(
        self, lies: Lying, block: Exposure | None, size: tuple[int, int]
    ) -> AttachedFrame | None:
        """What an attachment shows on the block of its wearer; None without a face there."""
        worn, wearer = lies.layer.attachment, lies.wearer
        if worn is None or wearer is None or block is None:
            return None
        face = self.face(wearer, block)
        return AttachedFrame(worn, face, size, lies.behind) if face else None

    def pixels(self, source: Source) -> Picture | None:
        """The pixels; None where a take has lost them. May read a file; thread-safe.

        Raises:
            PictureError: a picture of the scene is missing.
            FileError: the file it lies in cannot be read.
        """
        if isinstance(source, AttachedFrame):
            return self.attached(source, self._picture)
        if not isinstance(source, TakeFrame):
            return self._picture(source)
        drawn = self._takes.get(source.take, source.t)
        return drawn.picture if drawn else None

    def last_shown(self, layer: Layer, span: Span) -> str | None:
        """Hash of the take that was last seen between these two keys, whatever is asked now."""
        first, last, take = self._last.get((layer.id, span.id), ("", "", ""))
        # Once a breakdown has split the span, its old ticks mean other places.
        return take if (first, last) == (span.first, span.last) else None

    def _nearest(self, layer: Layer, span: Span, wished: TakeFrame) -> Source | None:
        near: list[tuple[Fraction, int, Source]] = []
        # What the span showed before its keys or settings changed is nearer than its keys are.
        for order, take in enumerate((wished.take, self.last_shown(layer, span))):
            if take and take not in span.rejected:
                ticks = self._takes.times(take)
                near += [(abs(wished.t - tick), order, TakeFrame(take, tick)) for tick in ticks]
        for cell, at in ((span.first, Fraction(0)), (span.last, Fraction(1))):
            drawing = _drawing(layer, cell)
            if drawing:
                near.append((abs(wished.t - at), 2, drawing.picture))
        return min(near, key=lambda it: it[:2])[2] if near else None


def _asked_slots(layer: Layer, span: Span) -> tuple[Slot, ...]:
    """Slots of a span whose layer has lanes: those go by frames, so a moved key changes them."""
    return layer.slots(span) if layer.acting != Acting() else ()


def _drawing(layer: Layer, cell_id: str) -> Drawing | None:
    try:
        drawing = layer.cell(cell_id).drawing
    except SceneError:
        return None
    return layer.drawings[drawing] if drawing else None
