"""The adapter over diffusers' video models, on tiny models of the real classes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from PIL.Image import Image

from genani.cli import main
from genani.engines import registry
from genani.engines.api import CancelToken, Engine
from genani.engines.device import Device
from genani.engines.inbetween.keyframe_diffusion.cost import Size, ways
from genani.engines.inbetween.keyframe_diffusion.families import FAMILIES
from genani.engines.inbetween.keyframe_diffusion.painter import KeyframePainter, Run
from genani.engines.inbetween.keyframe_diffusion.source import find, read
from genani.engines.tensor import premultiplied
from genani.media import image
from genani.scene.errors import Cancelled, ModelError, OutOfMemoryError
from genani.scene.request import OptionValue, SpanRequest, SpanSettings
from tests.engines.drawings import disc
from tests.engines.keyframe_diffusion.models import MAKERS, saved

NAME = "keyframe-diffusion"
TIMES = (Fraction(1, 5), Fraction(3, 5))
FIRST, LAST = disc((96, 60), (24, 30), 12), disc((96, 60), (70, 30), 12)


@pytest.fixture(scope="module", params=list(MAKERS))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def wan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("WanImageToVideoPipeline", tmp_path_factory.mktemp("wan"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    yield registry.create(NAME, "cpu")
    registry._known.forget()


def request(model: Path | str, seed: int = 3, **options: OptionValue) -> SpanRequest:
    given: dict[str, OptionValue] = {
        "model": str(model),
        "steps": 2,
        "guidance": 1.0,
        "frames": 5,
        "side": 64,
        "palette_snap": "off",
        **options,
    }
    return SpanRequest(FIRST, LAST, TIMES, SpanSettings(NAME, given, seed))


def drawn(engine: Engine, asked: SpanRequest) -> dict[Fraction, np.ndarray]:
    return {it.t: it.picture.pixels for it in engine.draw(asked, CancelToken())}


def test_every_class_draws_both_keys_into_the_video(engine: Engine, model: Path) -> None:
    one, again, other = (drawn(engine, request(model, seed)) for seed in (3, 3, 4))
    for t in TIMES:
        assert one[t].shape == FIRST.pixels.shape
        assert np.array_equal(one[t], again[t])
        assert not np.array_equal(one[t], other[t])


def test_every_class_sees_both_keys(model: Path) -> None:
    found = find(str(model))
    painter = KeyframePainter(read(found, half=False), found.family)
    # Colours are not matched, as that alone would tell the keys apart.
    painter.run = Run(3, "", "", 9, 2, 1.0, 64, match=False)
    first, last = (premultiplied(key.pixels) for key in (FIRST, LAST))
    other = torch.zeros_like(last)
    pairs = ((first, last), (other, last), (first, other))
    videos = [painter.prepare(*pair, 1.0, CancelToken()).rgba[1:8] for pair in pairs]
    assert not torch.equal(videos[0], videos[1])
    assert not torch.equal(videos[0], videos[2])


def test_cancelled_within_a_step_and_drawn_again(engine: Engine, model: Path) -> None:
    seen: list[str] = []

    def look(_share: float, text: str) -> None:
        seen.append(text)
        if text == "step 1 of 3":
            token.cancel()

    token = CancelToken(look)
    with pytest.raises(Cancelled):
        list(engine.draw(request(model, steps=3), token))
    assert [text for text in seen if text.startswith("step")] == ["step 1 of 3"]
    before = drawn(engine, request(model))
    registry._known.forget()
    after = drawn(registry.create(NAME, "cpu"), request(model))
    assert all(np.array_equal(before[t], after[t]) for t in TIMES)


def test_settings_reach_the_model(engine: Engine, wan: Path) -> None:
    usual = drawn(engine, request(wan))[TIMES[0]]
    changes: list[dict[str, OptionValue]] = [
        {"guidance": 6.0},
        {"prompt": "scene"},
        {"steps": 3},
        {"frames": 9},
    ]
    for option in changes:
        made = drawn(engine, request(wan, 3, **option))[TIMES[0]]
        assert not np.array_equal(made, usual), option


class Fade:
    """A video model that knows only how to fade."""

    components: ClassVar[dict[str, object]] = {}

    def __call__(self, image: Image, last_image: Image, num_frames: int, **_: object) -> Any:
        first, last = (
            torch.from_numpy(np.asarray(key).copy()).permute(2, 0, 1) / 255
            for key in (image, last_image)
        )
        shares = torch.linspace(0, 1, num_frames)
        return SimpleNamespace(frames=[torch.stack([torch.lerp(first, last, s) for s in shares])])

    def maybe_free_model_hooks(self) -> None:
        """It has none."""


def test_alpha_and_size_come_back() -> None:
    painter = KeyframePainter(Fade(), FAMILIES["WanImageToVideoPipeline"])
    painter.run = Run(0, "", "", 5, 1, 1.0, 160, match=True)
    first, last = (premultiplied(key.pixels) for key in (FIRST, LAST))
    frames = painter.prepare(first, last, 1.0, CancelToken())
    assert frames.rgba.shape[:2] == (5, 4)
    assert frames.rgba.shape[2] % 16 == frames.rgba.shape[3] % 16 == 0
    made = painter.paint(frames, 0.5, CancelToken()).rgba
    assert made.shape == first.shape
    assert made[0, 3, 0, 0] == 0
    # Both discs are there by half, over nothing.
    assert made[0, 3, 30, 24] > 0.3
    assert made[0, 3, 30, 70] > 0.3


def test_frames_come_in_groups() -> None:
    wan, ltx = (FAMILIES[kind] for kind in ("WanImageToVideoPipeline", "LTXConditionPipeline"))
    assert [wan.count(n) for n in (0, 1, 5, 6, 81)] == [81, 5, 5, 9, 81]
    assert [ltx.count(n) for n in (0, 2, 10)] == [97, 9, 17]
    pack = FAMILIES["HunyuanVideoFramepackPipeline"]
    assert [pack.parts(n) for n in (5, 33, 37, 129)] == [1, 1, 2, 4]


def test_the_cost_grows_with_the_work_and_is_learned(engine: Engine, wan: Path) -> None:
    larger: list[dict[str, OptionValue]] = [
        {},
        {"steps": 50},
        {"steps": 50, "side": 512, "frames": 81},
    ]
    costs = [engine.estimate(request(wan, 3, **options)) for options in larger]
    assert [cost.seconds for cost in costs] == sorted(cost.seconds for cost in costs)
    assert costs[0].memory < costs[2].memory
    list(engine.draw(request(wan), CancelToken()))
    assert engine.estimate(request(wan)).seconds != costs[0].seconds
    assert engine.estimate(replace(request(wan), last=FIRST)).seconds == 0


def test_ways_to_run_get_smaller_on_a_card(wan: Path) -> None:
    found, size = find(str(wan)), Size(64 * 64, 5, 2)
    memory = [way.memory for way in ways(found, size, 2, card=True)[:2]]
    assert memory == sorted(memory, reverse=True)
    assert [way.name for way in ways(found, size, 4, card=False)] == ["full"]


def test_too_little_memory(engine: Engine, wan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "free", 1_000_000)
    with pytest.raises(OutOfMemoryError, match=r"Wan needs .* close other programs"):
        drawn(engine, request(wan))
    assert "close other programs" in engine.estimate(request(wan)).note


def test_a_model_of_the_store_goes_by_its_name(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path))
    saved("WanVACEPipeline", tmp_path / "wan-vace-tiny")
    assert set(drawn(engine, request("wan-vace-tiny"))) == set(TIMES)


def test_models_that_do_not_fit(engine: Engine, wan: Path, tmp_path: Path) -> None:
    def refused(given: Path | str) -> str:
        with pytest.raises(ModelError) as caught:
            drawn(engine, request(given))
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def described(change: dict[str, object]) -> str:
        index = json.loads((wan / "model_index.json").read_text("utf-8"))
        (tmp_path / "model_index.json").write_text(json.dumps(index | change), "utf-8")
        return refused(tmp_path)

    assert "with the setting 'model'" in refused("")
    assert "neither as a folder nor in the store" in refused(tmp_path / "none")
    assert "no model in diffusers' form" in refused(tmp_path)
    assert "is a file" in refused(wan / "model_index.json")
    assert "holds a FluxPipeline" in described({"_class_name": "FluxPipeline"})
    assert "takes a first picture only" in described({"expand_timesteps": True})
    assert "run code of its own (evil)" in described({"vae": ["evil", "Decoder"]})
    assert "config.json cannot be read" in described({})


def test_a_truncated_model(engine: Engine, tmp_path: Path) -> None:
    saved("WanVACEPipeline", tmp_path)
    weights = tmp_path / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is damaged or incomplete") as caught:
        drawn(engine, request(tmp_path))
    assert "\n" not in str(caught.value)


def test_auto_never_takes_it() -> None:
    assert registry.choose("auto", has=lambda _name: True).name == "rife"
    assert registry.choose("auto", has=lambda _name: False).name == "blend"


def test_the_command_line(wan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "first.png", tmp_path / "last.png"
    for path, picture in zip(keys, (FIRST, LAST), strict=True):
        image.write_png(picture, path)
    given = ["inbetween", *map(str, keys), "--engine", NAME, "--model", str(wan), "--count", "2"]
    given += ["--set", "steps=1", "--set", "frames=5", "--set", "side=64"]
    assert main([*given, "--out", str(tmp_path / "made")]) == 0
    registry._known.forget()
    files = [image.read(path) for path in sorted((tmp_path / "made").glob("*.png"))]
    assert len(files) == 4
    assert (files[0], files[3]) == (FIRST, LAST)
    said = capsys.readouterr()
    assert "2 in-betweens by keyframe-diffusion" in said.out
    assert "torchvision" not in said.err
