"""The plan asks only for what is missing, and hashes tell what is stale."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from genani.scene.acting import Acting, MouthCue, Pose, Viseme
from genani.scene.document import Cell, CellKind, Drawing, Scene
from genani.scene.edits import (
    ChangeLayer,
    ChangeSpan,
    MakeBreakdown,
    MoveCells,
    ReplaceDrawing,
    SetLandmarks,
)
from genani.scene.errors import PictureError, SceneError
from genani.scene.face import Emotion, FaceGuidance, Landmarks
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import missing, plan, record, stale
from genani.scene.request import RequestRecord, SpanRequest, SpanSettings
from genani.scene.span import count_on, slots
from genani.scene.timing import TimingChart
from tests.scene.strategies import one_span


class Shelf:
    def __init__(self) -> None:
        self.held: set[tuple[str, Fraction]] = set()

    def has(self, take: str, t: Fraction) -> bool:
        return (take, t) in self.held

    def fill(self, asked: RequestRecord) -> None:
        self.held |= {(asked.hash, t) for t in asked.times}


def asked(scene: Scene, span: int = 0) -> RequestRecord:
    layer = scene.layers[0]
    return record(layer, layer.spans[span])


def picture(_: PictureId) -> Picture:
    return Picture.blank(8, 8)


def test_keys_on_1_and_9_with_three_ticks_are_on_twos() -> None:
    assert [s.frame for s in slots(1, 9, TimingChart.of("slow-in", 3))] == [3, 5, 7]
    assert count_on(2, 1, 9) == 3
    assert count_on(1, 1, 9) == 7
    assert count_on(3, 1, 9) == 2
    with pytest.raises(SceneError):
        count_on(0, 1, 9)


def test_chart_ticks_reach_the_request_exactly() -> None:
    scene = one_span(TimingChart.custom([".5", ".75", ".875"]))
    (planned,) = plan(scene, picture, Shelf())
    assert planned.request.times == (Fraction(1, 2), Fraction(3, 4), Fraction(7, 8))


def test_only_what_is_missing_is_asked_for() -> None:
    scene, shelf = one_span(TimingChart.of("even", 1)), Shelf()
    assert stale(scene.layers[0], scene.layers[0].spans[0], shelf)
    shelf.fill(asked(scene))
    assert plan(scene, picture, shelf) == []
    span = replace(scene.layers[0].spans[0], chart=TimingChart.of("even", 3))
    scene = ChangeSpan("L", span).apply(scene)[0]
    (planned,) = plan(scene, picture, shelf)
    assert planned.request.times == (Fraction(1, 4), Fraction(3, 4))


def test_retiming_keeps_a_span_fresh_and_repainting_makes_it_stale() -> None:
    scene, shelf = one_span(TimingChart.of("even", 3)), Shelf()
    shelf.fill(asked(scene))
    moved = MoveCells("L", ("c2",), 8).apply(scene)[0]
    assert plan(moved, picture, shelf) == []
    painted = ReplaceDrawing("L", "c2", Drawing("d2", PictureId("a" * 64))).apply(scene)[0]
    assert len(plan(painted, picture, shelf)) == 1
    assert len(plan(painted, picture, shelf, spans=["other"])) == 0


def test_every_setting_changes_the_hash_and_times_do_not() -> None:
    base = RequestRecord(PictureId("a"), PictureId("b"))
    face = FaceGuidance(Emotion.HAPPY, 0.5)
    others = [
        replace(base, first=PictureId("c")),
        replace(base, mask=PictureId("m")),
        replace(base, settings=SpanSettings(engine="rife")),
        replace(base, settings=SpanSettings(seed=1)),
        replace(base, settings=SpanSettings(options={"x": 1})),
        replace(base, settings=SpanSettings(face=face)),
        replace(base, settings=SpanSettings(face=replace(face, peak=0.25))),
    ]
    assert len({base.hash, *(other.hash for other in others)}) == len(others) + 1
    assert replace(base, times=(Fraction(1, 2),)).hash == base.hash


def test_option_order_does_not_change_the_hash() -> None:
    one = RequestRecord(PictureId("a"), PictureId("b"), SpanSettings(options={"x": 1, "y": 2}))
    two = RequestRecord(PictureId("a"), PictureId("b"), SpanSettings(options={"y": 2, "x": 1}))
    assert one.hash == two.hash


def test_a_request_survives_its_record() -> None:
    rng = np.random.default_rng(0)
    keys = [Picture(rng.integers(0, 255, (4, 6, 4), np.uint8)) for _ in range(2)]
    by_id = {key.id: key for key in keys}
    request = SpanRequest(
        keys[0], keys[1], (Fraction(1, 3), Fraction(2, 3)), SpanSettings("rife", {"a": 0.5})
    )
    again = SpanRequest.from_json(request.to_json(), by_id.__getitem__)
    assert again == request
    assert again.hash == request.hash


def test_keys_of_two_sizes_are_refused_in_words() -> None:
    with pytest.raises(PictureError, match="first is 8 x 6, the second 6 x 8"):
        SpanRequest(Picture.blank(8, 6), Picture.blank(6, 8), (Fraction(1, 2),))


def test_painting_a_breakdown_redraws_the_two_halves_only() -> None:
    scene, shelf = one_span(TimingChart.of("even", 7)), Shelf()
    shelf.fill(asked(scene))
    cell = Cell("b", 5, "p", CellKind.BREAKDOWN)
    edit = MakeBreakdown("L", "s", cell, Drawing("p", PictureId("f" * 64)))
    scene = edit.apply(scene)[0]
    planned = plan(scene, picture, shelf)
    assert [p.request.times for p in planned] == [
        (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    ] * 2
    shown = scene.layers[0].exposures(scene.end)
    assert [(e.frame, e.kind.value) for e in shown] == [
        (1, "key"),
        *((f, "generated") for f in (2, 3, 4)),
        (5, "breakdown"),
        *((f, "generated") for f in (6, 7, 8)),
        (9, "key"),
    ]
    shelf.fill(asked(scene, 0))
    shelf.fill(asked(scene, 1))
    assert missing(asked(scene, 1), shelf) == ()


def test_keys_too_close_leave_ticks_without_a_frame() -> None:
    placed = slots(1, 3, TimingChart.of("even", 3))
    assert [s.frame for s in placed] == [None, 2, None]


def test_an_empty_key_is_named() -> None:
    scene = one_span(TimingChart.of("even", 1))
    layer = scene.layers[0]
    layer = replace(layer, cells=(layer.cells[0], replace(layer.cells[1], drawing=None)))
    with pytest.raises(SceneError, match="frame 9 is empty"):
        record(layer, layer.spans[0])


def test_lanes_reach_the_drawings_they_fall_on() -> None:
    scene = one_span(TimingChart.of("even", 3))
    layer = scene.layers[0]
    first, last = layer.ends(layer.spans[0])
    cue = layer.slots(layer.spans[0])[1]
    assert cue.frame
    acting = Acting(mouths=(MouthCue(cue.frame, Viseme.F), MouthCue(cue.frame + 1, None)))
    scene = ChangeLayer(layer.id, acting=acting).after(scene)
    assert asked(scene).settings.face is None, "an engine that follows no face is told of none"
    span = scene.layers[0].spans[0]
    guided = replace(span, settings=replace(span.settings, face=FaceGuidance()))
    scene = ChangeSpan(layer.id, guided).after(scene)
    face = asked(scene).settings.face
    assert face is not None
    assert face.poses == ((cue.t, Pose(Viseme.F)),)
    assert first < cue.frame < last


def test_landmarks_make_stale_only_what_follows_them() -> None:
    scene = one_span(TimingChart.of("even", 1))
    layer = scene.layers[0]
    drawing = layer.cell(layer.spans[0].first).drawing
    assert drawing
    marked = SetLandmarks(layer.id, drawing, Landmarks(((1.0, 2.0, 0.0),) * 478)).after(scene)
    assert asked(marked).hash == asked(scene).hash

    def guided(settings: SpanSettings, faces: bool) -> SpanSettings:
        return replace(settings, engine="face", face=FaceGuidance(intensity=float(faces)))

    def under(shown: Scene) -> str:
        return record(shown.layers[0], shown.layers[0].spans[0], guided).hash

    assert under(marked) != under(scene)


def test_what_takes_only_the_feeling_is_told_of_no_marks_and_lanes() -> None:
    scene = one_span(TimingChart.of("even", 3))
    layer = scene.layers[0]
    span = layer.spans[0]
    felt = replace(span, settings=replace(span.settings, face=FaceGuidance(Emotion.HAPPY, 0.8)))
    scene = ChangeSpan(layer.id, felt).after(scene)

    def in_words(settings: SpanSettings, faces: bool) -> SpanSettings:
        del faces
        face = settings.face if settings.face and settings.face.intensity else None
        return replace(settings, face=face)

    def under(shown: Scene) -> RequestRecord:
        return record(shown.layers[0], shown.layers[0].spans[0], in_words)

    plain = under(scene)
    assert plain.settings.face == FaceGuidance(Emotion.HAPPY, 0.8)
    drawing = layer.cell(span.first).drawing
    cue = layer.slots(span)[1]
    assert drawing
    assert cue.frame
    more = SetLandmarks(layer.id, drawing, Landmarks(((1.0, 2.0, 0.0),) * 478)).after(scene)
    acting = Acting(mouths=(MouthCue(cue.frame, Viseme.F),))
    more = ChangeLayer(layer.id, acting=acting).after(more)
    assert under(more) == plain
    assert record(more.layers[0], more.layers[0].spans[0]) != plain
