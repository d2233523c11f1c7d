"""`python -m tests.drive_faces OUT`: a face that no detector finds, given pins by mouse.

Like `tests.drive_window`, from outside: an X server, `genani` in it, and from then on only mouse
and keys. Two drawings of a robot, its head turned on the second, are dropped on frames 1 and 9.
The detector looks at them by itself and is sure of no face. On both keys a box is drawn and every
pin pulled to where the robot has it, an emotion is chosen, the span is drawn and exported. Then
the frames are compared with the keys, a smile is looked for on the middle one, and all are laid
out on a sheet, which is there to be looked at, as are the screenshots. What is wrong is said, with
exit code 1. `GENANI_MODELS` names a store that has the face landmarker and an interpolator.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from typing_extensions import override

from genani.face.fit import pins_of
from genani.face.touch import placed
from tests.drive_window import (
    PATIENCE,
    ROW,
    SCREEN,
    SIZE,
    Visit,
    desktop,
    pixels,
)

DISPLAY = ":77"
FACE_TAB, HAPPY = (1340, 71), (1387, 215)
CANVAS = (640, 480)
PAPER, INK, GLASS = (252, 246, 214), (30, 34, 48), (170, 240, 232)
METAL, PIPE, BODY, BUTTON = (104, 118, 142), (150, 150, 160), (200, 90, 70), (250, 220, 90)
Place = tuple[float, float]


@dataclass(frozen=True)
class Robot:
    """A robot whose eyes are too far apart for any detector.

    Attributes:
        turn: how far its head is turned to the picture's right, -1 to 1.
    """

    turn: float = 0.0

    def at(self, x: float, y: float, out: float = 0.0) -> Place:
        """A place on the head; `out` is how far it stands out to the viewer, in half heads."""
        angle = 0.55 * self.turn
        return (float(320 + x * np.cos(angle) + 75 * out * np.sin(angle)), 240.0 + y)

    def pins(self) -> dict[str, Place]:
        """Where the pins of a face belong on it."""
        found: dict[str, Place] = {}
        for side, sign in (("right", -1), ("left", 1)):
            x = 104 * sign
            found |= {
                f"{side} brow outer": self.at(x + 34 * sign, -82, 0.5),
                f"{side} brow middle": self.at(x, -88, 0.5),
                f"{side} brow inner": self.at(x - 34 * sign, -82, 0.5),
                f"{side} eye outer": self.at(x + 30 * sign, -34, 0.5),
                f"{side} eye inner": self.at(x - 30 * sign, -34, 0.5),
                f"{side} upper lid": self.at(x, -64, 0.5),
                f"{side} lower lid": self.at(x, -4, 0.5),
                f"{side} iris": self.at(x, -34, 0.5),
                f"{side} nose wing": self.at(12 * sign, -16, 0.95),
                f"{side} mouth corner": self.at(56 * sign, 22, 0.9),
                f"{side} jaw": self.at(126 * sign, 96),
            }
        found |= {"nose tip": self.at(0, -22, 1.0), "chin": self.at(0, 126, 0.3)}
        found |= {"upper lip": self.at(0, 19, 0.9), "lower lip": self.at(0, 25, 0.9)}
        return found

    def drawn(self) -> Image.Image:
        """The robot, four times as large and averaged down."""
        fine = 4
        image = Image.new("RGB", (CANVAS[0] * fine, CANVAS[1] * fine), PAPER)
        pen = ImageDraw.Draw(image)

        def box(left: Place, right: Place) -> list[float]:
            return [fine * each for each in (*left, *right)]

        def ball(x: float, y: float, radius: float) -> list[float]:
            (a, b), narrow = self.at(x, y, 0.5), float(np.cos(0.55 * self.turn))
            return box((a - radius * narrow, b - radius), (a + radius * narrow, b + radius))

        line = 5 * fine
        pen.rectangle(box((290, 366), (350, 404)), PIPE, INK, line)
        pen.rounded_rectangle(box((120, 400), (520, 520)), 40 * fine, BODY, INK, line)
        for x in range(180, 461, 80):
            pen.ellipse(box((x - 15, 430), (x + 15, 460)), BUTTON, INK, line)
        head = box(self.at(-162, -130), self.at(162, 130))
        pen.rounded_rectangle(head, 30 * fine, METAL, INK, line)
        for sign in (-1, 1):
            x = 104 * sign
            pen.ellipse(ball(x, -34, 32), GLASS, INK, line)
            pen.ellipse(ball(x, -34, 12), INK)
            brow = [self.at(x + k, -84, 0.5) for k in (-34, 34)]
            pen.line([fine * each for place in brow for each in place], INK, 2 * line)
        mouth = [self.at(x, 22, 0.9) for x in (-56, 56)]
        pen.line([fine * each for place in mouth for each in place], INK, line)
        return image.resize(CANVAS, Image.Resampling.BOX).convert("RGBA")


ROBOTS = (Robot(-0.3), Robot(0.5))


class FaceVisit(Visit):
    """Pins by mouse, an emotion, and what comes out.

    Args:
        out: for screenshots and exports.
        environment: of all programs.
    """

    @override
    def run(self) -> list[str]:
        """Do it all; returns what is wrong with the exported frames."""
        here = Path(sys.executable).parent
        keys = [self._out / f"robot-{frame}.png" for frame in (1, 9)]
        for robot, path in zip(ROBOTS, keys, strict=True):
            robot.drawn().save(path)
        program = subprocess.Popen([here / "genani"], env=self._environment)
        hand = [sys.executable, "-m", "tests.drive_window", str(self._out), "--hand"]
        source = subprocess.Popen([*hand, *map(str, keys)], env=self._environment)
        try:
            self._place_windows()
            self._drop()
            for frame, robot in zip((1, 9), ROBOTS, strict=True):
                self._pin(frame, robot)
            self._feel()
            self._generate()
            self._watch()
            self._export("frames", "PNG sequence", self._out / "frames")
            self.key("ctrl+q")
            time.sleep(2)
            self.key("Left")
            self.key("space")
            program.wait(timeout=PATIENCE)
        finally:
            for process in (program, source):
                process.kill()
                process.wait()
        return wrong(self._out / "frames", keys)

    def _pin(self, frame: int, robot: Robot) -> None:
        self.click(self._x(frame), ROW)
        # By now it has been looked at, and nothing was sure enough to be put on it.
        self.settle(4)
        self.shot(f"no-face-on-{frame}")
        self.key("p")
        self.settle()
        scale, corner = self._paper()
        self.shot(f"pins-on-{frame}")

        def screen(place: Place) -> tuple[int, int]:
            return round(corner[0] + scale * place[0]), round(corner[1] + scale * place[1])

        start, stop = (screen(robot.at(x, y)) for x, y in ((-146, -126), (146, 126)))
        self.do("keydown", "shift")
        self._pull(start, stop)
        self.do("keyup", "shift")
        self.settle()
        self.shot(f"box-on-{frame}")
        box = tuple(
            (pixel - c) / scale
            for pixel, c in zip((*start, *stop), (*corner, *corner), strict=True)
        )
        now = pins_of(placed((box[0], box[1], box[2], box[3])))
        # From the outside in: pins that are close together are told apart that way.
        middle = np.mean(list(now.values()), axis=0)
        order = sorted(now, key=lambda pin: -float(np.linalg.norm(np.subtract(now[pin], middle))))
        for pin in order:
            self._pull(screen(now[pin]), screen(robot.pins()[pin]))
        self.settle()
        self.shot(f"pinned-{frame}")
        self.key("p")

    def _feel(self) -> None:
        self.click(self._x(4), ROW)
        self.click(*FACE_TAB)
        self.settle()
        self.click(*HAPPY)
        self.settle()
        self.shot("face-panel")

    def _paper(self) -> tuple[float, Place]:
        """Pixels of the screen for one of the canvas, and where its corner lies."""
        raw = np.frombuffer(self.look(), np.uint8).reshape(SCREEN[1], SCREEN[0], 3)
        seen = (np.abs(raw[:, : SIZE[0]].astype(int) - PAPER) < 3).all(2)
        seen = seen & (np.arange(SCREEN[1])[:, None] < ROW - 60)
        columns = np.flatnonzero(seen.sum(0) > 40)
        rows = np.flatnonzero(seen.sum(1) > 40)
        scale = (columns[-1] + 1 - columns[0]) / CANVAS[0]
        return float(scale), (float(columns[0]), float(rows[0]))

    def _pull(self, start: tuple[int, int], stop: tuple[int, int]) -> None:
        """Press, go there in a few steps, let go."""
        self.do("mousemove", *map(str, start))
        self.do("mousedown", "1")
        for share in (0.3, 0.7, 1.0):
            x, y = (round(a + share * (b - a)) for a, b in zip(start, stop, strict=True))
            self.do("mousemove", str(x), str(y))
        self.do("mouseup", "1")
        time.sleep(0.15)


def wrong(folder: Path, keys: list[Path]) -> list[str]:
    """What is wrong with the exported frames; a sheet of them is left beside the folder."""
    files = sorted(folder.glob("*.png"))
    if len(files) < 9:
        return [f"{folder} holds {len(files)} frames instead of 9 or more"]
    frames = [pixels(path) for path in files[:9]]
    sheet = Image.new("RGB", (3 * CANVAS[0], 3 * CANVAS[1]))
    for index, frame in enumerate(frames):
        at = (CANVAS[0] * (index % 3), CANVAS[1] * (index // 3))
        sheet.paste(Image.fromarray(frame).convert("RGB"), at)
    sheet.save(folder.parent / "sheet.png")
    found = []
    for place, key in zip((0, 8), keys, strict=True):
        if not np.array_equal(frames[place], pixels(key)):
            found.append(f"{files[place].name} is not the key")
    for index, frame in enumerate(frames[1:8], 1):
        far = np.abs(frame[:, :60].astype(int) - frames[0][:, :60]).max()
        if far:
            found.append(f"{files[index].name}: the paper changed, by {far}")
    if not smiles(frames[4]):
        found.append(f"{files[4].name}: no smile is to be seen")
    return found


def smiles(frame: NDArray[np.uint8]) -> bool:
    """True if a frame's mouth is one line whose ends are higher than its middle."""
    top, left = 246, 250
    part = frame[top:300, left:410, :3].astype(int)
    inked = np.abs(part - INK).max(2) < 40
    columns = np.flatnonzero(inked.any(0))
    if len(columns) < 60:
        return False
    heights = [float(np.flatnonzero(inked[:, column]).mean()) for column in columns]
    middle = float(np.mean(heights[len(heights) // 2 - 5 :][:10]))
    ends = float(np.mean(heights[:5])), float(np.mean(heights[-5:]))
    return max(ends) < middle - 4


def main() -> int:
    """Drive the window; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the screenshots and the exports")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    out = options.out.resolve()
    with desktop(DISPLAY) as environment:
        found = FaceVisit(out, environment).run()
    for text in found:
        print(text, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
