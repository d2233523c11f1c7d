"""Checkpoints: whole or not at all, whatever happens while one is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from genani.scene.errors import FileError, ModelError
from genani.training import checkpoint
from genani.training.checkpoint import BEST, LAST, PREVIOUS, Checkpoint

KILLS = 20

# One interpreter loads torch once and forks a child for each kill: a child writes checkpoints
# whose tensors all hold its step, as fast as it can, until it is killed.
KILLED_WHILE_WRITING = """
import os, random, select, signal, sys, time
from pathlib import Path
import torch
from genani.training import checkpoint
from genani.training.checkpoint import LAST, Checkpoint

torch.set_num_threads(1)
folder, kills = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(5)
step = 0
for kill in range(kills):
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        while True:
            step += 1
            tensors = {f"model/{n}": torch.full((64, 1024), float(step)) for n in range(8)}
            checkpoint.write(folder / LAST, Checkpoint(tensors, {"step": step}))
            os.write(told, b".")
    os.read(heard, 1)
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    written = len(os.read(heard, 65536)) + 1 if select.select([heard], [], [], 0)[0] else 1
    found = checkpoint.newest(folder)
    assert found is not None
    # The one that was told of, or the next, renamed but not told of yet.
    assert found.state["step"] in (step + written, step + written + 1), (found.state, step, written)
    assert all(bool((each == found.state["step"]).all()) for each in found.tensors.values())
    step = found.state["step"]
    os.close(heard), os.close(told)
print("good", step)
"""


def made(step: int) -> Checkpoint:
    """A checkpoint that tells its step in every number."""
    return Checkpoint({"model/weight": torch.full((4, 3), float(step))}, {"step": step})


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    tensors = {
        "a": torch.randn(2, 3).to(torch.bfloat16),
        "b": torch.arange(3),
        "c": torch.tensor(1.5),
    }
    state = {"step": 3, "text": "é", "table": {"loss": 0.1 + 0.2}}
    checkpoint.write(tmp_path / LAST, Checkpoint(tensors, state))
    found = checkpoint.read(tmp_path / LAST)
    assert found.state == state
    assert all(torch.equal(found.tensors[name], tensors[name]) for name in tensors)


def test_channels_last_weights_are_kept(tmp_path: Path) -> None:
    weight = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    checkpoint.write(tmp_path / LAST, Checkpoint({"w": weight}, {}))
    assert torch.equal(checkpoint.read(tmp_path / LAST).tensors["w"], weight)


def test_kill_at_any_moment_leaves_the_last_good_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_WRITING, str(tmp_path), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("good")


def test_a_damaged_last_one_falls_back_to_the_one_before(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        checkpoint.write(tmp_path / LAST, made(step))
    whole = (tmp_path / LAST).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"\0" * len(whole)):
        (tmp_path / LAST).write_bytes(damaged)
        found = checkpoint.newest(tmp_path)
        assert found is not None
        assert found.state["step"] == 2
    (tmp_path / PREVIOUS).write_bytes(b"")
    with pytest.raises(ModelError, match=r"last\.safetensors' cannot be read"):
        checkpoint.newest(tmp_path)


def test_none_yet(tmp_path: Path) -> None:
    assert checkpoint.newest(tmp_path) is None


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"w": torch.ones(1)}, tmp_path / LAST)
    with pytest.raises(ModelError, match="not a checkpoint of this version"):
        checkpoint.newest(tmp_path)


def test_the_best_does_not_push_the_last_aside(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / LAST, made(1))
    checkpoint.write(tmp_path / BEST, made(1))
    checkpoint.write(tmp_path / BEST, made(2))
    assert not (tmp_path / PREVIOUS).exists()


@pytest.mark.skipif(os.name != "posix", reason="the limit on file sizes is POSIX's")
def test_a_full_disk_leaves_the_old_one(tmp_path: Path) -> None:
    # A limit on the size of files stops a write half-way as a full disk does.
    code = f"""
import resource, signal, sys
from pathlib import Path
import torch
from genani.scene.errors import FileError
from genani.training import checkpoint
from genani.training.checkpoint import LAST, Checkpoint
folder = Path({str(tmp_path)!r})
checkpoint.write(folder / LAST, Checkpoint({{"w": torch.ones(10)}}, {{"step": 1}}))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, resource.RLIM_INFINITY))
try:
    checkpoint.write(folder / LAST, Checkpoint({{"w": torch.ones(1 << 20)}}, {{"step": 2}}))
except FileError as error:
    print(error)
print(checkpoint.newest(folder).state, sorted(each.name for each in folder.iterdir()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    told, left = done.stdout.splitlines()
    assert told == f"cannot write '{tmp_path / LAST}': the file would be too large for this disk"
    assert left == "{'step': 1} ['last.safetensors']"


def test_another_network_does_not_fit(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / LAST, Checkpoint(checkpoint.kept({"m": nn.Linear(2, 2)}), {}))
    found = checkpoint.read(tmp_path / LAST)
    with pytest.raises(ModelError, match="m/weight does not fit"):
        checkpoint.put({"m": nn.Linear(3, 2)}, found.tensors)


def test_only_what_is_trained_is_kept_and_buffers_with_it() -> None:
    frozen = nn.Linear(2, 2).requires_grad_(False)
    model = nn.Sequential(frozen, nn.BatchNorm1d(2))
    names = set(checkpoint.kept({"m": model, "teacher": nn.Linear(2, 2).requires_grad_(False)}))
    assert names == {
        "m/1.weight",
        "m/1.bias",
        "m/1.running_mean",
        "m/1.running_var",
        "m/1.num_batches_tracked",
    }


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / LAST).mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        checkpoint.write(tmp_path / LAST, made(1))
