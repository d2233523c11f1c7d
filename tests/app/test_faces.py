"""Faces behind the window: finding them, changing them, and where they are between keys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genani.app.session import Session
from genani.app.states import SpanStatus
from genani.scene.acting import Viseme
from genani.scene.document import Drawing, Layer
from genani.scene.edits import ChangeSpan
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks, LandmarkSource
from tests.app.conftest import Run
from tests.app.faces import ScriptedFinder, face
from tests.render.fakes import ScriptedEngine

Png = Callable[..., Path]
Settle = Callable[[], None]


@pytest.fixture
def settle(session: Session, until: Callable[..., None], run: Run) -> Settle:
    """Let everything that was begun end."""

    async def wait() -> None:
        import asyncio

        while session._tasks:
            await asyncio.wait(set(session._tasks))

    return lambda: run(wait())


@pytest.fixture
def keys(session: Session, png: Png, run: Run, settle: Settle) -> Session:
    """Two keys on frames 1 and 9 without a face, joined by a span of three."""
    session.change_settings(find_faces=False)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.change_settings(find_faces=True)
    return session


@pytest.fixture
def faces(keys: Session) -> Session:
    """The two keys, each with a face; the second has gone to the right."""
    keys.faces.put(face(2, 2, 18, 20), "place")
    keys.playback.seek(9)
    keys.faces.put(face(12, 2, 28, 20), "place")
    keys.playback.seek(1)
    return keys


def drawings(session: Session) -> list[Drawing]:
    layer = session.controller.scene.layers[0]
    return [layer.drawings[cell.drawing] for cell in layer.cells if cell.drawing]


def layer_of(session: Session) -> Layer:
    return session.controller.scene.layers[0]


def found(session: Session) -> list[Landmarks | None]:
    return [drawing.landmarks for drawing in drawings(session)]


def follow(session: Session, guidance: FaceGuidance | None = None) -> None:
    """Have the first span follow its faces."""
    layer = layer_of(session)
    settings = replace(layer.spans[0].settings, face=guidance or FaceGuidance())
    session.controller.do(ChangeSpan(layer.id, replace(layer.spans[0], settings=settings)), "feel")


def draw(session: Session, until: Callable[..., None]) -> None:
    """Have the first span drawn."""
    session.renders.start()
    session.commands.spans.generate()
    layer = layer_of(session)
    state = session.renders.span_state
    until(lambda: state(layer.id, layer.spans[0].id).state is SpanStatus.DONE, "the span")


def steps(session: Session) -> int:
    return session.controller.undo_stack.index()


def flat(landmarks: Landmarks | None) -> np.ndarray:
    assert landmarks is not None
    return np.asarray(landmarks.points)[:, :2]


# Found by itself.


def test_new_keys_get_their_faces_in_the_step_that_brought_them(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    settle()
    assert found(session) == [face(), face()]
    assert steps(session) == 1
    session.controller.undo_stack.undo()
    assert not session.controller.scene.layers or not session.controller.scene.layers[0].cells
    session.controller.undo_stack.redo()
    assert found(session) == [face(), face()]
    assert set(finder.threads) == {"genani-faces_0"}


def test_a_face_found_late_is_a_step_of_its_own(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    finder.go.clear()
    run(session.import_files([png("a.png")]))
    session.commands.cells.toggle_marker("here")
    finder.go.set()
    settle()
    assert found(session) == [face()]
    assert steps(session) == 3
    session.controller.undo_stack.undo()
    assert found(session) == [None]
    assert session.controller.scene.markers


def test_what_can_be_redone_is_not_thrown_away_for_a_face(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    finder.go.clear()
    run(session.import_files([png("a.png")]))
    session.commands.cells.toggle_marker("here")
    session.controller.undo_stack.undo()
    finder.go.set()
    settle()
    assert session.controller.undo_stack.canRedo()
    assert found(session) == [None]


def test_a_face_that_was_taken_away_stays_away(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    settle()
    session.faces.clear()
    session.commands.spans.remove()
    session.commands.spans.add()
    settle()
    assert found(session) == [None, face()]


def test_nothing_is_said_where_no_model_is_or_nobody_is_sure(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    told: list[object] = []
    session.message.connect(told.append)
    finder.installed = False
    run(session.import_files([png("a.png", 10)]))
    settle()
    assert finder.threads == []
    finder.installed = True
    finder.found = lambda _picture: [replace(face(), confidence=0.2)]
    run(session.import_files([png("b.png", 200)], frame=9))
    settle()
    assert finder.threads != []
    assert found(session) == [None, None]
    assert told == []


def test_a_sequence_is_not_looked_through(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    run(session.import_files([png(f"{n:02}.png", 8 * n) for n in range(25)]))
    settle()
    assert finder.asked == []


def test_it_can_be_switched_off(
    session: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    session.actions.action("face-auto").trigger()
    assert not session.settings.find_faces
    run(session.import_files([png("a.png")]))
    settle()
    assert finder.asked == []


def test_generate_waits_until_the_new_keys_are_looked_at(
    session: Session,
    engine: ScriptedEngine,
    finder: ScriptedFinder,
    png: Png,
    run: Run,
    settle: Settle,
    until: Callable[..., None],
) -> None:
    finder.found = lambda _picture: [face()]
    finder.go.clear()
    session.renders.start()
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.commands.spans.generate()
    finder.go.set()
    settle()
    until(lambda: len(engine.asked) == 1, "the span to be drawn")
    assert found(session) == [face(), face()]
    asked = session.sources.request(layer_of(session), layer_of(session).spans[0])
    assert asked is not None
    until(lambda: len(session.takes.times(asked.hash)) == 3, "the take")


# Found on demand.


def test_the_face_on_this_key_is_found_near_that_of_the_other(
    faces: Session, finder: ScriptedFinder, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    faces.actions.action("face-find").trigger()
    settle()
    assert found(faces)[0] == face()
    assert finder.near == [face(12, 2, 28, 20)]


def test_the_next_of_several_faces_is_taken(
    keys: Session, finder: ScriptedFinder, settle: Settle
) -> None:
    several = [face(0, 0, 16, 20), face(16, 0, 30, 20)]
    finder.found = lambda _picture: several
    keys.faces.find()
    settle()
    assert found(keys)[0] == several[0]
    for expected in (several[1], several[0]):
        keys.actions.action("face-next").trigger()
        settle()
        assert found(keys)[0] == expected
    assert len(finder.asked) == 1


def test_all_keys_are_looked_at_but_for_those_placed_by_hand(
    keys: Session, finder: ScriptedFinder, settle: Settle
) -> None:
    mine = replace(face(), source=LandmarkSource.HAND)
    keys.faces.put(mine, "place")
    finder.found = lambda _picture: [face(8)]
    progress: list[tuple[int, int]] = []
    keys.faces.finding.progressed.connect(lambda done, of: progress.append((done, of)))
    keys.actions.action("face-find-all").trigger()
    settle()
    assert found(keys) == [mine, face(8)]
    assert progress == [(0, 1), (0, 0)]


def test_between_keys_both_are_looked_at(
    keys: Session, finder: ScriptedFinder, settle: Settle
) -> None:
    finder.found = lambda _picture: [face()]
    keys.playback.seek(4)
    keys.commands.refresh()
    action = keys.actions.action("face-find")
    assert action.isEnabled()
    action.trigger()
    settle()
    assert found(keys) == [face(), face()]


def test_looking_at_all_keys_can_be_stopped(
    keys: Session, finder: ScriptedFinder, settle: Settle, until: Callable[..., None]
) -> None:
    finder.go.clear()
    finder.found = lambda _picture: [face()]
    keys.faces.find_all()
    started = threading.Event()
    keys.faces.finding.progressed.connect(lambda *_: started.set())
    until(lambda: len(finder.asked) == 1)
    keys.commands.refresh()
    keys.actions.action("cancel").trigger()
    finder.go.set()
    settle()
    assert len(finder.asked) == 1
    assert found(keys) == [None, None]
    assert not keys.faces.finding.busy


def test_a_missing_model_is_told_when_somebody_asks(
    keys: Session, finder: ScriptedFinder, settle: Settle
) -> None:
    told: list[str] = []
    keys.message.connect(lambda message: told.append(message.text))
    finder.installed = False
    keys.faces.find()
    settle()
    assert told == ["the face model is not installed"]


def test_no_face_is_a_hint_not_a_warning(keys: Session, settle: Settle) -> None:
    told: list[tuple[str, str]] = []
    keys.message.connect(lambda message: told.append((message.level.value, message.text)))
    keys.faces.find()
    settle()
    assert [level for level, _ in told] == ["info"]
    assert "by hand" in told[0][1]


def test_a_drawing_that_changed_meanwhile_keeps_what_it_has(
    keys: Session, finder: ScriptedFinder, png: Png, run: Run, settle: Settle
) -> None:
    finder.go.clear()
    finder.found = lambda _picture: [face()]
    keys.change_settings(find_faces=False)
    keys.faces.find()
    run(keys.import_files([png("c.png", 99)], frame=1))
    finder.go.set()
    settle()
    assert found(keys) == [None, None]


# Changed.


def test_clear_copy_mirror_and_fit_are_steps_that_undo(faces: Session) -> None:
    before = found(faces)
    start = steps(faces)
    for verb in ("face-clear", "face-copy", "face-mirror", "face-fit"):
        faces.actions.action(verb).trigger()
    assert steps(faces) == start + 4
    last = found(faces)[0]
    assert last is not None
    assert last.source is LandmarkSource.HAND
    for _ in range(4):
        faces.controller.undo_stack.undo()
    assert found(faces) == before


def test_copied_and_mirrored_it_is_the_other_face_in_a_mirror(faces: Session) -> None:
    faces.faces.copy_from_other()
    np.testing.assert_array_equal(flat(found(faces)[0]), flat(found(faces)[1]))
    faces.faces.mirror()
    mirrored, other = flat(found(faces)[0]), flat(found(faces)[1])
    middle = (other[:, 0].min() + other[:, 0].max()) / 2
    np.testing.assert_allclose(mirrored[33], (2 * middle - other[263][0], other[263][1]))


def test_edits_of_one_drag_are_one_step(faces: Session) -> None:
    start, drag = steps(faces), faces.faces.new_drag()
    for left in (3, 4, 5):
        faces.faces.put(face(left), "move pin", drag)
    faces.faces.put(face(6), "move pin", faces.faces.new_drag())
    assert steps(faces) == start + 2
    faces.controller.undo_stack.undo()
    assert found(faces)[0] == face(5)
    faces.controller.undo_stack.undo()
    assert found(faces)[0] == face(2, 2, 18, 20)


# Between keys.


def test_between_keys_the_face_is_planned(faces: Session) -> None:
    faces.playback.seek(5)
    here = faces.faces.view.here()
    assert here is not None
    assert here.planned
    assert here.t == Fraction(1, 2)
    middle = (flat(found(faces)[0]) + flat(found(faces)[1])) / 2
    assert np.abs(flat(here.landmarks) - middle).max() < 1
    assert here.ghost == found(faces)[1]


def test_without_a_face_on_both_keys_none_is_planned(keys: Session) -> None:
    keys.faces.put(face(), "place")
    keys.playback.seek(5)
    here = keys.faces.view.here()
    assert here is not None
    assert here.landmarks is None
    assert not keys.faces.put(face(), "place")


@pytest.mark.parametrize("emotion", [Emotion.NEUTRAL, Emotion.HAPPY])
def test_a_face_placed_between_keys_is_met_exactly(faces: Session, emotion: Emotion) -> None:
    follow(faces, FaceGuidance(emotion, 0.8))
    faces.playback.seek(5)
    here = faces.faces.view.here()
    assert here is not None
    assert here.landmarks is not None
    pin = {"chin": (15.0, 23.0)}
    wanted = faces.services.faces.bent(here.landmarks, pin, frozenset())
    assert faces.faces.put(wanted, "move pin")
    now = faces.faces.view.here()
    assert now is not None
    assert now.breakdown
    np.testing.assert_allclose(flat(now.landmarks), flat(wanted), atol=0.1)
    faces.playback.seek(3)
    near = faces.faces.view.here()
    assert near is not None
    assert not near.breakdown
    faces.playback.seek(5)
    faces.faces.clear()
    cleared = faces.faces.view.here()
    assert cleared is not None
    assert cleared.landmarks == here.landmarks


def test_a_preview_changes_what_is_planned_and_not_the_scene(faces: Session) -> None:
    faces.playback.seek(5)
    plain = faces.faces.view.here()
    scene = faces.controller.scene
    span = scene.layers[0].spans[0]
    faces.faces.view.preview(span.id, FaceGuidance(Emotion.HAPPY, 1.0))
    happy = faces.faces.view.here()
    assert plain is not None
    assert happy is not None
    assert flat(happy.landmarks)[61][1] < flat(plain.landmarks)[61][1]
    assert faces.controller.scene is scene
    faces.faces.view.preview(None)
    again = faces.faces.view.here()
    assert again is not None
    assert again.landmarks == plain.landmarks


def test_a_breakdown_made_of_an_in_between_keeps_its_face_and_its_emotion(
    faces: Session, settle: Settle, until: Callable[..., None]
) -> None:
    follow(faces, FaceGuidance(Emotion.HAPPY, 0.8))
    draw(faces, until)
    faces.playback.seek(5)
    planned = faces.faces.view.here()
    assert planned is not None
    before = steps(faces)
    faces.commands.spans.breakdown()
    settle()
    here = faces.faces.view.here()
    assert here is not None
    assert here.drawing is not None
    assert here.landmarks == planned.landmarks
    spans = layer_of(faces).spans
    assert [layer_of(faces).has_faces(span) for span in spans] == [True, True]
    # The breakdown smiles already: smiling on the way as well would be too much.
    assert [span.settings.face and span.settings.face.intensity for span in spans] == [0, 0]
    assert steps(faces) == before + 1
    faces.controller.undo_stack.undo()
    face_now = layer_of(faces).spans[0].settings.face
    assert face_now == FaceGuidance(Emotion.HAPPY, 0.8)


def test_kept_in_betweens_keep_their_faces(
    faces: Session, settle: Settle, until: Callable[..., None]
) -> None:
    follow(faces)
    draw(faces, until)
    faces.commands.spans.keep()
    settle()
    assert [landmarks is not None for landmarks in found(faces)] == [True] * 5


def test_a_draft_shows_while_the_emotion_is_chosen_and_until_it_is_drawn(
    faces: Session, until: Callable[..., None]
) -> None:
    preview = faces.faces.preview
    follow(faces)
    faces.playback.seek(5)
    preview.refresh()
    assert preview.draft is None
    follow(faces, FaceGuidance(Emotion.SURPRISED, 1.0))
    until(lambda: preview.draft is not None, "the draft")
    faces.renders.start()
    faces.commands.spans.generate()
    until(lambda: preview.draft is None, "the drawing")


def test_a_draft_shows_what_a_mouth_on_the_lane_does(
    faces: Session, until: Callable[..., None]
) -> None:
    preview = faces.faces.preview
    follow(faces)
    faces.playback.seek(5)
    preview.refresh()
    assert preview.draft is None
    faces.acting.set_mouth(Viseme.D, 5)
    until(lambda: preview.draft is not None, "the draft")
    faces.playback.seek(1)
    assert preview.draft is None


def test_locks_and_symmetry_are_told(faces: Session) -> None:
    told: list[int] = []
    faces.faces.changed.connect(lambda: told.append(1))
    faces.faces.lock(FacePart.MOUTH, True)
    faces.actions.action("face-symmetric").trigger()
    assert faces.faces.locks == {FacePart.MOUTH}
    assert faces.faces.symmetric
    faces.faces.lock(FacePart.MOUTH, False)
    assert faces.faces.locks == frozenset()
    assert len(told) == 3


def test_closing_gives_up_what_is_looked_for(
    session: Session, finder: ScriptedFinder, png: Png, run: Run
) -> None:
    finder.found = lambda _picture: [face()]
    finder.go.clear()
    run(session.import_files([png("a.png")]))
    run(session.close())
    assert finder.closed >= 1
    assert found(session) == [None]
