"""The sample scenes that come with the program: folders of keys, named by their frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from genani import resources
from genani.app.import_task import KEY_GAP


def _tr(text: str) -> str:
    return QCoreApplication.translate("Samples", text)


@dataclass(frozen=True)
class Sample:
    """A few keys to try things on.

    Attributes:
        name: of its folder.
        keys: pictures in order; the name of each is its frame.
    """

    name: str
    keys: tuple[Path, ...]

    @property
    def every(self) -> int:
        """Frames from key to key."""
        frames = [int(path.stem) for path in self.keys[:2]]
        return frames[1] - frames[0] if len(frames) == 2 else KEY_GAP

    @property
    def title(self) -> str:
        """What it is called."""
        titles = {
            "neutral_to_happy": _tr("A smile"),
            "neutral_to_surprised": _tr("A surprise"),
            "neutral_to_sad": _tr("Sorrow"),
            "head_turn": _tr("A turn"),
            "blink": _tr("A blink"),
            "three_keys": _tr("Three keys"),
        }
        return titles.get(self.name, self.name.replace("_", " ").capitalize())


def samples() -> list[Sample]:
    """All samples, in order of their names."""
    root = resources.folder("resources") / "samples"
    found = [
        Sample(folder.name, tuple(sorted(folder.glob("[0-9]*.png"))))
        for folder in sorted(root.glob("*/"))
    ]
    return [sample for sample in found if sample.keys]
