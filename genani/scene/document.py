"""The document: a scene of layers, drawings, and the cells that expose them."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from genani.scene.acting import Acting
from genani.scene.attachment import Attachment
from genani.scene.errors import SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import PictureId, check_size
from genani.scene.span import Slot, Span, slots
from genani.scene.time import Rate, check_frame


def new_id() -> str:
    """A fresh id for a layer, drawing, cell or span."""
    return secrets.token_hex(6)


class CellKind(StrEnum):
    """What part a cell plays in the animation."""

    KEY = "key"
    BREAKDOWN = "breakdown"
    INBETWEEN = "in-between"
    GENERATED = "generated"
    """Made by an engine and not yet accepted; lives in a take, not among the layer's cells."""

    @property
    def anchor(self) -> bool:
        """True for what a span may start and end on."""
        return self in (CellKind.KEY, CellKind.BREAKDOWN)


@dataclass(frozen=True)
class Drawing:
    """One drawing of a layer; its pixels live in the picture shelf, by id.

    Attributes:
        id: unique in its layer.
        picture: which pixels.
        number: the drawing number animators write on the paper, from 1.
        name: where it came from, such as a file name; may be empty.
        landmarks: the face on it, in canvas coordinates.
        take, t: the take and tick it was accepted from; None for what a hand drew.
        corrected: True once a hand changed what an engine drew.
    """

    id: str
    picture: PictureId
    number: int = 1
    name: str = ""
    landmarks: Landmarks | None = None
    take: str | None = None
    t: Fraction | None = None
    corrected: bool = False


@dataclass(frozen=True)
class Cell:
    """An exposure starts: from `frame` on this drawing shows, until the next cell of the layer.

    Attributes:
        id: unique in its layer.
        frame: from 1.
        drawing: which drawing, or None for an empty exposure.
        kind: key, breakdown or in-between.
    """

    id: str
    frame: int
    drawing: str | None
    kind: CellKind = CellKind.KEY


@dataclass(frozen=True)
class Exposure:
    """A block of the timeline: what shows from a frame on, and for how long.

    Attributes:
        frame: first frame.
        frames: how many, at least 1.
        kind: `generated` where a span draws it and no cell is there yet.
        cell: the cell, or None for a generated one.
        span: the span it lies in; for an anchor, the span that starts on it.
        t: its tick on the span's chart; None for anchors and for drawings off the chart.
    """

    frame: int
    frames: int
    kind: CellKind
    cell: Cell | None = None
    span: Span | None = None
    t: Fraction | None = None


@dataclass(frozen=True)
class Layer:
    """A level of drawings and their exposures.

    Attributes:
        drawings: by id.
        cells: in order of frame, one a frame at most.
        spans: in order, each between two anchors with no other anchor between.
        opacity: 0 to 1.
        acting: mouth shapes, blinks and looks of the face on it.
        attachment: what it shows on the face of another layer, over its own drawings.

    Raises:
        SceneError: an overlap, a frame below 1, or a reference to nothing.
    """

    id: str
    name: str
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    spans: tuple[Span, ...] = ()
    visible: bool = True
    locked: bool = False
    opacity: float = 1.0
    acting: Acting = field(default_factory=Acting)
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        previous = 0
        for cell in self.cells:
            check_frame(cell.frame)
            if cell.frame <= previous:
                raise SceneError(f"layer {self.name}: two cells on frame {cell.frame}")
            previous = cell.frame
            if cell.drawing is not None and cell.drawing not in self.drawings:
                raise SceneError(f"layer {self.name}: frame {cell.frame} shows a missing drawing")
            if cell.kind is CellKind.GENERATED:
                raise SceneError("a generated in-between becomes a cell only when it is kept")
        if len(self._places) != len(self.cells):
            raise SceneError(f"layer {self.name}: two cells with one id")
        if not 0 <= self.opacity <= 1:
            raise SceneError("the opacity of a layer lies between 0 and 1")
        self._check_spans()

    def _check_spans(self) -> None:
        order = {cell.id: turn for turn, cell in enumerate(c for c in self.cells if c.kind.anchor)}
        previous = -1
        for span in self.spans:
            if span.first not in self._places or span.last not in self._places:
                raise SceneError(f"layer {self.name}: a span lost one of its keys")
            turn = order.get(span.first, -1)
            if turn < 0 or order.get(span.last) != turn + 1:
                raise SceneError(f"layer {self.name}: a span must join two neighbouring keys")
            if turn <= previous:
                raise SceneError(f"layer {self.name}: spans out of order")
            previous = turn

    @cached_property
    def _places(self) -> dict[str, int]:
        return {cell.id: place for place, cell in enumerate(self.cells)}

    @cached_property
    def _span_places(self) -> dict[str, int]:
        return {span.id: place for place, span in enumerate(self.spans)}

    @cached_property
    def _span_starts(self) -> list[int]:
        return [self.cells[self._places[span.first]].frame for span in self.spans]

    @cached_property
    def _frames(self) -> list[int]:
        return [cell.frame for cell in self.cells]

    def cell(self, cell_id: str) -> Cell:
        """The cell of that id.

        Raises:
            SceneError: there is none.
        """
        place = self._places.get(cell_id)
        if place is None:
            raise SceneError(f"layer {self.name} has no such cell")
        return self.cells[place]

    def cell_on(self, frame: int) -> Cell | None:
        """The cell that starts on this very frame."""
        cell = self.cell_at(frame)
        return cell if cell and cell.frame == frame else None

    def cell_at(self, frame: int) -> Cell | None:
        """The cell that shows on this frame, started there or held."""
        place = bisect_right(self._frames, frame) - 1
        return self.cells[place] if place >= 0 else None

    def span(self, span_id: str) -> Span:
        """The span of that id.

        Raises:
            SceneError: there is none.
        """
        place = self._span_places.get(span_id)
        if place is None:
            raise SceneError(f"layer {self.name} has no such span")
        return self.spans[place]

    def ends(self, span: Span) -> tuple[int, int]:
        """Frames of a span's two anchors."""
        return self.cell(span.first).frame, self.cell(span.last).frame

    def has_faces(self, span: Span) -> bool:
        """True if a face is marked on both keys of a span."""
        ids = (self.cell(span.first).drawing, self.cell(span.last).drawing)
        return all(each is not None and self.drawings[each].landmarks for each in ids)

    def slots(self, span: Span) -> tuple[Slot, ...]:
        """Where the in-betweens of a span go, filled or not."""
        return slots(*self.ends(span), span.chart)

    @property
    def end(self) -> int:
        """Frame of the last cell, or 0."""
        return self.cells[-1].frame if self.cells else 0

    def span_at(self, frame: int) -> Span | None:
        """The span that covers a frame; on a shared key, the one that starts there."""
        place = bisect_right(self._span_starts, frame) - 1
        if place < 0:
            return None
        span = self.spans[place]
        return span if frame < self.cell(span.last).frame else None

    def spans_between(self, first: int, last: int) -> tuple[Span, ...]:
        """The spans that cover any of the frames from `first` to `last`, their last keys too."""
        low = max(bisect_right(self._span_starts, first) - 1, 0)
        found = self.spans[low : bisect_right(self._span_starts, last)]
        # The span before may end on the very key where the next one starts.
        if low and self.cell(self.spans[low - 1].last).frame >= first:
            found = (self.spans[low - 1], *found)
        return tuple(span for span in found if self.cell(span.last).frame >= first)

    def exposures(self, end: int) -> tuple[Exposure, ...]:
        """Every block of the layer up to and with frame `end`, generated in-betweens among them."""
        return self.exposures_between(1, max(end, self.end))

    def exposures_between(self, first: int, last: int) -> tuple[Exposure, ...]:
        """The blocks that show on any of the frames from `first` to `last`, as long as they are.

        What shows at the very end lasts until `last`, or until the last cell where that is later.
        """
        spans = self.spans_between(first, last)
        low = max(bisect_right(self._frames, first) - 1, 0)
        high = bisect_right(self._frames, last)
        if spans:
            low = min(low, self._places[spans[0].first])
            high = max(high, self._places[spans[-1].last] + 1)
        starts = {c.frame: Exposure(c.frame, 1, c.kind, c) for c in self.cells[low:high]}
        for span in spans:
            self._fill(span, starts)
        follows = self.cells[high].frame if high < len(self.cells) else max(last, self.end) + 1
        order = sorted(starts)
        stops = [*order[1:], follows] if order else []
        return tuple(
            Exposure(e.frame, stop - e.frame, e.kind, e.cell, e.span, e.t)
            for e, stop in ((starts[f], s) for f, s in zip(order, stops, strict=True))
            if e.frame <= last and stop > first
        )

    def _fill(self, span: Span, starts: dict[int, Exposure]) -> None:
        """Put the blocks of a span among those of its layer's cells, by the frame they start on."""
        first, last = self._places[span.first], self._places[span.last]
        anchor = self.cells[first]
        starts[anchor.frame] = Exposure(anchor.frame, 1, anchor.kind, anchor, span)
        ticks = {slot.frame: slot.t for slot in self.slots(span) if slot.frame}
        for frame in ticks:
            starts[frame] = Exposure(frame, 1, CellKind.GENERATED, None, span, ticks[frame])
        for cell in self.cells[first + 1 : last]:
            t = ticks.get(cell.frame)
            starts[cell.frame] = Exposure(cell.frame, 1, cell.kind, cell, span, t)


@dataclass(frozen=True)
class Marker:
    """A note on the ruler."""

    frame: int
    text: str = ""


@dataclass(frozen=True)
class Scene:
    """All that the animator made, without the pixels.

    Attributes:
        width, height: the canvas in pixels.
        rate: frames a second.
        layers: the first is at the back.
        exposure: frames a new drawing is held for: 2 is on twos.
        length: frames of the scene where that is more than its cells need; else 0.
        markers: in order of frame.
        first_frame, last_frame: the in and out points, or None for the whole scene.

    Raises:
        SceneError: a value out of range or two layers with one id.
    """

    width: int = 1920
    height: int = 1080
    rate: Rate = field(default_factory=Rate)
    layers: tuple[Layer, ...] = ()
    name: str = "Untitled"
    exposure: int = 2
    length: int = 0
    markers: tuple[Marker, ...] = ()
    first_frame: int | None = None
    last_frame: int | None = None

    def __post_init__(self) -> None:
        check_size(self.width, self.height)
        if not 1 <= self.exposure <= 24:
            raise SceneError("new drawings are exposed for 1 to 24 frames")
        if len({layer.id for layer in self.layers}) != len(self.layers):
            raise SceneError("two layers with one id")
        for frame in (self.first_frame, self.last_frame, *(m.frame for m in self.markers)):
            if frame is not None:
                check_frame(frame)
        if self.first_frame and self.last_frame and self.first_frame > self.last_frame:
            raise SceneError("the in point cannot lie after the out point")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the canvas."""
        return self.width, self.height

    @property
    def end(self) -> int:
        """The last frame: the last cell with its exposure, or `length` where that is more."""
        last = max((layer.end for layer in self.layers), default=0)
        return max(last + self.exposure - 1 if last else 1, self.length)

    @property
    def play_range(self) -> tuple[int, int]:
        """First and last frame to play and export."""
        return self.first_frame or 1, self.last_frame or self.end

    def layer(self, layer_id: str) -> Layer:
        """The layer of that id.

        Raises:
            SceneError: there is none.
        """
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise SceneError("the scene has no such layer")

    def pictures(self) -> set[PictureId]:
        """Ids of all pictures that the scene needs."""
        ids = {d.picture for layer in self.layers for d in layer.drawings.values()}
        for layer in self.layers:
            if layer.attachment:
                ids |= layer.attachment.pictures()
        return ids | {s.mask for layer in self.layers for s in layer.spans if s.mask}
