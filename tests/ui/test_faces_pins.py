"""The pin tool, with the mouse and keys of a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from genani.scene.edits import ChangeSpan
from genani.scene.face import FaceGuidance, FacePart, Landmarks, LandmarkSource
from genani.ui.canvas.view import CanvasView
from genani.ui.faces.pins import PinTool
from tests.app.faces import ScriptedFinder, face
from tests.ui.stage import LEFT, PLAIN, Stage, move_mouse

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Desk:
    """Short ways to pull at pins."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.session = stage.session
        self.canvas: CanvasView = stage.window.canvas
        self.tool: PinTool = stage.window.faces.tool
        self.pins = stage.session.services.faces.pins

    @property
    def face(self) -> Landmarks:
        here = self.session.faces.view.here()
        assert here is not None
        assert here.landmarks is not None
        return here.landmarks

    def has_face(self) -> bool:
        here = self.session.faces.view.here()
        return here is not None and here.landmarks is not None

    def places(self) -> dict[str, tuple[float, float]]:
        return dict(self.session.faces.pins(self.face))

    def screen(self, x: float, y: float) -> QPoint:
        return self.canvas.viewport_now.to_screen(QPointF(x, y)).toPoint()

    def pin(self, name: str) -> QPoint:
        return self.screen(*self.places()[name])

    def drag(
        self,
        start: QPoint,
        by: tuple[int, int],
        keys: Qt.KeyboardModifier = PLAIN,
        end: bool = True,
    ) -> None:
        move_mouse(self.canvas, start, start + QPoint(*by), keys, release=end)
        if end:
            self.stage.settle()

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
        self.session.commands.refresh()
        QTest.keyClick(self.canvas, key, keys)

    @property
    def steps(self) -> int:
        return self.session.controller.undo_stack.index()

    def undo(self) -> None:
        self.stage.trigger("undo")


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """Two empty drawings of 320 by 240 on frames 1 and 9, the pin tool chosen."""
    for name in ("a.png", "b.png"):
        pixels = np.full((240, 320, 4), 255 if name == "a.png" else 250, np.uint8)
        Image.fromarray(pixels).save(stage.folder / name)
    stage.bring(stage.folder / "a.png", stage.folder / "b.png")
    stage.trigger("face-pins")
    return Desk(stage)


@pytest.fixture
def placed(desk: Desk) -> Desk:
    """The same with a face on the first key."""
    desk.session.faces.put(face(100, 60, 200, 190), "place")
    return desk


@pytest.fixture
def between(placed: Desk) -> Desk:
    """The same with a face on both keys, the playhead between them."""
    placed.session.playback.seek(9)
    placed.session.faces.put(face(140, 60, 240, 190), "place")
    layer, span = placed.stage.layer, placed.stage.span
    followed = replace(span, settings=replace(span.settings, face=FaceGuidance()))
    placed.session.controller.do(ChangeSpan(layer.id, followed), "follow")
    placed.session.playback.seek(5)
    return placed


# From nothing.


def test_a_dragged_box_places_a_face_where_none_is_found(
    desk: Desk, finder: ScriptedFinder
) -> None:
    start, stop = desk.screen(100, 60), desk.screen(200, 190)
    desk.drag(start, (stop.x() - start.x(), stop.y() - start.y()))
    points = np.asarray(desk.face.points)
    np.testing.assert_allclose(points[:, :2].min(0), (100, 60), atol=1)
    np.testing.assert_allclose(points[:, :2].max(0), (200, 190), atol=1)
    assert desk.face.source is LandmarkSource.HAND
    box = finder.asked[-1]
    assert box is not None
    np.testing.assert_allclose(box, (100, 60, 200, 190), atol=1)
    desk.undo()
    assert not desk.has_face()


def test_what_is_found_in_the_box_is_taken_but_not_what_is_found_elsewhere(
    desk: Desk, finder: ScriptedFinder
) -> None:
    finder.found = lambda _picture: [face(0, 0, 40, 40), face(105, 66, 195, 188)]
    start, stop = desk.screen(100, 60), desk.screen(200, 190)
    desk.drag(start, (stop.x() - start.x(), stop.y() - start.y()))
    assert desk.face == face(105, 66, 195, 188)


def test_with_shift_nobody_looks(desk: Desk, finder: ScriptedFinder) -> None:
    finder.asked.clear()
    desk.drag(desk.screen(100, 60), (200, 260), SHIFT)
    assert desk.has_face()
    assert finder.asked == []


def test_a_click_places_a_face_of_a_likely_size(desk: Desk) -> None:
    desk.stage.click(desk.canvas, desk.screen(160, 120))
    desk.stage.settle()
    points = np.asarray(desk.face.points)
    np.testing.assert_allclose(points[:, 1].max() - points[:, 1].min(), 0.4 * 240)


def test_where_faces_cannot_be_looked_for_they_are_placed_all_the_same(
    desk: Desk, finder: ScriptedFinder
) -> None:
    finder.installed = False
    told: list[object] = []
    desk.session.message.connect(told.append)
    desk.drag(desk.screen(100, 60), (200, 260))
    assert desk.has_face()
    assert told == []


def test_between_keys_without_faces_nothing_is_placed(desk: Desk) -> None:
    desk.session.playback.seek(5)
    before = desk.steps
    desk.drag(desk.screen(100, 60), (200, 260))
    assert desk.steps == before
    assert "both keys" in desk.stage.window.faces.bar.hint


# Pins.


def test_a_dragged_pin_lies_under_the_pointer_and_the_others_stay(placed: Desk) -> None:
    before, steps = placed.places(), placed.steps
    placed.drag(placed.pin("chin"), (30, 21))
    after = placed.places()
    scale = placed.canvas.viewport_now.scale
    moved = np.subtract(after.pop("chin"), before.pop("chin"))
    np.testing.assert_allclose(moved, (30 / scale, 21 / scale), atol=0.01)
    for pin, place in after.items():
        np.testing.assert_allclose(place, before[pin], atol=1e-6)
    assert placed.steps == steps + 1
    assert placed.face.source is LandmarkSource.HAND
    placed.undo()
    assert placed.face == face(100, 60, 200, 190)


def test_nothing_is_changed_while_the_button_is_held(placed: Desk) -> None:
    steps, before = placed.steps, placed.face
    placed.drag(placed.pin("chin"), (30, 20), end=False)
    assert placed.steps == steps
    assert placed.face == before
    placed.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(placed.canvas, LEFT, PLAIN, QPoint(5, 5))
    assert placed.steps == steps
    assert placed.face == before


def test_a_click_chooses_a_pin_and_moves_nothing(placed: Desk) -> None:
    steps = placed.steps
    placed.drag(placed.pin("chin"), (2, 1))
    assert placed.tool.selected == "chin"
    assert placed.steps == steps


def test_with_shift_the_whole_part_goes(placed: Desk) -> None:
    before = placed.places()
    placed.drag(placed.pin("right mouth corner"), (14, -10), SHIFT)
    after = placed.places()
    moved = {pin for pin in after if np.abs(np.subtract(after[pin], before[pin])).max() > 1}
    assert moved == {"right mouth corner", "left mouth corner", "upper lip", "lower lip"}


def test_both_sides_alike(placed: Desk) -> None:
    placed.stage.trigger("face-symmetric")
    before = placed.places()
    placed.drag(placed.pin("right brow outer"), (-14, -21))
    after = placed.places()
    right = np.subtract(after["right brow outer"], before["right brow outer"])
    left = np.subtract(after["left brow outer"], before["left brow outer"])
    np.testing.assert_allclose(left, right * (-1, 1), atol=0.05)


def test_inside_the_face_all_of_it_goes(placed: Desk) -> None:
    before = np.asarray(placed.face.points)
    scale = placed.canvas.viewport_now.scale
    placed.drag(placed.screen(125, 150), (35, 14))
    moved = np.asarray(placed.face.points) - before
    np.testing.assert_allclose(moved, np.tile((35 / scale, 14 / scale, 0), (478, 1)), atol=1e-6)


def test_with_ctrl_it_is_turned_and_scaled(placed: Desk) -> None:
    before = np.asarray(placed.face.points)[:, :2]
    middle = (before.min(0) + before.max(0)) / 2
    start = placed.screen(middle[0] + 60, middle[1])
    stop = placed.screen(middle[0], middle[1] + 90)
    placed.drag(start, (stop.x() - start.x(), stop.y() - start.y()), CTRL)
    after = np.asarray(placed.face.points)[:, :2]
    turned = (before - middle) @ np.array([[0, 1.5], [-1.5, 0]]) + middle
    np.testing.assert_allclose(after, turned, atol=1.5)


def test_a_locked_part_stays(placed: Desk) -> None:
    placed.session.faces.lock(FacePart.MOUTH, True)
    before, steps = placed.places(), placed.steps
    placed.drag(placed.pin("lower lip"), (20, 20))
    assert placed.steps == steps
    placed.drag(placed.pin("chin"), (0, 40))
    for pin in ("lower lip", "upper lip", "left mouth corner"):
        np.testing.assert_allclose(placed.places()[pin], before[pin], atol=1e-6)


def test_double_click_lets_a_pin_go_back_to_the_others(placed: Desk) -> None:
    before = placed.places()["chin"]
    placed.drag(placed.pin("chin"), (40, 30))
    QTest.mouseDClick(placed.canvas, LEFT, PLAIN, placed.pin("chin"))
    placed.stage.settle()
    np.testing.assert_allclose(placed.places()["chin"], before, atol=6)


# Keys.


def test_arrows_nudge_the_chosen_pin_in_one_step(placed: Desk) -> None:
    placed.stage.click(placed.canvas, placed.pin("nose tip"))
    before, steps, frame = placed.places()["nose tip"], placed.steps, placed.session.playback.frame
    placed.key(Qt.Key.Key_Right)
    placed.key(Qt.Key.Key_Down)
    placed.key(Qt.Key.Key_Right, SHIFT)
    np.testing.assert_allclose(placed.places()["nose tip"], np.add(before, (11, 1)))
    assert placed.session.playback.frame == frame
    assert placed.steps == steps + 1
    placed.undo()
    np.testing.assert_allclose(placed.places()["nose tip"], before)


def test_without_a_pin_arrows_go_through_time(placed: Desk) -> None:
    placed.key(Qt.Key.Key_Right)
    assert placed.session.playback.frame == 2


def test_tab_goes_through_the_pins_and_escape_leaves_step_by_step(placed: Desk) -> None:
    names = list(placed.pins)
    placed.canvas.setFocus()
    placed.key(Qt.Key.Key_Tab)
    placed.key(Qt.Key.Key_Tab)
    assert placed.tool.selected == names[1]
    placed.key(Qt.Key.Key_Backtab, SHIFT)
    assert placed.tool.selected == names[0]
    placed.key(Qt.Key.Key_Escape)
    assert placed.tool.selected is None
    assert placed.tool.on
    placed.key(Qt.Key.Key_Escape)
    assert not placed.tool.on


def test_delete_never_takes_the_drawing(placed: Desk) -> None:
    placed.stage.click(placed.canvas, placed.pin("chin"))
    placed.drag(placed.pin("chin"), (40, 30))
    moved = placed.places()["chin"]
    placed.key(Qt.Key.Key_Delete)
    assert placed.places()["chin"] != moved
    placed.key(Qt.Key.Key_Escape)
    placed.key(Qt.Key.Key_Delete)
    assert not placed.has_face()
    assert placed.stage.frames == [1, 9]
    placed.undo()
    assert placed.has_face()


# Between keys.


def test_a_pin_dragged_between_keys_is_where_the_face_passes(between: Desk) -> None:
    preview = between.session.faces.preview
    between.stage.until(lambda: preview.draft is not None, "the draft")
    resting = preview.draft
    between.drag(between.pin("chin"), (0, 40), end=False)
    between.stage.until(lambda: preview.draft is not resting, "another draft")
    chin = between.pins["chin"]
    between.stage.until(lambda: preview.paths[0][2].points[chin][1] > 195, "the path")
    low = between.places()["chin"][1]
    QTest.mouseRelease(between.canvas, LEFT, PLAIN, QPoint(5, 5))
    between.stage.settle()
    scale = between.canvas.viewport_now.scale
    assert between.places()["chin"][1] == pytest.approx(low + 40 / scale, abs=0.2)
    breakdowns = between.stage.span.settings.face
    assert breakdowns is not None
    assert [each.t for each in breakdowns.breakdowns] == [between.stage.span.chart.ticks[1]]
    assert preview.draft is not None
    between.session.playback.seek(1)
    assert preview.draft is None
    between.session.playback.seek(5)
    between.key(Qt.Key.Key_Delete)
    assert between.places()["chin"][1] == pytest.approx(low, abs=0.01)


def test_the_way_of_the_chosen_pin_shows_from_key_to_key(placed: Desk) -> None:
    placed.session.playback.seek(9)
    placed.session.faces.put(face(140, 60, 240, 190), "place")
    placed.session.playback.seek(1)
    preview = placed.session.faces.preview
    placed.stage.until(lambda: preview.paths, "the path")
    assert [len(path) for path in preview.paths] == [5]
    chin = placed.pins["chin"]
    placed.drag(placed.pin("chin"), (-30, 0), end=False)
    start = placed.tool.face()
    assert start is not None
    placed.stage.until(
        lambda: preview.paths and preview.paths[0][0].points[chin] == start.points[chin],
        "the path to follow the pin",
    )
    QTest.mouseRelease(placed.canvas, LEFT, PLAIN, QPoint(5, 5))


# The tool itself.


def test_the_bar_shows_while_the_tool_is_chosen(placed: Desk) -> None:
    bar = placed.stage.window.faces.bar
    assert bar.isVisible()
    assert "Drag a pin" in bar.hint
    placed.stage.click(placed.stage.find(QToolButton, "pins-done"))
    assert not bar.isVisible()
    assert not placed.tool.on


def test_other_keys_and_panning_work_as_ever(placed: Desk) -> None:
    before, view = placed.face, placed.canvas.viewport_now
    middle = Qt.MouseButton.MiddleButton
    chin = placed.pin("chin")
    move_mouse(placed.canvas, chin, chin + QPoint(40, 0), button=middle)
    assert placed.canvas.viewport_now.x == pytest.approx(view.x + 40)
    assert placed.face == before
    placed.key(Qt.Key.Key_O)
    assert placed.session.settings.onion.on
