"""Verbs for what a face does at given frames: mouth shapes, blinks and looks on a layer's lanes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from genani.app import acting_lanes as lanes
from genani.app.acting_lanes import Entry, Lane, Mark
from genani.app.messages import Level
from genani.app.settings import MouthNames
from genani.app.voices import Voices
from genani.scene.acting import Acting, Blink, Gaze, MouthCue, Viseme
from genani.scene.document import CellKind, Exposure, Layer, new_id
from genani.scene.edits import AddSpan, ChangeLayer, CopyCells
from genani.scene.span import Span, count_on
from genani.scene.timing import MAX_TICKS, TimingChart

if TYPE_CHECKING:
    from genani.app.session import Session

LOOK = 12
"""Frames a new look lasts: half a second."""


class ActingCommands(QObject):
    """Changes the lanes, each time in one step of the history, and knows what is chosen on them.

    Attributes:
        mark: what is chosen on a lane, or None.
        active: layer id and lane that keys are typed into, or None.
        voices: hears recordings.

    Signals:
        changed: mark, active lane, or which layers show their lanes.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller
        self._open: dict[str, bool] = {}
        self.voices = Voices(session)
        self.mark: Mark | None = None
        self.active: tuple[str, Lane] | None = None
        verbs: dict[str, Callable[[], object]] = {
            "lanes": self.toggle,
            "blink": self.blink,
            "look": self.look,
            "hold-mouths": self.hold_mouths,
            "draw-hold": self.draw_hold,
            "mouth-names": self._toggle_names,
        }
        for action_id, verb in verbs.items():
            session.actions.connect_to(action_id, verb)
        session.controller.scene_changed.connect(self._prune)
        session.document_opened.connect(self._forget)
        for signal in (
            session.selection.changed,
            session.playback.frame_changed,
            session.settings_changed,
            self.changed,
        ):
            signal.connect(self._refresh)
        self._refresh()

    # What shows, and what is chosen

    def shown(self, layer: Layer) -> bool:
        """True if a layer shows its lanes: it was told to, or something is on them."""
        return self._open.get(layer.id, layer.acting != Acting())

    def show(self, layer_id: str, shown: bool) -> None:
        """Show the lanes of a layer, or fold them away."""
        self._open[layer_id] = shown
        if not shown and self.active is not None and self.active[0] == layer_id:
            self.active = self.mark = None
        self.changed.emit()

    def toggle(self) -> None:
        """Show the lanes of the active layer and type into them, or fold them away."""
        layer = self._session.selection.active_layer()
        if layer is not None:
            shown = self.shown(layer)
            self.show(layer.id, not shown)
            if not shown:
                self.choose(layer.id, Lane.MOUTH)

    def choose(self, layer_id: str, lane: Lane, frame: int | None = None) -> None:
        """Type into a lane from now on, and choose what starts there on a frame."""
        mark = None if frame is None else Mark(layer_id, lane, frame)
        if (self.active, self.mark) != ((layer_id, lane), mark):
            self.active, self.mark = (layer_id, lane), mark
            self.changed.emit()

    def leave(self) -> None:
        """Type into no lane."""
        if self.active is not None:
            self.active = self.mark = None
            self.changed.emit()

    def layer(self) -> Layer | None:
        """The layer that is meant: that of the lane typed into, else the active one."""
        layers = {layer.id: layer for layer in self._controller.scene.layers}
        if self.active is not None and self.active[0] in layers:
            return layers[self.active[0]]
        return self._session.selection.active_layer()

    def chosen(self) -> Entry | None:
        """What is chosen on a lane."""
        layer = self.layer()
        if self.mark is None or layer is None or layer.id != self.mark.layer:
            return None
        return lanes.entry(layer.acting, self.mark.lane, self.mark.frame)

    # Changing

    def change(self, layer: Layer, acting: Acting, text: str, merge: str = "") -> bool:
        """Set the lanes of a layer; False, and a message, where it is locked."""
        if layer.locked:
            text = self.tr("Layer {0} is locked: unlock it to change its lanes.")
            self._session.tell(text.format(layer.name), Level.WARNING)
            return False
        if acting == layer.acting:
            return True
        return self._controller.do(ChangeLayer(layer.id, acting=acting), text, merge)

    def set_mouth(self, shape: Viseme | None, frame: int | None = None) -> None:
        """Give the mouth a shape from a frame, or the playhead, until the next cue."""
        layer = self.layer()
        if layer is None:
            return
        at = self._session.playback.frame if frame is None else frame
        text = self.tr("mouth shape {0}").format(shape) if shape else self.tr("mouth as drawn")
        if self.change(layer, lanes.with_mouth(layer.acting, at, shape), text):
            self._open[layer.id] = True
            placed = lanes.entry(self._again(layer).acting, Lane.MOUTH, at)
            self.choose(layer.id, Lane.MOUTH, at if placed else None)

    def blink(self, frame: int | None = None) -> None:
        """Let the face blink at a frame, or the playhead."""
        self._insert(Lane.BLINK, Blink(self._at(frame)), self.tr("blink"))

    def look(self, frame: int | None = None) -> None:
        """Let the eyes look aside at a frame, or the playhead."""
        self._insert(Lane.LOOK, Gaze(self._at(frame), LOOK, x=0.7), self.tr("look"))

    def _at(self, frame: int | None) -> int:
        return self._session.playback.frame if frame is None else frame

    def _insert(self, lane: Lane, placed: Entry, text: str) -> None:
        layer = self.layer()
        if layer is None:
            return
        there = lanes.entry(layer.acting, lane, placed.frame)
        if there is None and not self.change(layer, lanes.put(layer.acting, lane, placed), text):
            return
        self._open[layer.id] = True
        self.choose(layer.id, lane, placed.frame)

    def refine(self, merge: str = "", **fields: object) -> None:
        """Change the blink or look that is chosen: its length, lag, amount, x, y."""
        layer, chosen = self.layer(), self.chosen()
        if layer is not None and self.mark is not None and isinstance(chosen, Blink | Gaze):
            refined = replace(chosen, **fields)  # pyright: ignore[reportArgumentType]
            text = self.tr("change blink") if isinstance(chosen, Blink) else self.tr("change look")
            self.change(layer, lanes.put(layer.acting, self.mark.lane, refined), text, merge)

    def delete(self) -> None:
        """Take away what is chosen, or else what shows at the playhead on the lane typed into."""
        layer = self.layer()
        if layer is None or self.active is None:
            return
        lane = self.active[1]
        frame = self.mark.frame if self.mark else self._under_playhead(layer, lane)
        if frame is not None:
            text = {
                Lane.MOUTH: self.tr("delete mouth shape"),
                Lane.BLINK: self.tr("delete blink"),
                Lane.LOOK: self.tr("delete look"),
            }[lane]
            self.change(layer, lanes.without(layer.acting, lane, frame), text)

    def _under_playhead(self, layer: Layer, lane: Lane) -> int | None:
        frame = self._session.playback.frame
        before = [one for one in lanes.entries(layer.acting, lane) if one.frame <= frame]
        for one in reversed(before):
            if isinstance(one, MouthCue):
                return one.frame if one.shape else None
            if frame < one.frame + one.length:
                return one.frame
        return None

    def nudge(self, by: int) -> None:
        """Move what is chosen by a few frames."""
        layer = self.layer()
        if layer is not None and self.mark is not None:
            acting, frame = lanes.slid(layer.acting, self.mark.lane, self.mark.frame, by)
            lane = self.mark.lane
            if self.change(layer, acting, self.tr("move on the lane"), f"nudge {lane}"):
                self.choose(layer.id, lane, frame)

    def hold_mouths(self) -> None:
        """Hold every mouth shape of the layer for the least number of frames set."""
        layer = self.layer()
        if layer is None:
            return
        rate = self._controller.scene.rate
        mouths = lanes.held(layer.acting.mouths, rate, self._session.settings.mouth_hold)
        self.change(layer, replace(layer.acting, mouths=mouths), self.tr("hold mouth shapes"))

    async def load(self, path: Path, script: str = "", english: bool = True) -> None:
        """Put the mouth shapes of a file on a layer, its voice beginning at the playhead.

        What was on the lane from there on gives way.

        Args:
            path: a lip-sync file or a recording.
            script, english: as for `Voices.load`.

        Raises:
            GenAniError: the file cannot be read; the lane stays as it is.
            Cancelled: it was cancelled.
        """
        layer = self.layer()
        if layer is None:
            return
        start = self._session.playback.frame
        mouths = await self.voices.load(path, start, script, english)
        layer = self._controller.scene.layer(layer.id)
        before = [cue for cue in layer.acting.mouths if cue.frame < min(start, mouths[0].frame)]
        acting = replace(layer.acting, mouths=(*before, *mouths))
        if self.change(layer, acting, self.tr("import mouth shapes")):
            self.show(layer.id, True)
            self.choose(layer.id, Lane.MOUTH)
            count = sum(cue.shape is not None for cue in mouths)
            told = self.tr("%n mouth shape(s) from frame {0} on layer {1}.", "", count)
            self._session.tell(told.format(start, layer.name))

    # Where it shows

    def still(self) -> Exposure | None:
        """The block at the playhead that shows as it is drawn, whatever the lanes ask.

        They move only what an engine draws. None where one does, and before the first drawing.
        """
        layer = self.layer()
        if layer is None:
            return None
        frame = self._session.playback.frame
        block = self._session.blocks.at(self._controller.scene, layer.id, frame)
        return block if block and block.kind is not CellKind.GENERATED else None

    def hold(self) -> tuple[Layer, str, int] | None:
        """The layer, the cell that is held at the playhead, and the last frame of its hold.

        None where the cell is no key or breakdown, is not held, or starts a span.
        """
        layer = self.layer()
        frame = self._session.playback.frame
        cell = layer.cell_at(frame) if layer else None
        if layer is None or cell is None or not cell.kind.anchor or cell.drawing is None:
            return None
        if any(span.first == cell.id for span in layer.spans):
            return None
        later = [one.frame for one in layer.cells if one.frame > cell.frame]
        spoken = [one.frame for lane in Lane for one in lanes.entries(layer.acting, lane)]
        stop = later[0] - 1 if later else max([self._controller.scene.end, *spoken])
        return (layer, cell.id, stop) if stop > cell.frame + 1 else None

    def draw_hold(self) -> bool:
        """Let the hold at the playhead be drawn: a span from its key to a copy of it at the end."""
        found = self.hold()
        if found is None:
            text = self.tr("Put the playhead on a key that is held and starts no span.")
            self._session.tell(text)
            return False
        layer, cell_id, stop = found
        cell = layer.cell(cell_id)
        copy = replace(cell, id=new_id(), frame=stop)
        count = min(count_on(self._controller.scene.exposure, cell.frame, stop), MAX_TICKS)
        span = Span(new_id(), cell.id, copy.id, TimingChart.of("even", count))
        with self._controller.step(self.tr("draw the hold")):
            done = self._controller.do(CopyCells(layer.id, (copy,)), self.tr("copy key"))
            return done and self._controller.do(AddSpan(layer.id, span), self.tr("add span"))

    # Following the document

    def _again(self, layer: Layer) -> Layer:
        return self._controller.scene.layer(layer.id)

    @Slot()
    def _prune(self) -> None:
        before = self.active, self.mark
        layers = {layer.id: layer for layer in self._controller.scene.layers}
        if self.active is not None and self.active[0] not in layers:
            self.active = self.mark = None
        if self.mark is not None:
            acting = layers[self.mark.layer].acting
            if lanes.entry(acting, self.mark.lane, self.mark.frame) is None:
                self.mark = None
        if before != (self.active, self.mark):
            self.changed.emit()
        else:
            self._refresh()

    @Slot()
    def _forget(self) -> None:
        self._open.clear()
        self.active = self.mark = None
        self.changed.emit()

    def _toggle_names(self) -> None:
        letters = self._session.settings.mouth_names is MouthNames.LETTERS
        names = MouthNames.PRESTON_BLAIR if letters else MouthNames.LETTERS
        self._session.change_settings(mouth_names=names)

    @Slot()
    def _refresh(self) -> None:
        if self._session.playback.playing:
            return
        actions, layer = self._session.actions, self.layer()
        for action_id in ("lanes", "blink", "look", "import-mouths"):
            actions.enable(action_id, layer is not None)
        actions.enable("hold-mouths", layer is not None and bool(layer.acting.mouths))
        actions.enable("draw-hold", self.hold() is not None)
        active = self._session.selection.active_layer()
        actions.check("lanes", active is not None and self.shown(active))
        names = self._session.settings.mouth_names
        actions.check("mouth-names", names is MouthNames.PRESTON_BLAIR)
