"""The front door for writing: any frames into any format, with progress and cancel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from genani.media import apng, gif, image, prepare, sequence, sheet, video_out, webp
from genani.media.clip import Exposed, Tick, no_tick
from genani.media.files import shown, told
from genani.media.options import FORMATS, ExportOptions, Format
from genani.media.spool import spooled
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all; a drawing may take several steps."""

_SEVERAL_PASSES = {Format.GIF: 2}


def export(
    frames: Iterable[Exposed | Picture],
    rate: Rate,
    target: Path,
    options: ExportOptions | None = None,
    progress: Progress | None = None,
    check: Tick = no_tick,
) -> list[Path]:
    """Write an animation; everything appears together when it is whole, or nothing does.

    The format is told by `format_of`. Frames may come from a generator: they are laid aside in a
    temporary file, so that even long exports need little memory.

    Args:
        frames: pictures of one frame each, or drawings with exposures; equal neighbours are merged
            to holds. All of one size, except for a PNG sequence.
        rate: frames a second.
        target: a file, or the folder of a sequence; missing folders are made.
        options: see `ExportOptions`; the defaults if None.
        progress: called after each step.
        check: called at each step; what it raises (`Cancelled`) stops the export and leaves
            nothing behind.

    Returns:
        The files written.

    Raises:
        FileError: nothing to write, an unknown format, or the place cannot be written.
        PictureError: the pictures differ in size.
    """
    options = options or ExportOptions()
    form = format_of(target, options)
    with ExitStack() as stack:
        whole = isinstance(frames, list | tuple)
        drawings = stack.enter_context(spooled(frames if whole else _checked(frames, check)))
        if not drawings:
            raise FileError(f"cannot write '{shown(target)}': there are no frames")
        ready = prepare.is_needed(drawings, options)
        step = _Steps(progress, check)
        step.total = len(drawings) * (prepare.passes(options) if ready else 0)
        step.total += _writing_steps(form, len(drawings), options)
        if ready:
            shaped = prepare.prepared(drawings, options, step)
            drawings = stack.enter_context(spooled(shaped))
        return _write(form, drawings, rate, target, options, step)


def format_of(target: Path, options: ExportOptions) -> Format:
    """The format that will be written: the option's, else by ending; none or a folder: a sequence.

    Raises:
        FileError: the ending belongs to no format that can be written.
    """
    if options.format is not None:
        return options.format
    suffix = target.suffix.lower()
    with told(target, "write"):
        if not suffix or target.is_dir():
            return Format.SEQUENCE
    for form, info in FORMATS.items():
        if suffix in info.suffixes:
            return form
    endings = ", ".join(info.suffixes[0] for info in FORMATS.values() if info.suffixes)
    raise FileError(
        f"cannot write '{shown(target)}': '{shown(suffix)}' is not an ending that can be written "
        f"({endings}, or a folder without an ending)"
    )


def would_replace(target: Path, frames: int, options: ExportOptions | None = None) -> list[Path]:
    """The files that an export would write over, to ask about before.

    Args:
        target, options: as for `export`.
        frames: how many frames, or with `drawings_only` drawings, would be written.

    Raises:
        FileError: as `format_of`.
    """
    options = options or ExportOptions()
    form = format_of(target, options)
    if form is Format.SEQUENCE:
        naming = _naming(target, options)
        sheets = [f"{naming.name}.json"] if options.drawings_only else []
        wanted = [target / name for name in [*naming.files(frames), *sheets]]
    elif form is Format.SHEET:
        wanted = [target, target.with_suffix(".png")]
    else:
        wanted = [target]
    with told(target, "write"):
        return [path for path in wanted if path.exists()]


def cautions(
    drawings: Sequence[Exposed], rate: Rate, form: Format, options: ExportOptions | None = None
) -> list[str]:
    """What a format will lose of these drawings: one sentence each, for the dialog."""
    options = options or ExportOptions()
    info = FORMATS[form]
    pictures = [drawing.picture for drawing in drawings]
    clear = options.alpha and any(not picture.opaque for picture in pictures)
    found: list[str] = []
    if clear and info.alpha == "none":
        found.append("The format has no transparency: it is filled with the matte colour.")
    if clear and info.alpha == "1-bit" and any(_is_soft(picture) for picture in pictures):
        found.append("Half-transparent edges become hard; APNG and WebP keep them.")
    if form is Format.GIF and rate.fraction > 50:
        found.append("Many programs play a GIF of over 50 frames a second too slowly.")
    if not info.deep and any(picture.depth == 16 for picture in pictures):
        found.append("16 bits a channel become 8.")
    width, height = pictures[0].size
    if form is Format.MP4 and (width % 2 or height % 2):
        even = f"{width + width % 2} x {height + height % 2}"
        found.append(f"The video becomes {even}: its sides must be even.")
    return found


def _is_soft(picture: Picture) -> bool:
    alpha = picture.pixels[..., 3]
    return bool(((alpha > 0) & (alpha < picture.white)).any())


class _Steps:
    """Counts steps; one call before each."""

    def __init__(self, progress: Progress | None, check: Tick) -> None:
        self._progress = progress
        self._check = check
        self._begun = 0
        self.total = 0

    def __call__(self) -> None:
        self._check()
        if self._progress:
            self._progress(self._begun, self.total)
        self._begun += 1

    def end(self) -> None:
        """Everything is written."""
        if self._progress:
            self._progress(self.total, self.total)


def _checked(frames: Iterable[Exposed | Picture], check: Tick) -> Iterator[Exposed | Picture]:
    for frame in frames:
        check()
        yield frame


def _writing_steps(form: Format, drawings: int, options: ExportOptions) -> int:
    shown_twice = max(0, drawings - 2) if options.ping_pong else 0
    return (drawings + shown_twice) * _SEVERAL_PASSES.get(form, 1)


def _naming(folder: Path, options: ExportOptions) -> sequence.Naming:
    with told(folder, "write"):
        own = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "_", folder.resolve().name) or "frame"
    return sequence.Naming(options.name or own, options.separator, options.start, options.padding)


def _write(
    form: Format,
    drawings: Sequence[Exposed],
    rate: Rate,
    target: Path,
    options: ExportOptions,
    step: _Steps,
) -> list[Path]:
    written = [target]
    if form is Format.SEQUENCE:
        naming = _naming(target, options)
        written = sequence.write(drawings, rate, target, naming, options.drawings_only, step)
    elif form is Format.SHEET:
        written = sheet.write(drawings, rate, target, options, step)
    elif form is Format.APNG and len(drawings) == 1:
        step()
        image.write_png(drawings[0].picture, target)
    elif form in (Format.GIF, Format.APNG, Format.WEBP):
        writer = {Format.GIF: gif, Format.APNG: apng, Format.WEBP: webp}[form]
        writer.write(drawings, rate, target, options, step)
    else:
        video_out.write(drawings, rate, target, form, options, step)
    step.end()
    return written
