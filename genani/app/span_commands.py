"""Verbs for spans: draw, choose among takes, accept, correct."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from genani.app.import_task import next_number
from genani.app.messages import Level
from genani.app.states import DrawingState
from genani.app.takes import TakeView
from genani.engines.api import Capability
from genani.render.job import Place
from genani.scene.document import Cell, CellKind, Drawing, Exposure, Layer, new_id
from genani.scene.edits import (
    AddSpan,
    Batch,
    ChangeSpan,
    DeleteCells,
    KeepTake,
    MakeBreakdown,
    RejectTake,
    RemoveSpan,
)
from genani.scene.face import Emotion
from genani.scene.request import MAX_SEED, OptionValue, SpanSettings
from genani.scene.span import Span, count_on
from genani.scene.timing import MAX_TICKS, TimingChart

if TYPE_CHECKING:
    from genani.app.session import Session


class SpanCommands(QObject):
    """Each method is one step of the history, or says why it cannot be.

    The selected span is meant; where none is, the one at the playhead on the active layer, and
    on the last key of the layer the one that ends there.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._selection = session.selection
        self._renders = session.renders
        self._told: set[str] = set()

    def put_options_on(self, engine: str, options: Mapping[str, OptionValue]) -> int:
        """Have every span of the scene drawn by an engine with settings; how many changed."""
        edits = []
        for layer in self._controller.scene.layers:
            for span in layer.spans:
                settings = replace(span.settings, engine=engine, options=dict(options))
                if settings != span.settings:
                    edits.append(ChangeSpan(layer.id, replace(span, settings=settings, shown=None)))
        if edits:
            self._controller.do(Batch(tuple(edits)), self.tr("own style"))
        return len(edits)

    def target(self) -> tuple[Layer, Span] | None:
        """The span that is meant, and its layer."""
        found = self._selection.selected_span()
        if found:
            return found
        layer = self._selection.active_layer()
        if layer is None:
            return None
        frame = self._session.playback.frame
        span = layer.span_at(frame) or _ending(layer, frame)
        return (layer, span) if span else None

    def gap(self) -> tuple[Layer, Cell, Cell] | None:
        """The two neighbouring keys around the playhead that no span joins yet."""
        around = self._around()
        return around if around and around[2].frame - around[1].frame > 1 else None

    def tight(self) -> tuple[int, int] | None:
        """The frames of the two keys around the playhead that stand too close to be joined."""
        around = self._around()
        if around is None or around[2].frame - around[1].frame > 1:
            return None
        return around[1].frame, around[2].frame

    def _around(self) -> tuple[Layer, Cell, Cell] | None:
        """The two neighbouring keys around the playhead, where no span is meant."""
        layer = self._selection.active_layer()
        if layer is None or self.target():
            return None
        frame = self._session.playback.frame
        anchors = [cell for cell in layer.cells if cell.kind.anchor]
        before = [cell for cell in anchors if cell.frame <= frame]
        after = [cell for cell in anchors if cell.frame > frame]
        return (layer, before[-1], after[0]) if before and after else None

    def add(self) -> bool:
        """Join the keys around the playhead, on the scene's exposure; False if there are none."""
        gap, tight = self.gap(), self.tight()
        if gap is None:
            if tight is not None:
                self._session.tell(no_room_text(*tight))
            return False
        layer, first, last = gap
        count = count_on(self._controller.scene.exposure, first.frame, last.frame)
        chart = TimingChart.of("even", min(count, MAX_TICKS))
        span = Span(new_id(), first.id, last.id, chart)
        done = self._controller.do(AddSpan(layer.id, span), self.tr("add span"))
        if done:
            self._selection.select_span(layer.id, span.id)
        return done

    def remove(self) -> None:
        """Let the first key hold until the second."""
        found = self.target()
        if found:
            self._controller.do(RemoveSpan(found[0].id, found[1].id), self.tr("remove span"))

    # Drawing.

    def generate(self) -> None:
        """Draw what is missing of the span; between two keys without one, join them first."""
        found = self.target()
        if found is None and self.add():
            found = self.target()
        if found is None:
            if self.tight() is None:
                self._session.tell(self.tr("Put the playhead between two keys to in-between them."))
            return
        if not has_room(*found):
            self._session.tell(no_room_text(*found[0].ends(found[1])))
            return
        if self._session.faces.finding.waited_for:
            self._session.start(self._with_faces(self.generate))
            return
        layer, span = found
        self._tell_choice([(layer, span)])
        if not self._renders.generate([(layer.id, span.id)]) and self._is_done(layer, span):
            self._session.tell(
                self.tr("This span is drawn already; a new seed makes another take.")
            )

    async def _with_faces(self, verb: Callable[[], None]) -> None:
        """Once it is known whether the new keys have faces: the choice of engine hangs on it."""
        await self._session.faces.finding.settled()
        verb()

    def _tell_choice(self, spans: Iterable[tuple[Layer, Span]]) -> None:
        """Say once why a span that leaves the choice open is drawn without a model."""
        cards = {info.name: info for info in self._session.services.engines()}
        open_ones = {(span.settings.engine, layer.has_faces(span)) for layer, span in spans}
        for name, faces in sorted(one for one in open_ones if one[0] not in cards):
            drawing = self._session.sources.resolve(SpanSettings(name), faces).engine
            note = self._session.services.choice(name, faces)
            learned = drawing in cards and Capability.LEARNED in cards[drawing].capabilities
            if note and not learned and note not in self._told:
                self._told.add(note)
                self._session.tell(note)

    def _is_done(self, layer: Layer, span: Span) -> bool:
        state = self._renders.span_state(layer.id, span.id)
        return state.share == 1 and not state.error

    def generate_all(self) -> None:
        """Draw whatever is missing or out of date."""
        if self._session.faces.finding.waited_for:
            self._session.start(self._with_faces(self.generate_all))
            return
        layers = self._controller.scene.layers
        self._tell_choice((layer, span) for layer in layers for span in layer.spans)
        if not self._renders.generate_all_stale():
            self._session.tell(self.tr("Everything is drawn."))

    def new_seed(self) -> None:
        """Draw the span anew with another seed: a new take beside the old ones."""
        found = self.target()
        if found is None:
            return
        layer, span = found
        name = self._session.sources.resolve(span.settings, layer.has_faces(span)).engine
        info = next((info for info in self._session.services.engines() if info.name == name), None)
        if info and Capability.SEED not in info.capabilities:
            text = self.tr("{0} draws the same for every seed; change its options or the chart.")
            self._session.tell(text.format(info.title))
            return
        settings = replace(span.settings, seed=secrets.randbelow(MAX_SEED + 1))
        changed = replace(span, settings=settings, shown=None)
        if self._controller.do(ChangeSpan(layer.id, changed), self.tr("new seed")):
            self._renders.generate([(layer.id, span.id)])

    def regenerate_one(self) -> None:
        """Draw the in-between that is meant again; a drawing that stands in its place goes."""
        here = self._session.commands.cells.block()
        if here is None or here[1].span is None or here[1].t is None:
            self._session.tell(self.tr("Put the playhead on an in-between of a span."))
            return
        layer, block = here
        key = layer.id, here[1].span.id
        if block.cell is not None:
            edit = DeleteCells(layer.id, (block.cell.id,))
            self._controller.do(edit, self.tr("draw again"))
        elif self._renders.drawing_state(layer, block) is DrawingState.CACHED:
            self._session.tell(
                self.tr("It would come out the same; a new seed makes another take.")
            )
        self._renders.generate([key], Place.FRONT, block.t)

    # Takes.

    def takes(self) -> list[TakeView]:
        """The variants one can step through: all but the rejected ones."""
        found = self.target()
        if found is None:
            return []
        views = self._renders.takes(found[0].id, found[1].id)
        return [view for view in views if not view.rejected]

    def shown_take(self) -> TakeView | None:
        """The take of the span that is meant."""
        return next((view for view in self.takes() if view.shown), None)

    def show(self, take: str) -> None:
        """Show a take, and let the span ask for what made it."""
        found = self.target()
        if found is None:
            return
        layer, span = found
        view = next((v for v in self._renders.takes(layer.id, span.id) if v.hash == take), None)
        if view is None:
            return
        settings = span.settings
        resolved = self._session.sources.resolve(settings, layer.has_faces(span))
        made_by = _without_poses(view.info.settings)
        if not view.stale and _without_poses(resolved) != made_by:
            settings = made_by
        rejected = tuple(name for name in span.rejected if name != take)
        changed = replace(span, settings=settings, shown=take, rejected=rejected)
        self._controller.do(ChangeSpan(layer.id, changed), self.tr("show take"))

    def step_variant(self, by: int) -> None:
        """Show the next take (1) or the one before (-1), round and round."""
        views = self.takes()
        if views:
            place = next((i for i, view in enumerate(views) if view.shown), -1 if by > 0 else 0)
            self.show(views[(place + by) % len(views)].hash)

    def keep(self) -> None:
        """Accept the take that shows: its drawings become in-betweens of the layer."""
        found, view = self.target(), self.shown_take()
        if found is None or view is None:
            self._session.tell(self.tr("There is no take to keep: draw the span first."))
            return
        self._session.start(self._keep(found[0].id, found[1].id, view))

    async def _keep(self, layer_id: str, span_id: str, view: TakeView) -> None:
        pictures = await self._session.generated.pictures(view.hash, view.times)
        layer = self._controller.scene.layer(layer_id)
        number = next_number(layer)
        cells: list[Cell] = []
        drawings: list[Drawing] = []
        span = layer.span(span_id)
        for slot in layer.slots(span):
            if slot.frame and slot.t in pictures:
                block = Exposure(slot.frame, 1, CellKind.GENERATED, None, span, slot.t)
                drawing = Drawing(
                    new_id(),
                    pictures[slot.t],
                    number + len(drawings),
                    landmarks=self._session.faces.view.drawn(layer, block),
                    take=view.hash,
                    t=slot.t,
                )
                drawings.append(drawing)
                cells.append(Cell(new_id(), slot.frame, drawing.id, CellKind.INBETWEEN))
        edit = KeepTake(layer_id, span_id, view.hash, tuple(cells), tuple(drawings))
        self._controller.do(edit, self.tr("keep take"))

    def reject(self) -> None:
        """Throw the take that shows out, and show another one if there is one."""
        found, view = self.target(), self.shown_take()
        if found is None or view is None:
            return
        layer, span = found
        others = [other for other in self.takes() if other.hash != view.hash and not other.stale]
        with self._controller.step(self.tr("reject take")):
            self._controller.do(RejectTake(layer.id, span.id, view.hash), self.tr("reject take"))
            if others:
                self.show(others[-1].hash)

    def pin(self) -> None:
        """Never clear the take that shows away, or let it go again."""
        found, view = self.target(), self.shown_take()
        if found is None or view is None:
            return
        layer, span = found
        others = tuple(name for name in span.pinned if name != view.hash)
        pinned = others if view.pinned else (*others, view.hash)
        changed = replace(span, pinned=pinned)
        self._controller.do(ChangeSpan(layer.id, changed), self.tr("pin take"))

    # Corrections.

    def breakdown(self) -> None:
        """Keep the in-between that shows as a breakdown: the span splits there."""
        here = self._session.commands.cells.block()
        if here is None or here[1].span is None or here[1].kind.anchor:
            self._session.tell(self.tr("Put the playhead on an in-between of a span."))
            return
        layer, block = here
        if self._renders.drawing_state(layer, block) is not DrawingState.CACHED:
            text = self.tr("This in-between is not drawn yet: generate the span first.")
            self._session.tell(text, Level.WARNING)
            return
        self._session.start(self._breakdown(layer, block, here[1].span))

    async def _breakdown(self, layer: Layer, block: Exposure, span: Span) -> None:
        drawing = await self._session.generated.shown(layer, block)
        cell = Cell(new_id(), block.frame, drawing.id, CellKind.BREAKDOWN)
        edit = MakeBreakdown(layer.id, span.id, cell, drawing)
        with self._controller.step(self.tr("make breakdown")):
            done = self._controller.do(edit, self.tr("make breakdown"))
            if done and drawing.landmarks:
                self._feel_once(layer.id, cell.id)
        if done:
            self._selection.select_cells([cell.id])

    def _feel_once(self, layer_id: str, cell_id: str) -> None:
        """The breakdown bears the emotion it was drawn with: its spans need not add it again."""
        for span in self._controller.scene.layer(layer_id).spans:
            face = span.settings.face
            if face and face.intensity and cell_id in (span.first, span.last):
                plain = replace(face, emotion=Emotion.NEUTRAL, intensity=0.0)
                changed = replace(span, settings=replace(span.settings, face=plain))
                self._controller.do(ChangeSpan(layer_id, changed), self.tr("make breakdown"))


def has_room(layer: Layer, span: Span) -> bool:
    """Whether there is a frame between the keys of a span to draw on."""
    first, last = layer.ends(span)
    return last - first > 1


def no_room_text(first: int, last: int) -> str:
    """Why nothing can be drawn between the keys on two neighbouring frames, and what to do."""
    text = QCoreApplication.translate(
        "SpanCommands",
        "Keys {0} and {1} stand side by side: there is no frame between them to draw on. Drag "
        "key {1} to a later frame to make room.",
    )
    return text.format(first, last)


def _ending(layer: Layer, frame: int) -> Span | None:
    """The last span of a layer, where a frame lies on or after its end and no key follows."""
    if not layer.spans:
        return None
    last = layer.spans[-1]
    shown = layer.cell_at(frame)
    return last if shown and shown.id == last.last and shown is layer.cells[-1] else None


def _without_poses(settings: SpanSettings) -> SpanSettings:
    """What the animator set: poses belong to the layer's lanes."""
    face = settings.face
    return replace(settings, face=replace(face, poses=())) if face else settings
