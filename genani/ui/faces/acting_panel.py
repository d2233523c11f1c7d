"""What the face does at the playhead: mouth shapes, blinks and looks of the active layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from genani.app.acting_lanes import Lane, longest
from genani.scene.acting import Blink, Gaze
from genani.ui.faces.balance import BalanceSlider
from genani.ui.faces.gaze_pad import GazePad
from genani.ui.faces.lip_sync import LipSync
from genani.ui.faces.mouth_chart import MouthChart
from genani.ui.faces.parts import Disclosure
from genani.ui.icons import icon
from genani.ui.into_sight import bring_into_sight

if TYPE_CHECKING:
    from genani.app.session import Session


class ActingPanel(QGroupBox):
    """The mouth chart, buttons for blinks and looks, and the one that is chosen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Mouth, blinks and looks"))
        self.setObjectName("acting-panel")
        self._session = session
        self._drag = 0
        self._where = QLabel()
        self._where.setForegroundRole(self._where.palette().ColorRole.PlaceholderText)
        self._where.setObjectName("acting-where")
        self._chart = MouthChart()
        self._chart.chosen.connect(lambda shape: session.acting.set_mouth(shape))
        row = QHBoxLayout()
        for name in ("blink", "look"):
            action = session.actions.action(name)
            button = QPushButton(icon(name), action.text())
            button.setObjectName(f"acting-{name}")
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        self._still = QLabel()
        self._still.setObjectName("acting-still")
        self._still.setWordWrap(True)
        self._draw_hold = QPushButton(session.actions.action("draw-hold").text())
        self._draw_hold.setObjectName("acting-draw-hold")
        self._draw_hold.setToolTip(session.actions.action("draw-hold").toolTip())
        self._draw_hold.clicked.connect(session.actions.action("draw-hold").trigger)
        self._pages = {Blink: self._make_blink(), Gaze: self._make_look()}
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(self._where)
        column.addWidget(self._chart)
        column.addWidget(self._still)
        column.addWidget(self._draw_hold)
        column.addLayout(row)
        for page in self._pages.values():
            column.addWidget(page)
        column.addWidget(Disclosure(self.tr("Lip sync"), LipSync(session)))
        for signal in (
            session.acting.changed,
            session.selection.changed,
            session.controller.scene_changed,
            session.settings_changed,
        ):
            signal.connect(self.refresh)
        session.playback.frame_changed.connect(self._follow)
        self.refresh()

    def _make_blink(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        self._blink_length = self._length("blink-length", Lane.BLINK)
        self._amount = QSlider(Qt.Orientation.Horizontal)
        self._amount.setObjectName("blink-amount")
        self._amount.setRange(0, 100)
        self._amount.sliderReleased.connect(self._end_drag)
        self._amount.setToolTip(self.tr("How far the lids close"))
        self._amount.valueChanged.connect(lambda v: self._refine("amount", amount=v / 100))
        self._lag = BalanceSlider(100)
        self._lag.setObjectName("blink-lag")
        for ended in (self._lag.sliderReleased, self._lag.reset):
            ended.connect(self._end_drag)
        self._lag.setToolTip(self.tr("Which eye of the figure closes later"))
        self._lag.valueChanged.connect(lambda v: self._refine("lag", lag=v / 100))
        form.addRow(self.tr("Blink lasts"), self._blink_length)
        form.addRow(self.tr("Closes"), self._amount)
        lag = QHBoxLayout()
        lag.addWidget(QLabel(self.tr("left")))
        lag.addWidget(self._lag, 1)
        lag.addWidget(QLabel(self.tr("right")))
        form.addRow(self.tr("Later eye"), lag)
        return page

    def _make_look(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        self._look_length = self._length("look-length", Lane.LOOK)
        self._pad = GazePad()
        self._pad.edited.connect(lambda x, y: self._refine("gaze", x=x, y=y))
        self._pad.released.connect(self._end_drag)
        form.addRow(self.tr("Look lasts"), self._look_length)
        form.addRow(self._pad)
        return page

    def _length(self, name: str, lane: Lane) -> QSpinBox:
        box = QSpinBox()
        box.setObjectName(name)
        box.setRange(1, min(longest(lane), 99_999))
        box.setSuffix(self.tr(" frames"))
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda frames: self._refine("length", length=frames))
        return box

    def _refine(self, what: str, **fields: object) -> None:
        self._session.acting.refine(f"{what} {self._drag}", **fields)

    def _end_drag(self) -> None:
        self._drag += 1

    # Showing

    def _follow(self) -> None:
        if not self._session.playback.playing:
            self.refresh()

    def refresh(self) -> None:
        """Show what is there at the playhead, and what is chosen."""
        acting, frame = self._session.acting, self._session.playback.frame
        layer = acting.layer()
        self._chart.setEnabled(layer is not None and not layer.locked)
        mouth = layer.acting.mouth_at(frame) if layer else None
        self._chart.show_mouth(mouth, self._session.settings.mouth_names)
        self._where.setText(
            self.tr("From frame {0} on layer {1}").format(frame, layer.name) if layer else ""
        )
        self._show_still()
        chosen = acting.chosen()
        if isinstance(chosen, Blink):
            _put(self._blink_length, chosen.length)
            _put(self._amount, round(100 * chosen.amount))
            _put(self._lag, round(100 * chosen.lag))
        elif isinstance(chosen, Gaze):
            _put(self._look_length, chosen.length)
            self._pad.show_gaze(chosen.x, chosen.y)
        for kind, page in self._pages.items():
            come = type(chosen) is kind
            if come and page.isHidden():
                bring_into_sight(page)
            page.setVisible(come)

    def _show_still(self) -> None:
        """Say where the lanes cannot show, and offer what can be done about it."""
        acting = self._session.acting
        layer, block = acting.layer(), acting.still()
        asked = layer is not None and acting.shown(layer) and block is not None
        hold = acting.hold() if asked else None
        self._still.setVisible(asked)
        self._draw_hold.setVisible(hold is not None)
        if block is not None and asked:
            text = self.tr("Frame {0} shows a drawing as it is; lanes move only in-betweens.")
            self._still.setText(text.format(self._session.playback.frame))


def _put(control: QSpinBox | QSlider, value: int) -> None:
    control.blockSignals(True)
    control.setValue(value)
    control.blockSignals(False)
