"""Ways to run: what they take, which is chosen, and what happens when memory runs out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel

from genani.engines import registry
from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.tooncrafter import calibration, compiling
from genani.engines.inbetween.tooncrafter.control import PUBLISHED, SketchControl
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.painter import ToonCrafterPainter
from genani.engines.inbetween.tooncrafter.plans import (
    GIB,
    PLANS,
    SKETCH_PARAMETERS,
    plans,
    work,
)
from genani.engines.inbetween.tooncrafter.presets import AS_SET, PRESETS
from genani.engines.inbetween.tooncrafter.sampling import WHOLE, Shortcuts
from genani.engines.inbetween.tooncrafter.unet import Deep, ToonCrafterUNet
from genani.scene.errors import Cancelled, OutOfMemoryError
from genani.store import models
from tests.benchmarks.on_paper import taken
from tests.engines.tooncrafter.test_engine import drawn, model, request

__all__ = ["model"]

TRAINED = 512 * 320


@pytest.fixture
def engine() -> Iterator[Any]:
    yield registry.create("tooncrafter", "cpu")
    registry._known.forget()


def test_each_way_takes_less_than_the_one_before() -> None:
    found = plans(TRAINED, 2, 1.0, card=True)
    assert tuple(plan.name for plan in found) == PLANS
    gib = [plan.memory / GIB for plan in found]
    assert gib == sorted(set(gib), reverse=True)
    # A card of 8 GB draws, part by part; one with 3 free does not.
    assert 3 < gib[-1] < 8 * 0.8
    assert [plan.name for plan in plans(TRAINED, 4, 1.0, card=False)] == list(PLANS[:-1])


def test_a_card_of_eight_gigabytes_draws_and_three_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"x")
    info = registry.info("tooncrafter")
    kind: Any = type(registry.create("tooncrafter", "cpu"))
    monkeypatch.setattr(calibration.torch.cuda, "get_device_name", lambda _device: "a card")
    card = kind(info, Device("cuda:0", half=True), models.path)
    asked = request(tmp_path / "model.ckpt", side=512, guidance=7.5)
    asked = replace(asked, first=wide(asked.first), last=wide(asked.last))
    monkeypatch.setattr(
        "genani.engines.inbetween.tooncrafter.engine.weight_bytes", lambda _path: 10_500_000_000
    )
    for free, tier in ((24, "full"), (10, "sliced"), (9.15, "in turns"), (7.5, "staged")):
        monkeypatch.setattr(Device, "free", int(free * GIB))
        cost = card.estimate(asked)
        assert cost.tier == tier
        assert cost.memory < 0.8 * free * GIB
    monkeypatch.setattr(Device, "free", 3 * GIB)
    assert "lower the setting 'side'" in card.estimate(asked).note
    with pytest.raises(OutOfMemoryError, match=r"needs \d\.\d GiB on cuda:0 and has 3\.0"):
        next(card.draw(asked, CancelToken()))


def wide(picture: Any) -> Any:
    """The same drawing, of the size of training."""
    pixels = np.ascontiguousarray(np.repeat(np.repeat(picture.pixels, 6, 0), 6, 1)[:320, :512])
    return type(picture)(pixels, picture.icc)


@torch.inference_mode()
def test_what_the_model_of_stages_says_is_what_is_counted() -> None:
    with torch.device("meta"):
        unet = ToonCrafterUNet().half().eval()

    def some(*shape: int) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.float16, device="meta")

    step = torch.zeros((), device="meta")
    deep = Deep(1)
    latents, tokens = some(1, 8, 16, 40, 64), some(1, 333, 1024)
    whole = taken(lambda: unet(latents, step, tokens, step, deep=Deep(1)))
    unet(latents, step, tokens, step, deep=deep)
    outer = taken(lambda: unet(latents, step, tokens, step, deep=deep))
    told = plans(TRAINED, 2, 1.0, card=True)
    # The network and the autoencoder in half precision.
    weights = (1_438_854_980 + 99_941_907) * 2
    assert whole.peak + weights < told[-1].memory < 1.3 * (whole.peak + weights)
    run = work(2, Guidance(1.0), Shortcuts(whole_every=2), repair=False, area=TRAINED, size=1.0)
    assert run.steps == pytest.approx([whole.tera, outer.tera], rel=0.01)


@torch.inference_mode()
def test_a_sketch_encoder_is_counted() -> None:
    with torch.device("meta"):
        unet = ToonCrafterUNet().half().eval()
        encoder = ControlNetModel(**PUBLISHED).half().eval()
        latents = torch.empty(1, 8, 16, 40, 64, dtype=torch.float16)
        tokens = torch.empty(1, 333, 1024, dtype=torch.float16)
        step = torch.zeros(())
    unet.sketch = SketchControl(encoder, torch.zeros(1, 1, 320, 512))
    both = taken(lambda: unet(latents, step, tokens, step))
    run = work(1, Guidance(1.0), WHOLE, repair=False, area=TRAINED, size=1.0, sketch=1.0)
    assert run.steps == pytest.approx([both.tera], rel=0.01)
    without, told = (plans(TRAINED, 2, 1.0, card=True, sketch=size) for size in (0.0, 1.0))
    weights = 2 * SKETCH_PARAMETERS
    assert sum(item.numel() for item in encoder.parameters()) == pytest.approx(
        SKETCH_PARAMETERS, rel=1e-3
    )
    for plain, more in zip(without, told, strict=True):
        assert weights <= more.memory - plain.memory < 1.6 * weights
    network = (1_438_854_980 + 99_941_907) * 2 + weights
    assert both.peak + network < told[-1].memory < 1.3 * (both.peak + network)


def test_a_chosen_sketch_encoder_shows_in_the_estimate(
    engine: Any, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "sketch_encoder.ckpt").write_bytes(bytes(1 << 20))
    plain = engine.estimate(request(model))
    sketched = engine.estimate(request(model, sketch_model=str(tmp_path / "sketch_encoder.ckpt")))
    assert sketched.memory > plain.memory + (1 << 20)
    assert sketched.seconds > plain.seconds


def test_presets_are_settings_that_there_are() -> None:
    options = {option.name: option for option in registry.info("tooncrafter").options}
    assert set(options["speed"].choices) == {AS_SET, *PRESETS}
    for settings in PRESETS.values():
        for name, value in settings.items():
            assert type(options[name].default) is type(value)
            assert not options[name].choices or value in options[name].choices
    # What is not asked for otherwise is the reference.
    assert all(options[name].default == value for name, value in PRESETS["reference"].items())


def test_presets_take_the_share_of_time_that_their_words_say() -> None:
    questions = {}
    for name, settings in PRESETS.items():
        short = Shortcuts(guided=float(settings["guided"]))
        run = work(int(settings["steps"]), Guidance(), short, True, TRAINED, 1.0)
        questions[name] = sum(run.steps) + run.decode
    whole = work(50, Guidance(), WHOLE, True, TRAINED, 1.0)
    assert questions["reference"] == pytest.approx(sum(whole.steps) + whole.decode)
    assert questions["fast"] / questions["reference"] == pytest.approx(1 / 5, abs=0.02)
    assert questions["balanced"] / questions["reference"] == pytest.approx(2 / 5, abs=0.02)


def test_every_way_and_every_shortcut_draws(engine: Any, model: Path) -> None:
    usual: dict[str, Any] = {"steps": 2, "guidance": 3.0}
    plain = drawn(engine, request(model, **usual))
    t = next(iter(plain))

    def off(**options: Any) -> int:
        made = drawn(engine, request(model, **{**usual, **options}))
        return int(np.abs(made[t].astype(int) - plain[t].astype(int)).max())

    for name in PLANS:
        # Rounding alone differs.
        assert off(memory=name) <= 2, name
    assert off(solver="second order") > 0
    assert off(guided=0.5) > 0
    assert off(whole_every=2) > 0
    assert off(speed="as set") == 0


def test_memory_that_runs_out_takes_the_next_way(
    engine: Any, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, tried = ToonCrafterPainter.prepare, []

    def full(self: ToonCrafterPainter, *given: Any) -> Any:
        tried.append((self.run.batched, self.run.sliced))
        if self.run.batched:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return whole(self, *given)

    monkeypatch.setattr(ToonCrafterPainter, "prepare", full)
    made = list(engine.draw(request(model), CancelToken()))
    assert tried == [(True, False), (True, True), (False, True)]
    assert len(made) == 2
    assert all("drawn 'in turns', as memory ran out" in one.warnings for one in made)
    monkeypatch.setattr(
        ToonCrafterPainter, "prepare", lambda *_: (_ for _ in ()).throw(MemoryError())
    )
    with pytest.raises(OutOfMemoryError, match="close other programs"):
        list(engine.draw(request(model), CancelToken()))


def test_a_speed_is_kept_for_each_device() -> None:
    device = Device("cpu")
    guess = calibration.remembered(device)
    assert not guess.timed
    calibration.remember(device, calibration.Speed(2.0, 3.0, timed=True))
    assert calibration.remembered(device) == calibration.Speed(2.0, 3.0, timed=True)
    assert not calibration.remembered(Device("cpu", half=True)).timed
    path = calibration._file()
    path.write_text(json.dumps({name: {"step": -1} for name in json.loads(path.read_text())}))
    assert calibration.remembered(device) == guess
    path.write_text("{")
    assert calibration.remembered(device) == guess
    calibration.remember(device, guess)
    assert calibration.remembered(device).timed


def test_one_step_tells_the_time(engine: Any, model: Path) -> None:
    asked = request(model, steps=3)
    assert "guess" in engine.estimate(asked).note
    token = CancelToken(lambda _share, text: token.cancel() if text == "step 2 of 3" else None)
    with pytest.raises(Cancelled):
        list(engine.draw(asked, token))
    assert engine.estimate(asked).note == ""
    # A tiny model's speed says nothing of the published one's.
    assert not calibration._file().exists()


def test_without_a_compiler_it_draws_and_says_so(
    engine: Any, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_given: Any, **_options: Any) -> Any:
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nat length")

    plain = drawn(engine, request(model))
    monkeypatch.setattr(compiling.torch, "compile", none)
    made = list(engine.draw(request(model, compile=True), CancelToken()))
    assert all("No working C++ compiler found" in one.warnings[0] for one in made)
    assert all(np.array_equal(one.picture.pixels, plain[one.t]) for one in made)
