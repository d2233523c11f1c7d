"""`genani render`: draw the spans of a scene and write its frames."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import overload

from genani.cli.drawing import draw
from genani.cli.output import add_output_arguments, check_output, write
from genani.engines import registry
from genani.media import project
from genani.media.clip import Exposed
from genani.media.project import Project
from genani.render.cache import TakeCache, cache_folder
from genani.scene.document import Scene
from genani.scene.errors import PictureError, SceneError
from genani.scene.frame import Look, Shot, TakeFrame, shots
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument("scene", type=Path, metavar="SCENE", help="a .genani file")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--span", metavar="ID", help="only this span, from key to key")
    which.add_argument("--all", action="store_true", help="the whole scene (default)")
    add_output_arguments(parser, scene=True)
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw what is missing and write the frames; returns the exit code."""
    check_output(options)
    opened = project.load(options.scene)
    scene = opened.scene
    first, last = _frames(scene, options.span)
    for problem in opened.problems:
        print(f"genani: {problem}", file=sys.stderr)
    drawings = _Drawings(opened, TakeCache(cache_folder()))
    spans = {options.span} if options.span else None
    planned = plan(scene, drawings.picture, drawings, registry.resolve, spans)
    for number, job in enumerate(planned, start=1):
        draw(job.request, f"span {number} of {len(planned)}", drawings.cache)

    wanted = list(shots(scene, first, last, registry.resolve))
    frames = _Frames(wanted, scene.size, drawings.look)
    files = write(frames, scene.rate, options)
    drawn = sum(len(job.request.times) for job in planned)
    if options.json:
        report = {"files": [str(path) for path in files], "drawn": drawn, "frames": [first, last]}
        print(json.dumps(report, ensure_ascii=False))
    else:
        print(f"frames {first} to {last}, {drawn} in-betweens drawn")
        for path in files:
            print(path)
    return 0


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

    def look(self, what: PictureId | TakeFrame) -> Picture | None:
        """The pixels behind what a layer shows."""
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
