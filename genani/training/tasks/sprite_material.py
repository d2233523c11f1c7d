"""What `sprite` learns from, and what is held back to judge it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.store import models as store
from genani.training.config import ConfigError
from genani.training.sources.dice import Dice
from genani.training.sources.sprites import figures, kenney, own
from genani.training.sources.sprites.faces import FaceLoops
from genani.training.sources.sprites.figures import FigureLoops
from genani.training.sources.sprites.kenney import KenneyLoops
from genani.training.sources.sprites.loop import Loop, Loops
from genani.training.sources.sprites.poses import Vigour
from genani.training.sources.sprites.strips import Strips

SHARES = {"kenney": 1.0, "figures": 1.5, "faces": 0.5}
"""What a drawing comes from, by default."""

_TOLD = {
    "kenney": "two of Kenney's toon characters (CC0), walking, running and jumping",
    "figures": "figures drawn by this project, doing all seven actions",
    "faces": "faces of the project's own rig, blinking and talking",
    "own": "the maker's own clips",
}
_HELD_SEED = 2026
_FACES_HELD = 4
_OWN_HELD = 12


@dataclass(frozen=True)
class Judge:
    """A loop that judges.

    Attributes:
        loop: itself.
        pack: it is the held-back character's of Kenney's pack.
    """

    loop: Loop
    pack: bool = False


@dataclass(frozen=True)
class SpriteMaterial:
    """Where the task's loops come from.

    Attributes:
        shares: sources and how much each gives.
        held: the user's own clips that judge; None where there are none.
        notes: what a person should know, such as a source that is not installed.
    """

    shares: Mapping[str, tuple[Loops, float]]
    held: own.OwnLoops | None = None
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What is learnt from, in words."""
        parts = "; ".join(_TOLD[name] for name in self.shares)
        return f"{parts[:1].upper()}{parts[1:]}."

    def strips(self, seed: int, sizes: Sequence[int]) -> Strips:
        """Examples to learn from; see `Strips`."""
        return Strips(self.shares, seed, sizes, frozenset({"own"}))

    def judges(self, size: int, count: int) -> list[Judge]:
        """Loops of `count` frames that are never learnt from."""
        if self.held:
            loops = [own.loop_of(clip) for clip in self.held.clips[:_OWN_HELD]]
            return [Judge(loop) for loop in loops]
        found: list[Judge] = []
        if "kenney" in self.shares:
            # Walks have eight drawings; other counts would repeat some of them.
            walks = (None, 0, 3) if count == 8 else ()
            found += [
                Judge(kenney.loop_of(kenney.HELD_BACK, Action.WALK, start), pack=True)
                for start in walks
            ]
            found.append(Judge(kenney.loop_of(kenney.HELD_BACK, Action.JUMP), pack=True))
        if "figures" in self.shares or not found:
            found += [Judge(_figure(number, size)) for number in range(len(ACTIONS))]
        if "faces" in self.shares:
            faces = FaceLoops(held_back=True)
            dice = [Dice(_HELD_SEED, number) for number in range(_FACES_HELD)]
            found += [Judge(faces.loop(each, size)) for each in dice]
        return found


def material(shares: Mapping[str, float], data: Path | None, own_share: float) -> SpriteMaterial:
    """The loops of a mix, and the user's own among them.

    Args:
        shares: names of sources and their weights; one whose drawings are missing is left out,
            and the notes say so.
        data: a folder of the user's own clips (see `sources.sprites.own`); those held back then
            judge the result.
        own_share: share of the user's own where there are any.

    Raises:
        FileError: the folder holds no clips, or the action of one cannot be told.
        ConfigError: a source is unknown, or nothing is left.
    """
    makers = {
        "kenney": lambda: KenneyLoops(
            tuple(name for name in kenney.CHARACTERS if name != kenney.HELD_BACK)
        ),
        "figures": FigureLoops,
        "faces": FaceLoops,
    }
    if unknown := sorted(set(shares) - set(makers)):
        raise ConfigError(f"task.shares: there is no '{unknown[0]}'; there are {', '.join(makers)}")
    wanted = {name: share for name, share in shares.items() if share > 0}
    notes: list[str] = []
    if "kenney" in wanted and not store.Catalogue().state(kenney.MODEL).status.usable:
        del wanted["kenney"]
        notes.append(
            f"left out of the mix: Kenney's characters (`genani models fetch {kenney.MODEL}`)"
        )
    mixed: dict[str, tuple[Loops, float]] = {
        name: (makers[name](), share) for name, share in wanted.items()
    }
    held = None
    if data is not None:
        learnt, held = own.split(data)
        rest = sum(wanted.values()) or 1.0
        mixed = {name: (each, share * (1 - own_share)) for name, (each, share) in mixed.items()}
        mixed["own"] = (learnt, own_share * rest)
        mixed = {name: pair for name, pair in mixed.items() if pair[1] > 0}
    if not mixed:
        raise ConfigError("task.shares: nothing is left to learn from")
    return SpriteMaterial(mixed, held, tuple(notes))


def _figure(number: int, size: int) -> Loop:
    """A held-back figure doing the action of a number."""
    looks = figures.looks_of(figures.FIRST_HELD + number)
    return figures.FigureLoop(looks, ACTIONS[number], Vigour(), 2 * size)


__all__ = ["SHARES", "Judge", "SpriteMaterial", "material"]
