"""Writing frames from the command line: the options of an export, and the bar while it runs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from genani.cli.progress import bar
from genani.media.clip import Exposed
from genani.media.export import export, format_of
from genani.media.options import Dither, ExportOptions, Format
from genani.scene.errors import FileError, SceneError
from genani.scene.time import Rate


def add_output_arguments(parser: argparse.ArgumentParser, scene: bool = False) -> None:
    """The options that say what is written; a scene brings its own rate and exposures."""
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PLACE",
        help="a folder for a PNG sequence, or a file: .gif .webp .png (animated) .mp4 .webm .mov "
        ".json (sprite sheet)",
    )
    if not scene:
        parser.add_argument("--rate", default="24", metavar="FPS", help="frames a second (24)")
        parser.add_argument(
            "--exposure", type=int, default=2, metavar="N", help="frames a drawing is held (2)"
        )
    parser.add_argument(
        "--every-frame" if not scene else "--drawings-only",
        action="store_true",
        help="PNG sequence: a file for every frame, holds repeated"
        if not scene
        else "PNG sequence: a file for every drawing, and a sheet of exposures",
    )
    parser.add_argument("--name", default="", help="PNG sequence: what stands before the number")
    parser.add_argument("--start", type=int, default=1, help="PNG sequence: first number (1)")
    parser.add_argument("--colours", type=int, default=256, help="GIF: size of the palette (256)")
    parser.add_argument(
        "--dither", choices=[d.value for d in Dither], default="none", help="GIF: dithering (none)"
    )
    parser.add_argument("--loops", type=int, default=0, help="how often it plays; 0 for ever (0)")
    parser.add_argument("--matte", metavar="RRGGBB", help="colour behind transparency")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the size (1)")


def _options(given: argparse.Namespace) -> ExportOptions:
    matte = None
    if given.matte is not None:
        digits = given.matte.lstrip("#")
        if not re.fullmatch(r"[0-9a-fA-F]{6}", digits):
            raise FileError(
                f"--matte takes six hexadecimal digits like ffffff, not '{given.matte}'"
            )
        matte = int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    drawings_only = getattr(given, "drawings_only", False)
    return ExportOptions(
        matte=matte,
        colours=given.colours,
        dither=Dither(given.dither),
        loops=given.loops,
        scale=given.scale,
        name=given.name,
        start=given.start,
        drawings_only=drawings_only,
    )


def check_output(given: argparse.Namespace) -> None:
    """Find out before the drawing begins what would go wrong after it.

    Raises:
        FileError: an unknown format, or a choice out of range.
        SceneError: an exposure that is no number of frames.
    """
    format_of(given.out, _options(given))
    if not 1 <= getattr(given, "exposure", 1) <= 1000:
        raise SceneError("--exposure takes 1 to 1000 frames")


def write(frames: Iterable[Exposed], rate: Rate, given: argparse.Namespace) -> list[Path]:
    """Write the frames; a PNG sequence of a span has a file a drawing unless all are asked for.

    Returns:
        The files written.

    Raises:
        FileError: the place cannot be written; nothing is left there then.
    """
    options = _options(given)
    if format_of(given.out, options) is Format.SEQUENCE and not getattr(given, "every_frame", True):
        frames = (Exposed(drawing.picture, 1) for drawing in frames)
    with bar("writing") as progress:

        def told(done: int, total: int) -> None:
            progress(done / total if total else 1.0, given.out.name)

        return export(frames, rate, given.out, options, told)
