"""What every source is told: which files are wanted, where they go, whom to ask and to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from genani.scene.errors import ModelError
from genani.store.digest import do_nothing
from genani.store.entry import ModelFile


class SourceError(ModelError):
    """One source failed; the next one may do."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for others, in seconds.

    Attributes:
        connect: for a connection.
        stall: for the next byte, before the connection counts as stalled.
        tries: attempts in a row that bring nothing before a source is given up.
        backoff: wait before the second attempt; doubled for each further one.
        poll: how often a cancel is looked for.
    """

    connect: float = 10.0
    stall: float = 30.0
    tries: int = 3
    backoff: float = 0.5
    poll: float = 0.1


def ignore_bytes(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Errand:
    """One go at one source.

    Attributes:
        wanted: the files still missing that this source carries.
        folder: where the source may write; removed once the model is installed.
        tell: called with bytes done and bytes in all.
        check: raises `Cancelled` when the person has asked to stop.
    """

    wanted: tuple[ModelFile, ...]
    folder: Path
    tell: Callable[[int, int], None] = ignore_bytes
    check: Callable[[], None] = do_nothing
    patience: Patience = field(default_factory=Patience)


def megabytes(size: int) -> str:
    """A size for people: `21.3 MB` (a million bytes each), below 1 MB `330 kB`."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(size // 1000, 1)} kB"
