"""The frames of a scene file: what has to be drawn for them, and the frames themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import overload

from genani.cli.layers import layer_called
from genani.engines import registry
from genani.media import project
from genani.media.clip import Exposed
from genani.media.project import Project
from genani.render.cache import TakeCache
from genani.scene.attached import AttachedFrame, told, without_face
from genani.scene.document import Scene
from genani.scene.errors import PictureError, SceneError
from genani.scene.frame import Look, Shot, Source, TakeFrame, shots
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import plan
from genani.scene.request import SpanRequest

SUFFIX = ".genani"
"""What the name of a scene file ends in."""


@dataclass(frozen=True)
class Reel:
    """A scene of which frames are wanted.

    Attributes:
        name: of its file.
        scene: what is seen of it.
        first, last: the frames.
        requests: what is not drawn yet; without it those frames lack their in-betweens.
    """

    name: str
    scene: Scene
    first: int
    last: int
    requests: Sequence[SpanRequest]
    _drawings: _Drawings

    def frames(self) -> Sequence[Exposed]:
        """The frames, held ones together; each is put together when it is asked for."""
        shown = list(shots(self.scene, self.first, self.last, registry.resolve))
        return _Frames(shown, self.scene.size, self._drawings.look)


def reel(path: Path, cache: TakeCache, span: str | None = None) -> Reel:
    """A whole scene, or one span of it from key to key; what is wrong with it is told.

    Raises:
        FileError: it cannot be read.
        SceneError: it has no such span, or a key is empty.
    """
    opened = project.load(path)
    first, last = _range(opened.scene, span)
    return _reel(opened, opened.scene, first, last, {span} if span else None, cache)


def layer_reel(path: Path, cache: TakeCache, name: str | None) -> Reel:
    """One layer of a scene, as opaque as its drawings are.

    Raises:
        FileError: it cannot be read.
        SceneError: there is no such layer, several might be meant, or a key is empty.
    """
    opened = project.load(path)
    layer = layer_called(opened.scene, name, "which layer is meant")
    alone = tuple(
        replace(each, visible=each.id == layer.id, opacity=1.0) for each in opened.scene.layers
    )
    scene = replace(opened.scene, layers=alone)
    spans = {span.id for span in layer.spans}
    return _reel(opened, scene, *scene.play_range, spans, cache)


def _reel(
    opened: Project, scene: Scene, first: int, last: int, spans: set[str] | None, cache: TakeCache
) -> Reel:
    lacking = (told(each) for each in without_face(scene, first, last))
    for problem in (*opened.problems, *lacking):
        print(f"genani: {problem}", file=sys.stderr)
    drawings = _Drawings(opened, cache)
    planned = plan(scene, drawings.picture, drawings, registry.resolve, spans)
    requests = [job.request for job in planned]
    return Reel(opened.path.stem, scene, first, last, requests, drawings)


def _range(scene: Scene, span_id: str | None) -> tuple[int, int]:
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
        self._cache = cache

    def has(self, take: str, t: Fraction) -> bool:
        """True if that in-between is drawn already."""
        return (take, t) in self._saved or self._cache.has(take, t)

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
        drawn = self._cache.get(what.take, what.t) or self._opened.drawn(what.take, what.t)
        return drawn.picture if drawn else None
