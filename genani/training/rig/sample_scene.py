"""The sample scene: three keys of one character, two spans, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from genani.media import project
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.scene.span import Span, count_on
from genani.scene.timing import TimingChart

SHAPES = ("slow-in", "slow-out-slow-in")
"""Charts of the spans, in order."""


def scene_of(keys: Mapping[int, Picture], name: str) -> Scene:
    """A scene on twos with these keys, by frame, and a span between each two neighbours."""
    drawings = {
        f"drawing{number}": Drawing(f"drawing{number}", picture.id, number, f"{frame:04d}.png")
        for number, (frame, picture) in enumerate(keys.items(), start=1)
    }
    cells = tuple(
        Cell(f"cell{number}", frame, f"drawing{number}", CellKind.KEY)
        for number, frame in enumerate(keys, start=1)
    )
    spans = tuple(
        Span(
            f"span{number}",
            first.id,
            last.id,
            TimingChart.of(shape, count_on(2, first.frame, last.frame)),
            SpanSettings(),
        )
        for number, ((first, last), shape) in enumerate(
            zip(pairwise(cells), SHAPES, strict=True), start=1
        )
    )
    width, height = next(iter(keys.values())).size
    layer = Layer("layer1", "Mika", drawings, cells, spans)
    return Scene(width, height, layers=(layer,), name=name)


def write_scene(keys: Mapping[int, Picture], path: Path) -> None:
    """Write that scene as a project.

    Raises:
        FileError: the place cannot be written.
    """
    by_id = {picture.id: picture for picture in keys.values()}
    project.save(scene_of(keys, path.stem), by_id.__getitem__, path)
