"""Restyling drawings behind the window: a look at one, and the work on many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from genani.app.images import image_at, to_image
from genani.app.jobs import STYLING, Cost, JobState, Place
from genani.app.sources import Source
from genani.app.styling import outcome
from genani.app.styling.fetching import Fetching
from genani.app.styling.services import StyleChoice, StyleLook, StyleServices
from genani.app.styling.subject import Extent, Subject, still_there
from genani.app.threads import Lane
from genani.app.works import Ears, Works
from genani.engines.api import CancelToken
from genani.scene.errors import SceneError
from genani.scene.picture import Picture, PictureId

if TYPE_CHECKING:
    from genani.app.session import Session

_LOOKING = "styling-preview"
"""Key of the jobs that make a preview: a new one takes the place of the one before."""


class Keeping(Enum):
    """What becomes of restyled drawings."""

    LAYER = "layer"
    """They go on a layer of their own."""
    REPLACE = "replace"
    """They take the place of the old ones."""


@dataclass(frozen=True)
class Order:
    """What is to be done.

    Attributes:
        subject: which drawings.
        look: the style.
        title: of the style, for the new layer's name.
        keeping: what becomes of them.
        hide: the old layer is then hidden; for `Keeping.LAYER`.
    """

    subject: Subject
    look: StyleLook
    title: str
    keeping: Keeping = Keeping.LAYER
    hide: bool = False


@dataclass(eq=False)
class _Work:
    """An order under way; still so until what came of it is kept."""

    order: Order
    made: dict[Source, Picture] = field(default_factory=dict)


class Styling(QObject):
    """Knows the styles, shows what one would do, and does it.

    Attributes:
        services: the way to the stylists.
        fetching: brings the models of styles that are not there.
        choices: the styles, when they were looked at last; empty before.
        wanted: id of the style that the window is to begin with; empty leaves the one there was.

    Signals:
        choices_changed: other styles, or one was installed.
        looked: a drawing in a style, at full strength: what was asked for, and a `QImage`.
        look_failed: what was asked for, and why it could not be shown; no words where it was
            cancelled.
        went: an order under way: a share, and a text.
        ended: an order is over; empty words if all is done, else why not.
    """

    choices_changed = Signal()
    looked = Signal(object, QImage)
    look_failed = Signal(object, str)
    went = Signal(float, str)
    ended = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.services: StyleServices = session.services.styling
        self.choices: Sequence[StyleChoice] = ()
        self.wanted = ""
        self._lane = Lane("genani-styles")
        self.fetching = Fetching(lambda names, token: self.services.fetch(names, token), self)
        self.fetching.ended.connect(lambda _style, _why: session.start(self.refresh()))
        self._looks = Works(session.renders, self)
        self._orders = Works(session.renders, self)
        self._unkept: set[_Work] = set()
        session.document_opened.connect(lambda _path: self._forget())

    @property
    def busy(self) -> bool:
        """True while an order is under way."""
        return bool(self._unkept)

    def shut(self) -> None:
        """End the threads."""
        self.fetching.shut()
        self._lane.close()

    async def refresh(self) -> None:
        """Look again which styles there are.

        Raises:
            GenAniError: what there is cannot be read.
        """
        found = await self._lane.run(self.services.choices)
        if found != self.choices:
            self.choices = found
            self.choices_changed.emit()

    async def estimate(self, look: StyleLook, count: int) -> Cost:
        """What restyling so many drawings of the scene's size would cost.

        Raises:
            GenAniError: it cannot be done; the text says why.
        """
        size = self._session.controller.scene.size
        return await self._lane.run(self.services.estimate, look, size, count)

    async def drawing(self, source: Source) -> QImage | None:
        """A drawing as it is; None where a take has not got it yet.

        Raises:
            GenAniError: it cannot be read.
        """
        return await self._lane.run(image_at, self._session.sources, source)

    def look(self, source: Source, look: StyleLook, asked: object) -> None:
        """Have a drawing shown in a style; what was asked for before is forgotten.

        Args:
            source: which drawing.
            look: the style; its strength counts nothing.
            asked: told back by the signals.
        """
        whole = StyleLook(look.name, 1.0, dict(look.options), look.seed)

        def work(token: CancelToken) -> Iterator[object]:
            pictures = iter([self._pixels(source)])
            for picture in self.services.restyle(pictures, 1, whole, token):
                yield to_image(picture)

        title = self.tr("a look at a style")
        ears = Ears(partial(self._looked, asked), partial(self._look_ended, asked))
        self._looks.begin(work, title, _LOOKING, Place.REPLACE, ears)

    def stop_looking(self) -> None:
        """Forget what is to be shown."""
        self._looks.stop()

    def begin(self, order: Order) -> None:
        """Restyle drawings; they are kept in one step once all are done."""
        sources = list(dict.fromkeys(piece.source for piece in order.subject.pieces))

        def work(token: CancelToken) -> Iterator[object]:
            pictures = (self._pixels(source) for source in sources)
            styled = self.services.restyle(pictures, len(sources), order.look, token)
            yield from zip(sources, styled, strict=True)

        layer = order.subject.layer.name
        title = self.tr("{0}: {1}").format(order.title, layer)
        begun = _Work(order)
        self._unkept.add(begun)
        ears = Ears(partial(_take, begun), partial(self._order_ended, begun), self.went.emit)
        self._orders.begin(work, title, f"{STYLING}/{layer}", Place.BACK, ears)
        self.went.emit(0.0, self.tr("waiting for its turn"))

    def stop(self) -> None:
        """Stop what is under way; nothing of it is kept."""
        self._orders.stop()

    def _pixels(self, source: Source) -> Picture:
        picture = self._session.sources.pixels(source)
        if picture is None:
            raise SceneError(
                self.tr("an in-between is not drawn yet: draw the span, then restyle it")
            )
        return picture

    def _forget(self) -> None:
        """Another document is open: nothing of this one is wanted any more."""
        self._looks.forget()
        self._orders.forget()
        if self._unkept:
            self._unkept.clear()
            self.ended.emit(self.tr("Another scene was opened."))

    def _looked(self, asked: object, image: object) -> None:
        if isinstance(image, QImage):
            self.looked.emit(asked, image)

    def _look_ended(self, asked: object, state: JobState, error: str) -> None:
        if state is not JobState.DONE:
            self.look_failed.emit(asked, error)

    def _order_ended(self, work: _Work, state: JobState, error: str) -> None:
        if state is JobState.DONE:
            # Still busy until it is kept.
            self._session.start(self._keep(work))
            return
        self._unkept.discard(work)
        self.ended.emit(error or self.tr("Stopped; nothing was changed."))

    async def _keep(self, work: _Work) -> None:
        """Put the pictures on the shelf and the drawings into the scene, in one step."""
        told = self.tr("It could not be kept.")
        try:
            add = self._session.controller.pictures.add

            def shelve() -> dict[Source, PictureId]:
                return {source: add(picture) for source, picture in work.made.items()}

            made = await self._session.io.run(shelve)
            # Another document may have been opened meanwhile.
            if work in self._unkept:
                told = self._kept(work.order, made)
        finally:
            if work in self._unkept:
                self._unkept.discard(work)
                self.ended.emit(told)

    def _kept(self, order: Order, made: dict[Source, PictureId]) -> str:
        """Change the scene; empty words if that went well, else why not."""
        controller = self._session.controller
        scene, subject = controller.scene, order.subject
        if order.keeping is Keeping.REPLACE and still_there(scene, subject):
            done = controller.do(
                outcome.in_place(scene, subject, made), self.tr("restyle drawings")
            )
            return "" if done else self.tr("The drawings could not be replaced.")
        hide = order.hide and subject.extent is Extent.LAYER
        # The style first, without whose network it is: of a long name only the start is seen.
        style = order.title.rpartition(": ")[2]
        name = self.tr("{0} – {1}").format(style, subject.layer.name)
        edit = outcome.as_layer(scene, subject, made, name, hide=hide)
        if not controller.do(edit, self.tr("restyle onto a layer")):
            return self.tr("The layer could not be added.")
        if order.keeping is Keeping.REPLACE:
            return self.tr(
                "The drawings were changed or locked meanwhile: the restyled ones are on a layer "
                "of their own."
            )
        return ""


def _take(work: _Work, made: object) -> None:
    """Put one restyled drawing to the others."""
    if isinstance(made, tuple):
        source, picture = made
        work.made[source] = picture
