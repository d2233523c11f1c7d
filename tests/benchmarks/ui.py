"""`python -m tests.benchmarks.ui`: how quick the window is.

Rows: painting the timeline with more and more cells; a frame shown after a key press, cached and
not; the window shown after the start, and whether torch was imported; memory after scrubbing
through 1 000 frames of 1080p; the longest time the event loop stood still while spans were drawn.
Each row runs in a process of its own. Prints Markdown; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.scene.document import Scene
    from genani.ui.main_window import MainWindow

SIZE = (1920, 1080)
MS, MIB = "ms", "MiB"


@dataclass(frozen=True)
class Row:
    """One figure; `target` is what the issue asks for, or None."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=sorted(MEASURES), help="default: all")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--here", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps([asdict(row) for row in MEASURES[options.here]()]), flush=True)
        # The figures are out; threads of the window need not be waited for.
        os._exit(0)
    rows: list[Row] = []
    for name in options.only or MEASURES:
        print(f"{name} ...", file=sys.stderr)
        rows += apart(name)
    print(markdown(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def apart(name: str) -> list[Row]:
    """Measure in a process of its own, with settings and caches of its own."""
    with tempfile.TemporaryDirectory() as folder:
        own = {f"GENANI_{kind}": folder for kind in ("CONFIG", "DATA", "CACHE")}
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}
        command = [sys.executable, "-m", "tests.benchmarks.ui", "--here", name]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


@contextmanager
def window() -> Iterator[tuple[Session, MainWindow, Callable[..., None]]]:
    """The real window, and a function that handles events until something holds."""
    import asyncio

    import qasync

    from genani.__main__ import make_application, make_services
    from genani.app.session import Session
    from genani.ui.main_window import MainWindow

    application = make_application([])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)

    def until(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 120
        while not condition():
            application.processEvents()
            if time.monotonic() > deadline:
                raise TimeoutError

    session = Session(make_services())
    shown = MainWindow(session)
    shown.resize(1600, 1000)
    shown.show()
    shown.activateWindow()
    until(shown.isActiveWindow)
    yield session, shown, until


# Timeline


def crowd(cells: int, layers: int = 20) -> Scene:
    """A scene of so many cells, on twos, spread over its layers."""
    from genani.scene.document import Cell, Drawing, Layer, Scene
    from genani.scene.picture import Picture

    picture = Picture(np.full((90, 160, 4), 120, np.uint8))
    drawing = Drawing("d", picture.id)
    each = cells // layers
    rows = tuple(
        Layer(
            f"l{row}",
            f"Layer {row}",
            {"d": drawing},
            tuple(Cell(f"{row}-{place}", 1 + 2 * place, "d") for place in range(each)),
        )
        for row in range(layers)
    )
    return Scene(160, 90, layers=rows)


def timeline() -> list[Row]:
    """Painting the timeline at three sizes, near and far."""
    from genani.scene.picture import Picture

    rows: list[Row] = []
    with window() as (session, shown, until):
        view = shown.timeline
        view.resize(1600, 600)
        for cells in (100, 1000, 10_000):
            session.files.new(crowd(cells))
            session.controller.pictures.add(Picture(np.full((90, 160, 4), 120, np.uint8)))
            for zoom, words in ((1.0, "26 px a frame"), (0.01, "1.5 px a frame")):
                view.zoom(zoom, 200.0)
                view.viewport().repaint()
                until(lambda: session.frames._thumbs.used)

                def anew() -> None:
                    view.refresh()
                    view.viewport().repaint()

                anew()
                fresh = statistics.median(timed(anew) for _ in range(15))
                moved = statistics.median(timed(view.viewport().repaint) for _ in range(15))
                name = f"timeline, {cells} cells on 20 layers, {words}"
                rows.append(Row(f"{name}, painted anew", 1000 * fresh, MS))
                rows.append(Row(f"{name}, playhead moved", 1000 * moved, MS))
            view.zoom(1000.0, 200.0)
            view.zoom(26 / view.geometry_now.frame_width, 200.0)
    return rows


def timed(work: Callable[[], object]) -> float:
    """Seconds that this thread works at something, whatever else the machine does."""
    before = time.thread_time()
    work()
    return time.thread_time() - before


# Scrubbing


def clip(session: Session, below: int, above: int) -> None:
    """Two layers on ones whose drawings meet in `below` × `above` different frames of 1080p."""
    from genani.scene.document import Cell, Drawing, Layer, Scene
    from genani.scene.picture import Picture

    random = np.random.default_rng(1)
    layers: list[Layer] = []
    pictures: list[Picture] = []
    for number, count in enumerate((below, above)):
        drawings = {}
        for place in range(count):
            pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
            x, y = random.integers(0, 1000), random.integers(0, 600)
            pixels[y : y + 400, x : x + 800] = (*random.integers(0, 256, 3), 255)
            picture = Picture(pixels)
            pictures.append(picture)
            drawings[f"d{place}"] = Drawing(f"d{place}", picture.id, place + 1)
        cells = tuple(
            Cell(f"{number}-{frame}", frame, f"d{(frame - 1) % count}")
            for frame in range(1, below * above + 1)
        )
        layers.append(Layer(f"l{number}", "AB"[number], drawings, cells))
    session.files.new(Scene(*SIZE, layers=tuple(layers), exposure=1))
    for picture in pictures:
        session.controller.pictures.add(picture)


def scrub() -> list[Row]:
    """From a key press to the frame on the canvas."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with window() as (session, shown, until):
        clip(session, 8, 7)
        session.playback.seek(1)
        until(lambda: session.frames.cached(1))
        shown.canvas.setFocus()
        landed: list[int] = []
        busy: list[float] = []
        shown.canvas.frame_shown.connect(landed.append)

        def press(frame: int) -> float:
            landed.clear()
            before, worked = time.perf_counter(), time.thread_time()
            QTest.keyClick(shown.canvas, Qt.Key.Key_Right)
            until(lambda: frame in landed)
            busy.append(time.thread_time() - worked)
            return time.perf_counter() - before

        uncached = []
        for frame in range(2, 22):
            session.frames.forget()
            uncached.append(press(frame))
        for frame in range(1, 41):
            session.playback.seek(frame)
            until(lambda frame=frame: session.frames.cached(frame))
        session.playback.seek(1)
        until(lambda: session.frames.cached(1))
        cached = [press(frame) for frame in range(2, 41)]
    rows = [("cached", cached, 16.0), ("uncached", uncached, None)]
    worked = 1000 * statistics.median(busy[len(uncached) :])
    return [
        Row(
            f"1080p frame shown after a key press, {name}",
            1000 * statistics.median(times),
            MS,
            target,
            f"slowest {1000 * max(times):.0f} ms"
            + (f"; {worked:.1f} ms of work" if name == "cached" else ""),
        )
        for name, times, target in rows
    ]


def memory() -> list[Row]:
    """What scrubbing through 1 000 different frames of 1080p leaves behind."""
    import psutil

    with window() as (session, shown, until):
        clip(session, 40, 25)
        session.playback.seek(1)
        until(lambda: session.frames.cached(1))
        process = psutil.Process()
        before = process.memory_info().rss
        for frame in range(1, 1001):
            session.playback.seek(frame)
            until(lambda frame=frame: session.frames.cached(frame))
            shown.canvas.repaint()
        grown = process.memory_info().rss - before
        images = session.frames._images
        budget = images.budget / 2**20
        return [
            Row("frames held after scrubbing 1 000 frames", images.used / 2**20, MIB, budget),
            Row("memory grown by scrubbing 1 000 frames", grown / 2**20, MIB, 1.25 * budget),
        ]


# Start and generation


def start() -> list[Row]:
    """From the start of the process to the first picture of the window; five times."""
    code = (
        "import sys, time, os\n"
        "from genani import __main__ as program\n"
        "from PySide6.QtCore import QEvent, QObject\n"
        "class Watch(QObject):\n"
        "    def eventFilter(self, it, event):\n"
        "        if event.type() is QEvent.Type.Paint and it.objectName() == 'timeline':\n"
        "            print(time.time(), 'torch' in sys.modules, time.process_time(),\n"
        "                  flush=True); os._exit(0)\n"
        "        return False\n"
        "make = program.make_application\n"
        "def watched(arguments):\n"
        "    application = make(arguments); watched.it = Watch()\n"
        "    application.installEventFilter(watched.it); return application\n"
        "program.make_application = watched\n"
        "program.run([])\n"
    )
    times: list[float] = []
    worked: list[float] = []
    torch = False
    for _ in range(5):
        before = time.time()
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        words = done.stdout.split()
        times.append(float(words[0]) - before)
        torch = torch or words[1] == "True"
        worked.append(float(words[2]))
    note = "torch imported" if torch else "torch not imported"
    note += f"; {statistics.median(worked):.2f} s of work"
    return [Row("window shown after the start", statistics.median(times), "s", 1.5, note)]


class Heart:
    """A timer that ought to beat every millisecond, and the silences between its beats.

    Attributes:
        gaps: wall seconds from beat to beat.
        ours: what the program itself has to answer for: the seconds of each gap in which this
            thread did not merely lack a processor, or all threads together worked, whichever is
            less. On a machine with nothing else to do, the gap itself.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.gaps: list[float] = []
        self.ours: list[float] = []
        self._last = self._now()
        self._timer = QTimer()
        self._timer.timeout.connect(self.beat)
        self._timer.start(1)

    def beat(self) -> None:
        """Note how long it was still."""
        now = self._now()
        gap, lacking, worked = (a - b for a, b in zip(now, self._last, strict=True))
        self.gaps.append(gap)
        self.ours.append(min(gap - lacking, worked))
        self._last = now

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    def row(self, name: str, note: str) -> Row:
        """The longest silence, and what of it is not the work of other programs."""
        usual = 1000 * float(np.quantile(self.gaps, 0.99))
        note += (
            f"; 99 % under {usual:.0f} ms; {1000 * max(self.ours):.0f} ms but for other programs"
        )
        return Row(name, 1000 * max(self.gaps), MS, 50.0, note)

    @staticmethod
    def _now() -> tuple[float, float, float]:
        told = Path(f"/proc/self/task/{os.getpid()}/schedstat")
        lacking = int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0
        return time.perf_counter(), lacking, time.process_time()


def generation() -> list[Row]:
    """The longest silence of the event loop, from loading torch to the last in-between."""
    return drawn_by("blend")


def rife() -> list[Row]:
    """The same with a network at work, where its weights are installed."""
    from genani.engines import registry

    if not all(registry.installed(model) for model in registry.info("rife").models):
        print("rife is not installed", file=sys.stderr)
        return []
    return drawn_by("rife")


def drawn_by(engine: str) -> list[Row]:
    """Two spans drawn in the open window, while its heart is listened to."""
    from genani.app.states import SpanStatus
    from genani.scene.document import Cell, Drawing, Layer, Scene
    from genani.scene.picture import Picture
    from genani.scene.request import SpanSettings
    from genani.scene.span import Span
    from genani.scene.timing import TimingChart

    with window() as (session, _, until):
        cells, drawings, pictures = [], {}, []
        for number in range(3):
            pixels = np.zeros((720, 1280, 4), np.uint8)
            pixels[200:500, 200 + 150 * number : 600 + 150 * number] = (200, 90, 40, 255)
            picture = Picture(pixels)
            pictures.append(picture)
            drawings[f"d{number}"] = Drawing(f"d{number}", picture.id, number + 1)
            cells.append(Cell(f"c{number}", 1 + 8 * number, f"d{number}"))
        chart, settings = TimingChart.of("even", 3), SpanSettings(engine=engine)
        spans = tuple(
            Span(f"s{number}", f"c{number}", f"c{number + 1}", chart, settings)
            for number in range(2)
        )
        layer = Layer("l", "A", drawings, tuple(cells), spans)
        loading = Heart()
        session.renders.start()
        session.files.new(Scene(1280, 720, layers=(layer,)))
        for picture in pictures:
            session.controller.pictures.add(picture)
        until(lambda: session.frames.cached(1))
        layers = [("l", span.id) for span in spans]
        queue = session.renders.queue
        until(lambda: queue.active is None and not queue.queued)
        loading.stop()
        heart = Heart()
        state: Any = session.renders.span_state
        session.renders.generate(layers)
        until(lambda: all(state("l", s.id).state is SpanStatus.DONE for s in spans))
        heart.stop()
    drawn = f"two spans of 1280 × 720 by {engine}"
    return [
        heart.row("longest event-loop block during a generation", drawn),
        loading.row("longest event-loop block while torch is loaded", "once, behind the window"),
    ]


MEASURES: dict[str, Callable[[], list[Row]]] = {
    "timeline": timeline,
    "scrub": scrub,
    "start": start,
    "memory": memory,
    "generation": generation,
    "rife": rife,
}


def markdown(rows: list[Row]) -> str:
    """The figures for a person."""
    lines = ["| what | figure | target | note |", "|---|---|---|---|"]
    for row in rows:
        target = f"< {row.target:g} {row.unit}" if row.target is not None else ""
        figure = f"{row.value:.1f}" if row.unit == MS else f"{row.value:.2f}"
        lines.append(f"| {row.name} | {figure} {row.unit} | {target} | {row.note} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
