"""The tasks at tiny size: they learn, stop, go on, and hand out what their engine loads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from genani.engines.adapted import put_on
from genani.engines.inbetween.face_model_weights import FILE, MODEL, TINY, load
from genani.engines.inbetween.rife.versions import random_network
from genani.scene.errors import GenAniError, ModelError
from genani.store import adapters
from genani.store.models import path
from genani.training import checkpoint, runs
from genani.training.__main__ import main
from genani.training.clips import dataset
from genani.training.clips.dataset import Rights, RightsError
from genani.training.config import ConfigError, TrainingConfig, merged, typed
from genani.training.loader import expanded
from genani.training.loop import CHECKPOINTS, RESULT, SAMPLES
from genani.training.tasks import make
from genani.training.tasks.inbetween import InbetweenTask
from genani.training.tasks.material import material
from genani.training.watch import read_metrics
from tests.training.clips.films import data_set

TINY_TABLE: dict[str, Any] = {
    "steps": 4,
    "batch": 2,
    "warmup": 1,
    "threads": 1,
    "report_every": 1,
    "validate_every": 2,
    "task": {
        "start": "nothing",
        "perceptual": 0,
        "sizes": [64],
        "held": 2,
        "shares": {"rig": 1.0},
        "ordered": 0.5,
    },
}


def table(name: str, **changes: Any) -> dict[str, Any]:
    """Settings at which a run takes a second or two."""
    network = {"task": {"network": "tiny", "copies": 2}} if name == "face" else {}
    return merged(TINY_TABLE, network, changes)


def words(name: str, **changes: Any) -> list[str]:
    """The same for a command line."""
    told = table(name, **changes)
    flat = {key: value for key, value in told.items() if key != "task"}
    flat |= {f"task.{key}": value for key, value in told["task"].items() if key != "shares"}
    flat["task.shares"] = "{ rig = 1.0, ict = 0.0, emoji = 0.0, still = 0.0 }"
    return [f"--set={key}={value}" for key, value in flat.items()]


def given(name: str) -> list[str]:
    """Settings for any task, as far as it has them."""
    return [] if name == "tooncrafter" else words(name)


def curve(folder: Path) -> list[float]:
    """The total loss at each step."""
    return [line["total"] for line in read_metrics(folder) if line["kind"] == "train"]


@pytest.mark.parametrize("name", ["face", "rife"])
def test_from_the_command_line_with_a_stop(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert main([name, "--out", str(whole), *words(name)]) == 0
    assert main([name, "--out", str(stopped), *words(name, max_minutes=1e-6)]) == 0
    assert "time: step 0 of 4" in capsys.readouterr().out
    assert main([name, "--out", str(stopped), "--resume", "--set", "max_minutes=0"]) == 0
    assert "finished: step 4 of 4" in capsys.readouterr().out
    assert curve(whole) == curve(stopped)
    assert len(curve(whole)) == 4
    assert (whole / SAMPLES / "00000004" / "held_back.png").exists()
    figures = json.loads((whole / RESULT / "figures.json").read_text())["figures"]
    assert figures.keys() == {"psnr", "distance", "blend psnr", "blend distance"}


def test_a_trained_face_model_is_what_its_engine_loads(tmp_path: Path) -> None:
    assert main(["face", "--out", str(tmp_path), *words("face")]) == 0
    model = load(tmp_path / RESULT / FILE)
    assert model.config == TINY
    best = checkpoint.read(tmp_path / CHECKPOINTS / checkpoint.BEST).tensors
    for key, weight in model.state_dict().items():
        assert torch.equal(weight, best[f"model/{key}"].half().float())


def test_a_trained_rife_is_an_adapter(tmp_path: Path) -> None:
    assert main(["rife", "--out", str(tmp_path), *words("rife", task={"adapter": "Mika"})]) == 0
    adapter = adapters.add(tmp_path / RESULT / "adapter.safetensors")
    assert (adapter.card.name, adapter.card.base) == ("Mika", "genani-rife")
    network = random_network("4.6")
    put_on(network, adapter.id, (adapter.card.base,))
    best = checkpoint.read(tmp_path / CHECKPOINTS / checkpoint.BEST).tensors
    for key, weight in network.state_dict().items():
        assert torch.allclose(weight, best[f"model/{key}"], atol=1e-4)


def test_own_clips_on_the_installed_face_model_make_an_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "store"))
    own, out = tmp_path / "own", tmp_path / "run"
    data = data_set(own, clips=4)
    dataset.set_rights(data, Rights("Ana", "own work", True), lambda _film: True)
    told = words("face", task={"start": "", "adapter": "Mika", "network": "full"})
    assert main(["face", "--data", str(own), "--out", str(out), *told]) == 0
    assert [each.name for each in (out / RESULT).glob(f"*{adapters.SUFFIX}")] == [
        "adapter.safetensors"
    ]
    adapter = adapters.add(out / RESULT / "adapter.safetensors")
    assert (adapter.card.name, adapter.card.base) == ("Mika", MODEL)
    network = load(path(MODEL, FILE))
    put_on(network, adapter.id, (MODEL,))
    best = checkpoint.read(out / CHECKPOINTS / checkpoint.BEST).tensors
    for key, weight in network.state_dict().items():
        assert torch.allclose(weight, best[f"model/{key}"], atol=1e-4)


def test_a_step_learns_from_copies_of_its_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    config = typed(table("rife", task={"copies": 3, "ordered": 0}), TrainingConfig, "rife")
    task = make("rife", config, None)
    assert isinstance(task, InbetweenTask)
    seen: list[torch.Tensor] = []
    draw = task.drawn

    def watched(*given: Any, **told: Any) -> Any:
        seen.append(given[1]["between"])
        return draw(*given, **told)

    monkeypatch.setattr(task, "drawn", watched)
    task.step(task.build(), next(iter(task.batches(0))), task.turns[0].name)
    (learnt,) = seen
    assert len(learnt) == 3 * config.batch
    assert not torch.equal(learnt[: config.batch], learnt[config.batch : 2 * config.batch])


def test_every_drawing_has_its_own_time() -> None:
    config = typed(table("rife"), TrainingConfig, "rife")
    task = make("rife", config, None)
    models = task.build()
    batch = expanded(next(iter(task.batches(0))))
    t = torch.tensor([0.2, 0.7])
    with torch.no_grad():
        both = task.drawn(models, batch, t, teaching=False).picture  # pyright: ignore[reportAttributeAccessIssue]
        for at, time in enumerate(t):
            one = {key: value[at : at + 1] for key, value in batch.items()}
            alone = task.drawn(models, one, time[None], teaching=False).picture  # pyright: ignore[reportAttributeAccessIssue]
            assert torch.allclose(alone[0], both[at], atol=1e-5)


@pytest.mark.parametrize("name", ["face", "rife"])
def test_half_precision_learns_about_the_same(name: str, tmp_path: Path) -> None:
    for precision in ("bf16", "float32"):
        out = tmp_path / precision
        assert main([name, "--out", str(out), *words(name, precision=precision, steps=1)]) == 0
    half, whole = curve(tmp_path / "bf16"), curve(tmp_path / "float32")
    assert half == pytest.approx(whole, rel=0.05)
    assert half != whole


def test_own_clips_come_with_others_among_them(tmp_path: Path) -> None:
    own = tmp_path / "own"
    data_set(own, clips=12)
    drawings = material({"rig": 1.0}, 0.0, own, 0.5)
    learnt = [drawings.learnt.sample(0, index, 32).source for index in range(12)]
    assert set(learnt) == {"clips", "rig"}
    assert {drawings.held.sample(0, index, 32).source for index in range(3)} == {"clips"}
    assert material({"rig": 1.0}, 0.0, own, 1.0).learnt.sample(0, 0, 32).source == "clips"


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        (Rights("Ana", "own work", None), "nobody has said whether it may be trained on"),
        (Rights("Ana", "own work", False), "its maker does not allow training on it"),
        (Rights("", "own work", True), "nobody has said who made it"),
    ],
)
def test_films_that_nobody_has_allowed_are_not_learnt_from(
    rights: Rights, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    data = data_set(own, clips=3)
    dataset.set_rights(data, rights, lambda _film: True)
    out = tmp_path / "run"
    for name in ("face", "rife", "tooncrafter"):
        assert main([name, "--data", str(own), "--out", str(out), *given(name)]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert "genani clips rights" in told
    assert not out.exists()


def test_clips_of_unknown_films_are_not_learnt_from(tmp_path: Path) -> None:
    own = tmp_path / "own"
    replace(data_set(own, clips=3), sources=()).save()
    with pytest.raises(RightsError, match="which films its clips come from"):
        make("rife", typed(table("rife"), TrainingConfig, "rife"), own)


def test_what_is_not_installed_is_left_out_and_said() -> None:
    drawings = material({"rig": 0.5, "ict": 0.5}, 0.0, None, 0.7)
    assert [note.startswith("left out of the mix: ICT") for note in drawings.notes] == [True]


def test_held_back_drawings_do_not_depend_on_the_seed() -> None:
    figures = []
    for seed in (1, 2):
        task = make("face", typed(table("face", seed=seed), TrainingConfig, "face"), None)
        torch.manual_seed(0)
        models = task.build()
        models["model"].eval()
        with torch.no_grad():
            figures.append(task.validate(models))
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    ("settings", "kind", "complaint"),
    [
        ({"start": "rife-4.6", "network": "full"}, ModelError, "rife-4.6"),
        (
            {"start": "/no/such/file"},
            ConfigError,
            "neither genani-face, rife-4.6, nothing, nor a file",
        ),
        ({"perceptual": 0.5}, ModelError, "--set task.perceptual=0"),
        ({"sizes": [50]}, ConfigError, "task: sizes"),
        ({"shares": {"rigg": 1.0}}, GenAniError, "no source of samples called 'rigg'"),
        ({"unfelt": 2.0}, ConfigError, "task: unfelt: must be a number <= 1"),
    ],
)
def test_what_is_missing_is_told_before_anything_starts(
    tmp_path: Path, settings: dict[str, Any], kind: type[GenAniError], complaint: str
) -> None:
    told = typed(table("face", task=settings), TrainingConfig, "face")
    with pytest.raises(kind, match=complaint):
        make("face", told, None)


def test_a_wrong_command_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(["face", "--out", str(out), "--set", "steps=0"]) == 2
    assert main(["face", "--out", str(out), *words("face", task={"start": "/none"})]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not out.exists()
    with pytest.raises(ConfigError, match="holds no run"):
        runs.resume("face", {}, out)
