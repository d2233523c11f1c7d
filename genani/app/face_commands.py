"""Verbs for the face at the playhead: find it, place it, change it, take it away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app.expression_copy import ExpressionCopy
from genani.app.face_finding import SURE, FaceFinding, Place, key_places
from genani.app.face_here import FaceHere, FaceView, path_meeting
from genani.app.face_preview import FacePreview
from genani.app.messages import Level
from genani.scene.document import Layer
from genani.scene.edits import ChangeSpan, SetLandmarks
from genani.scene.errors import GenAniError
from genani.scene.face import (
    FaceGuidance,
    FacePart,
    LandmarkBreakdown,
    Landmarks,
    LandmarkSource,
)

if TYPE_CHECKING:
    from genani.app.session import Session

Frame = tuple[float, float, float, float]
"""Left, top, right and bottom, on the canvas in pixels."""

_SAME_PLACE = 0.3
"""Less of a box and a face in common, and it is not the face that was meant."""

NEEDS_FACE = ("face-clear", "face-mirror", "face-fit")


class FaceCommands(QObject):
    """Each method is one step of the history, or says why it cannot be.

    On a drawing its own face is meant. Between two keys that both have one the planned face is:
    changing it makes a breakdown of the face, which the path meets from then on.

    Attributes:
        view: where the face is.
        finding: looks for faces behind the window.
        preview: what a changed face would look like.
        expressions: copies them from pictures.
        locks: parts that editing by hand leaves alone.
        symmetric: what is done to one side of the face is done to the other.

    Signals:
        changed: locks or symmetry.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._faces = session.services.faces
        self._drags = count(1)
        self._choices: tuple[Place, Sequence[Landmarks], int] | None = None
        self.view = FaceView(session)
        self.finding = FaceFinding(session)
        self.preview = FacePreview(session, self.view)
        self.expressions = ExpressionCopy(session, self)
        self.locks: frozenset[FacePart] = frozenset()
        self.symmetric = False
        verbs: dict[str, Callable[[], object]] = {
            "face-find": self.find,
            "face-find-all": self.find_all,
            "face-next": self.next_face,
            "face-clear": self.clear,
            "face-copy": self.copy_from_other,
            "face-mirror": self.mirror,
            "face-fit": self.fit_to_pins,
            "landmarks": lambda: self._toggle_lines("on"),
            "face-mesh": lambda: self._toggle_lines("mesh"),
            "face-ghost": lambda: self._toggle_lines("ghost"),
            "face-symmetric": self._toggle_symmetric,
            "face-auto": self._toggle_auto,
        }
        for action_id, verb in verbs.items():
            session.actions.connect_to(action_id, verb)
        for signal in (
            session.controller.scene_changed,
            session.playback.frame_changed,
            session.selection.changed,
            session.settings_changed,
            self.finding.progressed,
        ):
            signal.connect(self.refresh)
        self.finding.progressed.connect(self._tell_progress)
        self.refresh()

    def shut(self) -> None:
        """End what is done behind the window; what was asked is given up."""
        self.finding.shut()
        self.preview.shut()

    # Finding.

    def find(self) -> None:
        """Find the face on the drawing at the playhead, between keys on those of the span."""
        here = self.view.here()
        if here is not None and here.drawing is None and here.span is not None:
            cells = (here.layer.cell(here.span.first), here.layer.cell(here.span.last))
            self._find_on(here.layer, {cell.drawing for cell in cells})
            return
        place = self._place_here()
        if place:
            self._session.start(self._find(place, self._near()))

    def place_in(self, box: Frame, look: bool = True) -> None:
        """Place a face in a box (left, top, right, bottom) on the drawing at the playhead.

        Args:
            box: where the animator sees the face.
            look: find it there, if it can be found; else the face at rest fills the box.
        """
        place = self._place_here()
        if place:
            self._session.start(self._place_in(place, box, look))

    def find_all(self) -> None:
        """Find the faces on all keys of the active layer, but for those placed by hand."""
        layer = self._session.selection.active_layer()
        if layer is not None:
            self._find_on(layer, {place.drawing for place in key_places(layer)})

    def _find_on(self, layer: Layer, drawings: Collection[str | None]) -> None:
        if self.finding.busy:
            return
        places = [
            place
            for place in key_places(layer)
            if place.drawing in drawings and not _by_hand(layer.drawings[place.drawing].landmarks)
        ]
        if places:
            self._session.start(self._find_all(places))
        else:
            self._session.tell(self.tr("Every key here has a face placed by hand."))

    def next_face(self) -> None:
        """Choose the next of several faces on the drawing at the playhead."""
        place = self._place_here()
        if place is None:
            return
        if self._choices is None or self._choices[0] != place:
            self._session.start(self._find(place, None, step=1))
            return
        self._choose(1)

    async def _place_in(self, place: Place, box: Frame, look: bool) -> None:
        found: Sequence[Landmarks] = ()
        if look:
            left, top, right, bottom = (round(side) for side in box)
            # Whether it cannot be found or not be looked for: there is another way.
            with suppress(GenAniError):
                found = await self._look(place, (left, top, right, bottom), None)
        seen = [face for face in found if _overlap(face, box) >= _SAME_PLACE]
        edit = self.finding.edit({place: seen[0] if seen else self._faces.placed(box)})
        if edit:
            self._controller.do(edit, self.tr("place face"))

    async def _look(
        self, place: Place, box: tuple[int, int, int, int] | None, near: Landmarks | None
    ) -> Sequence[Landmarks]:
        self._session.busy.emit(self.tr("looking for a face"))
        try:
            return await self.finding.look(place, box, near)
        finally:
            self._session.busy.emit("")

    async def _find(self, place: Place, near: Landmarks | None, step: int = 0) -> None:
        found = await self._look(place, None, near)
        if not found:
            text = self.tr(
                "No face was found on this drawing. Place it by hand: press P and drag a box "
                "around the face."
            )
            self._session.tell(text, action="face-pins")
            return
        self._choices = (place, found, 0)
        self._choose(step)
        if not step and found[0].confidence < SURE:
            text = self.tr("A face was found, but it is a guess: see whether its pins fit (P).")
            self._session.tell(text, action="face-pins")
        elif len(found) > 1 and not step:
            text = self.tr("%n faces were found; Next face takes another one.", "", len(found))
            self._session.tell(text)

    def _choose(self, step: int) -> None:
        if self._choices is None:
            return
        place, found, at = self._choices
        at = (at + step) % len(found)
        self._choices = (place, found, at)
        edit = self.finding.edit({place: found[at]})
        if edit:
            self._controller.do(edit, self.tr("find face"))

    async def _find_all(self, places: Sequence[Place]) -> None:
        found = await self.finding.look_at_all(places)
        edit = self.finding.edit(found)
        if edit:
            self._controller.do(edit, self.tr("find faces"))
        if len(found) == len(places):
            text = self.tr("A face was found on %n key(s).", "", len(found))
            self._session.tell(text)
            return
        lost = len(places) - len(found)
        text = self.tr("No face was found on %n key(s): go there, and place it by hand.", "", lost)
        self._session.tell(text, Level.WARNING, action="face-pins")

    def _place_here(self) -> Place | None:
        here = self.view.here()
        if here is None or here.drawing is None:
            self._session.tell(self.tr("Put the playhead on a key to find the face on it."))
            return None
        return Place(here.layer.id, here.drawing.id, here.drawing.picture)

    def _near(self) -> Landmarks | None:
        here = self.view.here()
        return here.ghost if here else None

    @Slot(int, int)
    def _tell_progress(self, done: int, of: int) -> None:
        text = self.tr("looking for faces: key {0} of {1}, Esc stops") if of else ""
        self._session.busy.emit(text.format(done + 1, of))

    # Changing.

    def put(self, landmarks: Landmarks, text: str, merge: str = "") -> bool:
        """Have the face at the playhead be this one; edits of one drag share `merge`."""
        here = self.view.here()
        if here is None:
            return False
        if here.drawing is not None:
            edit = SetLandmarks(here.layer.id, here.drawing.id, landmarks)
            return self._controller.do(edit, text, merge)
        return self._put_between(here, landmarks, text, merge)

    def new_drag(self) -> str:
        """A fresh text that the edits of one drag share."""
        return f"face {next(self._drags)}"

    def clear(self) -> None:
        """Take the face off the drawing; between keys, let it go its way again."""
        here = self.view.here()
        if here is None or here.landmarks is None:
            return
        if here.drawing is not None:
            edit = SetLandmarks(here.layer.id, here.drawing.id, None)
            self._controller.do(edit, self.tr("remove face"))
        elif here.breakdown:
            kept = self._other_breakdowns(here)
            self._change_breakdowns(here, kept, self.tr("remove face breakdown"))

    def copy_from_other(self) -> None:
        """Take the face of the other key over."""
        here = self.view.here()
        if here is None or here.ghost is None:
            self._session.tell(self.tr("There is no face on a neighbouring key to copy."))
            return
        copied = replace(here.ghost, source=LandmarkSource.HAND, confidence=1.0)
        self.put(copied, self.tr("copy face from the other key"))

    def mirror(self) -> None:
        """Turn the face around, where it is: what looked to the left looks to the right."""
        here = self.view.here()
        if here and here.landmarks:
            self.put(self._faces.turned_around(here.landmarks), self.tr("mirror face"))

    def fit_to_pins(self) -> None:
        """Lay the mesh smoothly through the pins as they are now."""
        here = self.view.here()
        if here and here.landmarks:
            self.put(self._faces.fit(self.pins(here.landmarks)), self.tr("fit face to its pins"))

    def reset_pin(self, pin: str) -> None:
        """Put a pin where the other pins, or between keys the path, have it."""
        here = self.view.here()
        if here is None or here.landmarks is None:
            return
        place = self._plain_place(here, here.landmarks, pin)
        bent = self._faces.bent(here.landmarks, {pin: place}, self.locks)
        self.put(bent, self.tr("reset pin"))

    def _plain_place(self, here: FaceHere, face: Landmarks, pin: str) -> tuple[float, float]:
        ends = self.view.ends(here.layer, here.span) if here.span else None
        if here.span is not None and here.t is not None and ends is not None:
            asked = self.view.asked(here.layer, here.span, here.t, here.block.frame)
            plain = replace(asked, breakdowns=self._other_breakdowns(here))
            return self.pins(self._faces.planned(*ends, plain, here.t))[pin]
        others = {name: place for name, place in self.pins(face).items() if name != pin}
        return self.pins(self._faces.fit(others))[pin]

    def pins(self, landmarks: Landmarks) -> Mapping[str, tuple[float, float]]:
        """Where the pins of a face lie."""
        return {pin: landmarks.points[at][:2] for pin, at in self._faces.pins.items()}

    def _put_between(self, here: FaceHere, landmarks: Landmarks, text: str, merge: str) -> bool:
        ends = self.view.ends(here.layer, here.span) if here.span else None
        if here.span is None or here.t is None or ends is None:
            return False
        asked = self.view.asked(here.layer, here.span, here.t, here.block.frame)
        breakdowns = path_meeting(self._faces.planned, ends, asked, here.t, landmarks)
        return self._change_breakdowns(here, breakdowns, text, merge)

    def _other_breakdowns(self, here: FaceHere) -> tuple[LandmarkBreakdown, ...]:
        guidance = (here.span.settings.face if here.span else None) or FaceGuidance()
        return tuple(each for each in guidance.breakdowns if each.t != here.t)

    def _change_breakdowns(
        self,
        here: FaceHere,
        breakdowns: tuple[LandmarkBreakdown, ...],
        text: str,
        merge: str = "",
    ) -> bool:
        if here.span is None:
            return False
        guidance = here.span.settings.face or FaceGuidance()
        face = replace(guidance, breakdowns=breakdowns)
        settings = replace(here.span.settings, face=face)
        # Another take is meant now than the one that was chosen before.
        changed = replace(here.span, settings=settings, shown=None)
        return self._controller.do(ChangeSpan(here.layer.id, changed), text, merge)

    # How it is edited.

    def lock(self, part: FacePart, locked: bool) -> None:
        """Leave a part of the face alone while editing by hand, or not."""
        self.locks = self.locks | {part} if locked else self.locks - {part}
        self.changed.emit()

    def _toggle_symmetric(self) -> None:
        self.symmetric = not self.symmetric
        self.refresh()
        self.changed.emit()

    def _toggle_lines(self, name: str) -> None:
        lines = self._session.settings.face_lines
        changed = replace(lines, **{name: not getattr(lines, name)})
        # Asking for mesh or ghost is asking for the landmarks too.
        on = changed.on if name == "on" else changed.on or getattr(changed, name)
        self._session.change_settings(face_lines=replace(changed, on=on))

    def _toggle_auto(self) -> None:
        self._session.change_settings(find_faces=not self._session.settings.find_faces)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be used now, and check what is on."""
        if self._session.playback.playing:
            return
        actions = self._session.actions
        here = self.view.here()
        drawing = here is not None and here.drawing is not None
        face = here is not None and here.landmarks is not None
        actions.enable("face-find", drawing or (here is not None and here.span is not None))
        actions.enable("face-next", drawing)
        actions.enable("face-find-all", here is not None and not self.finding.busy)
        for action_id in NEEDS_FACE:
            actions.enable(action_id, face)
        actions.enable("face-clear", face and here is not None and (drawing or here.breakdown))
        between = here is not None and here.planned and here.landmarks is not None
        actions.enable("face-actor", between)
        actions.enable("face-copy", here is not None and here.ghost is not None)
        lines = self._session.settings.face_lines
        actions.check("landmarks", lines.on)
        actions.check("face-mesh", lines.mesh)
        actions.check("face-ghost", lines.ghost)
        actions.check("face-symmetric", self.symmetric)
        actions.check("face-auto", self._session.settings.find_faces)


def _overlap(face: Landmarks, box: Frame) -> float:
    """Share of a box and what a face covers that both have in common, 0 to 1."""
    x = [point[0] for point in face.points]
    y = [point[1] for point in face.points]
    left, top, right, bottom = box
    across = min(max(x), right) - max(min(x), left)
    down = min(max(y), bottom) - max(min(y), top)
    both = max(across, 0.0) * max(down, 0.0)
    covered = (max(x) - min(x)) * (max(y) - min(y)) + (right - left) * (bottom - top)
    return both / (covered - both)


def _by_hand(landmarks: Landmarks | None) -> bool:
    return landmarks is not None and landmarks.source is LandmarkSource.HAND
