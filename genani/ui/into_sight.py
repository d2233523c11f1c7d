"""Scrolling to what has just come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget


def bring_into_sight(widget: QWidget) -> None:
    """Scroll so far that a widget that is being shown can be used, once it has its place."""
    QTimer.singleShot(0, widget, lambda: _scroll(widget))


def _scroll(widget: QWidget) -> None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        # Of its own accord each would learn only later that there is more in it.
        layout = above.layout()
        if layout is not None:
            layout.activate()
        above = above.parentWidget()
    if above is not None and widget.isVisible():
        QApplication.sendEvent(above, QEvent(QEvent.Type.LayoutRequest))
        above.ensureWidgetVisible(widget)
