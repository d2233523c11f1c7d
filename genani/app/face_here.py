"""The face at the playhead: on a drawing, or planned between two keys."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genani.scene.document import Drawing, Exposure, Layer
from genani.scene.face import FaceGuidance, LandmarkBreakdown, Landmarks
from genani.scene.span import Span

if TYPE_CHECKING:
    from genani.app.session import Session

_KEPT = 256
"""Planned faces that are remembered: those of a few spans."""

_ROUNDS = 4
_CLOSE = 0.05
"""Pixels within which a planned face meets the one that was placed."""

Planned = Callable[[Landmarks, Landmarks, FaceGuidance | None, Fraction], Landmarks]
_Point = tuple[float, float, float]


@dataclass(frozen=True)
class FaceHere:
    """What the playhead shows of a face on the active layer.

    Attributes:
        layer: it is on.
        block: of the timeline.
        drawing: that bears, or could bear, the face; None between keys.
        span: the face travels through, None outside of any; on a key the one it is seen from.
        t: where in that span; None on a drawing.
        landmarks: the face, or None where none is known.
        ghost: the face on the other key of the span, or None.
        breakdown: the animator has placed the planned face by hand.
        followed: False where the engine of the span follows no face.
    """

    layer: Layer
    block: Exposure
    drawing: Drawing | None
    span: Span | None
    t: Fraction | None
    landmarks: Landmarks | None
    ghost: Landmarks | None
    breakdown: bool = False
    followed: bool = True

    @property
    def planned(self) -> bool:
        """True for a face between keys, which no drawing bears yet."""
        return self.drawing is None


class FaceView(QObject):
    """Says where the face is, now and on its way; remembers what it worked out.

    Signals:
        previewed: what is tried out has changed; the scene has not.
    """

    previewed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._planned = session.services.faces.planned
        self._known: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], Landmarks]] = (
            OrderedDict()
        )
        self._preview: tuple[str, FaceGuidance] | None = None

    def preview(self, span: str | None, guidance: FaceGuidance | None = None) -> None:
        """Show how the faces of a span would travel with another guidance; None ends that."""
        now = (span, guidance) if span and guidance else None
        if now != self._preview:
            self._preview = now
            self.previewed.emit()

    @property
    def previewing(self) -> bool:
        """True while another guidance than that of the scene is shown."""
        return self._preview is not None

    def here(self) -> FaceHere | None:
        """The face at the playhead; None where the active layer shows nothing."""
        layer = self._session.selection.active_layer()
        return self.at(layer, self._session.playback.frame) if layer else None

    def at(self, layer: Layer, frame: int) -> FaceHere | None:
        """The face on a frame of a layer; None where it shows nothing."""
        block = self._session.blocks.at(self._session.controller.scene, layer.id, frame)
        if block is None or (block.cell is not None and block.cell.drawing is None):
            return None
        if block.cell is not None and block.cell.drawing is not None:
            drawing = layer.drawings[block.cell.drawing]
            if block.kind.anchor or drawing.landmarks or block.span is None or block.t is None:
                return self._on_drawing(layer, block, drawing)
        return self._between(layer, block)

    def drawn(self, layer: Layer, block: Exposure) -> Landmarks | None:
        """The face on a generated in-between, where its engine has followed it."""
        here = self._between(layer, block)
        return here.landmarks if here is not None and here.followed else None

    def planned(
        self,
        layer: Layer,
        span: Span,
        ends: tuple[Landmarks, Landmarks],
        t: Fraction,
        frame: int | None,
    ) -> Landmarks:
        """The face at a time of a span, with what the lanes ask of it.

        Args:
            layer: it is on.
            span: it travels through.
            ends: the faces on its keys.
            t: 0 to 1.
            frame: where it is exposed, or None where it is not.
        """
        guidance = self.asked(layer, span, t, frame)
        # Faces are large to hash: the same objects are meant, and kept alive beside the answer.
        key = (id(ends[0]), id(ends[1]), repr(replace(guidance, breakdowns=())), t)
        meant = (*ends, guidance.breakdowns)
        known = self._known.get(key)
        if known is not None and all(a is b for a, b in zip(known[0], meant, strict=True)):
            self._known.move_to_end(key)
            return known[1]
        found = self._planned(*ends, guidance, t)
        self._known[key] = (meant, found)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    def asked(self, layer: Layer, span: Span, t: Fraction, frame: int | None) -> FaceGuidance:
        """All that is asked of the face at a time of a span, by the span and by the lanes."""
        pose = layer.acting.at(frame) if frame else None
        return replace(self.guidance(span), poses=((t, pose),) if pose else ())

    def guidance(self, span: Span) -> FaceGuidance:
        """How the face travels through a span, or is tried out to."""
        if self._preview is not None and self._preview[0] == span.id:
            return self._preview[1]
        return span.settings.face or FaceGuidance()

    def ends(self, layer: Layer, span: Span) -> tuple[Landmarks, Landmarks] | None:
        """The faces on the keys of a span; None where one has none."""
        return _ends(layer, span)

    def _on_drawing(self, layer: Layer, block: Exposure, drawing: Drawing) -> FaceHere:
        span = block.span or _span_before(layer, block)
        return FaceHere(
            layer, block, drawing, span, None, drawing.landmarks, _ghost(layer, block, drawing)
        )

    def _between(self, layer: Layer, block: Exposure) -> FaceHere | None:
        span, t = block.span, block.t
        if span is None or t is None:
            return None
        ends = _ends(layer, span)
        landmarks = self.planned(layer, span, ends, t, block.frame) if ends else None
        asked = self._session.sources.request(layer, span)
        return FaceHere(
            layer,
            block,
            None,
            span,
            t,
            landmarks,
            (ends[0] if t < Fraction(1, 2) else ends[1]) if ends else None,
            any(each.t == t for each in self.guidance(span).breakdowns),
            asked is None or asked.first_landmarks is not None,
        )


def path_meeting(
    planned: Planned,
    ends: tuple[Landmarks, Landmarks],
    guidance: FaceGuidance,
    t: Fraction,
    wanted: Landmarks,
) -> tuple[LandmarkBreakdown, ...]:
    """The breakdowns with which the planned face at `t` is the wanted one.

    Emotion and acting come on top of the path, so the path has to pass beside the wanted face.

    Args:
        planned: says where the face is.
        ends: the faces on the keys.
        guidance: what is asked at `t`; other breakdowns stay.
        t: over 0 and under 1.
        wanted: the face there.
    """
    others = [each for each in guidance.breakdowns if each.t != t]
    path = wanted
    for _ in range(_ROUNDS):
        met = tuple(sorted((*others, LandmarkBreakdown(t, path)), key=lambda each: each.t))
        seen = planned(*ends, replace(guidance, breakdowns=met), t)
        off = [_less(one, other) for one, other in zip(wanted.points, seen.points, strict=True)]
        if max(max(abs(x), abs(y)) for x, y, _ in off) < _CLOSE:
            break
        points = tuple(_more(one, by) for one, by in zip(path.points, off, strict=True))
        path = replace(path, points=points)
    return tuple(sorted((*others, LandmarkBreakdown(t, path)), key=lambda each: each.t))


def _less(one: _Point, other: _Point) -> _Point:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _more(one: _Point, other: _Point) -> _Point:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _ends(layer: Layer, span: Span) -> tuple[Landmarks, Landmarks] | None:
    faces = [_face(layer, key) for key in (span.first, span.last)]
    return (faces[0], faces[1]) if faces[0] and faces[1] else None


def _face(layer: Layer, cell_id: str) -> Landmarks | None:
    drawing = layer.cell(cell_id).drawing
    return layer.drawings[drawing].landmarks if drawing else None


def _span_before(layer: Layer, block: Exposure) -> Span | None:
    cell = block.cell
    return next((span for span in layer.spans if cell and span.last == cell.id), None)


def _ghost(layer: Layer, block: Exposure, drawing: Drawing) -> Landmarks | None:
    """The face on the nearest other key: the one before where there is a choice."""
    anchors = [cell for cell in layer.cells if cell.kind.anchor and cell.drawing != drawing.id]
    before = [cell for cell in anchors if cell.frame < block.frame][::-1]
    after = [cell for cell in anchors if cell.frame > block.frame]
    faces = (_face(layer, cell.id) for cell in (*before[:1], *after[:1]))
    return next((face for face in faces if face), None)
