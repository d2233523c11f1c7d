"""Page 2: what each clip shows, found by the program and corrected by a person, by keys alone."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.training.services import Clip
from genani.scene.face import Emotion
from genani.ui.faces.emotion_grid import emotion_name
from genani.ui.training.film import FilmView
from genani.ui.training.page import Page

if TYPE_CHECKING:
    from genani.app.session import Session

_CLIP = Qt.ItemDataRole.UserRole


class LabelsPage(Page):
    """The clips in a list, one playing large, and the seven emotions on the keys 1 to 7."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "labels",
            self.tr("Labels"),
            self.tr(
                "Faces, mouth shapes and emotions are found by the program; look them through. "
                "1 to 7 name the emotion and go on, Return agrees with it, Up and Down choose a "
                "clip, Space plays. A landmark can be dragged, with Shift the whole face; X: there "
                "is no face on this frame. Ctrl+Z takes back."
            ),
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._list = QListWidget()
        self._list.setObjectName("labels-list")
        self._list.setAccessibleName(self.tr("Clips and their emotions"))
        self._list.setMinimumWidth(260)
        self._list.currentItemChanged.connect(self._show_film)
        self._list.installEventFilter(self)
        self._film = FilmView()
        self._film.setObjectName("labels-film")
        self._film.dragged.connect(self._move)
        self._paused = False
        self._seen = ("", False)
        self._landmarks = QCheckBox(self.tr("Landmarks"))
        self._landmarks.setObjectName("labels-landmarks")
        self._landmarks.setChecked(True)
        self._landmarks.toggled.connect(lambda _on: self._show_points())
        beside = QVBoxLayout()
        beside.addWidget(self._film, 1)
        beside.addLayout(self._make_emotions())
        beside.addWidget(self._landmarks)
        both = QHBoxLayout()
        both.addWidget(self._list)
        both.addLayout(beside, 1)
        self.column.addLayout(both, 1)
        self.column.addLayout(self._make_status())
        self._trainings.errand_changed.connect(self._show_errand)

    def _make_emotions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._buttons: dict[Emotion, QToolButton] = {}
        group = QButtonGroup(self)
        for number, emotion in enumerate(Emotion, 1):
            button = QToolButton()
            button.setObjectName(f"label-{emotion.value}")
            button.setText(f"{number}  {emotion_name(emotion)}")
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, emotion=emotion: self._label(emotion))
            group.addButton(button)
            self._buttons[emotion] = button
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _make_status(self) -> QHBoxLayout:
        self._find = QPushButton(self.tr("Find faces and emotions"))
        self._find.setObjectName("labels-find")
        self._find.clicked.connect(lambda: self._session.start(self._trainings.annotate()))
        self._state = QLabel()
        self._state.setObjectName("labels-state")
        self._bar = QProgressBar()
        self._bar.setObjectName("labels-progress")
        self._bar.setRange(0, 1000)
        self._bar.hide()
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.clicked.connect(self._trainings.stop_errand)
        self._stop.hide()
        row = QHBoxLayout()
        row.addWidget(self._find)
        row.addWidget(self._state, 1)
        row.addWidget(self._bar)
        row.addWidget(self._stop)
        return row

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        clips = [clip for clip in self._trainings.clips if not clip.copy]
        row = max(0, self._list.currentRow())
        if [self._list.item(i).data(_CLIP).id for i in range(self._list.count())] != [
            clip.id for clip in clips
        ]:
            self._list.clear()
            for _clip in clips:
                self._list.addItem(QListWidgetItem())
        for place, clip in enumerate(clips):
            item = self._list.item(place)
            item.setData(_CLIP, clip)
            item.setText(self._line(clip))
        unseen = sum(not clip.annotated and not clip.by_person for clip in clips)
        self._find.setEnabled(bool(clips) and not self._trainings.on_errand)
        self._state.setText(
            self.tr("%n clip(s) not looked at yet", "", unseen) if unseen else self.tr("All done.")
        )
        if clips:
            self._list.setCurrentRow(min(row, len(clips) - 1))
        clip = self._current()
        if clip is not None and (clip.id, clip.annotated) != self._seen:
            # The same line of the list, with another clip or with landmarks by now.
            self._show_film()
        self._show_label()
        self._film.play(self._film.isVisible() and not self._paused)

    @override
    def leave(self) -> None:
        """See `Page.leave`."""
        self._film.play(False)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Undo):
                self._session.start(self._redrawn(self._trainings.review.undo()))
                return True
            if _is_redo(event):
                self._session.start(self._redrawn(self._trainings.review.redo()))
                return True
            number = event.key() - Qt.Key.Key_1
            if 0 <= number < len(Emotion):
                self._label(list(Emotion)[number])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._accept()
                return True
            if event.key() == Qt.Key.Key_X:
                self._lose()
                return True
            if event.key() == Qt.Key.Key_Space:
                self._pause(self._film.playing)
                return True
            if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self._pause(True)
                self._film.step(1 if event.key() == Qt.Key.Key_Right else -1)
                return True
        return super().eventFilter(watched, event)

    def _line(self, clip: Clip) -> str:
        if clip.emotion is None:
            told = self.tr("not looked at")
        elif clip.by_person:
            told = emotion_name(clip.emotion)
        else:
            told = self.tr("{0}? {1} %").format(
                emotion_name(clip.emotion), round(100 * clip.confidence)
            )
        return f"{clip.id}\n{told}"

    def _current(self) -> Clip | None:
        item = self._list.currentItem()
        return item.data(_CLIP) if item is not None else None

    def _label(self, emotion: Emotion) -> None:
        clip = self._current()
        if clip is None:
            return
        self._session.start(self._trainings.review.label(clip, emotion))
        self._go_on()

    def _accept(self) -> None:
        clip = self._current()
        if clip is not None and clip.emotion is not None:
            self._session.start(self._trainings.review.accept(clip))
            self._go_on()

    def _move(self, frame: str, points: Sequence[tuple[float, float]]) -> None:
        clip = self._current()
        if clip is not None:
            self._pause(True)
            self._session.start(self._redrawn(self._trainings.review.move(clip, frame, points)))

    def _lose(self) -> None:
        clip = self._current()
        if clip is not None and self._film.frame:
            self._pause(True)
            self._session.start(self._redrawn(self._trainings.review.lose(clip, self._film.frame)))

    async def _redrawn(self, change: Awaitable[None]) -> None:
        """Make a change, and show the landmarks as they then are, also where it failed."""
        try:
            await change
        finally:
            clip = self._current()
            if clip is not None:
                await self._fetch_points(clip)

    def _pause(self, on: bool) -> None:
        """Stand still until a person plays it, or another clip comes up."""
        self._paused = on
        self._film.play(not on)

    def _go_on(self) -> None:
        if self._list.currentRow() + 1 < self._list.count():
            self._list.setCurrentRow(self._list.currentRow() + 1)

    def _show_film(self, _item: object = None, _before: object = None) -> None:
        clip = self._current()
        self._paused = False
        self._seen = (clip.id, clip.annotated) if clip is not None else ("", False)
        self._film.show_clip(clip)
        self._film.play(self._film.isVisible())
        self._show_label()
        self._show_points()

    def _show_label(self) -> None:
        clip = self._current()
        for emotion, button in self._buttons.items():
            button.setEnabled(clip is not None)
            button.setChecked(clip is not None and clip.emotion is emotion)

    def _show_points(self) -> None:
        self._film.show_points({})
        clip = self._current()
        if clip is not None and clip.annotated and self._landmarks.isChecked():
            self._session.start(self._fetch_points(clip))

    async def _fetch_points(self, clip: Clip) -> None:
        points = await self._trainings.review.points(clip)
        now = self._current()
        if now is not None and now.id == clip.id and self._landmarks.isChecked():
            self._film.show_points(points)

    def _show_errand(self, share: float, text: str, going: bool) -> None:
        self._bar.setVisible(going)
        self._stop.setVisible(going)
        self._find.setEnabled(not going)
        self._bar.setValue(round(1000 * share))
        self._bar.setFormat(text)


def _is_redo(event: QKeyEvent) -> bool:
    return event.keyCombination() in (
        QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Y),
        QKeyCombination(
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Z
        ),
    )
