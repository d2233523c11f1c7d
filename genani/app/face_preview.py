"""What a changed face would look like, before any engine has drawn it: its path, and a draft."""

from __future__ import annotations

import logging
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from genani.app.face_draft import Base, Drafting, Leg, Path, Wish
from genani.app.face_here import FaceHere, FaceView
from genani.app.sources import Source
from genani.app.states import DrawingState
from genani.app.threads import GuiCalls, Lane
from genani.scene.acting import Acting
from genani.scene.document import Layer
from genani.scene.errors import GenAniError
from genani.scene.face import FaceGuidance, Landmarks
from genani.scene.span import Span

if TYPE_CHECKING:
    from genani.app.session import Session

_log = logging.getLogger(__name__)

STOPS = 9
"""Faces that a path is shown by at most, those on the keys not counted."""


class FacePreview(QObject):
    """Works behind the window on what is tried out; of all that is asked the last counts.

    A draft is shown while a face between keys is changed, or how it travels is, and then until
    the in-between is drawn or the playhead goes elsewhere; where that is wanted, on every
    in-between that is not drawn yet.

    Attributes:
        paths: the face on its way through the spans around it, where that is wanted.
        draft: the frame as it would about be, or None where what is drawn is meant.

    Signals:
        changed: paths or draft.
    """

    changed = Signal()

    def __init__(self, session: Session, view: FaceView) -> None:
        super().__init__(session)
        self._session = session
        self._view = view
        self._drafting = Drafting(session.services.faces, session.sources.pixels)
        self._lane = Lane("genani-draft")
        self._calls = GuiCalls(self)
        self._next: Wish | None = None
        self._last: Wish | None = None
        self._working = False
        self._tried: Landmarks | None = None
        self._traced = False
        self._everywhere = False
        self._touched: tuple[str, int] | None = None
        self._guided: tuple[str, int, tuple[FaceGuidance | None, Acting]] | None = None
        self._base: Base | None = None
        self.paths: tuple[Path, ...] = ()
        self.draft: QImage | None = None
        view.previewed.connect(self._previewed)
        for signal in (
            session.controller.scene_changed,
            session.playback.frame_changed,
            session.playback.playing_changed,
            session.selection.changed,
            session.renders.drawn,
        ):
            signal.connect(self.refresh)

    def trace(self, on: bool) -> None:
        """Keep the paths of the face at the playhead worked out, or not."""
        if on != self._traced:
            self._traced = on
            self.refresh()

    def show_everywhere(self, on: bool) -> None:
        """Show drafts on every in-between that is not drawn yet, or not."""
        if on != self._everywhere:
            self._everywhere = on
            self.refresh()

    def try_out(self, landmarks: Landmarks | None) -> None:
        """Show how it would be with this face at the playhead; None ends that."""
        self._tried = landmarks
        if landmarks is not None:
            self._touch()
        self.refresh()

    def shut(self) -> None:
        """End the thread."""
        self._next = None
        self._lane.close()
        self._calls.close()

    @Slot()
    def _previewed(self) -> None:
        if self._view.previewing:
            self._touch()
        self.refresh()

    def _touch(self) -> None:
        here = self._view.here()
        if here is not None and here.planned and here.followed:
            self._touched = here.layer.id, here.block.frame

    @Slot()
    def refresh(self) -> None:
        """Work out anew what is shown, where something is."""
        here = None if self._session.playback.playing else self._view.here()
        if here is not None and (self._everywhere or self._guided_anew(here)):
            self._touch()
        wanted = self._traced or self._touched
        if here is None or here.landmarks is None or not wanted:
            self._touched = None
            self._show(None, (), None)
            return
        if self._touched != (here.layer.id, here.block.frame) or not self._pending(here):
            self._touched = self._base = None
        face = self._tried or here.landmarks
        wish = Wish(self._legs(here, face) if self._traced else ())
        if self._touched:
            wish = replace(wish, base=self._base_of(here), face=face)
        elif self.draft is not None:
            self._show(self._last, self.paths, None)
        if here.span and here.t is not None and self._tried:
            asked = self._view.asked(here.layer, here.span, here.t, here.block.frame)
            wish = replace(wish, met=(here.t, asked, self._tried))
        self._ask(wish)

    def _guided_anew(self, here: FaceHere) -> bool:
        """True if how the face travels was changed while the playhead stood here."""
        span, before = here.span, self._guided
        now = None
        if span and here.planned:
            now = span.id, here.block.frame, (span.settings.face, here.layer.acting)
        self._guided = now
        return bool(now and before and now[:2] == before[:2] and now[2] != before[2])

    def _pending(self, here: FaceHere) -> bool:
        """True while what is drawn is not what is meant."""
        if self._tried is not None or self._view.previewing:
            return True
        state = self._session.renders.drawing_state(here.layer, here.block)
        return state is not DrawingState.CACHED

    def _legs(self, here: FaceHere, face: Landmarks) -> tuple[Leg, ...]:
        layer = here.layer
        if here.drawing is None:
            return (self._leg(layer, here.span, "", face),) if here.span else ()
        return tuple(
            self._leg(layer, span, here.drawing.id, face)
            for span in layer.spans
            if here.drawing.id in (layer.cell(span.first).drawing, layer.cell(span.last).drawing)
            and self._view.ends(layer, span)
        )

    def _leg(self, layer: Layer, span: Span, drawing: str, face: Landmarks) -> Leg:
        drawings = layer.cell(span.first).drawing, layer.cell(span.last).drawing
        known = self._view.ends(layer, span) or (face, face)
        first, last = (
            face if each == drawing else end for each, end in zip(drawings, known, strict=True)
        )
        slots = layer.slots(span)
        step = -(-len(slots) // STOPS) or 1
        asked = ((s.t, self._view.asked(layer, span, s.t, s.frame)) for s in slots[::step])
        return Leg((first, last), tuple(asked))

    def _base_of(self, here: FaceHere) -> Base | None:
        """The frame as it was when it was first touched, and the face on it."""
        if self._base is None and here.landmarks is not None:
            layers, active = self._layers(here)
            face = here.landmarks
            state = self._session.renders.drawing_state(here.layer, here.block)
            ends = self._view.ends(here.layer, here.span) if here.span else None
            drawn = state is DrawingState.CACHED and not self._view.previewing
            if not drawn and here.span and here.t is not None and ends:
                near_first = here.t < Fraction(1, 2)
                face = ends[0] if near_first else ends[1]
                key = here.layer.cell(here.span.first if near_first else here.span.last)
                if key.drawing and active is not None:
                    picture = here.layer.drawings[key.drawing].picture
                    layers[active] = picture, layers[active][1]
            if active is not None:
                size = self._session.controller.scene.size
                self._base = Base(tuple(layers), active, face, size)
        return self._base

    def _layers(self, here: FaceHere) -> tuple[list[tuple[Source, float]], int | None]:
        """What the frame is made of, and which of it is the layer with the face."""
        scene = self._session.controller.scene
        found: list[tuple[Source, float]] = []
        active = None
        for layer in scene.layers:
            block = self._session.blocks.at(scene, layer.id, here.block.frame)
            shown = block is not None and layer.visible and layer.opacity > 0
            source = self._session.sources.shown(layer, block) if block and shown else None
            if source is not None:
                active = len(found) if layer.id == here.layer.id else active
                found.append((source, layer.opacity))
        return found, active

    # One wish at a time.

    def _ask(self, wish: Wish) -> None:
        if wish == Wish():
            self._show(None, (), None)
        elif wish != self._last:
            self._last = self._next = wish
            if not self._working:
                self._start()

    def _start(self) -> None:
        wish, self._next = self._next, None
        if wish is not None:
            self._working = True
            self._lane.submit(self._run, wish)

    def _run(self, wish: Wish) -> None:
        try:
            paths, draft = self._drafting.work(wish)
        except GenAniError:
            # What is missing is told where it is to be shown in earnest.
            paths, draft = (), None
        except Exception:
            _log.exception("a face could not be previewed")
            paths, draft = (), None
        self._calls.call(lambda: self._done(wish, paths, draft))

    def _done(self, wish: Wish, paths: tuple[Path, ...], draft: QImage | None) -> None:
        self._working = False
        if self._last is not None:
            # The playhead may have gone elsewhere meanwhile.
            here = wish.base is not None and wish.base is self._base
            self._show(self._last, paths, draft if here else None)
            if here and wish is self._last and not wish.fine:
                # The pointer rests: there is time for a finer one.
                self._next = replace(wish, fine=True)
        self._start()

    def _show(self, wish: Wish | None, paths: tuple[Path, ...], draft: QImage | None) -> None:
        if wish is None:
            self._next = self._last = self._base = None
        if draft is not self.draft or paths != self.paths:
            self.paths, self.draft = paths, draft
            self.changed.emit()
