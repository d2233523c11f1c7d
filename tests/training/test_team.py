"""Two real processes train one network, started by accelerate's launcher."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from genani.training import runs
from genani.training.config import merged
from genani.training.headroom import TrainingError
from genani.training.loop import CHECKPOINTS, RESULT
from genani.training.team import follows, part
from genani.training.watch import read_metrics
from tests.training.loop_task import Line
from tests.training.test_loop import curve, weights
from tests.training.test_tasks import words

SCRIPT = """
import sys
from pathlib import Path
from genani.training.loop import train
from tests.training.test_loop import config
from tests.training.test_team import Calm
stop = int(sys.argv[2])
task = Calm()
left = iter(range(stop or 10_000))
train(task, config(), Path(sys.argv[1]), stopped=lambda: next(left, None) is None)
print("examples", sorted(set(task.seen)), flush=True)
"""


class Calm(Line):
    """Without dropout: what two draw is another chance than what one does."""

    def build(self) -> dict[str, torch.nn.Module]:
        models = super().build()
        models["model"].get_submodule("2").register_forward_hook(lambda _m, given, _out: given[0])
        return models


def launched(processes: int, *arguments: str | Path) -> str:
    """Run a Python program by accelerate's launcher; what it printed."""
    launcher = ["-m", "accelerate.commands.launch", "--num_machines=1", "--mixed_precision=no"]
    launcher += ["--dynamo_backend=no", f"--num_processes={processes}"]
    launcher += ["--multi_gpu", "--main_process_port=0"] * (processes > 1)
    done = subprocess.run(
        [sys.executable, *launcher, *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_processes_learn_what_one_does_and_go_on_after_a_stop(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    launched(1, script, tmp_path / "one", "0")
    said = launched(2, script, tmp_path / "two", "7")
    # Four examples each, of a batch of eight.
    assert said.splitlines().count("examples [4]") == 2
    launched(2, script, tmp_path / "two", "0")
    one, two = curve(tmp_path / "one"), curve(tmp_path / "two")
    assert [line["step"] for line in one] == [line["step"] for line in two]
    for alone, shared in zip(one, two, strict=True):
        kinds = alone.pop("kind"), shared.pop("kind")
        assert kinds[0] == kinds[1]
        assert shared == pytest.approx(alone, rel=1e-3, abs=1e-6)
    ended = weights(tmp_path / "one"), weights(tmp_path / "two")
    for name, weight in ended[0].items():
        assert torch.allclose(weight.float(), ended[1][name].float(), atol=1e-4), name


def given(**changes: Any) -> list[str]:
    return words("face", **merged({"steps": 2, "validate_every": 1}, changes))


def test_a_task_is_trained_by_the_command(tmp_path: Path) -> None:
    out = tmp_path / "run"
    asked = ["train", "face", "--out", str(out), "--launch", "accelerate", "--processes", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "genani", *asked, *given()],
        env={**os.environ, "GENANI_DATA": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("finished: step 2 of 2") == 1
    assert [line["step"] for line in read_metrics(out) if line["kind"] == "train"] == [1, 2]
    assert {"checkpoints", "result", runs.TOLD} <= {path.name for path in out.iterdir()}
    assert any((out / CHECKPOINTS).iterdir())
    assert any((out / RESULT).iterdir())


def test_what_is_wrong_is_told_before_anything_is_launched(tmp_path: Path) -> None:
    asked = ["train", "face", "--out", str(tmp_path / "run"), "--launch", "accelerate"]
    done = subprocess.run(
        [sys.executable, "-m", "genani", *asked, "--set", "task.start=nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_every_example_is_somebodys() -> None:
    assert [at for rank in range(3) for at in part(8, rank, 3)] == list(range(8))
    with pytest.raises(TrainingError, match="3 processes cannot share a batch of 2"):
        part(2, 0, 3)


def test_all_but_the_first_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not follows()
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert not follows()
    monkeypatch.setenv("RANK", "1")
    assert follows()
