"""What a frame looks like: the layers of a scene laid over one another on the canvas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genani.scene.picture import Picture


def composite(pictures: Sequence[tuple[Picture, float]], size: tuple[int, int]) -> Picture:
    """Lay pictures over one another, the first at the back (Porter and Duff's "over").

    A lone opaque layer of the canvas's size passes through bit for bit.

    Args:
        pictures: each with the opacity of its layer, 0 to 1; placed at the top left corner
            and cut at the canvas's edge.
        size: (width, height) of the canvas.

    Returns:
        A picture of that size, at the greatest depth of the layers, with the first one's profile.
    """
    shown = [(picture, opacity) for picture, opacity in pictures if opacity > 0]
    if not shown:
        return Picture.blank(*size)
    if len(shown) == 1 and shown[0][1] == 1 and shown[0][0].size == size:
        return shown[0][0]
    width, height = size
    white = max(picture.white for picture, _ in shown)
    colour = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros((height, width, 1), np.float32)
    for picture, opacity in shown:
        pixels = picture.pixels[:height, :width].astype(np.float32) / picture.white
        rows, columns = pixels.shape[:2]
        over = pixels[..., 3:] * opacity
        under = 1 - over
        colour[:rows, :columns] = pixels[..., :3] * over + colour[:rows, :columns] * under
        alpha[:rows, :columns] = over + alpha[:rows, :columns] * under
    straight = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    flat = np.concatenate([straight, alpha], axis=2) * white
    kind = np.uint16 if white > 255 else np.uint8
    return Picture(np.rint(np.clip(flat, 0, white)).astype(kind), shown[0][0].icc)
