"""How the published code brings a picture to its size; kept for comparison with its results.

The engine does not do this: it cuts no side off and adds no black.
"""

from __future__ import annotations

from PIL import Image


def published_crop(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture resized so that its shorter side is `height`, then its middle, `width` wide.

    What is narrower than `width` gets black bars.
    """
    short = min(picture.size)
    wide, tall = (side * height // short for side in picture.size)
    resized = picture.resize((wide, tall), Image.Resampling.BILINEAR)
    left, top = _start(wide, width), _start(tall, height)
    # Parts of the box outside of the picture come out black.
    return resized.crop((left, top, left + width, top + height))


def _start(side: int, wanted: int) -> int:
    if side < wanted:
        return -((wanted - side) // 2)
    return round((side - wanted) / 2)
