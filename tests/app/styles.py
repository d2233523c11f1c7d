"""A style for tests of the window: what is light becomes dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from genani.app.styling.services import StyleChoice, StyleLook, StyleServices
from genani.engines.api import CancelToken, Cost, OptionInfo
from genani.scene.errors import EngineError, ModelError
from genani.scene.picture import Picture

LIFT = OptionInfo("lift", "Lift", 0, 0, 100, help="How much lighter it becomes.")
CHOICES = (
    StyleChoice("negative", "negative", "Negative", "Light becomes dark.", options=(LIFT,)),
    StyleChoice("noise", "noise", "Noise", "Grey at random.", seeded=True),
    StyleChoice("broken", "broken", "Broken", "Never works."),
    StyleChoice(
        "far", "far", "Far away", "Not here.", missing="It has to be trained.", task="animegan"
    ),
)
PUBLISHED = StyleChoice(
    "ink", "negative", "Ink", "Published.", missing="Not installed: 2 MB.", fetch=("ink-model",)
)


def style_services() -> StyleServices:
    """Three styles that are there, of which one fails, and one that is not."""
    return StyleServices(lambda: CHOICES, _estimate, _restyle, _fetch)


def _fetch(_models: Sequence[str], _token: CancelToken) -> None:
    raise ModelError("nothing is published here")


def _estimate(_look: StyleLook, _size: tuple[int, int], count: int) -> Cost:
    return Cost(2.0 * count, 1_000_000, "cpu")


def _restyle(
    pictures: Iterator[Picture], count: int, look: StyleLook, token: CancelToken
) -> Iterator[Picture]:
    for number, picture in enumerate(pictures):
        token.step(number / count, f"picture {number + 1}")
        if look.name == "broken":
            raise EngineError("the pencil broke")
        yield _restyled(picture, look)


def _restyled(picture: Picture, look: StyleLook) -> Picture:
    pixels = picture.pixels.copy()
    colours = pixels[..., :3].astype(np.float64)
    if look.name == "noise":
        styled = np.random.default_rng(look.seed).integers(0, 255, colours.shape)
    else:
        styled = np.clip(255 - colours + float(look.options.get("lift", 0)), 0, 255)
    pixels[..., :3] = np.rint(colours + look.strength * (styled - colours))
    pixels[..., :3] *= pixels[..., 3:] > 0
    return Picture(pixels, picture.icc)
