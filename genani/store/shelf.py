"""One model's place: where its files may lie, which are sound, and how one gets in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from genani.scene.errors import ModelError
from genani.store.digest import DigestRecord, digest_of, do_nothing
from genani.store.entry import Digest, ModelEntry, ModelFile
from genani.store.errand import SourceError
from genani.store.process import bytes_under

_LOCK_POLL = 0.1


class Shelf:
    """The files of one model, in the folder that comes with GenAni and in the person's store.

    Attributes:
        entry: the model.
        shipped: folder of the model that comes with GenAni; only read.
        own: folder of the model in the store.
        parts: folder of unfinished downloads, on the same disk as `own`.
    """

    def __init__(self, entry: ModelEntry, shipped: Path, store: Path) -> None:
        self.entry = entry
        self.shipped = shipped / entry.name
        self.own = store / entry.name
        self.parts = store / ".parts" / entry.name
        self._store = store
        self._lock = store / ".locks" / f"{entry.name}.lock"
        self._record = DigestRecord(store / ".checksums" / f"{entry.name}.json")

    def places(self, file: ModelFile) -> tuple[Path, ...]:
        """Where something lies under the file's name, sound or not."""
        places = (self.shipped / file.name, self.own / file.name)
        return tuple(place for place in places if place.exists())

    def sound(self, file: ModelFile) -> Path | None:
        """Where the file lies with the right checksum; None if nowhere."""
        for place in self.places(file):
            with suppress(OSError):
                size = place.stat().st_size
                if (
                    size in file.sizes()
                    and Digest(size, self._record.sha256(place)) in file.digests
                ):
                    return place
        return None

    def missing(self) -> tuple[ModelFile, ...]:
        """The files that lie nowhere with the right checksum."""
        return tuple(file for file in self.entry.files if not self.sound(file))

    def forget_checksums(self) -> None:
        """Have every file read again when it is next asked for."""
        self._record.forget()

    def disk_use(self) -> int:
        """Bytes of the model's files in the store, unfinished downloads counted in."""
        used = bytes_under(self.parts)
        for file in self.entry.files:
            with suppress(OSError):
                used += (self.own / file.name).stat().st_size
        return used

    def install(
        self, file: ModelFile, brought: Path, check: Callable[[], None] = do_nothing
    ) -> Path:
        """Move a file into the store if it is what it should be; else delete it.

        Raises:
            SourceError: its checksum is another.
            OSError: the store cannot be written.
        """
        digest = digest_of(brought, check)
        if digest not in file.digests:
            brought.unlink()
            raise SourceError(f"{file.name} arrived damaged or is another version")
        with brought.open("rb+") as stream:
            os.fsync(stream.fileno())
        target = self.own / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        brought.replace(target)
        self._record.remember(target, digest.sha256)
        return target

    def clear(self) -> None:
        """Delete the model's files and unfinished downloads; a `model.toml` beside them stays.

        Raises:
            OSError: a file cannot be deleted.
        """
        for file in self.entry.files:
            (self.own / file.name).unlink(missing_ok=True)
        self.drop_parts()
        self.forget_checksums()
        with suppress(OSError):
            self.own.rmdir()

    def drop_parts(self) -> None:
        """Delete unfinished downloads."""
        shutil.rmtree(self.parts, ignore_errors=True)

    @contextmanager
    def writing(
        self, check: Callable[[], None] = do_nothing, wait: Callable[[], None] = do_nothing
    ) -> Iterator[None]:
        """Hold the store's side of the model alone, against other processes too.

        Args:
            check: may raise to give up waiting.
            wait: called again and again while another holds it.

        Raises:
            ModelError: the store cannot be written; the text says why.
        """
        try:
            self._lock.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._lock)
            while True:
                check()
                try:
                    lock.acquire(timeout=_LOCK_POLL)
                    break
                except Timeout:
                    wait()
            try:
                yield
            finally:
                lock.release()
        except OSError as error:
            where = error.filename or self._store
            raise ModelError(f"{where} cannot be written: {error.strerror or error}") from error
