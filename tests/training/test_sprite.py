"""Training sprites at tiny size: it learns, stops, goes on, and hands out what the engine loads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.engines.inbetween.sprite.weights import FILE, TINY, load
from genani.scene.errors import FileError
from genani.store.models import Catalogue, Status
from genani.training.__main__ import main
from genani.training.clips import dataset
from genani.training.clips.dataset import Rights
from genani.training.config import ConfigError, TrainingConfig
from genani.training.loop import RESULT, SAMPLES
from genani.training.losses_sprite import Step, flickering, neighbour, squared, uneven
from genani.training.sources.dice import Dice
from genani.training.sources.sprites import kenney, own
from genani.training.sources.sprites.faces import FaceLoops
from genani.training.sources.sprites.figures import FigureLoop, FigureLoops, looks_of
from genani.training.sources.sprites.loop import Frames, Loops
from genani.training.sources.sprites.poses import Vigour, pose
from genani.training.sources.sprites.strips import Strips, moved, whole
from genani.training.tasks import make
from genani.training.tasks.sprite import ALONE, DISTANCE, FLICKER, MSE, REPEAT
from genani.training.tasks.sprite_material import material
from genani.training.watch import read_metrics
from tests.training.clips.films import data_set

TABLE: dict[str, Any] = {
    "network": "tiny",
    "perceptual": 0,
    "sizes": [32],
    "frames": 4,
}
SHARES = "{ figures = 1.0 }"


def words(**changes: Any) -> list[str]:
    told = {"steps": 2, "batch": 2, "warmup": 1, "threads": 1, "report_every": 1}
    told |= {"validate_every": 2} | changes
    flat = [f"--set={key}={value}" for key, value in told.items()]
    flat += [f"--set=task.{key}={value}" for key, value in TABLE.items()]
    return [*flat, f"--set=task.shares={SHARES}"]


def strips(loops: Loops, sizes: tuple[int, ...] = (32,)) -> Strips:
    return Strips({loops.name: (loops, 1.0)}, 3, sizes)


def test_from_the_command_line_with_a_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    once, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert main(["sprite", "--out", str(once), *words()]) == 0
    assert main(["sprite", "--out", str(stopped), *words(max_minutes=1e-6)]) == 0
    assert main(["sprite", "--out", str(stopped), "--resume", "--set", "max_minutes=0"]) == 0
    assert "finished: step 2 of 2" in capsys.readouterr().out
    curves = [
        [line["total"] for line in read_metrics(folder) if line["kind"] == "train"]
        for folder in (once, stopped)
    ]
    assert curves[0] == curves[1]
    assert len(curves[0]) == 2
    assert (once / SAMPLES / "00000002" / "held_back.png").exists()
    assert load(once / RESULT / FILE).config == replace(TINY, side=32)


def test_the_result_is_a_model_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["sprite", "--out", str(tmp_path / "run"), *words(steps=1)]) == 0
    store = tmp_path / "store"
    store.mkdir()
    (tmp_path / "run" / RESULT).rename(store / "genani-sprite")
    monkeypatch.setenv("GENANI_MODELS", str(store))
    assert Catalogue().state("genani-sprite").status in (Status.INSTALLED, Status.SHIPPED)
    card = (store / "genani-sprite" / "CARD.md").read_text()
    assert "Figures drawn by this project" in card
    assert f"{REPEAT}{DISTANCE}" in card


def test_it_learns_what_one_batch_shows() -> None:
    torch.manual_seed(0)
    config = TrainingConfig(batch=4, task=TABLE | {"shares": {"figures": 1.0}})
    task = make("sprite", config, None)
    models = task.build()
    batch = next(task.batches(0))
    optimiser = torch.optim.Adam(models["model"].parameters(), 5e-3)
    losses = []
    for _ in range(25):
        found = task.step(models, batch, "model")
        optimiser.zero_grad()
        found["total"].backward()
        optimiser.step()
        losses.append(float(found["total"].detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_figures_of_held_back_loops_are_always_the_same() -> None:
    config = TrainingConfig(batch=2, task=TABLE | {"shares": {"figures": 1.0}})
    task = make("sprite", config, None)
    models = {name: each.eval() for name, each in task.build().items()}
    with torch.no_grad():
        first, second = task.validate(models), task.validate(models)
    assert first == second
    assert set(first) == {
        MSE,
        DISTANCE,
        REPEAT + MSE,
        REPEAT + DISTANCE,
        FLICKER,
        ALONE + FLICKER,
    }
    assert all(value > 0 for value in first.values())


def test_own_frames_before_are_given_later_in_the_run() -> None:
    config = TrainingConfig(batch=2, steps=10, task=TABLE | {"shares": {"figures": 1.0}})
    task = make("sprite", config, None)
    assert float(next(task.batches(0))["trust"].max()) == 0
    assert float(next(task.batches(9))["trust"].min()) == pytest.approx(0.6)


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    for told, complaint in (
        ({"shares": {"cats": 1.0}}, "no 'cats'"),
        ({"shares": {}}, "nothing is left"),
        ({"start": "nowhere.safetensors"}, "neither genani-sprite"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            make("sprite", TrainingConfig(task=TABLE | {"shares": {"figures": 1.0}} | told), None)


def test_missing_drawings_are_left_out_and_told() -> None:
    found = material({"kenney": 1.0, "figures": 1.0}, None, 0.7)
    assert set(found.shares) == {"figures"}
    assert f"genani models fetch {kenney.MODEL}" in found.notes[0]


# What it learns from


@pytest.mark.parametrize("loops", [FigureLoops(), FaceLoops()])
def test_batches_are_a_function_of_seed_and_step(loops: Loops) -> None:
    made = strips(loops)
    one, two = made.batch(5, 2), made.batch(5, 2)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    threaded = made.batches(5, 2, threads=2)
    assert np.array_equal(next(threaded)["frames"], one["frames"])
    threaded.close()
    assert not np.array_equal(made.batch(6, 2)["frames"], one["frames"])
    frames = one["frames"]
    assert frames.shape == (2, 4, 32, 32, 4)
    assert bool((frames[..., :3] <= frames[..., 3:]).all())


def test_frames_of_an_example_follow_one_another() -> None:
    made = strips(FigureLoops())
    for index in range(40):
        each = made.example(index, 32)
        before = float(each["phase"] - each["step"])
        key, earlier, previous, now = each["frames"]
        assert 0 < each["phase"] < 1
        if each["alone"]:
            assert before == pytest.approx(0, abs=1e-6)
            assert np.array_equal(previous, key)
        if before < 1e-6:
            assert np.array_equal(earlier, key)
            assert np.array_equal(previous, key)
        assert now.shape == key.shape


@pytest.mark.parametrize("action", list(ACTIONS))
def test_figures_close_their_loops(action: Action) -> None:
    usual = Vigour()
    begun, ended = pose(action, 0.0, usual), pose(action, 1 - 1e-6, usual)
    for name in ("lean", "up", "squash", "shut", "mouth"):
        assert getattr(begun, name) == pytest.approx(getattr(ended, name), abs=1e-3)
    figure = FigureLoop(looks_of(3), action, usual, 96)
    shown = whole(figure, 48, 6)
    assert any(not np.array_equal(shown[0], each) for each in shown[1:])
    assert shown[0][..., 3].any()


def test_held_back_figures_are_others() -> None:
    learnt = FigureLoops().loop(Dice(1, 2), 32)
    held = FigureLoops(held_back=True).loop(Dice(1, 2), 32)
    assert isinstance(learnt, FigureLoop)
    assert isinstance(held, FigureLoop)
    assert learnt.looks != held.looks


def test_kenneys_loops_from_drawings_of_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def painted(_model: str, name: str) -> Path:
        path = tmp_path / name
        pixels = np.zeros((32, 24, 4), np.uint8)
        pixels[8:30, 6:18] = (sum(name.encode()) % 200, 90, 40, 255)
        Image.fromarray(pixels).save(path)
        return path

    monkeypatch.setattr(kenney.models, "path", painted)
    kenney._poses.cache_clear()
    try:
        walk = kenney.loop_of("malePerson", Action.WALK, 2)
        assert isinstance(walk, Frames)
        assert len(walk.pictures) == 8
        assert walk.steps == (8, 4)
        standing = kenney.loop_of("malePerson", Action.RUN)
        assert np.array_equal(standing.at(0.0), kenney._poses("malePerson")["idle"])
        jump = kenney.loop_of("malePerson", Action.JUMP)
        tops = [int(np.flatnonzero(jump.at(p)[..., 3].any(1))[0]) for p in (0.0, 0.1, 0.5)]
        assert tops[1] > tops[0] > tops[2]
    finally:
        kenney._poses.cache_clear()


def gif(path: Path, count: int = 6) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = []
    for number in range(count):
        pixels = np.zeros((24, 24, 4), np.uint8)
        pixels[4:20, number : number + 8] = (200, 60 + 20 * number, 30, 255)
        frames.append(Image.fromarray(pixels))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, disposal=2)
    return path


def test_own_clips_are_known_by_folder_name_or_list(tmp_path: Path) -> None:
    gif(tmp_path / "walk" / "hero.gif")
    gif(tmp_path / "jump-cat.gif")
    gif(tmp_path / "cat-07.gif")
    (tmp_path / own.LABELS).write_text(json.dumps({"cat-07": "attack"}))
    found = {clip.root: clip.action for clip in own.labelled(tmp_path)}
    assert found == {"walk/hero": "walk", "jump-cat": "jump", "cat-07": "attack"}
    (tmp_path / own.LABELS).unlink()
    with pytest.raises(FileError, match="'cat-07' cannot be told"):
        own.labelled(tmp_path)


def test_own_clips_train_and_judge(tmp_path: Path) -> None:
    for number in range(3):
        gif(tmp_path / "clips" / "walk" / f"hero{number}.gif", 6 + number)
    learnt, held = own.split(tmp_path / "clips")
    assert not {clip.root for clip in learnt.clips} & {clip.root for clip in held.clips}
    out = tmp_path / "run"
    told = ["sprite", "--data", str(tmp_path / "clips"), "--out", str(out), *words(steps=1)]
    assert main(told) == 0
    assert "the maker's own clips" in (out / RESULT / "CARD.md").read_text()


def test_clips_of_a_data_set_name_their_action(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    data = data_set(folder, clips=2, frames=4)
    dataset.set_rights(data, Rights("Ana", "own work", True), lambda _film: True)
    names = dataset.clip_ids(folder)
    (folder / own.LABELS).write_text(json.dumps(dict.fromkeys(names, "run")))
    found = own.labelled(folder)
    assert [clip.action for clip in found] == [Action.RUN] * 2
    assert len(own.loop_of(found[0]).steps) >= 1


# Losses


def still_step(size: int = 16) -> Step:
    picture = torch.rand(1, 4, size, size)
    flow, seen = torch.zeros(1, 2, size, size), torch.ones(1, 1, size, size)
    return Step(picture, picture, flow, seen)


def test_losses_are_nothing_where_nothing_is_wrong() -> None:
    true = still_step()
    assert float(squared(true.now, true.now).sum()) == 0
    assert float(neighbour(true.now, true.before, true)) == 0
    assert float(flickering(true.now, true.before, true).sum()) == pytest.approx(0, abs=1e-6)
    assert float(uneven(true.flow)) == 0


def test_flicker_counts_change_that_motion_does_not_explain() -> None:
    true = still_step()
    darker = true.now * 0.5
    assert float(flickering(darker, true.before, true)) > 0.05
    assert float(flickering(darker, darker, true)) == pytest.approx(0, abs=1e-6)
    assert float(neighbour(darker, darker, true)) == pytest.approx(0, abs=1e-6)


def test_moved_finds_where_a_frame_came_from() -> None:
    rng = np.random.default_rng(2)
    there = np.zeros((64, 64, 4), np.uint8)
    there[16:48, 12:44] = np.kron(rng.integers(0, 255, (8, 8, 4)), np.ones((4, 4, 1)))
    there[..., 3] = np.where(there[..., :3].any(2), 255, 0)
    here = np.roll(there, 3, 1)
    flow, seen = moved(here, there)
    good = flow[seen > 0] * 32
    assert seen.mean() > 0.1
    assert np.median(good[:, 0]) == pytest.approx(-3, abs=0.5)
    assert np.median(good[:, 1]) == pytest.approx(0, abs=0.5)
