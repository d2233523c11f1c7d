"""Still pictures: PNG, JPEG, WebP, TIFF, TGA, BMP and GIF in; PNG out."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from genani.media import atomic
from genani.media.colour import grey_curve, image_to_srgb, profile_space, to_8
from genani.media.files import read_all, shown
from genani.scene.errors import FileError, GenAniError, PictureError
from genani.scene.picture import MAX_AREA, Picture, Pixels, check_size

# Pillow has a guard of its own against huge headers; ours and its must not disagree.
Image.MAX_IMAGE_PIXELS = MAX_AREA

_TGA_SUFFIXES = frozenset({".tga", ".vda", ".icb", ".vst"})
EXTENSIONS = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".dib"}
    | {".gif", *_TGA_SUFFIXES}
)
"""Lower-case file name endings of the pictures that can be read."""

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "DIB", "GIF")
_ORIENTATION = 0x0112
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_PLANES, _TIFF_EXTRA = 258, 262, 284, 338
_ASSOCIATED = 1
"""The value of the extra-samples tag that says: colours are premultiplied."""
_PNG_END = b"IEND\xaeB`\x82"
_AFTER_HEADER = 33
"""Where the first chunk after a PNG's header begins."""


def read(path: Path) -> Picture:
    """The picture in a file, told by its content, turned upright as its EXIF says.

    8-bit sources give uint8, 16-bit PNG and TIFF give uint16, both exactly. An RGB profile is
    kept; CMYK, Lab and profiled greys become sRGB. Of an animation, the first frame.

    Raises:
        FileError: missing, unreadable, not a picture, damaged, cut short, or too large; the size
            in the header is checked before anything is decoded.
    """
    return read_bytes(read_all(path), path)


def read_bytes(data: bytes, name: Path | str = "the picture") -> Picture:
    """The picture in these bytes; `name` is used in errors, and its ending tells TGA.

    Raises:
        FileError: as `read`.
    """
    with opened(data, name) as image:
        check_whole(image, data, name)
        return _picture(image, data)


def check_whole(image: Image.Image, data: bytes, name: Path | str) -> None:
    """Refuse a PNG or GIF without its end mark, which decoders pass over in silence.

    Raises:
        FileError: the file is cut short.
    """
    cut_png = image.format == "PNG" and _PNG_END not in data
    cut_gif = image.format == "GIF" and not data.rstrip(b"\0\r\n ").endswith(b";")
    if cut_png or cut_gif:
        raise FileError(f"cannot read '{shown(name)}': the file is cut short")


def kept_profile(image: Image.Image) -> bytes:
    """The profile of an opened image if it describes RGB, else nothing."""
    icc = image.info.get("icc_profile") or b""
    return icc if profile_space(icc) == "RGB" else b""


@contextmanager
def opened(data: bytes, name: Path | str) -> Iterator[Image.Image]:
    """A Pillow image whose size was checked and whose pixels are not decoded yet.

    Everything that decoding raises inside the block becomes one `FileError` naming the file.
    """
    formats = ("TGA",) if _is_tga(data, name) else _FORMATS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=formats) as image:
                check_size(*image.size)
                yield image
    except FileError:
        raise
    except GenAniError as error:
        raise FileError(f"cannot read '{shown(name)}': {error}") from error
    except UnidentifiedImageError as error:
        raise FileError(
            f"cannot read '{shown(name)}': it is not a picture, or its start is damaged "
            "(PNG, JPEG, WebP, TIFF, TGA, BMP and GIF can be read)"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError(f"cannot read '{shown(name)}': {_bomb(error)}") from error
    except MemoryError as error:
        raise FileError(f"cannot read '{shown(name)}': there is not enough memory") from error
    except Exception as error:
        # Pillow's decoders raise nearly every kind of exception on damaged input.
        raise FileError(f"cannot read '{shown(name)}': the file is damaged or cut short") from error


def _is_tga(data: bytes, name: Path | str) -> bool:
    # TGA has no signature: it is believed only of a file that says so and is nothing else.
    if Path(name).suffix.lower() not in _TGA_SUFFIXES:
        return False
    signatures = (b"\x89PNG", b"\xff\xd8", b"RIFF", b"II*\0", b"MM\0*", b"BM", b"GIF8")
    return not data.startswith(signatures)


def _bomb(error: Exception) -> str:
    pixels = re.search(r"\((\d+) pixels\)", str(error))
    said = f"{int(pixels[1]) // 1_000_000} million pixels" if pixels else "too many pixels"
    return f"the picture says it has {said}; the largest allowed is {MAX_AREA // 1_000_000} million"


def _picture(image: Image.Image, data: bytes) -> Picture:
    icc = image.info.get("icc_profile") or b""
    turn = image.getexif().get(_ORIENTATION, 1)
    deep = _is_16(image, data)
    # Decoded even where OpenCV reads the 16 bits, which passes over damage in silence.
    image.load()
    if image.mode in ("I", "F"):
        raise PictureError("it has 32 bits a channel; save it with 8 or 16")
    if image.mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        fits = profile_space(icc) == {"CMYK": "CMYK", "LAB": "Lab"}.get(image.mode)
        pixels = np.asarray(image_to_srgb(image, icc if fits else b"").convert("RGBA"))
    elif image.mode.startswith("I;16"):
        pixels = _grey_16(image)
    elif deep:
        pixels = _colour_16(image, data)
    else:
        pixels = _colour_8(image, data)
    curve = grey_curve(icc)  # None for anything but a grey profile
    if curve is not None:
        pixels = _curved(pixels, curve)
    if image.format == "TIFF":
        turn = 1  # both decoders have turned it
    return Picture(_upright(pixels, turn), kept_profile(image))


def _tags(image: Image.Image) -> Any:
    """TIFF tags by number; empty for other formats."""
    return getattr(image, "tag_v2", {})


def _is_16(image: Image.Image, data: bytes) -> bool:
    if image.format == "PNG":
        return _png_bits(data) == 16
    if image.format != "TIFF" or max(_tags(image).get(_TIFF_BITS, (8,))) != 16:
        return False
    if image.mode == "CMYK":
        return False
    if _tags(image).get(_TIFF_PLANES, 1) != 1 and not image.mode.startswith("I;16"):
        raise PictureError("it is a 16-bit TIFF in separate colour planes; save it interleaved")
    return True


def _png_bits(data: bytes) -> int:
    return data[24]


def _grey_16(image: Image.Image) -> Pixels:
    grey = np.asarray(image).astype(np.uint16)
    if _tags(image).get(_TIFF_PHOTOMETRIC, 1) == 0:
        grey = np.uint16(65535) - grey
    alpha = np.full_like(grey, 65535)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        alpha[grey == clear] = 0
    return np.dstack([grey, grey, grey, alpha])


def _colour_16(image: Image.Image, data: bytes) -> Pixels:
    import cv2

    # TIFF notes about odd tags would go to the terminal.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise PictureError("it is a kind of 16-bit picture that cannot be read")
    decoded = decoded.astype(np.uint16, copy=False)
    alpha = np.full(decoded.shape[:2], 65535, np.uint16)
    if decoded.shape[2] == 4:
        alpha = decoded[..., 3]
    colour = decoded[..., 2::-1]
    if _ASSOCIATED in np.atleast_1d(_tags(image).get(_TIFF_EXTRA, 0)):
        straight = colour * (65535.0 / np.maximum(alpha, 1))[..., None]
        colour = np.minimum(np.round(straight), 65535).astype(np.uint16)
    return np.dstack([colour, alpha])


def _colour_8(image: Image.Image, data: bytes) -> Pixels:
    clear = image.info.get("transparency")
    if image.format == "PNG" and image.mode == "L" and isinstance(clear, int):
        # Pillow spreads 2 and 4 bits over 0 to 255 but not the value that means transparent.
        image.info["transparency"] = clear * 255 // ((1 << min(_png_bits(data), 8)) - 1)
    pixels = np.asarray(image.convert("RGBA"))
    if image.format == "TGA" and image.mode == "RGBA" and not data[17] & 15:
        # The header says that the fourth channel is padding, not alpha.
        pixels = np.dstack([pixels[..., :3], np.full(pixels.shape[:2], 255, np.uint8)])
    return pixels


def _curved(pixels: Pixels, curve: NDArray[np.uint16]) -> Pixels:
    table = curve if pixels.dtype == np.uint16 else to_8(curve[::257])
    return np.dstack([table[pixels[..., :3]], pixels[..., 3]])


def _upright(pixels: Pixels, turn: int) -> Pixels:
    """Undo an EXIF orientation (1 to 8; anything else means upright)."""
    if turn in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if turn in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if turn in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def encode_png(picture: Picture, level: int = 6) -> bytes:
    """The PNG file of a picture: RGBA, 8 or 16 bits as the picture has, with its profile.

    `read_bytes` gives back an equal picture, colours of transparent pixels included.

    Args:
        picture: what to write.
        level: effort of the compression, 0 to 9.
    """
    if picture.depth == 8:
        image = Image.frombuffer("RGBA", picture.size, picture.pixels, "raw", "RGBA", 0, 1)
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=level, icc_profile=picture.icc or None)
        return out.getvalue()
    import cv2

    swapped = np.ascontiguousarray(picture.pixels[..., [2, 1, 0, 3]])
    _, encoded = cv2.imencode(".png", swapped, [cv2.IMWRITE_PNG_COMPRESSION, level])
    png = encoded.tobytes()
    if not picture.icc:
        return png
    profile = png_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(picture.icc))
    return png[:_AFTER_HEADER] + profile + png[_AFTER_HEADER:]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file: length, kind, body, check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_png(picture: Picture, path: Path) -> None:
    """Write a picture as PNG, as `encode_png`; the file appears whole or not at all.

    Raises:
        FileError: the place cannot be written, or the disk is full.
    """
    data = encode_png(picture)
    with atomic.file(path) as temporary:
        temporary.write_bytes(data)
