"""What a stylist is: the contract between whoever shows pictures and whoever restyles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from genani.engines.api import CancelToken, Cost, OptionInfo
from genani.scene.errors import EngineError
from genani.scene.picture import Picture
from genani.scene.request import MAX_SEED, OptionValue


@dataclass(frozen=True)
class StylistInfo:
    """A stylist's name card, known without importing the stylist.

    Attributes:
        name: what `--style` takes.
        title: what the app shows.
        summary: one sentence on what it makes of a picture.
        models: names in the model store that must be there before it can draw.
        options: settings beyond those of every stylist.
        seeded: another seed gives another picture.
    """

    name: str
    title: str
    summary: str
    models: tuple[str, ...] = ()
    options: tuple[OptionInfo, ...] = ()
    seeded: bool = False


@dataclass(frozen=True)
class StyleSettings:
    """How pictures are to be restyled.

    Attributes:
        style: a name in the registry.
        strength: 0 leaves the picture as it is, 1 is the style alone.
        options: settings of that stylist by name; never changed once made.
        seed: for stylists that are `seeded`.

    Raises:
        EngineError: strength or seed are out of range.
    """

    style: str
    strength: float = 1.0
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise EngineError(f"strength lies between 0 and 1, not at {self.strength:g}")
        if not 0 <= self.seed <= MAX_SEED:
            raise EngineError(f"a seed lies between 0 and {MAX_SEED}")


@runtime_checkable
class Stylist(Protocol):
    """Restyles pictures. One is made per device; all calls come from one thread."""

    @property
    def info(self) -> StylistInfo:
        """The name card."""
        ...

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        """Tell the cost of `count` pictures of a size (width, height) without drawing.

        Loads no weights and takes no more than 50 ms.
        """
        ...

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        """A picture in this style, of the same size, depth, alpha and colour tag.

        Pixels of no alpha have no colour. The same picture and settings always give the same
        pixels on the same device; strength 0 gives the picture itself. Progress of the token
        runs from 0 to 1 within the picture (`Part` makes it a share of many).

        Raises:
            Cancelled: the token was cancelled; raised within one step or square.
            EngineError: the picture cannot be restyled so; the text says why.
            ModelError: weights are missing or do not fit.
            OutOfMemoryError: not enough memory even in small squares.
        """
        ...


@runtime_checkable
class Following(Protocol):
    """A stylist that looks for something in each picture, and does so steadily in a row of them."""

    def in_a_row(self) -> Stylist:
        """The stylist for one row of pictures, drawn in their order: it remembers the one before.

        Its first picture is the same as without.
        """
        ...


class Part(CancelToken):
    """A token for one of several pieces of work: it tells its progress as a share of the whole.

    Args:
        whole: what the animator cancels and watches.
        index: which piece, from 0.
        count: how many pieces there are.
        title: told before the piece's own texts, such as `picture 2 of 24`.
    """

    def __init__(self, whole: CancelToken, index: int, count: int, title: str = "") -> None:
        super().__init__()
        self._whole, self._index, self._count, self._title = whole, index, count, title

    def cancel(self) -> None:
        """Cancel the whole."""
        self._whole.cancel()

    @property
    def cancelled(self) -> bool:
        """True once the whole is cancelled."""
        return self._whole.cancelled

    def check(self) -> None:
        """See `CancelToken.check`."""
        self._whole.check()

    def step(self, share: float, text: str) -> None:
        """See `CancelToken.step`; `share` is that of the piece."""
        told = ": ".join(each for each in (self._title, text) if each)
        self._whole.step((self._index + share) / self._count, told)
