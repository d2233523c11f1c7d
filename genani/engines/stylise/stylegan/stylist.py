"""Pictures drawn anew by a style model: the face is found, inverted, and decoded. Imports torch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from genani.engines.api import CancelToken, Cost
from genani.engines.cost import Pace, speed
from genani.engines.device import Device
from genani.engines.painting import Locate, Options
from genani.engines.stylise.api import StyleSettings, Stylist, StylistInfo
from genani.engines.stylise.canvas import Canvas
from genani.engines.stylise.options import checked
from genani.engines.stylise.stylegan.edits import Edit, edited
from genani.engines.stylise.stylegan.framing import laid_over
from genani.engines.stylise.stylegan.inversion import inverted
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.sitter import WHOLE, Sitter
from genani.engines.stylise.stylegan.steady import Steady
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.scene.picture import Picture

_PACE = Pace(load=0.1, prepare=0.0, paint=0.3, weights=20 << 20)
_FINDING, _STEP = 0.3, 0.03
"""Seconds to find a face, and for a step of the inversion at 64 px, on the reference."""


class StyleGan:
    """Draws faces anew with a StyleGAN2: see `Stylist`.

    Args:
        info: the name card; its first model is drawn with where no other is named.
        device: where to draw.
        locate: finds the files of installed models.
    """

    def __init__(self, info: StylistInfo, device: Device, locate: Locate) -> None:
        self._info, self._device, self._locate = info, device, locate
        self._model: tuple[str, StyleModel] | None = None
        self._sitter = Sitter(locate)

    @property
    def info(self) -> StylistInfo:
        """The name card."""
        return self._info

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        """See `Stylist.estimate`."""
        options = checked(self._info, settings.options if settings else {})
        each = _FINDING * (options["part"] != WHOLE) + _STEP * int(options["steps"])
        each += _PACE.paint * size[0] * size[1] / 1e6
        loading = 0.0 if self._model else _PACE.load
        memory = size[0] * size[1] * 64 + _PACE.weights
        return Cost(loading + count * each / speed(self._device, _PACE), memory, self._device.name)

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        """See `Stylist.stylise`."""
        return self._styled(picture, settings, token, None)

    def in_a_row(self) -> Stylist:
        """See `Following.in_a_row`."""
        steady = Steady()
        return _InARow(
            self, lambda picture, settings, token: self._styled(picture, settings, token, steady)
        )

    def _styled(
        self,
        picture: Picture,
        settings: StyleSettings,
        token: CancelToken,
        steady: Steady | None,
    ) -> Picture:
        options = checked(self._info, settings.options)
        token.check()
        if settings.strength == 0:
            return picture
        with torch.no_grad():
            canvas = Canvas(picture, self._device)
        if canvas.box is None:
            return picture
        model = self._ready(str(options["model"]) or self._info.models[0])
        square, shown = self._sitter.seen(
            picture, canvas, model.config.size, str(options["part"]), token, steady
        )
        w = inverted(model, shown, int(options["steps"]), token)
        token.check()
        with torch.no_grad():
            drawn = model.draws(edited(model, w, edit_of(options, settings.seed)))
            styled = laid_over(canvas.rgb, as_values(drawn), square)
        token.step(1.0, "done")
        return canvas.finished(styled, settings.strength)

    def _ready(self, name: str) -> StyleModel:
        if self._model is None or self._model[0] != name:
            self._model = None
            self._model = name, opened(name, self._locate).to(self._device.torch)
        return self._model[1]


class _InARow:
    """A stylist that remembers where the face was in the picture before."""

    def __init__(
        self, stylist: Stylist, draw: Callable[[Picture, StyleSettings, CancelToken], Picture]
    ) -> None:
        self._stylist, self._draw = stylist, draw

    @property
    def info(self) -> StylistInfo:
        return self._stylist.info

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        return self._stylist.estimate(size, count, settings)

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        return self._draw(picture, settings, token)


def edit_of(options: Options, seed: int) -> Edit:
    """What a stylist's settings ask for."""
    return Edit(
        mix=float(options["mix"]),
        seed=seed,
        level=int(options["level"]),
        truncation=float(options["truncation"]),
        direction=int(options["direction"]),
        amount=float(options["amount"]),
        age=float(options["age"]),
    )


def as_values(drawn: Tensor) -> Tensor:
    """(B, 4, H, W) as a generator draws it, as premultiplied values of 0 to 1."""
    values = (drawn.float() / 2 + 0.5).clamp(0, 1)
    return torch.cat([torch.minimum(values[:, :3], values[:, 3:]), values[:, 3:]], 1)
