"""AnimeGAN taught at tiny size, its losses, and the data it learns from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.stylise.animegan_weights import FILE, load
from genani.media import image
from genani.scene.errors import FileError, ModelError
from genani.scene.picture import Picture
from genani.store import models as store
from genani.training import losses_animegan as losses
from genani.training import runs
from genani.training.checkpoint import kept
from genani.training.config import ConfigError, TrainingConfig, merged, typed
from genani.training.loop import Ended, train
from genani.training.sources.smoothing import smoothed
from genani.training.sources.unpaired import square, unpaired
from genani.training.tasks import make, preset
from genani.training.watch import read_metrics

FIGURES = ("photo frechet", "photo style", "frechet", "style", "content", "colour")
"""That the card tells."""

TINY = {
    "size": 32,
    "side": 36,
    "width": 2,
    "blocks": 1,
    "judge_width": 2,
    "content_steps": 2,
    "photos": 4,
    "drawings": 4,
    "held": 2,
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A person's own pictures: soft photos, and drawings with hard edges, some see-through."""
    rng = np.random.default_rng(1)
    for name in ("photos", "cartoons"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for index in range(6):
            pixels = np.full((44, 40, 4), 255, np.uint8)
            slope = np.linspace(0, 255, 40)[None, :, None] * rng.uniform(0.3, 1, (44, 1, 3))
            pixels[..., :3] = slope if name == "photos" else (slope > 90) * 200
            pixels[:3, :, 3] = 0 if name == "cartoons" else 255
            image.write_png(Picture(pixels), tmp_path / "own" / name / f"{index}.png")
    return tmp_path / "own"


@pytest.fixture(autouse=True)
def features(squeezenet_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SqueezeNet of random weights, as if it were installed; nothing else is."""

    def installed(name: str, file: str) -> Path:
        if name == "squeezenet-features":
            return squeezenet_file
        raise ModelError(f"{name} is not installed: {file}")

    monkeypatch.setattr(store, "path", installed)


def config(steps: int = 4, **task: object) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch=2, warmup=0, validate_every=2, report_every=1, task={**TINY, **task}
    )


def curve(folder: Path) -> list[float]:
    return [line["generator/total"] for line in read_metrics(folder) if line["kind"] == "train"]


def test_it_trains_stops_goes_on_and_leaves_a_model(own: Path, tmp_path: Path) -> None:
    told = config()
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    result = train(make("animegan", told, own), told, whole)
    assert result.ended is Ended.FINISHED
    asked = iter([False, False, True])
    stopped = train(make("animegan", told, own), told, parts, stopped=lambda: next(asked))
    assert stopped.ended is Ended.STOPPED
    train(make("animegan", told, own), told, parts)
    assert curve(parts) == curve(whole)
    lines = [line for line in read_metrics(whole) if line["kind"] == "train"]
    # At first the content alone, then the style and the judge's word too.
    assert lines[1]["judge/total"] == 0
    assert "generator/adversarial" not in lines[1]
    assert lines[2]["judge/total"] > 0
    assert {"generator/adversarial", "generator/style", "generator/variation"} <= lines[2].keys()
    shown = image.read(whole / "samples" / "00000004" / "held_back.png")
    assert shown.size == (2 * 36, 2 * 36)
    assert load(whole / "result" / FILE).config.width == 2
    card = (whole / "result" / "CARD.md").read_text()
    assert "A person's own photos" in card
    assert "not FID" in card
    figures = json.loads((whole / "result" / "figures.json").read_text())["figures"]
    assert figures["distance"] == pytest.approx(result.figures["distance"])
    assert figures["photo frechet"] > 0


def test_the_first_stages_of_an_earlier_run_stay(own: Path, tmp_path: Path) -> None:
    told = config()
    first = make("animegan", told, own)
    first.export(first.build(), tmp_path, dict.fromkeys(FIGURES, 0.0))
    network = make("animegan", config(start=str(tmp_path / FILE), frozen=5), own).build()
    before, after = load(tmp_path / FILE).state_dict(), network["generator"].state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())
    learns = {
        int(name.split(".")[1])
        for name, w in network["generator"].named_parameters()
        if w.requires_grad
    }
    assert min(learns) == 5
    # They are left out of what a run keeps, too.
    assert not any(name.startswith("generator/stages.4.") for name in kept(network))


def test_what_is_wrong_is_told_before_anything_starts(own: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file"):
        make("animegan", config(start=str(tmp_path / "gone")), own)
    with pytest.raises(ConfigError, match=r"nothing to keep without task\.start"):
        make("animegan", config(frozen=3), own)
    plain = make("animegan", config(), own)
    plain.export(plain.build(), tmp_path, dict.fromkeys(FIGURES, 0.0))
    file = str(tmp_path / FILE)
    with pytest.raises(ConfigError, match=r"another layout; say --set task\.width=2"):
        make("animegan", config(start=file, width=4), own)
    with pytest.raises(FileError, match="cannot read"):
        make("animegan", config(), tmp_path)
    with pytest.raises(ModelError, match="not installed"):
        make("animegan", config(), None)
    for path in sorted((own / "photos").iterdir())[1:]:
        path.unlink()
    with pytest.raises(FileError, match="needs two pictures"):
        make("animegan", config(), own)


@pytest.mark.parametrize("name", ["quick", "good", "best", "published"])
def test_presets_are_settings(name: str, own: Path, tmp_path: Path) -> None:
    run = runs.begin("animegan", merged(preset("animegan", name)), own, tmp_path / "run")
    small = typed(merged(preset("animegan", name), {"task": TINY}), TrainingConfig, name)
    make("animegan", small, own)
    if name == "published":
        assert run.config.learning_rate == 2e-5
        assert run.config.batch == 26
        assert run.config.steps == round(40 * 6000 / 26)
        assert (run.config.task["photos"], run.config.task["drawings"]) == (6000, 2000)
        turns = {turn.name: turn.rate for turn in make("animegan", small, own).turns}
        assert turns["judge"] * run.config.learning_rate == pytest.approx(4e-5)


def test_batches_are_the_same_from_any_step_on(own: Path) -> None:
    first, other = (unpaired(own, 9, 9) for _ in range(2))
    rows = [first.batch(3, step, 2, 32) for step in range(3)]
    alone = other.batch(3, 2, 2, 32)
    for name, each in alone.items():
        assert np.array_equal(each, rows[2][name])
        assert each.shape == (2, 3, 32, 32)
    assert not np.array_equal(rows[0]["photo"], rows[1]["photo"])


def test_held_back_pictures_are_never_learnt_from(own: Path) -> None:
    learnt, held = unpaired(own, 9, 9), unpaired(own, 9, 9, held=True)
    for one, two in ((learnt.photos, held.photos), (learnt.drawings, held.drawings)):
        assert one.count + two.count == 6
        assert two.count >= 1
        seen = {one.picture(at, 32).tobytes() for at in range(one.count)}
        assert not seen & {two.picture(at, 32).tobytes() for at in range(two.count)}
    # What is transparent lies on white.
    assert (learnt.drawings.picture(0, 40)[0] == 255).all()


def test_drawings_without_hard_edges() -> None:
    drawing = np.zeros((40, 40, 3), np.uint8)
    drawing[:, 20:] = 220
    soft = smoothed(drawing)
    assert 20 < soft[20, 19, 0] < 200
    assert np.array_equal(soft[:, :14], drawing[:, :14])
    assert np.array_equal(soft[:, 26:], drawing[:, 26:])


def test_a_square_of_a_picture() -> None:
    picture = np.arange(8 * 12 * 3, dtype=np.uint8).reshape(8, 12, 3)
    assert np.array_equal(square(picture, 8), picture[:, 2:10])


def test_losses_are_least_where_they_should_be(squeezenet_file: Path) -> None:
    looks = losses.Looks(squeezenet_file)
    photo, other = torch.rand(2, 2, 3, 48, 48)
    seen, away = looks(photo), looks(other)
    assert float(losses.content(seen, seen)) == 0
    assert float(losses.content(seen, away)) > 0
    assert float(losses.style(losses.grams(seen), losses.grams(seen))) == 0
    # Turned upside down a picture has other content, and nearly the same style.
    turned = looks(photo.flip(2))
    assert losses.style(losses.grams(turned), losses.grams(seen)) < losses.style(
        losses.grams(looks(photo * 0.3)), losses.grams(seen)
    )
    assert float(losses.colour(photo, photo)) == 0
    assert float(losses.variation(torch.full_like(photo, 0.3))) == 0
    assert float(losses.fooled(torch.ones(1, 1, 4, 4))) == 0
    one, none = torch.ones(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    assert float(losses.judged(one, none, none, none)) == 0
    assert float(losses.judged(one, none, none, one)) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="17 pixels"):
        looks(photo[..., :16, :16])


def test_yuv_is_bt_601() -> None:
    red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    expected = torch.tensor([0.299, -0.147108, 0.614777]).view(1, 3, 1, 1)
    assert torch.allclose(losses.yuv(red), expected, atol=1e-5)
    grey = torch.full((1, 3, 1, 1), 0.4)
    assert torch.allclose(losses.yuv(grey)[:, 1:], torch.zeros(1, 2, 1, 1), atol=1e-6)
