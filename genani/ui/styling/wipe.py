"""A drawing before and after, with a divider to be dragged between the two."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from genani.ui.canvas.mips import Mips
from genani.ui.canvas.plates import HEIGHT, checker, plate, plate_width, surround
from genani.ui.canvas.sight import Sight

_STEP, _LEAP = 0.02, 0.1
"""Shares of the width by which keys move the divider."""

_GRIP = 9.0
_NEAR = 12.0
"""Screen points within which the pointer takes the divider."""

_PLATE = QColor("#303034")


class WipeView(QWidget):
    """Left of the divider a drawing as it is, right of it in its style.

    The divider is dragged, or moved by Left and Right (with Shift in leaps, Home and End to the
    edges). The wheel zooms at the pointer, the middle button drags the drawing, a double click
    shows all of it.

    Signals:
        moved: the divider; its share of the width.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stylise-wipe")
        self.setAccessibleName(self.tr("Before and after"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 240)
        self.setMouseTracking(True)
        self._before: QImage | None = None
        self._styled: QImage | None = None
        self._after: QImage | None = None
        self._strength = 1.0
        self._texts = ("", "")
        self._note = ""
        self._faint = False
        self._share = 0.5
        self._wiping = False
        self._sight = Sight(self.update)
        self._mips = Mips(self)
        self._mips.ready.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(720, 540)

    @property
    def share(self) -> float:
        """Where the divider is, 0 at the left edge of the drawing, 1 at its right."""
        return self._share

    @property
    def after(self) -> QImage | None:
        """What is shown right of the divider; None while there is nothing."""
        return self._after

    def shut(self) -> None:
        """End the thread behind it."""
        self._mips.close()

    def divider(self) -> QPointF:
        """The middle of the divider, in the widget's points."""
        box = self._box()
        return QPointF(box.left() + box.width() * self._share, box.center().y())

    def show_before(self, image: QImage | None, text: str) -> None:
        """Show a drawing; what it looks like in a style is then not known any more."""
        if self._before is None or image is None or image.size() != self._before.size():
            self._sight.fitted = True
        self._before, self._styled, self._after = image, None, None
        self._texts = (text, self._texts[1])
        if self._sight.fitted:
            self._fit()
        self.update()

    def show_styled(self, image: QImage, text: str) -> None:
        """Show the drawing in a style, given at full strength."""
        self._styled, self._texts, self._faint = image, (self._texts[0], text), False
        self._mix()

    def forget_styled(self) -> None:
        """Show the drawing as it is alone: there is nothing to compare it with."""
        self._styled, self._faint = None, False
        self._mix()

    def set_strength(self, strength: float) -> None:
        """Show more or less of the style, 0 to 1; quick."""
        if strength != self._strength:
            self._strength = strength
            self._mix()

    def show_note(self, text: str) -> None:
        """Say something over the drawing, such as that it is being restyled."""
        self._note = text
        self.update()

    def fade(self) -> None:
        """Show by a paler picture that what is shown is not what was asked for last."""
        self._faint = True
        self.update()

    def _mix(self) -> None:
        before, styled = self._before, self._styled
        if before is None or styled is None or styled.size() != before.size():
            self._after = None
        elif self._strength == 1:
            self._after = styled
        else:
            mixed = before.copy()
            painter = QPainter(mixed)
            # With this mode the opacity weighs the two, alpha and all.
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.setOpacity(self._strength)
            painter.drawImage(0, 0, styled)
            painter.end()
            self._after = mixed
        self.update()

    # Painting

    def _box(self) -> QRectF:
        before = self._before
        return (
            self._sight.view.rect((before.width(), before.height()))
            if before
            else QRectF(self.rect())
        )

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), surround(self.palette()))
        if self._before is not None:
            self._paint_pictures(painter, self._before)
        if self._note:
            self._paint_note(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_pictures(self, painter: QPainter, before: QImage) -> None:
        box, x = self._box(), self.divider().x()
        painter.setBrushOrigin(box.topLeft())
        painter.fillRect(box, QBrush(checker()))
        self._paint_image(painter, before)
        if self._after is not None:
            painter.save()
            painter.setClipRect(QRectF(x, box.top(), box.right() - x, box.height()))
            painter.fillRect(box, QBrush(checker()))
            if self._faint:
                painter.setOpacity(0.45)
            self._paint_image(painter, self._after)
            painter.restore()
        painter.setPen(QPen(QColor(0, 0, 0, 130), 1))
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._after is not None:
            self._paint_divider(painter, box, x)

    def _paint_image(self, painter: QPainter, image: QImage) -> None:
        scale = self._sight.view.scale * self.devicePixelRatioF()
        copy = self._mips.best(image, scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(self._sight.view.rect((image.width(), image.height())), copy)

    def _paint_divider(self, painter: QPainter, box: QRectF, x: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = box.intersected(QRectF(self.rect()))
        accent = self.palette().accent().color()
        painter.setPen(QPen(QColor(0, 0, 0, 140), 4))
        painter.drawLine(QPointF(x, shown.top()), QPointF(x, shown.bottom()))
        painter.setPen(QPen(accent, 2))
        painter.drawLine(QPointF(x, shown.top()), QPointF(x, shown.bottom()))
        middle = QPointF(x, shown.center().y())
        painter.setPen(QPen(QColor(0, 0, 0, 140), 1))
        painter.setBrush(accent)
        painter.drawEllipse(middle, _GRIP, _GRIP)
        painter.setPen(QPen(QColor("#1d1a14"), 1.6))
        for side in (-1, 1):
            tip = QPointF(x + side * 5.5, middle.y())
            for way in (-1, 1):
                painter.drawLine(tip, QPointF(x + side * 2.5, middle.y() + way * 3))
        before, after = self._texts
        down = shown.bottom() - HEIGHT - 6
        left = x - plate_width(painter, before) - 8
        if left > self.rect().left():
            plate(painter, QPointF(left, down), before, _PLATE)
        if x + 8 + plate_width(painter, after) < self.width():
            plate(painter, QPointF(x + 8, down), after, _PLATE)

    def _paint_note(self, painter: QPainter) -> None:
        width = self.width() - 40
        box = QRectF(20, 12, width, HEIGHT)
        metrics = painter.fontMetrics()
        needed = metrics.boundingRect(
            box.toRect(), Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter, self._note
        )
        area = QRectF(needed).adjusted(-12, -5, 12, 5)
        area.moveTop(10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(30, 30, 34, 225))
        painter.drawRoundedRect(area, 6, 6)
        painter.setPen(QColor("#ffffff"))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
        painter.drawText(area, int(flags), self._note)

    # Pointer and keys

    def _fit(self) -> None:
        if self._before is not None:
            self._sight.fit((self._before.width(), self._before.height()), QSizeF(self.size()))

    def _move_to(self, share: float) -> None:
        share = min(max(share, 0.0), 1.0)
        if share != self._share:
            self._share = share
            self.moved.emit(share)
            self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._sight.fitted:
            self._fit()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._sight.wheel(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.MiddleButton:
            self._sight.grab(event.position())
        elif event.button() is Qt.MouseButton.LeftButton and self._after is not None:
            self._wiping = True
            self._wipe(event.position())
        self._show_cursor(event.position())

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._fit()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._sight.drag(event.position()) and self._wiping:
            self._wipe(event.position())
        self._show_cursor(event.position())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._wiping = False
        self._sight.let_go()
        self._show_cursor(event.position())

    def _wipe(self, point: QPointF) -> None:
        box = self._box()
        self._move_to((point.x() - box.left()) / max(box.width(), 1.0))

    def _show_cursor(self, point: QPointF) -> None:
        near = self._after is not None and abs(point.x() - self.divider().x()) < _NEAR
        shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
        self.setCursor(Qt.CursorShape.ClosedHandCursor if self._sight.grabbed else shape)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        goals = {
            Qt.Key.Key_Left: self._share - by,
            Qt.Key.Key_Right: self._share + by,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        key = Qt.Key(event.key())
        if key in goals:
            self._move_to(goals[key])
        else:
            super().keyPressEvent(event)
