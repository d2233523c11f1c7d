"""StyleGAN2's tasks at 8 and 16 pixels: they learn, stop, go on, and hand out what draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.generator import Generator, GeneratorConfig, seeded
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.stylise.stylegan.weights import FILE, StyleModel, load, save
from genani.media.image import encode_png
from genani.scene.errors import FileError, GenAniError
from genani.scene.picture import Picture
from genani.store.digest import digest_of
from genani.store.entry import read_entry
from genani.training import checkpoint
from genani.training.__main__ import main
from genani.training.config import ConfigError, TrainingConfig, typed
from genani.training.loop import CHECKPOINTS, RESULT, SAMPLES, train
from genani.training.tasks import jojogan, make
from genani.training.tasks.stylegan import AGAIN, DRAW, JUDGE, StyleganTask
from genani.training.tasks.stylegan_album import PER_PERSON, album, person_drawn, squared
from genani.training.tasks.stylegan_augment import adapted, augmented
from genani.training.tasks.stylegan_judging import Crowd, frechet
from genani.training.tasks.stylegan_losses import (
    on_grounds,
    path_penalty,
    slope_penalty,
    styles,
)
from genani.training.tasks.stylegan_seeds import meet
from genani.training.watch import read_metrics

TINY = GeneratorConfig(size=16, channels=8, wide=8, latent=8, mapping=2)

LAYOUT: dict[str, Any] = {"size": 16, "channels": 8, "wide": 8, "latent": 8, "mapping": 2}
SHORT: dict[str, Any] = {
    "steps": 4,
    "batch": 4,
    "warmup": 0,
    "clip": 0.0,
    "threads": 1,
    "report_every": 1,
    "validate_every": 2,
}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of small drawings, each a disc of one colour."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    y, x = np.mgrid[:20, :20]
    for k in range(24):
        pixels = np.zeros((20, 20, 4), np.uint8)
        pixels[np.hypot(x - 10, y - 10) < 5 + k % 4] = (200 - 6 * k, 40 + 8 * k, 90, 255)
        (folder / f"{k:02d}.png").write_bytes(encode_png(Picture(pixels)))
    return folder


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A model, untrained, that has all its parts."""
    torch.manual_seed(5)
    parts = (Generator(TINY), Encoder(TINY), Judge(TINY))
    path = tmp_path / FILE
    save(StyleModel(*parts, directions=torch.eye(8)[:3]), path)
    return path


def words(task: dict[str, Any], **changes: Any) -> list[str]:
    """Settings for a command line."""
    flat = {**SHORT, **changes} | {f"task.{key}": value for key, value in task.items()}
    told = {
        key: str(value).lower() if isinstance(value, bool) else value for key, value in flat.items()
    }
    return [f"--set={key}={value}" for key, value in told.items()]


def task_of(pictures: Path, **changes: Any) -> StyleganTask:
    told = {**LAYOUT, "measure": "colours", "held": 4, **changes}
    config = typed({**SHORT, "task": told}, TrainingConfig, "stylegan")
    made = make("stylegan", config, pictures)
    assert isinstance(made, StyleganTask)
    return made


def totals(folder: Path) -> list[float]:
    return [line["judge/total"] for line in read_metrics(folder) if line["kind"] == "train"]


# -- the task -----------------------------------------------------------------------------------


def test_from_the_command_line(pictures: Path, tmp_path: Path) -> None:
    told = {**LAYOUT, "measure": "colours", "rebuilt": 1.0, "path": 1.0}
    assert main(["stylegan", "--data", str(pictures), *words(told), "--out", str(tmp_path)]) == 0
    assert (tmp_path / SAMPLES / "00000004" / "seeds.png").exists()
    assert (tmp_path / SAMPLES / "00000004" / "rebuilt.png").exists()
    model = load(tmp_path / RESULT / FILE)
    assert model.config == TINY
    assert model.encoder is not None
    assert model.judge is not None
    assert len(model.directions) == 8
    assert float(model.generator.centre.abs().sum()) > 0
    assert "not FID" in (tmp_path / RESULT / "CARD.md").read_text()
    figures = json.loads((tmp_path / RESULT / "figures.json").read_text())["figures"]
    assert figures.keys() == {"colour-frechet", "chance", "rebuilt"}
    kept = (tmp_path / RESULT).rename(tmp_path / "genani-stylegan")
    entry = read_entry(kept / "model.toml")
    assert entry.files[0].sha256 == digest_of(kept / FILE).sha256


def test_a_resumed_run_is_the_run(pictures: Path, tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    told = {**LAYOUT, "measure": "colours", "held": 4, "kilo": 0.05, "rebuilt": 1.0}
    config = typed({**SHORT, "steps": 6, "task": told}, TrainingConfig, "stylegan")
    train(make("stylegan", config, pictures), config, whole)
    asked = iter([False] * 5 + [True])
    result = train(make("stylegan", config, pictures), config, stopped, stopped=lambda: next(asked))
    assert result.step == 5
    train(make("stylegan", config, pictures), config, stopped)
    assert totals(whole) == totals(stopped)
    one, other = (load_file(each / CHECKPOINTS / checkpoint.LAST) for each in (whole, stopped))
    assert one.keys() == other.keys()
    assert all(torch.equal(each, other[name]) for name, each in one.items())
    # The chance of augmentation is among what is kept.
    assert float(one["judge/memory.chance"]) == pytest.approx(totals_chance(whole))


def test_alone_faces_are_drawn_again_and_seeds_follow(pictures: Path) -> None:
    task = task_of(pictures, rebuilt=1.0, alone=2)
    models = task.build()
    judge, encoder = models["judge"], models["encoder"]
    assert isinstance(encoder, Encoder)
    (first, second, third), _ = zip(*zip(task.batches(0), range(3), strict=False), strict=True)
    for batch in (first, second):
        again = task.step(models, batch, AGAIN)
        assert again.keys() == {"total", "rebuilt", "uneven"}
        again["total"].backward()
        assert task.step(models, batch, DRAW).keys() == {"total"}
        task.step(models, batch, JUDGE)["total"].backward()
        assert all(not each.grad.any() for each in judge.parameters() if each.grad is not None)
    before = encoder.base.weight.clone()
    assert task.step(models, third, AGAIN).keys() == {"total"}
    assert {"fooled", "strange"} <= task.step(models, third, DRAW).keys()
    assert not torch.equal(before, encoder.base.weight)
    # What is judged, shown and handed out has met; what learns stays as it is.
    kept = encoder.base.weight.clone()
    encoder.eval()
    with torch.no_grad():
        assert task.validate(models) == task.validate(models)
    assert torch.equal(kept, encoder.base.weight)
    # As published there is no such turn.
    assert [turn.name for turn in task_of(pictures).turns] == [DRAW, JUDGE]


def test_seeds_and_faces_meet_and_all_is_drawn_as_before() -> None:
    torch.manual_seed(0)
    generator, encoder = Generator(TINY), Encoder(TINY)
    encoder.beyond.weight.data.normal_(std=0.1)
    seen = torch.rand(300, 4, 16, 16) * 2 - 1
    with torch.no_grad():
        seen[:, :, :8] += torch.randn(300, 4, 1, 1)
        styles_before = encoder(seen)
        before = generator(styles_before)
        faces = styles_before.mean(1)
        met = meet(generator, encoder, faces)
        styles_after = encoder(seen)
        seeds = generator.mapping(torch.randn(20_000, 8))
    torch.testing.assert_close(generator(styles_after), before, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(styles_after.mean(1), met, atol=1e-3, rtol=1e-3)
    assert (faces.mean(0) - seeds.mean(0)).abs().max() > 0.2
    near = 0.1 * float(seeds.std())
    torch.testing.assert_close(met.mean(0), seeds.mean(0), atol=near, rtol=0)
    wanted = seeds.T.cov()
    torch.testing.assert_close(met.T.cov(), wanted, atol=0.1 * float(wanted.max()), rtol=0)


def totals_chance(folder: Path) -> float:
    lines = [line for line in read_metrics(folder) if line["kind"] == "train"]
    return lines[-1]["judge/chance"]


def test_the_judge_learns_to_tell(pictures: Path) -> None:
    task = task_of(pictures, gamma=1.0)
    torch.manual_seed(0)
    models = task.build()
    weights = torch.optim.Adam(models["judge"].parameters(), 2e-3, betas=(0.0, 0.99))
    stream = task.batches(0)
    lost = []
    for _ in range(25):
        weights.zero_grad()
        loss = task.step(models, next(stream), JUDGE)["total"]
        loss.backward()
        weights.step()
        lost.append(float(loss.detach()))
    assert np.mean(lost[-5:]) < 0.7 * np.mean(lost[1:6])


def test_transfer_freezes_layers_and_keeps_the_start(
    pictures: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told = {"start": trained, "frozen": 4, "measure": "colours"}
    given = ["stylegan", "--data", str(pictures), *words(told), "--out", str(out)]
    assert main(given) == 0
    start, made = load(trained), load(out / RESULT / FILE)
    assert made.styled is not None
    for name in ("generator", "encoder"):
        own = start.networks()[name].state_dict()
        same = made.networks()[name].state_dict()
        assert all(torch.equal(each, same[key]) for key, each in own.items() if key != "centre")
    kept = load_file(out / CHECKPOINTS / checkpoint.LAST)
    frozen = [f"trunk.{name}" for name in ("enter", "blocks.0.conv0", "blocks.0.skip")]
    assert not [key for key in kept if any(f"judge/{name}" in key for name in frozen)]
    assert [key for key in kept if "judge/trunk.blocks.1" in key]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": 24}, "power of two"),
        ({"frozen": 2}, "name a start"),
        ({"start": "no/such.safetensors"}, "no style model"),
        ({"gama": 1}, "do you mean 'gamma'"),
    ],
)
def test_settings_that_cannot_be(pictures: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(GenAniError, match=said):
        task_of(pictures, **changes)


def test_the_published_preset_is_the_published_one() -> None:
    from genani.training.tasks import preset

    told = preset("stylegan", "published")
    assert told["steps"] * told["batch"] == 1_200_000
    assert (told["learning_rate"], told["task"]["frozen"], told["task"]["gamma"]) == (2e-3, 4, 50)
    assert preset("jojogan", "published")["learning_rate"] == 2e-4


# -- losses and augmentation --------------------------------------------------------------------


def test_r1_is_the_slope_that_a_finite_difference_finds() -> None:
    torch.manual_seed(2)
    judge = Judge(GeneratorConfig(size=8, channels=4, wide=4, latent=4, mapping=1)).double()

    def told(x: Tensor) -> Tensor:
        # Without the part that compares pictures of a batch, so that all can be asked at once.
        features = judge.trunk(x.double())[-1]
        return judge.told(judge.seen(features.flatten(1)))[:, 0]

    real = torch.randn(1, 4, 8, 8, dtype=torch.float64)
    found = float(slope_penalty(told, real).detach())
    step = 1e-4
    moves = (torch.eye(real.numel(), dtype=torch.float64) * step).view(-1, 4, 8, 8)
    with torch.no_grad():
        slopes = (told(real + moves) - told(real - moves)) / (2 * step)
    assert found == pytest.approx(float(slopes.square().sum()), rel=1e-3)


def test_r1_moves_the_judge() -> None:
    judge = Judge(TINY)
    slope_penalty(judge, torch.randn(2, 4, 16, 16)).backward()
    grads = [weight.grad for name, weight in judge.named_parameters() if "trunk" in name]
    assert sum(float(grad.abs().sum()) for grad in grads if grad is not None) > 0


def test_uneven_paths_cost_and_the_mean_follows() -> None:
    torch.manual_seed(0)
    generator = Generator(TINY)
    loss, mean = path_penalty(generator, styles(generator, 2), torch.zeros(()))
    loss.backward()
    assert float(loss.detach()) > 0
    assert float(mean) > 0
    assert generator.synthesis.constant.grad is not None
    assert generator.mapping.layers[0].get_parameter("weight").grad is not None


def test_no_chance_changes_nothing() -> None:
    picture = torch.randn(2, 4, 16, 16)
    assert augmented(picture, 0.0) is picture


@pytest.mark.parametrize("seed", range(4))
def test_augmentation_is_differentiable_and_keeps_alpha_a_coverage(seed: int) -> None:
    torch.manual_seed(seed)
    picture = (torch.rand(6, 4, 16, 16) * 2 - 1).requires_grad_()
    made = augmented(picture, 1.0)
    assert made.shape == picture.shape
    alpha = made[:, 3].detach()
    assert float(alpha.min()) >= -1 - 1e-5
    assert float(alpha.max()) <= 1 + 1e-5
    made.square().sum().backward()
    assert picture.grad is not None
    assert float(picture.grad.abs().mean()) > 0
    empty = augmented(torch.full((6, 4, 16, 16), -1.0), 1.0)
    assert torch.allclose(empty, torch.full_like(empty, -1.0), atol=1e-5)


def test_the_chance_follows_the_signs() -> None:
    chance = torch.tensor(0.5)
    sure, unsure = torch.tensor([40.0, 40.0]), torch.tensor([0.0, 40.0])
    assert float(adapted(chance, sure, 0.6, 1.0)) == pytest.approx(0.54)
    assert float(adapted(chance, unsure, 0.6, 1.0)) == pytest.approx(0.46)
    assert float(adapted(torch.tensor(0.99), sure, 0.6, 1.0)) == 1.0
    assert float(adapted(torch.tensor(0.01), unsure, 0.6, 1.0)) == 0.0


def test_the_chance_moves_in_training(pictures: Path) -> None:
    task = task_of(pictures, kilo=0.05, target=0.0)
    models = task.build()
    judge = models["judge"]
    assert isinstance(judge, Judge)
    with torch.no_grad():
        judge.told.bias.fill_(100.0)
    for batch, _ in zip(task.batches(0), range(4), strict=False):
        task.step(models, batch, JUDGE)
    assert float(judge.memory.chance) == pytest.approx(16 / 50)
    assert float(judge.memory.signs.abs().sum()) == 0


def test_a_background_is_put_behind_half_of_the_pictures() -> None:
    torch.manual_seed(0)
    picture = torch.full((64, 4, 8, 8), -1.0)
    laid = on_grounds(picture)
    opaque = (laid[:, 3] == 1).all((1, 2))
    assert 16 < int(opaque.sum()) < 48
    assert torch.equal(laid[~opaque], picture[~opaque])


def test_crowds() -> None:
    torch.manual_seed(0)
    crowd = Crowd(None)
    some = torch.rand(24, 4, 16, 16) * 2 - 1
    some[:, 3] = 1
    other = (some * 0.2).clone()
    other[:, 3] = 1
    one, same, two = (crowd.moments([each]) for each in (some, some.flip(0), other))
    assert frechet(one, same) < 1e-6
    assert frechet(one, two) > 1


# -- pictures -----------------------------------------------------------------------------------


def test_faces_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = album(16, 6, 5, {"rig": 1.0})
    assert first.learnt.shape == (6, 16, 16, 4)
    assert first.held.shape == (5, 16, 16, 4)
    assert not np.array_equal(first.learnt[:5], first.held)
    assert len(np.unique(first.ages[:PER_PERSON])) == 1
    assert ((first.ages >= 0) & (first.ages <= 1)).all()
    # Cut-outs, premultiplied.
    assert (first.learnt[..., :3] <= first.learnt[..., 3:]).all()
    assert (first.learnt[:, 0, 0, 3] == 0).all()

    def fails(job: tuple[int, int]) -> None:
        raise AssertionError(f"{job} is drawn again")

    monkeypatch.setattr("genani.training.tasks.stylegan_album.person_drawn", fails)
    again = album(16, 6, 5, {"rig": 1.0})
    assert np.array_equal(first.learnt, again.learnt)


def test_people_look_at_us() -> None:
    faces, age = person_drawn((3, 16))
    assert faces.shape == (PER_PERSON, 16, 16, 4)
    assert 0 <= age <= 1
    assert np.array_equal(faces, person_drawn((3, 16))[0])


def test_without_emoji_faces_alone_are_taken() -> None:
    mixed = album(16, 6, 5, {"rig": 1.0, "emoji": 1.0})
    assert "left out of the mix: emoji" in mixed.notes[0]
    with pytest.raises(GenAniError, match="fluent-emoji-clips"):
        album(16, 6, 5, {"emoji": 1.0})
    with pytest.raises(ConfigError, match="rig and emoji"):
        album(16, 6, 5, {"rigs": 1.0})


def test_own_pictures(pictures: Path, tmp_path: Path) -> None:
    own = album(16, 1, 1, {}, pictures)
    assert (len(own.learnt), len(own.held)) == (22, 2)
    assert np.isnan(own.ages).all()
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="fewer than two"):
        album(16, 1, 1, {}, tmp_path / "empty")
    with pytest.raises(FileError, match="no folder"):
        album(16, 1, 1, {}, tmp_path / "missing")


def test_squares() -> None:
    wide = np.full((10, 30, 4), 255, np.uint8)
    wide[:, :10] = (255, 0, 0, 255)
    assert (squared(wide, 8) == 255).all()
    cel = np.zeros((10, 30, 4), np.uint8)
    cel[:, 5:25] = (200, 100, 50, 255)
    made = squared(cel, 30)
    assert made[15, 15].tolist() == [200, 100, 50, 255]
    assert not made[:9].any()
    deep = np.full((4, 4, 4), 65535, np.uint16)
    assert (squared(deep, 16) == 255).all()


# -- the encoder and one-picture styles -----------------------------------------------------------


def test_an_encoder_learns_for_a_model(pictures: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = {"model": trained, "measure": "colours"}
    given = words(told, steps=20, validate_every=20, learning_rate=3e-3, ema=0.0)
    assert main(["stylegan-encoder", "--data", str(pictures), *given, "--out", str(out)]) == 0
    figures = [line for line in read_metrics(out) if line["kind"] == "validation"]
    assert figures[-1]["rebuilt"] < figures[0]["rebuilt"]
    start, made = load(trained), load(out / RESULT / FILE)
    own = start.generator.synthesis.state_dict()
    same = made.generator.synthesis.state_dict()
    assert all(torch.equal(each, same[key]) for key, each in own.items())
    assert made.age is None


@pytest.fixture
def reference(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One of the pictures; faces are not looked for."""
    seen = jojogan.Sitter.seen

    def whole(self: Any, picture: Picture, canvas: Any, size: int, part: str, token: Any) -> Any:
        assert part == jojogan.AUTO
        return seen(self, picture, canvas, size, "whole", token)

    monkeypatch.setattr(jojogan.Sitter, "seen", whole)
    return pictures / "00.png"


@pytest.mark.parametrize("adversarial", [0.0, 0.1])
def test_a_style_from_one_picture(
    adversarial: float, reference: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told = {"model": trained, "measure": "judge", "inversion": 2, "adversarial": adversarial}
    given = words(told, steps=12, validate_every=12, learning_rate=3e-3, ema=0.0, batch=2)
    assert main(["jojogan", "--data", str(reference), *given, "--out", str(out)]) == 0
    figures = [line for line in read_metrics(out) if line["kind"] == "validation"]
    assert figures[-1]["likeness"] < figures[0]["likeness"]
    start, made = load(trained), load(out / RESULT / FILE)
    assert made.styled is not None
    w = seeded(made.generator, [1])
    assert torch.equal(made.generator(w), start.generator(w))
    assert not torch.equal(made.draws(w), start.generator(w))
    assert "00.png" in (out / RESULT / "CARD.md").read_text()


def test_a_style_needs_a_picture(trained: Path, pictures: Path) -> None:
    told = {"model": str(trained), "measure": "judge"}
    config = typed({**SHORT, "task": told}, TrainingConfig, "jojogan")
    with pytest.raises(ConfigError, match="--data PICTURE"):
        make("jojogan", config, None)
    with pytest.raises(ConfigError, match="one picture"):
        make("jojogan", config, pictures)


def test_mixes_keep_the_shapes_of_the_picture(reference: Path, trained: Path) -> None:
    told = {"model": str(trained), "measure": "judge", "inversion": 0, "level": 3}
    config = typed({**SHORT, "task": told}, TrainingConfig, "jojogan")
    task = make("jojogan", config, reference)
    assert isinstance(task, jojogan.JojoganTask)
    family = task.family(torch.randn(3, 8))
    assert torch.equal(family[0, :3], family[2, :3])
    assert not torch.allclose(family[0, 3:], family[2, 3:])
