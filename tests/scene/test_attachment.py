"""Attachments: where they lie among the layers, whose face they follow, and how they are moved."""

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.scene.acting import Acting, MouthCue, Viseme
from genani.scene.attached import AttachedFrame, FaceMoment, lying, moment, told, without_face
from genani.scene.attachment import Attachment, Cover, Order, Piece, Pin, Pinned
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.edits import AddLayer, Attach, ChangeLayer, RemoveLayer
from genani.scene.errors import SceneError
from genani.scene.face import Emotion, FaceGuidance, Landmarks
from genani.scene.frame import shots
from genani.scene.picture import PictureId
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart

FIRST, LAST = (Landmarks(((float(at), 0.0, 0.0),) * 478) for at in (1, 2))
GLASSES, FRINGE = PictureId("9" * 64), PictureId("8" * 64)
NUMBERS = st.floats(-200, 200)


def pinned(*pins: Pin, picture: PictureId = GLASSES) -> Pinned:
    return Pinned(picture, FIRST, pins or (Pin(3, 4, 33), Pin(9, 4, 263)))


def worn(*orders: Order, follows: str = "face") -> Attachment:
    return Attachment(follows, tuple(Piece(pinned(), order) for order in orders))


def face_layer(**settings: object) -> Layer:
    drawings = {
        name: Drawing(name, PictureId(name * 64), landmarks=face)
        for name, face in (("a", FIRST), ("b", LAST))
    }
    cells = Cell("k1", 1, "a"), Cell("k2", 5, "b")
    asked = SpanSettings(face=FaceGuidance(Emotion.HAPPY, 0.5))
    span = Span("s", "k1", "k2", TimingChart.of("even", 3), asked)
    return replace(Layer("face", "Mika", drawings, cells, (span,)), **settings)


def scene(attachment: Attachment, face: Layer | None = None) -> Scene:
    layers = Layer("back", "paper"), face or face_layer(), Layer("hat", "glasses")
    return Scene(32, 32, layers=(*layers[:2], replace(layers[2], attachment=attachment)))


def put_on(attachment: Attachment | None, locked: bool = False) -> object:
    before, _ = ChangeLayer("hat", locked=locked).apply(scene(worn(Order.FRONT)))
    return Attach("hat", attachment).apply(before)


def test_each_order_lies_in_its_place() -> None:
    def stack(*orders: Order) -> list[tuple[str, bool]]:
        return [
            (each.layer.name, each.behind)
            for each in lying(scene(worn(*orders)))
            if each.wearer or each.layer.cells
        ]

    face = "Mika", False
    assert stack(Order.FRONT) == [face, ("glasses", False)]
    assert stack(Order.BEHIND) == [("glasses", True), face]
    assert stack(Order.SIDE) == [("glasses", True), face, ("glasses", False)]
    assert stack(Order.BEHIND, Order.FRONT) == stack(Order.SIDE)


def test_every_frame_shows_it_on_its_face() -> None:
    found = list(shots(scene(worn(Order.FRONT)), 1, 6))
    faces: list[FaceMoment] = []
    for shot in found:
        (what, _) = shot.layers[-1]
        assert isinstance(what, AttachedFrame)
        faces.append(what.face)
    assert [shot.frame for shot in found] == [1, 2, 3, 4, 5]
    assert found[-1].frames == 2
    assert faces[0] == FaceMoment(FIRST)
    assert faces[4] == FaceMoment(LAST)
    assert [face.t for face in faces[1:4]] == [Fraction(k, 4) for k in (1, 2, 3)]
    guidance = faces[2].guidance
    assert (faces[2].first, faces[2].last) == (FIRST, LAST)
    assert guidance is not None
    assert guidance.emotion is Emotion.HAPPY


def test_what_the_lanes_ask_moves_it_too() -> None:
    layer = face_layer(acting=Acting(mouths=(MouthCue(3, Viseme.D),)))
    blocks = layer.exposures(6)
    asked = [found.guidance for block in blocks if (found := moment(layer, block))]
    assert next(each.poses for each in asked if each) == ()
    posed = asked[2]
    assert posed is not None
    pose = posed.pose(Fraction(1, 2))
    assert pose is not None
    assert pose.mouth is Viseme.D


def test_a_take_that_stands_in_for_another_drawing_has_its_own_face() -> None:
    layer = face_layer()
    block = layer.exposures(6)[1]
    assert moment(layer, block, Fraction(3, 4)) == replace(
        moment(layer, layer.exposures(6)[3]) or FaceMoment(FIRST),
        guidance=FaceGuidance(Emotion.HAPPY, 0.5),
    )


def test_an_in_between_off_the_chart_goes_by_its_frame() -> None:
    layer = face_layer()
    loose = Cell("c", 4, "c", CellKind.INBETWEEN)
    drawings = {**layer.drawings, "c": Drawing("c", PictureId("c" * 64))}
    span = replace(layer.spans[0], chart=TimingChart())
    layer = replace(
        layer, drawings=drawings, cells=(layer.cells[0], loose, layer.cells[1]), spans=(span,)
    )
    found = moment(layer, layer.exposures(5)[1])
    assert found is not None
    assert found.t == Fraction(3, 4)


def test_a_frame_without_a_face_shows_none_and_says_so() -> None:
    layer = face_layer()
    plain = replace(layer.drawings["b"], landmarks=None)
    layer = replace(layer, drawings={**layer.drawings, "b": plain})
    without = scene(worn(Order.FRONT), layer)
    shown = {shot.frame: len(shot.layers) for shot in shots(without, 1, 5)}
    assert shown == {1: 2, 2: 1, 3: 1, 4: 1, 5: 1}
    (lacking,) = without_face(without, 1, 5)
    assert told(lacking) == (
        "glasses is not shown on frame 2: no face is marked there on Mika; "
        "mark it on the keys around"
    )
    assert without_face(without, 1, 1) == []
    hidden, _ = ChangeLayer("hat", visible=False).apply(without)
    assert without_face(hidden, 1, 5) == []


def test_nothing_is_shown_once_the_face_is_gone() -> None:
    gone, undo = RemoveLayer("face").apply(scene(worn(Order.SIDE)))
    assert [each.layer.name for each in lying(gone)] == ["paper", "glasses"]
    assert "whose face it follows is gone" in told(without_face(gone, 1, 5)[0])
    assert undo.apply(gone)[0] == scene(worn(Order.SIDE))


def test_it_is_put_on_and_taken_off() -> None:
    before = scene(worn(Order.FRONT))
    other = worn(Order.BEHIND)
    after, undo = Attach("hat", other).apply(before)
    assert after.layer("hat").attachment == other
    assert undo.apply(after)[0] == before
    bare, _ = Attach("hat", None).apply(after)
    assert bare.layer("hat").attachment is None


def test_the_scene_needs_its_pictures() -> None:
    attachment = replace(worn(Order.FRONT), covers=(Cover("fringe", pinned(picture=FRINGE)),))
    assert {GLASSES, FRINGE} <= scene(attachment).pictures()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Pin(0, 0, 478), "there is no 478"),
        (lambda: Pin(math.nan, 0, 1), "a place of the picture"),
        (lambda: Pinned(GLASSES, FIRST, ()), "1 to 64 pins"),
        (lambda: pinned(Pin(0, 0, 1), Pin(2, 2, 1)), "same landmark"),
        (lambda: Attachment("face", ()), "1 to 16 pieces"),
        (lambda: pinned().carried((0, 0), scale=0), "a number over 0"),
        (lambda: put_on(worn(Order.FRONT, follows="hat")), "another layer"),
        (lambda: put_on(worn(Order.FRONT, follows="x")), "no such layer"),
        (lambda: put_on(None, locked=True), "is locked"),
    ],
)
def test_what_cannot_be_is_said(make: Callable[[], object], says: str) -> None:
    with pytest.raises(SceneError, match=says):
        make()


@given(NUMBERS, NUMBERS, st.floats(0.2, 5), st.floats(-3, 3), NUMBERS, NUMBERS)
def test_carried_there_and_back_is_as_it_was(
    x: float, y: float, scale: float, angle: float, right: float, down: float
) -> None:
    start = pinned(Pin(x, y, 1), Pin(3, 4, 2))
    there = start.carried((right, down), scale=scale, angle=angle)
    back = there.carried((right, down), scale=1 / scale, angle=-angle)
    for one, two in zip(start.pins, back.pins, strict=True):
        assert (two.x, two.y) == pytest.approx((one.x, one.y), abs=1e-6)
    # What it is turned about stays, and everything else keeps its distance to that by the scale.
    before, after = (math.dist((p.pins[0].x, p.pins[0].y), (right, down)) for p in (start, there))
    assert after * scale == pytest.approx(before, abs=1e-6)


@given(NUMBERS, NUMBERS)
def test_moved_to_the_right_its_pins_lie_farther_left_in_the_picture(x: float, y: float) -> None:
    start = pinned()
    there = start.carried((0, 0), (x, y))
    for one, two in zip(start.pins, there.pins, strict=True):
        assert (two.x + x, two.y + y) == pytest.approx((one.x, one.y))
    assert there.face.points[0][0] == pytest.approx(FIRST.points[0][0] - x)


def test_a_layer_of_its_own_comes_and_goes() -> None:
    before = Scene(32, 32, layers=(face_layer(),))
    edit = AddLayer(Layer("hat", "hat", attachment=worn(Order.FRONT)), 1)
    after, undo = edit.apply(before)
    assert [type(what) for what, _ in next(shots(after, 1, 1)).layers][-1] is AttachedFrame
    assert undo.apply(after)[0] == before
