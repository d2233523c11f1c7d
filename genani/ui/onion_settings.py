"""The onion skin's own little menu: how many, which colours, what to leave out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QMenu,
    QSlider,
    QSpinBox,
    QWidget,
    QWidgetAction,
)

from genani.app.settings import Tint

if TYPE_CHECKING:
    from genani.app.session import Session


def onion_menu(parent: QWidget, session: Session) -> QMenu:
    """A menu that holds the settings of the onion skin."""
    menu = QMenu(menu_title(parent), parent)
    menu.setObjectName("onion-menu")
    action = QWidgetAction(menu)
    action.setDefaultWidget(OnionSettings(session, menu))
    menu.addAction(action)
    return menu


def menu_title(parent: QWidget) -> str:
    """What the menu is called."""
    return parent.tr("Onion skin settings")


class OnionSettings(QWidget):
    """Counts and strengths for each side, colours, and what to leave out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("onion-settings")
        self._session = session
        skin = session.settings.onion
        form = QFormLayout(self)
        for field, text in (("before", self.tr("Before")), ("after", self.tr("After"))):
            box = QSpinBox()
            box.setObjectName(f"onion-{field}")
            box.setRange(0, 10)
            box.setValue(getattr(skin, field))
            box.valueChanged.connect(lambda value, field=field: self._set(field, value))
            form.addRow(text, box)
            strength = QSlider(Qt.Orientation.Horizontal)
            strength.setObjectName(f"onion-opacity-{field}")
            strength.setRange(5, 100)
            strength.setMinimumWidth(140)
            strength.setValue(round(getattr(skin, f"opacity_{field}") * 100))
            strength.valueChanged.connect(
                lambda value, field=field: self._set(f"opacity_{field}", value / 100)
            )
            form.addRow(self.tr("Strength"), strength)
        self._tint = QComboBox()
        self._tint.setObjectName("onion-tint")
        for tint, text in (
            (Tint.RED_GREEN, self.tr("Red before, green after")),
            (Tint.RED_BLUE, self.tr("Red before, blue after")),
            (Tint.ORANGE_BLUE, self.tr("Orange before, blue after")),
        ):
            self._tint.addItem(text, tint)
        self._tint.setCurrentIndex(self._tint.findData(skin.tint))
        self._tint.activated.connect(lambda i: self._set("tint", Tint(self._tint.itemData(i))))
        form.addRow(self.tr("Colours"), self._tint)
        for field, text in (
            ("keys_only", self.tr("Keys and breakdowns only")),
            ("skip_generated", self.tr("Leave out generated ones")),
        ):
            check = QCheckBox(text)
            check.setObjectName(f"onion-{field}")
            check.setChecked(getattr(skin, field))
            check.toggled.connect(lambda value, field=field: self._set(field, value))
            form.addRow(check)

    def _set(self, field: str, value: object) -> None:
        skin = replace(self._session.settings.onion, **{field: value})  # pyright: ignore[reportArgumentType]
        self._session.change_settings(onion=skin)
