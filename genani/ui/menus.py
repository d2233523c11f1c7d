"""The menu bar and the context menus, made from the one registry of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

if TYPE_CHECKING:
    from genani.app.session import Session

_LINE = ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)


def _menus() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        (
            _tr("&File"),
            (
                "new",
                "open",
                "recent",
                "save",
                "save-as",
                _LINE,
                "import",
                "export",
                "export-again",
                _LINE,
                "quit",
            ),
        ),
        (
            _tr("&Edit"),
            (
                "undo",
                "redo",
                _LINE,
                "cut",
                "copy",
                "paste",
                "delete",
                "delete-ripple",
                _LINE,
                "select-all",
                "select-none",
            ),
        ),
        (
            _tr("&Drawing"),
            (
                "add-key",
                "duplicate",
                "blank",
                "insert",
                _LINE,
                "exposure-more",
                "exposure-less",
                _LINE,
                "mark-key",
                "mark-breakdown",
                "mark-inbetween",
                _LINE,
                "animate",
                "stylise",
                "seeds",
                "edit-outside",
            ),
        ),
        (
            _tr("&In-between"),
            (
                "add-span",
                "remove-span",
                "chart",
                _LINE,
                "generate",
                "new-seed",
                "regenerate-one",
                "generate-all",
                _LINE,
                "previous-variant",
                "next-variant",
                "keep",
                "reject",
                "pin",
                "breakdown",
                "compare",
                _LINE,
                "train",
                _LINE,
                "cancel",
                "cancel-queued",
                "cancel-all",
            ),
        ),
        (
            _tr("F&ace"),
            (
                "landmarks",
                "face-mesh",
                "face-ghost",
                _LINE,
                "face-find",
                "face-find-all",
                "face-next",
                "face-auto",
                _LINE,
                "face-pins",
                "face-symmetric",
                "face-copy",
                "face-actor",
                "face-mirror",
                "face-fit",
                "face-clear",
                _LINE,
                "attach",
                "attach-place",
                "attach-cover",
                "attach-off",
                _LINE,
                "face-panel",
                "lanes",
                "blink",
                "look",
                "import-mouths",
                "hold-mouths",
                "draw-hold",
                "mouth-names",
            ),
        ),
        (
            _tr("&Layer"),
            ("add-layer", "delete-layer", _LINE, "layer-up", "layer-down"),
        ),
        (
            _tr("&Play"),
            (
                "play",
                "loop",
                "ping-pong",
                "flip",
                _LINE,
                "previous-frame",
                "next-frame",
                "previous-drawing",
                "next-drawing",
                "previous-key",
                "next-key",
                "first-frame",
                "last-frame",
                _LINE,
                "marker",
                "range-in",
                "range-out",
                "range-selection",
                "range-clear",
            ),
        ),
        (
            _tr("&View"),
            (
                "onion",
                "onion-settings",
                "checkerboard",
                _LINE,
                "zoom-in",
                "zoom-out",
                "fit",
                "actual-size",
                _LINE,
                "theme-dark",
                "theme-light",
                "theme-system",
                _LINE,
                "panels",
                "reset-layout",
            ),
        ),
        (_tr("&Help"), ("about",)),
    )


def fill_menu_bar(bar: QMenuBar, session: Session, submenus: dict[str, QMenu]) -> None:
    """Fill the menu bar; `submenus` go where their name stands among the actions."""
    for title, names in _menus():
        menu = bar.addMenu(title)
        menu.setObjectName(f"menu-{title.replace('&', '').lower()}")
        menu.setToolTipsVisible(True)
        for name in names:
            if name == _LINE:
                menu.addSeparator()
            elif name in submenus:
                menu.addMenu(submenus[name])
            else:
                menu.addAction(session.actions.action(name))


def timeline_menu(parent: QWidget, session: Session, place: QPoint, on_name: bool) -> QMenu:
    """The menu of the timeline at a place of the screen; it closes and goes by itself.

    Args:
        parent: the window.
        session: its actions are in the menu.
        place: of the pointer on the screen.
        on_name: the pointer is on the name of a layer, not on its frames.
    """
    menu = QMenu(parent)
    menu.setObjectName("timeline-menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    groups: tuple[tuple[str, ...], ...] = (
        ("generate", "keep", "reject", "breakdown") if session.selection.span else (),
        ("add-span", "remove-span"),
        ("cut", "copy", "paste", "delete", "delete-ripple"),
        ("exposure-more", "exposure-less", "mark-key", "mark-breakdown", "mark-inbetween"),
        ("add-key", "duplicate", "blank", "insert", "animate", "stylise", "edit-outside", "marker"),
    )
    if on_name:
        groups = (("add-layer", "delete-layer"), ("layer-up", "layer-down"), ("stylise",))
    for group in (*groups, ("attach", "attach-place")):
        for name in group:
            menu.addAction(session.actions.action(name))
        if group:
            menu.addSeparator()
    menu.popup(place)
    return menu
