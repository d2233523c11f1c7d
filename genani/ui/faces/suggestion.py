"""What emotion the last key shows, read on demand and offered for the span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from genani.app.guidance_commands import Reading
from genani.scene.errors import GenAniError
from genani.scene.face import Emotion
from genani.ui.faces.emotion_grid import emotion_name

if TYPE_CHECKING:
    from genani.app.session import Session


class SuggestionRow(QWidget):
    """What was read off the last key, with a button to use it; hidden until something is asked."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestion")
        self._session = session
        self._reading: Reading | None = None
        self._asked: tuple[str, str] | None = None
        self._busy = False
        self._text = QLabel()
        self._text.setObjectName("suggestion-text")
        self._text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._use = QPushButton(self.tr("Use"))
        self._use.setObjectName("suggestion-use")
        self._use.clicked.connect(self._take)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self._use)
        # It is as high without the button, so that nothing below it moves.
        self.setMinimumHeight(self._use.sizeHint().height())
        self.refresh()

    def refresh(self) -> None:
        """Forget what was read of another span."""
        found = self._session.guidance.target()
        here = (found[0].id, found[1].id) if found else None
        if here != self._asked:
            self._asked, self._reading = here, None
            self._text.setText("")
        reading = self._reading
        feels = reading is not None and reading.emotion is not Emotion.NEUTRAL
        now = self._session.guidance.guidance().emotion
        self._use.setVisible(feels and reading is not None and reading.emotion is not now)
        self.setVisible(bool(self._text.text()))

    def ask(self) -> None:
        """Read the last key of the span; once at a time."""
        if not self._busy:
            self._busy = True
            self._session.start(self._ask())

    async def _ask(self) -> None:
        asked = self._asked
        self._text.setText(self.tr("Reading…"))
        self.refresh()
        try:
            reading = await self._session.guidance.read()
        except GenAniError:
            self._text.setText("")
            raise
        finally:
            self._busy = False
            self.refresh()
        if self._asked != asked:
            return
        self._reading = reading
        if reading is None:
            self._text.setText(self.tr("No face was found on it."))
        else:
            text = self.tr("Key {0} looks {1} ({2} %)").format(
                reading.frame,
                emotion_name(reading.emotion).lower(),
                round(100 * reading.confidence),
            )
            self._text.setText(text)
        self.refresh()

    def _take(self) -> None:
        if self._reading is not None:
            self._session.guidance.feel(self._reading.emotion)
