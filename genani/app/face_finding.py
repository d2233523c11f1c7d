"""Finding faces behind the window: when it is asked for, and by itself on new keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app.services import Box
from genani.app.threads import Lane
from genani.media import image
from genani.scene.document import Drawing, Layer
from genani.scene.edits import Batch, SetLandmarks
from genani.scene.errors import Cancelled, GenAniError, SceneError
from genani.scene.face import Emotion, FacePart, Landmarks
from genani.scene.picture import PictureId

if TYPE_CHECKING:
    from genani.app.document_controller import SceneChange
    from genani.app.session import Session

MOST_AT_ONCE = 24
"""More new keys in one step are a sequence, not keys to be in-betweened."""

SURE = 0.8
"""A face that nobody asked for is only put on a key that is this sure of it. Over it landmarks
were off by .03 of the face's size at most (photos, realistic drawings), under it by .07 and more
(large eyes, robots, figures that are no face)."""


@dataclass(frozen=True)
class Place:
    """A drawing to look at.

    Attributes:
        layer: id of its layer.
        drawing: its id.
        picture: its pixels, as they were when it was chosen.
    """

    layer: str
    drawing: str
    picture: PictureId


class FaceFinding(QObject):
    """Looks for faces on a thread of its own, one drawing after another.

    New keys are looked at by themselves, where the settings say so and the model is there. What
    is found becomes part of the step that brought the keys, so that one undo takes both back. A
    drawing is looked at by itself only once: a face that was taken away stays away.

    Signals:
        progressed: how many drawings of how many have been looked at, on demand; (0, 0) once
            that is over.
    """

    progressed = Signal(int, int)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._faces = session.services.faces
        self._lane = Lane("genani-faces")
        self._looked: set[tuple[str, PictureId]] = set()
        self._change: SceneChange | None = None
        self._changes = 0
        self._by_itself: set[asyncio.Task[None]] = set()
        self._on_demand = False
        self._stop = False
        self._controller.scene_changed.connect(self._scene_changed)
        self._controller.edit_applied.connect(self._edit_applied)

    @property
    def busy(self) -> bool:
        """True while drawings are looked at that somebody asked for."""
        return self._on_demand

    @property
    def waited_for(self) -> bool:
        """True while new keys are looked at by themselves: an engine may soon follow faces."""
        return bool(self._by_itself)

    async def settled(self) -> None:
        """Wait until no new keys are looked at by themselves any more."""
        self._session.busy.emit(self.tr("looking for faces on the new keys"))
        try:
            while self._by_itself:
                await asyncio.wait(set(self._by_itself))
        finally:
            self._session.busy.emit("")

    async def look(
        self, place: Place, box: Box | None = None, near: Landmarks | None = None
    ) -> Sequence[Landmarks]:
        """The faces on a drawing, the best first.

        Raises:
            GenAniError: the picture is missing, or faces cannot be found here.
        """
        self._looked.add((place.drawing, place.picture))
        return await self._lane.run(self._find, place.picture, box, near)

    async def read(
        self, picture: PictureId, resting: PictureId | None = None
    ) -> tuple[Emotion, float] | None:
        """The likeliest emotion on a picture and how likely it is; None without a face.

        Args:
            picture: to look at.
            resting: the same face at rest, where there is one.

        Raises:
            GenAniError: a picture is missing, or faces cannot be found here.
        """
        return await self._lane.run(self._read, picture, resting)

    async def carried(
        self,
        face: Landmarks,
        acting: Path,
        resting: Path | None,
        locks: frozenset[FacePart],
    ) -> Landmarks | None:
        """A face with the expression of the one in a picture file; None without a face there.

        Args:
            face: that takes the expression on.
            acting: a photo or drawing.
            resting: the same face at rest, where there is such a file.
            locks: parts that must not move.

        Raises:
            GenAniError: a file cannot be read, or faces cannot be found here.
        """
        return await self._lane.run(self._carried, face, acting, resting, locks)

    def _carried(
        self,
        face: Landmarks,
        acting: Path,
        resting: Path | None,
        locks: frozenset[FacePart],
    ) -> Landmarks | None:
        at_rest = image.read(resting) if resting else None
        return self._faces.carried(face, image.read(acting), at_rest, locks)

    def _read(self, picture: PictureId, resting: PictureId | None) -> tuple[Emotion, float] | None:
        at_rest = self._controller.picture(resting) if resting else None
        return self._faces.read(self._controller.picture(picture), at_rest)

    async def look_at_all(self, places: Sequence[Place]) -> dict[Place, Landmarks]:
        """The best face on each drawing that has one; what was found before a cancel counts.

        Raises:
            GenAniError: a picture is missing, or faces cannot be found here.
        """
        found: dict[Place, Landmarks] = {}
        self._on_demand, self._stop = True, False
        try:
            for number, place in enumerate(places):
                self.progressed.emit(number, len(places))
                faces = await self.look(place)
                if self._stop:
                    break
                if faces:
                    found[place] = faces[0]
        finally:
            self._on_demand = False
            self.progressed.emit(0, 0)
        return found

    def cancel(self) -> None:
        """Look at no more drawings than the one that is being looked at."""
        self._stop = True

    def edit(self, found: dict[Place, Landmarks]) -> Batch | None:
        """What puts faces on their drawings; those that have changed meanwhile are left out."""
        edits = [
            SetLandmarks(place.layer, place.drawing, landmarks)
            for place, landmarks in found.items()
            if self._is_there(place)
        ]
        return Batch(tuple(edits)) if edits else None

    def shut(self) -> None:
        """End the thread and the process that finds faces; what was asked is given up."""
        self._stop = True
        self._faces.close()
        self._lane.close()

    # By itself.

    @Slot(object)
    def _scene_changed(self, change: SceneChange) -> None:
        self._change = change
        self._changes += 1

    @Slot(object)
    def _edit_applied(self, edit: object) -> None:
        # Undo, redo and opening a file change the scene too, but are no edits.
        del edit
        change, self._change = self._change, None
        if change is None or not self._session.settings.find_faces:
            return
        places = [place for place in _new_keys(change) if not self._known(place)]
        if 0 < len(places) <= MOST_AT_ONCE:
            task = self._session.start(self._look_by_itself(places))
            self._by_itself.add(task)
            task.add_done_callback(self._by_itself.discard)

    async def _look_by_itself(self, places: Sequence[Place]) -> None:
        changes = self._changes
        try:
            if not await self._lane.run(self._faces.installed):
                return
            found: dict[Place, Landmarks] = {}
            for place in places:
                faces = await self.look(place)
                if faces and faces[0].confidence >= SURE:
                    found[place] = faces[0]
        except GenAniError:
            # Nobody asked; whoever does is told.
            return
        self._put(found, joined=self._changes == changes)

    def _put(self, found: dict[Place, Landmarks], joined: bool) -> None:
        free = {place: each for place, each in found.items() if not self._face_on(place)}
        edit = self.edit(free)
        if edit is None:
            return
        if self._controller.undo_stack.canRedo():
            # A step now would throw away what can be made again; the next look finds them.
            self._looked -= {(place.drawing, place.picture) for place in free}
        elif joined:
            self._controller.extend(edit, self.tr("find faces"))
        else:
            self._controller.do(edit, self.tr("find faces"))

    def _known(self, place: Place) -> bool:
        return (place.drawing, place.picture) in self._looked

    def _is_there(self, place: Place) -> bool:
        drawing = self._drawing(place)
        return drawing is not None and drawing.picture == place.picture

    def _face_on(self, place: Place) -> bool:
        drawing = self._drawing(place)
        return drawing is not None and drawing.landmarks is not None

    def _drawing(self, place: Place) -> Drawing | None:
        try:
            return self._controller.scene.layer(place.layer).drawings.get(place.drawing)
        except SceneError:
            return None

    def _find(
        self, picture: PictureId, box: Box | None, near: Landmarks | None
    ) -> Sequence[Landmarks]:
        if self._stop and self._on_demand:
            raise Cancelled
        return self._faces.find(self._controller.picture(picture), box, near)


def key_places(layer: Layer) -> Iterable[Place]:
    """The drawings on the keys and breakdowns of a layer, each once, in order of frame."""
    drawings = (cell.drawing for cell in layer.cells if cell.kind.anchor and cell.drawing)
    for drawing in dict.fromkeys(drawings):
        yield Place(layer.id, drawing, layer.drawings[drawing].picture)


def _new_keys(change: SceneChange) -> list[Place]:
    """Drawings without a face that an edit put on keys, or whose keys it joined by a span."""
    found: list[Place] = []
    before = {layer.id: layer for layer in change.before.layers}
    for layer in change.after.layers:
        was = before.get(layer.id)
        if was is layer or layer.locked:
            continue
        joined = _joined(layer, {span.id for span in was.spans} if was else set())
        for place in key_places(layer):
            drawing = layer.drawings[place.drawing]
            old = was.drawings.get(place.drawing) if was else None
            fresh = old is None or old.picture != drawing.picture or place.drawing in joined
            if fresh and drawing.landmarks is None:
                found.append(place)
    return found


def _joined(layer: Layer, known: set[str]) -> set[str | None]:
    """Drawings on the keys of the spans that are new."""
    spans = [span for span in layer.spans if span.id not in known]
    return {layer.cell(key).drawing for span in spans for key in (span.first, span.last)}
