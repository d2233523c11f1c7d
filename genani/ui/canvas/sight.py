"""Where a picture lies in a widget: all of it in sight, until a person zooms or drags."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QWheelEvent

from genani.ui.canvas.viewport import Viewport

_WHEEL = 1.0015
"""Factor on the scale for an eighth of a degree."""


class Sight:
    """The view of a widget, and what wheel and hand do to it.

    Args:
        changed: called when the view is another.

    Attributes:
        view: where the picture lies.
        fitted: all of it is to be seen also once widget or picture have another size.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.view = Viewport()
        self.fitted = True
        self._changed = changed
        self._hand: QPointF | None = None

    @property
    def grabbed(self) -> bool:
        """True while it is dragged."""
        return self._hand is not None

    def fit(self, size: tuple[int, int], area: QSizeF) -> None:
        """Show a whole picture (width, height) in a widget."""
        self.fitted = True
        self._become(Viewport.fitting(size, area))

    def show(self, view: Viewport) -> None:
        """Show a part of it."""
        self.fitted = False
        self._become(view)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Show less or more of it; what lies under a point of the widget stays there."""
        self.show(self.view.zoomed(factor, at))

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        self.zoom(_WHEEL ** event.angleDelta().y(), event.position())
        event.accept()

    def grab(self, point: QPointF) -> None:
        """Take it at a point of the widget."""
        self._hand = point

    def drag(self, point: QPointF) -> bool:
        """Move it along, if it is grabbed; says so."""
        if self._hand is None:
            return False
        by, self._hand = point - self._hand, point
        self.show(self.view.moved(by))
        return True

    def let_go(self) -> None:
        """Leave it where it is."""
        self._hand = None

    def _become(self, view: Viewport) -> None:
        self.view = view
        self._changed()
