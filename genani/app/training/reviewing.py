"""A data set under a person's eyes, behind the window."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from genani.app.threads import Lane
from genani.app.training.services import Clip, Review, TrainingServices
from genani.scene.face import Emotion


class Reviewing:
    """Corrects labels and landmarks, takes clips out, and takes all of it back.

    Every method raises a `GenAniError` where the data set cannot be read or written.

    Args:
        services: gives the way to data sets.
        lane: where these are read and written.
        folder: gives the data set at hand.
        changed: called after every change.
    """

    def __init__(
        self,
        services: Callable[[], TrainingServices],
        lane: Lane,
        folder: Callable[[], Path],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._services, self._lane = services, lane
        self._folder, self._changed = folder, changed
        self._removed: list[str] = []
        self._review: Review | None = None

    def begin(self) -> None:
        """Forget what was done before: another data set is at hand."""
        self._removed, self._review = [], None

    def outdate(self) -> None:
        """The data set was changed by somebody else: what came before cannot be taken back."""
        self._review = None

    def seen(self, clips: Sequence[Clip]) -> None:
        """Hear which clips there are."""
        there = {clip.id for clip in clips}
        self._removed = [name for name in self._removed if name not in there]

    async def label(self, clip: Clip, emotion: Emotion) -> None:
        """Say what a clip's emotion is."""
        await self._change(lambda review: review.label([clip.id], emotion))

    async def accept(self, clip: Clip) -> None:
        """Make a clip's suggested emotion a person's word."""
        await self._change(lambda review: review.accept([clip.id]))

    async def move(self, clip: Clip, frame: str, points: Sequence[tuple[float, float]]) -> None:
        """Put the landmarks of a frame where a person says."""
        await self._change(lambda review: review.move(clip.id, frame, points))

    async def lose(self, clip: Clip, frame: str) -> None:
        """Say that a frame shows no face."""
        await self._change(lambda review: review.lose(clip.id, frame))

    async def undo(self) -> None:
        """Take back the last change of labels, landmarks or clips."""
        await self._change(lambda review: review.undo())

    async def redo(self) -> None:
        """Make the change again that was taken back last."""
        await self._change(lambda review: review.redo())

    async def remove(self, clips: Sequence[Clip]) -> None:
        """Take clips out of the data set; `put_back` undoes it."""
        self._removed += [clip.id for clip in clips]
        await self._change(lambda review: review.remove([clip.id for clip in clips]))

    @property
    def can_put_back(self) -> bool:
        """True if a clip was taken out."""
        return bool(self._removed)

    async def put_back(self) -> None:
        """Bring back the clip that was taken out last."""
        if self._removed:
            await self._lane.run(self._services().restore, self._folder(), self._removed.pop())
            self._review = None
            await self._changed()

    async def points(self, clip: Clip) -> Mapping[str, Sequence[tuple[float, float]]]:
        """The landmarks on each frame that has a face, by frame name."""
        return await self._lane.run(self._services().points, clip.folder.parent, clip.id)

    async def _change(self, change: Callable[[Review], object]) -> None:
        folder = self._folder()

        def work() -> None:
            if self._review is None:
                self._review = self._services().review(folder)
            change(self._review)

        await self._lane.run(work)
        await self._changed()
