"""Page 1: films come in, and what was cut out of them is looked through."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.training.album import Material
from genani.app.training.services import Clip
from genani.app.training.turning import turn_to
from genani.ui.dialogs.ask import open_files
from genani.ui.training.film import FilmView
from genani.ui.training.page import Page
from genani.ui.training.pictures_panel import PicturesPanel

if TYPE_CHECKING:
    from genani.app.session import Session

_FILMS = "*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.gif *.png *.apng *.webp"
_THUMB = QSize(112, 112)
_AT_ONCE = 16
"""Pictures read in one go, so that labels need not wait for all of them."""

_CELL = QSize(136, 142)
_CLIP = Qt.ItemDataRole.UserRole


class ClipsPage(Page):
    """A place to drop films on, and a grid of the clips."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "clips",
            self.tr("Clips"),
            "",
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._shown: tuple[str, ...] = ()
        self.setAcceptDrops(True)
        self._task = QComboBox()
        self._task.setObjectName("training-task")
        self._task.activated.connect(lambda _index: self._choose_task())
        what = QFormLayout()
        what.addRow(self.tr("Train"), self._task)
        self.column.addLayout(what)
        self._films = QWidget()
        self._pictures = PicturesPanel(session)
        films = QVBoxLayout(self._films)
        films.setContentsMargins(0, 0, 0, 0)
        films.addLayout(self._make_choices())
        self._grid = QListWidget()
        self._grid.setObjectName("training-grid")
        self._grid.setAccessibleName(self.tr("Clips"))
        self._grid.setViewMode(QListWidget.ViewMode.IconMode)
        self._grid.setIconSize(_THUMB)
        self._grid.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._grid.setMovement(QListWidget.Movement.Static)
        self._grid.setGridSize(_CELL)
        self._grid.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._grid.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._grid.currentItemChanged.connect(self._show_film)
        self._film = FilmView()
        self._film.setObjectName("training-film")
        both = QHBoxLayout()
        both.addWidget(self._grid, 1)
        both.addWidget(self._film)
        films.addLayout(both, 1)
        films.addLayout(self._make_status())
        self.column.addWidget(self._films, 1)
        self.column.addWidget(self._pictures, 1)
        self._trainings.errand_changed.connect(self._show_errand)
        self._trainings.noted.connect(self._note)

    def _make_choices(self) -> QHBoxLayout:
        self._add = QPushButton(self.tr("Add films…"))
        self._add.setObjectName("training-add")
        self._add.clicked.connect(lambda: self._session.start(self._choose()))
        self._crop, self._size = QComboBox(), QComboBox()
        self._crop.setObjectName("training-crop")
        self._crop.addItem(self.tr("around the faces"), "face")
        self._crop.addItem(self.tr("the whole picture"), "whole")
        self._size.setObjectName("training-size")
        for size in ("256x256", "512x320"):
            self._size.addItem(size.replace("x", " × "), size)
        for name, box in (("crop", self._crop), ("size", self._size)):
            box.activated.connect(
                lambda _index, name=name, box=box: self._session.start(
                    self._trainings.choose(**{name: box.currentData()})
                )
            )
        self._action = QComboBox()
        self._action.setObjectName("training-action")
        self._action.setPlaceholderText(self.tr("What is done in the chosen clips?"))
        self._action.activated.connect(lambda _index: self._set_action())
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addWidget(self._action)
        row.addStretch(1)
        for label, box in ((self.tr("Take"), self._crop), (self.tr("at"), self._size)):
            row.addWidget(QLabel(label))
            row.addWidget(box)
        return row

    def _make_status(self) -> QHBoxLayout:
        self._count = QLabel()
        self._count.setObjectName("training-count")
        self._notes = QLabel()
        self._notes.setObjectName("training-notes")
        self._notes.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setObjectName("training-import")
        self._bar.setRange(0, 1000)
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setObjectName("training-import-stop")
        self._stop.clicked.connect(self._trainings.stop_errand)
        self._remove = QPushButton(self.tr("Remove"))
        self._remove.setObjectName("training-remove")
        self._remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        self._remove.setToolTip(self.tr("Take the selected clips out (Del)"))
        self._remove.clicked.connect(self._take_out)
        self._back = QPushButton(self.tr("Put back"))
        self._back.setObjectName("training-put-back")
        self._back.clicked.connect(lambda: self._session.start(self._trainings.review.put_back()))
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addWidget(self._notes, 1)
        for widget in (self._bar, self._stop, self._remove, self._back):
            row.addWidget(widget)
        self._bar.hide()
        self._stop.hide()
        return row

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        project, clips = self._trainings.project, self._trainings.clips
        self._show_task()
        if project is not None:
            self._crop.setCurrentIndex(self._crop.findData(project.choices.crop))
            self._size.setCurrentIndex(self._size.findData(project.choices.size))
        # A data set has one size; another one would have to be imported anew.
        self._size.setEnabled(not clips)
        self._back.setVisible(self._trainings.review.can_put_back)
        self._count.setText(self.tr("%n clip(s)", "", len(clips)))
        names = tuple(f"{clip.id}/{clip.action}" for clip in clips)
        if names != self._shown:
            self._shown = names
            self._fill(clips)
        if self._film.isVisible():
            self._film.play(True)

    def _show_task(self) -> None:
        """Show what is trained, and ask for what that learns from."""
        choices, choice = self._trainings.choices, self._trainings.choice
        if self._task.count() != len(choices):
            self._task.clear()
            for each in choices:
                self._task.addItem(each.title, each.task)
        if not self._action.count():
            self._action.addItems(list(self._trainings.services.actions))
            self._action.setCurrentIndex(-1)
        if choice is None:
            return
        self._task.setCurrentIndex(self._task.findData(choice.task))
        self._task.setToolTip(choice.summary)
        on_pictures = self._trainings.on_pictures
        self.hint.setText(
            self.tr("Drop pictures, or folders of them, where they belong; they are copied.")
            if on_pictures
            else self.tr(
                "Drop videos, animations or folders of frames here. They are cut into shots of "
                "about two seconds; stills, holds and fades are left out."
            )
        )
        self._films.setVisible(not on_pictures)
        self._pictures.setVisible(on_pictures)
        self._action.setVisible(choice.material is Material.ACTIONS)
        if on_pictures:
            self._pictures.refresh()

    def _choose_task(self) -> None:
        self._session.start(turn_to(self._trainings, self._task.currentData()))

    def _set_action(self) -> None:
        chosen = [item.data(_CLIP) for item in self._grid.selectedItems()]
        action = self._action.currentText()
        self._action.setCurrentIndex(-1)
        if chosen and action:
            self._session.start(self._trainings.set_action(chosen, action))

    @override
    def leave(self) -> None:
        """See `Page.leave`."""
        self._film.play(False)

    def _fill(self, clips: Sequence[Clip]) -> None:
        self._grid.clear()
        for clip in clips:
            item = QListWidgetItem(f"{clip.id} · {clip.action}" if clip.action else clip.id)
            item.setData(_CLIP, clip)
            item.setToolTip(self.tr("%n frame(s)", "", len(clip.frames)))
            self._grid.addItem(item)
        self._session.start(self._fetch_icons(clips))
        if self._grid.count():
            self._grid.setCurrentRow(0)
        else:
            self._film.show_clip(None)

    async def _fetch_icons(self, clips: Sequence[Clip]) -> None:
        """Show a picture of each clip; given up when there are others to be shown."""
        shown = self._shown
        for start in range(0, len(clips), _AT_ONCE):
            some = clips[start : start + _AT_ONCE]
            paths = [clip.folder / clip.frames[len(clip.frames) // 2] for clip in some]
            pictures = await self._trainings.pictures(paths, _THUMB)
            if shown != self._shown:
                return
            for place, picture in enumerate(pictures, start):
                if not picture.isNull():
                    self._grid.item(place).setIcon(QIcon(QPixmap.fromImage(picture)))

    def _show_film(self, item: QListWidgetItem | None, _before: object = None) -> None:
        clip = item.data(_CLIP) if item is not None else None
        self._film.show_clip(clip)
        self._film.play(clip is not None)

    def _take_out(self) -> None:
        chosen = [item.data(_CLIP) for item in self._grid.selectedItems()]
        if chosen:
            self._session.start(self._trainings.review.remove(chosen))

    def _show_errand(self, share: float, text: str, going: bool) -> None:
        self._bar.setVisible(going)
        self._stop.setVisible(going)
        self._add.setEnabled(not going)
        self._bar.setValue(round(1000 * share))
        self._bar.setFormat(text)

    def _note(self, line: str) -> None:
        self._notes.setText(line)
        before = self._notes.toolTip()
        self._notes.setToolTip(f"{before}\n{line}" if before else line)

    async def _choose(self) -> None:
        kinds = self.tr("Films ({0})").format(_FILMS)
        paths = await open_files(self, self.tr("Films to train on"), kinds, Path.home())
        if paths:
            await self._import(paths)

    async def _import(self, paths: Sequence[Path]) -> None:
        self._notes.setToolTip("")
        await self._trainings.import_films(paths)

    # Drag and drop

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        busy = self._trainings.on_errand or self._trainings.on_pictures
        if event.mimeData().hasUrls() and not busy:
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._session.start(self._import(paths))
