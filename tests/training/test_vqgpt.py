"""Both trainings of GANime at tiny size: they learn, stop, go on, and their engine draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.vqgpt.engine import VqGpt as Engine
from genani.engines.inbetween.vqgpt.transformer import VqGpt
from genani.engines.inbetween.vqgpt.weights import VQGAN, VQGPT, load_coder, load_writer
from genani.engines.registry import info
from genani.scene.errors import GenAniError, ModelError
from genani.scene.request import SpanRequest, SpanSettings
from genani.store import models
from genani.store.entry import read_entry
from genani.store.places import store_folder
from genani.training.__main__ import main
from genani.training.config import ConfigError, TrainingConfig, merged, typed
from genani.training.loop import RESULT, SAMPLES
from genani.training.tasks import make, preset
from genani.training.tasks.vqgan_judge import PatchJudge, balance, told_apart
from genani.training.watch import read_metrics
from tests.engines.drawings import THIRDS, disc

COMMON: dict[str, Any] = {
    "steps": 6,
    "batch": 2,
    "warmup": 1,
    "threads": 1,
    "report_every": 1,
    "validate_every": 3,
    "task": {"shares": {"digits": 1.0, "rig": 0.0, "emoji": 0.0}, "held": 4},
}
SMALL: dict[str, dict[str, Any]] = {
    "vqgan": {
        "side": 16,
        "fold": 2,
        "widths": [8, 8],
        "codes": 8,
        "depth": 4,
        "perceptual": 0.0,
        "judge_width": 4,
        "judge_from": 2,
        "adversarial": 0.1,
        "loose": 1,
        "revive_every": 2,
    },
    "vqgpt": {"width": 16, "layers": 1, "heads": 2, "look": 8, "shared": 1, "timed": 1, "most": 4},
}


def table(name: str, **changes: Any) -> dict[str, Any]:
    """Settings at which a run takes a second."""
    return merged(COMMON, {"task": SMALL[name]}, changes)


def words(name: str, **changes: Any) -> list[str]:
    """The same for a command line."""
    told = table(name, **changes)
    flat = {key: value for key, value in told.items() if key != "task"}
    flat |= {f"task.{key}": value for key, value in told["task"].items() if key != "shares"}
    shares = ", ".join(f"{key} = {value}" for key, value in told["task"]["shares"].items())
    flat["task.shares"] = f"{{ {shares} }}"
    return [f"--set={key}={value}" for key, value in flat.items()]


def lines(folder: Path, kind: str) -> list[dict[str, float]]:
    timed = ("seconds_per_step", "waiting", "time")
    found = [line for line in read_metrics(folder) if line["kind"] == kind]
    return [{key: value for key, value in line.items() if key not in timed} for line in found]


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of a training of the autoencoder."""
    out = tmp_path_factory.mktemp("runs") / "coder"
    assert main(["vqgan", "--out", str(out), *words("vqgan", task={"adversarial": 0.0})]) == 0
    return out / RESULT


def test_the_judge_comes_later_and_dead_codes_are_revived(tmp_path: Path) -> None:
    assert main(["vqgan", "--out", str(tmp_path), *words("vqgan")]) == 0
    steps = lines(tmp_path, "train")
    assert any(step.get("coder/revived", 0) > 0 for step in steps)
    assert ["coder/adversarial" in step for step in steps] == [False] * 2 + [True] * 4
    assert [step["judge/total"] > 0 for step in steps] == [False] * 2 + [True] * 4
    assert {"perplexity", "codes used", "mse"} <= lines(tmp_path, "validation")[-1].keys()
    assert (tmp_path / SAMPLES / "00000006" / "held_back.png").exists()


@pytest.mark.parametrize("name", ["vqgan", "vqgpt"])
def test_a_stop_changes_nothing(name: str, tmp_path: Path, coder: Path) -> None:
    own = {"vqgan": str(coder)} if name == "vqgpt" else {}
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert main([name, "--out", str(whole), *words(name, task=own)]) == 0
    assert main([name, "--out", str(stopped), *words(name, task=own, max_minutes=1e-6)]) == 0
    assert main([name, "--out", str(stopped), "--resume", "--set", "max_minutes=0"]) == 0
    assert lines(whole, "train") == lines(stopped, "train")
    assert lines(whole, "validation") == lines(stopped, "validation")


def test_it_learns_digits(tmp_path: Path) -> None:
    longer = {"steps": 120, "batch": 8, "learning_rate": 4e-3, "validate_every": 60, "ema": 0.9}
    own = {"adversarial": 0.0, "codes": 16, "held": 16, "loose": 30, "revive_every": 10}
    assert main(["vqgan", "--out", str(tmp_path), *words("vqgan", **longer, task=own)]) == 0
    looks = lines(tmp_path, "validation")
    # Nothing drawn at all were 0.14 of the first look, which is noise.
    assert looks[-1]["mse"] < 0.1 * looks[0]["mse"]
    assert looks[-1]["perplexity"] > 2


def test_what_comes_of_it_draws_spans(tmp_path: Path, coder: Path) -> None:
    """The result is a model of the store, and a folder that the engine takes."""
    out = tmp_path / "run"
    own = {"vqgan": str(coder), "name": "mine"}
    assert main(["vqgpt", "--out", str(out), *words("vqgpt", task=own)]) == 0
    result = out / RESULT
    figures = json.loads((result / "figures.json").read_text())["figures"]
    assert {"loss of codes", "right codes", "mse", "blend mse", "recoded mse"} == figures.keys()
    assert load_coder(result / VQGAN).config == load_coder(coder / VQGAN).config
    trained = load_writer(result / VQGPT)
    assert trained.config.most == 4
    card = (result / "CARD.md").read_text()
    assert "digits" in card
    assert f"| mse | {figures['mse']:.4g} |" in card
    assert (out / SAMPLES / "00000006" / "held_back.png").exists()

    store_folder().mkdir(parents=True, exist_ok=True)
    named = store_folder() / "mine"
    result.rename(named)
    assert read_entry(named / "model.toml").architecture == "genani-vqgpt/1"
    engine = Engine(info("vqgpt"), Device(), models.path)
    first, last = (disc((40, 30), (x, 12), 6) for x in (12, 24))
    request = SpanRequest(first, last, THIRDS, SpanSettings("vqgpt", {"model": "mine"}))
    drawn = list(engine.draw(request, CancelToken()))
    assert sorted(each.t for each in drawn) == sorted(THIRDS)


def test_the_newest_autoencoder_is_taken() -> None:
    with pytest.raises(ConfigError, match="train one with `genani train vqgan`"):
        make("vqgpt", typed(table("vqgpt"), TrainingConfig, "vqgpt"), None)
    for codes in (8, 9):
        assert main(["vqgan", *words("vqgan", steps=1, task={"codes": codes})]) == 0
    task = make("vqgpt", typed(table("vqgpt"), TrainingConfig, "vqgpt"), None)
    model = task.build()["model"]
    assert isinstance(model, VqGpt)
    assert model.config.codes == 9


def test_every_preset_of_both_fits_its_task(tmp_path: Path, coder: Path) -> None:
    for name in ("quick", "drawings", "good", "best"):
        for task in ("vqgan", "vqgpt"):
            own: dict[str, Any] = {"shares": {"digits": 1.0}}
            own |= {"vqgan": str(coder)} if task == "vqgpt" else {"perceptual": 0.0}
            settings = merged(preset(task, name), {"task": own})
            made = make(task, typed(settings, TrainingConfig, task), None)
            assert made.name == task


@pytest.mark.parametrize(
    ("task", "settings", "kind", "complaint"),
    [
        ("vqgan", {"side": 18}, ConfigError, "18 is no multiple of the 4 pixels of one code"),
        ("vqgan", {"start": "/no/such"}, ConfigError, "there is no file '/no/such'"),
        ("vqgan", {"perceptual": 1.0}, ModelError, "--set task.perceptual=0"),
        ("vqgan", {"widths": [12]}, ConfigError, "task: widths"),
        ("vqgan", {"shares": {"digit": 1.0}}, GenAniError, "no strips called 'digit'"),
        ("vqgpt", {"least": 6}, ConfigError, "6 is more than task.most, which is 4"),
        ("vqgpt", {"heads": 3}, ConfigError, "multiple of task.heads, 3"),
        ("vqgpt", {"start": "/no/such"}, ConfigError, "there is no file '/no/such'"),
        ("vqgpt", {"vqgan": "nobody"}, ConfigError, "no model called nobody"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(
    coder: Path, task: str, settings: dict[str, Any], kind: type[GenAniError], complaint: str
) -> None:
    own = {"vqgan": str(coder)} if task == "vqgpt" else {}
    told = typed(table(task, task={**own, **settings}), TrainingConfig, task)
    with pytest.raises(kind, match=complaint):
        make(task, told, None)


def test_it_begins_with_what_an_earlier_run_made(tmp_path: Path, coder: Path) -> None:
    start = str(coder / VQGAN)
    told = typed(table("vqgan", task={"start": start}), TrainingConfig, "vqgan")
    begun, there = make("vqgan", told, None).build()["coder"], load_coder(coder / VQGAN)
    for key, weight in there.state_dict().items():
        assert torch.equal(weight, begun.state_dict()[key])
    other = typed(table("vqgan", task={"start": start, "codes": 9}), TrainingConfig, "vqgan")
    with pytest.raises(ConfigError, match="of another layout"):
        make("vqgan", other, None)


def test_the_judge_pulls_as_hard_as_likeness() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    likeness, doubt = (3 * weight).sum(), (0.5 * weight).sum()
    assert float(balance(likeness, doubt, weight)) == pytest.approx(6, rel=1e-3)


def test_a_judge_learns_to_tell_patches_apart() -> None:
    torch.manual_seed(0)
    judge = PatchJudge(4, 2)
    drawn, made = torch.rand(4, 4, 16, 16), torch.full((4, 4, 16, 16), 0.5)
    optimiser = torch.optim.Adam(judge.parameters(), 1e-2)
    losses = []
    for _ in range(20):
        loss = told_apart(judge(drawn), judge(made))
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.5 * losses[0]
    assert np.isfinite(losses).all()
