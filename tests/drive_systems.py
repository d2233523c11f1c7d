"""`python -m tests.drive_systems OUT [TASK ...]`: each system of issue 8 trained through the app.

A session of the window without the window: a project is made, pictures of `OUT/pictures` are added
where a task wants some, rights are given, every task is trained at the smallest size in a process
of its own as the window does it, and what comes of it is kept. Its figures are printed; what fails
is said, with exit code 1. `GENANI_MODELS` names a store with `squeezenet-features` and, for what
GenAni draws itself, `ict-facekit` and `fluent-emoji-clips`; what is kept goes there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from genani.app.session import Session

_COMMON = {
    "steps": "4",
    "batch": "2",
    "warmup": "1",
    "threads": "1",
    "report_every": "1",
    "validate_every": "2",
}
_CARTOONS = {
    "task.size": "64",
    "task.width": "4",
    "task.judge_width": "4",
    "task.photos": "4",
    "task.cartoons": "4",
    "task.held": "2",
    "task.content_steps": "1",
}
SETTINGS = {
    "animegan": {
        "task.size": "64",
        "task.side": "64",
        "task.width": "8",
        "task.blocks": "1",
        "task.judge_width": "8",
        "task.photos": "4",
        "task.drawings": "4",
        "task.held": "2",
        "task.content_steps": "1",
    },
    "cartoongan": _CARTOONS,
    "artifygan": _CARTOONS,
    "stylegan": {
        "task.size": "32",
        "task.channels": "8",
        "task.wide": "4",
        "task.latent": "16",
        "task.mapping": "2",
        "task.count": "8",
        "task.held": "8",
        "task.measure": "colours",
    },
    "jojogan": {"task.inversion": "3", "task.measure": "judge"},
    "vqgan": {"task.side": "32", "task.held": "4", "task.perceptual": "0"},
    "vqgpt": {"task.held": "4"},
    "sprite": {
        "task.network": "tiny",
        "task.sizes": "[64]",
        "task.perceptual": "0",
        "task.frames": "4",
    },
}


def main() -> int:
    """Train and keep; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("tasks", nargs="*", default=list(SETTINGS))
    given = parser.parse_args()
    os.environ["GENANI_DATA"] = str(given.out.absolute() / "data")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import qasync

    from genani.__main__ import make_application, make_services
    from genani.app.session import Session

    application = make_application(["drive"])
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(_all(Session(make_services()), given.out, given.tasks))


async def _all(session: Session, out: Path, tasks: list[str]) -> int:
    failures: list[str] = []
    session.message.connect(lambda message: failures.append(message.text))
    await session.training.create("Systems")
    for task in tasks:
        begun = time.monotonic()
        told = await _one(session, task, _pictures(out / "pictures"))
        print(f"{task}: {told} ({time.monotonic() - begun:.0f} s)", flush=True)
        if not told.startswith("kept"):
            failures.append(f"{task}: {told}")
    await session.close()
    for line in failures:
        print(f"FAILED: {line}")
    return 1 if failures else 0


async def _one(session: Session, task: str, pictures: Path) -> str:
    """Train one task and keep what comes of it; what happened, in words."""
    from genani.app.training.album import KINDS

    trainings = session.training
    settings = {**_COMMON, **SETTINGS[task]}
    await trainings.choose(task=task, preset="quick", settings=settings, adapter="")
    await trainings.refresh()
    choice, matter = trainings.choice, trainings.matter
    assert choice is not None
    assert matter is not None
    for kind in KINDS.get(choice.material, ()):
        if not trainings.album.of(kind):
            await trainings.add_pictures(kind, [pictures])
    if trainings.rights is not None and trainings.rights.wanting:
        await trainings.set_rights("GenAni", "own work", True)
    run = trainings.run
    if trainings.wanting or run is None:
        return trainings.wanting
    trainings.train()
    while run.state.busy or not (run.record.result or run.state.value == "failed"):
        await asyncio.sleep(0.1)
    if not run.record.result:
        return run.text
    made = await trainings.adopt(run, f"Tiny {task}")
    name, curve = next(iter(run.curves().validation.items()))
    return f"kept as {made}; {name} {' -> '.join(f'{value:.4g}' for _, value in curve)}"


def _pictures(folder: Path) -> Path:
    """Ten pictures of a ball, each a little further on."""
    folder.mkdir(parents=True, exist_ok=True)
    down, across = np.mgrid[:96, :96]
    for number in range(10):
        ball = (np.hypot(across - 48 - number, down - 48) < 30) * 200 + 20
        pixels = np.stack([ball, across * 2, down * 2 + number], 2).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"ball-{number}.png")
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
