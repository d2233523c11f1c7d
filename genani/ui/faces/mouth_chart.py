"""The mouth chart: nine drawn mouths to put on the lane at the playhead."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget
from typing_extensions import override

from genani.app.settings import MouthNames
from genani.scene.acting import Viseme
from genani.ui.faces.portraits import draw_mouth
from genani.ui.words import mouth_name, mouth_sounds

_COLUMNS = 5
_MOUTH = QSize(34, 22)


class MouthButton(QToolButton):
    """A mouth shape, drawn, with its name below; None is the mouth as it is drawn."""

    def __init__(self, shape: Viseme | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = shape
        self.setObjectName(f"shape-{shape.value if shape else 'none'}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(_MOUTH.width() + 14, _MOUTH.height() + self.fontMetrics().height() + 12)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        ink = palette.color(group, QPalette.ColorRole.WindowText)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() and self.isEnabled():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 2))
        if self.isEnabled() and (self.isChecked() or self.underMouse()):
            painter.setBrush(palette.color(QPalette.ColorRole.Button))
            painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), 3, 3)
        place = QRectF((self.width() - _MOUTH.width()) / 2, 5, _MOUTH.width(), _MOUTH.height())
        if self._shape is not None:
            draw_mouth(painter, place, self._shape, ink)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(ink, 1.3, Qt.PenStyle.DotLine))
            painter.drawEllipse(place.center(), 12, 5)
        painter.setPen(ink)
        name = QRectF(0, _MOUTH.height() + 5, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(name, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class MouthChart(QWidget):
    """All mouth shapes, and the mouth as it is drawn.

    Signals:
        chosen: a `Viseme` or None, by a person.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mouth-chart")
        self.setAccessibleName(self.tr("Mouth shape at the playhead"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        self._buttons: dict[Viseme | None, MouthButton] = {}
        for place, shape in enumerate((*Viseme, None)):
            button = MouthButton(shape)
            button.clicked.connect(lambda _checked=False, shape=shape: self._choose(shape))
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
            self._buttons[shape] = button
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)

    def show_mouth(self, shape: Viseme | None, names: MouthNames) -> None:
        """Show which shape is in force, and what the shapes are called."""
        for each, button in self._buttons.items():
            button.setChecked(each is shape)
            name = mouth_name(each, names) if each else self.tr("drawn")
            tip = mouth_sounds(each) if each else self.tr("The mouth as it is drawn (0)")
            button.setText(name)
            button.setToolTip(f"{each.value} – {tip}" if each else tip)
            button.setAccessibleName(tip)

    def _choose(self, shape: Viseme | None) -> None:
        # It shows what is on the lane, not what was pressed last.
        for each, button in self._buttons.items():
            button.setChecked(each is shape)
        self.chosen.emit(shape)
