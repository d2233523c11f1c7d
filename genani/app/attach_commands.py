"""Verbs for attachments: pin a drawing to the face at the playhead, carry it, order it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app.import_task import ImportMode
from genani.app.messages import Level
from genani.scene.attachment import Attachment, Cover, Order, Piece, Pinned, Rigidity
from genani.scene.document import Layer, new_id
from genani.scene.edits import AddLayer, Attach, RemoveLayer
from genani.scene.errors import SceneError

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.scene.face import Landmarks
    from genani.scene.picture import Picture, PictureId


@dataclass(frozen=True)
class AttachedHere:
    """The attachment of the active layer, and the face that wears it at the playhead.

    Attributes:
        layer: whose attachment.
        attachment: what it shows.
        piece: number of the piece that is meant.
        face: None where none is known on this frame.
    """

    layer: Layer
    attachment: Attachment
    piece: int
    face: Landmarks | None

    @property
    def chosen(self) -> Piece:
        """The piece that is meant."""
        return self.attachment.pieces[self.piece]

    @property
    def drawing(self) -> Pinned:
        """Its picture and pins."""
        return self.chosen.drawing


class AttachCommands(QObject):
    """Each method is one step of the history, or says why it cannot be.

    Signals:
        changed: the attachment at the playhead, or which piece of it is meant.
        attached: a drawing was attached just now.
    """

    changed = Signal()
    attached = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._controller = session.controller
        self._services = session.services.faces.attach
        self._piece = 0
        session.actions.connect_to("attach-off", self.take_off)
        for signal in (
            session.controller.scene_changed,
            session.playback.frame_changed,
            session.selection.changed,
            session.settings_changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    def here(self) -> AttachedHere | None:
        """The attachment of the active layer; None where it has none."""
        layer = self._session.selection.active_layer()
        if layer is None or layer.attachment is None:
            return None
        worn = layer.attachment
        face = self._face_of(worn.follows)
        return AttachedHere(layer, worn, min(self._piece, len(worn.pieces) - 1), face)

    def choose(self, piece: int) -> None:
        """Mean another piece of it."""
        if piece != self._piece:
            self._piece = piece
            self.changed.emit()

    # Putting on and taking off.

    async def attach(self, path: Path) -> None:
        """Pin a picture to the face at the playhead, on a layer of its own in front of all.

        Raises:
            GenAniError: the picture cannot be read, or there is no face.
        """
        wearer, face = self._wearer()
        picture = await self._read(path)
        drawing = self._services.pinned(picture, face, self._controller.scene.size, None)
        whole = picture.size == self._controller.scene.size
        attachment = Attachment(wearer.id, (Piece(drawing),))
        layer = Layer(new_id(), path.stem, attachment=attachment)
        edit = AddLayer(layer, len(self._controller.scene.layers))
        if not self._controller.do(edit, self.tr("attach {0}").format(path.stem)):
            return
        self._piece = 0
        self._session.selection.set_layer(layer.id)
        if not whole:
            self._session.tell(
                self.tr("{0} is on the face: drag it where it belongs.").format(path.stem)
            )
        self.attached.emit()

    async def cover(self, path: Path) -> None:
        """Have a part of the face's drawing lie in front: opaque in a picture of the canvas.

        Numbered pictures of one name are one part, and each is its shape on another key: on this
        one it takes the place of the one before.

        Raises:
            GenAniError: the picture cannot be read or is of another size, or there is no face.
        """
        here = self.here()
        if here is None:
            return
        if here.face is None:
            raise SceneError(self.tr("Put the playhead on a drawing with a face first."))
        picture = await self._read(path)
        size = self._controller.scene.size
        if picture.size != size:
            text = self.tr(
                "A picture of what lies in front is as large as the canvas, {0} x {1} pixels: "
                "opaque there, transparent everywhere else."
            )
            raise SceneError(text.format(*size))
        mask = self._services.pinned(picture, here.face, size, None)
        name = _part(path)
        others = tuple(
            each
            for each in here.attachment.covers
            if (each.name, each.mask.face) != (name, mask.face)
        )
        covers = (*others, Cover(name, mask))
        text = self.tr("lay {0} behind {1}").format(here.layer.name, name)
        self._put(here, replace(here.attachment, covers=covers), text)

    def uncover(self, name: str) -> None:
        """Let a part of the face's drawing lie in front no more."""
        here = self.here()
        if here is not None:
            covers = tuple(each for each in here.attachment.covers if each.name != name)
            text = self.tr("lay {0} before {1}").format(here.layer.name, name)
            self._put(here, replace(here.attachment, covers=covers), text)

    def take_off(self) -> None:
        """Take the attachment away, with its layer where nothing else is on that."""
        here = self.here()
        if here is None:
            return
        edit = Attach(here.layer.id, None) if here.layer.cells else RemoveLayer(here.layer.id)
        self._controller.do(edit, self.tr("take off {0}").format(here.layer.name))

    # Changing it.

    def carry(
        self,
        about: tuple[float, float],
        by: tuple[float, float] = (0.0, 0.0),
        scale: float = 1.0,
        angle: float = 0.0,
        merge: str = "",
    ) -> None:
        """Wear it elsewhere on the face; see `Pinned.carried`."""
        here = self.here()
        if here is not None:
            text = self.tr("move {0}").format(here.layer.name)
            self._change(here, here.drawing.carried(about, by, scale, angle), text, merge)

    def set_order(self, order: Order) -> None:
        """Say what it lies in front of."""
        here = self.here()
        if here is not None:
            changed = replace(here.chosen, order=order)
            text = self.tr("order of {0}").format(here.layer.name)
            self._put(here, _with_piece(here, changed), text)

    def set_rigidity(self, rigidity: Rigidity) -> None:
        """Say how it gives way."""
        here = self.here()
        if here is not None:
            text = self.tr("stiffness of {0}").format(here.layer.name)
            self._change(here, replace(here.drawing, rigidity=rigidity), text)

    def set_turns(self, turns: bool) -> None:
        """Say whether it is turned in depth with the head."""
        here = self.here()
        if here is not None:
            text = self.tr("turning of {0}").format(here.layer.name)
            self._change(here, replace(here.drawing, turns=turns), text)

    # The rest.

    def picture(self, picture_id: PictureId) -> Picture:
        """The pixels of a piece.

        Raises:
            PictureError: they are missing.
        """
        return self._controller.picture(picture_id)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be used now."""
        if self._session.playback.playing:
            return
        actions, here = self._session.actions, self.here()
        actions.enable("attach", self._session.faces.view.here() is not None or here is not None)
        actions.enable("attach-place", here is not None)
        actions.enable("attach-off", here is not None)
        self.changed.emit()

    def _wearer(self) -> tuple[Layer, Landmarks]:
        """The layer whose face is meant, and that face."""
        here, worn = self._session.faces.view.here(), self.here()
        if here is not None and here.landmarks is not None:
            return here.layer, here.landmarks
        if worn is not None and worn.face is not None:
            return self._controller.scene.layer(worn.attachment.follows), worn.face
        raise SceneError(
            self.tr(
                "There is no face here yet: choose the layer of the face, put the playhead on a "
                "key, and find the face on it (Ctrl+F)."
            )
        )

    def _face_of(self, layer_id: str) -> Landmarks | None:
        scene = self._controller.scene
        wearer = next((layer for layer in scene.layers if layer.id == layer_id), None)
        if wearer is None:
            return None
        block = self._session.blocks.at(scene, wearer.id, self._session.playback.frame)
        moment = self._session.sources.face(wearer, block) if block else None
        return self._services.face(moment) if moment else None

    async def _read(self, path: Path) -> Picture:
        reading = await self._session.read_files([path], ImportMode.KEYS)
        first = next(iter(reading.drawings), None)
        if first is None:
            raise SceneError(self.tr("There is no picture in {0}.").format(path.name))
        if len(reading.drawings) > 1:
            text = self.tr("{0} moves: its first picture was taken.").format(path.name)
            self._session.tell(text, Level.WARNING)
        return first.picture

    def _change(self, here: AttachedHere, drawing: Pinned, text: str, merge: str = "") -> None:
        self._put(here, _with_piece(here, replace(here.chosen, drawing=drawing)), text, merge)

    def _put(self, here: AttachedHere, attachment: Attachment, text: str, merge: str = "") -> None:
        self._controller.do(Attach(here.layer.id, attachment), text, merge)


def _with_piece(here: AttachedHere, piece: Piece) -> Attachment:
    pieces = list(here.attachment.pieces)
    pieces[here.piece] = piece
    return replace(here.attachment, pieces=tuple(pieces))


def _part(path: Path) -> str:
    """What the part in a picture is called: the number of the key is none of its name."""
    return re.sub(r"[ ._-]*\d+$", "", path.stem) or path.stem
