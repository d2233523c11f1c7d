"""`kill -9` at any moment: what comes back is whole, and at most 10 seconds old."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from genani.app.journaling import JOURNALS, recoverable
from genani.media import project
from genani.scene.document import Scene
from tests.app.killed import digest

KILLS = int(os.environ.get("GENANI_KILLS", "2"))
"""How often; `GENANI_KILLS=20` for the long run."""

AT_MOST_S = 10.0


@pytest.mark.parametrize("seed", range(KILLS))
def test_what_was_not_saved_comes_back(tmp_path: Path, seed: int) -> None:
    saved = tmp_path / "scene.genani"
    places = {"GENANI_CONFIG": "config", "GENANI_DATA": "data", "GENANI_CACHE": "cache"}
    places["GENANI_MODELS"] = "models"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "GENANI_OFFLINE": "1"}
    environment |= {name: str(tmp_path / folder) for name, folder in places.items()}
    words = [sys.executable, "-m", "tests.app.killed", saved, str(seed)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout is not None
        heard = [child.stdout.readline() for _ in range(Random(seed).randrange(60, 400))]
        assert heard[-1], child.communicate()[1]
        child.send_signal(signal.SIGKILL)
        killed = time.time()
        heard += child.stdout.readlines()
    lines = [line.split() for line in heard if line.endswith("\n")]
    (found,) = recoverable(tmp_path / "data" / JOURNALS)
    assert _left(lines, found.scene, killed) <= AT_MOST_S
    for picture_id in found.scene.pictures():
        picture = found.picture(picture_id)
        if picture is None and found.project:
            picture = project.load(found.project).picture(picture_id)
        assert picture is not None
    if saved.exists():
        opened = project.load(saved)
        assert opened.problems == ()
        assert all(opened.picture(picture_id) for picture_id in opened.scene.pictures())


def _left(lines: list[list[str]], scene: Scene, killed: float) -> float:
    """How many seconds before the end the scene stopped being the present one."""
    places = [place for place, line in enumerate(lines) if line[1] == digest(scene)]
    assert places, "a scene came back that never was"
    following = places[-1] + 1
    return killed - float(lines[following][0]) if following < len(lines) else 0.0
