"""Drawings of takes, made ready to stand on the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from genani.app.import_task import next_number
from genani.scene.document import Drawing, Exposure, Layer, new_id
from genani.scene.errors import SceneError
from genani.scene.picture import PictureId

if TYPE_CHECKING:
    from genani.app.session import Session


class TakeDrawings:
    """Brings what was generated from the takes to the picture shelf."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def shown(self, layer: Layer, block: Exposure) -> Drawing:
        """What a block shows, as a drawing; a generated one's pixels go to the picture shelf.

        Raises:
            GenAniError: it is empty, or not drawn yet.
        """
        if block.cell is not None and block.cell.drawing is not None:
            return layer.drawings[block.cell.drawing]
        take = self._session.sources.take(layer, block.span) if block.span else None
        if take is None or block.t is None:
            raise SceneError(f"frame {block.frame} is empty")
        pictures = await self.pictures(take, [block.t])
        if block.t not in pictures:
            raise SceneError(f"the in-between on frame {block.frame} is not drawn yet")
        drawing = Drawing(new_id(), pictures[block.t], next_number(layer), take=take, t=block.t)
        face = self._session.faces.view.drawn(layer, block)
        return replace(drawing, landmarks=face)

    async def pictures(self, take: str, times: Iterable[Fraction]) -> dict[Fraction, PictureId]:
        """Put in-betweens of a take on the picture shelf; gives the ids of those that are there."""
        takes, shelf = self._session.takes, self._session.controller.pictures

        def work() -> dict[Fraction, PictureId]:
            found = {t: takes.get(take, t) for t in times}
            return {t: shelf.add(drawn.picture) for t, drawn in found.items() if drawn}

        return await self._session.io.run(work)
