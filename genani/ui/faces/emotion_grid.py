"""Seven drawn faces to choose an emotion from."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolButton, QWidget
from typing_extensions import override

from genani.scene.face import Emotion
from genani.ui.faces.portraits import draw_face

FACE = 48
"""Side of a drawn face."""
_COLUMNS = 4
_LEAST_SHOWN = 0.25
"""A chosen emotion shows its own intensity, but never so little that it cannot be told."""


def emotion_name(emotion: Emotion) -> str:
    """What an emotion is called."""
    names = {
        Emotion.NEUTRAL: QCoreApplication.translate("Emotions", "Neutral"),
        Emotion.HAPPY: QCoreApplication.translate("Emotions", "Happy"),
        Emotion.SAD: QCoreApplication.translate("Emotions", "Sad"),
        Emotion.ANGRY: QCoreApplication.translate("Emotions", "Angry"),
        Emotion.SURPRISED: QCoreApplication.translate("Emotions", "Surprised"),
        Emotion.FEAR: QCoreApplication.translate("Emotions", "Fear"),
        Emotion.DISGUST: QCoreApplication.translate("Emotions", "Disgust"),
    }
    return names[emotion]


def portrait_colours(palette: QPalette) -> tuple[QColor, QColor]:
    """Lines and paper of a drawn face, dark on light in either theme."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return QColor("#24211e"), QColor("#d3cfc6" if dark else "#fdfcf8")


class FaceButton(QToolButton):
    """An emotion as a drawn face with its name below.

    Attributes:
        emotion: which one.
    """

    def __init__(self, emotion: Emotion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.emotion = emotion
        self._intensity = 1.0
        self.setObjectName(f"emotion-{emotion.value}")
        self.setText(emotion_name(emotion))
        self.setAccessibleName(self.text())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_intensity(self, intensity: float) -> None:
        """Draw the emotion as strong as this, 0 to 1."""
        shown = max(intensity, _LEAST_SHOWN)
        if shown != self._intensity:
            self._intensity = shown
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(FACE + 18, FACE + self.fontMetrics().height() + 14)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
            painter.setBrush(palette.color(QPalette.ColorRole.Button))
            painter.drawRoundedRect(box, 6, 6)
        elif self.underMouse() and self.isEnabled():
            painter.setBrush(palette.color(QPalette.ColorRole.Button))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            line = palette.color(QPalette.ColorRole.WindowText)
            painter.setPen(QPen(line, 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 4, 4)
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        face = QRectF((self.width() - FACE) / 2, 6, FACE, FACE)
        draw_face(painter, face, self.emotion, *portrait_colours(palette), self._intensity)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        name = QRectF(0, FACE + 7, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(name, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class _AskButton(QToolButton):
    """A face that is still open, as large as those of the emotions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emotion-ask")
        self.setText(self.tr("Suggest"))
        self.setToolTip(
            self.tr("Read the emotion off the last key of the span; a hint, not a verdict")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(FACE + 18, FACE + self.fontMetrics().height() + 14)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = palette.color(group, QPalette.ColorRole.WindowText)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        if self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Button))
            painter.drawRoundedRect(box, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 4, 4)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.4))
        face = QRectF((self.width() - FACE) / 2, 6, FACE, FACE)
        painter.drawEllipse(face.adjusted(5, 2, -5, -2))
        painter.setPen(ink)
        large = QFont(self.font())
        large.setPointSizeF(large.pointSizeF() * 1.5)
        painter.setFont(large)
        painter.drawText(face, Qt.AlignmentFlag.AlignCenter, "?")
        painter.setFont(self.font())
        name = QRectF(0, FACE + 7, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(name, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class EmotionGrid(QWidget):
    """The seven emotions, one of them chosen, and a button that asks for a suggestion.

    Signals:
        chosen: an `Emotion`, by a person.
        asked: a suggestion is wanted.
    """

    chosen = Signal(object)
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emotion-grid")
        self.setAccessibleName(self.tr("Emotion"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        group = QButtonGroup(self)
        self._buttons: dict[Emotion, FaceButton] = {}
        for place, emotion in enumerate(Emotion):
            button = FaceButton(emotion)
            group.addButton(button)
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
            button.clicked.connect(lambda _checked=False, e=emotion: self.chosen.emit(e))
            self._buttons[emotion] = button
        ask = _AskButton()
        ask.clicked.connect(self.asked)
        grid.addWidget(ask, len(Emotion) // _COLUMNS, len(Emotion) % _COLUMNS)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)

    def show_emotion(self, emotion: Emotion, intensity: float) -> None:
        """Show which emotion is felt, and how strongly."""
        self._buttons[emotion].setChecked(True)
        for each, button in self._buttons.items():
            button.show_intensity(intensity if each is emotion else 1.0)
