"""What the styling window is given by `__main__`: the stylists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from genani.engines.api import CancelToken, Cost, OptionInfo
from genani.scene.picture import Picture
from genani.scene.request import OptionValue


@dataclass(frozen=True)
class StyleChoice:
    """A style that drawings can be put into.

    Attributes:
        id: tells it from all others.
        name: who draws it, as `genani stylise` calls it.
        title: what a person calls it.
        summary: one sentence on what it makes of a drawing.
        missing: how it is to be had, in words; empty if it is there.
        options: settings of its own, and those of every style.
        seeded: another seed gives another drawing.
        preset: settings that belong to it and are not offered.
        fetch: models that are published and would make it be there.
        task: what trains a model for it; empty for none.
    """

    id: str
    name: str
    title: str
    summary: str
    missing: str = ""
    options: tuple[OptionInfo, ...] = ()
    seeded: bool = False
    preset: Mapping[str, OptionValue] = field(default_factory=dict)
    fetch: tuple[str, ...] = ()
    task: str = ""


@dataclass(frozen=True)
class StyleLook:
    """How drawings are to be restyled.

    Attributes:
        name: see `StyleChoice.name`.
        strength: 0 leaves them as they are, 1 is the style alone.
        options: by name; what is not there is the style's own default.
        seed: for styles that are seeded.
    """

    name: str
    strength: float = 1.0
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class StyleServices:
    """The way to the stylists. Failures are `GenAniError`s that say why.

    Attributes:
        choices: all styles, in the order in which they are shown. Reads files: not for the GUI
            thread.
        estimate: the cost of so many drawings of a size (width, height). May import torch: not
            for the GUI thread.
        restyle: drawings in a row restyled one by one, so that they do not flicker: (drawings,
            how many, look, token). For the worker's thread.
        fetch: downloads models of `StyleChoice.fetch`: (names, token). For a thread of its own.
    """

    choices: Callable[[], Sequence[StyleChoice]]
    estimate: Callable[[StyleLook, tuple[int, int], int], Cost]
    restyle: Callable[[Iterator[Picture], int, StyleLook, CancelToken], Iterator[Picture]]
    fetch: Callable[[Sequence[str], CancelToken], None]
