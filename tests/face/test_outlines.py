from __future__ import annotations

import numpy as np
import pytest

from genani.face.mesh import LIDS, PINS, canonical
from genani.face.outlines import covered
from genani.scene.face import FacePart

SIZE = (220, 240)
POINTS = 100 * canonical().points + (120, 100, 0)


@pytest.mark.parametrize(
    ("part", "pins"),
    [
        (FacePart.MOUTH, ["upper lip", "lower lip"]),
        (FacePart.EYES, ["right upper lid", "right lower lid"]),
        (FacePart.EYES, ["left upper lid", "left lower lid"]),
    ],
)
def test_a_part_is_covered_between_its_pins_and_not_beyond(part: FacePart, pins: list[str]) -> None:
    mask = covered(POINTS, [part], SIZE)
    one, two = POINTS[[PINS[pin] for pin in pins], :2]
    for share, inside in ((0.5, True), (0.2, True), (-0.4, False), (1.4, False)):
        x, y = np.floor(one + share * (two - one)).astype(int)
        assert mask[y, x] == inside


def test_parts_add_up_and_a_head_covers_nothing() -> None:
    parts = FacePart.MOUTH, FacePart.BROWS
    one, two = (covered(POINTS, [part], SIZE) for part in parts)
    assert one.any()
    assert two.any()
    np.testing.assert_array_equal(covered(POINTS, parts, SIZE), one | two)
    assert not covered(POINTS, [FacePart.HEAD, FacePart.JAW], SIZE).any()


def test_a_part_off_the_picture_covers_nothing() -> None:
    away = POINTS + np.array([500.0, 0, 0])
    assert not covered(away, list(FacePart), SIZE).any()
    half = POINTS - np.array([POINTS[LIDS[0].iris[0], 0], 0, 0])
    assert covered(half, [FacePart.EYES], SIZE)[:, 0].any()
