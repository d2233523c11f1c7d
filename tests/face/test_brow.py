from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genani.face.brow import brows_laid, lifted, without_brows
from genani.face.edges import Image as Floats
from genani.face.mesh import BROWS, CONTOURS, FloatArray, canonical

SIDE = 240
SKIN, INK = (240, 205, 180), (70, 35, 40)
HAIR, OUTLINE = (220, 110, 90), (40, 10, 70)
RAISED = 12.0


def face() -> FloatArray:
    return 100 * canonical().points + (120, 110, 0)


def middle(points: FloatArray, side: int) -> FloatArray:
    """(5, 2) places along a brow."""
    return points[np.array(BROWS[side]), :2].mean(0)


def drawn(*others: list[tuple[float, float]]) -> Floats:
    """Flat skin with two brows of one line each, and other lines."""
    image = Image.new("RGB", (4 * SIDE, 4 * SIDE), SKIN)
    pen = ImageDraw.Draw(image)
    for line in ([tuple(p) for p in middle(face(), side)] for side in (0, 1)):
        pen.line([(4 * x, 4 * y) for x, y in line], fill=INK, width=16, joint="curve")
    for line in others:
        pen.line([(4 * x, 4 * y) for x, y in line], fill=INK, width=16)
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX).convert("RGBA")
    return np.asarray(np.asarray(small) / 255, np.float32)


def raised() -> FloatArray:
    asked = face()
    asked[[i for rows in BROWS for row in rows for i in row], 1] -= RAISED
    return asked


def ink(image: Floats, place: FloatArray) -> float:
    """Pixels of ink in a column about a place."""
    x, y = np.floor(place).astype(int)
    column = image[y - 5 : y + 6, x, 0]
    return float((SKIN[0] / 255 - column).sum() / ((SKIN[0] - INK[0]) / 255))


def test_brows_go_where_they_are_asked_as_thick_as_they_were() -> None:
    before = drawn()
    erased, brows = lifted(before, before, face(), raised())
    assert len(brows) == 2
    assert np.abs(255 * erased[..., :3] - SKIN).max() < 2
    done = brows_laid(erased, brows)
    for side in (0, 1):
        place = middle(face(), side)[2]
        assert ink(done, place - (0, RAISED)) == pytest.approx(ink(before, place), rel=0.1)
        assert ink(done, place) == pytest.approx(0, abs=0.2)


def test_brows_that_stay_are_left_on_the_drawing() -> None:
    before = drawn()
    erased, brows = lifted(before, before, face(), face())
    assert erased is before
    assert brows_laid(before, brows) is before


def test_one_that_moves_leaves_the_other_alone() -> None:
    before, asked = drawn(), face()
    asked[[i for row in BROWS[0] for i in row], 1] -= RAISED
    erased, brows = lifted(before, before, face(), asked)
    assert len(brows) == 1
    done = brows_laid(erased, brows)
    np.testing.assert_array_equal(done[:, SIDE // 2 :], before[:, SIDE // 2 :])


def test_a_line_that_goes_on_past_a_brow_stays() -> None:
    x, y = middle(face(), 0)[0] - (7, 0)
    before = drawn([(x, y - 60), (x, y + 60)])
    erased, brows = lifted(before, before, face(), raised())
    assert brows
    for height in (-20, 20):
        column = erased[int(y) + height, int(x) - 1 : int(x) + 1]
        assert np.abs(255 * column[:, :3] - INK).max() < 4


def test_brows_over_hair_leave_it_where_it_is() -> None:
    # Strands of another colour hang down behind both brows, as far as the eyes.
    image = Image.fromarray(np.rint(255 * drawn()).astype(np.uint8))
    brows = np.asarray(image)[..., 0] < (SKIN[0] + INK[0]) / 2
    pen = ImageDraw.Draw(image)
    for x in (50, 75, 155, 180):
        pen.polygon([(x - 12, 0), (x + 12, 0), (x, 92)], fill=HAIR, outline=OUTLINE)
    before = np.asarray(np.asarray(image) / 255, np.float32)
    before[brows, :3] = np.array(INK, np.float32) / 255
    asked = raised()
    erased, brows_off = lifted(before, before, face(), asked)
    assert len(brows_off) == 2
    far = np.ones(brows.shape, bool)
    for side in (0, 1):
        x, y = middle(face(), side).T
        far[int(y.min()) - 9 : int(y.max()) + 9, int(x.min()) - 9 : int(x.max()) + 9] = False
    np.testing.assert_array_equal(erased[far], before[far])
    assert np.abs(255 * erased[brows, :3] - INK).max(1).mean() > 60
    done = brows_laid(erased, brows_off)
    place = middle(face(), 0)[2] - (0, RAISED)
    x, y = np.floor(place).astype(int)
    assert np.abs(255 * done[y - 3 : y + 4, x, :3] - INK).max(1).min() < 12


def test_brows_under_hair_are_not_lifted() -> None:
    before = drawn(*([(x, 0.0), (x, 100.0)] for x in map(float, range(30, 210, 9))))
    erased, brows = lifted(before, before, face(), raised())
    assert erased is before
    assert not brows


def test_skin_above_brows_stays_and_what_is_under_the_eyes_does_not() -> None:
    asked = face() + np.array([0, -5, 0])
    kept = without_brows(face(), asked)
    top = [*CONTOURS["oval"][:3], *BROWS[0][0], *BROWS[1][1]]
    np.testing.assert_allclose(kept[top], face()[top])
    low = [*CONTOURS["outer lips"], 152]
    np.testing.assert_array_equal(kept[low], asked[low])
