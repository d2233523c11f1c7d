from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genani.media import atomic
from genani.scene.errors import FileError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"new " + name.encode())


def write_half(path: Path, error: type[BaseException]) -> None:
    with atomic.file(path) as temporary:
        temporary.write_bytes(b"half")
        raise error


def test_a_file_appears_with_its_content(tmp_path: Path) -> None:
    with atomic.file(tmp_path / "a.txt") as temporary:
        temporary.write_bytes(b"new")
        assert not (tmp_path / "a.txt").exists()
    assert contents(tmp_path) == {"a.txt": b"new"}


def test_missing_folders_are_made_and_unmade(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "x" / "y" / "a", KeyboardInterrupt)
    assert not list(tmp_path.iterdir())
    with atomic.file(tmp_path / "x" / "y" / "a"):
        pass
    assert (tmp_path / "x" / "y" / "a").exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file(error: type[BaseException], tmp_path: Path) -> None:
    fill(tmp_path, "a")
    with pytest.raises(error):
        write_half(tmp_path / "a", error)
    assert contents(tmp_path) == {"a": b"new a"}


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "permission is denied"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "quota"),
    ],
)
def test_system_errors_become_one_line(
    number: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "a")

    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FileError, match=why) as caught, atomic.file(tmp_path / "a") as temporary:
        temporary.write_bytes(b"half")
    assert str(tmp_path / "a") in str(caught.value)
    assert ".part" not in str(caught.value)
    with pytest.raises(FileError, match=why), atomic.folder(tmp_path / "new") as staged:
        fill(staged.path, "b")
    assert contents(tmp_path) == {"a": b"new a"}
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_real_read_only_place_is_one_line() -> None:
    place = Path("/proc/sys/a")
    for write in (atomic.file, atomic.folder):
        with pytest.raises(FileError, match="cannot write '/proc/sys/a': "), write(place):
            pass


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    for target, why in ((tmp_path, "folder"), (Path(os.devnull), "plain file")):
        with pytest.raises(FileError, match=why), atomic.file(target):
            pass
    fill(tmp_path, "a")
    with pytest.raises(FileError, match="not a folder"), atomic.folder(tmp_path / "a"):
        pass
    with pytest.raises(FileError, match="no file can have"), atomic.file(tmp_path / "a\0b"):
        pass


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    fill(tmp_path, "real")
    (tmp_path / "link").symlink_to("real")
    with atomic.file(tmp_path / "link") as temporary:
        temporary.write_bytes(b"through")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"through"


def test_permissions_of_files(tmp_path: Path) -> None:
    fill(tmp_path, "old", "plain")
    (tmp_path / "old").chmod(0o640)
    for name in ("old", "fresh"):
        with atomic.file(tmp_path / name):
            pass
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o640
    plain = (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "fresh").stat().st_mode == plain


def test_a_write_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with pytest.raises(FileError, match="write-protected"), atomic.file(tmp_path / "a"):
        pass


def test_a_folder_keeps_what_else_is_there(tmp_path: Path) -> None:
    fill(tmp_path, "mine", "a")
    with atomic.folder(tmp_path) as staged:
        fill(staged.path, "a", "b")
    assert contents(tmp_path) == {"mine": b"new mine", "a": b"new a", "b": b"new b"}
    assert staged.written == [tmp_path / "a", tmp_path / "b"]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("failing", range(1, 6))
def test_a_move_that_fails_is_taken_back(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "other"):
        (tmp_path / name).write_bytes(b"old " + name.encode())
    before, real, calls = contents(tmp_path), os.replace, 0

    def fail_once(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.ENOSPC, "full")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.raises(FileError, match="full"), atomic.folder(tmp_path) as staged:
        fill(staged.path, "a", "b", "c")
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == 3
    assert staged.written == []


def test_a_folder_in_the_way_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(FileError, match="folder"), atomic.folder(tmp_path) as staged:
        fill(staged.path, "a", "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


KILLED = """
import os, signal, sys
from pathlib import Path
from genani.media import atomic
with atomic.{kind}(Path(sys.argv[1])) as place:
    path = place if "{kind}" == "file" else place.path / "a"
    path.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_kill_leaves_no_partial_file_and_the_next_write_cleans_up(
    kind: str, tmp_path: Path
) -> None:
    target = tmp_path / "a" if kind == "file" else tmp_path
    fill(tmp_path, "a")
    run = subprocess.run([sys.executable, "-c", KILLED.format(kind=kind), str(target)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert contents(tmp_path)["a"] == b"new a"
    assert len(list(tmp_path.iterdir())) == 2
    with atomic.file(tmp_path / "b"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_temporary_files_of_the_living_are_left_alone(tmp_path: Path) -> None:
    with atomic.file(tmp_path / "a") as first:
        with atomic.file(tmp_path / "b"):
            pass
        first.write_bytes(b"still here")
    assert (tmp_path / "a").read_bytes() == b"still here"
