"""The loop on a task that takes milliseconds: the curve, the stop, the going on, the complaints."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genani.training import checkpoint
from genani.training.config import TrainingConfig
from genani.training.headroom import TrainingError
from genani.training.loop import CHECKPOINTS, RESULT, SAMPLES, Ended, Result, train
from genani.training.schedule import rate_at
from genani.training.task import Task
from genani.training.watch import Progress, read_metrics
from tests.training.loop_task import Duel, Line

STEPS = 24


def config(**changes: Any) -> TrainingConfig:
    """A short run that reports each step and looks at the held-back data four times."""
    told = {"steps": STEPS, "batch": 8, "warmup": 4, "learning_rate": 0.02, "ema": 0.8}
    return TrainingConfig(
        **{**told, "threads": 1, "report_every": 3, "validate_every": 8, **changes}
    )


def stop_after(steps: int, task: Task, folder: Path, **changes: Any) -> Result:
    """Train some steps and stop."""
    left = iter(range(steps))
    return train(task, config(**changes), folder, stopped=lambda: next(left, None) is None)


def curve(folder: Path) -> list[dict[str, float]]:
    """All figures of a run but those of the clock."""
    clocks = ("seconds_per_step", "waiting")
    return [{k: v for k, v in line.items() if k not in clocks} for line in read_metrics(folder)]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """What the last checkpoint holds."""
    found = checkpoint.newest(folder / CHECKPOINTS)
    assert found is not None
    return dict(found.tensors)


def test_it_learns_and_hands_out_the_best(tmp_path: Path) -> None:
    result = train(Line(), config(steps=120, learning_rate=0.05, validate_every=30), tmp_path)
    lines = [line for line in curve(tmp_path) if line["kind"] == "train"]
    assert result.ended is Ended.FINISHED
    assert lines[-1]["total"] < 0.2 * lines[0]["total"]
    assert json.loads((tmp_path / RESULT / "figures.json").read_text()) == result.figures
    assert len(list((tmp_path / SAMPLES).glob("*/line.txt"))) == 5
    looks = [line["error"] for line in curve(tmp_path) if line["kind"] == "validation"]
    assert result.figures["error"] == min(looks)


def test_the_same_seed_gives_the_same_curve(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(Line(), config(seed=seed), tmp_path / name)
    assert curve(tmp_path / "a") == curve(tmp_path / "b")
    assert curve(tmp_path / "a") != curve(tmp_path / "c")


@pytest.mark.parametrize("kind", [Line, Duel])
def test_a_stop_changes_nothing(
    kind: Callable[[], Task], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = tmp_path_factory.mktemp("whole")
    train(kind(), config(), whole)

    @settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.integers(1, STEPS - 1), min_size=1, max_size=2))
    def check(stops: list[int]) -> None:
        folder = tmp_path_factory.mktemp("stopped")
        for steps in stops:
            stop_after(steps, kind(), folder)
        result = train(kind(), config(), folder)
        assert result.step == STEPS
        assert curve(folder) == curve(whole)
        mine, theirs = weights(folder), weights(whole)
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)

    check()


KILLED = """
import os, signal, sys
from pathlib import Path
from genani.training.loop import train
from tests.training.loop_task import Line
from tests.training.test_loop import STEPS, config

def watch(progress):
    if progress.step == 9:
        os.kill(os.getpid(), signal.SIGKILL)

train(Line(), config(checkpoint_seconds=1e-9), Path(sys.argv[1]), watch=watch)
"""


def test_a_kill_changes_nothing(tmp_path: Path) -> None:
    train(Line(), config(), tmp_path / "whole")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=200,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    train(Line(), config(), tmp_path / "killed")
    assert curve(tmp_path / "killed") == curve(tmp_path / "whole")


def test_a_kill_before_the_first_checkpoint_leaves_no_figures(tmp_path: Path) -> None:
    def fall(progress: Progress) -> None:
        if progress.step == 0 and progress.figures:
            raise KeyboardInterrupt

    train(Line(), config(), tmp_path / "whole")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(Line(), config(), tmp_path / "run", watch=fall)
    train(Line(), config(), tmp_path / "run")
    assert curve(tmp_path / "run") == curve(tmp_path / "whole")


def test_stop_comes_within_a_step_and_ends_the_data(tmp_path: Path) -> None:
    task = Line()
    result = stop_after(5, task, tmp_path)
    assert (result.step, result.ended) == (5, Ended.STOPPED)
    assert len(task.seen) == 5
    assert task.open == 0


def test_time_runs_out(tmp_path: Path) -> None:
    result = train(Line(), config(max_minutes=1e-6), tmp_path)
    assert (result.step, result.ended) == (0, Ended.TIME)
    assert train(Line(), config(), tmp_path).ended is Ended.FINISHED


def test_frozen_weights_stay_and_are_not_kept(tmp_path: Path) -> None:
    train(Line(), config(), tmp_path)
    assert not [name for name in weights(tmp_path) if name.startswith("model/0.")]


def test_a_number_that_is_none_stops_and_keeps_the_last_good(tmp_path: Path) -> None:
    stop_after(6, Line(), tmp_path)
    with pytest.raises(TrainingError, match=r"step 11 the total .* no longer a number.*step 6 is"):
        train(Line(bad_from=10), config(), tmp_path)
    kept = weights(tmp_path)
    assert all(bool(torch.isfinite(each).all()) for each in kept.values())
    assert train(Line(), config(), tmp_path).ended is Ended.FINISHED


def test_short_memory_halves_what_is_computed_at_a_time(tmp_path: Path) -> None:
    told: list[Progress] = []
    task = Line(room=3)
    train(task, config(), tmp_path, watch=told.append)
    texts = [each.message for each in told if each.message]
    assert texts == [
        "out of memory: from now on 4 examples at a time instead of 8; each step still learns "
        "from 8",
        "out of memory: from now on 2 examples at a time instead of 4; each step still learns "
        "from 8",
    ]
    assert task.seen[:6] == [8, 4, 2, 2, 2, 2]
    again = Line(room=3)
    train(again, config(steps=STEPS + 1), tmp_path)
    assert set(again.seen) == {2}


def test_parts_learn_the_same_as_the_whole(tmp_path: Path) -> None:
    class Plain(Line):
        def build(self) -> dict[str, torch.nn.Module]:
            return {"model": torch.nn.Linear(1, 1)}

    train(Plain(), config(), tmp_path / "whole")
    train(Plain(room=3), config(), tmp_path / "parts")
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.allclose(whole[name], parts[name], atol=1e-5) for name in whole)


def test_memory_for_not_even_one(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"not even one example fits .* nothing was kept yet"):
        train(Line(room=0), config(), tmp_path)


def test_no_room_is_told_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genani.engines.device import Device
    from genani.training import headroom

    task = Line()
    monkeypatch.setattr(headroom, "_SPARE", 1 << 62)
    with pytest.raises(TrainingError, match=r"the checkpoints need .* make room"):
        train(task, config(), tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(Device, "free", 100)
    with pytest.raises(TrainingError, match="at least 0 MB of memory on cpu"):
        train(task, config(), tmp_path)
    assert task.seen == []


def test_one_run_a_folder(tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".lock"), pytest.raises(TrainingError, match="another process"):
        train(Line(), config(), tmp_path)


def test_a_run_of_another_task_is_refused(tmp_path: Path) -> None:
    train(Line(), config(), tmp_path)
    with pytest.raises(TrainingError, match="holds a run of 'line', not of 'duel'"):
        train(Duel(), config(), tmp_path)


def test_metrics_come_as_tensorboard_events_too(tmp_path: Path) -> None:
    stop_after(7, Line(), tmp_path)
    train(Line(), config(), tmp_path)
    events = list((tmp_path / "tensorboard").glob("events.*"))
    assert events
    assert any(b"train/total" in each.read_bytes() for each in events)
    steps = [line["step"] for line in curve(tmp_path)]
    assert steps == sorted(steps)


def test_progress_tells_the_time_left(tmp_path: Path) -> None:
    told: list[Progress] = []
    train(Line(), config(), tmp_path, watch=told.append)
    last = [each for each in told if each.losses][-1]
    assert last.step == STEPS
    assert last.eta == 0
    middle = next(each for each in told if each.losses)
    assert middle.eta == pytest.approx(middle.seconds_per_step * (STEPS - middle.step))
    assert 0 <= middle.waiting <= 1


def test_the_learning_rate_rises_then_falls() -> None:
    told = config(steps=100, warmup=10, final_rate=0.1, learning_rate=1.0)
    rates = [rate_at(told, step) for step in range(120)]
    assert rates[:11] == pytest.approx([0.1 * (n + 1) for n in range(10)] + [1.0])
    assert rates[10:101] == sorted(rates[10:101], reverse=True)
    assert rates[100:] == pytest.approx([0.1] * 20)
