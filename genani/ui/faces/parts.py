"""Controls for the parts of a face: which stand still, and which go before the others."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from genani.scene.face import MAX_LEAD, FacePart
from genani.ui.choice_button import ChoiceButton
from genani.ui.faces.balance import BalanceSlider
from genani.ui.into_sight import bring_into_sight

_SCALE = 100
"""Steps of a slider for a lead of 1."""


def part_name(part: FacePart) -> str:
    """What a part of a face is called."""
    names = {
        FacePart.BROWS: QCoreApplication.translate("Parts", "Brows"),
        FacePart.EYES: QCoreApplication.translate("Parts", "Eyes"),
        FacePart.MOUTH: QCoreApplication.translate("Parts", "Mouth"),
        FacePart.JAW: QCoreApplication.translate("Parts", "Jaw"),
        FacePart.HEAD: QCoreApplication.translate("Parts", "Head"),
    }
    return names[part]


class PartLocks(QWidget):
    """A button a part; the chosen ones are left alone by the emotion.

    Signals:
        toggled: (`FacePart`, whether it is locked), by a person.
    """

    toggled = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("part-locks")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        self._buttons: dict[FacePart, ChoiceButton] = {}
        for part in FacePart:
            button = ChoiceButton(part_name(part))
            button.setObjectName(f"lock-{part.value}")
            tip = self.tr("{0}: left as the keys have it, whatever the emotion")
            button.setToolTip(tip.format(part_name(part)))
            button.clicked.connect(lambda on, part=part: self.toggled.emit(part, on))
            row.addWidget(button)
            self._buttons[part] = button
        row.addStretch(1)

    def show_locks(self, locks: frozenset[FacePart]) -> None:
        """Show which parts are locked."""
        for part, button in self._buttons.items():
            button.setChecked(part in locks)


class PartLeads(QWidget):
    """A slider a part, from follows to leads.

    Signals:
        changed: (`FacePart`, lead from -0.45 to 0.45), by a person; while a slider is dragged too.
        released: the drag is over.
    """

    changed = Signal(object, float)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("part-leads")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for text, side in (
            (self.tr("follows"), Qt.AlignmentFlag.AlignLeft),
            (self.tr("leads"), Qt.AlignmentFlag.AlignRight),
        ):
            label = QLabel(text)
            label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
            grid.addWidget(label, 0, 1, side)
        self._sliders: dict[FacePart, BalanceSlider] = {}
        self._values: dict[FacePart, QLabel] = {}
        for row, part in enumerate(FacePart, start=1):
            self._add(grid, row, part)
        grid.setColumnStretch(1, 1)

    def _add(self, grid: QGridLayout, row: int, part: FacePart) -> None:
        slider = BalanceSlider(round(MAX_LEAD * _SCALE))
        slider.setObjectName(f"lead-{part.value}")
        slider.setAccessibleName(part_name(part))
        tip = self.tr("How far {0} are ahead at the middle of the span; double-click: not at all")
        slider.setToolTip(tip.format(part_name(part).lower()))
        slider.valueChanged.connect(
            lambda value, part=part: self.changed.emit(part, value / _SCALE)
        )
        slider.sliderReleased.connect(self.released)
        slider.reset.connect(self.released)
        value = QLabel()
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance("+45 %"))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(QLabel(part_name(part)), row, 0)
        grid.addWidget(slider, row, 1)
        grid.addWidget(value, row, 2)
        self._sliders[part], self._values[part] = slider, value

    def show_leads(self, leads: Mapping[FacePart, float]) -> None:
        """Show how far each part leads."""
        for part, slider in self._sliders.items():
            lead = round(leads.get(part, 0.0) * _SCALE)
            slider.blockSignals(True)
            slider.setValue(lead)
            slider.blockSignals(False)
            self._values[part].setText(f"{lead:+d} %" if lead else "–")


class Disclosure(QWidget):
    """A heading that shows and hides what is below it."""

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        self._heading = QToolButton()
        self._heading.setText(title)
        self._heading.setAutoRaise(True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._heading.clicked.connect(lambda: self._show(content.isHidden()))
        self._heading.setObjectName(f"{content.objectName()}-heading")
        grid.addWidget(self._heading, 0, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(content, 1, 0)
        self._show(False)

    def _show(self, shown: bool) -> None:
        self._heading.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._content.setVisible(shown)
        if shown:
            bring_into_sight(self._content)
