"""The lanes under a layer: what they ask on a frame, and how they go along with edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.scene.acting import Acting, Blink, Gaze, MouthCue, Pose, Viseme
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.edits import (
    ChangeLayer,
    DeleteCells,
    DeleteFrames,
    InsertFrames,
    MoveCells,
    SetExposure,
    edit_from_json,
    edit_to_json,
)
from genani.scene.errors import SceneError
from genani.scene.picture import PictureId

LAST = 60
frames = st.integers(1, LAST)
shapes = st.none() | st.sampled_from(Viseme)


@st.composite
def actings(draw: st.DrawFn) -> Acting:
    def places() -> list[int]:
        return sorted(draw(st.sets(frames, max_size=6)))

    lengths = st.integers(1, 12)
    look = st.floats(-1, 1)
    return Acting(
        tuple(MouthCue(frame, draw(shapes)) for frame in places()),
        tuple(Blink(f, draw(lengths), draw(look), draw(st.floats(0, 1))) for f in places()),
        tuple(Gaze(f, draw(lengths), draw(look), draw(look)) for f in places()),
    )


def looks_at(acting: Acting, frame: int) -> tuple[float, float] | None:
    pose = acting.at(frame)
    return pose.gaze if pose else None


@given(actings(), frames)
def test_a_frame_without_anything_asked_has_no_pose(acting: Acting, frame: int) -> None:
    pose = acting.at(frame)
    assert pose is None or pose != Pose()
    if pose is None:
        assert acting.mouth_at(frame) is None


@given(actings(), frames)
def test_lids_close_between_nothing_and_wholly(acting: Acting, frame: int) -> None:
    pose = acting.at(frame) or Pose()
    assert all(0 <= shut <= 1 for shut in pose.lids)


@given(frames, st.integers(1, 24), st.floats(-1, 1))
def test_every_blink_is_seen_shut_on_some_frame(frame: int, length: int, lag: float) -> None:
    blink = Blink(frame, length, lag if length > 3 else 0.0)
    shut = [blink.closed(at) for at in range(frame, frame + length)]
    assert max(right for right, _ in shut) >= 0.5 or length < 2
    assert blink.closed(frame - 1) == (0, 0)
    if not blink.lag:
        assert all(right == left for right, left in shut)
        assert blink.closed(frame + length) == (0, 0)


@pytest.mark.parametrize(("length", "lag"), [(0, 0.0), (241, 0.0), (6, 1.5)])
def test_impossible_blinks_are_refused(length: int, lag: float) -> None:
    with pytest.raises(SceneError):
        Blink(1, length, lag)


def test_lanes_keep_order() -> None:
    with pytest.raises(SceneError, match="follow one another"):
        Acting(mouths=(MouthCue(5, Viseme.A), MouthCue(5, Viseme.B)))


@given(actings(), frames, st.integers(1, 20))
def test_frames_put_in_move_what_follows(acting: Acting, frame: int, count: int) -> None:
    opened = acting.opened(frame, count)
    for at in range(1, LAST + 12):
        moved = at + count if at >= frame else at
        assert opened.mouth_at(moved) == acting.mouth_at(at)
        assert looks_at(opened, moved) == looks_at(acting, at)
    for at in range(frame, frame + count):
        assert opened.mouth_at(at) == acting.mouth_at(frame - 1)
    assert [blink.length for blink in opened.blinks] == [b.length for b in acting.blinks]


@given(actings(), frames, st.integers(1, 20))
def test_frames_taken_out_leave_the_rest_as_it_was(acting: Acting, frame: int, count: int) -> None:
    closed = acting.closed(frame, count)
    for at in [*range(1, frame), *range(frame + count, LAST + 12)]:
        moved = at - count if at >= frame else at
        assert closed.mouth_at(moved) == acting.mouth_at(at)
        assert looks_at(closed, moved) == looks_at(acting, at)
    gone = [b for b in acting.blinks if frame <= b.frame < frame + count]
    assert len(closed.blinks) == len(acting.blinks) - len(gone)


def test_looks_that_fall_together_still_show_one_after_the_other() -> None:
    acting = Acting(gazes=(Gaze(1, 3, 0.5), Gaze(2, 1, -0.5)))
    assert acting.closed(1, 1).gazes == (Gaze(1, 1, -0.5), Gaze(2, 1, 0.5))


@given(actings(), frames, st.integers(1, 20))
def test_what_was_put_in_can_be_taken_out_again(acting: Acting, frame: int, count: int) -> None:
    assert acting.opened(frame, count).closed(frame, count) == acting


@given(actings(), st.lists(st.tuples(st.integers(1, 30), shapes), min_size=1, max_size=6))
def test_a_voice_replaces_the_lane_only_where_it_speaks(
    acting: Acting, steps: list[tuple[int, Viseme | None]]
) -> None:
    voice: list[MouthCue] = []
    frame = 0
    for step, shape in steps:
        frame += step
        voice.append(MouthCue(frame, shape))
    voice.append(MouthCue(frame + 4, None))
    spoken = acting.with_mouths(voice)
    for at in range(1, frame + LAST):
        inside = voice[0].frame <= at < frame + 4
        before = Acting(mouths=tuple(voice)) if inside else acting
        assert spoken.mouth_at(at) == before.mouth_at(at)
    assert (spoken.blinks, spoken.gazes) == (acting.blinks, acting.gazes)


def test_no_voice_changes_nothing() -> None:
    acting = Acting(mouths=(MouthCue(3, Viseme.C),))
    assert acting.with_mouths(()) is acting


def scene(acting: Acting) -> Scene:
    drawing = Drawing("d", PictureId("0" * 64))
    cells = (Cell("a", 1, "d"), Cell("b", 9, "d"))
    return Scene(layers=(Layer("one", "Face", {"d": drawing}, cells, acting=acting),))


@given(actings(), frames, st.integers(1, 20))
def test_edits_of_frames_carry_the_lanes_along_and_back(
    acting: Acting, frame: int, count: int
) -> None:
    before = scene(acting)
    for edit in (InsertFrames("one", frame, count), DeleteFrames("one", frame, count)):
        after, undo = edit.apply(before)
        lanes = after.layer("one").acting
        inserted = isinstance(edit, InsertFrames)
        assert lanes == (acting.opened if inserted else acting.closed)(frame, count)
        assert undo.apply(after)[0] == before


def three_keys(acting: Acting) -> Scene:
    drawing = Drawing("d", PictureId("0" * 64))
    cells = (Cell("a", 4, "d"), Cell("b", 11, "d"), Cell("c", 25, "d"))
    return Scene(layers=(Layer("one", "Face", {"d": drawing}, cells, acting=acting),))


def assert_same_face(before: Layer, after: Layer, moved: dict[int, int]) -> None:
    """A frame's mouth and look, by its number before, are where it is now."""
    for was, now in moved.items():
        assert after.acting.mouth_at(now) == before.acting.mouth_at(was), (was, now)
        assert looks_at(after.acting, now) == looks_at(before.acting, was), (was, now)


@given(actings(), st.sampled_from("abc"), st.integers(-30, 30), st.booleans())
def test_cells_that_push_others_take_the_acting_along(
    acting: Acting, cell: str, by: int, ripple: bool
) -> None:
    scene = three_keys(acting)
    before = scene.layer("one")
    edit = MoveCells("one", (cell,), by, ripple=ripple, overwrite=True)
    changed, undo = edit.apply(scene)
    after = changed.layer("one")
    assert undo.apply(changed)[0] == scene
    if not ripple:
        assert after.acting == before.acting
        return
    start, now = before.cell(cell).frame, after.cell(cell).frame
    frames = {at: at for at in range(1, min(start, now))}
    frames |= {at: at + now - start for at in range(start, LAST + 12)}
    assert_same_face(before, after, frames)


@given(actings(), st.sampled_from("ab"), st.integers(1, 30))
def test_a_longer_or_shorter_exposure_takes_the_acting_along(
    acting: Acting, cell: str, count: int
) -> None:
    scene = three_keys(acting)
    before = scene.layer("one")
    changed, undo = SetExposure("one", cell, count).apply(scene)
    assert undo.apply(changed)[0] == scene
    stop = {"a": 11, "b": 25}[cell]
    now = before.cell(cell).frame + count
    frames = {at: at for at in range(1, min(stop, now))}
    frames |= {at: at + now - stop for at in range(stop, LAST + 12)}
    assert_same_face(before, changed.layer("one"), frames)


@given(actings(), st.sets(st.sampled_from("abc"), min_size=1), st.booleans())
def test_acting_goes_with_cells_that_are_taken_out(
    acting: Acting, gone: set[str], ripple: bool
) -> None:
    scene = three_keys(acting)
    before = scene.layer("one")
    changed, undo = DeleteCells("one", tuple(sorted(gone)), ripple=ripple).apply(scene)
    assert undo.apply(changed)[0] == scene
    if not ripple:
        assert changed.layer("one").acting == acting
        return
    taken = {at for cell, stop in (("a", 11), ("b", 25)) if cell in gone for at in range(4, stop)}
    taken -= set(range(4, 11)) if "a" not in gone else set()
    left = [at for at in range(1, LAST + 12) if at not in taken]
    assert_same_face(before, changed.layer("one"), dict(zip(left, range(1, 99), strict=False)))


@given(actings())
def test_lanes_go_through_the_journal(acting: Acting) -> None:
    edit = ChangeLayer("one", acting=acting)
    assert edit_from_json(edit_to_json(edit)) == edit


def test_cells_that_stay_before_the_insert_keep_their_lanes() -> None:
    lanes = Acting(mouths=(MouthCue(2, Viseme.D), MouthCue(6, None)))
    after, _ = InsertFrames("one", 4, 3).apply(scene(lanes))
    assert after.layer("one").acting.mouths == (MouthCue(2, Viseme.D), MouthCue(9, None))
    assert [cell.frame for cell in after.layer("one").cells] == [1, 12]
