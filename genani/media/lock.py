"""A lock file with a process in it: who holds a folder, and whether that one is still alive."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from genani.media.files import shown, told
from genani.scene.errors import FileError

_SAME_START = 5.0
"""Seconds by which the start of one process may seem to differ when the clock is set."""


class Lock:
    """Holds a lock file until `release`; a dead process's lock is taken over.

    Args:
        path: the lock file; its folder exists.

    Raises:
        FileError: a living process holds it, or the place cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        owner = _Owner(os.getpid(), psutil.Process().create_time(), platform.node())
        with told(path, "write"):
            if (holder := held_by(path)) is not None:
                raise FileError(
                    f"'{shown(path.parent)}' is in use by another GenAni (process {holder})"
                )
            path.unlink(missing_ok=True)
            with path.open("xb") as opened:
                opened.write(msgspec.json.encode(owner))

    def release(self) -> None:
        """Give the lock back."""
        with suppress(OSError):
            self._path.unlink()


def held_by(path: Path) -> int | None:
    """The process that holds a lock file; None if there is none, or it has died.

    Of a process on another machine nobody can tell: it counts as alive.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        owner = msgspec.json.decode(path.read_bytes(), type=_Owner)
    except (FileNotFoundError, msgspec.MsgspecError, ValueError):
        return None
    if owner.host != platform.node():
        return owner.pid
    try:
        started = psutil.Process(owner.pid).create_time()
    except psutil.AccessDenied:
        return owner.pid
    except (psutil.NoSuchProcess, ValueError):
        return None
    # The number of a dead process may have been given to another one.
    return owner.pid if abs(started - owner.started) < _SAME_START else None


class _Owner(msgspec.Struct):
    pid: int
    started: float
    host: str
