"""The timeline as a Qt model: sound under Qt's own tester, and right in what it tells."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from genani.app.session import Session
from genani.app.states import DrawingState
from genani.app.timeline_model import Role, TimelineModel
from genani.scene.document import CellKind
from genani.scene.edits import ChangeLayer
from tests.app.conftest import Run
from tests.app.desk import Desk
from tests.scene.strategies import EditMaker

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    return made


@pytest.fixture
def model(desk: Desk) -> Iterator[TimelineModel]:
    model = desk.session.model
    tester = QAbstractItemModelTester(model, FATAL)
    yield model
    del tester


def tell(model: TimelineModel, frame: int, role: int, row: int = 0) -> object:
    return model.index(row, frame - 1).data(role)


def test_what_frames_tell(desk: Desk, model: TimelineModel) -> None:
    assert (model.rowCount(), model.columnCount()) == (1, 10)
    assert [tell(model, f, Role.KIND) for f in (1, 3, 9)] == [
        CellKind.KEY,
        CellKind.GENERATED,
        CellKind.KEY,
    ]
    assert [tell(model, f, Role.HELD) for f in (1, 2, 3, 4)] == [False, True, False, True]
    assert [tell(model, f, Role.FRAMES) for f in (1, 3, 9)] == [2, 2, 2]
    assert [tell(model, f, Role.NUMBER) for f in (1, 3, 9)] == [1, None, 2]
    assert tell(model, 3, Role.STATE) == DrawingState.MISSING
    assert tell(model, 3, Role.SPAN) == desk.span.id
    assert tell(model, 1, Role.LAYER) == desk.layer.id
    assert tell(model, 1, Qt.ItemDataRole.DisplayRole) == "1"
    assert tell(model, 2, Qt.ItemDataRole.DisplayRole) is None
    words = tell(model, 4, Qt.ItemDataRole.AccessibleTextRole)
    assert words == "A: frames 3–4, generated in-between, not drawn yet"
    assert tell(model, 9, Qt.ItemDataRole.ToolTipRole) == "A: frames 9–10, key, drawing 2"
    assert model.headerData(0, Qt.Orientation.Vertical) == "A"
    assert model.headerData(4, Qt.Orientation.Horizontal) == 5


def test_the_front_layer_is_the_first_row(desk: Desk, model: TimelineModel) -> None:
    desk.trigger("add-layer")
    assert [model.headerData(row, Qt.Orientation.Vertical) for row in (0, 1)] == ["B", "A"]
    assert (model.row(desk.layer.id), model.row("nobody")) == (1, -1)
    assert tell(model, 1, Role.EXPOSURE) is None


def test_only_what_changed_is_told(desk: Desk, model: TimelineModel) -> None:
    told: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        told.append((first.column() + 1, last.column() + 1))

    desk.trigger("add-layer")
    model.dataChanged.connect(note)
    desk.session.controller.do(ChangeLayer(desk.layer.id, name="ink"), "rename")
    assert told == [(1, 10)]
    told.clear()
    desk.session.renders.start()
    desk.session.selection.set_layer(desk.layer.id)
    desk.draw()
    assert set(told) == {(1, 9)}
    assert tell(model, 3, Role.STATE, 1) == DrawingState.CACHED


def test_corrected_and_empty(desk: Desk, model: TimelineModel) -> None:
    desk.session.renders.start()
    desk.draw()
    desk.trigger("keep")
    [block] = [b for b in desk.layer.exposures(9) if b.frame == 5]
    drawing = desk.layer.drawings[desk.layer.cells[0].drawing or ""]
    desk.session.corrections.correct(desk.layer.id, block, drawing.picture)
    assert [tell(model, frame, Role.CORRECTED) for frame in (3, 5)] == [False, True]
    desk.trigger("blank", 10)
    assert tell(model, 10, Role.NUMBER) is None
    assert tell(model, 10, Qt.ItemDataRole.ToolTipRole) == "A: frames 10–11, empty"


@pytest.mark.parametrize("seed", [1, 2])
def test_it_stays_sound_under_random_edits(
    desk: Desk, model: TimelineModel, seed: int, qapp: QApplication
) -> None:
    maker = EditMaker(seed)
    for _ in range(40):
        edit = maker.edit(desk.session.controller.scene)
        if edit is not None:
            desk.session.controller.do(edit, "edit")
    while desk.session.controller.undo_stack.canUndo():
        desk.session.controller.undo_stack.undo()
    assert model.columnCount() == 1
