"""Mouth shapes, blinks and looks: as pure changes of lanes, and as verbs of a session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.app import acting_lanes as lanes
from genani.app.acting_lanes import Lane
from genani.app.session import Session
from genani.media.lipsync import Spoken
from genani.scene.acting import Acting, Blink, Gaze, MouthCue, Viseme
from genani.scene.edits import ChangeLayer
from genani.scene.errors import Cancelled, FileError
from genani.scene.time import Rate
from tests.app.conftest import Run
from tests.app.desk import Desk

SHAPES = st.sampled_from([*Viseme, None])


@st.composite
def mouths(draw: st.DrawFn) -> tuple[MouthCue, ...]:
    frames = sorted(draw(st.sets(st.integers(1, 60), max_size=20)))
    return tuple(MouthCue(frame, draw(SHAPES)) for frame in frames)


@st.composite
def blinks(draw: st.DrawFn) -> tuple[Blink, ...]:
    frames = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=8)))
    return tuple(Blink(frame, draw(st.integers(1, 30))) for frame in frames)


# The lanes alone


@given(mouths(), st.integers(1, 60), SHAPES)
def test_a_swap_holds_to_the_next_cue(
    cues: tuple[MouthCue, ...], frame: int, shape: Viseme | None
) -> None:
    before = Acting(cues)
    after = lanes.with_mouth(before, frame, shape)
    following = [cue.frame for cue in cues if cue.frame > frame]
    stop = following[0] if following else 70
    for at in range(1, 70):
        expected = shape if frame <= at < stop else before.mouth_at(at)
        assert after.mouth_at(at) is expected


@given(mouths(), st.integers(1, 6))
def test_no_mouth_shape_is_held_shorter_than_asked(cues: tuple[MouthCue, ...], least: int) -> None:
    held = lanes.held(cues, Rate(), least)
    assert all(b.frame - a.frame >= least for a, b in pairwise(held) if a.shape)
    if least == 1:
        assert all(Acting(held).mouth_at(f) is Acting(cues).mouth_at(f) for f in range(1, 62))


def test_a_mouth_that_is_given_back_stays_so() -> None:
    spoken = [(1, Viseme.D), (4, Viseme.A), (5, None), (9, Viseme.C), (12, None)]
    held = lanes.held([MouthCue(frame, shape) for frame, shape in spoken], Rate(), 2)
    shown = Acting(held)
    assert [shown.mouth_at(frame) for frame in (8, 9, 11, 12)] == [None, Viseme.C, Viseme.C, None]


@given(mouths(), st.integers(-80, 80))
def test_sliding_a_mouth_keeps_its_neighbours_in_order(cues: tuple[MouthCue, ...], by: int) -> None:
    for cue in cues:
        after, frame = lanes.slid(Acting(cues), Lane.MOUTH, cue.frame, by)
        assert len(after.mouths) == len(cues)
        assert [it.shape for it in after.mouths] == [it.shape for it in cues]
        assert lanes.entry(after, Lane.MOUTH, frame) is not None
        assert after.mouths[0].frame >= 1


@given(blinks(), st.data())
def test_blinks_move_and_are_retimed_without_starting_together(
    marks: tuple[Blink, ...], data: st.DataObject
) -> None:
    before = Acting(blinks=marks)
    frame = data.draw(st.sampled_from([mark.frame for mark in marks]))
    target = data.draw(st.integers(-10, 320))
    moved, at = lanes.slid(before, Lane.BLINK, frame, target - frame)
    assert lanes.entry(moved, Lane.BLINK, at) is not None
    started, at = lanes.started(before, Lane.BLINK, frame, target)
    was, now = lanes.entry(before, Lane.BLINK, frame), lanes.entry(started, Lane.BLINK, at)
    assert isinstance(was, Blink)
    assert isinstance(now, Blink)
    # The end stands still while the start is dragged.
    assert now.frame + now.length == was.frame + was.length
    ended = lanes.entry(lanes.ended(before, Lane.BLINK, frame, target), Lane.BLINK, frame)
    assert isinstance(ended, Blink)
    assert 1 <= ended.length <= 240


def test_the_end_of_the_last_mouth_gives_it_back() -> None:
    spoken = Acting((MouthCue(3, Viseme.D),))
    ended = lanes.ended(spoken, Lane.MOUTH, 3, 9)
    assert [ended.mouth_at(frame) for frame in (2, 3, 8, 9)] == [None, Viseme.D, Viseme.D, None]
    longer = lanes.ended(ended, Lane.MOUTH, 3, 12)
    assert longer.mouth_at(11) is Viseme.D
    assert longer.mouth_at(12) is None


def test_taking_a_mouth_away_holds_the_one_before() -> None:
    spoken = Acting((MouthCue(1, Viseme.A), MouthCue(5, Viseme.D), MouthCue(9, Viseme.A)))
    after = lanes.without(spoken, Lane.MOUTH, 5)
    assert after.mouths == (MouthCue(1, Viseme.A),)


# The verbs


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    return made


def test_a_mouth_shape_is_set_at_the_playhead_and_undone(desk: Desk) -> None:
    acting = desk.session.acting
    desk.session.playback.seek(3)
    acting.set_mouth(Viseme.D)
    assert desk.layer.acting.mouths == (MouthCue(3, Viseme.D),)
    assert acting.chosen() == MouthCue(3, Viseme.D)
    assert acting.shown(desk.layer)
    desk.trigger("undo")
    assert desk.layer.acting == Acting()
    assert acting.mark is None


def test_blinks_and_looks_are_inserted_refined_and_deleted(desk: Desk) -> None:
    acting = desk.session.acting
    desk.trigger("blink", 4)
    acting.refine("lag 0", lag=0.5, amount=0.8)
    assert desk.layer.acting.blinks == (Blink(4, 6, 0.5, 0.8),)
    desk.trigger("look", 6)
    acting.refine("gaze 0", x=-1.0, y=0.25)
    acting.refine("gaze 0", x=-0.5, y=0.5)
    assert desk.layer.acting.gazes == (Gaze(6, 12, -0.5, 0.5),)
    # Both steps of the drag are one step of the history.
    desk.trigger("undo")
    assert desk.layer.acting.gazes == (Gaze(6, 12, 0.7, 0.0),)
    desk.trigger("redo")
    acting.choose(desk.layer.id, Lane.LOOK, 6)
    acting.delete()
    assert desk.layer.acting.gazes == ()
    assert desk.layer.acting.blinks


def test_without_a_choice_delete_takes_what_shows_at_the_playhead(desk: Desk) -> None:
    desk.trigger("blink", 4)
    acting = desk.session.acting
    acting.choose(desk.layer.id, Lane.BLINK)
    desk.session.playback.seek(15)
    acting.delete()
    assert desk.layer.acting.blinks
    desk.session.playback.seek(9)
    acting.delete()
    assert desk.layer.acting.blinks == ()


def test_a_second_blink_on_a_frame_chooses_the_first(desk: Desk) -> None:
    desk.trigger("blink", 4)
    desk.session.acting.refine(length=9)
    desk.session.acting.leave()
    desk.trigger("blink", 4)
    assert desk.layer.acting.blinks == (Blink(4, 9),)
    assert desk.session.acting.chosen() == Blink(4, 9)


def test_nudging_moves_what_is_chosen(desk: Desk) -> None:
    desk.trigger("blink", 4)
    for _ in range(3):
        desk.session.acting.nudge(1)
    assert desk.layer.acting.blinks == (Blink(7),)
    desk.trigger("undo")
    assert desk.layer.acting.blinks == (Blink(4),)


def test_a_locked_layer_keeps_its_lanes(desk: Desk) -> None:
    edit = ChangeLayer(desk.layer.id, locked=True)
    desk.session.controller.do(edit, "lock")
    desk.session.acting.set_mouth(Viseme.A)
    assert desk.layer.acting == Acting()
    assert [message.text for message in desk.messages] == [
        "Layer A is locked: unlock it to change its lanes."
    ]


def test_short_mouths_are_held_as_long_as_the_settings_say(desk: Desk) -> None:
    cues = tuple(MouthCue(1 + i, shape) for i, shape in enumerate((Viseme.B, Viseme.C, Viseme.D)))
    desk.session.controller.do(ChangeLayer(desk.layer.id, acting=Acting(cues)), "speak")
    desk.session.change_settings(mouth_hold=3)
    desk.trigger("hold-mouths")
    assert len(desk.layer.acting.mouths) < len(cues)
    assert all(b.frame - a.frame >= 3 for a, b in pairwise(desk.layer.acting.mouths))


def test_mouth_shapes_are_read_from_a_file_at_the_playhead(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "voice.tsv"
    path.write_text("0.00\tX\n0.25\tD\n0.30\tA\n0.50\tX\n")
    desk.session.acting.set_mouth(Viseme.H, 2)
    desk.session.acting.set_mouth(Viseme.C, 30)
    desk.session.playback.seek(11)
    desk.run(desk.session.acting.load(path))
    found = desk.layer.acting
    assert found.mouth_at(10) is Viseme.H
    assert found.mouth_at(11) is Viseme.X
    assert Viseme.A in {cue.shape for cue in found.mouths}
    assert found.mouth_at(30) is None
    assert all(b.frame - a.frame >= 2 for a, b in pairwise(found.mouths))
    assert desk.messages[-1].text.endswith("mouth shape(s) from frame 11 on layer A.")
    desk.trigger("undo")
    assert desk.layer.acting.mouth_at(30) is Viseme.C


def test_a_file_that_is_no_lip_sync_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "voice.tsv"
    path.write_text("what?")
    with pytest.raises(FileError, match=r"voice\.tsv"):
        desk.run(desk.session.acting.load(path))
    assert desk.layer.acting == Acting()


def test_a_recording_is_listened_to_behind_the_window_and_can_be_cancelled(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str, bool]] = []
    cancelling = False

    def listen(path: Path, **asked: Any) -> tuple[Spoken, ...]:
        heard.append((threading.current_thread().name, asked["script"], asked["english"]))
        if cancelling:
            desk.session.acting.voices.cancel()
        asked["progress"](0.5, "listening")
        return (Spoken(Fraction(0), Viseme.D), Spoken(Fraction(1, 2), None))

    monkeypatch.setattr("genani.media.lipsync_voice.heard", listen)
    told: list[str] = []
    desk.session.busy.connect(told.append)
    voice = tmp_path / "voice.wav"
    assert desk.session.acting.voices.recorded(voice)
    desk.run(desk.session.acting.load(voice, "mama", False))
    assert heard == [("genani-voice_0", "mama", False)]
    assert desk.layer.acting.mouths == (MouthCue(1, Viseme.D), MouthCue(13, None))
    assert told[-1] == ""
    cancelling = True
    desk.session.playback.seek(5)
    with pytest.raises(Cancelled):
        desk.run(desk.session.acting.load(voice))
    assert desk.layer.acting.mouths == (MouthCue(1, Viseme.D), MouthCue(13, None))
    assert not desk.session.acting.voices.busy


def test_lanes_show_where_in_betweens_are_drawn(desk: Desk) -> None:
    still = {}
    for frame in (1, 2, 3, 8, 9, 20):
        desk.session.playback.seek(frame)
        still[frame] = desk.session.acting.still() is not None
    assert still == {1: True, 2: True, 3: False, 8: False, 9: True, 20: True}


def test_a_hold_is_drawn_between_a_key_and_its_copy(desk: Desk) -> None:
    desk.session.acting.set_mouth(Viseme.D, 12)
    desk.session.acting.set_mouth(Viseme.A, 20)
    desk.session.playback.seek(9)
    held = desk.session.acting.hold()
    assert held is not None
    assert held[2] == 20
    desk.trigger("draw-hold", 10)
    assert desk.frames == [1, 9, 20]
    assert desk.layer.cells[1].drawing == desk.layer.cells[2].drawing
    span = desk.layer.spans[1]
    assert desk.layer.ends(span) == (9, 20)
    desk.session.playback.seek(12)
    assert desk.session.acting.still() is None
    desk.trigger("undo")
    assert desk.frames == [1, 9]
    assert len(desk.layer.spans) == 1


def test_what_cannot_be_used_without_lanes_is_disabled(desk: Desk) -> None:
    enabled = desk.session.actions.action
    assert not enabled("hold-mouths").isEnabled()
    desk.session.playback.seek(3)
    assert not enabled("draw-hold").isEnabled()
    desk.session.acting.set_mouth(Viseme.A)
    assert enabled("hold-mouths").isEnabled()


def test_folding_lanes_ends_the_typing(desk: Desk) -> None:
    acting = desk.session.acting
    desk.trigger("lanes")
    assert acting.shown(desk.layer)
    assert acting.active == (desk.layer.id, Lane.MOUTH)
    desk.trigger("lanes")
    assert not acting.shown(desk.layer)
    assert acting.active is None
