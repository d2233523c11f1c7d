from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genani.engines.api import CancelToken, Capability, EngineInfo
from genani.engines.device import Device
from genani.engines.inbetween.blend import Blend
from genani.engines.inbetween.face import MISMATCH, NO_LANDMARKS, Face
from genani.engines.inbetween.face_align import faces_of, head_box, head_mask
from genani.engines.registry import info
from genani.face.mesh import LIDS, MOUTH, FloatArray, canonical, part_places
from genani.face.warp import distance_from_face, face_size
from genani.scene.errors import Cancelled
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings

SIZE = (200, 180)
HALF = Fraction(1, 2)
CARD = EngineInfo("face", "Face", "", capabilities=frozenset({Capability.FACE}))


def face(shift: float = 0.0, *shapes: str) -> FloatArray:
    rest = canonical()
    moved = sum((rest.shapes[name] for name in shapes), np.zeros((478, 3)))
    return 50 * (rest.points + moved) + (80 + shift, 85, 0)


def marked(points: FloatArray) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()))


def drawing(points: FloatArray, depth: int = 8) -> Picture:
    """A skin-coloured disc with eyes and a mouth, on a paper with fine lines."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    pixels = np.full((SIZE[1], SIZE[0], 4), 255.0)
    pixels[(x // 4 % 2) > 0, :3] = (200, 210, 230)
    middle = points[1, :2]
    pixels[np.hypot(x - middle[0], y - middle[1] + 8) < 52, :3] = (240, 200, 170)
    for index, radius in ((468, 6), (473, 6), (13, 8), (1, 3)):
        at = points[index]
        pixels[np.hypot(x - at[0], y - at[1]) < radius, :3] = (60, 30, 30 + 10 * radius)
    white = (1 << depth) - 1
    kind = np.uint16 if depth == 16 else np.uint8
    return Picture(np.rint(pixels / 255 * white).astype(kind))


def locate(model: str, file: str) -> Path:
    raise AssertionError(f"{model}/{file} is not needed here")


@pytest.fixture
def engine() -> Face:
    return Face(CARD, Device(), locate, Blend(info("blend"), Device(), locate))


def span(
    one: FloatArray, two: FloatArray, guidance: FaceGuidance | None = None, depth: int = 8
) -> SpanRequest:
    return SpanRequest(
        drawing(one, depth),
        drawing(two, depth),
        (HALF,),
        SpanSettings("face", face=guidance),
        marked(one),
        marked(two),
    )


def drawn(engine: Face, request: SpanRequest) -> list[InBetween]:
    return list(engine.draw(request, CancelToken()))


def plain(request: SpanRequest) -> Picture:
    blend = Blend(info("blend"), Device(), locate)
    (made,) = blend.draw(replace(request, settings=SpanSettings("blend")), CancelToken())
    return made.picture


def off(one: Picture, two: Picture) -> np.ndarray:
    return np.abs(one.pixels.astype(int) - two.pixels.astype(int)).max(2)


def test_a_head_that_moves_is_drawn_once_and_not_twice(engine: Face) -> None:
    one, half, two = face(0), face(20), face(40)
    (made,) = drawn(engine, span(one, two))
    truth = drawing(half)
    box = head_box(half, SIZE)
    assert box
    inside = head_mask(half, box) > 0.99
    guided = off(made.picture, truth)[box.cut][inside].mean()
    unguided = off(plain(span(one, two)), truth)[box.cut][inside].mean()
    assert guided < 0.25 * unguided
    assert made.warnings == ()


def test_far_from_the_head_the_plain_engine_draws(engine: Face) -> None:
    request = span(face(0), face(40))
    (made,) = drawn(engine, request)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float64) + 0.5
    away = distance_from_face(np.stack([x.ravel(), y.ravel()], 1), face(20)).reshape(x.shape)
    far = away > face_size(face(20))
    assert far.any()
    assert (off(made.picture, plain(request))[far] == 0).all()


def test_a_head_that_is_still_is_left_to_the_plain_engine(engine: Face) -> None:
    request = span(face(0), face(1, "mouthSmileLeft"))
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id


@pytest.mark.parametrize("missing", ["first_landmarks", "last_landmarks"])
def test_without_landmarks_the_plain_engine_draws_and_it_is_told(
    engine: Face, missing: str
) -> None:
    request = span(face(0), face(40))
    request = replace(request, **{missing: None})
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id
    assert made.warnings == (NO_LANDMARKS,)


def test_landmarks_beside_the_face_do_no_harm(engine: Face) -> None:
    request = replace(span(face(0), face(40)), last_landmarks=marked(face(-50)))
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id
    assert made.warnings == (MISMATCH,)


def test_an_emotion_moves_a_face_that_both_keys_share(engine: Face) -> None:
    request = span(face(), face(), FaceGuidance(Emotion.HAPPY, 0.9))
    (made,) = drawn(engine, request)
    changed = off(made.picture, request.first) > 0
    assert changed.sum() > 200
    y, x = np.nonzero(changed)
    places = np.stack([x + 0.5, y + 0.5], 1).astype(np.float64)
    assert distance_from_face(places, face()).max() < 0.6 * face_size(face())


def test_intensity_none_is_the_plain_drawing(engine: Face) -> None:
    request = span(face(0), face(40))
    felt = span(face(0), face(40), FaceGuidance(Emotion.SAD, 0.0))
    assert drawn(engine, request)[0].picture.id == drawn(engine, felt)[0].picture.id


def test_more_intensity_changes_more(engine: Face) -> None:
    changes = []
    for intensity in (0.3, 0.6, 1.0):
        request = span(face(), face(), FaceGuidance(Emotion.SURPRISED, intensity))
        changes.append(off(drawn(engine, request)[0].picture, request.first).sum())
    assert changes == sorted(changes)
    assert changes[0] > 0


@pytest.mark.parametrize("part", [FacePart.MOUTH, FacePart.EYES])
def test_a_lock_changes_no_pixel_of_its_part(engine: Face, part: FacePart) -> None:
    guidance = FaceGuidance(Emotion.SURPRISED, 1.0, locks=frozenset({part}))
    request = span(face(), face(), guidance)
    (made,) = drawn(engine, request)
    changed = off(made.picture, request.first) > 0
    assert changed.any()
    x, y = np.floor(part_places(face(), [part])).astype(int).T
    assert not changed[y, x].any()


def test_what_the_mask_holds_stays(engine: Face) -> None:
    held = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    held[:, :110, 3] = 255
    guidance = FaceGuidance(Emotion.HAPPY, 1.0)
    request = replace(span(face(0), face(40), guidance), mask=Picture(held))
    (made,) = drawn(engine, request)
    np.testing.assert_array_equal(made.picture.pixels[:, :110], request.first.pixels[:, :110])
    assert (made.picture.pixels[:, 110:] != request.first.pixels[:, 110:]).any()


def test_sixteen_bits_and_order_are_kept(engine: Face) -> None:
    guidance = FaceGuidance(Emotion.HAPPY, 0.5)
    times = tuple(Fraction(i, 4) for i in (1, 2, 3))
    request = replace(span(face(0), face(30), guidance, depth=16), times=times)
    made = drawn(engine, request)
    assert [each.t for each in made] == [Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)]
    assert {each.picture.depth for each in made} == {16}
    assert {each.picture.size for each in made} == {SIZE}


def test_the_same_request_gives_the_same_pixels(engine: Face) -> None:
    request = span(face(0), face(40), FaceGuidance(Emotion.FEAR, 1.0))
    assert drawn(engine, request)[0].picture.id == drawn(engine, request)[0].picture.id


def test_cancel_is_heard_while_a_head_is_aligned() -> None:
    class Cancelling(Blend):
        """Cancels once the background is drawn."""

        def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
            for between in super().draw(request, token):
                watched.cancel()
                yield between

    watched = CancelToken()
    engine = Face(CARD, Device(), locate, Cancelling(info("blend"), Device(), locate))
    with pytest.raises(Cancelled):
        list(engine.draw(span(face(0), face(40)), watched))


def test_the_cost_tells_of_the_aligned_head(engine: Face) -> None:
    still, moving = span(face(0), face(2)), span(face(0), face(40))
    blend = Blend(info("blend"), Device(), locate)
    assert engine.estimate(still).seconds == pytest.approx(
        blend.estimate(replace(still, settings=SpanSettings("blend"))).seconds
    )
    assert engine.estimate(moving).seconds > 1.3 * engine.estimate(still).seconds


def test_openings_that_change_are_left_to_the_interpolator() -> None:
    same = faces_of(marked(face(0)), marked(face(30)))
    assert len(same.knots) == 478
    shut = faces_of(marked(face(0)), marked(face(30, "eyeBlinkLeft", "jawOpen")))
    dropped = set(range(478)) - set(shut.knots.tolist())
    assert {*LIDS[1].upper, *LIDS[1].lower, *LIDS[1].iris, *MOUTH.upper, *MOUTH.lower} == dropped


def test_heads_are_aligned_from_a_travel_on_that_goes_by_their_size() -> None:
    moving = [faces_of(marked(face(0)), marked(face(d))).moving for d in (0, 8, 25, 60)]
    assert moving == [False, False, True, True]
    doubled = [faces_of(marked(2 * face(0)), marked(2 * face(d))).moving for d in (8, 25)]
    assert doubled == [False, True]


def test_a_head_off_the_canvas_has_no_box() -> None:
    assert head_box(face(5000), SIZE) is None
    box = head_box(face(), SIZE)
    assert box
    mask = head_mask(face(), box)
    assert mask.shape == (box.height, box.width)
    assert mask.max() == 1
    assert mask[[0, -1]].max() < 0.05
