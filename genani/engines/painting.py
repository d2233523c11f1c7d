"""An engine made of a painter: all engines of this room are one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic

from genani.engines import finish
from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.engines.cost import Pace, estimate
from genani.engines.device import Device
from genani.engines.options import checked
from genani.engines.painter import Painter, State, Tier
from genani.scene.request import InBetween, OptionValue, SpanRequest

Locate = Callable[[str, str], Path]
"""Model name and file name to where the file lies; raises `ModelError` where it is missing."""

Options = Mapping[str, OptionValue]
"""All settings of an engine, checked, defaults filled in."""

_LEARNING = 0.5
"""Weight of the newest drawing in what is learned about this machine's speed."""


class PaintingEngine(ABC, Generic[State]):
    """The flow shared by all engines; a subclass names its tiers and pace and makes its painter.

    Args:
        info: the name card.
        device: where to draw.
        locate: finds the files of installed models.
    """

    multiple: int
    """The painter's padding, known before its weights are read."""
    least: int

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        self._info = info
        self._device = device
        self._locate = locate
        self._painter: Painter[State] | None = None
        self._painter_key: tuple[OptionValue, ...] = ()
        self._slower: dict[str, float] = {}

    @property
    def info(self) -> EngineInfo:
        """The name card."""
        return self._info

    @abstractmethod
    def tiers(self, options: Options) -> Sequence[Tier]:
        """Ways to run, best first."""

    @abstractmethod
    def pace(self, options: Options) -> Pace:
        """How fast the painter is."""

    @abstractmethod
    def painter(self, options: Options) -> Painter[State]:
        """A painter with its weights on the device; kept until other settings are asked for.

        Raises:
            ModelError: the weights are missing or do not fit.
        """

    def set_up(self, painter: Painter[State], request: SpanRequest) -> Painter[State]:
        """The painter for one request; the same for all, unless overridden."""
        del request
        return painter

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The settings that call for another painter when they change; all, unless overridden."""
        return tuple(options[option.name] for option in self._info.options)

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`; what was drawn before tells how fast this machine is."""
        options = checked(self._info, request.settings.options)
        loaded = self._painter is not None and self.key(options) == self._painter_key
        cost = estimate(
            request,
            self._device,
            self.tiers(options),
            self.pace(options),
            self.multiple,
            self.least,
            loaded,
        )
        return replace(cost, seconds=cost.seconds * self._slower.get(cost.tier, 1.0))

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        options = checked(self._info, request.settings.options)
        token.check()
        painter = self.set_up(self._ready(options), request)
        expected = self.estimate(request)
        wishes = finish.Finish(
            palette_snap=str(options["palette_snap"]),
            colour_match=bool(options["colour_match"]),
            keep_still=bool(options["keep_still"]),
        )
        drawn = finish.draw(request, token, painter, self._device, self.tiers(options), wishes)
        spent, began = 0.0, time.perf_counter()
        for between in drawn:
            spent += time.perf_counter() - began
            yield between
            began = time.perf_counter()
        self._learn(expected, spent)

    def _ready(self, options: Options) -> Painter[State]:
        key = self.key(options)
        if self._painter is None or key != self._painter_key:
            # The old weights go first: two networks may not fit.
            self._painter = None
            self._painter = self.painter(options)
            self._painter_key = key
        return self._painter

    def _learn(self, expected: Cost, spent: float) -> None:
        if expected.seconds > 0:
            before = self._slower.get(expected.tier, 1.0)
            now = min(max(before * spent / expected.seconds, 0.01), 100.0)
            self._slower[expected.tier] = before + _LEARNING * (now - before)
