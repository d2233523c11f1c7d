"""Drawings made ready for a format: played back and forth, trimmed, scaled, one profile, matte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from genani.media.changes import Box, box, cut
from genani.media.clip import Exposed, Tick, same_size
from genani.media.colour import WHITE, flattened, scaled, to_srgb
from genani.media.options import ExportOptions
from genani.scene.picture import Picture


def is_needed(drawings: Sequence[Exposed], options: ExportOptions) -> bool:
    """True if `prepared` would change anything."""
    wanted = options.ping_pong or options.trim or options.scale != 1 or not options.alpha
    return wanted or not _one_profile(drawings)


def passes(options: ExportOptions) -> int:
    """How often `prepared` calls its tick for each drawing."""
    return 1 + options.trim + options.ping_pong


def prepared(drawings: Sequence[Exposed], options: ExportOptions, tick: Tick) -> Iterator[Exposed]:
    """The drawings as the options want them, one at a time.

    Profiles that differ are converted to sRGB; one that all share is kept.

    Args:
        drawings: neighbours differ.
        options: ping_pong, trim, scale, alpha, matte.
        tick: called before each drawing that is looked at.

    Raises:
        PictureError: drawings of different sizes cannot be trimmed alike, or the result would be
            larger than a picture may be.
    """
    keep = _one_profile(drawings)
    part = _drawn(drawings, tick) if options.trim else None
    order = list(range(len(drawings)))
    if options.ping_pong:
        # Back to the second: the first follows anyway when the animation starts again.
        order += range(len(drawings) - 2, 0, -1)
    for index in order:
        tick()
        drawing = drawings[index]
        picture = drawing.picture if keep else Picture(to_srgb(drawing.picture))
        if part is not None:
            picture = cut(picture, part)
        picture = scaled(picture, options.scale)
        if not options.alpha:
            picture = flattened(picture, options.matte or WHITE)
        yield Exposed(picture, drawing.frames)


def _one_profile(drawings: Sequence[Exposed]) -> bool:
    return len({drawing.picture.icc for drawing in drawings}) <= 1


def _drawn(drawings: Sequence[Exposed], tick: Tick) -> Box:
    """The smallest box that holds everything drawn in any drawing."""
    drawn = np.zeros((1, 1), np.bool_)
    for drawing in same_size(drawings):
        tick()
        drawn = drawn | (drawing.picture.pixels[..., 3] > 0)
    return box(drawn)
