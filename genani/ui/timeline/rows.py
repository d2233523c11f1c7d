"""The rows of the timeline, front layer first, to be searched by frame."""

from __future__ import annotations

from genani.app.blocks import Blocks
from genani.scene.document import Exposure, Scene
from genani.scene.span import Span

SpanEnds = tuple[Span, int, int]
"""A span and the frames of its two keys."""


class Rows:
    """What each row shows."""

    def __init__(self, scene: Scene, blocks: Blocks) -> None:
        self._blocks = blocks
        self.update(scene)

    def update(self, scene: Scene) -> None:
        """Follow the scene."""
        self.scene = scene
        self.layers = tuple(reversed(scene.layers))

    def __len__(self) -> int:
        return len(self.layers)

    def row_of(self, layer_id: str) -> int:
        """The row of a layer, or -1."""
        return next((row for row, it in enumerate(self.layers) if it.id == layer_id), -1)

    def between(self, row: int, first: int, last: int) -> tuple[Exposure, ...]:
        """The blocks of a row that show anywhere between two frames."""
        stop = min(last, self.scene.end)
        return self._blocks.between(self.scene, self.layers[row].id, first, stop)

    def at(self, row: int, frame: int) -> Exposure | None:
        """The block of a row under a frame; the last one ends with the scene."""
        found = self._blocks.at(self.scene, self.layers[row].id, frame)
        return found if found and frame <= self.scene.end else None

    def spans_between(self, row: int, first: int, last: int) -> tuple[SpanEnds, ...]:
        """The spans of a row of which a frame lies between the two."""
        layer = self.layers[row]
        return tuple((span, *layer.ends(span)) for span in layer.spans_between(first, last))
