"""The engine as the queue and the command line know it, on the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from genani.cli import main
from genani.engines import registry
from genani.engines.api import CancelToken, Engine
from genani.engines.device import Device
from genani.engines.inbetween.tooncrafter.lora import BASE
from genani.media import image
from genani.scene.errors import Cancelled, EngineError, ModelError, OutOfMemoryError
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.request import OptionValue, SpanRequest, SpanSettings
from genani.store import adapters
from tests.engines.drawings import disc
from tests.engines.tooncrafter.models import saved_model, saved_style

TIMES = (Fraction(1, 5), Fraction(3, 5))
FIRST, LAST = disc((96, 60), (24, 30), 12), disc((96, 60), (70, 30), 12)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model in a folder that diffusers reads."""
    return saved_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    yield registry.create("tooncrafter", "cpu")
    registry._known.forget()


def request(model: Path | str, seed: int = 3, **options: OptionValue) -> SpanRequest:
    given: dict[str, OptionValue] = {
        "model": str(model),
        "steps": 1,
        "guidance": 1.0,
        "side": 64,
        "palette_snap": "off",
        **options,
    }
    return SpanRequest(FIRST, LAST, TIMES, SpanSettings("tooncrafter", given, seed))


def drawn(engine: Engine, asked: SpanRequest) -> dict[Fraction, np.ndarray]:
    return {it.t: it.picture.pixels for it in engine.draw(asked, CancelToken())}


def test_the_same_seed_draws_the_same(engine: Engine, model: Path) -> None:
    one, again, other = (drawn(engine, request(model, seed)) for seed in (3, 3, 4))
    assert set(one) == set(TIMES)
    for t in TIMES:
        assert one[t].shape == FIRST.pixels.shape
        assert np.array_equal(one[t], again[t])
        assert not np.array_equal(one[t], other[t])


def test_settings_reach_the_model(engine: Engine, model: Path) -> None:
    usual = drawn(engine, request(model))[TIMES[0]]
    for option in ({"motion": 30}, {"guidance": 4.0}):
        made = drawn(engine, request(model, 3, **option))[TIMES[0]]
        assert not np.array_equal(made, usual), option


def test_cancelled_between_steps_and_drawn_again(engine: Engine, model: Path) -> None:
    seen: list[str] = []

    def look(_share: float, text: str) -> None:
        seen.append(text)
        if text == "step 2 of 3":
            token.cancel()

    token = CancelToken(look)
    with pytest.raises(Cancelled):
        list(engine.draw(request(model, steps=3), token))
    assert [text for text in seen if text.startswith("step")] == ["step 1 of 3", "step 2 of 3"]
    assert set(drawn(engine, request(model))) == set(TIMES)


@pytest.fixture(scope="module")
def style(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter on the network's attention over space, strong enough to be seen."""
    return saved_style(model, tmp_path_factory.mktemp("style"))


def test_a_style_is_put_on_and_weighed(engine: Engine, model: Path, style: Path) -> None:
    plain, none, half, whole = (
        drawn(engine, request(model, 3, **options))[TIMES[0]].astype(int)
        for options in (
            {},
            {"lora": str(style), "lora_strength": 0.0},
            {"lora": str(style), "lora_strength": 0.5},
            {"lora": str(style)},
        )
    )
    assert abs(plain - none).max() <= 1
    assert len({plain.tobytes(), half.tobytes(), whole.tobytes()}) == 3


def test_two_styles_are_mixed_by_name_and_strength(
    engine: Engine, model: Path, style: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    tensors = {name: item.flip(0) for name, item in load_file(style).items()}
    save_file(tensors, other)
    card = adapters.AdapterCard("Mika", BASE, "lora")
    named = tmp_path / "named.safetensors"
    save_file(load_file(style), named, adapters.header(card))
    adapters.add(named)
    looks = [
        drawn(engine, request(model, lora=text))[TIMES[0]].tobytes()
        for text in ("Mika", f"Mika, {other}", f"Mika:0.5, {other}:1.5", f"{other}")
    ]
    assert len(set(looks)) == 4
    assert drawn(engine, request(model, lora=str(named)))[TIMES[0]].tobytes() == looks[0]
    refused = {
        "Mika:3": "from 0 to 2",
        "Mika, Mika:0.5": "named twice",
        "Tobi": "there is no adapter 'Tobi'",
    }
    save_file({"a": torch.zeros(1)}, named, adapters.header(adapters.AdapterCard("R", "rife-4.6")))
    adapters.add(named)
    for text, words in {**refused, "R": "was trained for rife-4.6"}.items():
        with pytest.raises(ModelError, match=words):
            drawn(engine, request(model, lora=text))


def test_the_feeling_of_a_span_reaches_the_model(engine: Engine, model: Path) -> None:
    asked = request(model, guidance=4.0)
    happy = replace(asked.settings, face=FaceGuidance(Emotion.HAPPY, 0.9))
    plain, felt = (
        drawn(engine, replace(asked, settings=settings))[TIMES[0]]
        for settings in (asked.settings, happy)
    )
    assert not np.array_equal(plain, felt)


def test_a_style_of_another_model(engine: Engine, model: Path, style: Path, tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    given = load_file(style)
    name = next(name for name in given if name.endswith("lora_A.weight"))
    for change, words in (
        ({name: torch.zeros(2, 7)}, "has another width"),
        ({name: given[name].to(torch.int8)}, "floating point is needed"),
        ({"mid_block.lora_A.weight": torch.zeros(2, 7)}, "was made for another network"),
        ({"conv_in.weight": torch.zeros(2, 7)}, "was made for another network"),
    ):
        save_file({**given, **change}, path)
        with pytest.raises(ModelError, match=words) as caught:
            drawn(engine, request(model, lora=str(path)))
        assert "\n" not in str(caught.value)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ModelError, match="damaged"):
        drawn(engine, request(model, lora=str(path)))
    with pytest.raises(ModelError, match="is not there"):
        drawn(engine, request(model, lora=str(tmp_path / "none.safetensors")))


def test_cost_is_told_and_learned(engine: Engine, model: Path) -> None:
    few, many = (engine.estimate(request(model, steps=steps)) for steps in (5, 50))
    assert few.seconds < many.seconds
    assert few.tier == "full"
    before = engine.estimate(request(model)).seconds
    list(engine.draw(request(model), CancelToken()))
    assert engine.estimate(request(model)).seconds != before


def test_equal_keys_cost_nothing(engine: Engine, model: Path) -> None:
    asked = replace(request(model), last=FIRST)
    assert engine.estimate(asked).seconds == 0


def test_without_weights(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="with the setting 'model'"):
        drawn(engine, request(""))
    with pytest.raises(ModelError, match="none is not there"):
        drawn(engine, request(tmp_path / "none"))
    with pytest.raises(ModelError, match=r"no ToonCrafter model: model_index\.json"):
        drawn(engine, request(tmp_path))
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}', "utf-8")
    with pytest.raises(ModelError, match="holds a FluxPipeline"):
        drawn(engine, request(tmp_path))
    checkpoint = tmp_path / "model.ckpt"
    checkpoint.write_bytes(b"x")
    with pytest.raises(ModelError, match=r"bpe_simple_vocab_16e6\.txt\.gz of CLIP is wanted"):
        drawn(engine, request(checkpoint))


def test_a_damaged_folder(engine: Engine, model: Path, tmp_path: Path) -> None:
    index = (model / "model_index.json").read_text("utf-8")
    (tmp_path / "model_index.json").write_text(index, "utf-8")
    with pytest.raises(ModelError, match="damaged or incomplete") as caught:
        drawn(engine, request(tmp_path))
    assert "\n" not in str(caught.value)


def test_too_little_memory_is_told_before_weights_are_read(
    engine: Engine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "free", 1_000_000)
    with pytest.raises(OutOfMemoryError, match="ToonCrafter needs"):
        drawn(engine, request(model))
    assert "close other programs" in engine.estimate(request(model)).note


def test_unknown_values_are_refused() -> None:
    with pytest.raises(EngineError, match="must be at least 1 and at most 100"):
        registry.resolve(SpanSettings("tooncrafter", {"steps": 0}))


def test_auto_never_takes_it_without_its_model() -> None:
    assert registry.choose("auto", has=lambda name: name == "genani-rife").name == "rife"
    assert registry.choose("auto", has=lambda _name: False).name == "blend"


def test_the_command_line(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "first.png", tmp_path / "last.png"
    for path, picture in zip(keys, (FIRST, LAST), strict=True):
        image.write_png(picture, path)
    given = ["inbetween", *map(str, keys), "--engine", "tooncrafter", "--model", str(model)]
    given += ["--count", "2", "--seed", "9", "--set", "steps=1", "--set", "guidance=1"]
    given += ["--set", "side=64", "--out"]
    files = []
    for name in ("one", "two"):
        assert main([*given, str(tmp_path / name)]) == 0
        files.append([image.read(path) for path in sorted((tmp_path / name).glob("*.png"))])
        registry._known.forget()
    assert "2 in-betweens by tooncrafter" in capsys.readouterr().out
    assert len(files[0]) == 4
    # Keys go through untouched; the rest is the same again, from the seed alone.
    assert files[0][0] == FIRST
    assert files[0][3] == LAST
    assert files[0] == files[1]


def test_half_precision_takes_bfloat16_for_the_autoencoder(model: Path) -> None:
    from genani.engines.inbetween.tooncrafter.source import pipeline_of

    made = pipeline_of(model, Device("cpu", half=True))
    assert made.unet.dtype == torch.float16
    assert made.vae.dtype == torch.bfloat16
