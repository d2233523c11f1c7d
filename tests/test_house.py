"""The laws of the house: rooms start without what they do not need."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "PySide6", "cv2", "mediapipe", "diffusers", "imageio_ffmpeg")


ALL_OF = """
import importlib, pkgutil
room = importlib.import_module("{room}")
for found in pkgutil.iter_modules(room.__path__):
    importlib.import_module("{room}." + found.name)
"""


def loaded_by(code: str) -> set[str]:
    """Which heavy modules a fresh interpreter has after running the code."""
    report = f"{code}\nimport sys; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", report],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.strip() else set()


def test_the_report_sees_heavy_modules() -> None:
    assert loaded_by("import cv2") == {"cv2"}


@pytest.mark.parametrize(
    "code",
    [
        "import genani.scene.edits, genani.scene.plan, genani.scene.frame",
        "import genani.scene, genani.media, genani.render",
        ALL_OF.format(room="genani.media"),
        ALL_OF.format(room="genani.render"),
        "import genani.engines.api, genani.engines.registry",
        "import genani.store.models",
        "from genani.cli import parser\nparser('inbetween'); parser('models')",
        "import contextlib\nfrom genani.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])",
    ],
)
def test_light_rooms_stay_light(code: str) -> None:
    assert loaded_by(code) == set()
