"""Puppets: samples are what they say they are, alike on every run, and their truth is true."""

import hashlib
from dataclasses import fields

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from genani.face.mesh import LIDS, MOUTH, PINS
from genani.scene.face import Emotion
from genani.training.rig.puppet.casting import TEST_ONLY, person
from genani.training.rig.puppet.film import shots
from genani.training.rig.puppet.person import Person
from genani.training.rig.puppet.sheets import sheets
from genani.training.rig.puppet.source import PER_PERSON, RigSource
from genani.training.sample import Sample

SIZE = 160


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """Samples of different people, some of them from the test split."""
    indices = [PER_PERSON * k + k for k in range(6)]
    train = [RigSource().sample(5, index, SIZE) for index in indices]
    return [*train, *(RigSource("test").sample(5, index, SIZE) for index in indices[:3])]


def _premultiplied(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    share = rgba.astype(np.float32) / 255
    share[..., :3] *= share[..., 3:]
    return share.astype(np.float32)


def _digest(sample: Sample) -> str:
    found = hashlib.sha256()
    for entry in fields(sample):
        value = getattr(sample, entry.name)
        found.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return found.hexdigest()


def test_a_key_warped_by_the_flow_is_the_drawing_where_it_is_seen(samples: list[Sample]) -> None:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    for sample in samples:
        drawing = _premultiplied(sample.between)
        for side, key in enumerate((sample.first, sample.last)):
            way, seen = sample.flow[side], sample.seen[side]
            pixels = cv2.remap(
                _premultiplied(key), x + way[..., 0], y + way[..., 1], cv2.INTER_LINEAR
            )
            error = float(np.square(pixels - drawing)[seen].mean())
            assert -10 * np.log10(error + 1e-12) > 33


def test_most_of_what_is_drawn_is_seen_on_the_keys(samples: list[Sample]) -> None:
    for sample in samples:
        drawn = sample.between[..., 3] > 0
        assert np.logical_or(*sample.seen)[drawn].mean() > 0.5


def test_the_same_sample_comes_whatever_was_drawn_before() -> None:
    source = RigSource()
    first = [_digest(source.sample(9, index, 64)) for index in (0, 1, PER_PERSON)]
    sheets.cache_clear()
    again = [_digest(source.sample(9, index, 64)) for index in (PER_PERSON, 1, 0)]
    assert first == again[::-1]
    assert len(set(first)) == 3


def test_another_seed_or_split_is_another_sample() -> None:
    drawn = {
        _digest(source.sample(seed, 0, 64))
        for source in (RigSource(), RigSource("test"))
        for seed in (1, 2)
    }
    assert len(drawn) == 4


def test_lids_and_lips_never_cross(samples: list[Sample]) -> None:
    for sample in samples:
        for points in sample.points.astype(np.float64):
            for lid in (*LIDS, MOUTH):
                across = points[lid.inner] - points[lid.outer]
                if np.hypot(*across) < 2:
                    continue
                down = np.array([-across[1], across[0]])
                down *= np.sign(down[1]) or 1
                gap = (points[list(lid.lower)] - points[list(lid.upper)]) @ down
                assert (gap > -0.02 * across @ across).all()


def test_landmarks_lie_on_the_face(samples: list[Sample]) -> None:
    for sample in samples:
        assert np.isfinite(sample.points).all()
        x, y = np.rint(sample.points[1, 4]).astype(int).clip(0, SIZE - 1)
        assert sample.parts[y, x] in (1, 5, 8)


def test_samples_have_the_shapes_and_values_they_promise(samples: list[Sample]) -> None:
    for sample in samples:
        assert sample.first.shape == sample.last.shape == sample.between.shape == (SIZE, SIZE, 4)
        assert sample.flow.shape == (2, SIZE, SIZE, 2)
        assert sample.flow.dtype == np.float32
        assert np.isfinite(sample.flow).all()
        assert sample.seen.shape == (2, SIZE, SIZE)
        assert sample.points.shape == (3, 478, 2)
        assert 0 < sample.t < 1
        assert sample.parts.max() <= 8
        assert Emotion(sample.emotion)
        assert (sample.intensity > 0) == (sample.emotion != Emotion.NEUTRAL)
        assert sample.source == "rig"


def test_alpha_is_whole_or_shows_what_is_drawn() -> None:
    source, kinds = RigSource(), set[str]()
    for block in range(12):
        painted, _, _ = source.scene(3, PER_PERSON * block, 64)
        alpha = source.sample(3, PER_PERSON * block, 64).between[..., 3]
        ground = painted.head.who.ground
        kinds.add("none" if ground == "none" else "some")
        if ground == "none":
            assert alpha[0].min() == 0
            assert alpha.max() == 255
        else:
            assert alpha.min() == 255
    assert kinds == {"none", "some"}


def _looks(who: Person) -> set[str]:
    return {who.pen.kind, who.shading.kind, who.eye.kind, who.hair.kind, who.hat, who.nose}


def test_the_test_split_has_styles_that_nobody_trains_on() -> None:
    assert not any(_looks(person(seed)) & TEST_ONLY for seed in range(300))
    unseen = set[str]()
    for seed in range(300):
        unseen |= _looks(person(seed, test=True)) & TEST_ONLY
    assert unseen == TEST_ONLY


def test_a_shot_runs_from_key_to_key_on_twos() -> None:
    (shot,) = shots(4, 1, 9, 64, exposure=2)
    assert [cel.number for cel in shot.cels] == [1, 3, 5, 7, 9]
    assert sum(cel.exposure for cel in shot.cels) == 9
    assert shot.keys == (1, 9)
    middle = shot.cels[2]
    assert [key.number for key in shot.around(middle)] == [1, 9]
    assert set(middle.pins) == set(PINS)


def test_a_drawing_lies_on_itself() -> None:
    (shot,) = shots(4, 1, 3, 96, exposure=1)
    key = shot.cels[0]
    way, seen = shot.flow(key, key)
    assert np.abs(way[seen]).max() < 0.6
    assert seen[key.drawn.top > 0].mean() > 0.85
