"""Checksums of model files, remembered so that 100 MB are not read at each start."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from genani.store.entry import Digest

_BLOCK = 1 << 20


def do_nothing() -> None:
    """A check that never stops the work."""


def sha256_of(path: Path, check: Callable[[], None] = do_nothing) -> str:
    """SHA-256 of a file as lower-case hex; `check` is called between blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            check()
            digest.update(block)
    return digest.hexdigest()


def digest_of(path: Path, check: Callable[[], None] = do_nothing) -> Digest:
    """Size and SHA-256 of a file that is not empty."""
    return Digest(path.stat().st_size, sha256_of(path, check))


class _Seen(msgspec.Struct, frozen=True):
    """A file as it was when its checksum was taken."""

    size: int
    mtime_ns: int
    sha256: str


class DigestRecord:
    """Checksums of one model's files by path, each valid while size and time of change stand.

    The record only saves reading: where it cannot be read or written, files are read again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, _Seen] = {}
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            self._seen = msgspec.json.decode(path.read_bytes(), type=dict[str, _Seen])

    def sha256(self, path: Path) -> str:
        """SHA-256 of the file at `path`, read again only if the file has changed.

        Raises:
            OSError: the file cannot be read.
        """
        stat = path.stat()
        seen = self._seen.get(str(path))
        if seen and (seen.size, seen.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
            return seen.sha256
        sha256 = sha256_of(path)
        self.remember(path, sha256)
        return sha256

    def remember(self, path: Path, sha256: str) -> None:
        """Note the checksum just taken of the file that now lies at `path`."""
        stat = path.stat()
        self._seen[str(path)] = _Seen(stat.st_size, stat.st_mtime_ns, sha256)
        self._write()

    def forget(self) -> None:
        """Drop everything remembered, so that each file is read again."""
        self._seen = {}
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(msgspec.json.encode(self._seen))
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
