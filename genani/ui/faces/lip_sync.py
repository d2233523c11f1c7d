"""What belongs to lip sync: importing, the least hold, and what mouth shapes are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QPushButton, QSpinBox, QWidget

from genani.app.settings import MouthNames
from genani.ui.icons import icon

if TYPE_CHECKING:
    from genani.app.session import Session

_MOST_HOLD = 24


class LipSync(QWidget):
    """Settings of the mouth lanes and the verbs that go with them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lip-sync")
        self._session = session
        self._hold = QSpinBox()
        self._hold.setObjectName("mouth-hold")
        self._hold.setRange(1, _MOST_HOLD)
        self._hold.setSuffix(self.tr(" frames"))
        self._hold.setToolTip(self.tr("Shapes that pass more quickly are not seen"))
        self._hold.valueChanged.connect(lambda value: session.change_settings(mouth_hold=value))
        hold = QHBoxLayout()
        hold.addWidget(self._hold)
        hold.addWidget(self._button("hold-mouths", self.tr("Apply")))
        hold.addStretch(1)
        self._names = QComboBox()
        self._names.setObjectName("mouth-names")
        self._names.addItem(self.tr("Letters: A to H, X"), MouthNames.LETTERS)
        self._names.addItem(self.tr("Preston Blair: MBP, etc, E, …"), MouthNames.PRESTON_BLAIR)
        self._names.activated.connect(
            lambda place: session.change_settings(mouth_names=self._names.itemData(place))
        )
        load = self._button("import-mouths", session.actions.action("import-mouths").text())
        load.setIcon(icon("import"))
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(self.tr("Hold at least"), hold)
        form.addRow(self.tr("Names"), self._names)
        form.addRow(load)
        session.settings_changed.connect(self.refresh)
        self.refresh()

    def _button(self, name: str, text: str) -> QPushButton:
        action = self._session.actions.action(name)
        button = QPushButton(text)
        button.setObjectName(f"lip-sync-{name}")
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def refresh(self) -> None:
        """Show the settings."""
        settings = self._session.settings
        self._hold.blockSignals(True)
        self._hold.setValue(settings.mouth_hold)
        self._hold.blockSignals(False)
        self._names.setCurrentIndex(self._names.findData(settings.mouth_names))
