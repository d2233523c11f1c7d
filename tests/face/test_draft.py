"""Quick drafts of a face that has moved."""

from __future__ import annotations

import numpy as np

from genani.face.draft import draft
from genani.face.mesh import PINS, array_of, with_points
from genani.face.touch import bent, placed
from genani.scene.face import Landmarks

FACE = placed((90, 70, 210, 230))


def paper(width: int = 300, height: int = 300) -> np.ndarray:
    """Clear paper with an opaque white face and a black dot on the chin."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[60:250, 80:220] = 255
    x, y = FACE.points[PINS["chin"]][:2]
    pixels[int(y) - 6 : int(y) + 2, int(x) - 4 : int(x) + 4, :3] = 0
    return pixels


def gone(face: Landmarks, x: float, y: float) -> Landmarks:
    """The face elsewhere."""
    return with_points(face, np.add(array_of(face), (x, y, 0.0)))


def dark(pixels: np.ndarray) -> np.ndarray:
    """Where the dot is: (x, y)."""
    y, x = np.nonzero((pixels[..., 3] == 255) & (pixels[..., 0] < 100))
    return np.array([x.mean(), y.mean()])


def test_where_nothing_moves_nothing_changes() -> None:
    assert draft(paper(), FACE, FACE, 1.0) is None


def test_the_drawing_goes_along_with_the_face() -> None:
    before = paper()
    moved = gone(FACE, 14, -9)
    found = draft(before, FACE, moved, 1.0)
    assert found is not None
    (left, top, right, bottom), pixels = found
    assert pixels.shape == (bottom - top, right - left, 4)
    seen = np.add(dark(pixels), (left, top))
    np.testing.assert_allclose(seen, np.add(dark(before), (14, -9)), atol=1)


def test_only_what_is_pulled_goes() -> None:
    before = paper()
    x, y = FACE.points[PINS["chin"]][:2]
    found = draft(before, FACE, bent(FACE, {"chin": (x, y + 10)}), 1.0)
    assert found is not None
    (left, top, *_), pixels = found
    way = np.add(dark(pixels), (left, top)) - dark(before)
    assert abs(way[0]) < 1
    assert 4 < way[1] < 11
    # Around the face, and in its upper half, nothing moves.
    upper = slice(0, int(110 - top))
    rows = slice(top, top + pixels[upper].shape[0])
    columns = slice(left, left + pixels.shape[1])
    off = np.abs(pixels[upper].astype(int) - before[rows, columns]).max()
    assert off <= 40


def test_a_small_picture_of_a_large_canvas() -> None:
    large = with_points(FACE, array_of(FACE) * 4)
    moved = gone(large, 56, -36)
    found = draft(paper(), large, moved, 0.25)
    assert found is not None
    (left, top, *_), pixels = found
    seen = np.add(dark(pixels), (left, top))
    np.testing.assert_allclose(seen, np.add(dark(paper()), (14, -9)), atol=1)


def test_a_face_beyond_the_edge_of_the_paper() -> None:
    off = gone(FACE, 900, 0)
    assert draft(paper(), off, gone(off, 5, 0), 1.0) is None
