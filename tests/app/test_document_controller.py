"""The controller: every action can be undone, drags are one step, refusals are told."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from genani.app.document_controller import DocumentController, SceneChange
from genani.app.pictures import PictureShelf
from genani.scene.document import Layer, Scene
from genani.scene.edits import ChangeScene, MoveCells
from genani.scene.errors import PictureError
from genani.scene.picture import Picture
from genani.scene.timing import TimingChart
from tests.scene.strategies import EditMaker, one_span


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), steps=st.just(500))
def test_500_random_actions_undo_and_redo(qapp: QApplication, seed: int, steps: int) -> None:
    start = Scene(layers=(Layer("L", "A"),))
    controller = DocumentController(start)
    maker = EditMaker(seed)
    for number in range(steps):
        edit = maker.edit(controller.scene)
        if edit is not None:
            controller.do(edit, "edit", merge="drag" if number % 7 < 3 else "")
    end = controller.scene
    while controller.undo_stack.canUndo():
        controller.undo_stack.undo()
    assert controller.scene == start
    while controller.undo_stack.canRedo():
        controller.undo_stack.redo()
    assert controller.scene == end


def test_a_drag_is_one_step(qapp: QApplication) -> None:
    controller = DocumentController(one_span(TimingChart()))
    counts: list[int] = []
    controller.edits_undone.connect(counts.append)
    for _ in range(5):
        assert controller.do(MoveCells("L", ("c2",), 1), "move", merge="drag 1")
    controller.do(MoveCells("L", ("c2",), 1), "move", merge="drag 2")
    assert controller.undo_stack.count() == 2
    controller.undo_stack.undo()
    controller.undo_stack.undo()
    assert counts == [1, 5]
    assert controller.scene == one_span(TimingChart())


def test_a_step_of_many_edits_and_an_empty_one(qapp: QApplication) -> None:
    controller = DocumentController(one_span(TimingChart()))
    with controller.step("nothing"):
        pass
    assert controller.undo_stack.count() == 0
    with controller.step("both"):
        controller.do(MoveCells("L", ("c2",), 1), "one")
        controller.do(MoveCells("L", ("c2",), 1), "two")
    assert controller.undo_stack.count() == 1
    assert controller.undo_stack.undoText() == "both"
    controller.undo_stack.undo()
    assert controller.scene == one_span(TimingChart())


def test_a_refused_edit_is_told_and_changes_nothing(qapp: QApplication) -> None:
    controller = DocumentController(one_span(TimingChart()))
    told: list[str] = []
    controller.refused.connect(told.append)
    assert not controller.do(MoveCells("L", ("c1",), 8), "move")
    assert told == ["layer A: frame 9 already has a drawing"]
    assert controller.undo_stack.count() == 0


def test_a_change_names_its_layers(qapp: QApplication) -> None:
    controller = DocumentController(one_span(TimingChart()))
    changes: list[SceneChange] = []
    controller.scene_changed.connect(changes.append)
    controller.do(MoveCells("L", ("c2",), 1), "move")
    controller.do(ChangeScene(name="x"), "rename")
    assert [change.layers for change in changes] == [{"L"}, frozenset()]


def test_pictures_that_a_source_holds_may_leave_memory() -> None:
    pictures = [Picture.blank(10, 10 + i) for i in range(4)]
    shelf = PictureShelf(budget=900)
    for picture in pictures[:2]:
        shelf.add(picture)
    assert shelf.get(pictures[0].id) is pictures[0]
    shelf.mark_backed(pictures[0].id)
    shelf.mark_backed(pictures[1].id)
    # 840 bytes fit the budget; a third picture does not, and the oldest backed one leaves.
    shelf.add(pictures[2])
    with pytest.raises(PictureError, match="missing"):
        shelf.get(pictures[1].id)
    assert shelf.get(pictures[0].id) is pictures[0]
    shelf.add_source({p.id: p for p in pictures}.get)
    assert shelf.get(pictures[1].id) is pictures[1]
