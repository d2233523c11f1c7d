"""The models that something can be drawn with, as a person chooses among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto


class Brought(Flag):
    """What of one's own may be named instead."""

    NOTHING = 0
    FILE = auto()
    FOLDER = auto()


@dataclass(frozen=True)
class ModelChoice:
    """A model that something can be drawn with.

    Attributes:
        name: what tells it from others; empty for the one that is meant where none is named.
        title: what a person calls it.
        missing: how it is to be had, in words; empty if it is there.
        limits: what it cannot do, in words; empty where nobody has said.
    """

    name: str
    title: str
    missing: str = ""
    limits: str = ""


@dataclass(frozen=True)
class ModelOffer:
    """What a setting that names a model can be.

    Attributes:
        known: models that are there, and the one that is meant where none is named.
        brought: what else may be named.
        task: what trains one, as `genani train` calls it; empty for nothing.
    """

    known: Sequence[ModelChoice] = ()
    brought: Brought = Brought.NOTHING
    task: str = ""
