"""CartoonGAN and ArtifyGAN taught at tiny size, and the data they learn from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.stylise.cartoongan_weights import FILE, KINDS, load
from genani.media import image
from genani.scene.errors import FileError, ModelError
from genani.scene.picture import Picture
from genani.store import models as store
from genani.store.entry import read_entry
from genani.store.places import shipped_folder
from genani.training.config import ConfigError, TrainingConfig, merged, typed
from genani.training.loop import Ended, train
from genani.training.sources import one_hand
from genani.training.sources.inking import inked
from genani.training.sources.smoothing import smoothed_picture
from genani.training.tasks import TASKS, make, preset
from genani.training.tasks.cartoongan import (
    FIRST,
    PROXY,
    CartoonGanSettings,
    CartoonGanTask,
    layout_for,
)

TINY = {
    "size": 32,
    "width": 2,
    "judge_width": 2,
    "photos": 4,
    "cartoons": 4,
    "content_steps": 1,
    "held": 2,
}


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A person's own photos, soft, and cartoons, with hard edges."""
    rng = np.random.default_rng(1)
    for name in ("photos", "cartoons"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for index in range(6):
            steps = np.linspace(0, 255, 40)[None, :, None] * rng.uniform(0.3, 1, (40, 1, 3))
            pixels = np.full((40, 40, 4), 255, np.uint8)
            pixels[..., :3] = steps if name == "photos" else (steps > 90) * 200
            image.write_png(Picture(pixels), tmp_path / "own" / name / f"{index}.png")
    return tmp_path / "own"


@pytest.fixture
def features(squeezenet_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SqueezeNet of random weights, as if it were installed."""

    def installed(name: str, file: str) -> Path:
        if name == "squeezenet-features":
            return squeezenet_file
        raise ModelError(f"{name} is not installed: {file}")

    monkeypatch.setattr(store, "path", installed)
    return squeezenet_file


def config(**task: object) -> TrainingConfig:
    return TrainingConfig(
        steps=3, batch=2, warmup=0, validate_every=2, report_every=1, task={**TINY, **task}
    )


@pytest.mark.parametrize("name", ["cartoongan", "artifygan"])
def test_it_trains_shows_and_leaves_a_model(
    name: str, folders: Path, features: Path, tmp_path: Path
) -> None:
    told = config()
    run = tmp_path / KINDS[name].model
    result = train(make(name, told, folders), told, run)
    assert result.ended is Ended.FINISHED
    assert result.figures[PROXY] > 0
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    terms = [set(line) for line in lines if line["kind"] == "train"]
    # At first the content alone, then the judge's word too.
    assert "generator/adversarial" not in terms[0]
    assert {"generator/adversarial", "judge/smooth", "judge/cartoon", "judge/made"} <= terms[1]
    shown = image.read(run / "samples" / "00000002" / "held_back.png")
    assert shown.size == (64, 64)
    network = load(run / "result" / FILE)
    assert network.layout.blocks == (8 if name == "cartoongan" else 10)
    text = (run / "result" / "CARD.md").read_text()
    assert "not FID" in text
    assert "A person's own photos" in text
    assert ("would be heavier" in text) == (name == "artifygan")


def test_its_result_is_a_model_of_the_store(folders: Path, features: Path, tmp_path: Path) -> None:
    told = config()
    task = make("artifygan", told, folders)
    folder = tmp_path / "genani-artifygan"
    folder.mkdir()
    models = {name: each.eval() for name, each in task.build().items()}
    with torch.no_grad():
        task.export(models, folder, task.validate(models))
    entry = read_entry(folder / "model.toml")
    assert entry.licence == "MIT"
    assert entry.file(FILE).size == (folder / FILE).stat().st_size


def test_a_resumed_run_ends_as_one_that_never_stopped(
    folders: Path, features: Path, tmp_path: Path
) -> None:
    told = config()
    whole = train(make("artifygan", told, folders), told, tmp_path / "whole")
    steps = 0

    def twice() -> bool:
        nonlocal steps
        steps += 1
        return steps > 2

    train(make("artifygan", told, folders), told, tmp_path / "parts", stopped=twice)
    parts = train(make("artifygan", told, folders), told, tmp_path / "parts")
    assert parts.figures == whole.figures


def test_it_learns_the_cartoons_colours(folders: Path, features: Path) -> None:
    """Some steps of the generator alone against a fixed judge of brightness."""
    told = config(content=0.0, content_steps=0, width=4)
    task = make("artifygan", told, folders)
    torch.manual_seed(0)
    models = task.build()

    class Bright(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            return picture.mean(1, keepdim=True) * 4

    models["judge"] = Bright()
    batch = next(iter(task.batches(0)))
    moving = torch.optim.Adam(models["generator"].parameters(), 0.01)
    lost = []
    for _ in range(12):
        loss = task.step(models, batch, "generator")["total"]
        moving.zero_grad()
        loss.backward()
        moving.step()
        lost.append(float(loss.detach()))
    assert lost[-1] < lost[0] * 0.8


def test_content_counts_per_picture_or_summed(folders: Path, features: Path) -> None:
    def lost(**task: object) -> float:
        told = config(content=1.0, content_steps=9, **task)
        made = make("cartoongan", told, folders)
        torch.manual_seed(0)
        models = made.build()
        batch = next(iter(made.batches(0)))
        return float(made.step(models, batch, "generator")["content"])

    # 32 pixels: three by three places of 256 features.
    assert lost(summed=True) == pytest.approx(lost() * 256 * 9, rel=1e-3)


def test_what_is_not_published_is_asked_for(folders: Path, features: Path, tmp_path: Path) -> None:
    plain = make("cartoongan", config(content_steps=0), folders)
    more = {"style": 1.0, "pixels": 2.0, "variation": 3.0, "slope": 4.0, "inked": True}
    asked = make("cartoongan", config(content_steps=0, judge_rate=0.5, **more), folders)
    assert [turn.rate for turn in plain.turns] == [1.0, 1.0]
    assert [turn.rate for turn in asked.turns] == [0.5, 1.0]
    torch.manual_seed(0)
    models = plain.build()
    batch = next(iter(asked.batches(0)))
    assert "inked" not in next(iter(plain.batches(0)))
    assert plain.step(models, batch, "generator").keys() == {"total", "content", "adversarial"}
    lost = {name: each.detach() for name, each in asked.step(models, batch, "generator").items()}
    assert lost.keys() == {"total", "content", "adversarial", "style", "pixels", "variation"}
    weights = {"content": 10.0, "adversarial": 1.0, "style": 1.0, "pixels": 2.0, "variation": 3.0}
    total = sum(float(lost[name]) * weight for name, weight in weights.items())
    assert float(lost["total"]) == pytest.approx(total, rel=1e-4)
    told, also = (
        {name: each.detach() for name, each in task.step(models, batch, "judge").items()}
        for task in (plain, asked)
    )
    # On some steps only, and then for those between them too.
    assert also.keys() - told.keys() == {"slope"}
    assert float(also["total"] - told["total"]) == pytest.approx(8 * float(also["slope"]), rel=1e-3)
    assert "slope" not in asked.step(models, {**batch, "moment": torch.ones(2)}, "judge")
    with torch.no_grad():
        asked.export(models, tmp_path, asked.validate(models))
    assert "plain filter" in (tmp_path / "CARD.md").read_text()


def test_what_draws_as_the_filter_does_loses_nothing_held_to_it(
    folders: Path, features: Path
) -> None:
    task = make("cartoongan", config(inked=True, content_steps=9, pixels=1.0), folders)
    batch = next(iter(task.batches(0)))
    target = batch["inked"].float() / 127.5 - 1

    class Filter(torch.nn.Module):
        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            return target + 0 * photo

    assert [turn.name for turn in task.turns] == [FIRST, "judge", "generator"]
    models = {**task.build(), "generator": Filter()}
    lost = task.step(models, batch, FIRST)
    assert lost.keys() == {"total", "pixels"}
    assert float(lost["total"]) < 1e-5
    models = {**models, "generator": torch.nn.Identity()}
    assert float(task.step(models, batch, FIRST)["total"]) > 1e-3
    # Later on the others have their turns, and this one has none.
    models = task.build()
    later = {**batch, "moment": torch.full((2,), 9)}
    for moment, resting in ((batch, ("judge", "generator")), (later, (FIRST,))):
        for turn in ("judge", "generator", FIRST):
            loss = task.step(models, moment, turn)["total"]
            assert (float(loss.detach()) == 0) == (turn in resting)


def test_the_filter_evens_areas_and_draws_lines_where_tones_meet() -> None:
    rng = np.random.default_rng(0)
    photo = np.full((48, 48, 3), 200, np.uint8)
    photo[:, 24:] = 90
    noisy = np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    drawn = inked(noisy)
    assert drawn.shape == noisy.shape
    assert drawn.dtype == np.uint8
    assert drawn[4:44, 4:16].std(axis=(0, 1)).max() < noisy[4:44, 4:16].std(axis=(0, 1)).max() / 2
    # Nothing in the photo is as dark as the line between the two.
    assert drawn[10:38, 22:27].min(1).mean() < 60


def test_it_starts_from_earlier_weights(folders: Path, features: Path, tmp_path: Path) -> None:
    told = config()
    train(make("cartoongan", told, folders), told, tmp_path / "run")
    file = str(tmp_path / "run" / "result" / FILE)
    again = make("cartoongan", config(start=file), folders).build()["generator"]
    torch.testing.assert_close(again.state_dict(), load(Path(file)).state_dict())
    for name, settings, wrong in (
        ("artifygan", {"start": file}, "holds another network"),
        ("cartoongan", {"start": file, "width": 8}, "holds another network"),
        ("cartoongan", {"start": "gone"}, "there is no file 'gone'"),
    ):
        with pytest.raises(ConfigError, match=wrong):
            make(name, config(**settings), folders)


def test_missing_folders_are_told(tmp_path: Path, features: Path) -> None:
    with pytest.raises(FileError, match="photos"):
        make("cartoongan", config(), tmp_path)


def test_published_settings_are_those_of_the_paper(folders: Path, features: Path) -> None:
    told = typed(merged(preset("artifygan", "published")), TrainingConfig, "preset")
    assert (told.learning_rate, told.batch, told.task["content"]) == (0.001, 16, 0.00001)
    settings = typed(told.task, CartoonGanSettings, "task")
    assert (settings.inked, settings.slope, settings.style, settings.pixels) == (False, 0, 0, 0)
    assert told.steps * told.batch == 240 * told.task["photos"]
    assert isinstance(make("artifygan", told, folders), CartoonGanTask)
    assert set(TASKS["cartoongan"].presets) >= {"quick", "good", "best", "published"}


@pytest.mark.parametrize("name", ["cartoongan", "artifygan"])
def test_what_ships_is_of_the_quick_preset(name: str) -> None:
    told = typed(merged(preset(name, "quick")), TrainingConfig, "preset")
    settings = typed(told.task, CartoonGanSettings, "task")
    shipped = load(shipped_folder() / KINDS[name].model / FILE)
    assert shipped.layout == layout_for(KINDS[name], settings)


def test_cartoons_of_one_hand_are_the_same_each_time_and_held_ones_others() -> None:
    def hand(count: int, held: bool) -> one_hand.OneHand:
        return one_hand.OneHand(count, held, heads=False)

    learnt, held = hand(4, False), hand(4, True)
    one = learnt.picture(1, 32)
    assert one.shape == (32, 32, 3)
    assert np.array_equal(one, hand(9, False).picture(1, 32))
    assert not np.array_equal(one, held.picture(1, 32))


@pytest.mark.parametrize("depth", [8, 16])
def test_soft_edges_keep_alpha_and_all_that_is_no_edge(depth: int) -> None:
    white = (1 << depth) - 1
    pixels = np.zeros((40, 60, 4), np.uint16 if depth == 16 else np.uint8)
    pixels[5:35, 10:50] = (white, 0, 0, white)
    pixels[5:35, 30:50] = (0, 0, white, white)
    # What nobody sees must not come in.
    pixels[:5] = (0, white, 0, 0)
    given = Picture(pixels, b"a profile")
    made = smoothed_picture(given)
    assert made.icc == b"a profile"
    assert np.array_equal(made.pixels[..., 3], pixels[..., 3])
    assert np.array_equal(made.pixels[12:28, 14:26], pixels[12:28, 14:26])
    middle = made.pixels[20, 28:32].astype(int)
    assert ((middle[:, 0] > 0) & (middle[:, 0] < white)).any()
    assert made.pixels[..., 1].max() == 0
    # Against nothing an edge keeps its colour.
    assert tuple(made.pixels[5, 20]) == (white, 0, 0, white)
