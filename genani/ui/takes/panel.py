"""The takes panel: every variant of the chosen span, to be shown, compared, kept or rejected."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genani.app.takes import TakeView
from genani.scene.frame import TakeFrame
from genani.ui.icons import icon
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.scene.span import Span

THUMBNAIL = QSize(132, 88)
_HASH = Qt.ItemDataRole.UserRole
REFRESH_MS = 30


class TakesPanel(QWidget):
    """Thumbnails of the takes of a span with their settings; a click shows one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes")
        self._session = session
        self._span: Span | None = None
        self._empty = QLabel(
            self.tr(
                "Takes of the chosen span gather here: draw it again with another engine, "
                "setting or seed, then keep the one you like."
            )
        )
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._list = QListWidget()
        self._list.setObjectName("takes-list")
        self._list.setAccessibleName(self.tr("Takes"))
        self._list.setViewMode(QListWidget.ViewMode.IconMode)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._list.setMovement(QListWidget.Movement.Static)
        self._list.setIconSize(THUMBNAIL)
        self._list.setSpacing(6)
        self._list.setWordWrap(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.itemClicked.connect(self._show_take)
        row = QHBoxLayout()
        for name in ("keep", "reject", "compare", "pin"):
            button = QToolButton()
            button.setObjectName(f"takes-{name}")
            button.setDefaultAction(session.actions.action(name))
            if name != "pin":
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        # Many in-betweens may arrive at once; the list is made anew once for all of them.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        for signal in (
            session.selection.changed,
            session.controller.scene_changed,
            session.renders.span_changed,
            session.frames.thumbnail_ready,
        ):
            signal.connect(self._refresh_soon)
        session.playback.frame_changed.connect(self._follow_playhead)
        self.refresh()

    def _follow_playhead(self) -> None:
        found = self._session.commands.spans.target()
        if (found[1] if found else None) is not self._span:
            self._refresh_soon()

    def _refresh_soon(self) -> None:
        if not self._session.playback.playing and not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Show the takes of the span that is selected now."""
        found = self._session.commands.spans.target()
        self._span = found[1] if found else None
        views = self._session.renders.takes(found[0].id, found[1].id) if found else []
        self._empty.setVisible(not views)
        self._list.setVisible(bool(views))
        self._list.clear()
        for number, view in enumerate(views, start=1):
            picture = self._thumbnail(view)
            card = QIcon(picture)
            # Else the style would tint the picture of the chosen take.
            card.addPixmap(picture, QIcon.Mode.Selected)
            item = QListWidgetItem(card, self._text(number, view))
            item.setData(_HASH, view.hash)
            item.setToolTip(self._details(view))
            self._list.addItem(item)
            if view.shown:
                self._list.setCurrentItem(item)

    def _thumbnail(self, view: TakeView) -> QPixmap:
        middle = min(view.times, key=lambda t: abs(t - Fraction(1, 2)))
        image = self._session.frames.thumbnail(TakeFrame(view.hash, middle), THUMBNAIL.height())
        ratio = self.devicePixelRatioF()
        card = QPixmap(THUMBNAIL * ratio)
        card.setDevicePixelRatio(ratio)
        card.fill(QColor("#c8c8c8"))
        painter = QPainter(card)
        if image is not None:
            _draw_middle(painter, image)
        if view.rejected:
            painter.fillRect(0, 0, THUMBNAIL.width(), THUMBNAIL.height(), QColor(30, 30, 32, 170))
        for place, (on, name) in enumerate(
            ((view.kept, "keep"), (view.pinned, "pin"), (view.rejected, "reject"))
        ):
            if on:
                painter.fillRect(4 + place * 24, 4, 22, 22, QColor(30, 30, 32, 200))
                painter.drawPixmap(6 + place * 24, 6, icon(name).pixmap(18, 18))
        painter.end()
        return card

    def _text(self, number: int, view: TakeView) -> str:
        engine = next(
            (i.title for i in self._session.services.engines() if i.name == view.info.engine),
            view.info.engine,
        )
        marks = [self.tr("Take {0}").format(number), engine]
        if view.stale:
            marks.append(self.tr("of earlier keys"))
        return " · ".join(marks)

    def _details(self, view: TakeView) -> str:
        info = view.info
        lines = [
            self.tr("Seed {0}").format(info.seed),
            self.tr("{0} in-betweens, {1} on {2}").format(
                len(view.times), duration_text(info.seconds), info.device
            ),
        ]
        lines += [f"{name}: {value}" for name, value in sorted(info.settings.options.items())]
        return "\n".join(lines)

    def _show_take(self, item: QListWidgetItem) -> None:
        self._session.commands.spans.show(item.data(_HASH))


def _draw_middle(painter: QPainter, image: QImage) -> None:
    size = image.size().scaled(THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio)
    x = (THUMBNAIL.width() - size.width()) // 2
    y = (THUMBNAIL.height() - size.height()) // 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRect(QPoint(x, y), size), image)
