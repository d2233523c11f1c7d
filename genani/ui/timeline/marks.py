"""The marks of the timeline: what a cell is shows by its shape first, its colour second."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from genani.scene.document import CellKind

KEY, BREAKDOWN, INBETWEEN = QColor("#f2f0ea"), QColor("#f2b04a"), QColor("#9fb8d0")
GENERATED, CORRECTED, ERROR = QColor("#8fd0a0"), QColor("#8fd0a0"), QColor("#e8705a")


def diamond(centre: QPointF, radius: float) -> QPolygonF:
    """A square on its corner."""
    x, y = centre.x(), centre.y()
    return QPolygonF(
        [
            QPointF(x, y - radius),
            QPointF(x + radius, y),
            QPointF(x, y + radius),
            QPointF(x - radius, y),
        ]
    )


def draw_mark(
    painter: QPainter, kind: CellKind, centre: QPointF, radius: float, corrected: bool = False
) -> None:
    """Draw the sign of a cell.

    Filled diamond: key. Half-filled diamond: breakdown. Dot: in-between. Ring: generated.
    Dot with a bar: corrected by hand.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if kind is CellKind.KEY:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(KEY)
        painter.drawPolygon(diamond(centre, radius))
    elif kind is CellKind.BREAKDOWN:
        painter.setPen(QPen(BREAKDOWN, 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(diamond(centre, radius))
        painter.setClipRect(
            QRectF(centre.x() - radius - 1, centre.y() - radius - 1, radius + 1, 99)
        )
        painter.setBrush(BREAKDOWN)
        painter.drawPolygon(diamond(centre, radius))
    elif kind is CellKind.GENERATED:
        painter.setPen(QPen(GENERATED, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius * 0.68, radius * 0.68)
    else:
        colour = CORRECTED if corrected else INBETWEEN
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius * 0.68, radius * 0.68)
        if corrected:
            painter.setPen(QPen(colour, 1.8))
            bottom = centre.y() + radius
            painter.drawLine(
                QPointF(centre.x() - radius * 0.8, bottom),
                QPointF(centre.x() + radius * 0.8, bottom),
            )
    painter.restore()


def draw_error(painter: QPainter, centre: QPointF, radius: float) -> None:
    """Draw the warning triangle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ERROR)
    x, y = centre.x(), centre.y()
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(x, y - radius),
                QPointF(x + radius, y + radius * 0.8),
                QPointF(x - radius, y + radius * 0.8),
            ]
        )
    )
    painter.restore()


_STATES: dict[str, tuple[str, Qt.BrushStyle]] = {
    # Patterns differ too, so that nobody needs to see colours.
    "stale": ("#c98f2e", Qt.BrushStyle.BDiagPattern),
    "queued": ("#8a8c92", Qt.BrushStyle.FDiagPattern),
    "running": ("#6aa7dc", Qt.BrushStyle.Dense5Pattern),
    "done": ("#6f9f7c", Qt.BrushStyle.SolidPattern),
    "failed": ("#e8705a", Qt.BrushStyle.DiagCrossPattern),
}


def state_brush(state: str) -> QBrush:
    """The filling of a span's strip: amber hatch stale, grey hatch queued, solid done, ..."""
    colour, pattern = _STATES.get(state, _STATES["stale"])
    return QBrush(QColor(colour), pattern)


def state_colour(state: str) -> QColor:
    """The colour of a span's state."""
    return QColor(_STATES.get(state, _STATES["stale"])[0])
