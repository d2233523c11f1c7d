"""The bridge between the window and the worker: what is drawn, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app.jobs import listed
from genani.app.messages import Level, Message
from genani.app.standing import SpanKey, Standing
from genani.app.states import DrawingState, SpanState
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
    Place,
)
from genani.render.queue import JobQueue
from genani.render.worker import Worker
from genani.scene.document import Exposure, Layer
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
        self._standing = Standing(controller, shelf, sources)
        self._turns = count(1)
        self._keys: dict[str, SpanKey] = {}
        self._warnings: dict[str, dict[Fraction, tuple[str, ...]]] = {}
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
        """True while spans are being drawn or restyled, or wait for it."""
        active = self.queue.active
        waiting = any(listed(job) for job in self.queue.queued)
        return bool(self._standing.preparing) or waiting or bool(active and listed(active))

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
                layer, span = self._standing.find(key)
                wanted = record(layer, span, self._services.resolve)
            except GenAniError as error:
                self._fail(key, error)
                continue
            self._standing.refused.pop(key, None)
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

    def move(self, job: JobId, place: Place) -> None:
        """Put a waiting job first or last."""
        self.queue.move(job, 0 if place is Place.FRONT else len(self.queue.queued))

    def remove(self, job: JobId) -> None:
        """Take an ended job out of the list."""
        self.queue.remove(job)

    # What there is to see.

    def span_state(self, layer_id: str, span_id: str) -> SpanState:
        """Where a span stands now."""
        return self._standing.span_state((layer_id, span_id))

    def drawing_state(self, layer: Layer, block: Exposure) -> DrawingState:
        """Whether a block shows what it should; always cached for what a cell shows."""
        return self._standing.drawing_state(layer, block)

    def takes(self, layer_id: str, span_id: str) -> list[TakeView]:
        """The variants of a span, the oldest first; rejected and stale ones too."""
        return self._standing.takes((layer_id, span_id))

    def warnings(self, layer: Layer, block: Exposure) -> tuple[str, ...]:
        """What to look at in a generated in-between that was drawn in this session."""
        take = self._sources.take(layer, block.span) if block.span else None
        known = self._warnings.get(take or "", {})
        return known.get(block.t, ()) if block.t is not None and block.cell is None else ()

    async def estimate(self, layer_id: str, span_id: str) -> Cost:
        """What drawing all in-betweens of a span would cost.

        Raises:
            GenAniError: it cannot be drawn; the text says why.
        """
        layer, span = self._standing.find((layer_id, span_id))
        wanted = record(layer, span, self._services.resolve)
        times = wanted.times or span.chart.ticks

        def ask() -> Cost:
            request = SpanRequest.from_record(
                replace(wanted, times=times), self._controller.picture
            )
            return self._services.estimate(request)

        return await self._lane.run(ask)

    # How it is done.

    def _show_new_take(self, layer: Layer, span: Span, take: str) -> None:
        """What is asked for now is to be seen once it is drawn, also where it was rejected."""
        rejected = tuple(name for name in span.rejected if name != take)
        shown = span.shown if span.shown == take else None
        changed = replace(span, shown=shown, rejected=rejected)
        if changed != span:
            self._controller.do(ChangeSpan(layer.id, changed), self.tr("show the new take"))

    def _prepare(self, key: SpanKey, wanted: RequestRecord, place: Place) -> None:
        """Fetch the pixels of the keys, which may lie in a file, and queue the request."""
        turn = self._standing.preparing[key] = next(self._turns)
        self.span_changed.emit(*key)
        layer, span = self._standing.find(key)
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
        if self._standing.preparing.get(key) != turn:
            return
        del self._standing.preparing[key]
        name = "/".join(key)
        self._keys[name] = key
        self.queue.add(request, title, name, place)

    def _forget_preparing(self) -> None:
        gone, self._standing.preparing = list(self._standing.preparing), {}
        for key in gone:
            self.span_changed.emit(*key)

    def _fail(self, key: SpanKey, error: GenAniError) -> None:
        self._standing.preparing.pop(key, None)
        with suppress(GenAniError):
            self._standing.refused[key] = (
                self._sources.request(*self._standing.find(key)),
                str(error),
            )
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
            last = self._standing.jobs.get(key)
            if not isinstance(message, JobRemoved) and (last is None or last.id <= job.id):
                self._standing.jobs[key] = job
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
