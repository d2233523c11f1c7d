"""Nothing is lost: a killed program's work comes back, and a save begins anew."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from genani.app import journaling
from genani.app.messages import Level
from genani.app.places import data_folder
from genani.app.session import Session
from genani.media import project
from genani.scene.edits import ChangeScene
from tests.app.conftest import Run
from tests.app.desk import Desk


def journals() -> list[Path]:
    root = data_folder() / journaling.JOURNALS
    return list(root.iterdir()) if root.exists() else []


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    return made


def test_a_closed_session_leaves_no_journal(desk: Desk) -> None:
    desk.session.journaling.flush()
    assert len(journals()) == 1
    desk.session.shut()
    assert journals() == []


def test_work_that_was_left_is_offered_and_taken_up(
    desk: Desk, qapp: QApplication, run: Run, until: Callable[..., None], engine: object
) -> None:
    scene = desk.session.controller.scene
    desk.session.shut(discard=False)
    session = Session(desk.session.services)
    other = Desk(session, run, until)
    [found] = run(session.recoverable())
    assert (found.scene, found.changes, found.project) == (scene, 1, None)
    run(session.recover(found))
    assert session.controller.scene == scene
    assert session.modified
    ids = [d.picture for d in other.layer.drawings.values()]
    assert [session.controller.picture(i).size for i in ids] == [(32, 24)] * 2
    assert run(session.recoverable()) == []
    session.controller.do(ChangeScene(name="more"), "name")
    session.shut(discard=False)
    third = Session(desk.session.services)
    [again] = run(third.recoverable())
    assert (again.scene.name, again.changes) == ("more", 2)
    run(third.discard(again))
    assert run(third.recoverable()) == []
    third.shut()
    for each in (session, third):
        each.deleteLater()
    assert journals() == []


def test_a_save_begins_the_journal_anew(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "shot.genani"
    desk.run(desk.session.save(path))
    desk.session.controller.do(ChangeScene(name="after"), "name")
    desk.session.shut(discard=False)
    session = Session(desk.session.services)
    [found] = desk.run(session.recoverable())
    assert (found.project, found.changes, found.scene.name) == (path, 1, "after")
    desk.run(session.recover(found))
    assert session.path == path
    desk.run(session.save())
    assert project.load(path).scene.name == "after"
    assert not session.modified
    session.shut()
    session.deleteLater()


def test_an_edit_during_a_save_stays_unsaved(desk: Desk, tmp_path: Path) -> None:
    session = desk.session

    async def save_and_edit() -> None:
        save = session.start(session.save(tmp_path / "shot.genani"))
        for _ in range(3):
            await asyncio.sleep(0)
        session.controller.do(ChangeScene(name="late"), "name")
        await save

    desk.run(save_and_edit())
    assert session.modified
    assert project.load(tmp_path / "shot.genani").scene.name != "late"
    session.shut(discard=False)
    other = Session(session.services)
    [found] = desk.run(other.recoverable())
    assert (found.scene.name, found.changes) == ("late", 1)
    other.shut()
    other.deleteLater()


def test_undo_back_to_the_save_is_clean_and_pictures_survive_it(desk: Desk, tmp_path: Path) -> None:
    session = desk.session
    desk.trigger("delete", 9)
    desk.run(session.save(tmp_path / "shot.genani"))
    desk.trigger("undo")
    assert session.modified
    picture = desk.layer.drawings[desk.layer.cells[1].drawing or ""].picture
    session.controller.pictures.reset()
    session.controller.pictures.add_source(session.files.picture)
    assert session.controller.picture(picture).size == (32, 24)
    desk.trigger("redo")
    assert not session.modified


def test_a_journal_that_cannot_be_written_is_told_once_and_goes_on_later(desk: Desk) -> None:
    session = desk.session
    session.journaling.flush()
    [folder] = journals()
    path = folder / "journal.jsonl"
    kept = path.rename(folder / "kept")
    path.mkdir()
    session.journaling._journal._close_file()  # pyright: ignore[reportOptionalMemberAccess]
    for name in ("x", "y"):
        session.controller.do(ChangeScene(name=name), "name")
    session.journaling.flush()
    desk.until(lambda: bool(desk.messages), "the warning")
    assert [m.level for m in desk.messages] == [Level.WARNING]
    assert "not protected" in desk.messages[0].text
    path.rmdir()
    kept.rename(path)
    session.controller.do(ChangeScene(name="z"), "name")
    session.shut(discard=False)
    [found] = journaling.recoverable(data_folder() / journaling.JOURNALS)
    assert found.scene.name == "z"
