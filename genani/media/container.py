"""The zip around a project: written in one fixed way, and read as if a stranger had made it."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genani.media.files import check_file, reason, shown
from genani.scene.errors import ProjectError

MIMETYPE = "mimetype"
MIME = b"application/x-genani"

MAX_ENTRIES = 200_000
MAX_ENTRY = 2 << 30
"""Bytes of one entry, unpacked."""
MAX_TOTAL = 256 << 30
"""Bytes of all entries, unpacked."""
MAX_RATIO = 200
"""How many times its packed size an entry may grow; scenes pack 2 to 10 times."""
_FREE_GROWTH = 1 << 20
"""An entry that unpacks to less than this may grow as it likes."""

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError)
"""What the zip module raises on damaged archives."""
_DRIVE = re.compile(r"[A-Za-z]:")


class Container:
    """The entries of a project file that was checked.

    Every call opens the file anew, so that any thread may read and a save may replace the file.

    Args:
        path: the file.

    Raises:
        FileError: it is missing, or cannot be read.
        ProjectError: not a project, damaged, or unsafe; nothing was unpacked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive: zipfile.ZipFile | None = None
        with self._opened() as archive:
            self.names = self._checked(archive)
            if MIMETYPE not in self.names or archive.getinfo(MIMETYPE).file_size > 100:
                raise ProjectError(f"cannot read '{shown(path)}': it is not a GenAni project")
        if self.read(MIMETYPE).strip() != MIME:
            raise ProjectError(f"cannot read '{shown(path)}': it is not a GenAni project")

    def read(self, name: str) -> bytes:
        """The bytes of an entry.

        Raises:
            ProjectError: there is none, or it is damaged.
        """
        data = self.find(name)
        if data is None:
            raise self.damaged(f"'{shown(name)}' is missing in it")
        return data

    def find(self, name: str) -> bytes | None:
        """The bytes of an entry, their checksum found right; None if there is none (any more).

        Raises:
            ProjectError: it is damaged.
        """
        with self._opened() as archive:
            try:
                self._check(archive.getinfo(name))
                return archive.read(name)
            except KeyError:
                return None
            except _BROKEN as error:
                raise self.damaged(f"'{shown(name)}' in it is damaged") from error
            except OSError as error:
                raise self._unreadable(error) from error

    def damaged(self, what: str) -> ProjectError:
        """The error that says what is wrong, and where an earlier save may be."""
        older = backup(self.path, 1)
        hint = f"; the save before it is '{shown(older)}'" if older.is_file() else ""
        return ProjectError(f"cannot read '{shown(self.path)}': {what}{hint}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the file open inside the block: many entries are read, and by this thread only."""
        with self._opened() as archive:
            self._archive = archive
            try:
                yield
            finally:
                self._archive = None

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        if self._archive is not None:
            yield self._archive
        else:
            with self._open() as archive:
                yield archive

    def _open(self) -> zipfile.ZipFile:
        check_file(self.path)
        try:
            return zipfile.ZipFile(self.path)
        except _BROKEN as error:
            if self._starts_as_zip():
                raise self.damaged("the file is damaged or cut short") from error
            raise ProjectError(
                f"cannot read '{shown(self.path)}': it is not a GenAni project"
            ) from error
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> ProjectError:
        return ProjectError(f"cannot read '{shown(self.path)}': {reason(error)}")

    def _starts_as_zip(self) -> bool:
        with self.path.open("rb") as opened:
            return opened.read(4) == b"PK\x03\x04"

    def _checked(self, archive: zipfile.ZipFile) -> frozenset[str]:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise self._unsafe(f"it holds {len(entries)} entries, more than {MAX_ENTRIES}")
        if sum(entry.file_size for entry in entries) > MAX_TOTAL:
            raise self._unsafe(f"it would unpack to more than {MAX_TOTAL >> 30} GiB")
        names: set[str] = set()
        for entry in entries:
            self._check(entry)
            if entry.filename in names:
                raise self._unsafe(f"it holds '{shown(entry.filename)}' twice")
            names.add(entry.filename)
        return frozenset(names)

    def _check(self, entry: zipfile.ZipInfo) -> None:
        name = shown(entry.filename)
        # The name as written: zipfile cuts it at a NUL and turns the system's separator round.
        parts = entry.orig_filename.rstrip("/").split("/")
        if (
            any(part in ("", ".", "..") for part in parts)
            or any(char in entry.orig_filename for char in "\\\0")
            or _DRIVE.match(entry.orig_filename)
        ):
            raise self._unsafe(f"the entry '{name}' leads out of the project")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise self._unsafe(f"the entry '{name}' is a link")
        if entry.flag_bits & 1 or entry.compress_type not in _PACKINGS:
            raise self._unsafe(f"the entry '{name}' is encrypted or packed in an unknown way")
        if entry.file_size > MAX_ENTRY or (
            entry.file_size > _FREE_GROWTH
            and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        ):
            raise self._unsafe(f"the entry '{name}' would unpack to {entry.file_size} bytes")

    def _unsafe(self, why: str) -> ProjectError:
        return ProjectError(f"'{shown(self.path)}' is not safe to open: {why}")


def backup(path: Path, age: int) -> Path:
    """Where the save before (1), the one before that (2), ... is kept."""
    return path.with_name(f"{path.name}~{age}")


class Writer:
    """Fills a new project file; the mime type is its first entry and readable at byte 38.

    Use as a context manager; entries have no date, so that same content gives same bytes.

    Args:
        path: overwritten.
    """

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path, "w")
        self.add(MIMETYPE, MIME)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_error: object) -> None:
        self._archive.close()

    def add(self, name: str, data: bytes, pack: bool = False) -> None:
        """Write an entry, as it is or (text) packed."""
        entry = zipfile.ZipInfo(name)
        # What packs like a bomb would be refused as one: it goes in as it is.
        if pack and len(data) < MAX_RATIO * len(zlib.compress(data)):
            entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self._archive.writestr(entry, data)
