"""What the wipe compares: two takes, or an in-between and the key nearest to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from genani.app.sources import Source
from genani.scene.document import Exposure, Layer
from genani.scene.frame import TakeFrame
from genani.ui.canvas.view import CanvasView, Comparison

if TYPE_CHECKING:
    from genani.app.session import Session


class Comparing(QObject):
    """Follows playhead and takes while the wipe is on."""

    def __init__(self, session: Session, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self._action = session.actions.action("compare")
        self._action.toggled.connect(self.refresh)
        for signal in (
            session.playback.frame_changed,
            session.selection.changed,
            session.controller.scene_changed,
            session.renders.span_changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Compare what the playhead is on, if that is wanted."""
        if self._session.playback.playing:
            return
        on = self._action.isChecked()
        here = self._session.commands.cells.block()
        self._action.setEnabled(on or (here is not None and here[1].span is not None))
        self._canvas.compare(self._find() if on else None)

    def _find(self) -> Comparison | None:
        here = self._session.commands.cells.block()
        if here is None or here[1].span is None:
            return None
        layer, block = here
        return self._other_take(block) or self._nearest_key(layer, block)

    def _other_take(self, block: Exposure) -> Comparison | None:
        t = block.t
        if t is None:
            return None
        views = self._session.commands.spans.takes()
        place = next((i for i, view in enumerate(views) if view.shown), None)
        others = [i for i, view in enumerate(views) if not view.shown and t in view.times]
        if place is None or not others:
            return None
        # The one before is what was last looked at; the first take has only later ones.
        other = max((i for i in others if i < place), default=others[0])
        names = [self.tr("take {0}").format(i + 1) for i in (place, other)]
        return Comparison(TakeFrame(views[other].hash, t), *names)

    def _nearest_key(self, layer: Layer, block: Exposure) -> Comparison | None:
        span = block.span
        if span is None:
            return None
        first, last = layer.cell(span.first), layer.cell(span.last)
        near_first = block.frame - first.frame <= last.frame - block.frame
        key = last if block.frame == first.frame or not near_first else first
        if key.drawing is None:
            return None
        source: Source = layer.drawings[key.drawing].picture
        here = self.tr("frame {0}").format(block.frame)
        return Comparison(source, here, self.tr("key {0}").format(key.frame))
