"""Landmarks and records follow every transform exactly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.mesh import CONTOURS, PINS, canonical
from genani.training.clips import head, records, transforms
from genani.training.clips.records import BlinkFound
from genani.training.clips.shots import SHORTEST
from genani.training.clips.transforms import Recipe, affine, drawn, order, other_side, seeded
from tests.training.clips import detections, films
from tests.training.clips.detections import KEYS, RECIPES, SIZE, STEPS

FOUND = np.load(detections.FILE)["points"] / STEPS
PHOTOMETRIC = [
    number
    for number, recipe in enumerate(RECIPES)
    if recipe.told() and not set(recipe.told()) & {"mirror", "turn", "zoom", "shift"}
]

recipes = st.builds(
    lambda seed, frames: drawn(seeded("test", seed), frames),
    st.integers(0, 10_000),
    st.integers(SHORTEST, 20),
)


def apart(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.linalg.norm(one - two, axis=1).mean())


@pytest.mark.parametrize("key", range(len(KEYS)))
@pytest.mark.parametrize("number", range(1, len(RECIPES)))
def test_points_found_on_the_altered_picture_are_the_altered_points(key: int, number: int) -> None:
    recipe, plain = RECIPES[number], np.pad(FOUND[key, 0], ((0, 0), (0, 1)))
    # What changes of light and sharpness alone do to the points found is the detector's noise.
    noise = max(apart(FOUND[key, n], FOUND[key, 0]) for n in PHOTOMETRIC)
    expected = transforms.points(recipe, plain, SIZE)[:, :2]
    off = apart(expected, FOUND[key, number])
    assert off < 1.5 * noise + 0.5
    if recipe.mirror:
        unswapped = expected[canonical().mirror]
        assert apart(unswapped, FOUND[key, number]) > 4 * off


def test_there_is_noise_to_compare_with() -> None:
    assert len(PHOTOMETRIC) == 3


@settings(deadline=None, max_examples=25)
@given(recipes, st.floats(20, 76), st.floats(20, 44))
def test_a_dot_is_where_its_point_is(recipe: Recipe, x: float, y: float) -> None:
    rows, columns = np.mgrid[:64, :96] + 0.5
    away = np.hypot(columns - x, rows - y)
    pixels = np.full((64, 96, 4), 255, np.uint8)
    pixels[..., :3] = np.rint(255 * np.clip(away / 6, 0, 1))[..., None]
    seen = transforms.frame(recipe, pixels)
    mesh = np.tile((x, y, 1.0), (478, 1))
    place = transforms.points(recipe, mesh, (96, 64))[0]
    dark = np.clip(255.0 * min(recipe.brightness, 1) - seen[..., 0], 0, None) ** 2
    dark[dark < 0.25 * dark.max()] = 0
    found = np.array([(dark * columns).sum(), (dark * rows).sum()]) / dark.sum()
    if (np.abs(place[:2] - (48, 32)) < (40, 24)).all():
        assert np.abs(found - place[:2]).max() < 0.25


@settings(deadline=None, max_examples=15)
@given(recipes, st.integers(SHORTEST, 20))
def test_records_stay_valid(recipe: Recipe, frames: int) -> None:
    before = films.record("clip_0001", frames)
    before.blinks = [BlinkFound(2, 3)]
    recipe = drawn(seeded("valid", recipe.told()), frames)
    after = transforms.record(recipe, before, "clip_0001_v01", films.SIZE)
    again = records.decode(records.encode(after), "it")
    assert again == after
    assert after.frames == records.frame_names(len(after.frames))
    assert len(after.frames) >= SHORTEST
    assert set(after.landmarks) == set(after.frames)
    raw = records.encode(after)
    outline = records.decode_outline(raw, "it")
    marks = bytes(outline.landmarks)
    assert records.faces_wrong(marks, outline.frames, films.SIZE) == []
    assert after.emotion == before.emotion
    assert after.root == "clip_0001"


@settings(deadline=None, max_examples=15)
@given(recipes, st.integers(SHORTEST, 20))
def test_frames_keep_their_order_and_their_landmarks(recipe: Recipe, frames: int) -> None:
    recipe = drawn(seeded("order", recipe.told()), frames)
    shown = order(recipe, frames)
    assert shown[0] == recipe.start
    assert shown[-1] == frames - 1 - recipe.end
    assert all(a <= b for a, b in pairwise(shown))
    expected = (frames - recipe.start - recipe.end - 1) / recipe.speed + 1 - len(recipe.dropped)
    assert abs(len(shown) - expected) <= 0.5
    still = Recipe(**{**recipe.told(), "mirror": False, "turn": 0.0, "zoom": 1.0})
    before = films.record("clip_0001", frames)
    after = transforms.record(still, before, "new", films.SIZE)
    for name, index in zip(after.frames, shown, strict=True):
        assert after.landmarks[name].points == before.landmarks[before.frames[index]].points


@given(st.integers(0, 100_000))
def test_recipes_stay_in_the_published_ranges(seed: int) -> None:
    recipe = drawn(seeded(seed), 48)
    assert abs(recipe.turn) <= 5
    assert recipe.zoom == 1 or 0.05 <= round(abs(recipe.zoom - 1), 9) <= 0.10
    assert 0.8 <= recipe.brightness <= 1.2
    assert 0.05 <= round(abs(recipe.saturation - 1), 9) <= 0.10
    assert recipe.speed in (0.9, 1.0, 1.1)
    assert len(recipe.dropped) <= 2
    assert 0 <= recipe.start <= 4
    assert 0 <= recipe.end <= 4
    assert drawn(seeded(seed), 48) == recipe


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_every_frame_of_a_clip_is_moved_alike(seed: int) -> None:
    recipe = drawn(seeded(seed), 12)
    before = films.record("clip_0001")
    after = transforms.record(recipe, before, "new", films.SIZE)
    steps = [face.array()[1, :2] for face in after.landmarks.values()]
    shown = order(recipe, 12)
    for (a, b), (i, j) in zip(pairwise(steps), pairwise(shown), strict=True):
        way = (-1 if recipe.mirror else 1) * (j - i)
        assert b - a == pytest.approx(affine(recipe, films.SIZE)[:, 0] * way, abs=0.03)


def test_a_mirror_swaps_the_sides_of_everything() -> None:
    face = films.face(
        lids=(0.9, 0.1),
        head=(10.0, 2.0, 3.0),
        parts={"left_eye": [(1.0, 2.0)], "mouth": [(3.0, 4.0)]},
    )
    seen = transforms.face(Recipe(mirror=True), face, films.SIZE)
    assert seen.blendshapes["eyeBlinkLeft"] == 0.6
    assert seen.blendshapes["mouthSmileRight"] == 0.3
    assert seen.lids == (0.1, 0.9)
    assert seen.parts == {"right_eye": [(95.0, 2.0)], "mouth": [(93.0, 4.0)]}
    old, new = face.array(), seen.array()
    for name in PINS:
        mirrored = old[PINS[other_side(name)]] * (-1, 1, 1) + (films.SIZE[0], 0, 0)
        assert new[PINS[name]] == pytest.approx(mirrored, abs=0.006)
    lids = new[list(CONTOURS["left eye"]), 0]
    assert lids.min() > new[list(CONTOURS["right eye"]), 0].max()
    twice = transforms.face(Recipe(mirror=True), seen, films.SIZE)
    assert twice.array() == pytest.approx(old, abs=0.011)


def test_a_mirrored_smirk_keeps_its_emotion() -> None:
    before = films.record("clip_0001", emotion="disgust")
    after = transforms.record(Recipe(mirror=True), before, "new", films.SIZE)
    assert after.emotion.label == "disgust"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("eyeLookInLeft", "eyeLookInRight"),
        ("jawRight", "jawLeft"),
        ("left_eye", "right_eye"),
        ("LEFT_BROW", "RIGHT_BROW"),
        ("right brow", "left brow"),
        ("bright", "bright"),
        ("upright spot", "upright spot"),
        ("mouth", "mouth"),
    ],
)
def test_names_of_sides(name: str, other: str) -> None:
    assert other_side(name) == other
    assert other_side(other) == name


def test_the_head_turns_with_its_picture() -> None:
    matrix = np.eye(4)
    matrix[:3, 3] = (3.0, -2.0, -40.0)
    assert head.angles(matrix) == pytest.approx((0, 0, 0))
    size = (256, 256)
    turned = head.moved(matrix, affine(Recipe(turn=5.0), size), size)
    assert head.angles(turned) == pytest.approx((0, 0, 5), abs=1e-6)
    near = head.moved(matrix, affine(Recipe(zoom=1.1), size), size)
    assert near[2, 3] == pytest.approx(-40 / 1.1)
    yaw = np.eye(4)
    yaw[0, 0] = yaw[2, 2] = np.cos(0.3)
    yaw[0, 2], yaw[2, 0] = np.sin(0.3), -np.sin(0.3)
    assert head.angles(yaw)[0] == pytest.approx(np.degrees(0.3))
    assert head.angles(head.mirrored(yaw))[0] == pytest.approx(-np.degrees(0.3))


def test_a_drawing_keeps_its_clear_paper_and_clean_edges() -> None:
    pixels = np.zeros((64, 96, 4), np.uint8)
    pixels[..., :3] = (0, 255, 0)
    pixels[20:40, 30:60] = (200, 30, 60, 255)
    recipe = Recipe(True, 4.0, 0.93, (0.5, -0.5), 1.0, 1.0, 0.6)
    seen = transforms.frame(recipe, pixels)
    assert (seen[0, 0] == 0).all()
    edge = seen[(seen[..., 3] > 30) & (seen[..., 3] < 225)]
    assert len(edge) > 50
    # No green of the hidden colour comes out at the edges.
    assert edge[:, 1].max() < 60


def test_an_opaque_picture_stays_opaque() -> None:
    pixels = np.asarray(films.drawing(0.5).pixels, np.uint8)
    seen = transforms.frame(Recipe(turn=5.0, zoom=0.9), pixels)
    assert (seen[..., 3] == 255).all()


def test_doing_nothing_does_nothing() -> None:
    pixels = np.asarray(films.drawing(0.5).pixels, np.uint8)
    assert transforms.frame(Recipe(), pixels) is pixels
    assert Recipe(mirror=True, turn=4.0, start=2).scaled(0) == Recipe()
    strong = Recipe(mirror=True, turn=4.0, zoom=0.95, brightness=1.1, blur=0.4).scaled(2)
    assert strong.told() == pytest.approx(
        {"mirror": True, "turn": 8.0, "zoom": 0.9, "brightness": 1.2, "blur": 0.8}
    )
    assert order(Recipe(), 9) == list(range(9))
    assert Recipe().told() == {}
