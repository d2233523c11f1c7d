"""The journal: whatever kills the program, recovery brings back the last state that was told."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media.journal import JOURNAL, LOCK, PICTURES, Journal, remove
from genani.media.project import load, save
from genani.media.recovery import abandoned, recover
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.edits import AddDrawing, ChangeScene, Edit, RemoveLayer
from genani.scene.errors import FileError, ProjectError, SceneError
from genani.scene.picture import Picture
from tests.media.projects import FORGOTTEN, KEYS, MASK, Shelf, exposed_scene, noisy, scene, shelf
from tests.scene.strategies import EditMaker

EMPTY = Scene(32, 24, layers=(Layer("L", "A"),))


def begin(folder: Path, at: Scene = EMPTY, pictures: Shelf | None = None) -> Journal:
    return Journal(folder, at, pictures or Shelf())


def add(frame: int, picture: Picture) -> AddDrawing:
    return AddDrawing("L", Cell(f"c{frame}", frame, f"d{frame}"), Drawing(f"d{frame}", picture.id))


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / JOURNAL).read_bytes().splitlines() if line]


def kinds(folder: Path) -> list[object]:
    return [line["type"] for line in lines(folder)]


def kept(folder: Path) -> set[str]:
    return {path.stem for path in (folder / PICTURES).iterdir()}


@dataclass
class Desk:
    """An undo stack over a journal, as the window has one."""

    journal: Journal
    states: list[Scene]
    place: int = 0

    @property
    def scene(self) -> Scene:
        return self.states[self.place]

    def do(self, edit: Edit) -> None:
        after, _ = edit.apply(self.scene)
        self.states[self.place + 1 :] = [after]
        self.place += 1
        self.journal.edited(edit, after)

    def undo(self, count: int) -> None:
        count = min(count, self.place)
        self.place -= count
        self.journal.undone(count, self.scene)

    def redo(self, count: int) -> None:
        count = min(count, len(self.states) - 1 - self.place)
        self.place += count
        self.journal.redone(count, self.scene)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_recovery_brings_back_whatever_was_there(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    maker = EditMaker(seed)
    steps = maker.random.choices("eurs", (12, 4, 2, 1), k=40)
    desk = Desk(begin(folder), [EMPTY])
    changes = 0
    for step in steps:
        if step == "e":
            edit = maker.edit(desk.scene)
            if edit is None:
                continue
            try:
                desk.do(edit)
            except SceneError:
                continue
        elif step == "u":
            desk.undo(maker.random.randrange(1, 4))
        elif step == "r":
            desk.redo(maker.random.randrange(1, 4))
        else:
            desk.journal.saved(desk.scene, folder / "a.genani", ())
        changes = 0 if step == "s" else changes + 1
        if maker.random.random() < 0.2:
            assert recover(folder).scene == desk.scene
    found = recover(folder)
    assert found.scene == desk.scene
    assert found.changes == changes
    assert found.problems == ()
    assert found.project == (folder / "a.genani" if "s" in steps else None)
    desk.journal.close(discard=True)


def test_steps_are_small_and_undo_past_a_save_is_whole(tmp_path: Path) -> None:
    desk = Desk(begin(tmp_path, pictures=Shelf(*KEYS)), [EMPTY])
    for frame, key in enumerate(KEYS, start=1):
        desk.do(add(frame, key))
    desk.undo(2)
    desk.redo(1)
    assert kinds(tmp_path) == ["start", "edit", "edit", "edit", "undo", "redo"]
    desk.journal.saved(desk.scene, tmp_path / "a.genani", {key.id for key in KEYS})
    assert kinds(tmp_path) == ["start"]
    desk.redo(1)
    assert recover(tmp_path).scene == desk.scene
    desk.undo(3)
    assert kinds(tmp_path) == ["start", "scene", "scene"]
    assert recover(tmp_path).scene == EMPTY
    desk.redo(1)
    desk.do(ChangeScene(name="new"))
    desk.undo(1)
    assert kinds(tmp_path)[3:] == ["scene", "edit", "undo"]
    assert recover(tmp_path).scene == desk.scene
    desk.journal.close()


def test_pictures_are_there_and_only_those_that_nobody_has(tmp_path: Path) -> None:
    pictures = Shelf(*KEYS)
    start = replace(EMPTY, layers=(Layer("L", "A", {"d": Drawing("d", KEYS[0].id)}),))
    journal = Journal(tmp_path, start, pictures, tmp_path / "a.genani", {KEYS[0].id})
    desk = Desk(journal, [start])
    assert kept(tmp_path) == set()
    desk.do(add(1, KEYS[1]))
    desk.do(add(2, KEYS[0]))
    desk.do(add(3, KEYS[1]))
    assert kept(tmp_path) == {KEYS[1].id}
    assert pictures.asked == [KEYS[1].id]
    found = recover(tmp_path)
    assert found.picture(KEYS[1].id) == KEYS[1] == journal.picture(KEYS[1].id)
    assert found.picture(KEYS[0].id) is None
    assert found.project == tmp_path / "a.genani"
    journal.close()


def test_pictures_of_the_first_scene_are_kept_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path, scene(), shelf(), changes=4)
    assert kept(tmp_path) == {picture.id for picture in (*KEYS, MASK, FORGOTTEN)}
    found = recover(tmp_path)
    assert found.scene == scene()
    # What was recovered and not saved yet is still unsaved.
    assert found.changes == 4
    journal.close()


def test_a_picture_that_is_missing_does_not_stop_the_journal(tmp_path: Path) -> None:
    desk = Desk(begin(tmp_path), [EMPTY])
    desk.do(add(1, KEYS[0]))
    assert recover(tmp_path).scene == desk.scene
    assert recover(tmp_path).picture(KEYS[0].id) is None
    desk.journal.close()


def test_a_changed_picture_is_not_believed(tmp_path: Path) -> None:
    desk = Desk(begin(tmp_path, pictures=Shelf(*KEYS)), [EMPTY])
    desk.do(add(1, KEYS[0]))
    desk.do(add(2, KEYS[1]))
    desk.journal.close()
    one, other = (tmp_path / PICTURES / f"{key.id}.png" for key in KEYS[:2])
    one.write_bytes(other.read_bytes())
    assert recover(tmp_path).picture(KEYS[0].id) is None
    assert recover(tmp_path).picture(KEYS[1].id) == KEYS[1]
    other.write_bytes(other.read_bytes()[:100])
    with pytest.raises(FileError, match="damaged or cut short"):
        recover(tmp_path).picture(KEYS[1].id)


def test_what_leaves_the_file_stays_for_an_undo(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.genani", tmp_path / "journal"
    first = save(scene(), shelf(), path)
    project = load(path)
    desk = Desk(Journal(folder, scene(), shelf(), path, first.pictures), [scene()])
    desk.do(RemoveLayer("L1"))
    desk.journal.saving(desk.scene)
    second = save(desk.scene, shelf(), path)
    desk.journal.saved(desk.scene, path, second.pictures)
    assert project.picture(KEYS[0].id) is None
    assert desk.journal.picture(KEYS[0].id) == KEYS[0]
    desk.undo(1)
    assert recover(folder).scene == scene()
    assert all(recover(folder).picture(p.id) == p for p in (*KEYS, MASK, FORGOTTEN))
    desk.journal.close()


def test_a_drawing_that_no_cell_shows_is_kept_by_the_journal(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.genani", tmp_path / "journal"
    journal = Journal(folder, exposed_scene(), shelf())
    journal.saving(scene())
    report = save(scene(), shelf(), path)
    journal.saved(scene(), path, report.pictures)
    assert FORGOTTEN.id not in report.pictures
    assert journal.picture(FORGOTTEN.id) == FORGOTTEN
    journal.close()


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_last_line_is_passed_over(tmp_path: Path, cut: int) -> None:
    desk = Desk(begin(tmp_path), [EMPTY])
    desk.do(ChangeScene(name="one"))
    before = desk.scene
    desk.do(ChangeScene(name="two"))
    desk.journal.close()
    data = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(data[:-cut])
    found = recover(tmp_path)
    # Without its newline alone a line is whole.
    assert found.scene == (desk.scene if cut == 1 else before)
    assert found.changes == (2 if cut == 1 else 1)
    assert found.problems == ()


@pytest.mark.parametrize(
    "text", [b"{", b"\0\0\0", b'{"type":"undo","time":1.0,"count":9}', b"\xff"]
)
def test_damage_in_the_middle_stops_there_and_says_so(tmp_path: Path, text: bytes) -> None:
    desk = Desk(begin(tmp_path), [EMPTY])
    for name in ("one", "two", "three"):
        desk.do(ChangeScene(name=name))
    desk.journal.close()
    parts = (tmp_path / JOURNAL).read_bytes().split(b"\n")
    parts[2] = text
    (tmp_path / JOURNAL).write_bytes(b"\n".join(parts))
    found = recover(tmp_path)
    assert found.scene.name == "one"
    assert found.problems == ("the last 2 changes could not be brought back",)


def test_an_edit_that_does_not_fit_stops_there(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    journal.edited(ChangeScene(name="one"), replace(EMPTY, name="one"))
    journal.edited(RemoveLayer("unknown"), EMPTY)
    journal.close()
    found = recover(tmp_path)
    assert found.scene.name == "one"
    assert found.problems == ("the last 1 changes could not be brought back",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "cannot recover"),
        (b"{}\n", "cannot recover"),
        (b'{"type":"start","time":1,"project":null,"document":{"schema":"x"}}', "cannot recover"),
        (
            b'{"type":"start","time":1,"project":null,"document":'
            b'{"schema":"genani.scene","version":99,"scene":{}}}',
            "a later GenAni",
        ),
    ],
)
def test_a_journal_without_a_beginning(tmp_path: Path, text: bytes, says: str) -> None:
    (tmp_path / JOURNAL).write_bytes(text)
    with pytest.raises(FileError, match=says) as caught:
        recover(tmp_path)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ProjectError) is bool(text)


def test_the_disk_is_asked_once_a_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    journal = begin(tmp_path)
    monkeypatch.setattr(os, "fsync", synced.append)
    journal.tick()
    assert len(synced) == 0
    for name in ("one", "two"):
        journal.edited(ChangeScene(name=name), replace(EMPTY, name=name))
    assert len(synced) == 0
    journal.tick()
    journal.tick()
    assert len(synced) == 1
    journal.edited(ChangeScene(name="three"), replace(EMPTY, name="three"))
    journal.close()
    assert len(synced) == 2


def test_the_age_is_that_of_the_last_record(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    journal.edited(ChangeScene(name="one"), replace(EMPTY, name="one"))
    journal.close()
    assert 0 <= recover(tmp_path).age < 60
    records = lines(tmp_path)
    records[0]["time"], records[1]["time"] = 0, 1000
    (tmp_path / JOURNAL).write_text("\n".join(json.dumps(record) for record in records))
    assert recover(tmp_path).age > 1_000_000


def test_discard_leaves_nothing_and_close_leaves_all(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    begin(folder).close()
    assert {path.name for path in folder.iterdir()} == {JOURNAL, PICTURES}
    assert abandoned(tmp_path) == [folder]
    again = begin(folder)
    assert abandoned(tmp_path) == []
    again.close(discard=True)
    assert not folder.exists()


def test_abandoned_lists_the_latest_last(tmp_path: Path) -> None:
    assert abandoned(tmp_path / "none") == []
    for name, age in (("b", 50), ("a", 90), ("c", 10)):
        begin(tmp_path / name).close()
        os.utime(tmp_path / name / JOURNAL, (age, 1_000_000 - age))
    (tmp_path / "not a journal").mkdir()
    (tmp_path / "file").write_text("")
    assert [folder.name for folder in abandoned(tmp_path)] == ["a", "b", "c"]
    for folder in abandoned(tmp_path):
        remove(folder)
    assert abandoned(tmp_path) == []


def own_lock() -> dict[str, object]:
    process = psutil.Process()
    return {"pid": process.pid, "started": process.create_time(), "host": platform.node()}


def dead_pid() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


@pytest.mark.parametrize(
    "lock",
    [
        lambda: own_lock() | {"pid": dead_pid()},
        # The same number, but another process than the one that wrote it.
        lambda: own_lock() | {"started": 1.0},
        dict,
    ],
)
def test_a_stale_lock_is_taken_over(tmp_path: Path, lock: Callable[[], dict[str, object]]) -> None:
    begin(tmp_path / "a").close()
    (tmp_path / "a" / LOCK).write_text(json.dumps(lock()))
    assert abandoned(tmp_path) == [tmp_path / "a"]
    journal = begin(tmp_path / "a")
    assert json.loads((tmp_path / "a" / LOCK).read_bytes()) == own_lock()
    journal.close()


@pytest.mark.parametrize("host", [platform.node(), "another machine"])
def test_a_living_lock_is_respected(tmp_path: Path, host: str) -> None:
    begin(tmp_path / "a").close()
    (tmp_path / "a" / LOCK).write_text(json.dumps(own_lock() | {"host": host}))
    assert abandoned(tmp_path) == []
    with pytest.raises(FileError, match=rf"in use by another GenAni \(process {os.getpid()}\)"):
        begin(tmp_path / "a")
    with pytest.raises(FileError, match="in use"):
        remove(tmp_path / "a")
    assert recover(tmp_path / "a").scene == EMPTY


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot write"):
        begin(tmp_path / "file" / "journal")


def test_a_journal_that_could_not_begin_holds_no_lock(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        begin(tmp_path)
    assert not (tmp_path / LOCK).exists()


def child(code: str, folder: Path) -> int:
    """Run code in a Python of its own, on a desk whose journal has one edit."""
    head = """
    import errno, io, os, sys
    from pathlib import Path
    from genani.media import atomic
    from genani.scene.errors import FileError
    from tests.media.test_journal import *
    folder = Path(sys.argv[1])
    desk = Desk(begin(folder, pictures=Shelf(*KEYS)), [EMPTY])
    desk.do(add(1, KEYS[0]))
    """
    text = textwrap.dedent(head) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", text, str(folder)], capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


KILLED = 9
DEATHS = {
    "between two edits": ("os._exit(9)", 1),
    "before the picture is there": (
        "os.replace = lambda *_: os._exit(9)\ndesk.do(add(2, KEYS[1]))",
        1,
    ),
    "between picture and record": (
        "desk.journal._put = lambda _line: os._exit(9)\ndesk.do(add(2, KEYS[1]))",
        1,
    ),
    "in the middle of the record": (
        """
        def half(line):
            os.write(desk.journal._file.fileno(), line[: len(line) // 2])
            os._exit(9)
        desk.journal._put = half
        desk.do(add(2, KEYS[1]))
        """,
        1,
    ),
    "right after the record": ("desk.do(add(2, KEYS[1]))\nos._exit(9)", 2),
    "while a save begins it anew": (
        """
        desk.do(add(2, KEYS[1]))
        os.replace = lambda *_: os._exit(9)
        desk.journal.saved(desk.scene, folder / "a.genani", ())
        """,
        2,
    ),
    "while it is deleted": (
        """
        import shutil
        desk.do(add(2, KEYS[1]))
        shutil.rmtree = lambda *_, **__: os._exit(9)
        desk.journal.close(discard=True)
        """,
        0,
    ),
}


@pytest.mark.parametrize("when", DEATHS)
def test_killed(tmp_path: Path, when: str) -> None:
    code, drawings = DEATHS[when]
    folder = tmp_path / "journal"
    assert child(code, folder) == KILLED
    assert abandoned(tmp_path) == ([folder] if drawings else [])
    if not drawings:
        return
    found = recover(folder)
    assert found.changes == drawings
    assert found.problems == ()
    cells = found.scene.layers[0].cells
    assert [cell.frame for cell in cells] == list(range(1, drawings + 1))
    # A record never names a picture that is not there.
    for key in KEYS[:drawings]:
        assert found.picture(key.id) == key
    # And the next program goes on where this one died.
    journal = Journal(folder, found.scene, shelf(), changes=found.changes)
    journal.edited(ChangeScene(name="on"), replace(found.scene, name="on"))
    journal.close()
    assert recover(folder).scene == replace(found.scene, name="on")
    assert recover(folder).changes == found.changes + 1


def test_a_full_disk_loses_no_later_change(tmp_path: Path) -> None:
    code = """
    import resource
    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    limit((folder / JOURNAL).stat().st_size + 20)
    for name in ("two", "three"):
        try:
            desk.do(ChangeScene(name=name))
        except FileError as error:
            assert str(folder / JOURNAL) in str(error), error
        else:
            os._exit(1)
        assert recover(folder).scene == desk.states[1]
        assert recover(folder).problems == ()
    limit(resource.RLIM_INFINITY)
    desk.do(ChangeScene(name="four"))
    desk.undo(1)
    desk.undo(1)
    desk.redo(2)
    os._exit(3)
    """
    assert child(code, tmp_path) == 3
    found = recover(tmp_path)
    assert found.scene.name == "four"
    assert found.problems == ()
    assert kinds(tmp_path) == ["start", "edit", "scene", "scene", "scene", "scene"]


def test_a_line_that_stays_torn_does_no_harm(tmp_path: Path) -> None:
    desk = Desk(begin(tmp_path), [EMPTY])
    desk.do(ChangeScene(name="one"))
    file = desk.journal._file
    assert file is not None

    class Stubborn:
        """A disk that takes half a line, and will not give it back."""

        def seek(self, *_where: int) -> int:
            return 0

        def write(self, line: bytes) -> int:
            assert file is not None
            return file.write(line[: len(line) // 2])

        def truncate(self, _size: int) -> None:
            raise OSError("no")

    desk.journal._file = Stubborn()  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(FileError, match="the disk is full"):
        desk.do(ChangeScene(name="two"))
    assert recover(tmp_path).scene.name == "one"
    desk.journal._file = file
    desk.do(ChangeScene(name="three"))
    desk.do(ChangeScene(name="four"))
    desk.journal.close()
    found = recover(tmp_path)
    assert found.scene == desk.scene
    assert found.problems == ()


def test_a_picture_that_cannot_be_written_is_told_and_made_good(tmp_path: Path) -> None:
    desk = Desk(begin(tmp_path, pictures=Shelf(*KEYS, noisy(9))), [EMPTY])
    (tmp_path / PICTURES / f"{KEYS[0].id}.png").mkdir()
    with pytest.raises(FileError, match="cannot write"):
        desk.do(add(1, KEYS[0]))
    assert kinds(tmp_path) == ["start"]
    (tmp_path / PICTURES / f"{KEYS[0].id}.png").rmdir()
    desk.do(add(2, noisy(9)))
    assert recover(tmp_path).scene == desk.scene
    assert kept(tmp_path) == {KEYS[0].id, noisy(9).id}
    desk.journal.close()
