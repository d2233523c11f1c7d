"""The styles one below the other, each with a sentence on what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

if TYPE_CHECKING:
    from genani.app.styling.services import StyleChoice

_CHOICE = Qt.ItemDataRole.UserRole
_EDGE = 7


class StyleList(QListWidget):
    """Chooses one style; those that are not installed can be chosen too, to be told how to.

    Signals:
        chosen: another `StyleChoice`.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stylise-list")
        self.setAccessibleName(self.tr("Styles"))
        self.setItemDelegate(_StyleDelegate(self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.currentItemChanged.connect(self._tell)

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Narrower, a sentence may need another line.
        self.scheduleDelayedItemsLayout()
        # Lower, what is chosen may be cut off.
        self.scrollToItem(self.currentItem())

    @property
    def choice(self) -> StyleChoice | None:
        """The style that is chosen."""
        item = self.currentItem()
        return item.data(_CHOICE) if item is not None else None

    def show_choices(self, choices: Sequence[StyleChoice]) -> None:
        """Show these styles; the one that is chosen stays so, else the first that is there."""
        before = self.choice
        self.blockSignals(True)
        self.clear()
        for choice in choices:
            item = QListWidgetItem(choice.title)
            item.setData(_CHOICE, choice)
            item.setToolTip(choice.missing or choice.summary)
            self.addItem(item)
        self.blockSignals(False)
        ids = [choice.id for choice in choices]
        there = [place for place, choice in enumerate(choices) if not choice.missing]
        if before is not None and before.id in ids:
            self.setCurrentRow(ids.index(before.id))
        elif choices:
            self.setCurrentRow(there[0] if there else 0)

    def choose(self, choice_id: str) -> None:
        """Choose a style by its id, if there is one."""
        for row in range(self.count()):
            if self.item(row).data(_CHOICE).id == choice_id:
                self.setCurrentRow(row)

    def _tell(self) -> None:
        if self.choice is not None:
            self.chosen.emit(self.choice)


class _StyleDelegate(QStyledItemDelegate):
    """Paints a title, and below it a sentence in a softer colour."""

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        choice: StyleChoice = index.data(_CHOICE)
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""  # pyright: ignore[reportAttributeAccessIssue]
        widget: QWidget = option.widget  # pyright: ignore[reportAttributeAccessIssue]
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, widget)
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        palette: QPalette = option.palette  # pyright: ignore[reportAttributeAccessIssue]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        ink = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        soft = ink if chosen else QPalette.ColorRole.PlaceholderText
        area: QRect = option.rect.adjusted(_EDGE, 4, -_EDGE, -4)  # pyright: ignore[reportAttributeAccessIssue]
        font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if choice.missing and not chosen:
            ink = soft
        painter.setFont(_bold(font))
        painter.setPen(palette.color(ink))
        top = QRect(area.topLeft(), QSize(area.width(), painter.fontMetrics().height()))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, choice.title)
        painter.setFont(font)
        painter.setPen(palette.color(soft))
        below = QRect(top.bottomLeft() + QPoint(0, 2), area.bottomRight())
        text = self.tr("Not here yet. {0}").format(choice.summary)
        painter.drawText(
            below,
            Qt.TextFlag.TextWordWrap,
            text if choice.missing else choice.summary,
        )
        painter.restore()

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        choice: StyleChoice = index.data(_CHOICE)
        view = option.widget  # pyright: ignore[reportAttributeAccessIssue]
        wide = view.viewport().width() - 2 * _EDGE if isinstance(view, QListWidget) else 280
        metrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
        text = self.tr("Not here yet. {0}").format(choice.summary)
        text = text if choice.missing else choice.summary
        box = metrics.boundingRect(
            QRect(0, 0, max(wide, 80), 400), int(Qt.TextFlag.TextWordWrap), text
        )
        return QSize(wide, metrics.height() + box.height() + 12)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made
