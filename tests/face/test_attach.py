"""Attachments on a face: where they lie, how they are painted, and how they come to be pinned."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.attach import drawn, face_at, is_behind, lies
from genani.face.attach_fit import MARKS, landmark, pinned, pins_by
from genani.face.attach_map import Hold, Spread
from genani.face.attach_paint import painted
from genani.face.attach_pose import seen_from, solid, tilt, turned_as
from genani.face.fit import fit, pins_of
from genani.face.mesh import FloatArray, array_of, canonical, with_points
from genani.face.pose import Similarity
from genani.face.trajectory import path_of
from genani.scene.attached import AttachedFrame, FaceMoment
from genani.scene.attachment import Attachment, Cover, Order, Piece, Pin, Pinned, Rigidity
from genani.scene.errors import SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId

SIZE = (96, 96)
GLASSES = ("right eye outer", "right eye inner", "left eye inner", "left eye outer")
NOTHING = PictureId("0" * 64)


def rotation(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> FloatArray:
    a, b, c = np.radians([yaw, pitch, roll])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    lean = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return lean @ turn @ nod


def head(yaw: float = 0, pitch: float = 0, roll: float = 0, scale: float = 30) -> Landmarks:
    """The mean face on the canvas, turned, with its true depth."""
    turn = rotation(yaw, pitch, roll)
    motion = Similarity(turn, scale, np.zeros(3), np.array([48.0, 40.0, 0.0]))
    # A nose of its own, so that its depth is not the mean face's.
    points = canonical().points * (1, 1, 1.1) + (0, 0, 0.02) * np.cos(canonical().points[:, :1] * 9)
    return with_points(
        fit({"chin": (0, 9), "nose tip": (0, 5), "left iris": (3, 1)}), motion(points)
    )


def by_hand(face: Landmarks) -> Landmarks:
    return fit(pins_of(face))


def held(face: Landmarks, names: tuple[str, ...] = GLASSES, **changes: object) -> Pinned:
    pins = tuple(Pin(*face.points[MARKS[name]][:2], MARKS[name]) for name in names)
    return replace(Pinned(NOTHING, face, pins), **changes)


def off(drawing: Pinned, face: Landmarks) -> float:
    """How far the pins lie from their landmarks, at most."""
    places = np.array([(pin.x, pin.y) for pin in drawing.pins])
    marks = array_of(face)[[pin.landmark for pin in drawing.pins], :2]
    return float(np.linalg.norm(lies(drawing, face, places) - marks, axis=1).max())


def spot(
    size: tuple[int, int] = SIZE, box: tuple[int, int, int, int] = (30, 34, 66, 46)
) -> Picture:
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = (200, 40, 90, 255)
    pixels[top + 2 : bottom - 2, left + 2 : right - 2] = (20, 80, 220, 90)
    return Picture(pixels)


def on(attachment: Attachment, face: Landmarks, behind: bool = False) -> AttachedFrame:
    return AttachedFrame(attachment, FaceMoment(face), SIZE, behind)


# Where it lies


@pytest.mark.parametrize("rigidity", list(Rigidity))
@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"), [(25, 0, 0), (0, 18, 0), (-20, 8, 12), (35, 0, 0)]
)
def test_a_seen_face_holds_it_as_a_body_whatever_way_it_turns(
    rigidity: Rigidity, yaw: float, pitch: float, roll: float
) -> None:
    start = held(head(-15), rigidity=rigidity)
    assert off(start, head(yaw, pitch, roll)) < 0.02
    middle = head(yaw, pitch, roll)
    places = np.array([[40.0, 44.0], [56.0, 52.0]])
    body = turned_as(array_of(head(-15)), array_of(middle)[:, :2])
    assert body.rotation == pytest.approx(rotation(yaw, pitch, roll) @ rotation(-15).T, abs=1e-3)
    assert np.isfinite(lies(start, middle, places)).all()


def test_pins_keep_to_their_landmarks_all_the_way_between_two_keys() -> None:
    first, last = head(-20), head(20, 4)
    for faces in ((first, last), (by_hand(first), by_hand(last))):
        start = held(faces[0], rigidity=Rigidity.MESH)
        path = path_of(*faces, None)
        assert max(off(start, path(Fraction(k, 8))) for k in range(9)) < 0.01


def test_how_it_gives_way_goes_from_stiff_to_bent() -> None:
    first, last = by_hand(head(-20)), by_hand(head(20))
    names = (*GLASSES, "nose tip", "left mouth corner")
    stiff, slanted, bent = (off(held(first, names, rigidity=way), last) for way in Rigidity)
    assert min(stiff, slanted) > bent
    assert bent < 0.01


def test_a_pin_that_goes_astray_does_not_tilt_it() -> None:
    face = head()
    points = array_of(face).copy()
    points[MARKS["left temple"], 1] -= 14
    names = (*GLASSES, "nose bridge", "right temple", "left temple")
    drawing = held(face, names, rigidity=Rigidity.SIMILARITY)
    eye = MARKS["right eye outer"]
    lying = lies(drawing, with_points(face, points), array_of(face)[[eye], :2])
    assert np.linalg.norm(lying - points[eye, :2]) < 0.6


def test_one_pin_is_enough() -> None:
    drawing = held(head(), ("left ear",), rigidity=Rigidity.SIMILARITY)
    lying = head(roll=20)
    assert off(drawing, lying) < 0.05
    below = np.array([[drawing.pins[0].x, drawing.pins[0].y + 10]])
    ear = np.array(lying.points[MARKS["left ear"]][:2])
    # It leans as the head does.
    assert lies(drawing, lying, below)[0] - ear == pytest.approx(
        10 * np.array([-np.sin(np.radians(20)), np.cos(np.radians(20))]), abs=0.1
    )


def test_what_does_not_turn_keeps_its_width() -> None:
    names = ("forehead", "right forehead", "left forehead")
    ends = np.array([[20.0, 12.0], [76.0, 12.0]])
    for turns in (True, False):
        drawing = held(head(), names, turns=turns, rigidity=Rigidity.SIMILARITY)
        one, two = lies(drawing, head(40), ends)
        wide = np.linalg.norm(two - one)
        assert (wide == pytest.approx(56, abs=0.6)) is not turns
    assert tilt(array_of(head(roll=10))) == pytest.approx(np.radians(10))


def test_seen_from_its_edge_it_is_not_shown() -> None:
    face = head()
    ear = replace(held(face, ("left ear", "left temple")), face=face)
    for sign, side in ((1, "left"), (-1, "right")):
        seen = with_points(face, seen_from(face, 90.0 * sign))
        # What faces the viewer is that very side: the nose points to the other one.
        nose, ear = seen.points[MARKS["nose tip"]], seen.points[MARKS[f"{side} ear"]]
        assert sign * (nose[0] - ear[0]) < 0
        assert ear[2] < seen.points[MARKS["nose tip"]][2] + 20
        temple = held(seen, (f"{side} ear", f"{side} temple"))
        shown = [Hold(temple, array_of(head(sign * yaw))).shows for yaw in (-60, 0, 30, 60)]
        assert shown == [False, False, True, True]


def test_no_part_of_it_folds_over_while_the_head_turns() -> None:
    drawing = held(head(), (*GLASSES, "nose tip", "left ear"), rigidity=Rigidity.SIMILARITY)
    x, y = np.meshgrid(np.linspace(20, 76, 15), np.linspace(20, 60, 11))
    places = np.stack([x.ravel(), y.ravel()], 1)
    for yaw in (-60, -30, 30, 60):
        slopes = Hold(drawing, array_of(head(yaw))).slope(places)
        assert np.linalg.det(slopes).min() > 0


def test_it_bends_no_farther_than_it_goes_without_folding() -> None:
    face = head()
    # Two pins that are to change places would turn the drawing inside out.
    pins = [Pin(*face.points[MARKS[name]][:2], MARKS[name]) for name in GLASSES]
    swapped = replace(held(face), pins=(pins[0], replace(pins[1], x=pins[2].x), pins[3]))
    swapped = replace(
        swapped,
        pins=(*swapped.pins[:2], replace(pins[2], x=pins[1].x), pins[3]),
        rigidity=Rigidity.MESH,
    )
    x, y = np.meshgrid(np.linspace(25, 70, 19), np.linspace(25, 55, 15))
    slopes = Hold(swapped, array_of(face)).slope(np.stack([x.ravel(), y.ravel()], 1))
    assert np.linalg.det(slopes).min() > 0


def test_values_spread_softly_and_level_out() -> None:
    knots = np.array([[0.0, 0.0], [10.0, 0.0], [4.0, 7.0]])
    values = np.array([[1.0], [3.0], [-2.0]])
    spread = Spread(knots, values, soft=3.0)
    assert spread(knots) == pytest.approx(values)
    far = spread(np.array([[1e5, 0.0], [0.0, -1e5]]))
    assert np.abs(far).max() < 10
    ahead = spread(np.array([[2.0 + 1e-5, 1.0]])) - spread(np.array([[2.0 - 1e-5, 1.0]]))
    assert spread.slope(np.array([[2.0, 1.0]]))[0, 0] == pytest.approx(ahead[0, 0] / 2e-5, rel=1e-4)


@given(st.floats(-40, 40), st.floats(-20, 20), st.floats(-30, 30), st.floats(15, 60))
@settings(max_examples=25, deadline=None)
def test_the_turn_of_a_head_is_seen_in_the_plane(
    yaw: float, pitch: float, roll: float, scale: float
) -> None:
    rest = array_of(head(scale=1))
    seen = turned_as(rest, array_of(head(yaw, pitch, roll, scale))[:, :2])
    assert seen.rotation == pytest.approx(rotation(yaw, pitch, roll), abs=1e-3)
    assert seen.scale == pytest.approx(scale, rel=1e-3)


def test_depth_is_the_faces_own_where_it_was_seen() -> None:
    face = head(20)
    assert solid(face) == pytest.approx(array_of(face))
    placed = by_hand(head(-25))
    # From a hand comes the depth of a face seen from the front: it is turned with the face.
    ears = solid(placed)[[MARKS["right ear"], MARKS["left ear"]], 2]
    assert array_of(placed)[MARKS["right ear"], 2] == pytest.approx(
        array_of(placed)[MARKS["left ear"], 2], abs=0.5
    )
    assert abs(ears[0] - ears[1]) > 2


def test_seen_from_the_front_a_face_is_even() -> None:
    front = seen_from(head(25, roll=15), 0)
    right, left = (
        front[[MARKS[f"{side} eye outer"], MARKS[f"{side} ear"]]] for side in ("right", "left")
    )
    middle = front[MARKS["nose bridge"], 0]
    assert (right[:, 0] + left[:, 0]) / 2 == pytest.approx([middle, middle], abs=1.5)
    assert right[:, 1] == pytest.approx(left[:, 1], abs=0.8)


# What it looks like


def test_where_it_was_drawn_it_is_the_same_bit_for_bit() -> None:
    face, picture = head(12), spot()
    drawing = pinned(picture, face, SIZE)
    shown = drawn(on(Attachment("f", (Piece(drawing),)), face), {picture.id: picture}.__getitem__)
    assert shown.id == picture.id


def test_moved_by_whole_pixels_its_pixels_come_through() -> None:
    face, picture = head(), spot()
    drawing = pinned(picture, face, SIZE)
    moved = with_points(face, array_of(face) + np.array([5, -3, 0]))
    shown = painted(picture, Hold(drawing, array_of(moved)), SIZE)
    assert np.array_equal(shown.pixels, np.roll(picture.pixels, (-3, 5), (0, 1)))


@pytest.mark.parametrize("scale", [0.3, 0.6, 1.7])
def test_scaled_it_has_no_fringes_and_covers_as_much(scale: float) -> None:
    face = head()
    pixels = np.zeros((96, 96, 4), np.uint8)
    pixels[20:60, 20:70] = (240, 30, 60, 255)
    picture = Picture(pixels)
    drawing = pinned(picture, face, SIZE)
    middle = np.array([48.0, 40.0, 0.0])
    smaller = with_points(face, (array_of(face) - middle) * scale + middle)
    shown = painted(picture, Hold(drawing, array_of(smaller)), SIZE).pixels
    inked = shown[..., 3] > 0
    # Flat colour stays that very colour out to the last soft pixel.
    assert np.abs(shown[inked][:, :3].astype(int) - (240, 30, 60)).max() <= 8
    solid_ink = shown[..., 3] > 100
    assert np.abs(shown[solid_ink][:, :3].astype(int) - (240, 30, 60)).max() <= 1
    assert shown[..., 3].sum() / 255 == pytest.approx(40 * 50 * scale**2, rel=0.03)


def test_depth_and_profile_are_kept() -> None:
    face = head()
    deep = spot().pixels.astype(np.uint16) * 257
    picture = Picture(deep, b"profile")
    shown = painted(picture, Hold(pinned(picture, face, SIZE), array_of(head(10))), SIZE)
    assert (shown.depth, shown.icc, shown.size) == (16, b"profile", SIZE)
    assert shown.pixels[..., 3].any()


def test_off_the_canvas_or_blank_it_is_nothing() -> None:
    face = head()
    drawing = pinned(spot(), face, SIZE)
    away = with_points(face, array_of(face) + np.array([500, 0, 0]))
    assert not painted(spot(), Hold(drawing, array_of(away)), SIZE).pixels.any()
    blank = Picture.blank(*SIZE)
    assert not painted(blank, Hold(pinned(blank, face, SIZE), array_of(face)), SIZE).pixels.any()


def test_a_picture_may_be_larger_or_smaller_than_the_canvas() -> None:
    for size in ((200, 90), (12, 7)):
        picture = Picture(np.full((size[1], size[0], 4), 255, np.uint8))
        shown = painted(picture, Hold(pinned(picture, head(), SIZE), array_of(head())), SIZE)
        rows, columns = np.nonzero(shown.pixels[..., 3] > 127)
        assert np.ptp(columns) / np.ptp(rows) == pytest.approx(size[0] / size[1], rel=0.2)


# What it lies in front of


def test_pieces_lie_before_and_behind() -> None:
    picture, face = spot(), head()
    drawing = pinned(picture, face, SIZE)
    pictures = {picture.id: picture}.__getitem__
    for order, behind in ((Order.FRONT, False), (Order.BEHIND, True)):
        both = Attachment("f", (Piece(drawing, order),))
        shown = [drawn(on(both, face, each), pictures).pixels.any() for each in (False, True)]
        assert shown == [not behind, behind]


def test_an_ear_ring_goes_behind_once_its_side_is_turned_away() -> None:
    for name, sign in (("left ear", 1), ("right ear", -1)):
        ring = Piece(held(head(), (name,)), Order.SIDE)
        # Turned by a positive yaw, the face's left side comes nearer to the viewer.
        away = [is_behind(ring, array_of(head(sign * yaw))) for yaw in (-40, 40)]
        assert away == [True, False]
        assert is_behind(ring, array_of(by_hand(head(-40 * sign))))


def test_a_fringe_hides_what_lies_under_it_and_goes_with_the_head() -> None:
    glasses, fringe = spot(), spot(box=(24, 28, 48, 60))
    opaque = fringe.pixels.copy()
    opaque[opaque[..., 3] > 0, 3] = 255
    mask = Picture(opaque)
    face = head()
    worn = Attachment(
        "f",
        (Piece(pinned(glasses, face, SIZE)),),
        (Cover("fringe", pinned(mask, face, SIZE)),),
    )
    pictures = {each.id: each for each in (glasses, mask)}.__getitem__
    shown = drawn(on(worn, face), pictures).pixels
    assert not shown[30:50, 30:48, 3].any()
    assert np.array_equal(shown[:, 48:], glasses.pixels[:, 48:])
    moved = with_points(face, array_of(face) + np.array([10, 0, 0]))
    assert np.array_equal(drawn(on(worn, moved), pictures).pixels, np.roll(shown, 10, 1))


def bar(right: int, top: int = 0) -> Picture:
    pixels = np.zeros((*SIZE[::-1], 4), np.uint8)
    pixels[top:, :right] = 255
    return Picture(pixels)


def test_a_fringe_may_have_another_shape_on_every_key() -> None:
    glasses, one, other = spot(), bar(38), bar(58)
    near, far = head(), with_points(head(), array_of(head()) + np.array([20, 0, 0]))
    covers = (Cover("fringe", pinned(one, near, SIZE)), Cover("fringe", pinned(other, far, SIZE)))
    worn = Attachment("f", (Piece(pinned(glasses, near, SIZE)),), covers)
    pictures = {each.id: each for each in (glasses, one, other)}.__getitem__

    def edge(moment: FaceMoment) -> float:
        """The first column of the glasses that shows, seen from the face."""
        shown = drawn(AttachedFrame(worn, moment, SIZE, behind=False), pictures).pixels
        moved = float(array_of(face_at(moment))[0, 0] - array_of(near)[0, 0])
        alpha = shown[34:46, :, 3].astype(float) / 255
        solid = np.flatnonzero(alpha[0] > 0.5)
        # Sharp on its way too: at most the edge itself is neither shown nor hidden.
        assert np.count_nonzero((alpha[0] > 0.1) & (alpha[0] < 0.9)) <= 2
        return float(solid[0]) - moved

    assert edge(FaceMoment(near)) == 38
    assert edge(FaceMoment(far)) == 38
    other_shape = replace(worn, covers=(covers[0], Cover("fringe", pinned(bar(68), far, SIZE))))
    worn, pictures = other_shape, {**{e.id: e for e in (glasses, one, bar(68))}}.__getitem__
    assert edge(FaceMoment(near)) == 38
    assert edge(FaceMoment(far)) == 48
    ways = [edge(FaceMoment(near, far, None, Fraction(n, 4))) for n in range(1, 4)]
    assert ways == pytest.approx([40.5, 43, 45.5], abs=1.1)


def test_parts_of_two_names_both_hide() -> None:
    glasses, left, low = spot(), bar(38), bar(96, 40)
    face = head()
    covers = tuple(
        Cover(name, pinned(mask, face, SIZE)) for name, mask in (("hair", left), ("hand", low))
    )
    worn = Attachment("f", (Piece(pinned(glasses, face, SIZE)),), covers)
    pictures = {each.id: each for each in (glasses, left, low)}.__getitem__
    shown = drawn(on(worn, face), pictures).pixels[..., 3]
    assert not shown[:, :38].any()
    assert not shown[40:].any()
    assert shown[34:40, 38:66].all()


def test_on_its_way_it_is_on_the_face_that_the_engine_draws() -> None:
    first, last = head(-20), head(20)
    moment = FaceMoment(first, last, None, Fraction(1, 4))
    assert face_at(moment) == path_of(first, last, None)(Fraction(1, 4))
    assert face_at(FaceMoment(first)) is first


# How it comes to be pinned


def test_given_pairs_meet_their_landmarks() -> None:
    picture, face = spot((60, 20), (4, 4, 56, 16)), head(18)
    pairs = [(6.0, 10.0, MARKS["right eye outer"]), (54.0, 10.0, MARKS["left eye outer"])]
    for yaw in (None, 0.0):
        drawing = pinned(picture, face, SIZE, pairs, yaw)
        for pin, pair in zip(drawing.pins, pairs, strict=True):
            assert (pin.x, pin.y, pin.landmark) == pytest.approx(pair, abs=1e-6)
        assert off(drawing, face) < 0.05
        assert off(drawing, head(-18)) < 0.05
    # Pairs out of proportion place it as a body, unless it is to meet them.
    loose = [*pairs, (30.0, 16.0, MARKS["nose bridge"])]
    stiff, bent = (pinned(picture, face, SIZE, loose, exact=exact) for exact in (False, True))
    assert [(p.x, p.y) for p in bent.pins] == [pair[:2] for pair in loose]
    for drawing in (stiff, bent):
        assert off(drawing, face) < 0.01
    square = np.array([[20.0, 8.0], [40.0, 8.0], [20.0, 12.0]])
    one, right, down = lies(stiff, face, square)
    assert (right - one) @ (down - one) == pytest.approx(0, abs=1e-3)
    one = pinned(picture, face, SIZE, pairs[:1])
    assert off(one, face) < 1e-6
    lying = lies(one, face, np.array([[6.0, 10.0], [26.0, 10.0]]))
    assert np.linalg.norm(lying[1] - lying[0]) == pytest.approx(20)


def test_a_hat_is_held_at_the_forehead_and_glasses_at_the_eyes() -> None:
    points = array_of(head())
    hat = {pin.landmark for pin in pins_by(points, spot(box=(20, 2, 76, 24)))}
    glasses = {pin.landmark for pin in pins_by(points, spot(box=(30, 36, 66, 44)))}
    assert hat >= {MARKS[name] for name in ("forehead", "right forehead", "left forehead")}
    assert len(glasses & {MARKS[name] for name in GLASSES}) >= 2
    assert MARKS["nose tip"] not in glasses
    assert 3 <= len(pins_by(points, Picture.blank(*SIZE))) <= 6


def test_a_drawing_of_another_size_lies_over_the_eyes() -> None:
    picture, face = spot((60, 20), (0, 0, 60, 20)), head(roll=15)
    drawing = pinned(picture, face, SIZE)
    eyes = array_of(face)[[MARKS[name] for name in GLASSES], :2]
    left, middle, right = lies(drawing, face, np.array([[0.0, 10.0], [30.0, 10.0], [60.0, 10.0]]))
    assert middle == pytest.approx(eyes.mean(0), abs=0.3)
    angle = np.degrees(np.arctan2(*(right - left)[::-1]))
    assert angle == pytest.approx(15, abs=1)


def test_names_and_numbers_of_landmarks() -> None:
    assert landmark("left ear") == 454
    assert landmark("33") == 33
    for name in ("478", "elbow", ""):
        with pytest.raises(SceneError, match=f"no landmark '{name}'"):
            landmark(name)
    with pytest.raises(SceneError, match="all in one place"):
        pinned(spot(), head(), SIZE, [(1, 1, 3), (1, 1, 4)])
