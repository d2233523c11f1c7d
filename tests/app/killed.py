"""A program to be killed: edits, saves and draws as fast as it can, and tells every scene it had.

Run as `python -m tests.app.killed PROJECT SEED`.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import qasync
from PySide6.QtCore import QCoreApplication

from genani.__main__ import make_application, make_services
from genani.app.session import Session
from genani.scene.document import Cell, CellKind, Drawing, Scene, new_id
from genani.scene.edits import AddDrawing, AddSpan, DeleteCells, MoveCells, SetExposure
from genani.scene.picture import Picture
from genani.scene.record import to_json
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart


def digest(scene: Scene) -> str:
    """A short name for a scene."""
    return hashlib.sha256(to_json(scene)).hexdigest()


class Animator:
    """Somebody who never stops."""

    def __init__(self, session: Session, project: Path, seed: int) -> None:
        self._session, self._project, self._random = session, project, Random(seed)
        self._pixels = np.random.default_rng(seed)
        session.controller.scene_changed.connect(self._note)
        self._note()

    def _note(self) -> None:
        print(time.time(), digest(self._session.controller.scene), flush=True)

    def edit(self) -> None:
        """One random step."""
        controller, random = self._session.controller, self._random
        layer = controller.scene.layers[0]
        anchors = [cell.id for cell in layer.cells if cell.kind.anchor]
        kind = random.random()
        if kind < 0.3 or len(layer.cells) < 3:
            picture = Picture(self._pixels.integers(0, 255, (12, 16, 4), np.uint8))
            drawing = Drawing(new_id(), controller.pictures.add(picture), len(layer.cells) + 1)
            cell = Cell(new_id(), random.randrange(1, 400), drawing.id, CellKind.KEY)
            controller.do(AddDrawing(layer.id, cell, drawing), "add")
        elif kind < 0.5:
            by = random.randrange(-9, 9)
            controller.do(MoveCells(layer.id, (random.choice(anchors),), by), "move", "drag")
        elif kind < 0.6:
            controller.do(DeleteCells(layer.id, (random.choice(anchors),)), "delete")
        elif kind < 0.7:
            controller.do(SetExposure(layer.id, random.choice(anchors), 3), "hold")
        elif kind < 0.85:
            place = random.randrange(len(anchors) - 1)
            ends, chart = (anchors[place], anchors[place + 1]), TimingChart.of("even", 1)
            span = Span(new_id(), ends[0], ends[1], chart, SpanSettings("blend"))
            controller.do(AddSpan(layer.id, span), "join")
        elif random.random() < 0.5:
            controller.undo_stack.undo()
        else:
            controller.undo_stack.redo()

    async def work(self) -> None:
        """Until somebody ends it."""
        number = 0
        while True:
            self.edit()
            number += 1
            if number % 40 == 10:
                self._session.start(self._session.save(self._project))
            if number % 25 == 0:
                self._session.renders.generate_all_stale()
            await asyncio.sleep(0.02)


def main() -> None:
    """Work until killed."""
    project, seed = Path(sys.argv[1]), int(sys.argv[2])
    application = make_application(sys.argv[:1])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    session = Session(make_services())
    session.controller.refused.disconnect()
    session.renders.start()
    animator = Animator(session, project, seed)
    loop.run_until_complete(animator.work())
    QCoreApplication.quit()


if __name__ == "__main__":
    main()
