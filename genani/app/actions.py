"""The one registry of actions: menus, toolbars, buttons and shortcuts all use its `QAction`s."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence

from genani.app.action_table import ACTIONS, ActionSpec, Scope


class ActionRegistry(QObject):
    """Every action of the window, by id; see `action_table.ACTIONS`.

    Actions of scope `CANVAS` work only in widgets they were added to and the children of these:
    `widget.addActions(registry.canvas_actions())`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._actions = {spec.id: self._make(spec) for spec in ACTIONS}

    def action(self, action_id: str) -> QAction:
        """The action of that id."""
        return self._actions[action_id]

    def spec(self, action_id: str) -> ActionSpec:
        """How the action of that id was described."""
        return self._specs[action_id]

    def ids(self) -> tuple[str, ...]:
        """All ids, in the order of the table."""
        return tuple(self._actions)

    def canvas_actions(self) -> list[QAction]:
        """The actions whose keys work in timeline and canvas only."""
        return self._of(Scope.CANVAS)

    def window_actions(self) -> list[QAction]:
        """The actions whose keys work anywhere in the window; add them to it once."""
        return self._of(Scope.WINDOW)

    def connect_to(self, action_id: str, slot: Callable[[], object]) -> None:
        """Call a function without arguments whenever the action is triggered."""
        self._actions[action_id].triggered.connect(lambda _checked=False: slot())

    def enable(self, action_id: str, enabled: bool) -> None:
        """Let an action be used, or not."""
        self._actions[action_id].setEnabled(enabled)

    def check(self, action_id: str, checked: bool) -> None:
        """Show a checkable action as on or off, without triggering it."""
        self._actions[action_id].setChecked(checked)

    def set_icons(self, icon: Callable[[str], QIcon]) -> None:
        """Give every action that has one its icon, from a function of the icon's name."""
        for spec in ACTIONS:
            if spec.icon:
                self._actions[spec.id].setIcon(icon(spec.icon))

    def _of(self, scope: Scope) -> list[QAction]:
        return [self._actions[spec.id] for spec in ACTIONS if spec.scope is scope]

    def _make(self, spec: ActionSpec) -> QAction:
        text = QCoreApplication.translate("Actions", spec.text)
        tip = QCoreApplication.translate("Actions", spec.tip)
        action = QAction(text, self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        sequences = [one for keys in spec.keys for one in _sequences(keys)]
        action.setShortcuts(sequences)
        if spec.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shown = sequences[0].toString(QKeySequence.SequenceFormat.NativeText) if sequences else ""
        action.setToolTip(f"{tip} ({shown})" if shown else tip)
        action.setStatusTip(tip)
        return action


def _sequences(keys: str | QKeySequence.StandardKey) -> list[QKeySequence]:
    if isinstance(keys, str):
        return [QKeySequence(keys)]
    return list(QKeySequence.keyBindings(keys))
