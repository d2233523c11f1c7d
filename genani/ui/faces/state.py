"""Says whether the face of a span can be followed, and offers what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from genani.app.guidance_commands import KeyFace
from genani.scene.face import Landmarks, LandmarkSource
from genani.ui.icons import draw_icon
from genani.ui.timeline.marks import BREAKDOWN

if TYPE_CHECKING:
    from genani.app.session import Session


class _Sign(QWidget):
    """A small warning sign that is not pressed."""

    @override
    def sizeHint(self) -> QSize:
        return QSize(18, 18)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        colour = BREAKDOWN if dark else self.palette().color(QPalette.ColorRole.Accent)
        draw_icon(painter, "warning", QRectF(0, 0, 18, 18), colour)
        painter.end()


class Notice(QWidget):
    """A sentence with a sign, and buttons below it for what can be done about it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._text = QLabel()
        self._text.setObjectName(f"{name}-text")
        self._text.setWordWrap(True)
        sign = _Sign()
        sign.setFixedSize(sign.sizeHint())
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._text, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(26, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addLayout(self._buttons)

    def add(self, button: QPushButton) -> None:
        """Offer something."""
        self._buttons.addWidget(button)

    def say(self, text: str) -> None:
        """Show a sentence; nothing at all where it is empty."""
        self._text.setText(text)
        self.setVisible(bool(text))


class FaceState(QWidget):
    """What is known of the face on the keys of the span, and whether its engine follows it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face-state")
        self._session = session
        self._known = QLabel()
        self._known.setObjectName("face-known")
        self._known.setWordWrap(True)
        self._known.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._missing = Notice("face-missing")
        find = QPushButton(self.tr("Find faces"))
        find.setObjectName("face-find")
        find.clicked.connect(self._find)
        pins = QPushButton(self.tr("Place pins"))
        pins.setObjectName("face-pins")
        pins.clicked.connect(self._place)
        self._missing.add(find)
        self._missing.add(pins)
        self._engine = Notice("face-engine")
        self._choose = QPushButton(self.tr("Let GenAni choose the engine"))
        self._choose.setObjectName("face-choose")
        self._choose.clicked.connect(lambda: session.guidance.draw_with("auto"))
        self._engine.add(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._known, self._missing, self._engine):
            column.addWidget(widget)

    def refresh(self) -> None:
        """Look at the span that is meant now."""
        found = self._session.guidance.target()
        if found is None:
            return
        keys = self._session.guidance.faces()
        missing = [key for key in keys if key.landmarks is None]
        self._known.setVisible(not missing)
        self._known.setText(self._sources(keys))
        engine = found[1].settings.engine
        words = self._session.guidance.takes_words(engine)
        self._missing.say("" if words else self._absent(missing))
        self._show_engine(engine)

    def _sources(self, keys: tuple[KeyFace, ...]) -> str:
        told = (
            self.tr("key {0} {1}").format(key.cell.frame, self._source(key.landmarks))
            for key in keys
            if key.landmarks
        )
        return self.tr("Faces: {0}").format(", ".join(told))

    def _source(self, landmarks: Landmarks) -> str:
        if landmarks.source is LandmarkSource.HAND:
            return self.tr("by hand")
        return self.tr("found ({0} %)").format(round(100 * landmarks.confidence))

    def _absent(self, missing: list[KeyFace]) -> str:
        if not missing:
            return ""
        frames = [key.cell.frame for key in missing]
        if len(frames) > 1:
            text = self.tr("No face is marked on keys {0} and {1} yet.").format(*frames)
        else:
            text = self.tr("No face is marked on key {0} yet.").format(*frames)
        return self.tr("{0} Emotions and lanes are drawn once both keys have one.").format(text)

    def _show_engine(self, engine: str) -> None:
        follows = self._session.guidance.follows
        if follows(engine):
            self._engine.say("")
            return
        helps = engine != "auto" and follows("auto")
        title = next((i.title for i in self._session.services.engines() if i.name == engine), "")
        words = self._session.guidance.takes_words(engine)
        if words:
            text = self.tr(
                "{0} is told of the emotion in words and needs no marked face; locked parts, "
                "timing and lanes are not drawn."
            )
            text = text.format(title)
        elif title:
            text = self.tr("{0} does not follow faces: emotions and lanes are not drawn.")
            text = text.format(title)
        else:
            text = self.tr("No engine that follows faces is installed: emotions are not drawn.")
        if not helps and not words:
            why = self._session.services.choice("auto", True)
            text = f"{text} {why}".strip()
        self._choose.setVisible(helps)
        self._engine.say(text)

    def _find(self) -> None:
        self._aim()
        self._session.actions.action("face-find-all").trigger()

    def _place(self) -> None:
        """Show the first key without a face, with the pins."""
        missing = [key for key in self._session.guidance.faces() if key.landmarks is None]
        self._aim()
        if missing:
            self._session.playback.seek(missing[0].cell.frame)
        action = self._session.actions.action("face-pins")
        if not action.isChecked():
            action.trigger()

    def _aim(self) -> None:
        """Make the layer of the span the active one: finding and placing mean that."""
        found = self._session.guidance.target()
        if found is not None:
            self._session.selection.set_layer(found[0].id)
