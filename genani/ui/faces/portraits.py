"""Small drawings of a face in each emotion and of each mouth shape, in lines of any size."""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from genani.scene.acting import Viseme
from genani.scene.face import Emotion


@dataclass(frozen=True)
class _Look:
    """What the lines of a face do; 0 is at rest but for sizes, which are 1.

    Attributes:
        inner, outer: ends of the brows, up (+) or down.
        lid: how high the upper lid stands.
        squint: how far the lower lid is raised.
        corner: corners of the mouth, up (+) or down.
        open: how far the jaw hangs.
        width: of the mouth.
        sneer: upper lip and nose drawn up.
    """

    inner: float = 0.0
    outer: float = 0.0
    lid: float = 1.0
    squint: float = 0.0
    corner: float = 0.0
    open: float = 0.0
    width: float = 1.0
    sneer: float = 0.0

    def towards(self, other: _Look, share: float) -> _Look:
        """A face on the way from this one to another."""
        ways = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(_Look))
        return _Look(*(one + share * (two - one) for one, two in ways))


_REST = _Look()
_LOOKS = {
    Emotion.NEUTRAL: _REST,
    Emotion.HAPPY: _Look(0.15, 0.1, 0.95, 0.85, 1.0, 0.42, 1.25),
    Emotion.SAD: _Look(0.95, -0.55, 0.62, 0.1, -0.95, 0.0, 0.85),
    Emotion.ANGRY: _Look(-1.0, 0.55, 0.7, 0.35, -0.45, 0.0, 1.05),
    Emotion.SURPRISED: _Look(0.95, 0.95, 1.5, -0.25, 0.0, 1.0, 0.62),
    Emotion.FEAR: _Look(1.1, 0.1, 1.4, -0.15, -0.55, 0.45, 1.15),
    Emotion.DISGUST: _Look(-0.6, 0.1, 0.6, 0.75, -0.6, 0.1, 0.95, 1.0),
}


def draw_face(
    painter: QPainter,
    box: QRectF,
    emotion: Emotion,
    ink: QColor,
    paper: QColor,
    intensity: float = 1.0,
) -> None:
    """Draw a face that feels something.

    Args:
        painter: what to draw with.
        box: where; the face fills its shorter side.
        emotion: what it feels.
        ink, paper: the lines, and what is between them.
        intensity: 0, at rest, to 1.
    """
    look = _REST.towards(_LOOKS[emotion], intensity)
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center())
    painter.scale(side / 2, side / 2)
    # No thinner than can be seen where the face is small.
    line = max(0.07, 1.5 / (side / 2))
    painter.setPen(QPen(ink, line * 0.85))
    painter.setBrush(paper)
    painter.drawPath(_head(look))
    pen = QPen(ink, line)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    for side_of_face in (-1.0, 1.0):
        _eye(painter, side_of_face, look, pen)
        _brow(painter, side_of_face, look, ink, line)
    _nose(painter, look, ink, line)
    painter.setPen(pen)
    _mouth(painter, look)
    painter.restore()


def _head(look: _Look) -> QPainterPath:
    chin = 0.9 + 0.06 * look.open
    path = QPainterPath(QPointF(-0.8, -0.12))
    path.cubicTo(QPointF(-0.8, -0.72), QPointF(-0.42, -0.95), QPointF(0, -0.95))
    path.cubicTo(QPointF(0.42, -0.95), QPointF(0.8, -0.72), QPointF(0.8, -0.12))
    path.cubicTo(QPointF(0.8, 0.42), QPointF(0.46, chin), QPointF(0, chin))
    path.cubicTo(QPointF(-0.46, chin), QPointF(-0.8, 0.42), QPointF(-0.8, -0.12))
    return path


def _eye(painter: QPainter, side: float, look: _Look, pen: QPen) -> None:
    x, y, half = 0.34 * side, -0.12, 0.19
    up, low = 0.3 * look.lid, 0.22 * (1 - 1.75 * look.squint)
    path = QPainterPath(QPointF(x - half, y))
    path.quadTo(QPointF(x, y - up), QPointF(x + half, y))
    path.quadTo(QPointF(x, y + low), QPointF(x - half, y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#fbfaf5"))
    painter.drawPath(path)
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setBrush(QColor("#1c1b1a"))
    painter.drawEllipse(QPointF(x, y - 0.01), 0.09, 0.1)
    painter.restore()
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _brow(painter: QPainter, side: float, look: _Look, ink: QColor, line: float) -> None:
    pen = QPen(ink, line * 1.45)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = QPointF((0.15 + 0.02 * look.inner) * side, -0.42 - 0.16 * look.inner)
    outer = QPointF(0.56 * side, -0.4 - 0.16 * look.outer)
    arch = QPointF(0.38 * side, (inner.y() + outer.y()) / 2 - 0.1)
    path = QPainterPath(inner)
    path.quadTo(arch, outer)
    painter.drawPath(path)


def _nose(painter: QPainter, look: _Look, ink: QColor, line: float) -> None:
    pen = QPen(ink, line * 0.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    y = 0.2 - 0.05 * look.sneer
    path = QPainterPath(QPointF(-0.05, y))
    path.quadTo(QPointF(0, y + 0.06), QPointF(0.06, y))
    painter.drawPath(path)
    if look.sneer > 0.3:
        for side in (-1.0, 1.0):
            painter.drawLine(QPointF(0.09 * side, -0.02), QPointF(0.15 * side, 0.07))
            painter.drawLine(QPointF(0.2 * side, 0.16), QPointF(0.28 * side, 0.34))


def _mouth(painter: QPainter, look: _Look) -> None:
    y, half = 0.5 - 0.04 * look.open, 0.34 * look.width
    ends = y - 0.11 * look.corner
    top = y + 0.16 * look.corner - 0.12 * look.open - 0.2 * look.sneer
    bottom = y + 0.22 * look.corner + 0.5 * look.open + 0.06 * look.sneer
    left, right = QPointF(-half, ends), QPointF(half, ends)
    path = QPainterPath(left)
    path.quadTo(QPointF(0, top), right)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if look.open > 0.04:
        path.cubicTo(QPointF(half * 0.8, bottom), QPointF(-half * 0.8, bottom), left)
        painter.setBrush(QColor("#5a2f2c"))
    painter.drawPath(path)


@dataclass(frozen=True)
class _Shape:
    """A mouth: half width and half height of the opening, teeth, and tongue, in shares."""

    width: float
    height: float
    teeth: str = ""
    tongue: bool = False


_SHAPES = {
    Viseme.A: _Shape(0.62, 0.0),
    Viseme.B: _Shape(0.7, 0.2, "both"),
    Viseme.C: _Shape(0.7, 0.42, "top"),
    Viseme.D: _Shape(0.72, 0.78, "top"),
    Viseme.E: _Shape(0.5, 0.5),
    Viseme.F: _Shape(0.26, 0.26),
    Viseme.G: _Shape(0.62, 0.2, "lip"),
    Viseme.H: _Shape(0.66, 0.55, "top", tongue=True),
    Viseme.X: _Shape(0.52, 0.0),
}

OPENNESS = {shape: made.height for shape, made in _SHAPES.items()}
"""How far each mouth shape stands open, 0 to 1."""


def draw_mouth(painter: QPainter, box: QRectF, shape: Viseme, ink: QColor) -> None:
    """Draw a mouth shape in lines of one colour."""
    made = _SHAPES[shape]
    side = min(box.width() / 1.5, box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center())
    painter.scale(side / 2, side / 2)
    pen = QPen(ink, max(0.13, 1.4 / (side / 2)))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if not made.height:
        _shut(painter, made.width * 1.3, pressed=shape is Viseme.A)
    else:
        _opening(painter, made, ink, pen)
    painter.restore()


def _shut(painter: QPainter, half: float, pressed: bool) -> None:
    path = QPainterPath(QPointF(-half, 0))
    path.quadTo(QPointF(0, 0.0 if pressed else 0.3), QPointF(half, 0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    if pressed:
        # Lips that are pressed: a short shadow under them.
        painter.drawLine(QPointF(-0.22, 0.42), QPointF(0.22, 0.42))


def _opening(painter: QPainter, made: _Shape, ink: QColor, pen: QPen) -> None:
    half, tall = made.width * 1.3, made.height
    mouth = QPainterPath()
    mouth.addEllipse(QPointF(0, 0), half, tall)
    inside = QColor(ink)
    inside.setAlpha(70)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inside)
    painter.drawPath(mouth)
    painter.save()
    painter.setClipPath(mouth, Qt.ClipOperation.IntersectClip)
    painter.setBrush(ink)
    if made.teeth in ("top", "lip"):
        painter.drawRect(QRectF(-half, -tall, 2 * half, min(0.24, tall)))
    if made.tongue:
        painter.drawEllipse(QPointF(0, 0.12), half * 0.4, 0.24)
    painter.restore()
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(mouth)
    if made.teeth == "both":
        painter.drawLine(QPointF(-half, 0), QPointF(half, 0))
