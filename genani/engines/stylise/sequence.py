"""Pictures in a row restyled so that they do not flicker. Imports OpenCV: import it late.

A stylist answers to every grain and to every shift by a part of a pixel, so that areas that stand
still boil. Here each restyled picture is mixed with the one before it, brought along the motion of
the *source*, wherever that motion can be trusted. After W.-S. Lai et al., "Learning Blind Video
Temporal Consistency", ECCV 2018, without a network of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from genani.engines.api import CancelToken
from genani.engines.stylise import following
from genani.engines.stylise.api import Following, Part, StyleSettings, Stylist
from genani.engines.stylise.following import F32
from genani.scene.picture import Picture

_KEPT = 0.9
"""Share of the picture before where its motion is beyond doubt."""

_OFF, _OFF_SHARE = 1.0, 0.08
"""Pixels by which the ways there and back may miss each other, and share of their length."""

_APART = 0.06
"""Difference of the two sources at which trust is half gone."""

_SOFT = 1.2
"""Width in pixels by which sources are softened, so that no grain is taken for motion."""

_CUT = 0.35
"""Share of what is visible that must be trusted; with less, another shot has begun."""

_STILL = 0.15
"""Pixels of motion below which a place stands still, and nothing is pulled."""


def stylise_sequence(
    stylist: Stylist,
    pictures: Iterable[Picture],
    settings: StyleSettings,
    token: CancelToken,
    count: int = 0,
) -> Iterator[Picture]:
    """Restyle pictures in a row, one after the other.

    A picture that is held gives the very same picture again. After a cut, or where the size
    changes, it begins anew. Alpha is each picture's own, bit for bit.

    Args:
        stylist: who redraws each.
        pictures: in their order; taken one by one.
        settings: of the style.
        token: checked between the pictures and within each.
        count: how many there are, for the progress; 0 where nobody knows.

    Raises:
        Cancelled: the token was cancelled.
        EngineError, ModelError: as `Stylist.stylise`.
    """
    if isinstance(stylist, Following):
        stylist = stylist.in_a_row()
    before: _Drawn | None = None
    for index, picture in enumerate(pictures):
        token.check()
        if before is not None and picture == before.source:
            yield before.styled
            continue
        part = Part(token, index, max(count, index + 1), f"picture {index + 1}")
        styled = stylist.stylise(picture, settings, part)
        token.check()
        if before is not None and settings.strength > 0:
            styled = _steadied(styled, picture, before)
        before = _Drawn(picture, styled)
        yield styled


@dataclass(frozen=True)
class _Drawn:
    """A picture and what became of it."""

    source: Picture
    styled: Picture


def _steadied(styled: Picture, source: Picture, before: _Drawn) -> Picture:
    """The restyled picture, like the one before it where the source has not changed."""
    if styled.pixels.shape != before.styled.pixels.shape:
        return styled
    here, there = _softened(source), _softened(before.source)
    forth, back = following.ways(here, there)
    trust = _trust(here, there, forth, back)
    seen = _alpha(source) > 0
    if not seen.any() or float(trust[seen].mean()) < _CUT:
        return styled
    old = following.pulled(_premultiplied(before.styled), _calm(forth))
    alpha = old[..., 3:]
    # Colours of what was hardly there are made of rounding.
    share = _KEPT * trust[..., None] * np.clip(2 * alpha - 1, 0, 1)
    colours = np.clip(old[..., :3] / np.maximum(alpha, 1e-3), 0, 1)
    own = styled.pixels[..., :3].astype(np.float32) / styled.white
    mixed = own + share * (colours - own)
    pixels = styled.pixels.copy()
    values = np.rint(mixed * styled.white).astype(pixels.dtype)
    np.copyto(pixels[..., :3], values, where=(share > 0) & (pixels[..., 3:] > 0))
    pixels.flags.writeable = False
    return Picture(pixels, styled.icc)


def _trust(here: F32, there: F32, forth: F32, back: F32) -> F32:
    """(H, W) 0 to 1, how surely each place is found again in the picture before.

    The way there and back must end where it began, and the source must look alike at both ends.
    """
    returned = forth + following.pulled(back, forth)
    length = np.linalg.norm(forth, axis=2) + np.linalg.norm(back, axis=2)
    missed = np.linalg.norm(returned, axis=2) / (_OFF + _OFF_SHARE * length)
    apart = np.abs(here - following.pulled(there, forth)).max(2) / _APART
    # Flat at the top: small faults of a search say nothing.
    trust = np.exp2(-(missed**4)) * np.exp2(-(apart**4))
    # Where a doubtful place is near, its edge is already part of it.
    return np.asarray(cv2.erode(trust, np.ones((3, 3), np.uint8)), np.float32)


def _calm(flow: F32) -> F32:
    """Flow without the trembling of what stands still: pulled by nothing, it stays sharp."""
    length = np.linalg.norm(flow, axis=2, keepdims=True)
    return flow * np.clip(length / _STILL - 1, 0, 1)


def _softened(picture: Picture) -> F32:
    """(H, W, 3) the picture without its grain, over a grey on which light and dark edges show."""
    rgba = _premultiplied(picture)
    plain = rgba[..., :3] + 0.5 * (1 - rgba[..., 3:])
    return np.asarray(cv2.GaussianBlur(plain, (0, 0), _SOFT), np.float32)


def _premultiplied(picture: Picture) -> F32:
    rgba = picture.pixels.astype(np.float32) / np.float32(picture.white)
    rgba[..., :3] *= rgba[..., 3:]
    return rgba


def _alpha(picture: Picture) -> F32:
    return picture.pixels[..., 3].astype(np.float32)
