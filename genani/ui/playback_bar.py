"""The bar under the canvas: play, hop, loop, rate, zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolBar,
    QToolButton,
    QWidget,
)

from genani.scene.edits import ChangeScene
from genani.scene.errors import SceneError
from genani.scene.time import MAX_FRAME, Rate
from genani.ui.icons import icon

if TYPE_CHECKING:
    from genani.app.session import Session

RATES = ("12", "24", "23.976", "25", "29.97", "30", "48", "50", "60")


class PlaybackBar(QToolBar):
    """Buttons for the playhead, the frame number, the rate, and what playing lost."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("playback-bar")
        self.setWindowTitle(self.tr("Playback"))
        self.setMovable(False)
        self._session = session
        for name in (
            "first-frame",
            "previous-key",
            "previous-drawing",
            "previous-frame",
            "play",
            "next-frame",
            "next-drawing",
            "next-key",
            "last-frame",
        ):
            self._add_button(name)
        self.addSeparator()
        for name in ("loop", "ping-pong", "flip", "onion"):
            self._add_button(name)
        self.addSeparator()
        self._frame = QSpinBox()
        self._frame.setObjectName("playback-frame")
        self._frame.setAccessibleName(self.tr("Frame"))
        self._frame.setToolTip(self.tr("Frame"))
        self._frame.setRange(1, MAX_FRAME)
        self._frame.setKeyboardTracking(False)
        self._frame.valueChanged.connect(session.playback.seek)
        self.addWidget(self._frame)
        self._rate = QComboBox()
        self._rate.setObjectName("playback-rate")
        self._rate.setAccessibleName(self.tr("Frames a second"))
        self._rate.setToolTip(self.tr("Frames a second, 1 to 120"))
        self._rate.setEditable(True)
        self._rate.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._rate.addItems(list(RATES))
        self._rate.setMaximumWidth(84)
        self._rate.activated.connect(self._set_rate)
        line = self._rate.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._set_rate)
        self.addWidget(self._rate)
        self.addWidget(QLabel(self.tr(" fps ")))
        self._lost = QLabel()
        self._lost.setObjectName("playback-lost")
        self.addWidget(self._lost)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self._scale = QLabel()
        self._scale.setObjectName("canvas-scale")
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._scale.setMinimumWidth(self._scale.fontMetrics().horizontalAdvance("6400 %") + 8)
        self.addWidget(self._scale)
        for name in ("fit", "actual-size"):
            self._add_button(name)
        session.playback.frame_changed.connect(self._show_frame)
        session.playback.playing_changed.connect(self._show_playing)
        session.playback.dropped.connect(self._show_lost)
        session.controller.scene_changed.connect(self._show_rate)
        self._show_frame(session.playback.frame)
        self._show_rate()

    def _add_button(self, name: str) -> None:
        # Not `addAction`: the keys of the action would then work in the fields of this bar too,
        # and the point of 23.976 would be *next frame*.
        button = QToolButton()
        button.setObjectName(f"playback-{name}")
        button.setDefaultAction(self._session.actions.action(name))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(self.iconSize())
        self.addWidget(button)

    def show_scale(self, scale: float) -> None:
        """Show how large the canvas is shown."""
        self._scale.setText(self.tr("{0} %").format(round(scale * 100)))

    def _show_frame(self, frame: int) -> None:
        self._frame.blockSignals(True)
        self._frame.setValue(frame)
        self._frame.blockSignals(False)

    def _show_playing(self, playing: bool) -> None:
        self._session.actions.action("play").setIcon(icon("pause" if playing else "play"))
        if playing:
            self._lost.clear()
        else:
            self._show_frame(self._session.playback.frame)

    def _show_lost(self, frames: int) -> None:
        self._lost.setText(self.tr("%n frame(s) dropped", "", frames) if frames else "")

    def _show_rate(self) -> None:
        self._rate.setCurrentText(str(self._session.controller.scene.rate))

    def _set_rate(self) -> None:
        try:
            rate = Rate.of(self._rate.currentText().strip())
        except SceneError as error:
            self._session.controller.refused.emit(str(error))
            self._show_rate()
            return
        if rate != self._session.controller.scene.rate:
            self._session.controller.do(ChangeScene(rate=rate), self.tr("Frames a second"))
