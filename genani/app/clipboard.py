"""Cut, copy and paste: drawings of the timeline, and pictures from anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QByteArray, QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage

from genani.app.images import from_image, to_image
from genani.app.import_task import Found, ImportMode, Reading, next_number
from genani.app.messages import Level
from genani.scene.document import Cell, Drawing, Layer, new_id
from genani.scene.edits import AddDrawing, AnyEdit, Batch, CopyCells, DeleteCells, ReplaceDrawing
from genani.scene.errors import GenAniError, SceneError
from genani.scene.picture import Picture
from genani.scene.record import from_json, to_json

if TYPE_CHECKING:
    from genani.app.session import Session

CELLS = "application/x-genani-cells+json"
"""MIME type of copied cells, also for dragging them."""


class CopiedCell(msgspec.Struct, frozen=True):
    """A copied cell.

    Attributes:
        layer: id of the layer it was on.
        cell: as it was.
        drawing: what it shows; None for an empty exposure.
    """

    layer: str
    cell: Cell
    drawing: Drawing | None = None


class CopiedCells(msgspec.Struct, frozen=True):
    """What is on the clipboard or being dragged.

    Attributes:
        frame: the one that pasting puts on the playhead.
        cells: in order.
    """

    frame: int
    cells: tuple[CopiedCell, ...]


def pack(scene_layers: tuple[Layer, ...], chosen: frozenset[str], frame: int = 0) -> CopiedCells:
    """The chosen cells of these layers; `frame` 0 takes the first one's."""
    cells = tuple(
        CopiedCell(layer.id, cell, layer.drawings[cell.drawing] if cell.drawing else None)
        for layer in scene_layers
        for cell in layer.cells
        if cell.id in chosen
    )
    return CopiedCells(frame or min((c.cell.frame for c in cells), default=1), cells)


def unpack(data: bytes) -> CopiedCells:
    """What `to_json` made of copied cells.

    Raises:
        SceneError: it is something else.
    """
    return from_json(data, CopiedCells)


def mime_of(copied: CopiedCells) -> QMimeData:
    """Cells for the clipboard or a drag."""
    mime = QMimeData()
    mime.setData(CELLS, QByteArray(to_json(copied)))
    return mime


class CellClipboard(QObject):
    """The clipboard of the system, for cells and pictures."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._holds = False

    def copy(self) -> None:
        """Copy the meant drawings, and the picture of the first for other programs."""
        self._session.start(self._copy())

    async def _copy(self) -> None:
        copied = self._meant()
        if not copied.cells:
            return
        mime = mime_of(copied)
        first = next((c.drawing for c in copied.cells if c.drawing), None)
        if first:
            picture = await self._session.io.run(self._controller.picture, first.picture)
            mime.setImageData(to_image(picture))
        QGuiApplication.clipboard().setMimeData(mime)
        self._holds = True

    def shut(self) -> None:
        """Leave the picture alone on the clipboard: cells of a closed scene are of no use.

        And Qt crashes at the end of the program over a clipboard that a Python object fills.
        """
        clipboard = QGuiApplication.clipboard()
        mime = clipboard.mimeData() if self._holds else None
        if mime is not None and mime.hasFormat(CELLS):
            image = clipboard.image()
            clipboard.clear()
            if not image.isNull():
                clipboard.setImage(image)
        self._holds = False

    def cut(self) -> None:
        """Copy the meant drawings and take them off."""
        self._session.start(self._cut())

    async def _cut(self) -> None:
        copied = self._meant()
        await self._copy()
        with self._controller.step(self.tr("cut drawings")):
            for layer in {c.layer for c in copied.cells}:
                ids = tuple(c.cell.id for c in copied.cells if c.layer == layer)
                self._controller.do(DeleteCells(layer, ids), self.tr("cut drawings"))

    def paste(self) -> None:
        """Paste cells at the playhead; a picture corrects an in-between, or becomes a key."""
        # Qt says that it is never None; an empty clipboard is, on some platforms.
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()
        if mime.hasFormat(CELLS):
            try:
                copied = unpack(bytes(mime.data(CELLS).data()))
            except SceneError as error:
                self._session.tell(str(error), Level.WARNING)
                return
            self._session.start(self._paste_cells(copied))
        elif mime.hasImage():
            image = QGuiApplication.clipboard().image()
            self._session.start(self.paste_image(image))
        else:
            self._session.tell(self.tr("The clipboard holds neither drawings nor a picture."))

    async def paste_image(self, image: QImage) -> None:
        """Put a picture where the playhead is.

        Raises:
            GenAniError: it cannot be used, or does not fit there.
        """

        def take_in() -> Picture:
            picture = from_image(image)
            self._controller.pictures.add(picture)
            return picture

        picture = await self._session.io.run(take_in)
        here = self._session.commands.cells.block()
        if here and here[1].span and not here[1].kind.anchor:
            self._session.corrections.correct(here[0].id, here[1], picture.id)
            return
        found = Found(picture, self._controller.scene.exposure, self.tr("pasted"))
        reading = Reading((found,), self._controller.scene.rate)
        self._session.place(reading, mode=ImportMode.KEYS)

    async def _paste_cells(self, copied: CopiedCells) -> None:
        missing = await self._session.io.run(self._missing, copied)
        if missing:
            text = self.tr("These drawings were copied from another scene that is not open here.")
            image = QGuiApplication.clipboard().image()
            if image.isNull():
                self._session.tell(text, Level.WARNING)
            else:
                await self.paste_image(image)
            return
        by = self._session.playback.frame - copied.frame
        self.put(copied, by, self.tr("paste drawings"))

    def put(self, copied: CopiedCells, by: int, text: str) -> bool:
        """Expose copied cells `by` frames later than they were; what stands there is replaced."""
        sources = {c.layer for c in copied.cells}
        known = {layer.id for layer in self._controller.scene.layers}
        active = self._session.selection.layer
        edits: list[AnyEdit] = []
        fresh: list[str] = []
        for source in sources:
            # One layer's drawings go to the active layer, those of several stay on theirs.
            target = active if len(sources) == 1 or source not in known else source
            if target is None:
                continue
            mine = [c for c in copied.cells if c.layer == source]
            for edit, cell_id in self._edits(self._controller.scene.layer(target), mine, by):
                edits.append(edit)
                fresh.append(cell_id)
        done = bool(edits) and self._controller.do(Batch(tuple(edits)), text)
        if done:
            self._session.selection.select_cells(fresh)
        return done

    def _edits(self, layer: Layer, cells: list[CopiedCell], by: int) -> list[tuple[AnyEdit, str]]:
        edits: list[tuple[AnyEdit, str]] = []
        number = next_number(layer)
        for copied in cells:
            frame = max(copied.cell.frame + by, 1)
            cell = replace(copied.cell, id=new_id(), frame=frame)
            drawing = copied.drawing
            if drawing is None or drawing.id in layer.drawings:
                edits.append((CopyCells(layer.id, (cell,), overwrite=True), cell.id))
                continue
            drawing = replace(drawing, id=new_id(), number=number)
            number += 1
            there = layer.cell_on(frame)
            if there:
                edits.append((ReplaceDrawing(layer.id, there.id, drawing), there.id))
            else:
                cell = replace(cell, drawing=drawing.id)
                edits.append((AddDrawing(layer.id, cell, drawing), cell.id))
        return edits

    def _meant(self) -> CopiedCells:
        targets = self._session.commands.cells.targets()
        ids = frozenset(cell.id for cells in targets.values() for cell in cells)
        return pack(self._controller.scene.layers, ids)

    def _missing(self, copied: CopiedCells) -> bool:
        try:
            for cell in copied.cells:
                if cell.drawing:
                    self._controller.picture(cell.drawing.picture)
        except GenAniError:
            return True
        return False
