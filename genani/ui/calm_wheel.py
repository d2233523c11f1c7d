"""The wheel over a panel scrolls it, and never changes a value on the way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar, QWidget
from typing_extensions import override


class CalmWheel(QObject):
    """Keeps the wheel from the controls of a panel unless they have the focus."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        for control in panel.findChildren(QWidget):
            valued = isinstance(control, QAbstractSpinBox | QComboBox | QAbstractSlider)
            if valued and not isinstance(control, QScrollBar):
                control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                control.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wheel = event.type() is QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            # Not accepted, it goes on to the panel.
            event.ignore()
            return True
        return super().eventFilter(watched, event)
