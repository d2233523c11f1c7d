"""A stylist made of a network that paints colours over colours: most stylists are one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from genani.engines import region, tiers
from genani.engines.api import CancelToken, Cost
from genani.engines.cost import Pace, speed
from genani.engines.device import Device, is_out_of_memory, release
from genani.engines.painter import Tier
from genani.engines.painting import Locate, Options
from genani.engines.stylise.api import StyleSettings, StylistInfo
from genani.engines.stylise.canvas import Canvas
from genani.engines.stylise.options import checked
from genani.engines.tensor import pad
from genani.scene.errors import OutOfMemoryError
from genani.scene.picture import Picture
from genani.scene.request import OptionValue


class StylePainter(Protocol):
    """Paints opaque colours. Half precision is its own business: float32 goes in and out."""

    def paint(self, rgb: Tensor, token: CancelToken) -> Tensor:
        """Restyle colours.

        Args:
            rgb: (1, 3, H, W) float32, 0..1, on the device, both sides multiples of the
                stylist's `multiple` and at least its `least`.
            token: checked between steps.

        Returns:
            (1, 3, H, W) float32, about 0..1.

        Raises:
            Cancelled: the token was cancelled.
            torch.OutOfMemoryError: the picture is then painted in smaller squares.
        """
        ...

    def seeing(self, rgb: Tensor, token: CancelToken) -> Self:
        """A painter for squares of a picture that it is shown small, so that they agree.

        A network whose layers look at the whole picture (means, styles) takes from `rgb`, shaped
        as in `paint`, what all squares share; any other returns itself.
        """
        ...


Brush = TypeVar("Brush", bound=StylePainter)


class PaintingStylist(ABC, Generic[Brush]):
    """The flow shared by such stylists; a subclass names its tiers and pace, makes its painter.

    Args:
        info: the name card.
        device: where to draw.
        locate: finds the files of installed models.
    """

    multiple: int = 1
    """Both sides that the painter sees are multiples of this, in pixels."""
    least: int = 1
    """And at least this."""
    natural: int = 0
    """Longer side in pixels to which smaller pictures are enlarged for drawing, unless a setting
    says otherwise: networks that were taught with large pictures draw small ones badly."""

    def __init__(self, info: StylistInfo, device: Device, locate: Locate) -> None:
        self._info = info
        self._device = device
        self._locate = locate
        self._painter: Brush | None = None
        self._painter_key: tuple[OptionValue, ...] = ()
        self._slower: dict[str, float] = {}

    @property
    def info(self) -> StylistInfo:
        """The name card."""
        return self._info

    @abstractmethod
    def tiers(self, options: Options) -> Sequence[Tier]:
        """Ways to run, best first; `scale` and `most_side` of a tier are not looked at."""

    @abstractmethod
    def pace(self, options: Options) -> Pace:
        """How fast the painter is; its `prepare` is not looked at."""

    @abstractmethod
    def painter(self, options: Options) -> Brush:
        """A painter with its weights on the device; kept until other settings are asked for.

        Raises:
            ModelError: the weights are missing or do not fit.
        """

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The settings that call for another painter when they change; all, unless overridden."""
        return tuple(options[option.name] for option in self._info.options)

    def set_up(self, painter: Brush, settings: StyleSettings, options: Options) -> Brush:
        """The painter for one picture; the same for all, unless overridden."""
        del settings, options
        return painter

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        """See `Stylist.estimate`."""
        options = checked(self._info, settings.options if settings else {})
        width, height = self._drawn_at(size, options)
        tier = tiers.fitting(self.tiers(options), height, width, self._device)[0]
        squares = list(region.tiles(height, width, tier)) if tier.tile else []
        areas = [each.height * each.width for each in squares] or [height * width]
        pace = self.pace(options)
        loading = 0.0 if self._loaded(options) else pace.load
        drawing = count * pace.paint * sum(areas) / 1e6 / speed(self._device, pace)
        return Cost(
            seconds=loading + drawing * self._slower.get(tier.name, 1.0),
            memory=tiers.memory(tier, height, width, self._device.half) + pace.weights,
            device=self._device.name,
            tier=tier.name,
        )

    @torch.inference_mode()
    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        """See `Stylist.stylise`."""
        options = checked(self._info, settings.options)
        token.check()
        if settings.strength == 0:
            return picture
        canvas = Canvas(picture, self._device)
        if canvas.box is None:
            return picture
        painter = self.set_up(self._ready(options), settings, options)
        height, width = canvas.rgb.shape[2:]
        across, down = self._drawn_at((width, height), options)
        expected, began = self.estimate((width, height), 1, settings), time.perf_counter()
        drawn = _resized(self._painted(painter, canvas, (down, across), options, token), canvas)
        self._learn(expected, time.perf_counter() - began)
        return canvas.finished(drawn, settings.strength)

    def _painted(
        self,
        painter: Brush,
        canvas: Canvas,
        size: tuple[int, int],
        options: Options,
        token: CancelToken,
    ) -> Tensor:
        """At `size` (height, width), at the best tier that fits."""
        rgb = canvas.rgb if size == tuple(canvas.rgb.shape[2:]) else _scaled(canvas.rgb, size)
        left = list(tiers.fitting(self.tiers(options), *size, self._device))
        if tiers.memory(left[-1], *size, self._device.half) > self._device.free:
            # A computer that overcommits would end the whole program instead of refusing.
            raise OutOfMemoryError(self._advice(size))
        while True:
            # The error is let go of before the next try: it holds on to the tensors.
            try:
                return self._at(painter, rgb, left[0], token)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            left.pop(0)
            if not left:
                raise OutOfMemoryError(self._advice(size))
            release(self._device)

    def _at(self, painter: Brush, rgb: Tensor, tier: Tier, token: CancelToken) -> Tensor:
        height, width = rgb.shape[2:]
        tile = tier.tile
        if not tile or (height <= tile and width <= tile):
            token.step(0.0, "drawing")
            return self._square(painter, rgb, token)
        token.step(0.0, "looking at the whole picture")
        small = _scaled(rgb, _brought((height, width), tile))
        painter = painter.seeing(self._grown(small), token)
        total = torch.zeros_like(rgb)
        weight = torch.zeros_like(rgb[:, :1])
        squares = list(region.tiles(height, width, tier))
        for done, box in enumerate(squares):
            token.step(done / len(squares), f"square {done + 1} of {len(squares)}")
            rows, columns = box.cut
            made = self._square(painter, rgb[:, :, rows, columns], token)
            share = tiers.ramp(box, height, width, tile // 4, rgb.device)
            total[:, :, rows, columns] += made * share
            weight[:, :, rows, columns] += share
        return total / weight

    def _square(self, painter: Brush, rgb: Tensor, token: CancelToken) -> Tensor:
        height, width = rgb.shape[2:]
        return painter.paint(self._grown(rgb), token)[:, :, :height, :width]

    def _grown(self, rgb: Tensor) -> Tensor:
        sides = (tiers.padded_side(side, self.multiple, self.least) for side in rgb.shape[2:])
        return pad(rgb, *sides)

    def _drawn_at(self, size: tuple[int, int], options: Options) -> tuple[int, int]:
        """The size at which a picture of `size` is drawn."""
        side = int(options["side"]) or max(self.natural, *size)
        return size if side == max(size) else _brought(size, side)

    def _ready(self, options: Options) -> Brush:
        if self._painter is None or not self._loaded(options):
            # The old weights go first: two networks may not fit.
            self._painter = None
            self._painter = self.painter(options)
            self._painter_key = self.key(options)
        return self._painter

    def _loaded(self, options: Options) -> bool:
        return self._painter is not None and self.key(options) == self._painter_key

    def _learn(self, expected: Cost, spent: float) -> None:
        """What was drawn tells how fast this machine is."""
        if expected.seconds > 0:
            before = self._slower.get(expected.tier, 1.0)
            now = min(max(before * spent / expected.seconds, 0.01), 100.0)
            self._slower[expected.tier] = (before + now) / 2

    def _advice(self, size: tuple[int, int]) -> str:
        return (
            f"there is not enough memory on {self._device.name} to restyle {size[1]} x {size[0]} "
            "pixels; close other programs, or set a smaller drawing size"
        )


def _brought(size: tuple[int, int], side: int) -> tuple[int, int]:
    """A size whose longer side is `side`."""
    longer = max(size)
    return max(1, round(size[0] * side / longer)), max(1, round(size[1] * side / longer))


def _scaled(rgb: Tensor, size: tuple[int, int]) -> Tensor:
    scaled = functional.interpolate(
        rgb, size=size, mode="bicubic", align_corners=False, antialias=True
    )
    return scaled.clamp(0, 1)


def _resized(styled: Tensor, canvas: Canvas) -> Tensor:
    size = tuple(canvas.rgb.shape[2:])
    return styled if tuple(styled.shape[2:]) == size else _scaled(styled, (size[0], size[1]))
