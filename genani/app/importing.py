"""Importing: files are read behind the window, and what they hold is put on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genani.app import import_task
from genani.app.import_task import KEY_GAP, ImportMode, Placing, Reading
from genani.app.messages import Level
from genani.scene.time import Rate

if TYPE_CHECKING:
    from genani.app.session import Session


class Importing(QObject):
    """Reads files onto the picture shelf, and places drawings.

    Signals:
        busy: a text while files are read; empty when done.
    """

    busy = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller

    async def read(self, paths: Sequence[Path], mode: ImportMode) -> Reading:
        """Read files onto the picture shelf without placing them, for import and media bin.

        Raises:
            FileError: one of them cannot be read.
        """
        scene = self._controller.scene
        free = import_task.is_empty(scene) and scene.rate == Rate()
        rate = None if free else scene.rate

        def work() -> Reading:
            reading = import_task.read(paths, mode, rate)
            for found in reading.drawings:
                self._controller.pictures.add(found.picture)
            return reading

        self.busy.emit(self.tr("reading {0}").format(paths[0].name if paths else ""))
        try:
            return await self._session.io.run(work)
        finally:
            self.busy.emit("")

    def place(
        self,
        reading: Reading,
        layer: str | None = None,
        frame: int | None = None,
        mode: ImportMode = ImportMode.KEYS,
        every: int = KEY_GAP,
    ) -> bool:
        """Put what was read on the timeline, in one step; False if the scene refused it.

        Args:
            reading: what was read.
            layer: id of the layer; None takes the active one.
            frame: of the first drawing; None takes the playhead.
            mode: keys every few frames, or a sequence with its holds.
            every: frames from key to key.

        Raises:
            GenAniError: it does not fit there.
        """
        placing = Placing(
            layer=layer or self._session.selection.layer,
            frame=frame or self._session.playback.frame,
            mode=mode,
            every=every,
            spans=self._session.settings.open_spans,
        )
        name = self._session.commands.cells.free_name()
        edit = import_task.place(self._controller.scene, reading, placing, name)
        done = self._controller.do(edit, self.tr("import drawings"))
        self._tell(reading)
        return done

    def _tell(self, reading: Reading) -> None:
        size = self._controller.scene.size
        odd = next((f for f in reading.drawings if f.picture.size != size), None)
        if odd:
            text = self.tr("{0} is {1} × {2} pixels, the canvas {3} × {4}: it sits at the top left")
            self._session.tell(text.format(odd.name, *odd.picture.size, *size), Level.WARNING)
        if reading.filled:
            text = self.tr("Numbers that were missing and are held over: {0}")
            self._session.tell(text.format(reading.filled))
        elif reading.merged:
            text = self.tr("Repeated frames that became holds: {0}")
            self._session.tell(text.format(reading.merged))
