"""`python -m tests.drive_training OUT`: from films to an engine of one's own, in the window.

Films are made of this project's own material: a pencil character of the samples, people of the rig,
and the emoji clips where the model store has them. Then a real X server (Xvfb), the whole window
in it, and mouse and keys: the films are dropped, cut into clips, one is thrown out and put back,
landmarks and emotions are found, labels corrected from the keyboard, rights given, RIFE is trained
for some steps with a pause in between, the result is named, kept and put on the span of a scene,
which is drawn. A screenshot of every step is left in OUT; what is wrong is said, with exit code 1.
`GENANI_MODELS` names a store with `rife-4.6`, `squeezenet-features` and the face landmarker.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.drive_window import SAMPLE, desktop

DISPLAY = ":78"
PATIENCE = 1500.0
"""Seconds for the longest step, on a machine that does other things too."""

STEPS, BATCH = "30", "2"
_PAPER = np.array([214.0, 226.0, 236.0])


def main() -> int:
    """Make films and drive the window; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for films and screenshots")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    out = options.out.resolve()
    if options.inside:
        return Drive(out).run()
    films(out / "films")
    with desktop(DISPLAY) as environment:
        words = [sys.executable, "-m", "tests.drive_training", str(out), "--inside"]
        return subprocess.run(words, env=environment, check=False).returncode


def films(folder: Path) -> list[Path]:
    """Animated pictures of three kinds of material; those that are there are left as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("pencil*")):
        _pencil(folder)
    if not list(folder.glob("rig*")):
        here = Path(sys.executable).parent / "genani"
        made = folder.parent / "rig"
        subprocess.run(
            [here, "rig", "--out", made, "--count", "3", "--frames", "33", "--gif"], check=True
        )
        for number, film in enumerate(sorted(made.rglob("*.gif"))):
            shutil.copy(film, folder / f"rig{number}.gif")
    store = os.environ.get("GENANI_MODELS", "")
    for name in ("1f622", "1f628", "1f62c"):
        emoji = Path(store) / "fluent-emoji-clips" / f"{name}.webp"
        if emoji.is_file():
            shutil.copy(emoji, folder / f"emoji-{name}.webp")
    return sorted(folder.iterdir())


def _pencil(folder: Path) -> None:
    """Three shots of the samples' pencil character, on paper."""
    from genani.scene.face import Emotion
    from genani.training.rig.cast import CAST
    from genani.training.rig.drawing import draw
    from genani.training.rig.expression import felt
    from genani.training.rig.head import Pose
    from genani.training.rig.shots import Moment, travel
    from genani.training.rig.view import Framing

    who, framing = CAST["elin"], Framing(width=288, height=288)
    feelings = [(Emotion.NEUTRAL, Emotion.HAPPY), (Emotion.SAD, Emotion.SURPRISED)]
    for number, (one, two) in enumerate([*feelings, (Emotion.ANGRY, Emotion.NEUTRAL)]):
        start = Moment(felt(one, 0.9), Pose(yaw=-15.0 + 8 * number))
        shot = travel(who, start, Moment(felt(two, 0.9), Pose(yaw=12.0, roll=3.0)), 25)
        frames = []
        for moment in shot.moments:
            pixels = draw(who, moment.mood, moment.pose, framing, detail=1).picture.pixels
            share = pixels[..., 3:] / 255.0
            flat = pixels[..., :3] * share + _PAPER * (1 - share)
            frames.append(Image.fromarray(np.rint(flat).astype(np.uint8)))
        path = folder / f"pencil{number}.png"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=42, loop=0)


class Drive:
    """One visit to the window, from inside its program: real widgets, real events.

    Args:
        out: with the films; screenshots go here.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._count = 0

    def run(self) -> int:
        """Do it all; returns the exit code."""
        import qasync

        from genani.__main__ import make_application, make_services
        from genani.app.session import Session
        from genani.ui.main_window import MainWindow

        loop = qasync.QEventLoop(make_application([]))
        asyncio.set_event_loop(loop)
        self._session = Session(make_services())
        self._main = MainWindow(self._session)
        self._main.resize(1500, 950)
        self._main.show()
        return loop.run_until_complete(self._visit())

    async def _visit(self) -> int:
        keys = [SAMPLE / "0001.png", SAMPLE / "0017.png"]
        await self._session.import_files(keys, frame=1)
        self._session.renders.start()
        self._session.actions.action("train").trigger()
        window = self._main.documents.windows.training
        assert window is not None
        self._window = window
        await self._until(lambda: self._session.training.project is not None, "a project")
        for step in (self._clips, self._labels, self._rights, self._settings, self._train):
            await step()
        wrong = await self._use()
        await self._session.close(True)
        self._main.shut()
        for text in wrong:
            print(text, file=sys.stderr)
        return 1 if wrong else 0

    # The pages

    async def _clips(self) -> None:
        from PySide6.QtWidgets import QListWidget

        self._drop(sorted((self._out / "films").iterdir()))
        await self._until(self._idle, "the films to be cut")
        await self._shot("clips")
        grid = self._find(QListWidget, "training-grid")
        before = grid.count()
        grid.setCurrentRow(0)
        self._click("training-remove")
        await self._until(lambda: grid.count() == before - 1, "a clip to go")
        self._click("training-put-back")
        await self._until(lambda: grid.count() == before, "it to come back")
        self._click("training-next")

    async def _labels(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QListWidget

        await self._shot("labels-before")
        self._click("labels-find")
        await asyncio.sleep(0.5)
        await self._until(self._idle, "landmarks")
        await self._shot("labels-found")
        for key in (Qt.Key.Key_2, Qt.Key.Key_3):
            QTest.keyClick(self._find(QListWidget, "labels-list"), key)
            await asyncio.sleep(0.5)
        await self._shot("labels-corrected")
        self._click("training-next")

    async def _rights(self) -> None:
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QLineEdit

        await self._shot("rights-before")
        QTest.keyClicks(self._find(QLineEdit, "rights-maker"), "Ada Example")
        self._click("rights-yes")
        await self._shot("rights")
        self._click("training-next")

    async def _settings(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QWidget

        await self._shot("settings")
        self._click("settings-advanced")
        for name, value in (("steps", STEPS), ("batch", BATCH)):
            field = self._find(QWidget, f"settings-{name}")
            QTest.keyClicks(field, value)
            QTest.keyClick(field, Qt.Key.Key_Return)
            await asyncio.sleep(0.3)
        await self._shot("settings-advanced")
        self._click("training-next")

    async def _train(self) -> None:
        self._click("run-start")
        await asyncio.sleep(1)
        await self._until(lambda: self._run.step > 5 or not self._run.state.busy, "some steps")
        await self._shot("training")
        self._click("run-pause")
        await self._until(lambda: not self._run.state.busy, "the pause")
        await self._shot("paused")
        self._click("run-start")
        await asyncio.sleep(1)
        await self._until(lambda: not self._run.state.busy, "the end of training")
        await self._shot("trained")
        self._click("training-next")

    async def _use(self) -> list[str]:
        wrong = []
        if self._run.step != int(STEPS):
            wrong.append(f"it stopped at step {self._run.step}: {self._run.text}")
        await self._shot("result")
        self._click("result-keep")
        await asyncio.sleep(1.5)
        self._click("result-use")
        await asyncio.sleep(1)
        await self._shot("used")
        scene = self._session.controller.scene
        layer = scene.layers[0]
        span = layer.spans[0]
        if not span.settings.options.get("styles"):
            wrong.append(f"the span does not draw with it: {span.settings}")
        self._window.close()
        self._session.selection.select_span(layer.id, span.id)
        self._session.commands.refresh()
        self._session.actions.action("generate").trigger()
        state = self._session.renders.span_state
        done = lambda: str(state(layer.id, span.id).state.value) == "done"  # noqa: E731
        await self._until(done, "the span to be drawn")
        await self._shot("drawn", self._main)
        return wrong

    # What there is, and acting on it

    @property
    def _run(self):  # noqa: ANN202
        run = self._session.training.run
        assert run is not None
        return run

    def _idle(self) -> bool:
        return not self._session.training.on_errand and not self._session._tasks

    def _find(self, kind: type, name: str):  # noqa: ANN202
        found = self._window.findChild(kind, name)
        assert found is not None, name
        return found

    def _click(self, name: str) -> None:
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QWidget

        widget = self._find(QWidget, name)
        at = QPoint(9, widget.height() // 2)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _drop(self, paths: list[Path]) -> None:
        from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
        from PySide6.QtGui import QDragEnterEvent, QDropEvent
        from PySide6.QtWidgets import QApplication

        from genani.ui.training.clips_page import ClipsPage

        page, mime = self._window.findChild(ClipsPage), QMimeData()
        assert page is not None
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        told = (
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(page, QDragEnterEvent(QPointF(200, 200).toPoint(), *told))
        QApplication.sendEvent(page, QDropEvent(QPointF(200, 200), *told))

    async def _until(self, condition: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain for {what}")
            await asyncio.sleep(0.05)

    async def _shot(self, name: str, window=None) -> None:  # noqa: ANN001
        await asyncio.sleep(0.6)
        self._count += 1
        shown = window or self._window
        shown.grab().save(str(self._out / f"{self._count:02d}-{name}.png"))


if __name__ == "__main__":
    raise SystemExit(main())
