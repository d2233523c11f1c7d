"""The verbs, triggered as a menu or a key would."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from genani.app.session import Session
from genani.app.states import DrawingState, SpanStatus
from genani.scene.document import CellKind
from tests.app.conftest import Run
from tests.app.desk import Desk
from tests.render.fakes import ScriptedEngine


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.renders.start()
    return made


def test_generate_keep_undo_and_reject(desk: Desk) -> None:
    desk.draw()
    desk.trigger("keep")
    assert desk.frames == [1, 3, 5, 7, 9]
    kinds = [cell.kind for cell in desk.layer.cells]
    assert kinds[1:4] == [CellKind.INBETWEEN] * 3
    middle = desk.layer.drawings[desk.layer.cells[2].drawing or ""]
    assert middle.t == Fraction(1, 2)
    assert desk.session.controller.picture(middle.picture).pixels[0, 0, 0] == 127
    desk.trigger("undo")
    assert desk.frames == [1, 9]
    desk.trigger("reject")
    assert desk.status is SpanStatus.STALE
    [block] = [b for b in desk.layer.exposures(9) if b.frame == 5]
    assert desk.session.frames.state(desk.layer.id, block) is DrawingState.MISSING
    assert desk.messages == []


def test_a_rejected_take_comes_back_when_it_is_asked_for_again(desk: Desk) -> None:
    desk.draw()
    desk.trigger("reject")
    assert desk.span.rejected
    desk.trigger("generate", 1)
    assert not desk.span.rejected
    assert desk.status is SpanStatus.DONE


def test_a_breakdown_keeps_the_picture_and_splits_the_span(
    desk: Desk, engine: ScriptedEngine
) -> None:
    desk.draw()
    shown = desk.session.takes.get(engine.asked[0].hash, Fraction(1, 2))
    desk.trigger("breakdown", 5)
    assert desk.frames == [1, 5, 9]
    cell = desk.layer.cell_on(5)
    assert cell
    assert cell.kind is CellKind.BREAKDOWN
    drawing = desk.layer.drawings[cell.drawing or ""]
    assert shown
    assert drawing.picture == shown.picture.id
    assert [len(span.chart) for span in desk.layer.spans] == [1, 1]
    desk.trigger("generate-all")
    state = desk.session.renders.span_state
    desk.until(
        lambda: all(state(desk.layer.id, s.id).state is SpanStatus.DONE for s in desk.layer.spans),
        "the halves",
    )
    assert [request.times for request in engine.asked[1:]] == [(Fraction(1, 2),)] * 2
    assert desk.layer.cell_on(5) == cell


def test_a_variant_is_shown_with_its_settings(desk: Desk) -> None:
    desk.draw()
    first = desk.session.commands.spans.shown_take()
    desk.trigger("new-seed")
    desk.until(lambda: desk.status is SpanStatus.DONE, "the second take")
    second = desk.session.commands.spans.shown_take()
    assert first
    assert second
    assert first.hash != second.hash
    assert [view.hash for view in desk.session.commands.spans.takes()] == [first.hash, second.hash]
    desk.trigger("previous-variant")
    assert desk.span.settings.seed == 0
    assert desk.status is SpanStatus.DONE
    shown = desk.session.commands.spans.shown_take()
    assert shown
    assert shown.hash == first.hash


def test_exposure_blank_duplicate_and_delete(desk: Desk) -> None:
    desk.trigger("exposure-more", 9)
    assert desk.session.controller.scene.end == 11
    desk.trigger("exposure-more", 1)
    assert desk.frames == [1, 10]
    desk.trigger("exposure-less", 1)
    assert desk.frames == [1, 9]
    desk.trigger("blank", 12)
    assert desk.frames == [1, 9, 12]
    desk.trigger("duplicate", 10)
    assert desk.frames == [1, 9, 10, 12]
    copy = desk.layer.drawings[desk.layer.cells[2].drawing or ""]
    assert copy.number == 3
    assert copy.picture == desk.layer.drawings[desk.layer.cells[1].drawing or ""].picture
    desk.trigger("delete", 10)
    assert desk.frames == [1, 9, 12]
    desk.trigger("insert", 2)
    assert desk.frames == [1, 10, 13]
    desk.session.selection.select_cells([desk.layer.cells[1].id])
    desk.trigger("delete-ripple")
    assert desk.frames == [1, 10]
    assert desk.messages == []


def test_hold_longer_on_a_generated_drawing_stretches_the_span(desk: Desk) -> None:
    desk.trigger("exposure-more", 4)
    assert desk.frames == [1, 10]
    for _ in range(9):
        desk.trigger("exposure-less", 4)
    first, last = desk.layer.ends(desk.span)
    assert last - first > len(desk.span.chart)


def test_deleting_a_generated_drawing_takes_its_tick(desk: Desk) -> None:
    desk.session.selection.select_span(desk.layer.id, desk.span.id, Fraction(1, 2))
    desk.trigger("delete")
    assert desk.span.chart.ticks == (Fraction(1, 4), Fraction(3, 4))
    desk.session.selection.select_span(desk.layer.id, desk.span.id)
    desk.trigger("delete")
    assert desk.layer.spans == ()
    assert desk.session.selection.span is None


def test_generate_between_keys_without_a_span_joins_them(desk: Desk) -> None:
    desk.trigger("remove-span", 3)
    desk.trigger("generate", 3)
    desk.until(lambda: desk.status is SpanStatus.DONE, "the new span")
    assert len(desk.span.chart) == 3


def test_layers(desk: Desk) -> None:
    names = lambda: [layer.name for layer in desk.session.controller.scene.layers]  # noqa: E731
    desk.trigger("add-layer")
    assert names() == ["A", "B"]
    assert desk.session.selection.active_layer() == desk.session.controller.scene.layers[1]
    desk.trigger("layer-down")
    assert names() == ["B", "A"]
    desk.trigger("delete-layer")
    assert names() == ["A"]


def test_markers_and_range(desk: Desk) -> None:
    desk.trigger("marker", 4)
    desk.trigger("marker", 2)
    assert [marker.frame for marker in desk.session.controller.scene.markers] == [2, 4]
    desk.trigger("marker", 4)
    assert [marker.frame for marker in desk.session.controller.scene.markers] == [2]
    desk.trigger("range-in", 3)
    desk.trigger("range-out", 6)
    assert desk.session.controller.scene.play_range == (3, 6)
    desk.trigger("range-in", 8)
    assert desk.session.controller.scene.play_range == (8, 10)
    desk.session.selection.select_span(desk.layer.id, desk.span.id)
    desk.trigger("range-selection")
    assert desk.session.controller.scene.play_range == (1, 9)
    desk.trigger("range-clear")
    assert desk.session.controller.scene.play_range == (1, 10)


def test_regenerate_one_after_a_correction(desk: Desk) -> None:
    desk.draw()
    desk.trigger("keep")
    desk.trigger("regenerate-one", 5)
    assert desk.frames == [1, 3, 7, 9]
    assert desk.status is SpanStatus.DONE


def test_without_a_model_it_says_so_once(desk: Desk) -> None:
    services = replace(desk.session.services, choice=lambda name, _faces: f"no model for {name}")
    desk.session.services = services
    desk.draw()
    desk.trigger("new-seed")
    desk.trigger("generate-all")
    desk.until(lambda: desk.status is SpanStatus.DONE, "the second take")
    assert [m.text for m in desk.messages if "model" in m.text] == ["no model for auto"]


def test_what_cannot_be_used_is_disabled(session: Session) -> None:
    session.commands.refresh()
    enabled = {i for i in session.actions.ids() if session.actions.action(i).isEnabled()}
    assert not {"undo", "redo", "delete", "generate", "keep", "export", "cancel"} & enabled
    assert {"new", "open", "import", "play", "add-layer", "blank"} <= enabled
