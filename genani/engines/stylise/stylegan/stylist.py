"""Pictures drawn anew by a style model: the face is found, inverted, and decoded. Imports torch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from genani.engines.api import CancelToken, Cost
from genani.engines.cost import Pace, speed
from genani.engines.device import Device
from genani.engines.painting import Locate, Options
from genani.engines.region import Box
from genani.engines.stylise.api import StyleSettings, StylistInfo
from genani.engines.stylise.canvas import Canvas
from genani.engines.stylise.options import checked
from genani.engines.stylise.stylegan.edits import Edit, edited
from genani.engines.stylise.stylegan.framing import Square, around, cut_out, enclosing, laid_over
from genani.engines.stylise.stylegan.inversion import inverted
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.face.detect import MODEL, MODEL_FILE
from genani.face.standby import Standby
from genani.scene.errors import EngineError, ModelError
from genani.scene.picture import Picture

_PACE = Pace(load=0.1, prepare=0.0, paint=0.3, weights=20 << 20)
_FINDING, _STEP = 0.3, 0.03
"""Seconds to find a face, and for a step of the inversion at 64 px, on the reference."""

FACE, WHOLE, AUTO = "face", "whole", "auto"
"""What of a picture is drawn anew."""


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
        self._faces = Standby(self._face_file)

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
        options = checked(self._info, settings.options)
        token.check()
        if settings.strength == 0:
            return picture
        with torch.no_grad():
            canvas = Canvas(picture, self._device)
        if canvas.box is None:
            return picture
        model = self._ready(str(options["model"]) or self._info.models[0])
        square = self._square(picture, canvas.box, str(options["part"]), token)
        with torch.no_grad():
            rgba = torch.cat([canvas.rgb * canvas.alpha, canvas.alpha], 1)
            shown = cut_out(rgba, square, model.config.size) * 2 - 1
        w = inverted(model, shown, int(options["steps"]), token)
        token.check()
        with torch.no_grad():
            drawn = model.draws(edited(model, w, edit_of(options, settings.seed)))
            styled = laid_over(canvas.rgb, as_values(drawn), square)
        token.step(1.0, "done")
        return canvas.finished(styled, settings.strength)

    def _square(self, picture: Picture, box: Box, part: str, token: CancelToken) -> Square:
        """What is drawn anew, in pixels of the visible part."""
        face = None
        why = "no face was found"
        if part != WHOLE:
            token.step(0.0, "looking for a face")
            try:
                found = self._faces.find(picture)
                face = found[0] if found else None
            except ModelError as error:
                if part == FACE:
                    raise
                why = f"no face was looked for, as {error}"
        if face is not None:
            square = around(face)
            return Square(square.left - box.left, square.top - box.top, square.side)
        if part == FACE:
            raise EngineError(
                "no face was found in the picture: choose 'whole' to have all of it drawn anew"
            )
        if part == AUTO:
            token.step(0.0, f"{why}: the whole picture is drawn anew")
        return enclosing(_visible(picture, box))

    def _ready(self, name: str) -> StyleModel:
        if self._model is None or self._model[0] != name:
            self._model = None
            self._model = name, opened(name, self._locate).to(self._device.torch)
        return self._model[1]

    def _face_file(self) -> Path:
        return self._locate(MODEL, MODEL_FILE)


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


def _visible(picture: Picture, box: Box) -> Box:
    """What there is to see within the visible part and its surroundings, in its pixels."""
    seen = picture.pixels[box.cut][..., 3] > 0
    rows, columns = seen.any(1).nonzero()[0], seen.any(0).nonzero()[0]
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
