"""Who is drawn: the part of a picture that a style model is shown. Imports torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from genani.engines import region
from genani.engines.api import CancelToken
from genani.engines.painting import Locate
from genani.engines.region import Box
from genani.engines.stylise.canvas import Canvas
from genani.engines.stylise.stylegan.framing import Square, around, cut_out, enclosing
from genani.engines.stylise.stylegan.steady import Steady
from genani.face.detect import MODEL, MODEL_FILE
from genani.face.standby import Standby
from genani.scene.errors import EngineError, ModelError
from genani.scene.picture import Picture

FACE, WHOLE, AUTO = "face", "whole", "auto"
"""What of a picture is drawn anew: the face, all, or the face where one is found."""


class Sitter:
    """Finds the face in pictures; its detector is started when it is first needed.

    Args:
        locate: finds the files of installed models.
    """

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._faces = Standby(self._face_file)

    def seen(
        self,
        picture: Picture,
        canvas: Canvas,
        size: int,
        part: str,
        token: CancelToken,
        steady: Steady | None = None,
    ) -> tuple[Square, Tensor]:
        """What a model is shown of a picture.

        Args:
            picture: with something to see in it.
            canvas: of the picture.
            size: of the model's pictures.
            part: `FACE`, `WHOLE` or `AUTO`.
            token: told when `AUTO` finds no face, and why.
            steady: holds the face's square near that of the picture before.

        Returns:
            The square, in pixels of the canvas; (1, 4, size, size) premultiplied RGBA, -1 to 1.

        Raises:
            EngineError: a face is asked for and there is none.
            ModelError: a face is asked for and its model is missing.
            Cancelled: the token was cancelled.
        """
        box = canvas.box
        assert box is not None
        square = self._square(picture, box, part, token, steady or _as_found)
        with torch.no_grad():
            rgba = torch.cat([canvas.rgb * canvas.alpha, canvas.alpha], 1)
            return square, cut_out(rgba, square, size) * 2 - 1

    def _square(
        self,
        picture: Picture,
        box: Box,
        part: str,
        token: CancelToken,
        held: Callable[[Square], Square],
    ) -> Square:
        if part == WHOLE:
            return enclosing(_visible(picture, box))
        token.step(0.0, "looking for a face")
        why = "no face was found"
        try:
            if found := self._faces.find(picture):
                # In pixels of the picture, as its visible part changes from one to the next.
                square = held(around(found[0]))
                return Square(square.left - box.left, square.top - box.top, square.side)
        except ModelError as error:
            if part == FACE:
                raise
            why = f"no face was looked for, as {error}"
        if part == FACE:
            raise EngineError(
                "no face was found in the picture: choose 'whole' to have all of it drawn anew"
            )
        token.step(0.0, f"{why}: the whole picture is drawn anew")
        return enclosing(_visible(picture, box))

    def _face_file(self) -> Path:
        return self._locate(MODEL, MODEL_FILE)


def _as_found(square: Square) -> Square:
    return square


def _visible(picture: Picture, box: Box) -> Box:
    """What there is to see within the visible part and its surroundings, in its pixels."""
    seen = region.bounding_box(picture.pixels[box.cut][..., 3] > 0)
    assert seen is not None
    return seen
