"""A training project: a data set of clips and the run that learns from it, in one folder."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from genani.app.places import data_folder
from genani.media import atomic
from genani.media.files import read_all, shown, told
from genani.scene.errors import FileError

NOTE = "project.json"


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person has chosen for a project.

    Attributes:
        name: of the project; the adapter's too unless another is given.
        crop: `face` or `whole`: what of the films' pictures is taken.
        size: of the clips' frames, `256x256` or `512x320`.
        task: what is trained, as `genani train` calls it.
        preset: `quick`, `good` or `best`.
        settings: of the training, beside the preset's, as text.
        adapter: id of what came of it; empty until it is kept.
        made_by, licence, may_train: rights to the pictures; clips have them in their data set.
    """

    name: str
    crop: str = "face"
    size: str = "256x256"
    task: str = ""
    preset: str = "quick"
    settings: dict[str, str] = {}
    adapter: str = ""
    made_by: str = ""
    licence: str = ""
    may_train: bool | None = None


@dataclass(frozen=True)
class Project:
    """A project on disk."""

    folder: Path
    choices: Choices

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.choices.name

    @property
    def clips(self) -> Path:
        """The folder of its data set; not there before the first import."""
        return self.folder / "clips"

    @property
    def pictures(self) -> Path:
        """The folder of its single pictures, a folder a kind; not there before the first."""
        return self.folder / "pictures"

    def run(self, task: str) -> Path:
        """The folder of its run of a task; not there before the first."""
        return self.folder / f"run-{task}"

    def with_choices(self, **fields: object) -> Project:
        """The same with other choices. Written at once.

        Raises:
            FileError: it cannot be written.
        """
        changed = Project(self.folder, msgspec.structs.replace(self.choices, **fields))
        changed.save()
        return changed

    def save(self) -> None:
        """Write the choices.

        Raises:
            FileError: the folder cannot be written.
        """
        with told(self.folder, "write"):
            self.folder.mkdir(parents=True, exist_ok=True)
        with atomic.file(self.folder / NOTE) as place:
            place.write_bytes(msgspec.json.format(msgspec.json.encode(self.choices), indent=1))


def projects_folder() -> Path:
    """Where all projects lie; it need not exist yet."""
    return data_folder() / "clips"


def listed() -> list[Project]:
    """Every project, the one worked on last first; what cannot be read is passed over."""
    found: list[tuple[float, Project]] = []
    for note in projects_folder().glob(f"*/{NOTE}"):
        try:
            found.append((note.stat().st_mtime, opened(note.parent)))
        except (OSError, FileError):
            continue
    return [project for _, project in sorted(found, key=lambda each: -each[0])]


def opened(folder: Path) -> Project:
    """The project in a folder.

    Raises:
        FileError: there is none, or its note is damaged.
    """
    note = folder / NOTE
    try:
        return Project(folder, msgspec.json.decode(read_all(note), type=Choices))
    except msgspec.MsgspecError as error:
        raise FileError(f"'{shown(note)}' is damaged: {error}") from error


def created(name: str) -> Project:
    """A new project.

    Raises:
        FileError: it cannot be written.
    """
    slug = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:40] or "clips"
    folder = projects_folder() / f"{slug}-{secrets.token_hex(3)}"
    project = Project(folder, Choices(name.strip() or slug))
    project.save()
    return project
