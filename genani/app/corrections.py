"""Correcting a drawing by hand: in the animator's own program, or with a pasted picture."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QProcess, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from genani.app.import_task import next_number
from genani.app.messages import Level
from genani.media import image
from genani.render.cache import cache_folder
from genani.scene.document import Cell, CellKind, Drawing, Exposure, Layer, new_id
from genani.scene.edits import AddDrawing, ReplaceDrawing
from genani.scene.errors import GenAniError
from genani.scene.picture import PictureId

if TYPE_CHECKING:
    from genani.app.session import Session

SETTLE_MS = 300
"""A program may write a file in several goes; it is read once it has been quiet this long."""

KEPT_SECONDS = 7 * 24 * 3600
"""Nobody still has a file open that was last saved so long ago."""

_TRIES = 10


@dataclass
class _Watched:
    """A drawing that is open in another program.

    Attributes:
        layer: id of its layer.
        frame: where it stands.
        picture: what was last written or read.
        tries: how often reading has failed since the last change.
    """

    layer: str
    frame: int
    picture: PictureId
    tries: int = 0


class Corrections(QObject):
    """Opens drawings in another program and takes them over whenever they are saved there."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._watcher = QFileSystemWatcher(self)
        self._watched: dict[Path, _Watched] = {}
        self._changed: set[Path] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._settled)
        self._watcher.fileChanged.connect(self._file_changed)
        self._watcher.directoryChanged.connect(self._folder_changed)

    @property
    def folder(self) -> Path:
        """Where the files for other programs lie."""
        return cache_folder().parent / "corrections"

    def open_outside(self) -> None:
        """Open the meant drawing in the program of the settings, or the system's choice."""
        here = self._session.commands.cells.block()
        if here is None or (here[1].cell and here[1].cell.drawing is None):
            self._session.tell(self.tr("Put the playhead on a drawing to correct it."))
            return
        self._session.start(self._open_outside(*here))

    async def _open_outside(self, layer: Layer, block: Exposure) -> None:
        path = await self.export(layer, block)
        editor = self._session.settings.external_editor
        if editor:
            started = QProcess.startDetached(editor, [str(path)])
            done = started[0] if isinstance(started, tuple) else started
        else:
            done = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        if not done:
            text = self.tr("No program could be started; the drawing is here: {0}")
            self._session.tell(text.format(path), Level.WARNING)

    async def export(self, layer: Layer, block: Exposure) -> Path:
        """Write the drawing of a block as a PNG and watch it; saving it corrects the drawing.

        Raises:
            GenAniError: it is not drawn yet, or the file cannot be written.
        """
        drawing = await self._session.generated.shown(layer, block)
        name = f"{_plain(layer.name)}_{block.frame:04d}_{new_id()}.png"
        path = self.folder / name
        picture = self._session.controller.picture

        def write() -> None:
            self._sweep()
            image.write_png(picture(drawing.picture), path)

        await self._session.io.run(write)
        self._watched[path] = _Watched(layer.id, block.frame, drawing.picture)
        self._watcher.addPaths([str(path), str(path.parent)])
        return path

    def correct(self, layer_id: str, block: Exposure, picture: PictureId) -> bool:
        """Put a picture in place of what a block shows, as a hand's correction.

        A generated in-between becomes a cell of the layer.
        """
        layer = self._session.controller.scene.layer(layer_id)
        text = self.tr("correct drawing")
        if block.cell is not None and block.cell.drawing is not None:
            was = layer.drawings[block.cell.drawing]
            now = replace(was, picture=picture, corrected=was.take is not None)
            return self._session.controller.do(ReplaceDrawing(layer_id, block.cell.id, now), text)
        take = self._session.sources.take(layer, block.span) if block.span else None
        drawing = Drawing(
            new_id(), picture, next_number(layer), take=take, t=block.t, corrected=True
        )
        cell = Cell(new_id(), block.frame, drawing.id, CellKind.INBETWEEN)
        return self._session.controller.do(AddDrawing(layer_id, cell, drawing), text)

    def shut(self) -> None:
        """Stop watching; the files stay, for they may still be open elsewhere."""
        self._timer.stop()
        watching = [*self._watcher.files(), *self._watcher.directories()]
        if watching:
            self._watcher.removePaths(watching)
        self._watched.clear()

    def _sweep(self) -> None:
        """Remove the files of long ago."""
        with suppress(OSError):
            for path in self.folder.glob("*.png"):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()

    @Slot(str)
    def _file_changed(self, name: str) -> None:
        self._changed.add(Path(name))
        self._timer.start()

    @Slot(str)
    def _folder_changed(self, _name: str) -> None:
        # Programs that save by renaming replace the file, and the watch on it ends.
        lost = set(self._watched) - {Path(name) for name in self._watcher.files()}
        self._changed |= lost
        if lost:
            self._timer.start()

    @Slot()
    def _settled(self) -> None:
        changed, self._changed = self._changed, set()
        for path in changed & self._watched.keys():
            self._session.start(self._reload(path))

    async def _reload(self, path: Path) -> None:
        watched = self._watched[path]
        if not path.exists():
            return
        self._watcher.addPath(str(path))

        def read() -> PictureId:
            return self._session.controller.pictures.add(image.read(path))

        try:
            picture = await self._session.io.run(read)
        except GenAniError:
            # Half written: the program is still at it.
            watched.tries += 1
            if watched.tries > _TRIES:
                watched.tries = 0
                raise
            self._changed.add(path)
            self._timer.start()
            return
        watched.tries = 0
        if picture != watched.picture:
            watched.picture = picture
            self._take_over(watched, picture)

    def _take_over(self, watched: _Watched, picture: PictureId) -> None:
        scene = self._session.controller.scene
        block = None
        if any(layer.id == watched.layer for layer in scene.layers):
            block = self._session.blocks.at(scene, watched.layer, watched.frame)
        if block is None or block.frame != watched.frame:
            text = self.tr("The corrected drawing is no longer on frame {0}.")
            self._session.tell(text.format(watched.frame), Level.WARNING)
            return
        self.correct(watched.layer, block, picture)


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in name)[:40] or "layer"
