"""The detector that stays ready: started once, again after a failure, never after the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from typing_extensions import override

from genani.face import standby
from genani.face.detect_process import Answer, Kind
from genani.face.standby import Standby
from genani.scene.errors import Cancelled, ModelError
from tests.face.staged import RgbArray, Staged, face_points, sheet

EYES = (200.0, 150.0, 60.0)


class Counted(Staged):
    """Counts how often it is started and closed, and fails when it is told to."""

    made = 0
    closed = 0
    failing = False

    def __init__(self, _model: Path, faces: int = 1) -> None:
        super().__init__([face_points(*EYES)], faces=faces)
        Counted.made += 1

    @override
    def close(self) -> None:
        Counted.closed += 1

    @override
    def _asked(self, kind: Kind, pixels: RgbArray) -> Answer:
        if Counted.failing:
            raise ModelError("it has stopped working")
        return super()._asked(kind, pixels)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    Counted.made = Counted.closed = 0
    Counted.failing = False
    monkeypatch.setattr(standby, "FaceDetector", Counted)


def test_it_is_started_once_when_it_is_first_needed() -> None:
    ready = Standby(lambda: Path("model"))
    assert Counted.made == 0
    for _ in range(3):
        assert len(ready.find(sheet(EYES))) == 1
    ready.close()
    ready.close()
    assert (Counted.made, Counted.closed) == (1, 1)


def test_after_a_failure_the_next_look_starts_another() -> None:
    ready = Standby(lambda: Path("model"))
    Counted.failing = True
    with pytest.raises(ModelError, match="stopped working"):
        ready.find(sheet(EYES))
    assert Counted.closed == 1
    Counted.failing = False
    assert len(ready.find(sheet(EYES))) == 1
    ready.close()
    assert (Counted.made, Counted.closed) == (2, 2)


def test_a_model_that_was_installed_meanwhile_is_taken() -> None:
    def missing() -> Path:
        if not installed:
            raise ModelError("it is not installed")
        return Path("model")

    installed: list[bool] = []
    ready = Standby(missing)
    with pytest.raises(ModelError, match="not installed"):
        ready.find(sheet(EYES))
    installed.append(True)
    assert len(ready.find(sheet(EYES))) == 1
    ready.close()


def test_after_the_end_nothing_is_started() -> None:
    ready = Standby(lambda: Path("model"))
    ready.close()
    with pytest.raises(Cancelled):
        ready.find(sheet(EYES))
    assert Counted.made == 0
