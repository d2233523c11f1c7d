"""Single pictures to train on: photos and drawings in folders of a project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from genani.media import image
from genani.media.files import told
from genani.scene.errors import FileError


class Material(StrEnum):
    """What something is trained on."""

    CLIPS = "clips"
    """A data set of clips."""
    ACTIONS = "actions"
    """The same, each clip with a word for what is done in it."""
    PAIR = "pair"
    """Photos, and drawings in the style that photos are to be put into."""
    PICTURES = "pictures"
    """Pictures of one kind, such as faces."""
    PICTURE = "picture"
    """One picture."""


KINDS: Mapping[Material, tuple[str, ...]] = {
    Material.PAIR: ("photos", "cartoons"),
    Material.PICTURES: ("pictures",),
    Material.PICTURE: ("picture",),
}
"""The folders of each material that is no clips."""

FEWEST = {"photos": 2, "cartoons": 2, "pictures": 8, "picture": 1}
"""Pictures of a kind that are too few below this."""


@dataclass(frozen=True)
class Album:
    """The pictures of a project.

    Attributes:
        pictures: by the name of their folder.
    """

    pictures: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Path, ...]:
        """The pictures of a folder."""
        return self.pictures.get(kind, ())

    def data(self, folder: Path, material: Material) -> Path | None:
        """What training is told to learn from; None where there is nothing of one's own."""
        kinds = KINDS[material]
        if not any(self.of(kind) for kind in kinds):
            return None
        if material is Material.PAIR:
            return folder
        return self.of(kinds[0])[0] if material is Material.PICTURE else folder / kinds[0]


def read(folder: Path) -> Album:
    """What a project has; nothing where there is no such folder.

    Raises:
        FileError: it cannot be read.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for kind in (kind for kinds in KINDS.values() for kind in kinds):
        if (folder / kind).is_dir():
            with told(folder / kind, "read"):
                found[kind] = tuple(sorted(_pictures([folder / kind])))
    return Album(found)


def add(folder: Path, kind: str, paths: Sequence[Path]) -> int:
    """Copy pictures, and those in folders, to those of a kind; how many came.

    Raises:
        FileError: there is no picture among them, or it cannot be written.
    """
    found = list(_pictures(paths))
    if not found:
        raise FileError("there is no picture among what was chosen")
    if kind == "picture":
        clear(folder, kind)
        found = found[:1]
    place = folder / kind
    with told(place, "write"):
        place.mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copyfile(path, _free(place, path.name))
    return len(found)


def clear(folder: Path, kind: str) -> None:
    """Take all pictures of a kind out; the files they came from stay.

    Raises:
        FileError: they cannot be deleted.
    """
    with told(folder / kind, "write"):
        if (folder / kind).is_dir():
            shutil.rmtree(folder / kind)


def _pictures(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _pictures(sorted(path.iterdir()))
        elif path.suffix.lower() in image.EXTENSIONS:
            yield path


def _free(folder: Path, name: str) -> Path:
    """A place of that name, or of the next one that is free."""
    place, number = folder / name, 2
    while place.exists():
        place = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return place
