"""Writing frames from the command line: the options of an export, and the bar while it runs."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path

from genani.cli.progress import bar
from genani.media.clip import Exposed
from genani.media.export import export, format_of
from genani.media.files import told
from genani.media.options import Dither, ExportOptions, Format
from genani.scene.errors import FileError, SceneError
from genani.scene.time import Rate


def add_output_arguments(
    parser: argparse.ArgumentParser, scene: bool = False, required: bool = True
) -> None:
    """The options that say what is written; a scene brings its own rate and exposures."""
    parser.add_argument(
        "--out",
        type=Path,
        action="append",
        required=required,
        metavar="PLACE",
        help="a folder for a PNG sequence, or a file: .gif .webp .png (animated) .mp4 .webm .mov "
        ".json (sprite sheet); may be given several times",
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
        FileError: an unknown format, a choice out of range, or a place nobody may write to.
        SceneError: an exposure that is no number of frames.
    """
    for target in given.out:
        format_of(target, _options(given))
        _check_place(target)
    if not 1 <= getattr(given, "exposure", 1) <= 1000:
        raise SceneError("--exposure takes 1 to 1000 frames")


def _check_place(target: Path) -> None:
    with told(target, "write"):
        place = target.absolute()
        while not place.exists():
            place = place.parent
        if place == target.absolute() and not place.is_dir():
            place = place.parent
        if not place.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "part of the way is a file")
        if not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, "no right to write there")


def write(frames: Sequence[Exposed], rate: Rate, given: argparse.Namespace) -> list[Path]:
    """Write the frames to every place asked for.

    A PNG sequence of a span has a file a drawing, unless every frame is asked for.

    Returns:
        The files written.

    Raises:
        FileError: a place cannot be written; nothing is left there then.
    """
    written: list[Path] = []
    for target in given.out:
        written += _write(frames, rate, target, given)
    return written


def _write(
    frames: Sequence[Exposed], rate: Rate, target: Path, given: argparse.Namespace
) -> list[Path]:
    options = _options(given)
    single = format_of(target, options) is Format.SEQUENCE and not getattr(
        given, "every_frame", True
    )
    shown = (Exposed(drawing.picture, 1 if single else drawing.frames) for drawing in frames)
    with bar(f"writing {target.name}") as progress:

        def stepped(done: int, total: int) -> None:
            progress(done / total if total else 1.0, f"{done} of {total}")

        return export(shown, rate, target, options, stepped)
