"""The face panel: how the face feels on its way through the selected span, and what it does."""

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

from genani.scene.face import Emotion, FacePart
from genani.ui.faces.acting_panel import ActingPanel
from genani.ui.faces.emotion_grid import EmotionGrid
from genani.ui.faces.envelope import EnvelopeEdit
from genani.ui.faces.parts import Disclosure, PartLeads, PartLocks
from genani.ui.faces.state import FaceState
from genani.ui.faces.suggestion import SuggestionRow

if TYPE_CHECKING:
    from genani.app.session import Session


class FacePanel(QWidget):
    """Shows how the face travels through the selected span, and changes it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("face-panel")
        self._session = session
        self._drag = 0
        self._title = QLabel()
        self._title.setObjectName("face-title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._empty, self._page = self._make_empty(), self._make_span()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self._empty)
        column.addWidget(self._page)
        column.addWidget(ActingPanel(session))
        column.addStretch(1)
        for signal in (
            session.selection.changed,
            session.controller.scene_changed,
            session.renders.span_changed,
        ):
            signal.connect(self.refresh)
        session.playback.frame_changed.connect(self._follow)
        self.refresh()

    def _make_empty(self) -> QWidget:
        hint = QLabel(
            self.tr(
                "How the face feels between two keys is chosen here.\n\nSelect a span, or put the "
                "playhead between two keys that are joined."
            )
        )
        hint.setObjectName("face-hint")
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        return hint

    def _make_span(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._state = FaceState(self._session)
        self._leads = PartLeads()
        self._leads.changed.connect(self._set_lead)
        self._leads.released.connect(self._end_drag)
        self._apply = QPushButton()
        self._apply.setObjectName("face-apply")
        self._apply.clicked.connect(self._session.guidance.apply_to_others)
        column.addWidget(self._state)
        column.addWidget(self._make_emotion())
        column.addWidget(Disclosure(self.tr("Timing of parts"), self._leads))
        column.addWidget(self._apply)
        return page

    def _make_emotion(self) -> QWidget:
        box = QGroupBox(self.tr("Emotion"))
        self._grid = EmotionGrid()
        self._grid.chosen.connect(self._session.guidance.feel)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("face-intensity")
        self._slider.setAccessibleName(self.tr("Intensity"))
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.valueChanged.connect(self._set_intensity)
        self._slider.sliderReleased.connect(self._end_drag)
        self._percent = QSpinBox()
        self._percent.setObjectName("face-percent")
        self._percent.setAccessibleName(self.tr("Intensity"))
        self._percent.setRange(0, 100)
        self._percent.setSuffix(self.tr(" %"))
        self._percent.setKeyboardTracking(False)
        self._percent.valueChanged.connect(self._set_intensity)
        row = QHBoxLayout()
        row.addWidget(self._slider, 1)
        row.addWidget(self._percent)
        self._envelope = EnvelopeEdit()
        self._envelope.edited.connect(self._set_envelope)
        self._envelope.released.connect(self._end_drag)
        self._locks = PartLocks()
        self._locks.toggled.connect(self._set_lock)
        column = QVBoxLayout(box)
        column.setSpacing(8)
        column.addWidget(self._grid)
        self._suggestion = SuggestionRow(self._session)
        self._grid.asked.connect(self._suggestion.ask)
        column.addWidget(self._suggestion)
        form = QFormLayout()
        form.addRow(self.tr("Intensity"), row)
        column.addLayout(form)
        column.addWidget(self._envelope)
        still = QLabel(self.tr("Leave as drawn"))
        column.addWidget(still)
        column.addWidget(self._locks)
        return box

    # Showing

    def _follow(self) -> None:
        # Where nothing is selected, the span under the playhead is meant.
        if not self._session.playback.playing:
            self.refresh()

    def refresh(self) -> None:
        """Show the span that is meant now."""
        found = self._session.guidance.target()
        self._empty.setVisible(found is None)
        self._page.setVisible(found is not None)
        self._title.setVisible(found is not None)
        if found is None:
            return
        layer, span = found
        first, last = layer.ends(span)
        guidance = self._session.guidance.guidance()
        self._title.setText(self.tr("Frames {0} to {1} on {2}").format(first, last, layer.name))
        self._grid.show_emotion(guidance.emotion, guidance.intensity)
        for control in (self._slider, self._percent):
            control.blockSignals(True)
            control.setValue(round(100 * guidance.intensity))
            control.blockSignals(False)
        self._envelope.show_envelope(
            guidance.peak, guidance.intensity, (first, last), span.chart.times
        )
        calms = self.tr("How far the face calms between the keys, where they show an emotion.")
        felt = self.tr("How strongly the emotion is felt between the keys.")
        tip = calms if guidance.emotion is Emotion.NEUTRAL else felt
        for control in (self._slider, self._percent):
            control.setToolTip(tip)
        self._locks.show_locks(guidance.locks)
        self._leads.show_leads(guidance.leads)
        others = len(self._session.guidance.others())
        self._apply.setVisible(others > 0)
        self._apply.setText(self.tr("Apply to %n other selected span(s)", "", others))
        self._state.refresh()
        self._suggestion.refresh()

    # Changing

    def _end_drag(self) -> None:
        self._drag += 1

    def _set_intensity(self, percent: int) -> None:
        self._session.guidance.change(
            self.tr("intensity of the emotion"), f"intensity {self._drag}", intensity=percent / 100
        )

    def _set_envelope(self, peak: float, intensity: float) -> None:
        self._session.guidance.change(
            self.tr("envelope of the emotion"),
            f"envelope {self._drag}",
            peak=peak,
            intensity=intensity,
        )

    def _set_lock(self, part: FacePart, locked: bool) -> None:
        self._session.guidance.lock(part, locked)

    def _set_lead(self, part: FacePart, lead: float) -> None:
        self._session.guidance.lead(part, lead, f"lead {part} {self._drag}")
