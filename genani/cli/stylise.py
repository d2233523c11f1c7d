"""`genani stylise`: pictures, sequences, videos and layers of scenes in another style."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from natsort import natsorted

from genani.cli.drawing import draw
from genani.cli.output import add_output_arguments, check_output, write
from genani.cli.progress import bar
from genani.cli.reel import SUFFIX, layer_reel
from genani.engines.api import CancelToken
from genani.engines.stylise import registry
from genani.engines.stylise.api import Part, StyleSettings
from genani.media import atomic, image, load, sequence
from genani.media.clip import Clip, Exposed
from genani.media.export import format_of
from genani.media.files import shown, told
from genani.media.options import FORMATS, ExportOptions, Format
from genani.media.spool import spooled
from genani.render.cache import TakeCache, cache_folder
from genani.scene.errors import EngineError, FileError, SceneError
from genani.scene.picture import Picture
from genani.scene.request import MAX_SEED, OptionValue
from genani.scene.time import Rate

if TYPE_CHECKING:
    from genani.engines.stylise.api import Stylist

_PLAIN = ExportOptions()
_NAMED = 3
"""Sequences that a message names, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "picture",
        type=Path,
        metavar="PICTURE|DIR|VIDEO|SCENE",
        help="a picture, an animation, a video, a folder of pictures (numbered ones are a "
        "sequence, others are redrawn each for itself), or a .genani file",
    )
    parser.add_argument(
        "--layer",
        metavar="NAME",
        help="of a scene: the layer that is redrawn (the only one); the scene stays as it is",
    )
    parser.add_argument("--style", required=True, choices=registry.names(), help="who redraws it")
    parser.add_argument(
        "--strength", type=float, default=1.0, metavar="S", help="share of the style, 0 to 1 (1)"
    )
    add_style_arguments(parser)
    parser.add_argument(
        "--separate",
        action="store_true",
        help="numbered pictures too that have nothing to do with each other, each for itself",
    )
    parser.add_argument(
        "--frame-by-frame",
        action="store_true",
        help="each picture of a sequence for itself, which may flicker",
    )
    add_output_arguments(parser, scene=True, required=False)
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def add_style_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that any style takes."""
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the style, such as side=512; may be given several times",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help=f"0 to {MAX_SEED}; another seed, another picture, where the style has several",
    )


def run(options: argparse.Namespace) -> int:
    """Redraw and write; returns the exit code."""
    settings = asked(options.style, options.strength, options.option, options.seed)
    if options.separate and not options.picture.is_dir():
        raise FileError("--separate takes a folder of pictures")
    if options.layer is not None and not _is_scene(options.picture):
        raise SceneError("--layer is of a scene: name its .genani file")
    options.out = options.out or [_beside(options.picture, options.style)]
    check_output(options)
    begun = time.monotonic()
    alone = options.separate or (options.picture.is_dir() and _is_album(options.picture))
    work = _separate if alone else _together
    done = work(options, settings)
    seconds = round(time.monotonic() - begun, 3)
    if options.json:
        told_ = {
            "files": [str(path) for path in done.files],
            "pictures": done.count,
            "style": settings.style,
            "sequence": done.sequence,
            "seconds": seconds,
        }
        print(json.dumps(told_, ensure_ascii=False))
        return 0
    plural = "s" if done.count != 1 else ""
    how = " as one sequence" if done.sequence else ", each for itself" if alone else ""
    print(f"{done.count} picture{plural} by {settings.style} in {seconds:.1f} s{how}")
    for path in done.files:
        print(path)
    return 0


def asked(style: str, strength: float, pairs: Sequence[str], seed: int = 0) -> StyleSettings:
    """Settings behind the words of a command line, checked.

    Raises:
        EngineError: one that is no NAME=VALUE, is unknown, or has a value it cannot have.
    """
    given: dict[str, OptionValue] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found or not name:
            raise EngineError(f"--option takes NAME=VALUE, not '{pair}'")
        given[name] = value
    return registry.resolve(StyleSettings(style, strength, given, seed))


@dataclass(frozen=True)
class _Done:
    """What was written.

    Attributes:
        files: all of them.
        count: pictures that were drawn.
        sequence: they were drawn as one, so that they do not flicker.
    """

    files: Sequence[Path]
    count: int
    sequence: bool


def _together(options: argparse.Namespace, settings: StyleSettings) -> _Done:
    """One picture, or all of a sequence."""
    if _is_scene(options.picture):
        drawings, rate = _layer(options.picture, options.layer)
    else:
        found = load.load(options.picture, numbered=False)
        if isinstance(found, Picture):
            found = Clip((Exposed(found),), Rate())
            options.out = [_file(target, options.picture) for target in options.out]
        drawings, rate = found.drawings, found.rate
    with bar(options.style) as progress:
        token = CancelToken(progress)
        drawn = _drawn(registry.create(settings.style), drawings, settings, token, options)
        with spooled(drawn) as frames:
            files = write(frames, rate, options)
    return _Done(files, len(drawings), len(drawings) > 1 and not options.frame_by_frame)


def _is_album(folder: Path) -> bool:
    """Whether a folder holds pictures that are not one numbered sequence; says so."""
    pictures = pictures_in(folder)
    found = sequence.find_all(folder)
    if len(found) == 1 and set(found[0].files.values()) == set(pictures):
        return False
    remedy = "; a sequence that is to be one needs a folder of its own" if found else ""
    if len(found) > 1:
        named = ", ".join(shown(each.pattern) for each in found[:_NAMED])
        why = f"it holds several numbered sequences ({named})"
    elif found:
        why = f"it holds other pictures beside the sequence {shown(found[0].pattern)}"
    else:
        why = "its pictures are not numbered"
    print(f"{shown(folder)}: {why}: each is redrawn for itself{remedy}", file=sys.stderr)
    return True


def _is_scene(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX and not path.is_dir()


def _layer(path: Path, name: str | None) -> tuple[Sequence[Exposed], Rate]:
    """What a layer of a scene shows; in-betweens that are not drawn yet are drawn first."""
    cache = TakeCache(cache_folder())
    shown = layer_reel(path, cache, name)
    for number, request in enumerate(shown.requests, start=1):
        draw(request, f"span {number} of {len(shown.requests)}", cache)
    return shown.frames(), shown.scene.rate


def _drawn(
    stylist: Stylist,
    drawings: Sequence[Exposed],
    settings: StyleSettings,
    token: CancelToken,
    options: argparse.Namespace,
) -> Iterator[Exposed]:
    count = len(drawings)
    held: deque[int] = deque()

    def pictures() -> Iterator[Picture]:
        for drawing in drawings:
            held.append(drawing.frames)
            yield drawing.picture

    if count == 1 or options.frame_by_frame:
        styled: Iterator[Picture] = (
            stylist.stylise(picture, settings, Part(token, index, count, _of(index, count)))
            for index, picture in enumerate(pictures())
        )
    else:
        # Here, as it imports torch and OpenCV.
        from genani.engines.stylise.sequence import stylise_sequence

        styled = stylise_sequence(stylist, pictures(), settings, token, count=count)
    for picture in styled:
        yield Exposed(picture, held.popleft())


def _separate(options: argparse.Namespace, settings: StyleSettings) -> _Done:
    """Every picture of a folder under its own name; all appear together, or none."""
    paths = pictures_in(options.picture)
    if len(options.out) > 1 or format_of(options.out[0], _PLAIN) is not Format.SEQUENCE:
        raise FileError(
            "pictures that are each redrawn for themselves go into one folder, as PNG files: "
            "--out FOLDER"
        )
    stylist = registry.create(settings.style)
    stems = Counter(path.stem for path in paths)
    with bar(options.style) as progress, atomic.folder(options.out[0]) as staged:
        token = CancelToken(progress)
        for index, path in enumerate(paths):
            part = Part(token, index, len(paths), _of(index, len(paths)))
            styled = stylist.stylise(image.read(path), settings, part)
            name = path.stem if stems[path.stem] == 1 else path.name
            image.write_png(styled, staged.path / f"{name}.png")
    return _Done(staged.written, len(paths), False)


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder, in natural order of name.

    Raises:
        FileError: it cannot be read, or holds none.
    """
    with told(folder, "read"):
        found = natsorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in image.EXTENSIONS and path.is_file()
        )
    if not found:
        raise FileError(f"'{shown(folder)}' holds no pictures")
    return found


def _beside(source: Path, style: str) -> Path:
    """Where the result goes if nobody says: beside the source, with the style in its name."""
    if source.is_dir():
        place = source.with_name(f"{source.absolute().name}_{style}")
    elif _is_scene(source):
        place = source.with_name(f"{source.stem}_{style}")
    else:
        kept = any(source.suffix.lower() in form.suffixes for form in FORMATS.values())
        ending = source.suffix if kept else ".mp4" if load.is_video(source) else ".png"
        place = source.with_name(f"{source.stem}_{style}{ending}")
    if place.exists():
        raise FileError(f"'{shown(place)}' is already there: say where to with --out")
    return place


def _file(target: Path, source: Path) -> Path:
    """The file for one picture where a folder was named."""
    if format_of(target, _PLAIN) is not Format.SEQUENCE:
        return target
    return target / f"{source.stem}.png"


def _of(index: int, count: int) -> str:
    return f"picture {index + 1} of {count}" if count > 1 else ""
