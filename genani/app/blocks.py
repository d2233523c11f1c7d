"""The blocks of the timeline, worked out once for every state of a layer."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genani.scene.document import Exposure, Layer, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class _Row:
    layer: Layer
    blocks: tuple[Exposure, ...]
    starts: Sequence[int]


class Blocks:
    """`Layer.exposures` of every layer, kept until the layer changes.

    The last block of a layer lasts until the end of the scene.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def of(self, scene: Scene, layer_id: str) -> tuple[Exposure, ...]:
        """All blocks of a layer, in order.

        Raises:
            SceneError: there is no such layer.
        """
        blocks = self._row(scene.layer(layer_id)).blocks
        return (*blocks[:-1], _until(blocks[-1], scene.end)) if blocks else ()

    def at(self, scene: Scene, layer_id: str, frame: int) -> Exposure | None:
        """The block that shows on a frame; None before the first."""
        found = self.between(scene, layer_id, frame, frame)
        return found[0] if found else None

    def between(self, scene: Scene, layer_id: str, first: int, last: int) -> tuple[Exposure, ...]:
        """The blocks that show anywhere from `first` to `last`: what a view has to paint."""
        row = self._row(scene.layer(layer_id))
        low = max(bisect_right(row.starts, first) - 1, 0)
        high = bisect_right(row.starts, last)
        found = row.blocks[low:high]
        if found and high == len(row.blocks):
            found = (*found[:-1], _until(found[-1], max(scene.end, last)))
        return found

    def _row(self, layer: Layer) -> _Row:
        row = self._rows.get(layer.id)
        if row is None or row.layer is not layer:
            blocks = layer.exposures(0)
            row = _Row(layer, blocks, [block.frame for block in blocks])
            self._rows[layer.id] = row
        return row


def _until(block: Exposure, end: int) -> Exposure:
    return replace(block, frames=max(end - block.frame + 1, 1))
