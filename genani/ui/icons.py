"""Icons: line drawings in the colour of the palette, crisp at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from genani import resources


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = (resources.folder("resources") / "icons" / f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))


def draw_icon(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Draw an icon in a colour of one's own."""
    _renderer(name, colour.name()).render(painter, box)


class _LineIcon(QIconEngine):
    """Draws an icon anew for every size and state, so that it follows theme and screen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    @override
    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        group = QPalette.ColorGroup.Normal
        if mode is QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
        palette = QApplication.palette()
        role = QPalette.ColorRole.ButtonText
        if mode is QIcon.Mode.Selected:
            role = QPalette.ColorRole.HighlightedText
        colour: QColor = palette.color(group, role)
        if state is QIcon.State.On and mode is not QIcon.Mode.Disabled:
            colour = palette.color(QPalette.ColorRole.Accent)
        draw_icon(painter, self._name, QRectF(rect), colour)  # pyright: ignore[reportArgumentType, reportCallIssue]

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, picture.rect(), mode, state)
        painter.end()
        return picture

    @override
    def clone(self) -> QIconEngine:
        return _LineIcon(self._name)


@lru_cache(maxsize=256)
def icon(name: str) -> QIcon:
    """The icon of that name in `resources/icons`, in the palette's text colour.

    Raises:
        FileNotFoundError: there is none.
    """
    _renderer(name, "#000000")
    return QIcon(_LineIcon(name))
