"""The media bin: pictures that were brought in and wait to be dragged onto the timeline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.import_task import Found, ImportMode, Reading
from genani.scene.picture import PictureId
from genani.ui.dialogs.ask import open_files
from genani.ui.icons import icon
from genani.ui.timeline.drops import BIN_MIME

if TYPE_CHECKING:
    from genani.app.session import Session

THUMBNAIL = QSize(96, 72)
PICTURE_FILTER = (
    "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.tga *.bmp *.gif *.apng *.mp4 *.mov *.webm *.mkv *.avi"
)
_PLACE = Qt.ItemDataRole.UserRole


class MediaBin(QWidget):
    """A list of pictures; drag one or several onto a frame, double-click puts them there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("media-bin")
        self._session = session
        self._found: list[Found] = []
        self._list = _BinList(self)
        self._empty = QLabel(self.tr("Drop pictures here to have them at hand."))
        self._empty.setWordWrap(True)
        add = QPushButton(icon("add"), self.tr("Add pictures…"))
        add.setObjectName("media-add")
        add.clicked.connect(lambda: session.start(self._choose()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, 1)
        layout.addWidget(add)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(40)
        self._timer.timeout.connect(self._show_thumbnails)
        session.frames.thumbnail_ready.connect(self._timer.start)
        session.document_opened.connect(self._clear)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read files into the bin, behind the window."""
        self._session.start(self._read(paths))

    def reading(self, places: Sequence[int]) -> Reading:
        """The pictures at these places of the list, ready to be put on the timeline."""
        drawings = tuple(self._found[place] for place in places if place < len(self._found))
        return Reading(drawings, self._session.controller.scene.rate)

    async def _choose(self) -> None:
        pictures = self.tr("Pictures and clips ({0})").format(PICTURE_FILTER)
        paths = await open_files(self, self.tr("Add pictures"), pictures, None)
        if paths:
            await self._read(paths)

    async def _read(self, paths: Sequence[Path]) -> None:
        reading = await self._session.read_files(paths, ImportMode.KEYS)
        for found in reading.drawings:
            item = QListWidgetItem(found.name)
            item.setData(_PLACE, len(self._found))
            item.setToolTip(
                self.tr("{0}, {1} × {2} pixels").format(found.name, *found.picture.size)
            )
            self._found.append(found)
            self._list.addItem(item)
        self._empty.setVisible(not self._found)
        self._show_thumbnails()

    def _clear(self) -> None:
        self._found.clear()
        self._list.clear()
        self._empty.show()

    def _show_thumbnails(self) -> None:
        for row in range(self._list.count()):
            item = self._list.item(row)
            if item.icon().isNull():
                source: PictureId = self._found[item.data(_PLACE)].picture.id
                image = self._session.frames.thumbnail(source, THUMBNAIL.height())
                if image is not None:
                    item.setIcon(QIcon(QPixmap.fromImage(image)))


class _BinList(QListWidget):
    def __init__(self, owner: MediaBin) -> None:
        super().__init__(owner)
        self.setObjectName("media-list")
        self.setAccessibleName(self.tr("Media bin"))
        self._owner = owner
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setIconSize(THUMBNAIL)
        self.setSpacing(4)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)

    @override
    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        places = sorted(item.data(_PLACE) for item in items)
        data = QMimeData()
        data.setData(BIN_MIME, QByteArray(json.dumps(places).encode()))
        return data

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._owner.add_files(paths)
