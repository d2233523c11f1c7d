from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from genani.engines import device, registry
from genani.engines.api import CancelToken, Capability, Engine, EngineInfo, OptionInfo
from genani.engines.options import COMMON_OPTIONS, checked, read
from genani.scene.errors import EngineError, ModelError
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.request import OptionValue, SpanRequest, SpanSettings
from tests.engines.drawings import THIRDS, disc

SHIPPED = ("rife", "face", "genani")
"""Its weights come with GenAni, so they are never missing."""

FIRST, LAST = disc((32, 32), (12, 16), 6), disc((32, 32), (18, 16), 6)


def test_names_and_cards_need_no_torch() -> None:
    code = (
        "import sys; from genani.engines import registry, painter, options, device\n"
        "assert registry.names()\n"
        "assert all(registry.info(name).title for name in registry.names())\n"
        "registry.choose('auto')\n"
        "loaded = {'torch', 'cv2', 'PySide6'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_what_is_installed_is_asked_once_in_a_while() -> None:
    asked: list[str] = []

    def has(model: str) -> bool:
        asked.append(model)
        return True

    patient, eager = registry.Remembered(has, 1000), registry.Remembered(has, 0)
    assert patient("a")
    assert patient("a")
    assert patient("b")
    assert asked == ["a", "b"]
    assert eager("a")
    assert eager("a")
    assert asked == ["a", "b", "a", "a"]


@pytest.mark.parametrize("name", registry.names())
def test_every_card_makes_its_engine_once(name: str) -> None:
    engine = registry.create(name, "cpu")
    assert isinstance(engine, Engine)
    assert engine.info is registry.info(name)
    assert registry.create(name, "cpu") is engine


@pytest.mark.parametrize("name", registry.names())
def test_every_engine_estimates_without_weights(name: str) -> None:
    told = registry.create(name, "cpu").estimate(SpanRequest(FIRST, LAST, THIRDS))
    assert told.device == "cpu"
    if Capability.OWN_MODEL in registry.info(name).capabilities:
        assert "the setting 'model'" in told.note
    else:
        assert told.seconds > 0
        assert told.memory > 0


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in registry.names()
        if Capability.LEARNED in registry.info(name).capabilities and name not in SHIPPED
    ],
)
def test_a_missing_model_is_told_with_what_to_do(name: str) -> None:
    engine = registry.create(name, "cpu")
    with pytest.raises(
        ModelError, match=r"genani (models fetch|train)|the setting 'model'"
    ) as caught:
        next(engine.draw(SpanRequest(FIRST, LAST, THIRDS), CancelToken()))
    assert "\n" not in str(caught.value)


def test_auto_is_the_best_learned_engine_installed() -> None:
    assert registry.choose("auto", has=lambda _: True).name == "rife"
    assert registry.choose("auto", has=lambda model: model == "gmfss-fortuna").name == "gmfss"
    none = registry.choose("auto", has=lambda _: False)
    assert none.name == "blend"
    assert "install GenAni anew" in none.note
    assert registry.choose("auto").name == "rife"
    assert registry.choose("auto", faces=True).name == "face"
    assert registry.create("auto", "cpu").info.name == "rife"


def test_auto_follows_faces_that_are_marked_on_both_keys() -> None:
    guided = registry.choose("auto", faces=True, has=lambda _: True)
    assert guided.name == "face"
    assert "on both keys" in guided.note
    assert registry.choose("rife", faces=True, has=lambda _: True).name == "rife"
    assert registry.choose("auto", faces=True, has=lambda _: False).name == "blend"


def test_only_an_engine_that_follows_faces_is_told_of_them() -> None:
    happy = SpanSettings("auto", face=FaceGuidance(Emotion.HAPPY, 0.8))
    assert registry.resolve(happy, faces=False, has=lambda _: True).face is None
    assert registry.resolve(happy, faces=True, has=lambda _: True).face == happy.face
    plain = registry.resolve(SpanSettings(), faces=True, has=lambda _: True)
    assert plain.face == FaceGuidance()


def test_unknown_engines_are_told() -> None:
    for act in (registry.info, registry.choose, registry.create):
        with pytest.raises(EngineError, match=r"no engine 'flow'; engines are rife, .* and auto"):
            act("flow")


def test_resolve_says_what_really_draws() -> None:
    asked = SpanSettings("auto", {"palette_snap": "off", "keep_still": "no"}, seed=5)
    resolved = registry.resolve(asked, has=lambda _: True)
    assert resolved.engine == "rife"
    assert resolved.seed == 5
    assert resolved.options == {
        "version": "GenAni",
        "motion": "auto",
        "styles": "",
        "palette_snap": "off",
        "colour_match": True,
        "keep_still": False,
    }
    assert registry.resolve(resolved) == resolved


@pytest.mark.parametrize(
    "options",
    [{"nothing": 1}, {"version": "5"}, {"version": 4.6}, {"keep_still": "perhaps"}],
)
def test_resolve_refuses_what_the_engine_cannot_take(options: dict[str, OptionValue]) -> None:
    with pytest.raises(EngineError):
        registry.resolve(SpanSettings("rife", options))


CARD = EngineInfo(
    "pen",
    "Pen",
    "",
    options=(
        OptionInfo("steps", "Steps", 20, low=1, high=50),
        OptionInfo("strength", "Strength", 0.5, low=0),
        OptionInfo("prompt", "Prompt", ""),
    ),
)


def test_defaults_fill_what_is_not_given() -> None:
    given = checked(CARD, {"steps": 7, "strength": 2})
    assert given == {
        "steps": 7,
        "strength": 2.0,
        "prompt": "",
        **{option.name: option.default for option in COMMON_OPTIONS},
    }
    assert type(given["strength"]) is float


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "at least 1 and at most 50, not 0"),
        ({"steps": 51}, "at least 1 and at most 50"),
        ({"steps": True}, "a whole number, not True"),
        ({"steps": 2.5}, "a whole number"),
        ({"strength": -0.1}, "at least 0, not -0.1"),
        ({"strength": float("nan")}, "at least 0"),
        ({"prompt": 3}, "a word"),
        ({"colour_match": 1}, "true or false"),
        ({"palette_snap": "always"}, "one of auto, on, off"),
        ({"step": 3}, "has no setting 'step'; it has steps, strength"),
    ],
)
def test_each_wrong_value_is_told(options: dict[str, OptionValue], words: str) -> None:
    with pytest.raises(EngineError) as caught:
        checked(CARD, options)
    assert words in str(caught.value)
    assert "'pen'" in str(caught.value)


def test_text_is_read_as_the_option_s_type() -> None:
    text = {"steps": "7", "strength": "1e-1", "prompt": "7", "keep_still": "False"}
    assert read(CARD, text) == {"steps": 7, "strength": 0.1, "prompt": "7", "keep_still": False}
    with pytest.raises(EngineError, match="'seven' is no value for 'steps': a whole number"):
        read(CARD, {"steps": "seven"})


@pytest.mark.parametrize("wish", ["gpu", "cuda:x", "cpu0"])
def test_unknown_devices_are_told(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="is not a device"):
        device.pick(wish)
    monkeypatch.setenv(device.VARIABLE, wish)
    with pytest.raises(EngineError, match="is not a device"):
        registry.create("blend")


def test_the_environment_picks_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.VARIABLE, "cpu")
    assert device.pick() == device.Device("cpu", half=False)
    assert device.pick().free > 0


def test_a_device_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match=r"there is no device .?cuda:99"):
        device.pick("cuda:99")


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 64), ("150000 100000", 2), ("50000 100000", 1), (None, 64)]
)
def test_threads_keep_to_the_container_s_quota(
    quota: str | None, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_CGROUP", tmp_path)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(64)), raising=False)
    if quota:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    assert device.allowed_cores() == cores


def test_free_memory_keeps_to_the_container_s_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_CGROUP", tmp_path)
    unlimited = device.Device().free
    (tmp_path / "memory.current").write_text("900000\n")
    (tmp_path / "memory.stat").write_text("anon 400000\ninactive_file 300000\n")
    (tmp_path / "memory.max").write_text("1000000\n")
    assert device.Device().free == 400_000
    (tmp_path / "memory.max").write_text("max\n")
    assert device.Device().free > unlimited // 2
