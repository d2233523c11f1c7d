"""How canvas coordinates lie on the screen: zoom and pan without any widget."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

MIN_SCALE, MAX_SCALE = 0.02, 64.0
FIT_MARGIN = 24.0


@dataclass(frozen=True)
class Viewport:
    """A view onto the canvas.

    Attributes:
        scale: screen points for one canvas pixel.
        x, y: where the canvas's top left corner lies, in screen points.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_screen(self, point: QPointF) -> QPointF:
        """A canvas point on the screen."""
        return QPointF(self.x + point.x() * self.scale, self.y + point.y() * self.scale)

    def to_canvas(self, point: QPointF) -> QPointF:
        """A screen point on the canvas."""
        return QPointF((point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale)

    def rect(self, size: tuple[int, int]) -> QRectF:
        """Where a picture of that size lies on the screen."""
        return QRectF(self.x, self.y, size[0] * self.scale, size[1] * self.scale)

    def moved(self, by: QPointF) -> Viewport:
        """The view after dragging the canvas."""
        return replace(self, x=self.x + by.x(), y=self.y + by.y())

    def zoomed(self, factor: float, at: QPointF) -> Viewport:
        """The view after zooming; what lies under `at` stays there."""
        scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        ratio = scale / self.scale
        return Viewport(
            scale, at.x() - (at.x() - self.x) * ratio, at.y() - (at.y() - self.y) * ratio
        )

    @classmethod
    def fitting(cls, size: tuple[int, int], view: QSizeF) -> Viewport:
        """The whole canvas in the middle of a view, with a margin."""
        room = view.width() - 2 * FIT_MARGIN, view.height() - 2 * FIT_MARGIN
        scale = min(room[0] / size[0], room[1] / size[1])
        return cls._centred(min(max(scale, MIN_SCALE), MAX_SCALE), size, view)

    @classmethod
    def actual(cls, size: tuple[int, int], view: QSizeF, ratio: float) -> Viewport:
        """One canvas pixel on one screen pixel, centred; `ratio` is screen pixels a point."""
        return cls._centred(1.0 / ratio, size, view)

    @classmethod
    def _centred(cls, scale: float, size: tuple[int, int], view: QSizeF) -> Viewport:
        x = (view.width() - size[0] * scale) / 2
        y = (view.height() - size[1] * scale) / 2
        # Whole points keep the pixels of a picture at 100 % on the pixels of the screen.
        return cls(scale, float(round(x)), float(round(y)))
