"""Faces out of seeds behind the window: a sheet of them, one looked at closely, one kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from genani.app.images import to_image
from genani.app.import_task import Found, Reading, is_empty
from genani.app.jobs import STYLING, JobState, Place
from genani.app.styling.seeds import FaceModel, FaceWish, SeedServices
from genani.app.threads import Lane
from genani.app.works import Ears, Works
from genani.engines.api import CancelToken
from genani.scene.errors import GenAniError
from genani.scene.picture import Picture

if TYPE_CHECKING:
    from genani.app.session import Session

_SHEET, _LOOK, _KEEP = "seeds-sheet", "seeds-look", f"{STYLING}/seeds"
"""Keys of the jobs: a new one takes the place of the one before."""

_FIRST_SIDE = 512
"""Pixels of the first drawing of a scene that has no size of its own yet."""


class Seeding(QObject):
    """Has faces drawn, and puts one on the timeline.

    Attributes:
        services: the way to what draws.
        models: who draws, when that was looked at last; empty before.

    Signals:
        models_changed: other models, or one was trained.
        drew: one more face of the sheet: its place, and a `QImage`.
        looked: the face that was asked for, a `QImage`.
        kept: a face is on the timeline; or not: empty words, or why not.
        failed: why a face could not be drawn.
    """

    models_changed = Signal()
    drew = Signal(int, QImage)
    looked = Signal(QImage)
    kept = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.services: SeedServices = session.services.seeds
        self.models: Sequence[FaceModel] = ()
        self._lane = Lane("genani-seeds")
        self._works = Works(session.renders, self)
        self._place = 0
        self._wish = FaceWish(0)
        session.document_opened.connect(lambda _path: self.stop())

    def shut(self) -> None:
        """End the thread."""
        self._lane.close()

    async def refresh(self) -> None:
        """Look again which models there are.

        Raises:
            GenAniError: what there is cannot be read.
        """
        found = await self._lane.run(self.services.models)
        if found != self.models:
            self.models = found
            self.models_changed.emit()

    def sheet(self, model: str, seeds: Sequence[int]) -> None:
        """Have a sheet of faces drawn; the one before is forgotten."""
        self._place = 0
        wishes = [FaceWish(seed) for seed in seeds]
        self._begin(_SHEET, self.tr("faces"), wishes, model, 0)

    def look(self, model: str, wish: FaceWish) -> None:
        """Have a face drawn to be looked at."""
        self._begin(_LOOK, self.tr("a face"), [wish], model, 0)

    def keep(self, model: str, wish: FaceWish) -> None:
        """Have a face drawn as large as fits the canvas, and put on the playhead's frame."""
        scene = self._session.controller.scene
        side = _FIRST_SIDE if is_empty(scene) else min(scene.size)
        self._wish = wish
        self._begin(_KEEP, self.tr("a face for the timeline"), [wish], model, side)

    def stop(self) -> None:
        """Forget what was asked for."""
        self._works.forget()

    def _begin(
        self, key: str, title: str, wishes: Sequence[FaceWish], model: str, side: int
    ) -> None:
        def work(token: CancelToken) -> Iterator[object]:
            yield from self.services.draw(wishes, model, side, token)

        ears = Ears(partial(self._yielded, key), self._ended)
        self._works.begin(work, title, key, Place.REPLACE, ears)

    def _ended(self, state: JobState, error: str) -> None:
        if state is JobState.FAILED:
            self.failed.emit(error)

    def _yielded(self, key: str, picture: object) -> None:
        if not isinstance(picture, Picture):
            return
        if key == _SHEET:
            self.drew.emit(self._place, to_image(picture))
            self._place += 1
        elif key == _LOOK:
            self.looked.emit(to_image(picture))
        else:
            self._session.start(self._keep(picture))

    async def _keep(self, picture: Picture) -> None:
        """Put a face on the picture shelf and on the timeline, in one step."""
        session = self._session
        scene, name = session.controller.scene, self.tr("Face {0}").format(self._wish.seed)
        whole = picture if is_empty(scene) else on_canvas(picture, scene.size)
        try:
            await session.io.run(session.controller.pictures.add, whole)
            reading = Reading((Found(whole, 1, name),), scene.rate)
            done = session.place(reading)
        except GenAniError as error:
            self.kept.emit(str(error))
            return
        self.kept.emit("" if done else self.tr("The face could not be put there."))


def on_canvas(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture in the middle of an empty canvas (width, height) that it fits on."""
    if picture.size == size:
        return picture
    width, height = size
    pixels = np.zeros((height, width, 4), picture.pixels.dtype)
    top, left = (height - picture.height) // 2, (width - picture.width) // 2
    pixels[top : top + picture.height, left : left + picture.width] = picture.pixels
    return Picture(pixels, picture.icc)
