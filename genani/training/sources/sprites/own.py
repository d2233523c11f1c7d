"""Loops out of a person's own clips, each of one action.

A clip's action is the name of the folder it lies in (`walk/hero.gif`), else what `actions.json`
beside the clips says (`{"hero-01": "walk"}`), else the word its name begins with
(`walk-hero.gif`). Clips are whatever `clip_store` reads: animations, videos, folders of numbered
pictures, and the clips of a data set of `genani clips`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.media.files import read_all, shown
from genani.scene.errors import FileError
from genani.training.clips import dataset
from genani.training.sources.clip_store import find_clips, open_clip
from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import Frames, Loop

LABELS = "actions.json"
"""Names of clips -> actions."""

_HELD_EVERY = 6
"""Of so many clips, one judges."""

_MOST = 24
"""Drawings of a loop, at most; longer clips are thinned out."""


@dataclass(frozen=True)
class Labelled:
    """A clip and what is done in it.

    Attributes:
        path: where it is.
        action: what is done.
        root: its name; of a varied copy, that of the clip it was made of.
    """

    path: Path
    action: Action
    root: str


@dataclass(frozen=True)
class OwnLoops:
    """Loops of clips.

    Attributes:
        clips: where they are and what is done in them.
        name: of the source.
    """

    clips: tuple[Labelled, ...]
    name: str = "own"

    def loop(self, dice: Dice, size: int) -> Loop:
        """See `Loops`.

        Raises:
            FileError: a clip cannot be read, or has fewer than three drawings.
        """
        del size
        return loop_of(dice.one_of(self.clips))


def loop_of(clip: Labelled) -> Loop:
    """A clip as a loop.

    Raises:
        FileError: it cannot be read, or has fewer than three drawings.
    """
    opened = open_clip(clip.path)
    if opened is None:
        raise FileError(f"'{shown(clip.path)}' has fewer than three drawings: it is no loop")
    count = len(opened.drawings)
    kept = sorted({round(k * count / min(count, _MOST)) for k in range(min(count, _MOST))})
    pictures = tuple(opened.drawings[k] for k in kept)
    return Frames(clip.action, pictures, close=clip.action in (Action.BLINK, Action.TALK))


def split(folder: Path) -> tuple[OwnLoops, OwnLoops]:
    """A folder's clips: to learn from, and held back.

    Raises:
        FileError: there are no clips, or the action of one cannot be told.
    """
    clips = labelled(folder)
    roots = sorted({clip.root for clip in clips})
    judging = set(roots[::_HELD_EVERY])
    held = tuple(clip for clip in clips if clip.root in judging)
    learnt = tuple(clip for clip in clips if clip.root not in judging)
    # A lone clip judges itself: better than nothing.
    return OwnLoops(learnt or clips), OwnLoops(held)


def labelled(folder: Path) -> tuple[Labelled, ...]:
    """Every clip of a folder with its action, in order of name.

    Raises:
        FileError: there are no clips, or the action of one cannot be told.
    """
    told = _told(folder)
    found: list[Labelled] = []
    if (folder / dataset.NOTE).is_file():
        outlines = [dataset.read_outline(folder / name) for name in dataset.clip_ids(folder)]
        return tuple(
            Labelled(folder / each.clip_id, _action(each.root, told, folder), each.root)
            for each in outlines
        )
    for path in find_clips(folder):
        if path.is_dir() and path.name in set(ACTIONS):
            action = Action(path.name)
            found += [Labelled(clip, action, f"{action}/{clip.stem}") for clip in _inside(path)]
        else:
            found.append(Labelled(path, _action(path.stem, told, folder), path.stem))
    return tuple(found)


def _inside(folder: Path) -> list[Path]:
    """The clips of an action's folder; one that holds only stills is itself a clip."""
    inner = find_clips(folder)
    stills = all(path.suffix.lower() == ".png" for path in inner)
    return [folder] if stills and len(inner) > 2 and all(p.is_file() for p in inner) else inner


def _told(folder: Path) -> dict[str, str]:
    path = folder / LABELS
    if not path.is_file():
        return {}
    try:
        told = json.loads(read_all(path))
    except ValueError as error:
        raise FileError(f"'{shown(path)}' is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise FileError(f"'{shown(path)}' has to hold names of clips and their actions")
    return {str(name): str(action) for name, action in told.items()}


def _action(name: str, told: dict[str, str], folder: Path) -> Action:
    word = told.get(name) or re.split(r"[^a-z]", name.lower(), maxsplit=1)[0]
    if word not in set(ACTIONS):
        raise FileError(
            f"what is done in the clip '{shown(name)}' cannot be told: put it into a folder of "
            f"'{shown(folder)}' named {', '.join(ACTIONS)}, or name its action in {LABELS}"
        )
    return Action(word)
