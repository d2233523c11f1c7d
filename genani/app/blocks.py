"""The blocks of the timeline, worked out once for every state of a layer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from genani.scene.document import Exposure, Layer, Scene

PAGE = 64
"""Frames whose blocks are worked out together."""


@dataclass(frozen=True)
class _Row:
    layer: Layer
    pages: dict[int, tuple[Exposure, ...]] = field(default_factory=dict)


class Blocks:
    """`Layer.exposures` of every layer, worked out where they are looked at, once for each state.

    The last block of a layer lasts until the end of the scene.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def of(self, scene: Scene, layer_id: str) -> tuple[Exposure, ...]:
        """All blocks of a layer, in order.

        Raises:
            SceneError: there is no such layer.
        """
        return self.between(scene, layer_id, 1, max(scene.end, 1))

    def at(self, scene: Scene, layer_id: str, frame: int) -> Exposure | None:
        """The block that shows on a frame; None before the first."""
        found = self.between(scene, layer_id, frame, frame)
        return found[0] if found else None

    def between(self, scene: Scene, layer_id: str, first: int, last: int) -> tuple[Exposure, ...]:
        """The blocks that show anywhere from `first` to `last`: what a view has to paint."""
        layer = scene.layer(layer_id)
        row = self._rows.get(layer_id)
        if row is None or row.layer is not layer:
            row = self._rows[layer_id] = _Row(layer)
        found: list[Exposure] = []
        # What lies behind the last cell is one long hold: its own page tells all.
        stop = min(last, max(layer.end, first))
        for page in range(first // PAGE, stop // PAGE + 1):
            blocks = _page(row, page)
            # A block that goes on from page to page is on each of them.
            known = bool(found and blocks and blocks[0].frame == found[-1].frame)
            found += blocks[1:] if known else blocks
        shown = found[bisect_left(found, first, key=_stop) : bisect_right(found, last, key=_start)]
        if shown and shown[-1].frame >= layer.end:
            shown[-1] = replace(shown[-1], frames=max(scene.end, last) - shown[-1].frame + 1)
        return tuple(shown)


def _page(row: _Row, page: int) -> tuple[Exposure, ...]:
    if page not in row.pages:
        row.pages[page] = row.layer.exposures_between(page * PAGE, page * PAGE + PAGE - 1)
    return row.pages[page]


def _start(block: Exposure) -> int:
    return block.frame


def _stop(block: Exposure) -> int:
    return block.frame + block.frames - 1
