"""`python -m tests.drive_window OUT`: the window used as a person does, from outside.

Starts an X server of its own, `genani` in it, and a second program to drag pictures from. From
then on there are only mouse, keys and the screen (xdotool, openbox and ImageMagick must be there):
two drawings are dropped on frames 1 and 9, a chart and RIFE are chosen, the span is drawn,
scrubbed, played and kept, and a PNG sequence and a GIF are exported. Then the files are compared
with the keys. A screenshot of every step and the exports are left in OUT for a person to look at;
what is wrong is said, with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

KEYS = ("0001.png", "0017.png")
SAMPLE = Path(__file__).parent.parent / "resources" / "samples" / "neutral_to_happy"
DISPLAY = ":91"
SCREEN = (1920, 1040)
SIZE = (1600, 1000)
PATIENCE = 120.0

# Where things are in a window of that size, in its first layout.
FRAME_1, FRAME_WIDTH, RULER, ROW = 182, 26, 762, 807
CHART, ENGINE, SPAN_BAR = (1460, 200), (1440, 353), (196, 831)
FORMAT = (150, 20)


def main() -> int:
    """Drive the window; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the screenshots and the exports")
    parser.add_argument("--hand", nargs="+", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hand:
        return hand(options.hand)
    options.out.mkdir(parents=True, exist_ok=True)
    out = options.out.resolve()
    with desktop() as environment:
        wrong = Visit(out, environment).run()
    for text in wrong:
        print(text, file=sys.stderr)
    return 1 if wrong else 0


def hand(files: list[Path]) -> int:
    """The other program: a small window with the pictures in a column, to drag them from."""
    from PySide6.QtCore import QMimeData, Qt, QUrl
    from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
    from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
    from typing_extensions import override

    class Thumb(QLabel):
        def __init__(self, path: Path) -> None:
            super().__init__()
            self._path = path
            self.setPixmap(QPixmap(str(path)).scaled(120, 120))

        @override
        def mouseMoveEvent(self, event: QMouseEvent) -> None:
            drag, mime = QDrag(self), QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(self._path))])
            drag.setMimeData(mime)
            drag.exec(Qt.DropAction.CopyAction)

    application = QApplication([])
    window = QWidget()
    window.setWindowTitle("hand")
    column = QVBoxLayout(window)
    for path in files:
        column.addWidget(Thumb(path))
    window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
    window.show()
    return application.exec()


@contextmanager
def desktop(display: str = DISPLAY) -> Iterator[dict[str, str]]:
    """An X server with a window manager; gives the environment for the programs on it."""
    with tempfile.TemporaryDirectory() as home:
        own = {f"GENANI_{kind}": f"{home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "CACHE")}
        environment = {**os.environ, **own, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        environment["HOME"] = home
        screen = "x".join(map(str, (*SCREEN, 24)))
        server = subprocess.Popen(["Xvfb", display, "-screen", "0", screen, "-nolisten", "tcp"])
        time.sleep(1)
        manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield environment
        finally:
            for program in (manager, server):
                program.terminate()
                program.wait()


class Visit:
    """One visit to the window.

    Args:
        out: for screenshots and exports.
        environment: of all programs.
    """

    def __init__(self, out: Path, environment: dict[str, str]) -> None:
        self._out = out
        self._environment = environment
        self._count = 0
        self._window = ""

    def run(self) -> list[str]:
        """Do it all; returns what is wrong with the exported files."""
        here = Path(sys.executable).parent
        keys = [str(SAMPLE / name) for name in KEYS]
        program = subprocess.Popen([here / "genani"], env=self._environment)
        other = [sys.executable, "-m", "tests.drive_window", str(self._out), "--hand", *keys]
        source = subprocess.Popen(other, env=self._environment)
        try:
            self._place_windows()
            self._drop()
            self._set_up()
            self._generate()
            self._watch()
            self._export("frames", "PNG sequence", self._out / "frames")
            self._export("gif", "Animated GIF", self._out / "shot.gif")
            self.key("ctrl+q")
            # The question about unsaved changes: discard them.
            time.sleep(2)
            self.key("Left")
            self.shot("leaving")
            self.key("space")
            program.wait(timeout=PATIENCE)
        finally:
            for process in (program, source):
                process.kill()
                process.wait()
        return wrong_frames(self._out / "frames") + wrong_gif(self._out / "shot.gif")

    # The steps

    def _place_windows(self) -> None:
        self._window = self._found("^Untitled")
        self.do("windowmove", self._window, "0", "0")
        self.do("windowsize", self._window, *map(str, SIZE))
        source = self._found("^hand$")
        self.do("windowmove", source, str(SIZE[0] + 60), "100")
        self.do("windowactivate", "--sync", self._window)
        time.sleep(2)
        self.shot("start")

    def _drop(self) -> None:
        for number, frame in enumerate((1, 9)):
            start = (SIZE[0] + 130, 180 + 126 * number)
            self.drag(start, (self._x(frame), ROW), f"dropping-on-{frame}")
            self.settle()
            self.shot(f"dropped-on-{frame}")

    def _set_up(self) -> None:
        self.do("windowactivate", "--sync", self._window)
        self.click(self._x(3), ROW)
        self.click(*CHART)
        self.do("type", "Slow into")
        self.key("Return")
        self.click(*ENGINE)
        self.do("type", "RIFE")
        self.key("Return")
        self.settle()
        self.shot("chart-and-engine")

    def _generate(self) -> None:
        self.click(self._x(3), ROW)
        self.key("ctrl+Return")
        time.sleep(0.7)
        self.shot("drawing")
        deadline = time.monotonic() + 3 * PATIENCE
        while not green(self.look(), SPAN_BAR) and time.monotonic() < deadline:
            time.sleep(0.5)
        self.shot("drawn")

    def _watch(self) -> None:
        self.drag((self._x(1), RULER), (self._x(5), RULER), "scrubbing")
        self.settle()
        self.shot("scrubbed-to-5")
        self.key("space")
        time.sleep(0.6)
        self.shot("playing")
        time.sleep(0.3)
        self.shot("playing-on")
        self.key("space")
        self.click(self._x(3), ROW)
        self.key("k")
        self.settle()
        self.shot("kept")

    def _export(self, name: str, form: str, place: Path) -> None:
        self.key("ctrl+e")
        dialog = self._found("^Export$")
        self.do("windowactivate", "--sync", dialog)
        time.sleep(1)
        self.do("mousemove", "--window", dialog, *map(str, FORMAT), "click", "1")
        time.sleep(0.4)
        self.do("type", form)
        self.key("Return")
        self.key("Tab")
        self.key("ctrl+a")
        self.do("type", str(place))
        time.sleep(1)
        self.shot(f"export-{name}")
        self.key("Return")
        self.settle()
        self.shot(f"exported-{name}")
        self.do("windowactivate", "--sync", dialog)
        self.key("Escape")
        self.do("windowactivate", "--sync", self._window)

    # Hands and eyes

    def do(self, *words: str) -> str:
        """One command of xdotool."""
        done = subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
        )
        return done.stdout.decode()

    def key(self, keys: str) -> None:
        """Press keys."""
        self.do("key", keys)
        time.sleep(0.3)

    def click(self, x: int, y: int) -> None:
        """Press the left button somewhere."""
        self.do("mousemove", str(x), str(y), "click", "1")
        time.sleep(0.4)

    def drag(self, start: tuple[int, int], stop: tuple[int, int], name: str) -> None:
        """Press, move in small steps, look, let go."""
        self.do("mousemove", *map(str, start), "mousedown", "1")
        for step in range(1, 41):
            x, y = (round(a + (b - a) * step / 40) for a, b in zip(start, stop, strict=True))
            self.do("mousemove", str(x), str(y))
            time.sleep(0.02)
        time.sleep(0.5)
        self.shot(name)
        self.do("mouseup", "1")

    def shot(self, name: str) -> Path:
        """A picture of the screen."""
        self._count += 1
        path = self._out / f"{self._count:02d}-{name}.png"
        subprocess.run(["import", "-window", "root", path], env=self._environment, check=True)
        return path

    def look(self) -> bytes:
        """What the screen shows: its pixels, RGB of 8 bits."""
        command = ["import", "-window", "root", "-depth", "8", "rgb:-"]
        seen = subprocess.run(command, env=self._environment, check=True, capture_output=True)
        return seen.stdout

    def settle(self, seconds: float = 1.5) -> None:
        """Wait until nothing has changed on the screen for so long."""
        last, since = b"", time.monotonic()
        deadline = since + PATIENCE
        while time.monotonic() < min(deadline, since + seconds):
            seen = self.look()
            if seen != last:
                last, since = seen, time.monotonic()

    @staticmethod
    def _x(frame: int) -> int:
        return FRAME_1 + FRAME_WIDTH * (frame - 1)

    def _found(self, title: str) -> str:
        search = ["xdotool", "search", "--onlyvisible", "--name", title]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seen = subprocess.run(
                search, env=self._environment, check=False, capture_output=True, text=True
            )
            if seen.stdout:
                return seen.stdout.split()[0]
            time.sleep(0.3)
        raise TimeoutError(f"there is no window {title}")


def green(screen: bytes, at: tuple[int, int]) -> bool:
    """Whether a place on the screen is green: the colour of what is done."""
    start = 3 * (at[1] * SCREEN[0] + at[0])
    red, much, blue = screen[start : start + 3]
    return much > red + 20 and much > blue + 20


def wrong_frames(folder: Path) -> list[str]:
    """What is wrong with the exported frames: keys untouched, in-betweens on their way."""
    files = sorted(folder.glob("*.png"))
    if len(files) != 10:
        return [f"{folder} holds {len(files)} frames instead of 10"]
    frames = [pixels(path) for path in files]
    first, last = (pixels(SAMPLE / name) for name in KEYS)
    wrong = []
    for place, key in ((0, first), (8, last)):
        if not np.array_equal(frames[place], key):
            wrong.append(f"{files[place].name} is not the key")
    left = [float(np.abs(frame.astype(int) - last).mean()) for frame in frames[:9]]
    for a, b in ((0, 2), (2, 4), (4, 6), (6, 8)):
        if not left[a] > left[b]:
            wrong.append(f"{files[b].name} is no nearer to the second key than {files[a].name}")
    return wrong


def wrong_gif(path: Path) -> list[str]:
    """What is wrong with the GIF: its length and its size."""
    if not path.exists():
        return [f"{path} is not there"]
    with Image.open(path) as gif:
        count, total = getattr(gif, "n_frames", 1), 0
        for place in range(count):
            gif.seek(place)
            total += gif.info["duration"]
        wrong = [] if gif.size == pixels(SAMPLE / KEYS[0]).shape[1::-1] else ["the GIF's size"]
    if abs(total - 1000 * 10 / 24) > 10:
        wrong.append(f"the GIF lasts {total} ms")
    return wrong + ([] if count == 5 else [f"the GIF has {count} pictures instead of 5"])


def pixels(path: Path) -> np.ndarray:
    """RGBA, uint8; what is fully transparent has no colour."""
    with Image.open(path) as opened:
        found = np.asarray(opened.convert("RGBA")).copy()
    found[found[..., 3] == 0] = 0
    return found


if __name__ == "__main__":
    raise SystemExit(main())
