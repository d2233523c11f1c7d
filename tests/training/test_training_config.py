"""Settings of a run: read, laid over each other, complained about in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genani.scene.errors import FileError
from genani.training.config import ConfigError, TrainingConfig, assigned, merged, read, typed
from genani.training.tasks import TASKS, card, preset


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"steps": 0}, "my.toml: steps: must be a whole number >= 1"),
        ({"steps": "many"}, "my.toml: steps: must be a whole number, got text"),
        ({"stepz": 1}, "my.toml: there is no setting 'stepz'; do you mean 'steps'?"),
        ({"precision": "fp8"}, "my.toml: precision: cannot be 'fp8'"),
        ({"ema": 1.0}, "my.toml: ema: must be a number < 1.0"),
        ({"learning_rate": True}, "my.toml: learning_rate: must be a number, got true or false"),
        ({"task": 3}, "my.toml: task: must be a table, got a whole number"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        typed(table, TrainingConfig, "my.toml")
    assert str(caught.value) == complaint


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('steps = 7\n[task]\nsizes = [96]\nstart = "nothing"\n')
    (tmp_path / "a.json").write_text(
        json.dumps({"steps": 7, "task": {"sizes": [96], "start": "nothing"}})
    )
    assert read(tmp_path / "a.toml") == read(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.toml", "steps = ", r"a\.toml' is not TOML"),
        ("a.json", "{", r"a\.json' is not JSON"),
        ("a.json", "[1]", "holds no table"),
        ("a.toml", b"\xff\xfe", r"a\.toml' is not TOML"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, text: str | bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=complaint):
        read(tmp_path / name)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"cannot read .*none\.toml': it does not exist"):
        read(tmp_path / "none.toml")


def test_words_become_a_table() -> None:
    words = [
        "steps=5",
        "learning_rate=1e-4",
        "precision=bf16",
        "task.sizes=[64, 96]",
        "compile=true",
    ]
    assert assigned(words) == {
        "steps": 5,
        "learning_rate": 1e-4,
        "precision": "bf16",
        "task": {"sizes": [64, 96]},
        "compile": True,
    }


@pytest.mark.parametrize("word", ["steps", "=5", "task.=5", ""])
def test_words_that_say_nothing(word: str) -> None:
    with pytest.raises(ConfigError, match="write key=value"):
        assigned([word])
    with pytest.raises(ConfigError, match="already has a value"):
        assigned(["task=1", "task.sizes=2"])


def test_later_tables_lie_on_top() -> None:
    below = {"steps": 1, "task": {"a": 1, "b": {"c": 1}}}
    over = {"task": {"b": {"d": 2}}, "batch": 2}
    assert merged(below, over) == {
        "steps": 1,
        "batch": 2,
        "task": {"a": 1, "b": {"c": 1, "d": 2}},
    }
    assert below == {"steps": 1, "task": {"a": 1, "b": {"c": 1}}}


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("chosen", ["quick", "good", "best"])
def test_presets_are_settings(name: str, chosen: str) -> None:
    typed(preset(name, chosen), TrainingConfig, name)


def test_unknown_names() -> None:
    with pytest.raises(ConfigError, match="there is no task 'faces'; there are face"):
        card("faces")
    with pytest.raises(ConfigError, match="face has no preset 'huge'"):
        preset("face", "huge")
