"""A LoRA of ToonCrafter, trained on the tiny model: it learns, is kept, and the engine loads it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.cli import main
from genani.engines import registry
from genani.engines.api import CancelToken
from genani.engines.inbetween.tooncrafter.lora import BASE
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.media import image
from genani.scene.errors import GenAniError
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings
from genani.store import adapters
from genani.training.config import ConfigError, TrainingConfig
from genani.training.tasks import TASKS
from genani.training.tasks.tooncrafter import make, velocity_loss
from genani.training.tasks.tooncrafter_clips import windows
from genani.training.watch import read_metrics
from tests.engines.drawings import disc
from tests.engines.tooncrafter.goldens import AT_HAND, off, stored
from tests.engines.tooncrafter.models import published_part, saved_model

FIRST, LAST = disc((64, 64), (20, 32), 10), disc((64, 64), (44, 32), 10)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("model"))


def _written(folder: Path, frames: list[Picture]) -> Path:
    folder.mkdir(parents=True)
    for place, picture in enumerate(frames, 1):
        image.write_png(picture, folder / f"a.{place:04d}.png")
    return folder


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films: a disc that goes right, and one that goes down on twos."""
    home = tmp_path_factory.mktemp("films")
    across = [disc((64, 64), (16 + 2 * step, 32), 10) for step in range(16)]
    down = [disc((64, 64), (32, 14 + 2 * (step // 2)), 8) for step in range(36)]
    _written(home / "across", across)
    (_written(home / "down", down) / "caption.txt").write_text("a disc that falls", "utf-8")
    return home


def test_windows_leave_holds_out(films: Path) -> None:
    across, *down = windows(films, "an anime scene")
    assert (across.caption, across.fs, len(across.pictures)) == ("an anime scene", 24, 16)
    assert [window.caption for window in down] == ["a disc that falls"]
    assert down[0].fs == 12
    assert len({picture.id for picture in down[0].pictures}) == 16


def test_trained_by_the_command_line_and_drawn_with(
    model: Path, films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["train", "tooncrafter", "--model", str(model), "--data", str(films)]
    given += ["--out", str(tmp_path / "run")]
    for setting in (
        "steps=10", "batch=1", "warmup=0", "learning_rate=0.03", "threads=1", "report_every=5",
        "validate_every=10", "task.width=64", "task.height=64", "task.rank=4",
        "task.sample_steps=1", "task.adapter=Discs", "task.rights=our own",
        "task.checkpointing=false",
    ):  # fmt: skip
        given += ["--set", setting]
    assert main(given) == 0
    assert "finished: step 10 of 10" in capsys.readouterr().out
    looks = [line["total"] for line in read_metrics(tmp_path / "run") if "rate" not in line]
    assert looks[-1] < looks[0]
    assert (tmp_path / "run" / "samples" / "00000010" / "sample.png").is_file()

    made = tmp_path / "run" / "result" / "adapter.safetensors"
    card = adapters.read_card(made)
    assert (card.name, card.base, card.kind, card.rights) == ("Discs", BASE, "lora", "our own")
    adapters.add(made)
    none, half, whole = (_drawn(model, styles) for styles in ("Discs:0", "Discs:0.5", "Discs"))
    assert not np.array_equal(none, whole)
    assert not np.array_equal(half, whole)
    registry._known.forget()


def _drawn(model: Path, styles: str) -> np.ndarray:
    options = {
        "model": str(model), "steps": 1, "guidance": 1.0, "side": 64, "lora": styles,
        "palette_snap": "off",
    }  # fmt: skip
    asked = SpanRequest(FIRST, LAST, (Fraction(1, 5),), SpanSettings("tooncrafter", options, 3))
    engine = registry.create("tooncrafter", "cpu")
    return next(iter(engine.draw(asked, CancelToken()))).picture.pixels


def config(model: Path | str, **task: object) -> TrainingConfig:
    told = {"model": str(model), "width": 64, "height": 64, "rank": 2, "rights": "our own"}
    return TrainingConfig(batch=2, task=told | task)


def test_only_attention_over_space_learns(model: Path, films: Path) -> None:
    for more, layers in ((False, 6), (True, 8)):
        unet = make(config(model, feed_forward=more), films).build()["model"]
        learning = {name for name, item in unet.named_parameters() if item.requires_grad}
        assert learning
        assert all(".spatial." in name and "lora_" in name for name in learning)
        named = {name.partition(".lora_")[0].rpartition("block.")[2] for name in learning}
        # Attention to itself has no picture to look at.
        assert len(named) == layers + 4
        assert unet.get_submodule("down").training


def test_batches_are_those_of_their_step(model: Path, films: Path) -> None:
    task = make(config(model), films)
    one = task.batches(0)
    batches = [next(one) for _ in range(5)]
    again = next(task.batches(3))
    assert set(again) == {"mean", "std", "text", "image", "keys", "fs"}
    assert all(torch.equal(again[name], batches[3][name]) for name in again)
    assert again["mean"].shape == (2, 4, 16, 8, 8)


def test_conditions_are_dropped_as_published(model: Path, films: Path) -> None:
    task = make(config(model), films)
    batch = next(task.batches(0))
    chances = torch.tensor([0.02, 0.07, 0.12, 0.5])
    batch = {name: item[:1].repeat(4, *[1] * (item.ndim - 1)) for name, item in batch.items()}
    context = task._context(batch, chances)
    text, image = context[:, :77], context[:, 77:]
    none = {name: item.float() for name, item in task._nothing.items()}
    assert [torch.equal(it, none["text"]) for it in text] == [True, True, False, False]
    assert [torch.equal(it, none["image"]) for it in image] == [False, True, True, False]


def test_what_is_missing_is_told(model: Path, films: Path, tmp_path: Path) -> None:
    _written(tmp_path / "short", [FIRST, LAST, FIRST])
    for asked, data, words in (
        (config(""), films, "--model PATH"),
        (config(model), None, "--data DIR"),
        (config(model, width=100), films, "multiples of 64"),
        (config(model, rights=" "), films, "nobody has said whose films these are"),
        (config(model, rang=3), films, "there is no setting 'rang'"),
        (config(model), tmp_path / "short", "no clip of sixteen drawings"),
        (config(tmp_path / "none"), films, "none"),
    ):
        with pytest.raises(GenAniError, match=words) as caught:
            make(asked, data).build()
        assert "\n" not in str(caught.value)


def test_presets_are_sound(model: Path) -> None:
    for preset in TASKS["tooncrafter"].presets.values():
        given = {**preset, "task": {**preset["task"], "model": str(model)}}
        with pytest.raises(ConfigError, match="--data DIR"):
            make(TrainingConfig(**given), None)


if AT_HAND:

    def test_the_published_training_step() -> None:
        wanted = stored("training_step")
        unet: ToonCrafterUNet = published_part("unet")
        given = (wanted[name] for name in ("z", "noise", "t", "fs", "context"))
        with torch.no_grad():
            loss = velocity_loss(unet, ToonCrafterScheduler(), *given)
        assert off(loss.reshape(1), wanted["loss"]) < 1e-5
