from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genani.face.acting import acted
from genani.face.edges import Image as Floats
from genani.face.edges import edges
from genani.face.emotion import expressed, weights
from genani.face.mesh import LIDS, MOUTH, POINTS, FloatArray, canonical, opening
from genani.face.mouth import is_photo
from genani.face.retouch import Retouch
from genani.scene.acting import Pose
from genani.scene.face import Emotion

SIDE = 240
SKIN, INK, IRIS = (240, 205, 180), (70, 35, 40), (40, 90, 160)


def face() -> FloatArray:
    """A face with shut lips."""
    points = 100 * canonical().points + (120, 100, 0)
    middle = (points[list(MOUTH.upper)] + points[list(MOUTH.lower)]) / 2
    points[list(MOUTH.upper)] = points[list(MOUTH.lower)] = middle
    return points


def drawn(points: FloatArray, mouth: bool = True) -> Floats:
    """Flat skin, eyes with an outline and an iris, and a mouth that is one line."""
    image = Image.new("RGB", (4 * SIDE, 4 * SIDE), SKIN)
    pen = ImageDraw.Draw(image)
    for lid in LIDS:
        upper, lower = edges(points, points, lid)
        ring = [tuple(p) for p in 4 * np.concatenate([upper.before, lower.before[::-1]])]
        pen.polygon(ring, fill="white")
        (x, y), r = 4 * points[lid.iris[0], :2], 24
        pen.ellipse((x - r, y - r, x + r, y + r), fill=IRIS)
        pen.line([*ring, ring[0]], fill=INK, width=12)
    if mouth:
        seam = 4 * edges(points, points, MOUTH)[0].before
        pen.line([tuple(p) for p in seam], fill=INK, width=12)
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX).convert("RGBA")
    return np.asarray(np.asarray(small) / 255, np.float32)


def retouched(before: Floats, asked: FloatArray) -> Floats:
    """Without any warp: what the retouch alone makes of it."""
    retouch = Retouch(before, face(), asked)
    return retouch.finish(retouch.erased)


def colour_at(image: Floats, place: FloatArray) -> np.ndarray:
    x, y = np.floor(place[:2]).astype(int)
    return 255 * image[y, x, :3]


def near(colour: np.ndarray, wanted: tuple[int, int, int], off: float = 25) -> bool:
    return bool(np.abs(colour - wanted).max() < off)


def opened(points: FloatArray) -> FloatArray:
    return points + expressed(points, {"jawOpen": 0.8})


def test_a_face_that_stays_is_left_alone() -> None:
    before = drawn(face())
    retouch = Retouch(before, face(), face())
    assert retouch.erased is before
    assert retouch.finish(before) is before
    start, end, followed = retouch.guides
    np.testing.assert_array_equal(start, end)
    assert len(start) > POINTS
    assert followed.max() < len(start)


def test_shut_lips_open_on_the_inside_of_a_mouth() -> None:
    asked = opened(face())
    done = retouched(drawn(face()), asked)
    upper, lower = asked[13], asked[14]
    assert lower[1] - upper[1] > 15
    inside = colour_at(done, (0.5 * upper + 0.5 * lower))
    assert inside.max() < 0.75 * min(SKIN)
    assert inside[0] > 1.3 * inside[1]
    column = 255 * done[int(upper[1]) : int(lower[1]), int(upper[0]), :3].min(1)
    assert column.max() > 200
    assert column.argmax() < 0.4 * len(column)
    for lip in (upper, lower):
        assert near(colour_at(done, lip), INK, 60)


def test_the_line_of_the_lips_goes_along_as_thick_as_it_was() -> None:
    before = drawn(face())
    plain, asked = face(), face()
    asked[[*MOUTH.upper, *MOUTH.lower, MOUTH.outer, MOUTH.inner], 1] += 14
    done = retouched(before, asked)
    x = int(plain[13, 0])

    def thick(image: Floats, y: float) -> float:
        column = image[int(y) - 6 : int(y) + 7, x, 0]
        return float((SKIN[0] / 255 - column).sum())

    assert thick(done, asked[13, 1]) == pytest.approx(thick(before, plain[13, 1]), rel=0.1)
    assert thick(done, plain[13, 1]) == pytest.approx(0, abs=0.1)


def test_where_no_mouth_is_drawn_none_is_opened() -> None:
    before = drawn(face(), mouth=False)
    asked = opened(face())
    np.testing.assert_array_equal(retouched(before, asked), before)
    start, end, _ = Retouch(before, face(), asked).guides
    moved = end[14] - end[13] - (start[14] - start[13])
    assert 0 < moved[1] < 0.5 * (asked[14, 1] - asked[13, 1])


def test_lids_close_over_an_eye_that_stays() -> None:
    before = drawn(face())
    half = retouched(before, acted(face(), Pose(lids=(0.5, 0.5))))
    iris = face()[LIDS[0].iris[0]]
    under = iris + np.array([0, 3, 0])
    assert near(colour_at(half, under), IRIS)
    np.testing.assert_allclose(colour_at(half, under), colour_at(before, under), atol=2)
    shut = retouched(before, acted(face(), Pose(lids=(1.0, 0.0))))
    left = face()[LIDS[1].iris[0]]
    assert near(colour_at(shut, left), IRIS)
    eye = shut[int(iris[1]) - 12 : int(iris[1]) + 14, int(iris[0]) - 8 : int(iris[0]) + 9, :3]
    blue = (eye[..., 2] > eye[..., 0] + 0.1).mean()
    assert blue == 0
    assert near(255 * np.median(eye.reshape(-1, 3), 0), SKIN)
    assert eye[..., 0].min() < 0.5


def blue_in_eye(image: Floats, lid: int) -> np.ndarray:
    """(N, 2) places of iris colour in and about an eye."""
    low, high = (
        f(face()[list(LIDS[lid].upper + LIDS[lid].lower), :2], 0) for f in (np.min, np.max)
    )
    (left, top), (right, bottom) = (low - 12).astype(int), (high + 12).astype(int)
    part = image[top:bottom, left:right]
    y, x = np.nonzero(part[..., 2] > part[..., 0] + 0.2)
    return np.stack([x + left + 0.5, y + top + 0.5], 1)


@pytest.mark.parametrize("gaze", [(1.0, 0.0), (-0.7, 0.0), (0.5, -0.6)])
def test_an_iris_looks_aside_whole_and_nothing_else_moves(gaze: tuple[float, float]) -> None:
    before = drawn(face())
    asked = acted(face(), Pose(gaze=gaze))
    done = retouched(before, asked)
    for k, lid in enumerate(LIDS):
        was, now = blue_in_eye(before, k), blue_in_eye(done, k)
        way = (asked - face())[lid.iris[0], :2]
        assert np.linalg.norm(way) > 2
        # Less than all the way, as lids hide another part of it then.
        went = float((now.mean(0) - was.mean(0)) @ way / (way @ way))
        assert 0.5 < went < 1.1
        assert len(now) > 0.75 * len(was)
        ring = np.concatenate([edge.before for edge in edges(face(), face(), lid)])
        for place in ring:
            np.testing.assert_allclose(colour_at(done, place), colour_at(before, place), atol=40)
    far = before.copy()
    for lid in LIDS:
        x, y = np.floor(face()[lid.iris[0], :2]).astype(int)
        far[y - 20 : y + 20, x - 30 : x + 30] = done[y - 20 : y + 20, x - 30 : x + 30]
    np.testing.assert_array_equal(far, done)


def test_an_eye_opened_wide_shows_white_above_a_round_iris() -> None:
    before = drawn(face())
    asked = face() + expressed(face(), {"eyeWideLeft": 1.5, "eyeWideRight": 1.5})
    done = retouched(before, asked)
    for k, lid in enumerate(LIDS):
        was, now = blue_in_eye(before, k), blue_in_eye(done, k)
        assert np.ptp(now[:, 0]) == pytest.approx(np.ptp(was[:, 0]), abs=1.1)
        assert np.ptp(now[:, 1]) <= max(np.ptp(was[:, 1]), np.ptp(was[:, 0])) + 2
        top = asked[lid.upper[3], :2]
        eye = 255 * done[int(top[1]) : int(asked[lid.iris[0], 1]), int(top[0]), :3]
        assert eye.min(1).max() > 200


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not Emotion.NEUTRAL])
def test_nothing_but_skin_is_left_where_lines_were(emotion: Emotion) -> None:
    points = face()
    asked = points + expressed(points, weights(emotion))
    retouch = Retouch(drawn(points), points, asked)
    if opening(asked, LIDS[0]) < opening(points, LIDS[0]) - 0.02:
        ring = edges(points, points, LIDS[0])[0].before
        assert all(near(colour_at(retouch.erased, p), SKIN) for p in ring)
    seam = edges(points, points, MOUTH)[0].before[8:-8]
    assert all(near(colour_at(retouch.erased, p), SKIN) for p in seam)


def test_noise_tells_a_photo_from_a_drawing() -> None:
    flat = drawn(face())
    noisy = flat + np.random.default_rng(0).normal(0, 0.01, flat.shape).astype(np.float32)
    assert not is_photo(flat, face())
    assert is_photo(noisy, face())


def test_white_drawn_beyond_the_landmarks_goes_with_the_eye() -> None:
    points = face()
    picture = drawn(points)
    lid = LIDS[0]
    x, y = np.floor(points[lid.lower[3], :2]).astype(int)
    picture[y + 2 : y + 5, x - 8 : x + 9] = 1
    raised = points.copy()
    raised[list(lid.lower), 1] -= 4
    done = retouched(picture, raised)
    assert near(colour_at(done, np.array([x + 0.5, y + 3.5])), SKIN)
