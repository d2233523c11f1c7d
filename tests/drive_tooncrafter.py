"""`python -m tests.drive_tooncrafter OUT`: ToonCrafter from the window, as a person uses it.

A scene of 1920 x 1080 with two keys on nothing is opened, its span set to ToonCrafter (the tiny
model of the tests) with a style. The span is drawn from the window, stopped mid-way, drawn again
with the same seed and exported as PNG. `genani render` then draws the same scene without a window,
twice. All three must agree to the bit, hold the keys untouched, and have alpha. Screenshots and
files are left in OUT; what is wrong is said, with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from typing_extensions import override

from genani.media import project
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart
from tests.drive_window import PATIENCE, ROW, SCREEN, SIZE, SPAN_BAR, Visit, desktop, green, pixels
from tests.engines.drawings import disc
from tests.engines.tooncrafter.models import saved_model, saved_style

CANVAS = (1920, 1080)
KEYS = tuple(disc(CANVAS, (x, 540), 220) for x in (500, 1400))
STEPS = 12


def main() -> int:
    """Drive the window; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the screenshots and the exports")
    out = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    model = saved_model(out / "model")
    style = saved_style(model, out / "style")
    scene = written(out / "scene.genani", model, style)
    with desktop(":93") as environment:
        wrong = ToonCrafterVisit(out, environment, scene).run()
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0


def written(path: Path, model: Path, style: Path) -> Path:
    """The scene as a file."""
    options = {"model": str(model), "lora": f"{style}:0.8", "side": 128, "steps": STEPS}
    cells = tuple(Cell(f"c{at}", at, f"d{at}", CellKind.KEY) for at in (1, 9))
    drawings = {
        f"d{at}": Drawing(f"d{at}", key.id, at) for at, key in zip((1, 9), KEYS, strict=True)
    }
    settings = SpanSettings("tooncrafter", options, seed=11)
    span = Span("s", "c1", "c9", TimingChart.of("even", 3), settings)
    made = Scene(*CANVAS, layers=(Layer("L", "A", drawings, cells, (span,)),))
    shelf: dict[str, Picture] = {key.id: key for key in KEYS}
    project.save(made, lambda name: shelf[name], path)
    return path


class ToonCrafterVisit(Visit):
    """One visit to the window with the scene open."""

    def __init__(self, out: Path, environment: dict[str, str], scene: Path) -> None:
        super().__init__(out, environment)
        self._scene = scene

    @override
    def run(self) -> list[str]:
        here = Path(sys.executable).parent
        program = subprocess.Popen([here / "genani", str(self._scene)], env=self._environment)
        try:
            self._window = self._found("^scene")
            self.do("windowmove", self._window, "0", "0")
            self.do("windowsize", self._window, *map(str, SIZE))
            self.do("windowactivate", "--sync", self._window)
            self.settle()
            self.click(self._x(3), ROW)
            self.settle()
            self.shot("opened")
            self._start("waiting")
            # The first job waits until torch is there; then its bar begins to fill.
            self._until_changed()
            time.sleep(2)
            self.shot("drawing")
            self.key("Escape")
            self.settle()
            self.shot("stopped")
            wrong = ["it was drawn in spite of Esc"] if green(self.look(), SPAN_BAR) else []
            self._start("drawing-again")
            deadline = time.monotonic() + 3 * PATIENCE
            while not green(self.look(), SPAN_BAR) and time.monotonic() < deadline:
                time.sleep(0.5)
            self.shot("drawn")
            self._export("frames", "PNG sequence", self._out / "frames")
        finally:
            program.kill()
            program.wait()
        folders = [self._out / "frames", self._rendered("one"), self._rendered("two")]
        return wrong + wrong_frames(folders)

    def _start(self, name: str) -> None:
        self.click(self._x(3), ROW)
        self.key("ctrl+Return")
        time.sleep(2)
        self.shot(name)

    def _until_changed(self) -> None:
        """Wait until the text under the span is another one."""
        before = self._bar()
        deadline = time.monotonic() + PATIENCE
        while self._bar() == before and time.monotonic() < deadline:
            time.sleep(0.3)

    def _bar(self) -> bytes:
        screen, width = self.look(), SCREEN[0]
        rows = range(SPAN_BAR[1] - 5, SPAN_BAR[1] + 6)
        return b"".join(screen[3 * (row * width + 180) : 3 * (row * width + 400)] for row in rows)

    def _rendered(self, name: str) -> Path:
        """The scene drawn without a window, from nothing."""
        place = self._out / name
        cache = {"GENANI_CACHE": str(self._out / f"cache-{name}")}
        command = [Path(sys.executable).parent / "genani", "render", str(self._scene)]
        subprocess.run([*command, "--out", str(place)], env={**os.environ, **cache}, check=True)
        return place


def wrong_frames(folders: list[Path]) -> list[str]:
    """What is wrong with the frames of the window and of the command line."""
    wrong, runs = [], []
    for folder in folders:
        files = sorted(folder.glob("*.png"))
        frames = [pixels(file) for file in files]
        runs.append(frames)
        if len(frames) not in (9, 10):
            wrong.append(f"{folder} holds {len(frames)} frames")
            continue
        for place, key in ((0, KEYS[0]), (8, KEYS[1])):
            shown = key.pixels * (key.pixels[..., 3:] > 0)
            if not np.array_equal(frames[place], shown):
                wrong.append(f"{files[place].name} of {folder.name} is not the key")
        if {frame.shape for frame in frames} != {(CANVAS[1], CANVAS[0], 4)}:
            wrong.append(f"{folder.name} has another size")
    for folder, frames in zip(folders[1:], runs[1:], strict=True):
        same = [np.array_equal(a, b) for a, b in zip(runs[0], frames, strict=False)]
        if not all(same):
            wrong.append(f"{folder.name} differs from the window's: {same}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
