"""What the timeline asks of the rest: thumbnails, states of spans, cached frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPixmap

from genani.app.states import SpanStatus
from genani.scene.document import Exposure
from genani.scene.span import Span
from genani.ui.timeline.paint import Look, SpanLook
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.session import Session

THUMBNAIL_HEIGHT = 64
KEPT_PIXMAPS = 2000


class Looks(QObject):
    """Answers the painting's questions from the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._pixmaps: dict[int, QPixmap] = {}
        self._cached: dict[int, bool] = {}
        self._lost = 0
        self.look = Look(self._thumbnail, self._span, self._is_cached, session.frames.state)
        frames = session.frames
        frames.frames_changed.connect(self._cached.clear)
        frames.frame_ready.connect(self._frame_ready)
        session.renders.span_changed.connect(self._cached.clear)
        session.document_opened.connect(self._cached.clear)

    def _frame_ready(self, frame: int) -> None:
        self._cached[frame] = True

    def _is_cached(self, frame: int) -> bool:
        # Asked for every frame in view at every step of the playhead.
        frames = self._session.frames
        if frames.lost != self._lost:
            self._lost = frames.lost
            self._cached.clear()
        known = self._cached.get(frame)
        if known is None:
            known = self._cached[frame] = frames.cached(frame)
        return known

    def _thumbnail(self, layer: str, exposure: Exposure) -> QPixmap | None:
        source = self._session.frames.source(layer, exposure)
        if source is None:
            return None
        image = self._session.frames.thumbnail(source, THUMBNAIL_HEIGHT)
        if image is None:
            return None
        key = image.cacheKey()
        if key not in self._pixmaps:
            if len(self._pixmaps) > KEPT_PIXMAPS:
                self._pixmaps.clear()
            self._pixmaps[key] = QPixmap.fromImage(image)
        return self._pixmaps[key]

    def _span(self, layer: str, span: Span) -> SpanLook:
        state = self._session.renders.span_state(layer, span.id)
        words = {
            SpanStatus.EMPTY: self.tr("%n in-between(s)", "", len(span.chart)),
            SpanStatus.STALE: self.tr("%n to draw", "", len(span.chart)),
            SpanStatus.QUEUED: self.tr("waiting"),
            SpanStatus.RUNNING: state.text or self.tr("drawing"),
            SpanStatus.CANCELLING: self.tr("stopping"),
            SpanStatus.DONE: self.tr("done"),
            SpanStatus.FAILED: self.tr("failed: {0}").format(state.error),
        }
        text = short = words[state.state]
        if state.state is SpanStatus.RUNNING:
            short = self.tr("{0} %").format(round(100 * state.share))
        elif state.state is SpanStatus.FAILED:
            short = self.tr("failed")
        if state.state is SpanStatus.RUNNING and state.eta is not None:
            text = f"{text}, {duration_text(state.eta)}"
        label = f"{self._engine(layer, span)} · {text}"
        names = {SpanStatus.EMPTY: "done", SpanStatus.CANCELLING: "running"}
        return SpanLook(names.get(state.state, state.state.value), state.share, label, short)

    def _engine(self, layer: str, span: Span) -> str:
        faces = self._session.controller.scene.layer(layer).has_faces(span)
        name = self._session.sources.resolve(span.settings, faces).engine
        for info in self._session.services.engines():
            if info.name == name:
                return info.title
        return name
