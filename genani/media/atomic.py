"""Writing that is whole or not at all: a temporary place beside the target, then a rename."""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from genani.media.files import shown, told
from genani.scene.errors import FileError

_HOST = re.sub(r"[^A-Za-z0-9]", "", platform.node())[:24] or "local"
_LEFT = re.compile(rf"\.genani-{re.escape(_HOST)}-(\d+)-[0-9a-f]{{12}}\.part")


@contextmanager
def file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block ends well.

    The temporary file exists and is empty on entry; write to it by name. It is flushed to the
    disk before the rename, so a power cut leaves the old file or the new one. A link is followed,
    missing parent folders are made. On any failure the old file stays as it was and nothing new
    is left.

    Yields:
        The temporary path; it has the folder of `path` but not its extension.

    Raises:
        FileError: `path` is a folder or a device, the place cannot be written, the disk is full.
    """
    with told(path, "write"):
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise FileError(f"cannot write '{shown(path)}': it is a folder")
        if target.exists() and not target.is_file():
            raise FileError(f"cannot write '{shown(path)}': it is not a plain file")
        if target.exists() and not os.access(target, os.W_OK):
            raise FileError(f"cannot write '{shown(path)}': it is write-protected")
    with told(path, "write"), _parents(target.parent):
        _sweep(target.parent)
        temporary = _spare(target.parent)
        try:
            temporary.touch(0o666, exist_ok=False)
            yield temporary
            _flush(temporary)
            if target.exists():
                with suppress(OSError):
                    shutil.copymode(target, temporary)
            os.replace(temporary, target)  # noqa: PTH105 - looked up late, so tests can break it
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


@dataclass
class Staged:
    """A folder being filled.

    Attributes:
        path: the temporary folder to write to. Only plain files in it are moved.
        written: the final paths in order of name; empty until the block has ended well.
    """

    path: Path
    written: list[Path] = field(default_factory=list)


@contextmanager
def folder(path: Path, named: Path | None = None) -> Iterator[Staged]:
    """A temporary folder whose files move into `path` together when the block ends well.

    What else lies in `path` stays. Files of the same names are replaced; should one move fail,
    those already moved are taken back and the old ones restored, so that the folder is as before.
    `path` and its parents are made when missing.

    Args:
        path: the folder to fill.
        named: what errors name instead of `path`: the file the animator asked for.

    Yields:
        The empty temporary folder, on the same disk as `path`.

    Raises:
        FileError: `path` is not a folder, cannot be written, or the disk is full.
    """
    with told(named or path, "write"):
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_dir():
            raise FileError(f"cannot write '{shown(path)}': it is a file, not a folder")
    with told(named or path, "write"), _parents(target):
        _sweep(target)
        staged = Staged(_spare(target))
        try:
            staged.path.mkdir()
            yield staged
            names = _move_all(staged.path, target)
        finally:
            shutil.rmtree(staged.path, ignore_errors=True)
    staged.written.extend(path / name for name in names)


def _move_all(source: Path, target: Path) -> list[str]:
    names = sorted(item.name for item in source.iterdir() if item.is_file())
    for name in names:
        if (target / name).is_dir():
            raise FileError(f"cannot write '{shown(target / name)}': it is a folder")
    # Not inside the temporary folder: whatever happens, old drawings are never swept away.
    backup = target / f"replaced by GenAni {secrets.token_hex(4)}"
    backup.mkdir()
    try:
        for name in names:
            if (target / name).exists():
                os.replace(target / name, backup / name)  # noqa: PTH105 - as in `file`
            os.replace(source / name, target / name)  # noqa: PTH105
    except BaseException:
        for name in names:
            if not (source / name).exists():
                (target / name).unlink(missing_ok=True)
            if (backup / name).exists():
                (backup / name).rename(target / name)
        backup.rmdir()
        raise
    shutil.rmtree(backup, ignore_errors=True)
    return names


@contextmanager
def _parents(place: Path) -> Iterator[None]:
    """Make the missing folders of a path; take those away again when the block fails."""
    missing = [each for each in (place, *place.parents) if not each.exists()]
    made: list[Path] = []
    try:
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            made.append(each)
        yield
    except BaseException:
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir()
        raise


def _spare(place: Path) -> Path:
    return place / f".genani-{_HOST}-{os.getpid()}-{secrets.token_hex(6)}.part"


def _sweep(place: Path) -> None:
    """Remove what a killed GenAni left here: temporary names whose process is gone."""
    for item in place.iterdir():
        match = _LEFT.fullmatch(item.name)
        if match and not psutil.pid_exists(int(match[1])):
            with suppress(OSError):
                shutil.rmtree(item) if item.is_dir() else item.unlink()


def _flush(path: Path) -> None:
    with path.open("rb+") as opened:
        os.fsync(opened.fileno())
