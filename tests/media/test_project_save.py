"""Projects: what is saved comes back, bit for bit, and a save is whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media import project as projects
from genani.media.container import backup
from genani.media.project import load, save, thumbnail
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.errors import FileError, PictureError, SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId
from genani.scene.take import Take
from tests.media.projects import (
    FORGOTTEN,
    INBETWEENS,
    INFO,
    KEYS,
    MASK,
    SAVED_TAKE,
    TAKE,
    Shelf,
    drawn,
    exposed_scene,
    noisy,
    scene,
    shelf,
)
from tests.scene.strategies import EditMaker


def saved(path: Path) -> Path:
    save(scene(), shelf(), path, [SAVED_TAKE], drawn)
    return path


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def identical(one: Picture | None, other: Picture) -> bool:
    return one is not None and one.id == other.id and one.icc == other.icc


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "walk.genani"
    report = save(scene(), shelf(), path, [SAVED_TAKE], drawn)
    assert report.problems == ()
    assert report.pictures == {picture.id for picture in (*KEYS, MASK)}
    project = load(path)
    assert project.scene == exposed_scene()
    assert project.problems == ()
    assert project.takes == (SAVED_TAKE,)
    for picture in (*KEYS, MASK):
        assert identical(project.picture(picture.id), picture)
    for t, inbetween in INBETWEENS.items():
        got = project.drawn(TAKE, t)
        assert got is not None
        assert identical(got.picture, inbetween.picture)
        assert (got.t, got.warnings) == (t, inbetween.warnings)
    assert project.picture(FORGOTTEN.id) is None
    assert project.drawn(TAKE, Fraction(1, 2)) is None
    assert project.drawn("cd" * 32, Fraction(1, 3)) is None
    assert list(tmp_path.iterdir()) == [path]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_any_scene_comes_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    maker, made = EditMaker(seed), Scene(64, 48)
    for _ in range(30):
        edit = maker.edit(made)
        if edit is not None:
            try:
                made, _ = edit.apply(made)
            except SceneError:
                continue
    path = tmp_path_factory.mktemp("any") / "a.genani"
    report = save(made, Shelf(), path)
    project = load(path)
    assert project.scene == projects.exposed(made)
    # There were no pixels at all: each drawing is told, once, on both ways.
    assert len(report.problems) == len(project.problems) == len(project.scene.pictures())


def test_a_scene_that_packs_like_a_bomb_comes_back(tmp_path: Path) -> None:
    face = Landmarks(((0.0, 0.0, 0.0),) * 478)
    drawings = {str(i): Drawing(str(i), KEYS[0].id, landmarks=face) for i in range(200)}
    cells = tuple(Cell(str(i), i + 1, str(i)) for i in range(200))
    made = Scene(32, 24, layers=(Layer("L", "faces", drawings, cells),))
    path = tmp_path / "a.genani"
    save(made, shelf(), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("scene.json").file_size > 1 << 20
    assert load(path).scene == made


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    data = saved(tmp_path / "a.genani").read_bytes()
    assert data.startswith(b"PK\x03\x04")
    assert data[30:38] == b"mimetype"
    assert data[38:58] == b"application/x-genani"


def test_same_content_same_bytes(tmp_path: Path) -> None:
    one, other = saved(tmp_path / "a.genani"), saved(tmp_path / "b.genani")
    assert one.read_bytes() == other.read_bytes()


def test_the_thumbnail_shows_the_first_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    pixels = np.zeros((400, 800, 4), np.uint8)
    pixels[:, :400] = (255, 0, 0, 255)
    key = Picture(pixels)
    made = Scene(800, 400, layers=(scene().layers[0], _one_drawing(key.id)))
    save(made, Shelf(key), path)
    small = thumbnail(path)
    assert small is not None
    assert small.size == (256, 128)
    assert tuple(small.pixels[64, 64]) == (255, 0, 0, 255)
    assert small.pixels[64, 200, 3] == 0
    save(made, Shelf(), tmp_path / "b.genani")
    empty = thumbnail(tmp_path / "b.genani")
    assert empty is not None
    assert not empty.pixels.any()


def _one_drawing(picture_id: PictureId) -> Layer:
    layer = scene().layers[1]
    drawing = layer.drawings["d1"]
    return Layer("L", "one", {"d1": replace(drawing, picture=picture_id)}, layer.cells[:1])


def test_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.genani")
    asked = Shelf(*KEYS, MASK)
    asked.held.pop(MASK.id)
    calls: list[Fraction] = []
    report = save(exposed_scene(), asked, path, [SAVED_TAKE], lambda _take, t: calls.append(t))
    assert report.problems == ()
    # Only the first frame's drawing is looked at, for the thumbnail.
    assert asked.asked == [KEYS[0].id]
    assert calls == []
    project = load(path)
    assert identical(project.picture(MASK.id), MASK)
    assert project.takes == (SAVED_TAKE,)
    again = project.drawn(TAKE, Fraction(1, 3))
    assert again is not None
    assert again.warnings == ("eyes far apart",)


def test_save_as_copies_from_where_it_was(tmp_path: Path) -> None:
    path, other = saved(tmp_path / "a.genani"), tmp_path / "b.genani"
    assert save(scene(), Shelf(KEYS[0]), other, base=path).problems == ()
    assert load(other).problems == ()
    assert not backup(other, 1).exists()


def test_a_damaged_old_entry_is_encoded_again(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.genani")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(f"drawings/{KEYS[0].id}.png")
    data[entry.header_offset + 300] ^= 1
    path.write_bytes(data)
    assert save(scene(), shelf(), path, [SAVED_TAKE], drawn).problems == ()
    assert identical(load(path).picture(KEYS[0].id), KEYS[0])


def test_a_take_whose_record_was_damaged_is_written_anew(tmp_path: Path) -> None:
    path, other = saved(tmp_path / "a.genani"), tmp_path / "b.genani"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"{}" if name.endswith("info.json") else old.read(name))
    assert load(other).takes == ()
    save(scene(), shelf(), other, [SAVED_TAKE], drawn)
    again = load(other).drawn(TAKE, Fraction(1, 3))
    assert again is not None
    assert again.warnings == ("eyes far apart",)


def test_a_file_that_is_no_project_is_replaced_and_kept_as_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(b"something else")
    saved(path)
    assert load(path).problems == ()
    assert backup(path, 1).read_bytes() == b"something else"


def test_three_backups(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    for number in range(5):
        save(Scene(8, 8, name=f"save {number}"), shelf(), path)
    kept = [load(it).scene.name for it in (path, *(backup(path, age) for age in (1, 2, 3)))]
    assert kept == ["save 4", "save 3", "save 2", "save 1"]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_disk_without_hard_links_gets_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Path, _target: Path) -> None:
        raise OSError("no links here")

    path = saved(tmp_path / "a.genani")
    monkeypatch.setattr(Path, "hardlink_to", refused)
    save(Scene(8, 8, name="new"), shelf(), path)
    assert load(backup(path, 1)).scene.name == "walk"


def test_backups_that_cannot_be_written_do_not_stop_a_save(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.genani")
    (backup(path, 3) / "in the way").mkdir(parents=True)
    backup(path, 2).write_bytes(b"old")
    report = save(Scene(8, 8, name="new"), shelf(), path)
    assert report.problems == (f"the backups of '{path}' could not be written",)
    assert load(path).scene.name == "new"


def test_what_has_no_pixels_is_told_and_the_rest_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    report = save(scene(), Shelf(KEYS[0], KEYS[2]), path, [Take("../x", INFO, (Fraction(1, 2),))])
    assert len(report.problems) == 3
    assert report.problems[0].startswith("the drawing on frame 5 of layer Käfer could not be saved")
    assert report.problems[1].startswith("the mask of frames 5–9 of layer Käfer")
    assert report.problems[2] == "the take '../x' has no proper name"
    assert report.pictures == {KEYS[0].id, KEYS[2].id}
    assert load(path).problems == (
        "the drawing on frame 5 of layer Käfer is missing",
        "the mask of frames 5–9 of layer Käfer is missing",
    )


def test_a_take_that_left_the_cache_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    lost = Take("cd" * 32, INFO, (Fraction(1, 2),))
    part = Take(TAKE, INFO, (*INBETWEENS, Fraction(8, 9)))
    save(scene(), shelf(), path, [lost, part], drawn)
    assert load(path).takes == (SAVED_TAKE,)


@pytest.mark.parametrize("error", [PictureError("gone"), FileError("gone")])
def test_a_shelf_that_fails_is_told(tmp_path: Path, error: Exception) -> None:
    def failing(_id: PictureId) -> Picture:
        raise error

    report = save(scene(), failing, tmp_path / "a.genani")
    assert len(report.problems) == 4
    assert all(problem.endswith("could not be saved: gone") for problem in report.problems)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="a part of its path is a file"):
        saved(tmp_path / "file" / "a.genani")
    with pytest.raises(FileError, match="it is a folder"):
        saved(tmp_path)


def child(code: str, path: Path) -> int:
    """Run code in a Python of its own; `scene`, `shelf`, `save`, `os` and `path` are there."""
    head = """
    import os, sys
    from pathlib import Path
    import zipfile
    from genani.media import atomic, container, project
    from genani.media.project import save
    from tests.media.projects import *
    path = Path(sys.argv[1])
    new = replace(scene(), name="new")
    """
    code = textwrap.dedent(head) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


KILLED = 9
DEATHS = {
    "while drawings are written": """
        add, count = container.Writer.add, []
        def dying(self, name, data, pack=False):
            count.append(name)
            if len(count) == 5: os._exit(9)
            add(self, name, data, pack)
        container.Writer.add = dying
    """,
    "before the list of entries": """
        zipfile.ZipFile.close = lambda self: os._exit(9) if self.mode == "w" else None
    """,
    "before the backups": "project._rotate = lambda path: os._exit(9)",
    "between backup and rename": """
        rotate = project._rotate
        def dying(path):
            rotate(path)
            os._exit(9)
        project._rotate = dying
    """,
    "at the rename": "os.replace = lambda *_: os._exit(9)",
}


@pytest.mark.parametrize("when", DEATHS)
def test_killed_in_the_middle_of_a_save(tmp_path: Path, when: str) -> None:
    path = saved(tmp_path / "a.genani")
    before = path.read_bytes()
    code = textwrap.dedent(DEATHS[when]) + "\nsave(new, shelf(), path)"
    assert child(code, path) == KILLED
    assert path.read_bytes() == before
    assert load(path).problems == ()
    # The next save cleans up behind the dead one.
    save(Scene(8, 8, name="after"), shelf(), path)
    assert load(path).scene.name == "after"
    assert {it.name.partition("~")[0] for it in tmp_path.iterdir()} == {"a.genani"}


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.genani")
    before = path.read_bytes()
    code = """
    import resource
    from genani.scene.errors import FileError
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
    pictures = [noisy(100 + i) for i in range(9)]
    many = replace(new, layers=tuple(
        Layer(f"L{i}", "l", {"d": Drawing("d", p.id)}, (Cell("c", 1, "d"),))
        for i, p in enumerate(pictures)))
    try:
        save(many, Shelf(*pictures), path)
    except FileError as error:
        assert str(path) in str(error) and "too large" in str(error), error
        os._exit(3)
    """
    assert child(code, path) == 3
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_over_a_project_in_use(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.genani")
    project = load(path)
    newer = noisy(77)
    made = replace(scene(), layers=(_one_drawing(newer.id),))
    save(made, Shelf(newer), path)
    # Looked up by what it is, not by where it was: gone, or there, but never wrong.
    assert project.picture(KEYS[1].id) is None
    assert identical(project.picture(newer.id), newer)
