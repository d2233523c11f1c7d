from __future__ import annotations

import numpy as np
import pytest

from genani.face.edges import Image, edges
from genani.face.mesh import MOUTH, FloatArray, canonical, opening
from genani.face.retouch import Retouch
from genani.face.seam import closed

SIDE = 240
SKIN, TEETH = (0.9, 0.7, 0.6, 1.0), (1.0, 1.0, 1.0, 1.0)


def face(gap: float) -> FloatArray:
    """A face whose lips stand apart by a share of its mouth's width."""
    points = 100 * canonical().points + (120, 100, 0)
    upper, lower = list(MOUTH.upper), list(MOUTH.lower)
    middle = (points[upper] + points[lower]) / 2
    across = np.linalg.norm(points[MOUTH.inner] - points[MOUTH.outer])
    arch = np.sin(np.pi * np.arange(1, 10) / 10)[:, None] * (0, gap * across / 2, 0)
    points[upper], points[lower] = middle - arch, middle + arch
    return points


def toothy(points: FloatArray) -> Image:
    """Skin, and teeth all over the opening of the mouth."""
    picture = np.full((SIDE, SIDE, 4), SKIN, np.float32)
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    upper, lower = points[list(MOUTH.upper)], points[list(MOUTH.lower)]
    top, bottom = (np.interp(columns, row[:, 0], row[:, 1]) for row in (upper, lower))
    inside = (columns > upper[0, 0]) & (columns < upper[-1, 0]) & (rows > top) & (rows < bottom)
    picture[inside] = TEETH
    return picture


def test_lips_that_meet_hide_the_teeth_under_one_dark_line() -> None:
    parted, shut = face(0.4), face(0.0)
    picture = toothy(parted)
    retouch = Retouch(picture, parted, shut)
    middle = parted[list(MOUTH.upper), :2].mean(0) / 2 + parted[list(MOUTH.lower), :2].mean(0) / 2
    x, y = np.floor(middle).astype(int)
    assert np.abs(retouch.erased[y, x] - SKIN).max() < 0.05
    done = retouch.finish(retouch.erased)
    column = done[y - 12 : y + 12, x, :3].mean(1)
    assert column.min() < 0.75 * float(np.mean(SKIN[:3]))
    assert column.max() < 0.8
    dark = np.flatnonzero(column < 0.9 * column.max())
    assert 1 <= len(dark) <= 5
    assert np.ptp(dark) == len(dark) - 1


@pytest.mark.parametrize("left", [0.4, 0.3])
def test_lips_that_stay_apart_keep_what_is_between(left: float) -> None:
    parted, asked = face(0.4), face(left)
    picture = toothy(parted)
    pair = edges(parted, asked, MOUTH)
    opened = opening(parted, MOUTH), opening(asked, MOUTH)
    assert closed(picture, picture, pair, opened, photo=False) is None


def test_on_the_way_the_inside_fades() -> None:
    parted = face(0.4)
    picture = toothy(parted)
    shares = []
    for left in (0.16, 0.1, 0.06, 0.0):
        asked = face(left)
        opened = opening(parted, MOUTH), opening(asked, MOUTH)
        found = closed(picture, picture, edges(parted, asked, MOUTH), opened, photo=True)
        assert found is not None
        shares.append(found[1].share)
    assert shares == sorted(shares)
    assert shares[-1] == 1
