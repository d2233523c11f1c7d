from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from genani.engines.api import CancelToken, Capability, EngineInfo
from genani.engines.device import Device
from genani.engines.inbetween.face_model import FaceModel
from genani.engines.inbetween.face_model_engine import GenAni
from genani.engines.inbetween.face_model_weights import FILE, MODEL, TINY, save
from genani.engines.registry import info
from genani.face.mesh import mirrored
from genani.scene.errors import Cancelled, ModelError
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings
from genani.store import adapters
from tests.engines.drawings import THIRDS, disc
from tests.engines.test_face import HALF, away_from, drawing, face, marked, off, span

INFO = EngineInfo(
    "genani",
    "GenAni",
    "Ours.",
    models=(MODEL,),
    capabilities=frozenset({Capability.LEARNED, Capability.FACE}),
    bases=info("genani").bases,
    options=info("genani").options,
)
FULL = {"motion": "medium"}
"""Not twice as large, as small pictures are seen otherwise: tests are to be quick."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other on networks this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def engine(tmp_path: Path) -> GenAni:
    """With a network that corrects nothing: what it is shown is mixed half and half."""
    model = FaceModel(TINY)
    with torch.no_grad():
        for index in range(4):
            for weight in model.get_submodule(f"block{index}.lastconv").parameters():
                weight.zero_()
    save(model, tmp_path / FILE)

    def locate(name: str, file: str) -> Path:
        assert name == MODEL
        return tmp_path / file

    return GenAni(INFO, Device(), locate)


def drawn(engine: GenAni, request: SpanRequest) -> list[InBetween]:
    settings = replace(request.settings, engine="genani", options=FULL)
    return list(engine.draw(replace(request, settings=settings), CancelToken()))


@pytest.mark.parametrize("size", [(37, 21), (128, 70)])
@pytest.mark.parametrize("depth", [8, 16])
def test_any_size_depth_and_alpha_without_faces(
    engine: GenAni, size: tuple[int, int], depth: int
) -> None:
    keys = [disc(size, (x, 10), 6, depth=depth) for x in (12, 18)]
    made = drawn(engine, SpanRequest(keys[0], keys[1], THIRDS, SpanSettings("genani")))
    assert sorted(each.t for each in made) == sorted(THIRDS)
    for each in made:
        assert each.picture.size == size
        assert each.picture.depth == depth
        assert not each.warnings or "half-transparent" in each.warnings[0]
        assert each.picture.pixels[0, 0, 3] == keys[0].pixels[0, 0, 3]


def test_a_head_that_moves_is_drawn_once_and_not_twice(engine: GenAni) -> None:
    one, half, two = face(0), face(20), face(40)
    request = span(one, two)
    (guided,) = drawn(engine, request)
    (plain,) = drawn(engine, replace(request, first_landmarks=None))
    inside = away_from(half) == 0
    truth = drawing(half)
    assert (
        off(guided.picture, truth)[inside].mean() < 0.3 * off(plain.picture, truth)[inside].mean()
    )


def test_landmarks_beside_the_face_do_no_harm(engine: GenAni) -> None:
    request = span(face(0), face(40))
    (plain,) = drawn(engine, replace(request, first_landmarks=None))
    (made,) = drawn(engine, replace(request, last_landmarks=marked(face(-50))))
    assert off(made.picture, plain.picture).mean() < 0.1


def test_a_mirrored_span_is_drawn_mirrored(engine: GenAni) -> None:
    one, two = face(0), face(30)
    request = span(one, two)
    turned = replace(
        request,
        first=Picture(np.ascontiguousarray(request.first.pixels[:, ::-1])),
        last=Picture(np.ascontiguousarray(request.last.pixels[:, ::-1])),
        first_landmarks=marked(mirrored(one, request.first.size[0])),
        last_landmarks=marked(mirrored(two, request.first.size[0])),
    )
    made, mirror = (drawn(engine, each)[0].picture for each in (request, turned))
    assert off(made, Picture(np.ascontiguousarray(mirror.pixels[:, ::-1]))).mean() < 1


def test_an_emotion_moves_a_face_that_both_keys_share(engine: GenAni) -> None:
    request = span(face(), face(), FaceGuidance(Emotion.HAPPY, 0.9))
    (made,) = drawn(engine, request)
    assert (off(made.picture, request.first) > 0).sum() > 200


def test_a_large_picture_is_seen_smaller_and_drawn_whole(engine: GenAni) -> None:
    request = span(face(0), face(40))
    request = replace(request, settings=SpanSettings("genani", {"motion": "large"}))
    (made,) = list(engine.draw(request, CancelToken()))
    assert made.picture.size == request.first.size
    truth, inside = drawing(face(20)), away_from(face(20)) == 0
    assert off(made.picture, truth)[inside].mean() < 12


def test_it_stops_between_steps(engine: GenAni) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(engine.draw(span(face(0), face(40)), token))


def test_without_weights_it_says_so(tmp_path: Path) -> None:
    place = tmp_path / FILE
    place.write_bytes(b"no weights")
    engine = GenAni(INFO, Device(), lambda _model, _file: place)
    with pytest.raises(ModelError, match="damaged"):
        drawn(engine, span(face(0), face(40)))


def test_a_guided_span_is_said_to_cost_more(engine: GenAni) -> None:
    request = replace(span(face(0), face(40)), times=(Fraction(1, 4), HALF))
    request = replace(request, settings=SpanSettings("genani", FULL))
    plain = engine.estimate(replace(request, first_landmarks=None))
    assert engine.estimate(request).seconds > plain.seconds


def test_a_style_of_ones_own_changes_the_drawing_by_its_strength(
    engine: GenAni, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "store"))
    bias = FaceModel(TINY).state_dict()["block3.lastconv.0.bias"]
    change = {"block3.lastconv.0.bias": torch.full_like(bias, 2.0)}
    card = adapters.AdapterCard("Mika", MODEL)
    save_file(change, tmp_path / "mika.safetensors", metadata=adapters.header(card))
    style = adapters.add(tmp_path / "mika.safetensors").id
    first, last = disc((64, 64), (20, 30)), disc((64, 64), (40, 30))
    results: list[np.ndarray] = []
    for styles in ("", f"{style}:0", f"{style}:0.5", style):
        settings = SpanSettings("genani", {**FULL, "styles": styles})
        (between,) = engine.draw(SpanRequest(first, last, (HALF,), settings), CancelToken())
        results.append(between.picture.pixels.astype(int))
    assert (results[0] == results[1]).all()
    assert (results[0] != results[2]).any()
    assert (results[2] != results[3]).any()
