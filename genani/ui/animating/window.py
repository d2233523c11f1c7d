"""*Animate this drawing*: it stays open beside the work and draws behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QImage, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
)
from typing_extensions import override

from genani.app.animating.outcome import Keeping, Subject
from genani.app.animating.services import AnimateLook
from genani.scene.errors import GenAniError
from genani.scene.request import MAX_SEED
from genani.ui.animating.loop_view import LoopView
from genani.ui.model_box import ModelBox
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from genani.app.session import Session
    from genani.app.sources import Source

COST_MS = 120
"""So long nothing changes before it is asked how long that takes."""

_FRAMES = 10
_MOST_EXPOSURE = 24
_MOST_SEED = min(MAX_SEED, 2**31 - 1)
"""The largest that a field of Qt holds."""


class AnimateWindow(QDialog):
    """Chooses what a drawing does, shows the loop, and puts it on the timeline."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("animate")
        self.setModal(False)
        self.setWindowTitle(self.tr("Animate this drawing"))
        self._session, self._work = session, session.animating
        self._meant: tuple[Subject, Source] | None = None
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(COST_MS)
        self._settling.timeout.connect(self._ask_cost)
        self._told_missing = ""
        self._kept_text = self.tr("It is on the timeline; one undo takes it back.")
        self._view = LoopView()
        self._make_fields()
        self._make_status()
        row = QHBoxLayout()
        row.addWidget(self._view, 1)
        row.addLayout(self._form)
        told = QHBoxLayout()
        told.addWidget(self._note, 1)
        told.addWidget(self._model.train, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.addLayout(row, 1)
        layout.addWidget(self._model.limits)
        layout.addWidget(self._cost)
        layout.addLayout(told)
        layout.addWidget(self._bar)
        layout.addLayout(self._buttons)
        self._work.drew.connect(self._view_add)
        self._work.went.connect(self._show_progress)
        self._work.ended.connect(self._show_ended)
        self._work.kept.connect(self._show_kept)
        self._work.models_changed.connect(self._fill_models)
        session.training.models_changed.connect(self._look_again)
        session.controller.scene_changed.connect(self._forget_kept)
        self.addActions([session.actions.action(name) for name in ("undo", "redo")])

    def open_here(self) -> None:
        """Show it for the drawing that is meant now."""
        if not self._work.busy:
            self._take(self._work.subject())
        self._session.start(self._refresh())
        self.show()
        self.raise_()
        self.activateWindow()

    # What is on it

    def _make_fields(self) -> None:
        services = self._work.services
        self._action, self._pixel_art = QComboBox(), QComboBox()
        self._place, self._model = QComboBox(), ModelBox(self._session)
        self._frames, self._exposure, self._seed = QSpinBox(), QSpinBox(), QSpinBox()
        words = self._action_words()
        for action in services.actions:
            self._action.addItem(words.get(action, action), action)
        self._action.setCurrentIndex(max(0, self._action.findData("walk")))
        for text, value in (
            (self.tr("where it looks like it"), "auto"),
            (self.tr("yes"), "on"),
            (self.tr("no"), "off"),
        ):
            self._pixel_art.addItem(text, value)
        for text, keeping in (
            (self.tr("after the drawing"), Keeping.BEHIND),
            (self.tr("on a new layer, this one hidden"), Keeping.INSTEAD),
            (self.tr("on a new layer"), Keeping.LAYER),
        ):
            self._place.addItem(text, keeping)
        self._frames.setRange(*services.frames)
        self._frames.setValue(_FRAMES)
        self._exposure.setRange(1, _MOST_EXPOSURE)
        self._exposure.setValue(self._session.controller.scene.exposure)
        self._seed.setRange(0, _MOST_SEED)
        self._seed.setToolTip(
            self.tr("0 moves evenly; another number hurries and lingers in its own way")
        )
        self._pixel_art.setToolTip(
            self.tr("Only the drawing's own colours, and no pixel between them")
        )
        self._form = QFormLayout()
        for name, label, field in (
            ("action", self.tr("Action"), self._action),
            ("frames", self.tr("Drawings"), self._frames),
            ("exposure", self.tr("Exposure"), self._exposure),
            ("seed", self.tr("Way of moving"), self._seed),
            ("pixel-art", self.tr("Pixel art"), self._pixel_art),
            ("model", self.tr("Network"), self._model),
            ("place", self.tr("Put it"), self._place),
        ):
            field.setObjectName(f"animate-{name}")
            field.setAccessibleName(label)
            self._form.addRow(label, field)
        self._exposure.valueChanged.connect(self._play)
        for field in (self._frames, self._seed):
            field.setKeyboardTracking(False)
            field.valueChanged.connect(self._changed)
        for box in (self._action, self._pixel_art):
            box.activated.connect(self._changed)
        self._model.chosen.connect(self._changed)

    def _action_words(self) -> dict[str, str]:
        return {
            "idle": self.tr("stands and breathes"),
            "walk": self.tr("walks"),
            "run": self.tr("runs"),
            "jump": self.tr("jumps"),
            "attack": self.tr("strikes"),
            "blink": self.tr("blinks"),
            "talk": self.tr("talks"),
        }

    def _make_status(self) -> None:
        self._note, self._bar = QLabel(), QProgressBar()
        self._note.setObjectName("animate-note")
        self._note.setWordWrap(True)
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._note.setForegroundRole(QPalette.ColorRole.Accent)
        self._cost = QLabel()
        self._cost.setObjectName("animate-cost")
        self._cost.setWordWrap(True)
        self._bar.setObjectName("animate-progress")
        self._bar.setRange(0, 1000)
        self._bar.hide()
        self._go, self._stop = QPushButton(self.tr("Draw")), QPushButton(self.tr("Stop"))
        self._keep, close = QPushButton(self.tr("Put on the timeline")), QPushButton()
        close.setText(self.tr("Close"))
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        for name, button, verb in (
            ("stop", self._stop, self._work.stop),
            ("close", close, self.close),
            ("go", self._go, self._begin),
            ("keep", self._keep, self._keep_loop),
        ):
            button.setObjectName(f"animate-{name}")
            # Return in a field means that field, and begins nothing.
            button.setAutoDefault(False)
            button.clicked.connect(verb)
            self._buttons.addWidget(button)

    # Showing

    def _take(self, meant: tuple[Subject, Source] | None) -> None:
        self._meant = meant
        self._view.stop()
        self._view.clear()
        self._note.clear()
        if meant:
            self.setWindowTitle(self.tr("Animate a drawing of {0}").format(meant[0].name))
            # Of an in-between that nobody has kept there is no cell to go behind.
            loose = meant[0].cell is None
            self._place.setEnabled(not loose)
            if loose:
                self._place.setCurrentIndex(self._place.findData(Keeping.LAYER))
        self._changed()
        if meant:
            self._session.start(self._show_drawing(meant[1]))

    async def _show_drawing(self, source: Source) -> None:
        """Show what is meant, until there is more of it."""
        image = await self._work.drawing(source)
        meant = self._meant is not None and source == self._meant[1]
        if image is not None and meant and not self._view.count:
            self._view.show_still(image)

    async def _refresh(self) -> None:
        await self._work.refresh()
        self._fill_models()

    def _look_again(self) -> None:
        # One may just have been trained.
        if self.isVisible():
            self._session.start(self._refresh())

    def _fill_models(self) -> None:
        self._model.show_offer(self._work.models)
        self._changed()
        self._grow()

    def _grow(self) -> None:
        """Be as high as the sentences need: no layout asks for that of itself."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _missing(self) -> str:
        """Why nothing can be drawn; empty if it can."""
        if self._meant is None:
            return self.tr("Put the playhead on a drawing to animate it.")
        return self._model.missing

    def _show_state(self) -> None:
        busy, missing = self._work.busy, self._missing()
        self._bar.setVisible(busy)
        self._stop.setVisible(busy)
        self._go.setEnabled(not busy and not missing and bool(self._work.models.known))
        self._keep.setEnabled(self._work.ready and self._view.count > 1)
        if missing or self._note.text() == self._told_missing:
            self._note.setText(missing)
        self._told_missing = missing

    def _changed(self) -> None:
        """Something else is asked for: it takes another time."""
        self._show_state()
        self._cost.clear()
        self._settling.start()

    def _ask_cost(self) -> None:
        if self._meant is not None and self._work.models.known and not self._model.missing:
            self._session.start(self._show_cost(self._meant[1], self._look()))

    async def _show_cost(self, source: Source, look: AnimateLook) -> None:
        try:
            cost = await self._work.estimate(source, look)
        except GenAniError as error:
            told = str(error)
        else:
            text = self.tr("%n drawing(s) on {0}: {1}", "", look.frames)
            told = text.format(cost.device.upper(), duration_text(cost.seconds))
            told = f"{told}\n{cost.note}" if cost.note else told
        # Meanwhile something else may have been asked for.
        if self._meant is not None and (source, look) == (self._meant[1], self._look()):
            self._cost.setText(told)

    def _view_add(self, image: QImage) -> None:
        self._view.add(image)

    def _show_progress(self, share: float, text: str) -> None:
        self._bar.setValue(round(1000 * share))
        self._bar.setFormat(text)
        self._show_state()

    def _show_ended(self, why: str) -> None:
        self._note.setText(why)
        self._show_state()
        if not why:
            self._play()

    def _show_kept(self, why: str) -> None:
        self._note.setText(why or self._kept_text)
        self._show_state()

    def _forget_kept(self) -> None:
        # Undone, or worked on: what was told is no news any more.
        if self._note.text() == self._kept_text:
            self._note.clear()

    def _play(self) -> None:
        if self._work.ready and self._view.count > 1:
            rate = float(self._session.controller.scene.rate.fraction)
            self._view.play(round(1000 * self._exposure.value() / rate))

    # Doing

    def _begin(self) -> None:
        self._take(self._work.subject() or self._meant)
        if self._meant is None:
            return
        self._work.begin(*self._meant, self._look())
        self._show_state()

    def _look(self) -> AnimateLook:
        """How the drawing is to be animated, as it is set here."""
        return AnimateLook(
            self._action.currentData(),
            self._frames.value(),
            self._seed.value(),
            self._pixel_art.currentData(),
            self._model.name,
        )

    def _keep_loop(self) -> None:
        self._work.keep(self._exposure.value(), self._place.currentData())

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._work.stop()
        self._view.stop()
        super().closeEvent(event)
