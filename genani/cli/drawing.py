"""Drawing requests from the command line: one at a time, with a bar, Ctrl-C cancels."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from genani.cli.progress import bar
from genani.engines import registry
from genani.render.cache import TakeCache
from genani.render.job import JobDrawn, JobMessage, JobProgress, JobState
from genani.render.queue import JobQueue
from genani.render.worker import Worker
from genani.scene.errors import Cancelled, EngineError
from genani.scene.face import FaceGuidance
from genani.scene.request import MAX_SEED, InBetween, OptionValue, SpanRequest, SpanSettings
from genani.scene.take import TakeInfo


@dataclass(frozen=True)
class Drawn:
    """A request that was drawn.

    Attributes:
        pictures: by time, rising.
        info: how it was drawn.
    """

    pictures: dict[Fraction, InBetween]
    info: TakeInfo


def draw(request: SpanRequest, title: str, cache: TakeCache) -> Drawn:
    """Draw a request on this thread and wait for it.

    Raises:
        EngineError: it could not be drawn; the text says why.
        Cancelled: stopped by Ctrl-C.
    """
    queue = JobQueue()
    worker = Worker(queue, registry.create, cache)
    found: dict[Fraction, InBetween] = {}
    with bar(title) as progress:

        def listen(message: JobMessage) -> None:
            if isinstance(message, JobDrawn):
                found[message.drawn.t] = message.drawn
            elif isinstance(message, JobProgress):
                progress(message.job.share, message.job.text)

        queue.listen(listen)
        job = worker.run_now(request, title)
    if job.state is JobState.CANCELLED:
        raise Cancelled
    info = cache.info(request.hash)
    if job.state is JobState.FAILED or info is None:
        raise EngineError(job.error)
    return Drawn({t: found[t] for t in sorted(found)}, info)


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say how a span is drawn."""
    parser.add_argument(
        "--engine",
        default="auto",
        choices=["auto", *registry.names()],
        help="who draws; auto takes the best that is installed (default)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the engine; may be given several times",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="PATH",
        help="where the weights lie, for engines with the setting 'model'",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help=f"0 to {MAX_SEED}; another seed, another take, where the engine has takes",
    )


def asked(options: argparse.Namespace, face: FaceGuidance | None = None) -> SpanSettings:
    """The settings behind those options as they were given: `auto` and text are not resolved yet.

    Raises:
        EngineError: a setting that is no NAME=VALUE.
    """
    given: dict[str, OptionValue] = {}
    for pair in options.set:
        name, found, value = pair.partition("=")
        if not found or not name:
            raise EngineError(f"--set takes NAME=VALUE, not '{pair}'")
        given[name] = value
    if options.model:
        given["model"] = str(options.model.absolute())
    return SpanSettings(options.engine, given, options.seed, face)
