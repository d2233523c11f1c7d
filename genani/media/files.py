"""Paths and system errors in plain words, and whole files into memory."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genani.scene.errors import FileError

MAX_FILE_BYTES = 4 << 30
"""Larger picture files are refused before they are read."""

_REASONS = {
    errno.ENOENT: "it does not exist",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.EISDIR: "it is a folder",
    errno.EEXIST: "something of that name is already there",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.EROFS: "the place is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be too large for this disk",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EIO: "the disk reports a fault",
    errno.ENOMEM: "there is not enough memory",
}


def shown(path: Path | str) -> str:
    """A path as one printable line: undecodable bytes and control characters are escaped."""
    text = os.fspath(path)
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )


def reason(error: OSError) -> str:
    """Why the system refused, in plain words."""
    known = _REASONS.get(error.errno or 0)
    return known or (error.strerror or str(error) or type(error).__name__).lower()


@contextmanager
def told(path: Path | str, doing: str) -> Iterator[None]:
    """Turn what the system raises inside into one clear `FileError` that names the file.

    Args:
        path: the file the animator knows; temporary files are never named.
        doing: `read` or `write`, as in "cannot read ...".

    Raises:
        FileError: for every `OSError`, and for a path no file can have.
    """
    try:
        yield
    except OSError as error:
        raise FileError(f"cannot {doing} '{shown(path)}': {reason(error)}") from error
    except (UnicodeEncodeError, ValueError) as error:
        if not _impossible(path):
            raise
        raise FileError(f"cannot {doing} '{shown(path)}': no file can have this name") from error


def _impossible(path: Path | str) -> bool:
    try:
        return b"\0" in os.fsencode(path)
    except UnicodeEncodeError:
        return True


def check_file(path: Path) -> None:
    """Refuse what is not a plain file of a sane size (a folder, a device, a pipe).

    Raises:
        FileError: missing, not a plain file, empty, or over `MAX_FILE_BYTES`.
    """
    with told(path, "read"):
        info = path.stat()
    if stat.S_ISDIR(info.st_mode):
        raise FileError(f"cannot read '{shown(path)}': it is a folder")
    if not stat.S_ISREG(info.st_mode):
        raise FileError(f"cannot read '{shown(path)}': it is not a plain file")
    if not info.st_size:
        raise FileError(f"cannot read '{shown(path)}': the file is empty")


def read_all(path: Path) -> bytes:
    """The bytes of a plain file.

    Raises:
        FileError: as `check_file`; over `MAX_FILE_BYTES`; or the disk fails.
    """
    check_file(path)
    with told(path, "read"):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileError(f"cannot read '{shown(path)}': it is over {MAX_FILE_BYTES >> 30} GiB")
        return path.read_bytes()
