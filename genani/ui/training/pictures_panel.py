"""Single pictures to train on: a place for each kind, to drop them on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.training.album import KINDS
from genani.ui.dialogs.ask import open_files, open_folder

if TYPE_CHECKING:
    from genani.app.session import Session

_PICTURES = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp"
_THUMB = QSize(72, 72)
_SHOWN = 60
"""Of so many pictures a small one is shown; the others are counted."""


class PicturesPanel(QWidget):
    """The kinds of pictures that what is trained wants, each in a box of its own."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._boxes = {kind: _KindBox(session, kind) for kinds in KINDS.values() for kind in kinds}
        self._note = QLabel()
        self._note.setObjectName("pictures-note")
        self._note.setWordWrap(True)
        row = QHBoxLayout()
        for box in self._boxes.values():
            row.addWidget(box, 1)
            # All of them side by side would make the window wider than many a screen.
            box.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row, 1)
        column.addWidget(self._note)

    def refresh(self) -> None:
        """Show what there is of each kind that is wanted."""
        trainings = self._session.training
        choice = trainings.choice
        if choice is None:
            return
        wanted = KINDS.get(choice.material, ())
        for kind, box in self._boxes.items():
            box.setVisible(kind in wanted)
            if kind in wanted:
                box.show_pictures(trainings.album.of(kind))
        empty = not any(trainings.album.of(kind) for kind in wanted)
        own = self.tr("With nothing here it learns from pictures that GenAni draws itself.")
        self._note.setText(own if empty and choice.alone else "")


class _KindBox(QGroupBox):
    """The pictures of one kind."""

    def __init__(self, session: Session, kind: str) -> None:
        super().__init__()
        titles = {
            "photos": self.tr("Photos"),
            "cartoons": self.tr("Drawings in the style"),
            "pictures": self.tr("Pictures"),
            "picture": self.tr("The picture"),
        }
        hints = {
            "photos": self.tr("What is to be redrawn later, such as faces or places."),
            "cartoons": self.tr("What it is to look like; they need not show the same things."),
            "pictures": self.tr("Many of one kind, such as faces, cut alike."),
            "picture": self.tr("One face in the style that others are to be drawn in."),
        }
        self.setTitle(titles[kind])
        self.setObjectName(f"pictures-{kind}")
        self.setAcceptDrops(True)
        self._session, self._kind = session, kind
        self._paths: tuple[Path, ...] | None = None
        hint = QLabel(hints[kind])
        hint.setWordWrap(True)
        self._list = QListWidget()
        self._list.setObjectName(f"pictures-{kind}-list")
        self._list.setAccessibleName(titles[kind])
        self._list.setViewMode(QListWidget.ViewMode.IconMode)
        self._list.setIconSize(_THUMB)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._list.setMovement(QListWidget.Movement.Static)
        self._list.setUniformItemSizes(True)
        self._count = QLabel()
        self._count.setObjectName(f"pictures-{kind}-count")
        files = QPushButton(self.tr("Add pictures…"))
        files.setObjectName(f"pictures-{kind}-add")
        files.clicked.connect(lambda: session.start(self._choose()))
        folder = QPushButton(self.tr("Add a folder…"))
        folder.setObjectName(f"pictures-{kind}-folder")
        folder.clicked.connect(lambda: session.start(self._choose_folder()))
        folder.setVisible(kind != "picture")
        self._clear = QPushButton(self.tr("Clear"))
        self._clear.setObjectName(f"pictures-{kind}-clear")
        self._clear.setToolTip(self.tr("Take them out of this training; the files stay"))
        self._clear.clicked.connect(
            lambda: session.start(session.training.clear_pictures(self._kind))
        )
        row = QHBoxLayout()
        for button in (files, folder, self._clear):
            button.setAutoDefault(False)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addWidget(self._list, 1)
        column.addWidget(self._count)
        column.addLayout(row)

    def show_pictures(self, paths: tuple[Path, ...]) -> None:
        """Show what there is."""
        self._count.setText(self.tr("%n picture(s)", "", len(paths)))
        self._clear.setEnabled(bool(paths))
        if paths != self._paths:
            self._paths = paths
            self._session.start(self._fill(paths))

    async def _fill(self, paths: tuple[Path, ...]) -> None:
        some = paths[:_SHOWN]
        pictures = await self._session.training.pictures(some, _THUMB)
        if paths != self._paths:
            return
        self._list.clear()
        for path, picture in zip(some, pictures, strict=True):
            item = QListWidgetItem(QIcon(QPixmap.fromImage(picture)), "")
            item.setToolTip(path.name)
            self._list.addItem(item)

    async def _choose(self) -> None:
        kinds = self.tr("Pictures ({0})").format(_PICTURES)
        paths = await open_files(self, self.title(), kinds, Path.home())
        if paths:
            await self._add(paths)

    async def _choose_folder(self) -> None:
        folder = await open_folder(self, self.title(), Path.home())
        if folder is not None:
            await self._add([folder])

    async def _add(self, paths: Sequence[Path]) -> None:
        await self._session.training.add_pictures(self._kind, paths)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._session.start(self._add(paths))
