"""The palettes: what has to be seen can be seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget
from pytestqt.qtbot import QtBot

from genani.ui import theme


@pytest.fixture
def box(qapp: QApplication, qtbot: QtBot) -> Iterator[QWidget]:
    page = QWidget()
    qtbot.addWidget(page)
    QCheckBox(page).resize(16, 16)
    yield page
    theme.apply("dark")


def contrast(one: QColor, other: QColor) -> float:
    """As WCAG 2 counts it: 1 to 21."""

    def light(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_an_empty_check_box_can_be_seen(box: QWidget, name: str) -> None:
    theme.apply(name)
    box.resize(16, 16)
    image = box.grab().toImage()
    ground = box.palette().color(QPalette.ColorRole.Window)
    best = max(contrast(QColor(image.pixel(x, 8)), ground) for x in range(16))
    # WCAG 1.4.11 for parts of the interface.
    assert best >= 3


@pytest.mark.parametrize("dark", [True, False])
def test_texts_can_be_read(dark: bool) -> None:
    palette = theme.palette(dark)
    roles = QPalette.ColorRole
    for text, ground in (
        (roles.WindowText, roles.Window),
        (roles.Text, roles.Base),
        (roles.PlaceholderText, roles.Window),
        (roles.Accent, roles.Window),
        (roles.PlaceholderText, roles.Base),
        (roles.ButtonText, roles.Button),
        (roles.HighlightedText, roles.Highlight),
        (roles.ToolTipText, roles.ToolTipBase),
    ):
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5
