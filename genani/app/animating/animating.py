"""Animating a drawing behind the window, and putting the frames on the timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from genani.app.animating import outcome
from genani.app.animating.outcome import Keeping, Subject
from genani.app.animating.services import AnimateLook, AnimateServices
from genani.app.images import image_at, to_image
from genani.app.jobs import ANIMATING, JobState, Place
from genani.app.model_choices import ModelOffer
from genani.app.sources import Source
from genani.app.threads import Lane
from genani.app.works import Ears, Works
from genani.engines.api import CancelToken, Cost
from genani.scene.document import Exposure, Layer
from genani.scene.errors import SceneError
from genani.scene.picture import Picture, PictureId

if TYPE_CHECKING:
    from genani.app.session import Session


@dataclass
class _Loop:
    """Frames drawn of a drawing.

    Attributes:
        subject: which drawing.
        frames: so far.
    """

    subject: Subject
    frames: list[Picture] = field(default_factory=list)


class Animating(QObject):
    """Draws the loop of one drawing at a time; it is put on the timeline when asked for.

    Attributes:
        services: the way to what animates.
        models: the networks, when they were looked at last; none before.

    Signals:
        models_changed: other networks, or one was installed.
        drew: one more frame of the loop, a `QImage`; the drawing itself comes first.
        went: the loop under way: a share, and a text.
        ended: the loop is over; empty words if all is drawn, else why not.
        kept: the loop was put on the timeline, or not: empty words, or why not.
    """

    models_changed = Signal()
    drew = Signal(QImage)
    went = Signal(float, str)
    ended = Signal(str)
    kept = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.services: AnimateServices = session.services.animating
        self.models = ModelOffer()
        self._lane = Lane("genani-animating")
        self._works = Works(session.renders, self)
        self._loop: _Loop | None = None
        self._whole = False
        session.document_opened.connect(lambda _path: self._forget())

    @property
    def busy(self) -> bool:
        """True while a loop is being drawn or waits for it."""
        return self._works.busy

    @property
    def ready(self) -> bool:
        """True if a whole loop is there to be put on the timeline."""
        return self._whole and not self.busy

    def shut(self) -> None:
        """End the thread."""
        self._lane.close()

    async def refresh(self) -> None:
        """Look again which networks there are.

        Raises:
            GenAniError: what there is cannot be read.
        """
        found = await self._lane.run(self.services.models)
        if found != self.models:
            self.models = found
            self.models_changed.emit()

    async def estimate(self, source: Source, look: AnimateLook) -> Cost:
        """What a loop of a drawing will take.

        Raises:
            GenAniError: it cannot be drawn, or the drawing not be read; the text says why.
        """

        def told() -> Cost:
            return self.services.estimate(self._pixels(source).size, look)

        return await self._lane.run(told)

    async def drawing(self, source: Source) -> QImage | None:
        """A drawing as it is; None where a take has not got it yet.

        Raises:
            GenAniError: it cannot be read.
        """
        return await self._lane.run(image_at, self._session.sources, source)

    def subject(self) -> tuple[Subject, Source] | None:
        """The drawing that is meant, and its pixels; None where nothing shows."""
        here = self._session.commands.cells.block()
        source = self._session.sources.wished(*here) if here else None
        if here is None or source is None:
            return None
        return _subject(*here), source

    def begin(self, subject: Subject, source: Source, look: AnimateLook) -> None:
        """Draw a loop; the one before is forgotten."""

        def work(token: CancelToken) -> Iterator[object]:
            yield from self.services.animate(self._pixels(source), look, token)

        self._works.forget()
        self._loop, self._whole = _Loop(subject), False
        title = self.tr("animate: {0}").format(subject.name)
        key = f"{ANIMATING}/{subject.layer}"
        self.went.emit(0.0, self.tr("waiting for its turn"))
        ears = Ears(self._yielded, self._ended, self.went.emit)
        self._works.begin(work, title, key, Place.REPLACE, ears)

    def stop(self) -> None:
        """Stop what is under way; nothing of it is kept."""
        self._works.stop()

    def keep(self, exposure: int, keeping: Keeping) -> None:
        """Put the loop on the timeline, in one step of the history.

        Args:
            exposure: frames that each drawing is held for.
            keeping: where it goes.
        """
        if self._loop and self.ready:
            self._session.start(self._keep(self._loop, exposure, keeping))

    def _pixels(self, source: Source) -> Picture:
        picture = self._session.sources.pixels(source)
        if picture is None:
            raise SceneError(
                self.tr("the in-between is not drawn yet: draw the span, then animate it")
            )
        return picture

    def _forget(self) -> None:
        """Another document is open: nothing of this one is wanted any more."""
        self._works.forget()
        known, self._loop = self._loop, None
        self._whole = False
        if known is not None:
            self.ended.emit(self.tr("Another scene was opened."))

    def _yielded(self, picture: object) -> None:
        if isinstance(picture, Picture) and self._loop is not None:
            self._loop.frames.append(picture)
            self.drew.emit(to_image(picture))

    def _ended(self, state: JobState, error: str) -> None:
        self._whole = state is JobState.DONE
        if self._whole:
            self.ended.emit("")
        else:
            self.ended.emit(error or self.tr("Stopped; nothing was changed."))

    async def _keep(self, loop: _Loop, exposure: int, keeping: Keeping) -> None:
        """Put the pictures on the shelf and the drawings into the scene."""
        told = self.tr("It could not be kept.")
        try:
            add = self._session.controller.pictures.add

            def shelve() -> list[PictureId]:
                return [add(picture) for picture in loop.frames]

            made = await self._session.io.run(shelve)
            # Another document may have been opened meanwhile.
            if self._loop is loop:
                told = self._kept(loop.subject, made, exposure, keeping)
        finally:
            self.kept.emit(told)

    def _kept(
        self, subject: Subject, made: Sequence[PictureId], exposure: int, keeping: Keeping
    ) -> str:
        """Change the scene; empty words if that went well, else why not."""
        controller = self._session.controller
        scene = controller.scene
        if keeping is Keeping.BEHIND and outcome.still_there(scene, subject):
            edit = outcome.after_key(scene, subject, made[1:], exposure)
            done = controller.do(edit, self.tr("animate the drawing"))
            return "" if done else self.tr("The frames could not be put there.")
        name = self.tr("{0} – animated").format(subject.name)
        edit = outcome.as_layer(
            scene, subject, made, exposure, name, hide=keeping is Keeping.INSTEAD
        )
        if not controller.do(edit, self.tr("animate onto a layer")):
            return self.tr("The layer could not be added.")
        self._session.selection.set_layer(outcome.new_layer(edit))
        if keeping is not Keeping.BEHIND:
            return ""
        return self.tr(
            "The drawing was moved or its layer locked: the frames are on a layer of their own."
        )


def _subject(layer: Layer, block: Exposure) -> Subject:
    return Subject(layer.id, block.cell.id if block.cell else None, block.frame, layer.name)
