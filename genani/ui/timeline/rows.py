"""The rows of the timeline, front layer first, to be searched by frame."""

from __future__ import annotations

from bisect import bisect_left

from genani.app.blocks import Blocks
from genani.scene.document import Exposure, Layer, Scene
from genani.scene.span import Span

SpanEnds = tuple[Span, int, int]
"""A span and the frames of its two keys."""


class Rows:
    """What each row shows; spans are looked up once for every state of a layer."""

    def __init__(self, scene: Scene, blocks: Blocks) -> None:
        self._blocks = blocks
        self._spans: dict[str, tuple[Layer, tuple[SpanEnds, ...]]] = {}
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
        known = self._spans.get(layer.id)
        if known is None or known[0] is not layer:
            frames = {cell.id: cell.frame for cell in layer.cells}
            spans = tuple((span, frames[span.first], frames[span.last]) for span in layer.spans)
            known = layer, spans
            self._spans[layer.id] = known
        start = bisect_left(known[1], first, key=lambda entry: entry[2])
        stop = bisect_left(known[1], last + 1, key=lambda entry: entry[1])
        return known[1][start:stop]
