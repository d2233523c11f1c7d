"""A picture: straight-alpha RGBA pixels with a colour tag, never changed once made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NewType

import numpy as np
from numpy.typing import NDArray

from genani.scene.errors import PictureError

PictureId = NewType("PictureId", str)
"""The sha256 (hex) of a picture's size, depth, colour tag and pixels."""

Pixels = NDArray[np.unsignedinteger[Any]]

SRGB = "sRGB"
MAX_SIDE = 32_768
MAX_AREA = 200_000_000
"""Pictures over this many pixels are refused before they are decoded (a picture bomb)."""


def check_size(width: int, height: int) -> None:
    """Refuse a size that no drawing has.

    Raises:
        PictureError: a side is 0, over `MAX_SIDE`, or the area is over `MAX_AREA`.
    """
    if width < 1 or height < 1:
        raise PictureError(f"the picture is empty ({width} x {height} pixels)")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_AREA:
        raise PictureError(
            f"the picture says it is {width} x {height} pixels; the largest allowed is "
            f"{MAX_SIDE} on a side and {MAX_AREA // 1_000_000} million in all"
        )


@dataclass(frozen=True, eq=False)
class Picture:
    """RGBA pixels of one drawing.

    Attributes:
        pixels: (height, width, 4), uint8 or uint16, straight (not premultiplied) alpha,
            read-only and contiguous. Colours of fully transparent pixels are kept as given.
        icc: the ICC profile the numbers are in; empty means sRGB.

    Raises:
        PictureError: wrong shape or dtype, or a size that `check_size` refuses.
    """

    pixels: Pixels
    icc: bytes = b""

    def __post_init__(self) -> None:
        pixels = self.pixels
        if pixels.ndim != 3 or pixels.shape[2] != 4:
            raise PictureError(f"a picture needs RGBA pixels, not an array of shape {pixels.shape}")
        if pixels.dtype not in (np.uint8, np.uint16):
            raise PictureError(f"a picture has 8 or 16 bits a channel, not {pixels.dtype}")
        check_size(pixels.shape[1], pixels.shape[0])
        if pixels.flags.writeable or not pixels.flags.c_contiguous:
            # A copy, so that nobody who still holds the caller's array can change the drawing.
            pixels = np.array(pixels, order="C")
            pixels.flags.writeable = False
            object.__setattr__(self, "pixels", pixels)

    @property
    def width(self) -> int:
        """Columns, in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows, in pixels."""
        return int(self.pixels.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.width, self.height

    @property
    def depth(self) -> int:
        """Bits a channel: 8 or 16."""
        return int(self.pixels.dtype.itemsize) * 8

    @property
    def white(self) -> int:
        """The largest value of a channel: 255 or 65535."""
        return (1 << self.depth) - 1

    @property
    def colour(self) -> str:
        """The colour tag: `sRGB`, or `icc:` and the first 12 digits of the profile's sha256."""
        return f"icc:{hashlib.sha256(self.icc).hexdigest()[:12]}" if self.icc else SRGB

    @property
    def bytes(self) -> int:
        """Memory of the pixels, in bytes."""
        return int(self.pixels.nbytes)

    @property
    def opaque(self) -> bool:
        """True where no pixel is even partly transparent."""
        return bool((self.pixels[..., 3] == self.white).all())

    @cached_property
    def id(self) -> PictureId:
        """The name of these very pixels: equal pictures have equal ids, on any machine."""
        digest = hashlib.sha256(f"{self.width}x{self.height}x{self.depth};{self.colour};".encode())
        digest.update(self.pixels.astype(self.pixels.dtype.newbyteorder("<"), copy=False).data)
        return PictureId(digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @classmethod
    def blank(cls, width: int, height: int, depth: int = 8) -> Picture:
        """An empty cel: every value 0, alpha too."""
        check_size(width, height)
        return cls(np.zeros((height, width, 4), np.uint16 if depth == 16 else np.uint8))
