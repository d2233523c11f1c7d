"""Dark and light palettes: neutral greys, one accent, no coloured chrome near the art."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

ACCENT_DARK, ACCENT_LIGHT = "#f2b04a", "#945a00"

_DARK = {
    QPalette.ColorRole.Window: "#2e2f32",
    QPalette.ColorRole.WindowText: "#dcdcda",
    QPalette.ColorRole.Base: "#1f2023",
    QPalette.ColorRole.AlternateBase: "#2a2b2e",
    QPalette.ColorRole.Text: "#dcdcda",
    QPalette.ColorRole.PlaceholderText: "#9d9ea4",
    QPalette.ColorRole.Button: "#404146",
    QPalette.ColorRole.ButtonText: "#dcdcda",
    QPalette.ColorRole.BrightText: "#ffffff",
    QPalette.ColorRole.Highlight: "#4a6a8a",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#1b1c1e",
    QPalette.ColorRole.ToolTipText: "#e6e6e3",
    QPalette.ColorRole.Light: "#4b4c51",
    QPalette.ColorRole.Midlight: "#414246",
    QPalette.ColorRole.Mid: "#1f2022",
    QPalette.ColorRole.Dark: "#1a1b1d",
    QPalette.ColorRole.Shadow: "#101012",
    QPalette.ColorRole.Link: "#8ab4e0",
    QPalette.ColorRole.LinkVisited: "#b79fd8",
    QPalette.ColorRole.Accent: ACCENT_DARK,
}
_LIGHT = {
    QPalette.ColorRole.Window: "#ececea",
    QPalette.ColorRole.WindowText: "#222326",
    QPalette.ColorRole.Base: "#f8f8f6",
    QPalette.ColorRole.AlternateBase: "#efefec",
    QPalette.ColorRole.Text: "#222326",
    QPalette.ColorRole.PlaceholderText: "#64656a",
    QPalette.ColorRole.Button: "#e2e2df",
    QPalette.ColorRole.ButtonText: "#222326",
    QPalette.ColorRole.BrightText: "#000000",
    QPalette.ColorRole.Highlight: "#4a78a8",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#fdfdfb",
    QPalette.ColorRole.ToolTipText: "#222326",
    QPalette.ColorRole.Light: "#ffffff",
    QPalette.ColorRole.Midlight: "#dededb",
    QPalette.ColorRole.Mid: "#b9b9b6",
    QPalette.ColorRole.Dark: "#a2a2a0",
    QPalette.ColorRole.Shadow: "#77777a",
    QPalette.ColorRole.Link: "#1f5c9a",
    QPalette.ColorRole.LinkVisited: "#6b4b95",
    QPalette.ColorRole.Accent: ACCENT_LIGHT,
}
_DISABLED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)

_OUTLINE = {True: "#b4b5ba", False: "#aeaeac"}
"""Window colour for check boxes alone: Fusion draws their outline in it, a good deal darker."""

THEMES = ("system", "dark", "light")


def palette(dark: bool) -> QPalette:
    """The dark or the light palette."""
    colours = _DARK if dark else _LIGHT
    made = QPalette()
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in _DISABLED:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor("#74757a" if dark else "#9a9a9c"))
    # The filled part of a slider that cannot be moved.
    still = QColor("#55565c" if dark else "#c4c4c6")
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, still)
    return made


def apply(theme: str) -> None:
    """Dress the application: `dark`, `light`, or `system` to follow the desktop.

    Raises:
        KeyError: another name.
    """
    schemes = {
        "system": Qt.ColorScheme.Unknown,
        "dark": Qt.ColorScheme.Dark,
        "light": Qt.ColorScheme.Light,
    }
    scheme = schemes[theme]
    hints = QApplication.styleHints()
    hints.setColorScheme(scheme)
    dark = (hints.colorScheme() if theme == "system" else scheme) is not Qt.ColorScheme.Light
    QApplication.setStyle(QStyleFactory.create("Fusion"))
    QApplication.setPalette(palette(dark))
    ticked = palette(dark)
    ticked.setColor(QPalette.ColorRole.Window, QColor(_OUTLINE[dark]))
    QApplication.setPalette(ticked, "QCheckBox")  # pyright: ignore[reportArgumentType]
