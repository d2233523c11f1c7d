"""Where spans and blocks stand: from the scene, the takes, and what became of the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genani.app.states import DrawingState, SpanState, SpanStatus
from genani.app.takes import TakeView
from genani.render.job import Job, JobState
from genani.scene.document import CellKind, Exposure, Layer
from genani.scene.errors import GenAniError
from genani.scene.request import RequestRecord
from genani.scene.span import Span

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController
    from genani.app.sources import Sources
    from genani.app.takes import TakeShelf

SpanKey = tuple[str, str]
"""Ids of a layer and of a span on it."""

_AT_WORK = {
    JobState.QUEUED: (SpanStatus.QUEUED, DrawingState.QUEUED),
    JobState.RUNNING: (SpanStatus.RUNNING, DrawingState.RUNNING),
    JobState.CANCELLING: (SpanStatus.CANCELLING, DrawingState.RUNNING),
}


class Standing:
    """Answers for the bridge, which keeps its notes up to date.

    Attributes:
        jobs: the latest job of each span.
        preparing: spans whose keys are being fetched, and for which wish.
        refused: requests that could not even be queued, and why.
    """

    def __init__(self, controller: DocumentController, shelf: TakeShelf, sources: Sources) -> None:
        self.jobs: dict[SpanKey, Job] = {}
        self.preparing: dict[SpanKey, int] = {}
        self.refused: dict[SpanKey, tuple[RequestRecord | None, str]] = {}
        self._controller = controller
        self._shelf = shelf
        self._sources = sources

    def find(self, key: SpanKey) -> tuple[Layer, Span]:
        """The span of a key, and its layer.

        Raises:
            SceneError: it is not in the scene.
        """
        layer = self._controller.scene.layer(key[0])
        return layer, layer.span(key[1])

    def span_state(self, key: SpanKey) -> SpanState:
        """Where a span stands now."""
        job = self.jobs.get(key)
        if job and job.state in _AT_WORK:
            return SpanState(_AT_WORK[job.state][0], job.share, job.eta, job.text)
        if key in self.preparing:
            return SpanState(SpanStatus.QUEUED)
        try:
            layer, span = self.find(key)
        except GenAniError:
            return SpanState(SpanStatus.EMPTY)
        slots, left = self._slots(layer, span)
        failure = self._failure(layer, span) if left else None
        if failure:
            return failure
        if not slots:
            return SpanState(SpanStatus.EMPTY)
        share = (slots - left) / slots
        return SpanState(SpanStatus.STALE if left else SpanStatus.DONE, share)

    def drawing_state(self, layer: Layer, block: Exposure) -> DrawingState:
        """Whether a block shows what it should; always cached for what a cell shows."""
        if block.kind is not CellKind.GENERATED or block.span is None or block.t is None:
            return DrawingState.CACHED
        asked = self._sources.request(layer, block.span)
        rejected = bool(asked and asked.hash in block.span.rejected)
        if asked and not rejected and self._shelf.has(asked.hash, block.t):
            return DrawingState.CACHED
        key = layer.id, block.span.id
        job = self.jobs.get(key)
        if job and job.state in _AT_WORK:
            return _AT_WORK[job.state][1]
        if key in self.preparing:
            return DrawingState.QUEUED
        if self._failure(layer, block.span):
            return DrawingState.FAILED
        shown = block.span.shown or self._sources.last_shown(layer, block.span)
        return DrawingState.STALE if shown else DrawingState.MISSING

    def takes(self, key: SpanKey) -> list[TakeView]:
        """The variants of a span, the oldest first; rejected and stale ones too."""
        try:
            layer, span = self.find(key)
        except GenAniError:
            return []
        asked = self._sources.request(layer, span)
        fitting = self._shelf.variants(asked) if asked else []
        named = [take for take in (span.shown, span.kept, *span.pinned) if take]
        shown = self._sources.take(layer, span)
        views: list[TakeView] = []
        for name in dict.fromkeys((*named, *fitting)):
            take = self._shelf.take(name)
            if take:
                views.append(
                    TakeView(
                        hash=name,
                        info=take.info,
                        times=take.times,
                        current=bool(asked and name == asked.hash),
                        shown=name == shown,
                        kept=name == span.kept,
                        rejected=name in span.rejected,
                        pinned=name in span.pinned,
                        stale=name not in fitting,
                    )
                )
        return sorted(views, key=lambda view: view.info.created)

    def _slots(self, layer: Layer, span: Span) -> tuple[int, int]:
        """How many in-betweens a span has to draw, and how many of them are not there."""
        asked = self._sources.request(layer, span)
        if asked is None:
            return 0, 0
        free = [s.t for s in layer.slots(span) if s.frame and not layer.cell_on(s.frame)]
        if asked.hash in span.rejected:
            return len(free), len(free)
        return len(free), sum(not self._shelf.has(asked.hash, t) for t in free)

    def _failure(self, layer: Layer, span: Span) -> SpanState | None:
        """Why what the span asks for now could not be drawn; None if it was not tried."""
        asked = self._sources.request(layer, span)
        key = layer.id, span.id
        if key in self.refused and self.refused[key][0] is asked:
            return SpanState(SpanStatus.FAILED, error=self.refused[key][1])
        job = self.jobs.get(key)
        tried = job is not None and job.state is JobState.FAILED and job.request
        if not job or not tried or not asked or tried.hash != asked.hash:
            return None
        return SpanState(SpanStatus.FAILED, error=job.error, details=job.details)
