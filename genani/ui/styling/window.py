"""Stylise: drawings are redrawn in another style, after a look at what comes of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QImage, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.standing import SpanKey
from genani.app.states import SpanStatus
from genani.app.styling.services import StyleLook
from genani.app.styling.styling import Order
from genani.app.styling.subject import Extent, Piece, Subject, subjects
from genani.scene.errors import GenAniError
from genani.ui.primary_button import PrimaryButton
from genani.ui.styling.side import StyleSide
from genani.ui.styling.wipe import WipeView
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.jobs import Cost
    from genani.app.session import Session
    from genani.app.sources import Source

LOOK_MS = 200
"""So long nothing changes before a drawing is restyled to be looked at."""


class StyliseWindow(QDialog):
    """Modeless: what was begun goes on when it is closed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stylise")
        self.setWindowTitle(self.tr("Stylise"))
        self.setModal(False)
        self.resize(1060, 680)
        self._session = session
        self._styling = session.styling
        self._subjects: dict[Extent, Subject] = {}
        self._shown: Source | None = None
        self._asked: tuple[object, ...] = ()
        self._costing: asyncio.Task[None] | None = None
        self._wipe = WipeView()
        self._side = StyleSide(session)
        side = QWidget()
        side.setFixedWidth(340)
        column = QVBoxLayout(side)
        column.setContentsMargins(4, 0, 0, 0)
        column.addWidget(self._side, 1)
        column.addLayout(self._make_end())
        row = QHBoxLayout(self)
        row.addWidget(self._wipe, 1)
        row.addWidget(side)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._connect()
        # What is done here is on the timeline at once, and Ctrl+Z here takes it back.
        self.addActions([session.actions.action(name) for name in ("undo", "redo")])

    def _make_end(self) -> QVBoxLayout:
        self._cost = QLabel()
        self._cost.setObjectName("stylise-cost")
        self._cost.setWordWrap(True)
        self._undrawn = QLabel()
        self._undrawn.setObjectName("stylise-undrawn")
        self._undrawn.setWordWrap(True)
        self._undrawn.setForegroundRole(QPalette.ColorRole.Accent)
        self._undrawn.hide()
        self._draw = QPushButton(self.tr("Generate"))
        self._draw.setObjectName("stylise-generate")
        self._draw.setToolTip(self.tr("Draw the in-betweens that are missing"))
        self._draw.setAutoDefault(False)
        self._draw.hide()
        self._bar = QProgressBar()
        self._bar.setObjectName("stylise-progress")
        self._bar.setRange(0, 1000)
        self._go = PrimaryButton("stylise", self.tr("Stylise"))
        self._go.setObjectName("stylise-go")
        # Return in a field means that field, and begins nothing.
        self._go.setAutoDefault(False)
        self._stop = QPushButton(self.tr("Cancel"))
        self._stop.setObjectName("stylise-stop")
        self._stop.setAutoDefault(False)
        self._told = QLabel()
        self._told.setObjectName("stylise-told")
        self._told.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self._bar, 1)
        row.addWidget(self._stop)
        column = QVBoxLayout()
        column.addWidget(self._cost)
        lacking = QHBoxLayout()
        lacking.addWidget(self._undrawn, 1)
        lacking.addWidget(self._draw)
        column.addLayout(lacking)
        column.addWidget(self._told)
        column.addLayout(row)
        column.addWidget(self._go)
        self._bar.hide()
        self._stop.hide()
        self._told.hide()
        return column

    def _connect(self) -> None:
        session, styling, side = self._session, self._styling, self._side
        side.changed.connect(self._changed)
        side.changed.connect(self._told.hide)
        side.strength_changed.connect(self._wipe.set_strength)
        side.strength_changed.connect(lambda _strength: self._show_usable())
        side.keeping_changed.connect(self._show_usable)
        self._go.clicked.connect(self._begin)
        self._stop.clicked.connect(styling.stop)
        self._draw.clicked.connect(self._draw_missing)
        session.closed.connect(self._wipe.shut)
        session.training.models_changed.connect(self._look_again)
        styling.choices_changed.connect(lambda: side.list.show_choices(styling.choices))
        styling.looked.connect(self._show_looked)
        styling.look_failed.connect(self._show_look_failed)
        styling.went.connect(self._show_progress)
        styling.ended.connect(self._show_ended)
        styling.fetching.ended.connect(self._tell_fetched)
        # Undone, or worked on: what was told is no news any more.
        session.controller.scene_changed.connect(self._told.hide)
        for signal in (
            session.selection.changed,
            session.playback.frame_changed,
            session.controller.scene_changed,
            session.renders.span_changed,
        ):
            signal.connect(self._follow)

    # Following the scene

    def open_here(self) -> None:
        """Come up, for what is meant now."""
        self._told.hide()
        self.show()
        self.raise_()
        self.activateWindow()
        self._session.start(self._take_up())
        self._follow()
        self._side.choose_extent(self._meant())
        self._changed()

    def _look_again(self) -> None:
        # A style may just have been trained.
        if self.isVisible():
            self._session.start(self._styling.refresh())

    async def _take_up(self) -> None:
        """Look which styles there are by now, and begin with the one that is wanted."""
        await self._styling.refresh()
        wanted, self._styling.wanted = self._styling.wanted, ""
        if wanted:
            self._side.list.choose(wanted)

    def _meant(self) -> Extent | None:
        """How much is meant by what is selected."""
        selection = self._session.selection
        if len(selection.cells) > 1:
            return Extent.CHOSEN
        if selection.span is not None and selection.t is None:
            return Extent.SPAN
        return None

    def _follow(self) -> None:
        """Offer what can be redrawn now, and show the drawing at the playhead."""
        if self.isVisible() and not self._session.playback.playing:
            self._subjects = subjects(self._session)
            self._side.show_subjects(self._subjects)
            self._changed()

    @property
    def _subject(self) -> Subject | None:
        extent = self._side.extent
        return self._subjects.get(extent) if extent else None

    def _changed(self) -> None:
        """What is to be redrawn or how is another: show it, once that has settled."""
        self._show_usable()
        self._session.start(self._show_before())
        self._timer.start()

    def _show_usable(self) -> None:
        subject, choice = self._subject, self._side.list.choice
        self._side.show_subject(subject)
        undrawn, drawing = len(self._missing()), self._drawing()
        self._undrawn.setVisible(undrawn > 0)
        self._draw.setVisible(undrawn > 0 and not drawing)
        if drawing:
            text = self.tr("%n in-between(s) are being drawn…", "", undrawn)
        else:
            text = self.tr("%n in-between(s) are not drawn yet.", "", undrawn)
        self._undrawn.setText(text)
        there = choice is not None and (not choice.missing or self._side.own_model)
        usable = subject is not None and there and not undrawn
        self._go.setEnabled(usable and self._side.strength > 0 and not self._styling.busy)

    def _missing(self) -> list[Piece]:
        """What is to be restyled and is not drawn yet."""
        subject, has = self._subject, self._session.sources.has
        return [piece for piece in subject.pieces if not has(piece.source)] if subject else []

    def _spans(self) -> list[SpanKey]:
        """The spans that what is not drawn yet is of."""
        subject, spans = self._subject, (piece.block.span for piece in self._missing())
        found = {span.id for span in spans if span is not None}
        return [(subject.layer.id, span) for span in sorted(found)] if subject else []

    def _drawing(self) -> bool:
        """Whether it is being drawn, or waits for it."""
        state, under_way = self._session.renders.span_state, (SpanStatus.QUEUED, SpanStatus.RUNNING)
        return any(state(*span).state in under_way for span in self._spans())

    def _draw_missing(self) -> None:
        self._session.renders.generate(self._spans())
        self._show_usable()

    # Looking

    async def _show_before(self) -> None:
        """Show the drawing at the playhead as it is."""
        subject = self._subject
        if subject is None:
            self._shown = None
            self._wipe.show_before(None, "")
            self._wipe.show_note(self.tr("Put the playhead on a drawing to restyle it."))
            return
        piece = subject.at(self._session.playback.frame)
        if piece.source == self._shown:
            return
        self._shown = piece.source
        image = await self._styling.drawing(piece.source)
        if piece.source == self._shown:
            self._wipe.show_before(image, self.tr("frame {0}").format(piece.block.frame))
            self._asked = ()
            if image is None:
                # Once it is drawn, it is looked for again.
                self._shown = None
                self._wipe.show_note(
                    self.tr("This in-between is not drawn yet: Generate draws it.")
                )

    def _look(self) -> None:
        """Have the drawing shown in the style, if it is another one or another style."""
        subject, choice = self._subject, self._side.list.choice
        if subject is None or choice is None or not self.isVisible():
            return
        if choice.missing and not self._side.own_model:
            self._styling.stop_looking()
            self._asked = ()
            self._wipe.forget_styled()
            self._wipe.show_note(self.tr("This style is not here yet."))
            self._cost.clear()
            return
        look = self._side.look(choice)
        self._tell_cost(look, subject.count)
        source = subject.at(self._session.playback.frame).source
        asked = source, choice.id, look.name, tuple(sorted(look.options.items())), look.seed
        if asked == self._asked or not self._session.sources.has(source):
            return
        self._asked = asked
        self._wipe.fade()
        self._wipe.show_note(self.tr("Being restyled…"))
        self._styling.look(source, look, asked)

    def _show_looked(self, asked: object, image: QImage) -> None:
        choice = self._side.list.choice
        if asked == self._asked and choice is not None:
            self._wipe.show_note("")
            self._wipe.show_styled(image, choice.title)

    def _show_look_failed(self, asked: object, why: str) -> None:
        if asked == self._asked:
            self._wipe.forget_styled()
            self._wipe.show_note(why or self.tr("Stopped."))
            # Asked for again, it is tried again.
            self._asked = ()

    def _tell_cost(self, look: StyleLook, count: int) -> None:
        if self._costing is not None:
            self._costing.cancel()
        self._costing = self._session.start(self._show_cost(look, count))

    async def _show_cost(self, look: StyleLook, count: int) -> None:
        try:
            cost: Cost = await self._styling.estimate(look, count)
        except GenAniError as error:
            # The drawing that is shown says the same.
            self._cost.setText(str(error))
            return
        text = self.tr("%n drawing(s) on {0}: {1}", "", count)
        told = text.format(cost.device.upper(), duration_text(cost.seconds))
        self._cost.setText(f"{told}\n{cost.note}" if cost.note else told)

    # Doing

    def _begin(self) -> None:
        subject, choice = self._subject, self._side.list.choice
        if subject is None or choice is None:
            return
        side = self._side
        order = Order(subject, side.look(choice), choice.title, side.keeping, hide=side.hides)
        self._told.hide()
        self._styling.stop_looking()
        self._styling.begin(order)
        self._show_usable()

    def _show_progress(self, share: float, text: str) -> None:
        self._bar.setValue(round(1000 * share))
        self._bar.setFormat(text or self.tr("starting"))
        self._show_running(True)

    def _show_ended(self, why: str) -> None:
        self._show_running(False)
        done = self.tr("Done. Undo takes it back.")
        self._told.setText(why or done)
        self._told.show()
        if not self.isVisible():
            self._session.tell(why or self.tr("The drawings are restyled."))
        self._follow()

    def _tell_fetched(self, _style: str, why: str) -> None:
        if not self.isVisible():
            self._session.tell(why or self.tr("The style is installed."))

    def _show_running(self, running: bool) -> None:
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        self._show_usable()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_running(self._styling.busy)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._styling.stop_looking()
        self._asked = ()
        super().closeEvent(event)
