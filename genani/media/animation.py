"""Animated GIF, APNG and WebP in: drawings with exposures at a rate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from genani.media.clip import Clip, Exposed, gathered
from genani.media.files import read_all, shown
from genani.media.image import check_whole, kept_profile, opened
from genani.media.timing import exposures, fitting_rate
from genani.scene.picture import Picture, check_size
from genani.scene.time import Rate

_UNITS = {"GIF": Fraction(1, 100), "WEBP": Fraction(1, 1000)}
"""What the times in a file are whole multiples of; APNG has exact fractions."""

_NO_TIME = Fraction(1, 10)
"""What browsers make of a frame without a time."""


def is_animated(data: bytes, name: Path | str) -> bool:
    """True if these bytes are a GIF, APNG or WebP with more than one frame.

    Raises:
        FileError: not a picture, damaged, or too large.
    """
    with opened(data, name) as picture:
        return getattr(picture, "is_animated", False)


def read(path: Path, rate: Rate | None = None) -> Clip:
    """The drawings of an animation, as they look when it plays: disposal and blending done.

    Equal neighbours become one longer exposure. Times become frames by rounding starts, never
    lengths, so that nothing drifts; a drawing too short for the rate is left out.

    Args:
        path: an animated GIF, APNG or WebP; a still one gives one drawing of one frame.
        rate: frames a second; None picks the one that fits the file's times, 24 where it does.

    Raises:
        FileError: unreadable, damaged, cut short, or too large for the memory.
    """
    return read_bytes(read_all(path), path, rate)


def read_bytes(data: bytes, name: Path | str, rate: Rate | None = None) -> Clip:
    """The drawings of an animation in memory; `name` is used in errors. Else as `read`."""
    with opened(data, name) as file:
        check_whole(file, data, name)
        durations: list[Fraction] = []
        # Durations come with the pictures: the exposures stand in for them until all are known.
        numbered = gathered(_frames(file, durations), shown(name))
        if len(durations) == 1 and not file.info.get("duration"):
            return Clip(numbered, rate or Rate())
        unit = _UNITS.get(file.format or "", Fraction(0))
    merged: list[Fraction] = []
    at = 0
    for drawing in numbered:
        merged.append(sum(durations[at : at + drawing.frames], Fraction(0)))
        at += drawing.frames
    rate = rate or fitting_rate(merged, unit)
    shots = zip(numbered, exposures(merged, rate), strict=True)
    drawings = tuple(Exposed(shot.picture, frames) for shot, frames in shots if frames)
    return Clip(drawings or (Exposed(numbered[0].picture),), rate)


def _frames(file: Image.Image, durations: list[Fraction]) -> Iterator[Picture]:
    """Every stored frame as it looks on screen; its seconds are added to `durations`."""
    icc = kept_profile(file)
    # A PNG may hold a still for programs that know no APNG; it is no part of the animation.
    first = 1 if file.info.get("default_image") else 0
    for index in range(first, getattr(file, "n_frames", 1)):
        file.seek(index)
        check_size(*file.size)
        pixels = np.asarray(file.convert("RGBA"))
        seconds = Fraction(file.info.get("duration") or 0) / 1000
        durations.append(seconds.limit_denominator(65535) or _NO_TIME)
        yield Picture(pixels, icc)
