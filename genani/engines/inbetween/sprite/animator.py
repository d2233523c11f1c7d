"""From one drawing to a loop of frames. Imports torch: import it late."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genani.engines.api import CancelToken, Cost
from genani.engines.device import Device, is_out_of_memory, release
from genani.engines.inbetween.sprite.actions import ACTIONS
from genani.engines.inbetween.sprite.network import Moment, Plan, SpriteNet
from genani.engines.inbetween.sprite.pixel_art import PixelArt, pixel_art
from genani.engines.inbetween.sprite.settings import AnimateSettings
from genani.engines.inbetween.sprite.stage import Stage, stage
from genani.engines.inbetween.sprite.weights import FILE, MODEL, load
from genani.engines.palette import Palette, palette_of, snapped
from genani.engines.tensor import straight_pixels
from genani.scene.errors import ModelError, OutOfMemoryError
from genani.scene.picture import Picture

Locate = Callable[[str, str], Path]
"""Model name and file name to where the file lies; raises `ModelError` where it is missing."""

_UNEVEN = 0.5
"""How much another seed hurries and lingers on its way round; under 1 time never runs back."""

_NETWORK_PACE, _USUAL_SIDE = 0.15, 128
"""Seconds that the network takes for a frame of that side, on a CPU with two threads."""

_CANVAS_PACE = 0.35
"""Seconds that a frame takes for a million pixels of the canvas, on the same."""

_NO_ALPHA = 0.1
"""Alpha up to which a drawn place stays empty."""

_BYTES = 4 * 4 * 8
"""Of memory for each pixel of the canvas: several frames in float32."""

_NEEDED = 250_000_000
"""Bytes that the network needs at 256 px."""

_FASTER = 20
"""How many times faster a graphics card is, roughly."""


class Animator:
    """Animates drawings; keeps its network. All calls come from one thread.

    Args:
        device: where to draw.
        locate: finds the files of installed models.
    """

    def __init__(self, device: Device, locate: Locate) -> None:
        self._device, self._locate = device, locate
        self._network: SpriteNet | None = None
        self._name = ""

    def estimate(self, size: tuple[int, int], settings: AnimateSettings) -> Cost:
        """Tell the cost without drawing; loads nothing.

        Args:
            size: width and height of the drawing.
            settings: what is wanted.
        """
        area = size[0] * size[1]
        frames = settings.frames - 1
        finer = ((settings.side or _USUAL_SIDE) / _USUAL_SIDE) ** 2
        seconds = frames * (_NETWORK_PACE * finer + _CANVAS_PACE * area / 1e6)
        if self._device.name != "cpu":
            seconds /= _FASTER
        memory = _BYTES * area + _NEEDED
        return Cost(seconds, memory, self._device.name)

    def frames(
        self, picture: Picture, settings: AnimateSettings, token: CancelToken
    ) -> Iterator[Picture]:
        """Draw a loop, frame after frame; the first is the drawing itself.

        All have its size, depth and colour tag; alpha is kept. The last one leads back to the
        first. The same drawing and settings always give the same pixels on the same device.

        Raises:
            Cancelled: the token was cancelled; looked at before each frame.
            EngineError: nothing is drawn.
            ModelError: the network is not there or damaged; the text says what to do.
            OutOfMemoryError: the canvas is too large for the memory there is.
        """
        network = self._loaded(settings.model)
        token.step(0.0, _told(1, settings.frames))
        yield picture
        try:
            yield from self._follow(network, picture, settings, token)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            release(self._device)
            raise OutOfMemoryError(
                f"there is not enough memory to animate a drawing of {picture.width} x "
                f"{picture.height} pixels: make it smaller"
            ) from error

    def _follow(
        self, network: SpriteNet, picture: Picture, settings: AnimateSettings, token: CancelToken
    ) -> Iterator[Picture]:
        finish = _Finish(picture, settings.pixel_art)
        with torch.inference_mode():
            place = stage(finish.key, settings.action, self._device.torch)
            side = settings.side or network.config.side
            key = place.seen(side, finish.art is not None)
            small, large = key, place.key
        phases = times(settings.frames, settings.seed)
        for number in range(1, settings.frames):
            token.step(number / settings.frames, _told(number + 1, settings.frames))
            with torch.inference_mode():
                step = phases[number] - phases[number - 1]
                plan = self._plan(network, key, small, settings, phases[number], step)
                small = plan.drawn(key, small)
                large = place.drawn(plan, large, finish.art is not None)
                made = finish.picture(place, large)
            yield made
        token.step(1.0, _told(settings.frames, settings.frames))

    def _plan(
        self,
        network: SpriteNet,
        key: Tensor,
        before: Tensor,
        settings: AnimateSettings,
        phase: float,
        step: float,
    ) -> Plan:
        place = key.device
        action = torch.tensor([ACTIONS.index(settings.action)], device=place)
        moment = Moment(
            action, torch.tensor([phase], device=place), torch.tensor([step], device=place)
        )
        return network(key, before, moment)

    def _loaded(self, name: str) -> SpriteNet:
        if self._network is None or name != self._name:
            self._network = load(found(name, self._locate)).to(self._device.torch)
            self._name = name
        return self._network


class _Finish:
    """What is done to frames before and after: pixel art and flat colours are kept.

    Attributes:
        key: what is animated: the drawing, or its pixels of their own grain.
        art: the drawing as pixel art; None where it is none.
    """

    def __init__(self, picture: Picture, ask: str) -> None:
        self._icc = picture.icc
        self.art: PixelArt | None = pixel_art(picture.pixels, ask)
        self._flat: Palette | None = None
        self.key = picture
        if self.art is not None:
            self.key = Picture(self.art.shrunk(picture.pixels), picture.icc)
        else:
            palette = palette_of(picture, picture)
            self._flat = palette if palette.is_flat_art else None

    def picture(self, place: Stage, frame: Tensor) -> Picture:
        """A frame as it is shown."""
        # A breath of paint is nothing that anybody drew.
        frame = frame * (frame[:, 3:] > _NO_ALPHA)
        pixels = straight_pixels(place.laid(frame), self.key.depth)
        if self.art is not None:
            pixels = self.art.grown(self.art.snapped(pixels))
        elif self._flat is not None:
            pixels = snapped(pixels, self._flat)
        return Picture(pixels, self._icc)


def times(frames: int, seed: int) -> list[float]:
    """Where on the circle each frame is, rising from 0.

    Seed 0 goes round evenly; another one hurries and lingers in its own way.
    """
    even = [number / frames for number in range(frames)]
    if not seed:
        return even
    rng = np.random.default_rng(seed)
    turn, much = float(rng.uniform(0, math.tau)), float(rng.uniform(0.3, 1)) * _UNEVEN
    begun = math.sin(turn)
    return [t + much / math.tau * (math.sin(math.tau * t + turn) - begun) for t in even]


def found(name: str, locate: Locate) -> Path:
    """Where the weights of a model lie.

    Args:
        name: of a model in the store, a file, or a folder with the file in it, such as the
            `result` of a training run; empty for the network that GenAni comes with.
        locate: finds the files of installed models.

    Raises:
        ModelError: it is not there; the text says what to do.
    """
    path = Path(name)
    if name and path.is_dir():
        path /= FILE
    if name and path.is_file():
        return path
    try:
        return locate(name or MODEL, FILE)
    except ModelError as error:
        if name:
            raise ModelError(
                f"'{name}' is no sprite network: name a model of the store, or the folder "
                "`result` of a training run"
            ) from error
        raise ModelError(
            "the network that animates drawings is not there: `genani train sprite` makes it, and "
            f"its result goes into the model store as {MODEL}"
        ) from error


def _told(number: int, frames: int) -> str:
    return f"frame {number} of {frames}"
