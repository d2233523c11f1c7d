"""The catalogue of models: what there is, what is installed, and how to get the rest.

Nothing here touches the network except `Catalogue.fetch`.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from genani.scene.errors import ModelError
from genani.store.digest import digest_of, do_nothing
from genani.store.entry import (
    DESCRIPTION,
    ModelEntry,
    ModelFile,
    Source,
    bytes_to_fetch,
    read_entry,
    told_name,
)
from genani.store.errand import Errand, Patience, SourceError, megabytes
from genani.store.places import offline_wanted, shipped_folder, store_folder
from genani.store.shelf import Shelf

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and a short text such as `RIFE 4.6: 3.1 MB of 21.3 MB`."""


def _unwatched(_share: float, _text: str) -> None:
    """Progress that nobody watches."""


class Status(StrEnum):
    """How much of a model is there."""

    SHIPPED = "comes with GenAni"
    INSTALLED = "installed"
    PARTIAL = "partly installed"
    DAMAGED = "damaged"
    MISSING = "not installed"

    @property
    def usable(self) -> bool:
        """Whether the model can be loaded."""
        return self in (Status.SHIPPED, Status.INSTALLED)


@dataclass(frozen=True)
class ModelState:
    """A model and how much of it is there.

    Attributes:
        entry: its description.
        status: whether it can be used.
        disk_use: bytes of its files in the store, unfinished downloads counted in.
    """

    entry: ModelEntry
    status: Status
    disk_use: int


def path(name: str, file: str) -> Path:
    """Where a file of an installed model lies, its checksum verified.

    Raises:
        ModelError: no such model or file, not installed, or damaged; the text says what to do.
    """
    return Catalogue().path(name, file)


@dataclass(frozen=True)
class Catalogue:
    """The models that come with GenAni and those in the person's store folder.

    A person's own model is a folder in the store with a `model.toml`; it cannot take the name of
    one that comes with GenAni. Safe to use from several threads and processes at once.

    Attributes:
        shipped: folder of the models that come with GenAni, one folder each; only read.
        store: folder of the person's models; made when first needed.
        offline: refuse the network.
        patience: time limits of downloads.
    """

    shipped: Path = field(default_factory=shipped_folder)
    store: Path = field(default_factory=store_folder)
    offline: bool = field(default_factory=offline_wanted)
    patience: Patience = field(default_factory=Patience)

    def names(self) -> tuple[str, ...]:
        """Names of all models described, those that come with GenAni first."""
        shipped = _described(self.shipped)
        return (*shipped, *(name for name in _described(self.store) if name not in shipped))

    def info(self, name: str) -> ModelEntry:
        """The description of a model.

        Raises:
            ModelError: there is no such model, or its description is broken.
        """
        names = self.names()
        if name not in names:
            close = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {close[0]}?" if close else "`genani models list` shows them"
            raise ModelError(f"there is no model called {name}; {hint}")
        shipped = self.shipped / name / DESCRIPTION
        return read_entry(shipped if shipped.is_file() else self.store / name / DESCRIPTION)

    def list(self) -> tuple[ModelState, ...]:
        """All models whose description can be read, with what is there of each."""
        states: dict[str, ModelState] = {}
        for name in self.names():
            with suppress(ModelError):
                states[name] = self.state(name)
        return tuple(states.values())

    def faults(self) -> tuple[ModelError, ...]:
        """What is wrong with the descriptions that `list` leaves out."""
        found: dict[str, ModelError] = {}
        for name in self.names():
            try:
                self.info(name)
            except ModelError as error:
                found[name] = error
        return tuple(found.values())

    def state(self, name: str) -> ModelState:
        """One model with what is there of it.

        Raises:
            ModelError: there is no such model, or its description is broken.
        """
        shelf = self._shelf(name)
        return ModelState(shelf.entry, _status(shelf), shelf.disk_use())

    def verify(self, name: str) -> Status:
        """What is there of a model, after reading every byte of it again.

        Raises:
            ModelError: there is no such model, or its description is broken.
        """
        shelf = self._shelf(name)
        shelf.forget_checksums()
        return _status(shelf)

    def path(self, name: str, file: str) -> Path:
        """Where a file of an installed model lies, its checksum verified.

        The checksum is taken when the file is first seen, and again when its size or its time of
        change differ.

        Raises:
            ModelError: no such model or file, not installed, or damaged; the text says what to do.
        """
        shelf = self._shelf(name)
        wanted = shelf.entry.file(file)
        found = shelf.sound(wanted)
        if found:
            return found
        remedy = f"run `genani models fetch {name}`, or import a file you have"
        if not shelf.entry.sources:
            remedy = f"import its file with `genani models import {name} PATH`"
        for place in shelf.places(wanted):
            raise ModelError(f"{place} is damaged or was changed: {remedy}")
        raise ModelError(f"{shelf.entry.title} is not installed: {remedy}")

    def download_size(self, name: str) -> int:
        """Bytes that `fetch` brings if the first source works; 0 if the model is installed.

        Raises:
            ModelError: there is no such model, or its description is broken.
        """
        shelf = self._shelf(name)
        missing = shelf.missing()
        if not missing or not shelf.entry.sources:
            return 0
        return bytes_to_fetch(shelf.entry.sources[0], missing)

    def fetch(
        self, name: str, *, progress: Progress = _unwatched, check: Callable[[], None] = do_nothing
    ) -> ModelEntry:
        """Fetch what is missing or damaged of a model, source after source; call it from a worker.

        A file is installed whole and verified, or not at all. After a cancel or a failure the
        next call goes on where this one stopped.

        Args:
            progress: told the share done and a text.
            check: called several times a second; what it raises stops the fetch.

        Raises:
            ModelError: offline, no room, no source works, or all send something else.
            Cancelled: `check` raised it.
        """
        shelf = self._shelf(name)
        title = shelf.entry.title
        if not shelf.missing():
            return shelf.entry
        remedy = f"run `genani models import {name} PATH` with a file you have"
        if not shelf.entry.sources:
            raise ModelError(f"{title} cannot be fetched: {remedy}")
        if self.offline:
            raise ModelError(f"{title} cannot be fetched while GenAni is offline: {remedy}")
        waiting = f"{title}: waiting for another GenAni that is fetching it"
        with shelf.writing(check, wait=lambda: progress(0.0, waiting)):
            # Another process may have installed it meanwhile.
            shelf = self._shelf(name)
            self._expect_room(shelf)
            failures = self._go_round(shelf, progress, check)
            if shelf.missing():
                reasons = "; ".join(failures)
                raise ModelError(f"{title} could not be fetched ({reasons}): {remedy}")
            shelf.drop_parts()
        progress(1.0, f"{title}: installed")
        return shelf.entry

    def import_file(self, name: str, source: Path) -> tuple[Path, ...]:
        """Copy a model's files from a file, or from anywhere below a folder, into the store.

        Files are known by their checksum, so they may have any name.

        Returns:
            The files now in the store.

        Raises:
            ModelError: nothing there, or nothing that belongs to the model.
        """
        shelf = self._shelf(name)
        title, needed = shelf.entry.title, ", ".join(file.name for file in shelf.entry.files)
        try:
            matches = _matches(source, shelf.entry)
        except OSError as error:
            raise ModelError(f"{source} cannot be read: {error.strerror or error}") from error
        if not matches and source.is_dir():
            raise ModelError(f"no file of {title} ({needed}) lies in {source}")
        if not matches:
            raise ModelError(
                f"{source} is not a file of {title} ({needed}): it is damaged or another version"
            )
        with shelf.writing():
            shelf.parts.mkdir(parents=True, exist_ok=True)
            return tuple(_copy_in(shelf, file, found) for file, found in matches)

    def remove(self, name: str) -> int:
        """Delete a model's files from the store, unfinished downloads too; bytes made free.

        Raises:
            ModelError: nothing of it is in the store, or it cannot be deleted.
        """
        shelf = self._shelf(name)
        before = shelf.disk_use()
        if not before and _status(shelf) is Status.SHIPPED:
            raise ModelError(f"{shelf.entry.title} comes with GenAni and cannot be removed")
        if not before:
            raise ModelError(f"{shelf.entry.title} is not installed")
        with shelf.writing():
            shelf.clear()
        return before - shelf.disk_use()

    def _shelf(self, name: str) -> Shelf:
        return Shelf(self.info(name), self.shipped, self.store)

    def _expect_room(self, shelf: Shelf) -> None:
        needed = sum(file.size for file in shelf.missing())
        free = shutil.disk_usage(self.store).free
        if free < needed:
            raise ModelError(
                f"{shelf.entry.title} needs {megabytes(needed)} in {self.store} "
                f"and only {megabytes(free)} are free"
            )

    def _go_round(
        self, shelf: Shelf, progress: Progress, check: Callable[[], None]
    ) -> tuple[str, ...]:
        """Ask source after source until nothing is missing; what each refusal said."""
        # httpx takes longer to import than most commands take to run, and few of them fetch.
        from genani.store.sources import bring

        failures: dict[str, str] = {}
        for source in shelf.entry.sources:
            wanted = tuple(file for file in shelf.missing() if file.name in source.files)
            if not wanted:
                continue
            tell = _teller(shelf.entry, source, progress)
            errand = Errand(wanted, shelf.parts, tell, check, self.patience)
            try:
                for file, brought in bring(source, errand):
                    shelf.install(file, brought, check)
            except SourceError as error:
                failures[told_name(source)] = str(error)
        return tuple(f"{source}: {reason}" for source, reason in failures.items())


def _described(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{DESCRIPTION}")))


def _status(shelf: Shelf) -> Status:
    sound = {file.name: shelf.sound(file) for file in shelf.entry.files}
    if all(sound.values()):
        shipped = all(place and place.parent == shelf.shipped for place in sound.values())
        return Status.SHIPPED if shipped else Status.INSTALLED
    if any(shelf.places(file) and not sound[file.name] for file in shelf.entry.files):
        return Status.DAMAGED
    return Status.PARTIAL if any(sound.values()) else Status.MISSING


def _matches(source: Path, entry: ModelEntry) -> tuple[tuple[ModelFile, Path], ...]:
    """The files of `entry` found at or below `source`, each with where it is."""
    if source.is_dir():
        candidates = [
            Path(place) / name for place, _, names in os.walk(source) for name in sorted(names)
        ]
    else:
        candidates = [source]
    matches: dict[str, tuple[ModelFile, Path]] = {}
    for candidate in candidates:
        if source.is_dir() and not candidate.is_file():
            continue
        fitting = [file for file in entry.files if candidate.stat().st_size in file.sizes()]
        digest = digest_of(candidate) if fitting else None
        for file in fitting:
            if digest in file.digests:
                matches[file.name] = (file, candidate)
    return tuple(matches.values())


def _copy_in(shelf: Shelf, file: ModelFile, found: Path) -> Path:
    copy = shelf.parts / f"{file.name}.import"
    try:
        shutil.copyfile(found, copy)
        return shelf.install(file, copy)
    finally:
        copy.unlink(missing_ok=True)


def _teller(entry: ModelEntry, source: Source, progress: Progress) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        share = done / total if total else 0.0
        amount = f"{megabytes(done)} of {megabytes(total)}" if total else megabytes(done)
        progress(min(share, 1.0), f"{entry.title}: {amount} from {told_name(source)}")

    return tell
