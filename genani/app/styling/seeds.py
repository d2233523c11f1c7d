"""What the window of seeds is given by `__main__`: who draws faces out of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from genani.engines.api import CancelToken
from genani.scene.picture import Picture


@dataclass(frozen=True)
class FaceWish:
    """A face that is wished for.

    Attributes:
        seed: the same seed is the same face.
        other: a second seed, which takes over from a layer on; None has one parent.
        level: that layer, coarse to fine.
        truncation: 0 is the mean of all faces, 1 anything the model draws.
        direction: number of a feature that changes; 0 is none.
        amount: how far it changes.
        age: how much older; under 0 younger.
    """

    seed: int
    other: int | None = None
    level: int = 0
    truncation: float = 0.8
    direction: int = 0
    amount: float = 1.0
    age: float = 0.0


@dataclass(frozen=True)
class FaceModel:
    """A model that draws faces.

    Attributes:
        name: what tells it from others.
        title: what a person calls it.
        missing: how it is to be had, in words; empty if it is there.
        layers: that two faces are mixed by.
        features: how many numbered ones change.
        ages: whether it knows which way is older.
        limits: what it cannot do, in words; empty where nobody has said.
    """

    name: str
    title: str
    missing: str = ""
    layers: int = 0
    features: int = 0
    ages: bool = False
    limits: str = ""


@dataclass(frozen=True)
class SeedServices:
    """The way to what draws faces. Failures are `GenAniError`s that say why.

    Attributes:
        models: what there is, GenAni's own first. Reads files and may import torch: not for the
            GUI thread.
        draw: the faces one after the other: (wishes, name of the model, side in pixels or 0 for
            the model's own, token). For the worker's thread.
    """

    models: Callable[[], Sequence[FaceModel]]
    draw: Callable[[Sequence[FaceWish], str, int, CancelToken], Iterator[Picture]]
