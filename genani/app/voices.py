"""Listening to recordings behind the window, on a thread of their own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genani.app.threads import GuiCalls, Lane
from genani.media import lipsync_files, lipsync_voice
from genani.scene.acting import MouthCue
from genani.scene.errors import Cancelled

if TYPE_CHECKING:
    from genani.app.session import Session


_SOUNDS = frozenset({".wav", ".mp3", ".ogg", ".flac", ".m4a", ".aac", ".opus"})


class Voices(QObject):
    """Hears mouth shapes in recordings, and reads them from lip-sync files.

    Signals:
        busy_changed: something is heard (True), or no more.
    """

    busy_changed = Signal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._lane = Lane("genani-voice")
        self._calls = GuiCalls(self)
        self._stop = False
        self.busy = False

    def recorded(self, path: Path) -> bool:
        """True for a recording, which has to be listened to; False for a lip-sync file."""
        return not lipsync_files.readable(path)

    def speaks(self, path: Path) -> bool:
        """True for a file of a voice alone: lip sync or sound, no pictures."""
        return lipsync_files.readable(path) or path.suffix.lower() in _SOUNDS

    async def load(
        self, path: Path, start: int, script: str = "", english: bool = True
    ) -> tuple[MouthCue, ...]:
        """Mouth shapes at the scene's rate, each held as long as the settings ask.

        Args:
            path: a lip-sync file or a recording.
            start: the frame on which the voice begins.
            script: what is said in a recording; may be empty.
            english: it is said in English.

        Raises:
            GenAniError: the file cannot be read.
            Cancelled: it was cancelled.
        """
        rate, hold = self._session.controller.scene.rate, self._session.settings.mouth_hold
        self._stop = False
        self._become(True)
        try:
            return await self._lane.run(
                partial(
                    lipsync_voice.load,
                    path,
                    rate,
                    hold,
                    start=start,
                    script=script,
                    english=english,
                    progress=self._progressed,
                )
            )
        finally:
            self._become(False)
            self._session.busy.emit("")

    def cancel(self) -> None:
        """Stop listening at the next step."""
        self._stop = True

    def shut(self) -> None:
        """End the thread; what is being heard is given up."""
        self._stop = True
        self._lane.close()
        self._calls.close()

    def _become(self, busy: bool) -> None:
        self.busy = busy
        self.busy_changed.emit(busy)

    def _progressed(self, share: float, text: str) -> None:
        if self._stop:
            raise Cancelled
        told = self.tr("{0}: {1} %").format(text, round(100 * share))
        self._calls.call(lambda: self.busy and self._session.busy.emit(told))
