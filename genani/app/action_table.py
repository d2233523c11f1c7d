"""The table of actions: default keys, icons, and where the keys work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QKeySequence

from genani.app.action_texts import TEXTS

Standard = QKeySequence.StandardKey

Keys = tuple[str | QKeySequence.StandardKey, ...]
"""Shortcuts: texts, or standard keys of the platform."""


class Scope(Enum):
    """Where the keys of an action work."""

    WINDOW = "window"
    CANVAS = "canvas"
    """Only while timeline or canvas has the focus: single letters must not eat typed text."""


@dataclass(frozen=True)
class ActionSpec:
    """One action.

    Attributes:
        id: its name in code and presets.
        text: menu text, untranslated (context `Actions`).
        tip: one sentence for tool tip and status bar, untranslated.
        keys: default shortcuts.
        icon: name of an icon in `resources/icons`; empty for none.
        scope: where the keys work.
        checkable: it is on or off.
    """

    id: str
    text: str
    tip: str
    keys: Keys = ()
    icon: str = ""
    scope: Scope = Scope.WINDOW
    checkable: bool = False


KEYS: dict[str, Keys] = {
    "new": (Standard.New,),
    "open": (Standard.Open,),
    "save": (Standard.Save,),
    "save-as": ("Ctrl+Shift+S",),
    "import": ("Ctrl+I",),
    "export": ("Ctrl+E",),
    "export-again": ("Ctrl+Shift+E",),
    "quit": ("Ctrl+Q",),
    "undo": (Standard.Undo,),
    "redo": (Standard.Redo,),
    "cut": (Standard.Cut,),
    "copy": (Standard.Copy,),
    "paste": (Standard.Paste,),
    "select-all": (Standard.SelectAll,),
    "select-none": ("Ctrl+Shift+A",),
    "add-key": ("Ctrl+K",),
    "delete": ("Del",),
    "delete-ripple": ("Alt+Del",),
    "insert": ("Ins",),
    "duplicate": ("F6",),
    "blank": ("F7",),
    "exposure-more": (
        "F5",
        "+",
        "=",
    ),
    "exposure-less": (
        "Shift+F5",
        "-",
    ),
    "mark-key": ("Shift+K",),
    "mark-breakdown": ("Shift+B",),
    "add-layer": ("Ctrl+Shift+N",),
    "layer-up": ("Ctrl+]",),
    "layer-down": ("Ctrl+[",),
    "play": (
        "Space",
        "Return",
        "Enter",
    ),
    "loop": ("L",),
    "ping-pong": ("Shift+P",),
    "next-frame": (
        ".",
        "Right",
    ),
    "previous-frame": (
        ",",
        "Left",
    ),
    "next-drawing": ("G",),
    "previous-drawing": ("F",),
    "next-key": ("Alt+.",),
    "previous-key": ("Alt+,",),
    "first-frame": ("Home",),
    "last-frame": ("End",),
    "flip": ("J",),
    "marker": ("M",),
    "range-in": ("I",),
    "range-out": ("Shift+I",),
    "add-span": ("Ctrl+T",),
    "chart": ("T",),
    "generate": (
        "Ctrl+Return",
        "Ctrl+Enter",
    ),
    "new-seed": (
        "Ctrl+Shift+Return",
        "Ctrl+Shift+Enter",
    ),
    "generate-all": (
        "Ctrl+Alt+Return",
        "Ctrl+Alt+Enter",
    ),
    "cancel": ("Esc",),
    "cancel-all": ("Shift+Esc",),
    "previous-variant": ("[",),
    "next-variant": ("]",),
    "keep": ("K",),
    "reject": ("X",),
    "breakdown": ("B",),
    "edit-outside": ("Ctrl+Shift+O",),
    "stylise": ("Ctrl+Shift+Y",),
    "compare": ("W",),
    "face-panel": ("Shift+E",),
    "lanes": ("Shift+M",),
    "landmarks": ("Shift+L",),
    "face-ghost": ("Shift+G",),
    "face-pins": ("P",),
    "face-find": ("Ctrl+F",),
    "face-find-all": ("Ctrl+Shift+F",),
    "face-symmetric": ("Shift+S",),
    "onion": ("O",),
    "zoom-in": (Standard.ZoomIn,),
    "zoom-out": (Standard.ZoomOut,),
    "fit": ("Ctrl+0",),
    "actual-size": ("Ctrl+1",),
}
"""Default shortcuts, chosen so that most animators find theirs (docs/conventions.md, 2)."""

CANVAS_SCOPE = frozenset(
    {
        "cut",
        "copy",
        "paste",
        "select-all",
        "select-none",
        "delete",
        "delete-ripple",
        "insert",
        "exposure-more",
        "exposure-less",
        "mark-key",
        "mark-breakdown",
        "mark-inbetween",
        "play",
        "loop",
        "ping-pong",
        "next-frame",
        "previous-frame",
        "next-drawing",
        "previous-drawing",
        "first-frame",
        "last-frame",
        "flip",
        "marker",
        "range-in",
        "range-out",
        "chart",
        "cancel",
        "cancel-all",
        "previous-variant",
        "next-variant",
        "keep",
        "reject",
        "breakdown",
        "compare",
        "lanes",
        "landmarks",
        "face-ghost",
        "face-pins",
        "face-symmetric",
        "onion",
    }
)

CHECKABLE = frozenset(
    {
        "play",
        "loop",
        "ping-pong",
        "pin",
        "compare",
        "lanes",
        "mouth-names",
        "landmarks",
        "face-mesh",
        "face-ghost",
        "face-pins",
        "face-symmetric",
        "face-auto",
        "attach-place",
        "onion",
        "checkerboard",
        "theme-dark",
        "theme-light",
        "theme-system",
    }
)

ICONS = {
    "animate": "loop",
    "seeds": "dice",
    "add-key": "key",
    "mark-key": "key",
    "mark-breakdown": "breakdown",
    "mark-inbetween": "inbetween",
    "add-layer": "layer-add",
    "delete-layer": "layer-delete",
    "add-span": "span",
    "remove-span": "span-remove",
    "new-seed": "dice",
    "regenerate-one": "regenerate",
    "face-panel": "face",
    "attach-off": "face-clear",
    "import-mouths": "mouth",
}
"""Icons that are not called as their action is."""

WITHOUT_ICON = frozenset(
    {
        "select-none",
        "face-auto",
        "attach-place",
        "attach-cover",
        "hold-mouths",
        "draw-hold",
        "mouth-names",
        "theme-dark",
        "theme-light",
        "theme-system",
    }
)


def _spec(action_id: str) -> ActionSpec:
    text, tip = TEXTS[action_id]
    return ActionSpec(
        id=action_id,
        text=str(text),
        tip=str(tip),
        keys=KEYS.get(action_id, ()),
        icon="" if action_id in WITHOUT_ICON else ICONS.get(action_id, action_id),
        scope=Scope.CANVAS if action_id in CANVAS_SCOPE else Scope.WINDOW,
        checkable=action_id in CHECKABLE,
    )


ACTIONS: tuple[ActionSpec, ...] = tuple(_spec(action_id) for action_id in TEXTS)
"""Every action, in the order of the menus."""
