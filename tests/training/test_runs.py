"""Runs on disk: a new one, going on without a path, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from genani.training import runs
from genani.training.config import ConfigError


def test_going_on_needs_no_path(tmp_path: Path) -> None:
    for steps in (1, 2):
        runs.record(runs.begin("face", {"steps": steps}, tmp_path))
    found = runs.resume("face", {"batch": 3})
    assert (found.config.steps, found.config.batch) == (2, 3)
    assert found.folder == runs.home() / "face" / "002"
    assert found.data == tmp_path.absolute()


def test_what_changes_stays_changed(tmp_path: Path) -> None:
    runs.record(runs.begin("face", {"task": {"held": 8}}, folder=tmp_path))
    runs.record(runs.resume("face", {"task": {"own": 0.5}}, tmp_path))
    assert runs.resume("face", {}, tmp_path).config.task == {"held": 8, "own": 0.5}


def test_a_run_that_never_began_is_none(tmp_path: Path) -> None:
    runs.begin("face", {}, folder=tmp_path)
    with pytest.raises(ConfigError, match="holds no run"):
        runs.resume("face", {}, tmp_path)
    with pytest.raises(ConfigError, match="there is no run of face yet"):
        runs.resume("face", {})


def test_no_run_is_written_over(tmp_path: Path) -> None:
    runs.record(runs.begin("face", {}, folder=tmp_path))
    with pytest.raises(ConfigError, match="already holds a run"):
        runs.begin("face", {}, folder=tmp_path)
    with pytest.raises(ConfigError, match="holds a run of face, not of rife"):
        runs.resume("rife", {}, tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"task": "face"}', "\x00"])
def test_a_damaged_note(tmp_path: Path, text: str) -> None:
    (tmp_path / runs.TOLD).write_text(text)
    with pytest.raises(ConfigError, match="is damaged"):
        runs.resume("face", {}, tmp_path)
