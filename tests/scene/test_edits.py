"""Edits: whatever is done can be undone, and no edit breaks the timeline."""

from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.edits import (
    AddDrawing,
    AddSpan,
    AnyEdit,
    Batch,
    ChangeSpan,
    DeleteCells,
    Edit,
    InsertFrames,
    KeepTake,
    MakeBreakdown,
    MoveCells,
    RejectTake,
    ReplaceDrawing,
    SetExposure,
    SetKind,
    edit_from_json,
    edit_to_json,
)
from genani.scene.errors import SceneError
from genani.scene.picture import PictureId
from genani.scene.record import from_json, to_json
from genani.scene.span import Span
from genani.scene.timing import TimingChart
from tests.scene.strategies import EDITS, EditMaker, one_span


def check(scene: Scene) -> None:
    for layer in scene.layers:
        frames = [cell.frame for cell in layer.cells]
        assert frames == sorted(set(frames))
        assert all(frame >= 1 for frame in frames)
        shown = layer.exposures(scene.end)
        for before, after in pairwise(shown):
            assert before.frame + before.frames == after.frame
        assert all(block.frames >= 1 for block in shown)
        starts = [span.first for span in layer.spans]
        assert len(starts) == len(set(starts))
        assert len({span.id for span in layer.spans}) == len(layer.spans)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 80), st.integers(0, 30))
def test_a_part_of_a_layer_shows_what_the_whole_does(
    seed: int, steps: int, first: int, more: int
) -> None:
    maker = EditMaker(seed)
    scene = Scene(layers=(Layer("L", "A"),))
    for _ in range(steps):
        edit = maker.edit(scene)
        if edit is not None:
            with suppress(SceneError):
                scene, _ = edit.apply(scene)
    last = first + more
    for layer in scene.layers:
        whole = layer.exposures(last)
        part = [b for b in whole if b.frame <= last and b.frame + b.frames > first]
        assert list(layer.exposures_between(first, last)) == part
        ends = {span.id: layer.ends(span) for span in layer.spans}
        covering = [s for s in layer.spans if ends[s.id][0] <= first < ends[s.id][1]]
        assert layer.span_at(first) == (covering[0] if covering else None)
        near = tuple(s for s in layer.spans if ends[s.id][0] <= last and ends[s.id][1] >= first)
        assert layer.spans_between(first, last) == near


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_random_edits_then_undo_give_the_same_scene(seed: int, steps: int) -> None:
    maker = EditMaker(seed)
    scene = start = Scene(layers=(Layer("L", "A"),))
    undo: list[Edit] = []
    for _ in range(steps):
        edit = maker.edit(scene)
        if edit is None:
            continue
        try:
            after, inverse = edit.apply(scene)
        except SceneError:
            continue
        check(after)
        assert inverse.apply(after)[0] == scene
        replayed = edit_from_json(edit_to_json(edit))
        assert replayed == edit
        assert replayed.apply(scene)[0] == after
        scene = after
        undo.append(inverse)
    redo: list[Edit] = []
    end = scene
    for inverse in reversed(undo):
        scene, again = inverse.apply(scene)
        redo.append(again)
    assert scene == start
    for again in reversed(redo):
        scene = again.apply(scene)[0]
    assert scene == end
    assert from_json(to_json(end), Scene) == end


def test_every_edit_is_tried_and_journalled() -> None:
    union = set(AnyEdit.__args__)
    assert union - set(EDITS) == {t for t in union if t.__name__ == "Restore"}


def test_a_key_dropped_into_a_span_cuts_it_at_its_tick() -> None:
    scene = one_span(TimingChart.of("slow-in", 3))
    drawing = Drawing("d3", PictureId("3" * 64))
    edit = AddDrawing("L", Cell("c3", 5, "d3", CellKind.BREAKDOWN), drawing)
    spans = edit.apply(scene)[0].layers[0].spans
    assert [(s.first, s.last) for s in spans] == [("c1", "c3"), ("c3", "c2")]
    # The tick on frame 5 was 3/4: 1/2 is 2/3 of the way there, 7/8 is half of what is left.
    assert [s.chart.ticks for s in spans] == [(Fraction(2, 3),), (Fraction(1, 2),)]


def test_deleting_a_breakdown_joins_the_spans_again() -> None:
    scene = one_span(TimingChart.of("even", 3))
    drawing = Drawing("d3", PictureId("3" * 64))
    cut = AddDrawing("L", Cell("c3", 5, "d3", CellKind.BREAKDOWN), drawing).apply(scene)[0]
    joined = DeleteCells("L", ("c3",)).apply(cut)[0].layers[0]
    assert [s.chart.ticks for s in joined.spans] == [TimingChart.of("even", 3).ticks]


def test_moving_past_frame_one_stops_there() -> None:
    scene = one_span(TimingChart())
    moved = MoveCells("L", ("c1", "c2"), -50).apply(scene)[0].layers[0]
    assert [cell.frame for cell in moved.cells] == [1, 9]
    scene = MoveCells("L", ("c1", "c2"), 4).apply(scene)[0]
    moved = MoveCells("L", ("c1", "c2"), -50).apply(scene)[0].layers[0]
    assert [cell.frame for cell in moved.cells] == [1, 9]


def test_moving_onto_a_drawing_is_refused_unless_asked() -> None:
    scene = one_span(TimingChart())
    with pytest.raises(SceneError, match="frame 9 already has a drawing"):
        MoveCells("L", ("c1",), 8).apply(scene)
    over = MoveCells("L", ("c1",), 8, overwrite=True).apply(scene)[0].layers[0]
    assert [(c.id, c.frame) for c in over.cells] == [("c1", 9)]


def test_ripple_pushes_what_follows() -> None:
    scene = one_span(TimingChart.of("even", 3))
    pushed = MoveCells("L", ("c1",), 2, ripple=True).apply(scene)[0].layers[0]
    assert [c.frame for c in pushed.cells] == [3, 11]
    opened = InsertFrames("L", 5, 4).apply(scene)[0].layers[0]
    assert [c.frame for c in opened.cells] == [1, 13]
    assert opened.spans == scene.layers[0].spans


def test_exposure_of_the_last_drawing_sets_the_length() -> None:
    scene = one_span(TimingChart())
    assert scene.end == 10
    assert SetExposure("L", "c2", 6).apply(scene)[0].end == 14
    longer = SetExposure("L", "c1", 12).apply(scene)[0]
    assert [c.frame for c in longer.layers[0].cells] == [1, 13]


def test_a_chart_that_does_not_fit_says_where_the_key_must_go() -> None:
    scene = one_span(TimingChart())
    span = scene.layers[0].spans[0]
    with pytest.raises(SceneError, match="move the second key to frame 11"):
        ChangeSpan("L", Span(span.id, "c1", "c2", TimingChart.of("even", 9))).apply(scene)


def test_a_span_needs_neighbours() -> None:
    scene = one_span(TimingChart())
    with pytest.raises(SceneError, match="already have a span"):
        AddSpan("L", Span("x", "c1", "c2")).apply(scene)


def _kept(scene: Scene) -> Scene:
    layer = scene.layers[0]
    span = layer.spans[0]
    found = [(s.frame, s.t) for s in layer.slots(span) if s.frame]
    drawings = tuple(Drawing(f"k{f}", PictureId(f"{f:064x}"), take="T", t=t) for f, t in found)
    cells = tuple(Cell(f"kc{f}", f, f"k{f}", CellKind.INBETWEEN) for f, _ in found)
    return KeepTake("L", span.id, "T", cells, drawings).apply(scene)[0]


def test_keeping_then_rejecting_a_take() -> None:
    scene = _kept(one_span(TimingChart.of("even", 3)))
    layer = scene.layers[0]
    assert [(c.frame, c.kind.value) for c in layer.cells][1:-1] == [
        (3, "in-between"),
        (5, "in-between"),
        (7, "in-between"),
    ]
    assert layer.spans[0].kept == "T"
    gone = RejectTake("L", "s", "T").apply(scene)[0].layers[0]
    assert [c.frame for c in gone.cells] == [1, 9]
    assert gone.spans[0].kept is None
    assert gone.spans[0].rejected == ("T",)


def test_a_breakdown_from_a_kept_take_leaves_only_itself() -> None:
    scene = _kept(one_span(TimingChart.of("even", 3)))
    edit = MakeBreakdown("L", "s", Cell("b", 5, "painted"), Drawing("painted", PictureId("f" * 64)))
    layer = edit.apply(scene)[0].layers[0]
    assert [(c.frame, c.kind.value) for c in layer.cells] == [
        (1, "key"),
        (5, "breakdown"),
        (9, "key"),
    ]
    assert [s.chart.ticks for s in layer.spans] == [(Fraction(1, 2),), (Fraction(1, 2),)]


def test_a_corrected_in_between_survives_a_new_take() -> None:
    scene = _kept(one_span(TimingChart.of("even", 3)))
    painted = Drawing("p", PictureId("e" * 64), take="T", t=Fraction(1, 2), corrected=True)
    scene = ReplaceDrawing("L", "kc5", painted).apply(scene)[0]
    layer = RejectTake("L", "s", "T").apply(scene)[0].layers[0]
    assert [c.frame for c in layer.cells] == [1, 5, 9]


def test_a_batch_is_all_or_nothing() -> None:
    scene = one_span(TimingChart())
    good = MoveCells("L", ("c2",), 4)
    with pytest.raises(SceneError):
        Batch((good, MoveCells("L", ("nobody",), 1))).apply(scene)
    after, inverse = Batch((good, MoveCells("L", ("c1",), 1))).apply(scene)
    assert [c.frame for c in after.layers[0].cells] == [2, 13]
    assert inverse.apply(after)[0] == scene


def test_a_key_marked_in_between_joins_its_spans() -> None:
    scene = one_span(TimingChart.of("even", 1))
    drawing = Drawing("d3", PictureId("3" * 64))
    scene = AddDrawing("L", Cell("c3", 5, "d3"), drawing).apply(scene)[0]
    assert len(scene.layers[0].spans) == 2
    layer = SetKind("L", ("c3",), CellKind.INBETWEEN).apply(scene)[0].layers[0]
    assert [s.chart.ticks for s in layer.spans] == [(Fraction(1, 2),)]


@pytest.mark.parametrize("text", [b"", b"{", b'{"type":"Explode"}', b'{"type":"RemoveSpan"}'])
def test_a_broken_journal_line_is_refused(text: bytes) -> None:
    with pytest.raises(SceneError):
        edit_from_json(text)
