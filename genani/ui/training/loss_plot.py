"""How a training goes: the loss on what it learns from, and the figures on what was held back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

Curve = Sequence[tuple[int, float]]

TRAIN = QColor("#4c8dd6")
HELD = QColor("#e0913a")

_MARGIN = 34
_LEGEND = 28
"""Room above the curves for what they are, so that neither covers the other."""

_SMOOTH = 0.8
"""Share of the running mean that stays from point to point: single batches jump."""


class LossPlot(QWidget):
    """Two curves over the steps, each on a scale of its own: lower is better."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loss-plot")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)
        self._train: Curve = ()
        self._held: Curve = ()
        self._steps = 1

    @override
    def sizeHint(self) -> QSize:
        return QSize(420, 180)

    def show_curves(self, train: Curve, held: Curve, steps: int) -> None:
        """Show other curves, over so many steps."""
        self._train, self._held = train, held
        self._steps = max([steps, 1, *(step for step, _ in (*train[-1:], *held[-1:]))])
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        box = QRectF(self.rect()).adjusted(_MARGIN, _LEGEND, -10, -_MARGIN + 8)
        faint = QColor(self.palette().color(QPalette.ColorRole.Text))
        faint.setAlpha(70)
        painter.setPen(QPen(faint, 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.drawLine(box.bottomLeft(), box.topLeft())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        below = QRectF(box.left(), box.bottom() + 4, box.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, str(self._steps))
        self._draw(painter, box, self._train, QPen(_pale(TRAIN), 1))
        self._draw(painter, box, _smoothed(self._train), QPen(TRAIN, 2))
        self._draw(painter, box, self._held, QPen(HELD, 2), dots=True)
        self._legend(painter, box)
        painter.end()

    def _legend(self, painter: QPainter, box: QRectF) -> None:
        row = QRectF(box.left(), 4, box.width(), _LEGEND - 8)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        texts = (self.tr("loss on your clips"), self.tr("distance on held-back clips"))
        told = zip(sides, (TRAIN, HELD), texts, (self._train, self._held), strict=True)
        for side, colour, text, curve in told:
            painter.setPen(colour)
            value = f"  {curve[-1][1]:.4g}" if curve else ""
            painter.drawText(row, side, text + value)

    def _draw(
        self, painter: QPainter, box: QRectF, curve: Curve, pen: QPen, dots: bool = False
    ) -> None:
        if not curve:
            return
        # The curve's own scale: a loss and a distance are not the same thing.
        whole = self._train if pen.color().rgb() != HELD.rgb() else self._held
        low, high = min(value for _, value in whole), max(value for _, value in whole)
        room = (high - low) or abs(high) or 1.0
        points = [
            QPointF(
                box.left() + box.width() * step / self._steps,
                box.bottom() - box.height() * (0.06 + 0.88 * (value - low) / room),
            )
            for step, value in curve
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        if dots:
            painter.setBrush(pen.color())
            for point in points:
                painter.drawEllipse(point, 2.5, 2.5)


def _smoothed(curve: Curve) -> Curve:
    mean: float | None = None
    result = []
    for step, value in curve:
        mean = value if mean is None else _SMOOTH * mean + (1 - _SMOOTH) * value
        result.append((step, mean))
    return result


def _pale(colour: QColor) -> QColor:
    pale = QColor(colour)
    pale.setAlpha(90)
    return pale
