"""`genani render`: draw the spans of scenes and write their frames."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import overload

from genani.cli.drawing import draw
from genani.cli.on_ray import RAY, ray_site
from genani.cli.output import add_output_arguments, check_output, write
from genani.cli.progress import bar
from genani.engines import registry
from genani.media import project
from genani.media.clip import Exposed
from genani.media.project import Project
from genani.render.cache import TakeCache, cache_folder
from genani.render.spread import spread
from genani.scene.attached import AttachedFrame, told, without_face
from genani.scene.document import Scene
from genani.scene.errors import EngineError, PictureError, SceneError
from genani.scene.frame import Look, Shot, Source, TakeFrame, shots
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import plan
from genani.scene.request import SpanRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "scene", type=Path, nargs="+", metavar="SCENE", help="one or several .genani files"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--span", metavar="ID", help="only this span, from key to key")
    which.add_argument("--all", action="store_true", help="the whole scene (default)")
    add_output_arguments(parser, scene=True)
    parser.add_argument(
        "--on",
        metavar="ray[:ADDRESS]",
        help="spread the spans over a Ray cluster: the one at ADDRESS or RAY_ADDRESS, or else an "
        "embedded one of this machine",
    )
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw what is missing and write the frames; returns the exit code."""
    check_output(options)
    if options.on and options.on.partition(":")[0] != RAY:
        raise EngineError(f"--on takes ray or ray:ADDRESS, not '{options.on}'")
    names = [path.stem for path in options.scene]
    if len(set(names)) < len(names):
        raise SceneError("scenes that are rendered together need different file names")
    if options.span and len(names) > 1:
        raise SceneError("--span is of one scene; name that scene alone")
    cache = TakeCache(cache_folder())
    reels = [_reel(path, options.span, cache) for path in options.scene]
    requests = [request for reel in reels for request in reel.requests]
    if options.on and requests:
        _draw_on(options.on, requests, cache)
    else:
        for number, request in enumerate(requests, start=1):
            draw(request, f"span {number} of {len(requests)}", cache)
    files = [path for reel in reels for path in _write(reel, options, len(reels) > 1)]
    drawn = sum(len(request.times) for request in requests)
    if options.json:
        frames = [[reel.first, reel.last] for reel in reels]
        report = {
            "files": [str(path) for path in files],
            "drawn": drawn,
            "frames": frames if len(reels) > 1 else frames[0],
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        shown = ", ".join(f"{reel.first} to {reel.last}" for reel in reels)
        print(f"frames {shown}, {drawn} in-betweens drawn")
        for path in files:
            print(path)
    return 0


@dataclass(frozen=True)
class _Reel:
    """A scene to be written, and what has to be drawn for it."""

    opened: Project
    drawings: _Drawings
    first: int
    last: int
    requests: Sequence[SpanRequest]


def _reel(path: Path, span: str | None, cache: TakeCache) -> _Reel:
    opened = project.load(path)
    first, last = _frames(opened.scene, span)
    lacking = (told(each) for each in without_face(opened.scene, first, last))
    for problem in (*opened.problems, *lacking):
        print(f"genani: {problem}", file=sys.stderr)
    drawings = _Drawings(opened, cache)
    spans = {span} if span else None
    planned = plan(opened.scene, drawings.picture, drawings, registry.resolve, spans)
    return _Reel(opened, drawings, first, last, [job.request for job in planned])


def _draw_on(where: str, requests: Sequence[SpanRequest], cache: TakeCache) -> None:
    with bar(f"{len(requests)} spans on Ray") as progress, ray_site(where) as site:
        spread(
            requests,
            site,
            cache,
            lambda done, total, text: progress(done / total if total else 1.0, text),
        )


def _write(reel: _Reel, options: argparse.Namespace, several: bool) -> list[Path]:
    """Write a scene; of several, each beside the others under its own name."""
    scene, name = reel.opened.scene, reel.opened.path.stem
    places = options.out
    if several:
        places = [
            out.with_name(f"{out.stem}_{name}{out.suffix}") if out.suffix else out / name
            for out in places
        ]
    wanted = list(shots(scene, reel.first, reel.last, registry.resolve))
    frames = _Frames(wanted, scene.size, reel.drawings.look)
    return write(frames, scene.rate, argparse.Namespace(**{**vars(options), "out": places}))


class _Frames(Sequence[Exposed]):
    """Frames that are put together when they are asked for, so that long scenes fit in memory."""

    def __init__(self, shown: Sequence[Shot], size: tuple[int, int], look: Look) -> None:
        self._shown, self._size, self._look = shown, size, look

    def __len__(self) -> int:
        return len(self._shown)

    @overload
    def __getitem__(self, place: int) -> Exposed: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Exposed]: ...

    def __getitem__(self, place: int | slice) -> Exposed | Sequence[Exposed]:
        if isinstance(place, slice):
            return _Frames(self._shown[place], self._size, self._look)
        shot = self._shown[place]
        return Exposed(shot.picture(self._size, self._look), shot.frames)


class _Drawings:
    """All drawings of a project: its own, the takes saved with it, and those of the cache."""

    def __init__(self, opened: Project, cache: TakeCache) -> None:
        self._opened = opened
        self._saved = {(take.hash, t) for take in opened.takes for t in take.times}
        self.cache = cache

    def has(self, take: str, t: Fraction) -> bool:
        """True if that in-between is drawn already."""
        return (take, t) in self._saved or self.cache.has(take, t)

    def picture(self, picture_id: PictureId) -> Picture:
        """The pixels of a drawing.

        Raises:
            PictureError: it is missing from the project.
        """
        picture = self._opened.picture(picture_id)
        if picture is None:
            raise PictureError(f"a drawing is missing from {self._opened.path.name}")
        return picture

    def look(self, what: Source) -> Picture | None:
        """The pixels behind what a layer shows."""
        if isinstance(what, AttachedFrame):
            from genani.face.attach import drawn as worn

            return worn(what, self.picture)
        if not isinstance(what, TakeFrame):
            return self.picture(what)
        drawn = self.cache.get(what.take, what.t) or self._opened.drawn(what.take, what.t)
        return drawn.picture if drawn else None


def _frames(scene: Scene, span_id: str | None) -> tuple[int, int]:
    if span_id is None:
        return scene.play_range
    known: list[str] = []
    for layer in scene.layers:
        for span in layer.spans:
            known.append(span.id)
            if span.id == span_id:
                return layer.ends(span)
    raise SceneError(
        f"the scene has no span '{span_id}'; it has {', '.join(known) if known else 'none at all'}"
    )
