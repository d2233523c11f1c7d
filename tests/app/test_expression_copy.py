"""An expression of a picture on the planned face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genani.app.session import Session
from genani.scene.errors import GenAniError
from genani.scene.face import FacePart, Landmarks
from tests.app.conftest import Run
from tests.app.faces import ScriptedFinder, face

Png = Callable[..., Path]


@pytest.fixture
def faces(session: Session, png: Png, run: Run) -> Session:
    """Two keys on frames 1 and 9 with a face each; the playhead is between them."""
    session.change_settings(find_faces=False)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.playback.seek(1)
    session.faces.put(face(2, 2, 18, 20), "place")
    session.playback.seek(9)
    session.faces.put(face(12, 2, 28, 20), "place")
    session.playback.seek(5)
    return session


def lower(worn: Landmarks) -> Landmarks:
    """The face a pixel lower."""
    return replace(worn, points=tuple((x, y + 1, z) for x, y, z in worn.points))


def planned(session: Session) -> Landmarks:
    here = session.faces.view.here()
    assert here is not None
    assert here.landmarks is not None
    return here.landmarks


def test_the_planned_face_wears_it_and_undo_takes_it_back(
    faces: Session, finder: ScriptedFinder, png: Png, run: Run
) -> None:
    finder.worn = lower
    plain = planned(faces)
    before = faces.controller.undo_stack.index()
    actor, resting = png("actor.png", 40), png("resting.png", 60)
    faces.faces.locks = frozenset({FacePart.EYES})
    assert run(faces.faces.expressions.take(actor, resting))
    np.testing.assert_allclose(planned(faces).points, lower(plain).points, atol=0.1)
    assert faces.controller.undo_stack.index() == before + 1
    (acting, rest, locks) = finder.actors[0]
    assert rest is not None
    assert acting != rest
    assert locks == {FacePart.EYES}
    assert set(finder.threads) == {"genani-faces_0"}
    faces.controller.undo_stack.undo()
    assert planned(faces) == plain


def test_without_a_face_in_the_picture_nothing_changes(faces: Session, png: Png, run: Run) -> None:
    before = faces.controller.undo_stack.index()
    assert not run(faces.faces.expressions.take(png("actor.png", 40)))
    assert faces.controller.undo_stack.index() == before


def test_keys_keep_their_own_faces(
    faces: Session, finder: ScriptedFinder, png: Png, run: Run
) -> None:
    finder.worn = lower
    faces.playback.seek(1)
    assert not faces.actions.action("face-actor").isEnabled()
    assert not run(faces.faces.expressions.take(png("actor.png", 40)))
    assert not finder.actors
    faces.playback.seek(5)
    assert faces.actions.action("face-actor").isEnabled()


def test_a_picture_that_cannot_be_read_is_told(faces: Session, tmp_path: Path, run: Run) -> None:
    with pytest.raises(GenAniError, match="does not exist"):
        run(faces.faces.expressions.take(tmp_path / "none.png"))


def test_an_expression_is_not_put_where_the_playhead_went_meanwhile(
    faces: Session, finder: ScriptedFinder, png: Png, run: Run
) -> None:
    finder.worn = lower
    finder.go.clear()

    async def take() -> bool:
        taking = asyncio.ensure_future(faces.faces.expressions.take(png("actor.png", 40)))
        await asyncio.sleep(0)
        faces.playback.seek(3)
        finder.go.set()
        return await taking

    before = faces.controller.undo_stack.index()
    assert not run(take())
    assert faces.controller.undo_stack.index() == before
