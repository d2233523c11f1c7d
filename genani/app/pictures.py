"""The picture shelf: every picture of the document by id, in memory or where it was read from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from genani.scene.errors import PictureError
from genani.scene.picture import Picture, PictureId

Source = Callable[[PictureId], Picture | None]
"""Gives a picture it holds (a project file, the journal's folder, a take), or None."""

RAM_BUDGET = 1_500_000_000


class PictureShelf:
    """Looks pictures up by id; thread-safe.

    Pictures that a source can give back may leave memory when the budget is full; pictures
    that nobody else holds never do.

    Attributes:
        budget: bytes of pixels to keep in memory.
    """

    def __init__(self, budget: int = RAM_BUDGET) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._held: OrderedDict[PictureId, Picture] = OrderedDict()
        self._backed: set[PictureId] = set()
        self._bytes = 0
        self._sources: list[Source] = []

    def add_source(self, source: Source) -> None:
        """Ask this source too, after those that are known."""
        self._sources.append(source)

    def reset(self) -> None:
        """Forget all pictures and sources: another document is open."""
        with self._lock:
            self._held.clear()
            self._backed.clear()
            self._bytes = 0
            self._sources = []

    def add(self, picture: Picture, backed: bool = False) -> PictureId:
        """Take a picture in; `backed` says that a source can give it again."""
        with self._lock:
            self._put(picture, backed)
            return picture.id

    def mark_backed(self, picture_id: PictureId) -> None:
        """Say that a source can give this picture again from now on."""
        with self._lock:
            self._backed.add(picture_id)
            self._trim()

    def get(self, picture_id: PictureId) -> Picture:
        """The picture of that id.

        Raises:
            PictureError: nobody has it.
        """
        with self._lock:
            if picture_id in self._held:
                self._held.move_to_end(picture_id)
                return self._held[picture_id]
        for source in tuple(self._sources):
            picture = source(picture_id)
            if picture is not None:
                with self._lock:
                    self._put(picture, backed=True)
                return picture
        raise PictureError(f"the picture {picture_id[:12]} of this scene is missing")

    def _put(self, picture: Picture, backed: bool) -> None:
        if picture.id not in self._held:
            self._bytes += picture.bytes
        self._held[picture.id] = picture
        self._held.move_to_end(picture.id)
        if backed:
            self._backed.add(picture.id)
        self._trim()

    def _trim(self) -> None:
        for picture_id in list(self._held):
            if self._bytes <= self.budget:
                return
            if picture_id in self._backed:
                self._bytes -= self._held.pop(picture_id).bytes
