"""How to write: the choices of the export dialog, and what each format can keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from genani.media.colour import RGB
from genani.scene.errors import FileError


class Format(StrEnum):
    """A kind of file or folder that can be written."""

    SEQUENCE = "sequence"
    GIF = "gif"
    APNG = "apng"
    WEBP = "webp"
    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"
    SHEET = "sheet"


@dataclass(frozen=True)
class FormatInfo:
    """What a format can keep, for the export dialog.

    Attributes:
        label: name shown to the animator.
        suffixes: lower-case endings that choose the format; the first is proposed. Empty for a
            folder.
        alpha: `full`, `1-bit` or `none`.
        deep: True where 16 bits a channel stay 16 bits.
        lossless: True where pixels can come back exactly.
        exact_time: True where every exposure is exact; where False, the total time is.
        note: one sentence about what to know.
    """

    label: str
    suffixes: tuple[str, ...]
    alpha: str
    deep: bool
    lossless: bool
    exact_time: bool
    note: str


FORMATS: dict[Format, FormatInfo] = {
    Format.SEQUENCE: FormatInfo(
        "PNG sequence", (), "full", True, True, True, "A folder with one numbered file a frame."
    ),
    Format.GIF: FormatInfo(
        "Animated GIF",
        (".gif",),
        "1-bit",
        False,
        False,
        False,
        "256 colours and hard edges; times are in hundredths of a second.",
    ),
    Format.APNG: FormatInfo(
        "Animated PNG",
        (".png", ".apng"),
        "full",
        True,
        True,
        True,
        "Exact colours and soft edges; large files.",
    ),
    Format.WEBP: FormatInfo(
        "Animated WebP",
        (".webp",),
        "full",
        False,
        True,
        False,
        "Small, with soft edges; times are in thousandths of a second.",
    ),
    Format.MP4: FormatInfo(
        "MP4 video (H.264)",
        (".mp4", ".m4v"),
        "none",
        False,
        False,
        True,
        "Plays everywhere; odd sizes gain one row or column, transparency is filled.",
    ),
    Format.WEBM: FormatInfo(
        "WebM video (VP9)",
        (".webm",),
        "full",
        False,
        False,
        True,
        "For the web, with transparency.",
    ),
    Format.MOV: FormatInfo(
        "QuickTime video (ProRes 4444)",
        (".mov",),
        "full",
        True,
        False,
        True,
        "For editing programs, with transparency; very large files, 10 bits a channel.",
    ),
    Format.SHEET: FormatInfo(
        "Sprite sheet",
        (".json",),
        "full",
        False,
        True,
        True,
        "One PNG with all drawings and a JSON file that says where and how long.",
    ),
}


class Dither(StrEnum):
    """How colours that are not in a GIF's palette are imitated."""

    NONE = "none"
    """Nearest colour: clean flat areas, bands in gradients."""
    BAYER = "bayer"
    """A fixed pattern: steady from frame to frame."""
    FLOYD = "floyd"
    """Error diffusion (Floyd and Steinberg 1976): smooth, but it crawls in motion."""


@dataclass(frozen=True)
class ExportOptions:
    """Choices for one export; a format ignores those it has no use for.

    Attributes:
        format: what to write; None tells it from the target's ending (none: a PNG sequence).
        alpha: keep transparency where the format has it; False fills it with `matte`.
        matte: the colour behind the drawings where transparency is filled; white if None. In a
            GIF that keeps transparency, half-transparent edges are mixed with it; if None they
            keep their own colour.
        threshold: alpha of 1 to 255 from which a GIF's pixel counts as drawn.
        colours: size of a GIF's shared palette, 2 to 256, the transparent entry included.
        dither: imitation of colours outside a GIF's palette.
        loops: how often an animation plays; 0 is for ever. Not for video.
        lossless: WebP pixels come back exactly where they are not fully transparent.
        quality: 1 to 100 for lossy WebP, MP4 and WebM.
        scale: factor on width and height.
        trim: cut off the empty rows and columns that are empty in every drawing.
        ping_pong: after the last drawing, play back to the second one.
        name: sequence: what stands before the number; empty takes the folder's name.
        separator: sequence: what stands between name and number.
        start: sequence: number of the first file.
        padding: sequence: digits at least.
        drawings_only: sequence: each different drawing once, and a JSON sheet of exposures.
        columns: sprite sheet: cells in a row; 0 makes it nearly square.
        gap: sprite sheet: empty pixels between cells.

    Raises:
        FileError: a value is out of range.
    """

    format: Format | None = None
    alpha: bool = True
    matte: RGB | None = None
    threshold: int = 128
    colours: int = 256
    dither: Dither = Dither.NONE
    loops: int = 0
    lossless: bool = True
    quality: int = 85
    scale: float = 1.0
    trim: bool = False
    ping_pong: bool = False
    name: str = ""
    separator: str = "."
    start: int = 1
    padding: int = 4
    drawings_only: bool = False
    columns: int = 0
    gap: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("threshold", 1, 255),
            ("colours", 2, 256),
            ("loops", 0, 65535),
            ("quality", 1, 100),
            ("scale", 0.01, 64),
            ("columns", 0, 10_000),
            ("gap", 0, 1_000),
        ):
            if not low <= getattr(self, name) <= high:
                raise FileError(f"{name} must be {low} to {high}, not {getattr(self, name)}")
        if self.matte is not None and not all(0 <= value <= 255 for value in self.matte):
            raise FileError(f"matte must be three numbers of 0 to 255, not {self.matte}")
