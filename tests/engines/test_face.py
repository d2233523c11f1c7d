from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.face import NO_LANDMARKS, Face, GuidedRife, guide_of
from genani.engines.inbetween.face_align import knots_of
from genani.engines.inbetween.face_painter import MISMATCH, REACH, Guide, GuidedPainter, trust
from genani.engines.inbetween.rife.engine import Rife
from genani.engines.inbetween.rife.painter import Pulled, RifePainter
from genani.engines.inbetween.rife.pyramid import FlowPyramid
from genani.engines.inbetween.rife.versions import random_network
from genani.engines.painter import Tier
from genani.engines.painting import Options
from genani.engines.region import Box
from genani.engines.registry import info
from genani.face.mesh import LIDS, MOUTH, FloatArray, canonical, mirrored, part_places
from genani.face.warp import distance_from_face, face_size
from genani.scene.errors import Cancelled
from genani.scene.face import Emotion, FaceGuidance, FacePart, LandmarkBreakdown, Landmarks
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings

SIZE = (200, 180)
HALF = Fraction(1, 2)


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


def asleep() -> FlowPyramid:
    """A network that corrects nothing: what it is shown is mixed half and half."""
    network = random_network("4.6")
    with torch.no_grad():
        for index in range(4):
            for weight in network.get_submodule(f"block{index}.lastconv").parameters():
                weight.zero_()
    return network


TIERS = (Tier("full", bytes_per_pixel=450),)
"""Not twice as large, as small pictures are seen otherwise: tests are to be quick."""


class Guided(GuidedRife):
    """The guided interpolator with a network of the test's."""

    def __init__(self, network: FlowPyramid) -> None:
        super().__init__(info("rife"), Device(), locate)
        self.network = network

    def painter(self, options: Options) -> RifePainter:
        del options
        return RifePainter(self.network)

    def tiers(self, options: Options) -> tuple[Tier, ...]:
        del options
        return TIERS


class Plain(Rife):
    """RIFE with a network of the test's."""

    def __init__(self, network: FlowPyramid) -> None:
        super().__init__(info("rife"), Device(), locate)
        self.network = network

    def painter(self, options: Options) -> RifePainter:
        del options
        return RifePainter(self.network)

    def tiers(self, options: Options) -> tuple[Tier, ...]:
        del options
        return TIERS


def engine_with(network: FlowPyramid) -> Face:
    return Face(info("face"), Device(), locate, Guided(network))


@pytest.fixture
def engine() -> Face:
    return engine_with(asleep())


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


def plain(request: SpanRequest, network: FlowPyramid | None = None) -> Picture:
    rife = Plain(network or asleep())
    (made,) = rife.draw(replace(request, settings=SpanSettings("rife")), CancelToken())
    return made.picture


def off(one: Picture, two: Picture) -> np.ndarray:
    return np.abs(one.pixels.astype(int) - two.pixels.astype(int)).max(2)


def away_from(points: FloatArray) -> np.ndarray:
    """(H, W) distance from a face, in shares of its size."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float64) + 0.5
    away = distance_from_face(np.stack([x.ravel(), y.ravel()], 1), points)
    return away.reshape(x.shape) / face_size(points)


def test_a_head_that_moves_is_drawn_once_and_not_twice(engine: Face) -> None:
    one, half, two = face(0), face(20), face(40)
    (made,) = drawn(engine, span(one, two))
    truth = drawing(half)
    inside = away_from(half) == 0
    guided = off(made.picture, truth)[inside].mean()
    unguided = off(plain(span(one, two)), truth)[inside].mean()
    assert guided < 0.25 * unguided
    assert MISMATCH not in made.warnings


@pytest.mark.parametrize("seed", [1, 2])
def test_far_from_the_head_rife_draws_with_whatever_weights(seed: int) -> None:
    network = random_network("4.6", seed)
    request = span(face(0), face(40))
    (made,) = drawn(engine_with(network), request)
    far = away_from(face(20)) > REACH + 0.2
    assert far.any()
    assert (off(made.picture, plain(request, network))[far] == 0).all()
    assert made.picture.size == SIZE


def test_mirrored_keys_give_the_mirrored_drawing(engine: Face) -> None:
    width = SIZE[0]
    one, two = face(0), face(30)
    request = span(one, two)
    turned = replace(
        request,
        first=Picture(np.ascontiguousarray(request.first.pixels[:, ::-1])),
        last=Picture(np.ascontiguousarray(request.last.pixels[:, ::-1])),
        first_landmarks=marked(mirrored(one, width)),
        last_landmarks=marked(mirrored(two, width)),
    )
    made, mirror = (drawn(engine, each)[0].picture for each in (request, turned))
    apart = off(made, Picture(np.ascontiguousarray(mirror.pixels[:, ::-1])))
    assert apart.mean() < 1


def test_a_breakdown_leads_the_head_there(engine: Face) -> None:
    one, two, detour = face(0), face(40), face(5)
    guidance = FaceGuidance(breakdowns=(LandmarkBreakdown(HALF, marked(detour)),))
    straight, led = (drawn(engine, span(one, two, each))[0].picture for each in (None, guidance))
    inside = away_from(detour) == 0
    truth = drawing(detour)
    assert off(led, truth)[inside].mean() < 0.5 * off(straight, truth)[inside].mean()


@pytest.mark.parametrize("missing", ["first_landmarks", "last_landmarks"])
def test_without_landmarks_the_plain_engine_draws_and_it_is_told(
    engine: Face, missing: str
) -> None:
    request = span(face(0), face(40))
    request = replace(request, **{missing: None})
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id
    assert made.warnings[-1] == NO_LANDMARKS


def test_landmarks_that_are_not_sure_get_no_favour() -> None:
    first, last = (torch.rand(1, 4, *SIZE[::-1], generator=torch.manual_seed(k)) for k in (1, 2))
    even = torch.full((1, 1, *SIZE[::-1]), 0.5)
    plainly = Pulled(first, last, even, even)
    # A little nearer: seven hundredths of the way.
    guided = Pulled(first, torch.lerp(last, first, 0.07), even, even)
    at, box = face(), Box(0, 0, *SIZE[::-1])
    end = at + np.array([0.4 * face_size(at), 0, 0])
    shares = []
    for confidence in (1.0, 0.3):
        guide = Guide(at, end, lambda _: at, knots_of(at, at), box, confidence)
        share = trust(plainly, guided, at, guide, 0.5)
        assert share is not None
        shares.append(float(share[0, 0, int(at[1, 1]), int(at[1, 0])]))
    assert shares[0] > 0.8
    assert shares[1] < shares[0] - 0.3


def test_where_guidance_brings_the_keys_no_nearer_the_plain_drawing_stays() -> None:
    first, last = (torch.rand(1, 4, *SIZE[::-1], generator=torch.manual_seed(k)) for k in (1, 2))
    even = torch.full((1, 1, *SIZE[::-1]), 0.5)
    drawn = Pulled(first, last, even, even)
    at, box = face(), Box(0, 0, *SIZE[::-1])
    aside = np.array([0.3 * face_size(at), 0, 0])
    for end in (at, at + aside):
        guide = Guide(at, end, lambda _: at, knots_of(at, at), box, 1.0)
        share = trust(drawn, drawn, at, guide, 0.5)
        assert share is not None
        assert float(share.max()) < 0.05


def test_an_unsure_guide_is_not_listened_to_beside_a_key() -> None:
    at, box = face(), Box(0, 0, *SIZE[::-1])
    grey, still = torch.full((1, 4, *SIZE[::-1]), 0.5), torch.zeros(1, 1, *SIZE[::-1])
    apart = Pulled(grey, grey + 0.4, still + 0.5, still)
    alike = Pulled(grey, grey, still + 0.5, still)
    shares = []
    for confidence, t in ((0.3, 0.5), (0.3, 0.05), (1.0, 0.05)):
        guide = Guide(at, at, lambda _: at, knots_of(at, at), box, confidence)
        share = trust(apart, alike, at, guide, t)
        assert share is not None
        shares.append(float(share[0, 0, int(at[1, 1]), int(at[1, 0])]))
    assert shares == [1, 0, 1]


def test_landmarks_beside_the_face_do_no_harm(engine: Face) -> None:
    request = replace(span(face(0), face(40)), last_landmarks=marked(face(-50)))
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id
    assert made.warnings[0] == MISMATCH


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


def test_towards_both_keys_an_emotion_vanishes(engine: Face) -> None:
    request = span(face(), face(), FaceGuidance(Emotion.SURPRISED, 1.0))
    times = Fraction(1, 400), HALF, Fraction(399, 400)
    made = drawn(engine, replace(request, times=times))
    changes = {each.t: off(each.picture, request.first).max() for each in made}
    assert max(changes[times[0]], changes[times[2]]) <= 2
    assert changes[HALF] > 40


@pytest.mark.parametrize("part", [FacePart.MOUTH, FacePart.EYES, FacePart.BROWS])
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


def test_cancel_is_heard_while_a_head_is_drawn() -> None:
    class Cancelling(Guided):
        """Cancels once the plain drawing is there and the head is about to be refined."""

        def painter(self, options: Options) -> RifePainter:
            painter = super().painter(options)
            seen = painter.network.forward

            def forward(*args: object) -> object:
                made = seen(*args)  # pyright: ignore[reportArgumentType]
                watched.cancel()
                return made

            painter.network.forward = forward  # pyright: ignore[reportAttributeAccessIssue]
            return painter

    watched = CancelToken()
    engine = Face(info("face"), Device(), locate, Cancelling(asleep()))
    with pytest.raises(Cancelled):
        list(engine.draw(span(face(0), face(40)), watched))


def test_the_cost_tells_of_the_guided_head(engine: Face) -> None:
    request = span(face(0), face(40))
    bare = replace(request, first_landmarks=None)
    assert engine.estimate(request).seconds > 1.3 * engine.estimate(bare).seconds


def test_openings_that_change_are_left_to_the_interpolator() -> None:
    assert len(knots_of(face(0), face(30))) == 478
    knots = knots_of(face(0), face(30, "eyeBlinkLeft", "jawOpen"))
    dropped = set(range(478)) - set(knots.tolist())
    assert {*LIDS[1].upper, *LIDS[1].lower, *LIDS[1].iris, *MOUTH.upper, *MOUTH.lower} == dropped


def test_keys_that_are_equal_need_no_guide() -> None:
    assert guide_of(span(face(0), face(0)), 64) is None


def test_a_face_off_the_canvas_is_left_to_rife(engine: Face) -> None:
    request = replace(
        span(face(0), face(40)),
        first_landmarks=marked(face(5000)),
        last_landmarks=marked(face(5040)),
    )
    (made,) = drawn(engine, request)
    assert made.picture.id == plain(request).id


def test_a_square_of_a_large_picture_is_left_to_rife() -> None:
    request = span(face(0), face(40))
    guide = guide_of(request, 64)
    assert guide
    painter = RifePainter(asleep())
    keys = torch.rand(2, 1, 4, 128, 128, generator=torch.Generator().manual_seed(0))
    state = painter.prepare(keys[0], keys[1], 1.0, CancelToken())
    made = GuidedPainter(painter, guide).paint(state, 0.5, CancelToken())
    assert torch.equal(made.rgba, painter.paint(state, 0.5, CancelToken()).rgba)


def test_each_time_has_its_own_drawing(engine: Face) -> None:
    times = tuple(Fraction(i, 4) for i in (1, 2, 3))
    made = drawn(engine, replace(span(face(0), face(40)), times=times))
    for between in made:
        at = face(40 * float(between.t))
        inside = away_from(at) == 0
        assert off(between.picture, drawing(at))[inside].mean() < 8
