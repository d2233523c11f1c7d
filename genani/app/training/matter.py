"""What a project learns from: clips or pictures, whose they are, and whether they are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from genani.app.training import album
from genani.app.training.album import Album, Material
from genani.app.training.projects import Project
from genani.app.training.services import Clip, Rights, TrainingChoice


@dataclass(frozen=True)
class Matter:
    """What there is to learn from.

    Attributes:
        project: at hand.
        choice: what is trained.
        clips: of the data set.
        film_rights: to its films; None before the first is imported.
        album: single pictures.
    """

    project: Project
    choice: TrainingChoice
    clips: Sequence[Clip]
    film_rights: Rights | None
    album: Album

    @property
    def on_pictures(self) -> bool:
        """True where single pictures are learned from instead of clips."""
        return self.choice.material in album.KINDS

    @property
    def data(self) -> Path | None:
        """What is learned from, of a person's own; None where there is nothing."""
        if self.on_pictures:
            return self.album.data(self.project.pictures, self.choice.material)
        return self.project.clips if self.clips else None

    @property
    def rights(self) -> Rights | None:
        """To what is learned from; None where there is nothing yet."""
        if not self.on_pictures:
            return self.film_rights
        chosen = self.project.choices
        if self.data is None:
            return None
        wanting = ""
        if not chosen.made_by:
            wanting = _tr("nobody has said who made it")
        elif chosen.may_train is None:
            wanting = _tr("nobody has said whether it may be trained on")
        elif not chosen.may_train:
            wanting = _tr("its maker does not allow training on it")
        return Rights(chosen.made_by, chosen.licence, chosen.may_train, wanting)

    @property
    def whose(self) -> str:
        """Whose work is learned from, in words; empty where it is GenAni's own."""
        if self.data is None or self.rights is None:
            return ""
        return f"made by {self.rights.made_by}, {self.rights.licence or 'no licence named'}"

    @property
    def wanting(self) -> str:
        """Why nothing can be learned from it yet, in words; empty if it can."""
        if self.data is None and self.choice.alone:
            return self.choice.missing
        if lacking := self._lacking():
            return lacking
        if self.rights is None or self.rights.wanting:
            if self.on_pictures:
                return _tr("The rights are not settled: say who made the pictures.")
            return _tr("The rights are not settled: say who made the films.")
        return self.choice.missing

    def words(self, starts_from: Path | None) -> list[str]:
        """What `genani train` is told to learn from.

        Args:
            starts_from: the result of the training that this one needs; None leaves that to
                `genani train`.
        """
        words = [] if self.data is None else ["--data", str(self.data)]
        if self.choice.needs and starts_from is not None:
            words += ["--set", f"{self.choice.needs[1]}={starts_from}"]
        if self.choice.rights and self.whose:
            words += ["--set", f"task.rights={self.whose}"]
        return words

    def _lacking(self) -> str:
        """What there is too little of, in words; empty if it is enough."""
        for kind in album.KINDS.get(self.choice.material, ()):
            if len(self.album.of(kind)) < album.FEWEST[kind]:
                return {
                    "photos": _tr("There are too few photos: two at least."),
                    "cartoons": _tr("There are too few drawings: two at least."),
                    "pictures": _tr("There are too few pictures: eight at least."),
                    "picture": _tr("There is no picture yet."),
                }[kind]
        if self.on_pictures:
            return ""
        originals = [clip for clip in self.clips if not clip.copy]
        if not originals:
            return _tr("There are no clips yet.")
        if len(originals) < 2:
            return _tr("One clip is too few: a second one is held back to measure by.")
        if self.choice.material is Material.ACTIONS and not all(each.action for each in originals):
            return _tr("Say what is done in each clip.")
        return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Matter", text)
