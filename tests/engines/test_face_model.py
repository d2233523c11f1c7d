from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from genani.engines.inbetween.face_align import knots_of
from genani.engines.inbetween.face_model import FaceModel, FaceModelConfig
from genani.engines.inbetween.face_model_guidance import Guidance, guide, unguided
from genani.engines.inbetween.face_model_weights import (
    FILE,
    MODEL,
    TINY,
    load,
    pack,
    save,
    started_from,
)
from genani.engines.inbetween.rife.versions import random_network
from genani.face.mesh import CONTOURS, FloatArray, canonical, mirrored
from genani.face.warp import backward
from genani.scene.errors import ModelError
from genani.store.models import Catalogue

SIZE = (96, 64)
"""Width and height; the network's own multiples, so that nothing is padded."""


def face(x: float = 45.0, *shapes: str, scale: float = 22.0) -> FloatArray:
    rest = canonical()
    moved = sum((rest.shapes[name] for name in shapes), np.zeros((478, 3)))
    return scale * (rest.points + moved) + (x, 26, 0)


def told(*faces: FloatArray) -> Tensor:
    """(1, 3, 478, 2)."""
    return torch.from_numpy(np.stack(faces)[None, ..., :2].astype(np.float32))


def keys(size: tuple[int, int] = SIZE, batch: int = 1, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Smooth keys with alpha, premultiplied."""
    made = torch.Generator().manual_seed(seed)
    coarse = torch.rand(2, batch, 4, 5, 5, generator=made)
    grown = torch.nn.functional.interpolate(coarse.flatten(0, 1), size[::-1], mode="bicubic")
    rgba = grown.clamp(0, 1).unflatten(0, (2, batch))
    rgba[:, :, :3] *= rgba[:, :, 3:]
    return rgba[0], rgba[1]


def guided(batch: int = 1) -> Guidance:
    points = told(face(40), face(45), face(50, "jawOpen"))
    return guide(points.expand(batch, -1, -1, -1), SIZE)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other on networks this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def model() -> FaceModel:
    return started_from(random_network("4.6", widths=TINY.widths), TINY).eval()


def woken(model: FaceModel, seed: int = 0) -> FaceModel:
    """The network with nothing at zero any more."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        for weight in model.parameters():
            if not weight.any():
                weight.normal_(0, 0.1)
    return model


@torch.no_grad()
def test_untrained_and_told_nothing_it_is_rife(model: FaceModel) -> None:
    first, last = keys()
    rife = random_network("4.6", widths=TINY.widths)
    shown = [key[:, :3] + (1 - key[:, 3:]) for key in (first, last)]
    flow = rife(shown[0], shown[1], 0.3)
    made = model(first, last, 0.3)
    torch.testing.assert_close(made.flows[-1], flow.flow, atol=1e-5, rtol=1e-6)
    torch.testing.assert_close(made.picture, flow.blended(first, last), atol=1e-6, rtol=0)


class Trusting(nn.Module):
    """Goes by the guide everywhere."""

    def forward(self, apart: tuple[Tensor, Tensor], *rest: Tensor) -> Tensor:
        del rest
        return torch.ones_like(nn.functional.interpolate(apart[0], scale_factor=4))


@pytest.mark.parametrize("t", [0.2, 0.5])
@torch.no_grad()
def test_untrained_and_trusting_its_guide_it_is_guided_rife(model: FaceModel, t: float) -> None:
    first, last = keys()
    rife = random_network("4.6", widths=TINY.widths)
    shown = [key[:, :3] + (1 - key[:, 3:]) for key in (first, last)]
    guidance = guided()
    flow = rife.refined(shown[0], shown[1], t, guidance.flow)
    model.add_module("judge", Trusting())
    made = model(first, last, t, guidance)
    torch.testing.assert_close(made.flows[-1], flow.flow, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(made.picture, flow.blended(first, last), atol=1e-4, rtol=1e-4)


def test_all_that_is_new_learns_from_the_second_step_on(model: FaceModel) -> None:
    model.train()
    first, last = keys(batch=2)
    guidance = guided(2).feeling(torch.tensor([1, 3]), torch.tensor([0.5, 1.0]))
    steps = torch.optim.SGD(model.parameters(), 0.1)
    silent: set[str] = set()
    for _ in range(2):
        steps.zero_grad()
        made = model(first, last, torch.tensor([0.3, 0.6]), guidance)
        loss = made.picture.square().mean() + made.flows[-1].square().mean() / 100
        (loss + made.mask.mean()).backward()
        silent = {name for name, weight in model.named_parameters() if not touched(weight.grad)}
        steps.step()
    assert not silent


def touched(gradient: Tensor | None) -> bool:
    return gradient is not None and bool(gradient.isfinite().all()) and bool(gradient.any())


@pytest.mark.parametrize("change", ["trust", "face", "emotion", "intensity", "time", "alpha"])
@torch.no_grad()
def test_a_trained_network_heeds_all_it_is_told(model: FaceModel, change: str) -> None:
    woken(model)
    first, last = keys()
    guidance = guided().feeling(torch.tensor([1]), torch.tensor([0.5]))
    before = model(first, last, 0.4, guidance).picture
    t = 0.4
    if change == "time":
        t = 0.6
    elif change == "alpha":
        first = first.clone()
        first[:, 3] = 1
    elif change in ("emotion", "intensity"):
        guidance = replace(guidance, **{change: getattr(guidance, change) + 0})
        getattr(guidance, change).add_(1 if change == "emotion" else 0.5)
    else:
        guidance = replace(guidance, **{change: getattr(guidance, change) * 0.5})
    assert (model(first, last, t, guidance).picture - before).abs().max() > 1e-5


@settings(max_examples=8, deadline=None)
@given(width=st.integers(3, 90), height=st.integers(3, 70), t=st.floats(0.01, 0.99))
@torch.no_grad()
def test_any_size_and_any_time(width: int, height: int, t: float) -> None:
    model = woken(FaceModel(TINY).eval())
    first, last = keys((width, height))
    made = model(first, last, t, guide(told(face(20), face(22), face(25)), (width, height)))
    assert made.picture.shape == first.shape
    assert made.mask.shape == (1, 1, height, width)
    assert [flow.shape for flow in made.flows] == [(1, 4, height, width)] * 4
    assert made.picture.isfinite().all()


@torch.no_grad()
def test_each_of_a_batch_is_drawn_as_if_alone(model: FaceModel) -> None:
    woken(model)
    first, last = keys(batch=2)
    times = torch.tensor([0.3, 0.7])
    points = torch.cat((told(face(40), face(45), face(50)), told(face(52), face(47), face(40))))
    feelings = torch.tensor([1, -1]), torch.tensor([1.0, 0.0])
    together = model(first, last, times, guide(points, SIZE).feeling(*feelings)).picture
    for one in (0, 1):
        cut = slice(one, one + 1)
        guidance = guide(points[cut], SIZE).feeling(feelings[0][cut], feelings[1][cut])
        alone = model(first[cut], last[cut], float(times[one]), guidance).picture
        torch.testing.assert_close(together[cut], alone, atol=1e-3, rtol=1e-3)


@torch.no_grad()
def test_nothing_is_added_where_the_keys_agree_and_no_part_is(model: FaceModel) -> None:
    woken(model)
    first, _ = keys()
    even = torch.full_like(first, 0.5)
    assert not model(even, even, 0.5).added.any()
    guidance = guided()
    parts = nn.functional.interpolate(guidance.parts, scale_factor=2, mode="bilinear")
    added = model(even, even, 0.5, guidance).added.abs().amax(1, keepdim=True)
    assert added.any()
    assert not added[parts == 0].any()


@torch.no_grad()
def test_what_is_dropped_counts_for_nothing(model: FaceModel) -> None:
    woken(model)
    first, last = keys()
    none = torch.tensor([False])
    dropped = guided().feeling(torch.tensor([2]), torch.tensor([0.7])).where(none, none)
    made, plain = (model(first, last, 0.4, each).picture for each in (dropped, None))
    torch.testing.assert_close(made, plain, atol=1e-4, rtol=0)


def test_a_face_without_coordinates_guides_nothing() -> None:
    points = torch.cat((told(face(40), face(45), face(50)), told(face(), face(), face())))
    points[1, 2, 7] = torch.nan
    guidance = guide(points, SIZE)
    nothing = unguided(torch.zeros(1, 4, SIZE[1], SIZE[0]))
    for name in ("flow", "trust", "face", "parts"):
        assert torch.equal(getattr(guidance, name)[1:], getattr(nothing, name))
        assert getattr(guidance, name)[0].any()


def test_guidance_follows_the_maps_of_faces() -> None:
    one, half, two = face(40), face(47), face(55, "jawOpen")
    made = guide(told(one, half, two), SIZE).flow[0]
    knots = knots_of(one, two)
    for key, points in enumerate((one, two)):
        truth = backward(points, half, knots).dense(SIZE).transpose(2, 0, 1)
        off = np.linalg.norm(made[2 * key : 2 * key + 2].numpy() - truth, axis=0)
        assert np.quantile(off, 0.9) < 0.5
        assert np.abs(truth).max() > 5


def test_a_mirrored_face_guides_mirrored() -> None:
    faces = [face(40), face(44, "eyeBlinkLeft"), face(52, "jawOpen")]
    made = guide(told(*faces), SIZE)
    turned = guide(told(*(mirrored(each, SIZE[0]) for each in faces)), SIZE)
    for name in ("trust", "face", "parts"):
        one, two = getattr(made, name), getattr(turned, name).flip(3)
        torch.testing.assert_close(one, two, atol=2e-2, rtol=0)
    signs = torch.tensor([-1.0, 1.0, -1.0, 1.0]).view(1, 4, 1, 1)
    torch.testing.assert_close(made.flow, turned.flow.flip(3) * signs, atol=5e-2, rtol=0)


def test_the_picture_of_a_face_shows_its_parts() -> None:
    points = face(100, "jawOpen", scale=60)
    points[:, 1] += 60
    # Pictures are of half the size.
    picture = guide(2 * told(points, points, points), (440, 400)).face[0].numpy()
    _, eyes, irises, mouth, lips, brows = picture

    def there(channel: np.ndarray, names: tuple[str, ...]) -> None:
        x, y = np.concatenate([points[list(CONTOURS[name]), :2] for name in names]).T
        rows, columns = np.nonzero(channel > 0.5)
        assert rows.size
        assert abs(rows.min() + 0.5 - y.min()) < 1.5
        assert abs(rows.max() + 0.5 - y.max()) < 1.5
        assert abs(columns.min() + 0.5 - x.min()) < 2.5
        assert abs(columns.max() + 0.5 - x.max()) < 2.5

    there(eyes, ("right eye", "left eye"))
    there(mouth, ("inner lips",))
    there(lips, ("outer lips",))
    there(brows, ("right brow", "left brow"))
    assert (irises <= eyes + 1e-6).all()
    assert irises.max() == 1


@pytest.mark.parametrize("half", [False, True])
def test_weights_come_back_as_they_were_written(
    model: FaceModel, tmp_path: Path, half: bool
) -> None:
    woken(model)
    place = tmp_path / "face.safetensors"
    save(model, place, half=half)
    again = load(place)
    assert again.config == TINY
    for one, two in zip(model.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(
            one, two, atol=0 if not half else 1e-3, rtol=0 if not half else 1e-3
        )
    assert [each.name for each in tmp_path.iterdir()] == [place.name]


def test_packed_weights_are_a_model_of_the_store(model: FaceModel, tmp_path: Path) -> None:
    folder = tmp_path / MODEL
    folder.mkdir()
    pack(model, folder)
    catalogue = Catalogue(tmp_path / "none", tmp_path, offline=True)
    assert catalogue.state(MODEL).status.usable
    assert load(catalogue.path(MODEL, FILE)).config == TINY


def test_a_file_that_is_not_whole_is_refused(model: FaceModel, tmp_path: Path) -> None:
    place = tmp_path / "face.safetensors"
    save(model, place)
    whole = place.read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="damaged"):
        load(place)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    place = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(1)}, place)
    with pytest.raises(ModelError, match="does not hold weights of GenAni"):
        load(place)


def test_the_network_is_small_enough() -> None:
    count = sum(weight.numel() for weight in FaceModel(FaceModelConfig()).parameters())
    assert count < 15e6
