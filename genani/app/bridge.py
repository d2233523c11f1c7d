"""The bridge between the window and the worker: what is drawn, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app.messages import Level, Message
from genani.app.states import DrawingState, SpanState, SpanStatus
from genani.app.takes import TakeView
from genani.app.threads import GuiCalls, Lane
from genani.engines.api import CancelToken, Cost
from genani.render.job import (
    Job,
    JobDone,
    JobDrawn,
    JobFailed,
    JobId,
    JobMessage,
    JobRemoved,
    JobState,
    Place,
)
from genani.render.queue import JobQueue
from genani.render.worker import Worker
from genani.scene.document import CellKind, Exposure, Layer
from genani.scene.edits import ChangeSpan
from genani.scene.errors import GenAniError
from genani.scene.plan import missing, record
from genani.scene.request import RequestRecord, SpanRequest
from genani.scene.span import Span

if TYPE_CHECKING:
    from genani.app.document_controller import DocumentController
    from genani.app.services import Services
    from genani.app.sources import Sources
    from genani.app.takes import TakeShelf
    from genani.render.cache import TakeCache

SpanKey = tuple[str, str]
"""Ids of a layer and of a span on it."""

_AT_WORK = {
    JobState.QUEUED: (SpanStatus.QUEUED, DrawingState.QUEUED),
    JobState.RUNNING: (SpanStatus.RUNNING, DrawingState.RUNNING),
    JobState.CANCELLING: (SpanStatus.CANCELLING, DrawingState.RUNNING),
}


class RenderBridge(QObject):
    """Owns the queue and its worker, and speaks of them on the GUI thread.

    Messages of the worker hop to the GUI thread in the order in which they were made.

    Args:
        controller: the scene, and the pictures of its keys.
        services: the engines.
        cache: where the worker puts what it draws.
        shelf: where the document finds it.
        sources: the requests of spans.

    Signals:
        job_changed: a `JobMessage`, with the job as it stood.
        drawn: layer id, span id and t of an in-between that is there now.
        span_changed: ids of a layer and a span whose state or takes changed.
        message: a `Message` for the animator.
    """

    job_changed = Signal(object)
    drawn = Signal(str, str, object)
    span_changed = Signal(str, str)
    message = Signal(object)

    def __init__(
        self,
        controller: DocumentController,
        services: Services,
        cache: TakeCache,
        shelf: TakeShelf,
        sources: Sources,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.queue = JobQueue()
        self.worker = Worker(self.queue, services.engine, cache)
        self._controller = controller
        self._services = services
        self._shelf = shelf
        self._sources = sources
        self._calls = GuiCalls(self)
        self._lane = Lane("genani-requests")
        self._preparing: dict[SpanKey, int] = {}
        self._jobs: dict[SpanKey, Job] = {}
        self._keys: dict[str, SpanKey] = {}
        self._warnings: dict[str, dict[Fraction, tuple[str, ...]]] = {}
        self._refused: dict[SpanKey, tuple[RequestRecord | None, str]] = {}
        self._leave = self.queue.listen(self._heard)

    def start(self) -> None:
        """Start the worker, and let it load what the engines need behind the open window."""
        self.worker.start()
        self.queue.add(self._warm_up, self.tr("load the drawing engines"))

    def shut(self) -> None:
        """Forget what waits, cancel what runs, and end the threads; waits out one step."""
        self.queue.cancel_all()
        self._leave()
        self._lane.close()
        self.worker.stop()
        self._calls.close()

    @property
    def busy(self) -> bool:
        """True while spans are being drawn or wait for it."""
        active = self.queue.active
        waiting = any(job.request for job in self.queue.queued)
        return bool(self._preparing) or waiting or bool(active and active.request)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What is being drawn, what waits, and what has ended (the latest first)."""
        active = self.queue.active
        ended = tuple(reversed(self.queue.history))
        return (*((active,) if active else ()), *self.queue.queued, *ended)

    def span_of(self, job: Job) -> SpanKey | None:
        """Ids of the layer and the span that a job draws; None for other work."""
        return self._keys.get(job.span) if job.span else None

    # What is asked of the worker.

    def generate(
        self, spans: Iterable[SpanKey], place: Place = Place.REPLACE, t: Fraction | None = None
    ) -> int:
        """Draw what is missing of these spans; returns how many had something missing.

        Args:
            spans: ids of layers and spans.
            place: where in the queue; what the span had there before is replaced.
            t: draw only this in-between.
        """
        asked = 0
        for key in spans:
            try:
                layer, span = self._find(key)
                wanted = record(layer, span, self._services.resolve)
            except GenAniError as error:
                self._fail(key, error)
                continue
            self._refused.pop(key, None)
            self._show_new_take(layer, span, wanted.hash)
            times = [tick for tick in missing(wanted, self._shelf) if t in (None, tick)]
            if times:
                asked += 1
                self._prepare(key, replace(wanted, times=tuple(times)), place)
        return asked

    def generate_all_stale(self) -> int:
        """Draw what is missing anywhere; returns how many spans had something missing."""
        layers = self._controller.scene.layers
        return self.generate((layer.id, span.id) for layer in layers for span in layer.spans)

    def cancel_active(self) -> None:
        """Ask what is being drawn to stop."""
        self.queue.cancel_active()

    def cancel_queued(self) -> None:
        """Forget what waits."""
        self._forget_preparing()
        self.queue.cancel_queued()

    def cancel_all(self) -> None:
        """Forget what waits and ask what is being drawn to stop."""
        self._forget_preparing()
        self.queue.cancel_all()

    def cancel(self, job: JobId) -> None:
        """Ask one job to stop."""
        self.queue.cancel(job)

    def cancel_span(self, layer_id: str, span_id: str) -> None:
        """Ask whatever draws a span to stop."""
        job = self._jobs.get((layer_id, span_id))
        if job and not job.state.ended:
            self.queue.cancel(job.id)

    def move(self, job: JobId, place: Place) -> None:
        """Put a waiting job first or last."""
        self.queue.move(job, 0 if place is Place.FRONT else len(self.queue.queued))

    def remove(self, job: JobId) -> None:
        """Take an ended job out of the list."""
        self.queue.remove(job)

    # What there is to see.

    def span_state(self, layer_id: str, span_id: str) -> SpanState:
        """Where a span stands now."""
        key = layer_id, span_id
        job = self._jobs.get(key)
        if job and job.state in _AT_WORK:
            return SpanState(_AT_WORK[job.state][0], job.share, job.eta, job.text)
        if key in self._preparing:
            return SpanState(SpanStatus.QUEUED)
        try:
            layer, span = self._find(key)
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
        job = self._jobs.get(key)
        if job and job.state in _AT_WORK:
            return _AT_WORK[job.state][1]
        if key in self._preparing:
            return DrawingState.QUEUED
        if self._failure(layer, block.span):
            return DrawingState.FAILED
        shown = block.span.shown or self._sources.last_shown(layer, block.span)
        return DrawingState.STALE if shown else DrawingState.MISSING

    def takes(self, layer_id: str, span_id: str) -> list[TakeView]:
        """The variants of a span, the oldest first; rejected and stale ones too."""
        try:
            layer, span = self._find((layer_id, span_id))
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

    def warnings(self, take: str, t: Fraction) -> tuple[str, ...]:
        """What an animator should look at in an in-between that was drawn in this session."""
        return self._warnings.get(take, {}).get(t, ())

    async def estimate(self, layer_id: str, span_id: str) -> Cost:
        """What drawing all in-betweens of a span would cost.

        Raises:
            GenAniError: it cannot be drawn; the text says why.
        """
        layer, span = self._find((layer_id, span_id))
        wanted = record(layer, span, self._services.resolve)
        times = wanted.times or span.chart.ticks

        def ask() -> Cost:
            request = SpanRequest.from_record(
                replace(wanted, times=times), self._controller.picture
            )
            return self._services.estimate(request)

        return await self._lane.run(ask)

    # How it is done.

    def _find(self, key: SpanKey) -> tuple[Layer, Span]:
        layer = self._controller.scene.layer(key[0])
        return layer, layer.span(key[1])

    def _show_new_take(self, layer: Layer, span: Span, take: str) -> None:
        """What is asked for now is to be seen once it is drawn, also where it was rejected."""
        rejected = tuple(name for name in span.rejected if name != take)
        shown = span.shown if span.shown == take else None
        changed = replace(span, shown=shown, rejected=rejected)
        if changed != span:
            self._controller.do(ChangeSpan(layer.id, changed), self.tr("show the new take"))

    def _slots(self, layer: Layer, span: Span) -> tuple[int, int]:
        """How many in-betweens a span has to draw, and how many of them are not there."""
        asked = self._sources.request(layer, span)
        if asked is None:
            return 0, 0
        free = [s.t for s in layer.slots(span) if s.frame and not layer.cell_on(s.frame)]
        if asked.hash in span.rejected:
            return len(free), len(free)
        return len(free), sum(not self._shelf.has(asked.hash, t) for t in free)

    def _prepare(self, key: SpanKey, wanted: RequestRecord, place: Place) -> None:
        """Fetch the pixels of the keys, which may lie in a file, and queue the request."""
        turn = self._preparing.get(key, 0) + 1
        self._preparing[key] = turn
        self.span_changed.emit(*key)
        layer, span = self._find(key)
        title = self.tr("span {0}–{1}").format(*layer.ends(span))

        def fetch() -> None:
            try:
                request = SpanRequest.from_record(wanted, self._controller.picture)
            except GenAniError as error:
                self._calls.call(partial(self._fail, key, error))
            else:
                self._calls.call(partial(self._queue, key, turn, request, title, place))

        self._lane.submit(fetch)

    def _queue(
        self, key: SpanKey, turn: int, request: SpanRequest, title: str, place: Place
    ) -> None:
        if self._preparing.get(key) != turn:
            return
        del self._preparing[key]
        name = "/".join(key)
        self._keys[name] = key
        self.queue.add(request, title, name, place)

    def _failure(self, layer: Layer, span: Span) -> SpanState | None:
        """Why what the span asks for now could not be drawn; None if it was not tried."""
        asked = self._sources.request(layer, span)
        key = layer.id, span.id
        if key in self._refused and self._refused[key][0] is asked:
            return SpanState(SpanStatus.FAILED, error=self._refused[key][1])
        job = self._jobs.get(key)
        tried = job is not None and job.state is JobState.FAILED and job.request
        if not job or not tried or not asked or tried.hash != asked.hash:
            return None
        return SpanState(SpanStatus.FAILED, error=job.error, details=job.details)

    def _forget_preparing(self) -> None:
        gone, self._preparing = list(self._preparing), {}
        for key in gone:
            self.span_changed.emit(*key)

    def _fail(self, key: SpanKey, error: GenAniError) -> None:
        self._preparing.pop(key, None)
        with suppress(GenAniError):
            self._refused[key] = self._sources.request(*self._find(key)), str(error)
        self.message.emit(Message.of(error))
        self.span_changed.emit(*key)

    def _warm_up(self, _token: CancelToken) -> Iterator[object]:
        self._services.warm_up()
        yield from ()

    def _heard(self, message: JobMessage) -> None:
        # On whichever thread: the worker's, or the GUI's when it calls the queue.
        self._calls.call(partial(self._tell, message))

    @Slot(object)
    def _tell(self, message: JobMessage) -> None:
        job = message.job
        key = self.span_of(job)
        if key:
            last = self._jobs.get(key)
            if not isinstance(message, JobRemoved) and (last is None or last.id <= job.id):
                self._jobs[key] = job
            if isinstance(message, JobDrawn) and job.request:
                self._shelf.note(job.request.hash, message.drawn.t)
                noted = self._warnings.setdefault(job.request.hash, {})
                noted[message.drawn.t] = message.drawn.warnings
                self.drawn.emit(*key, message.drawn.t)
            self.span_changed.emit(*key)
        self.job_changed.emit(message)
        if isinstance(message, JobFailed):
            text = self.tr("{0}: {1}").format(job.title, job.error)
            self.message.emit(Message(Level.ERROR, text, job.details))
        elif isinstance(message, JobDone) and job.request:
            self._tell_warnings(job, job.request)

    def _tell_warnings(self, job: Job, request: SpanRequest) -> None:
        """Say once for a whole span what there is to look at."""
        noted = self._warnings.get(request.hash, {})
        found = dict.fromkeys(text for t in request.times for text in noted.get(t, ()))
        if found:
            text = self.tr("{0}: {1}").format(job.title, "; ".join(found))
            self.message.emit(Message(Level.WARNING, text))
