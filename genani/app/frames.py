"""What a frame looks like: finished frames and single drawings, made ahead of the playhead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from genani.app.blocks import Blocks
from genani.app.images import ImageStore, laid_over, thumbnail
from genani.app.messages import Message
from genani.app.sources import Source, Sources
from genani.app.states import DrawingState
from genani.scene.attached import lying
from genani.scene.composite import composite
from genani.scene.document import Exposure, Scene
from genani.scene.errors import GenAniError
from genani.scene.picture import Picture

if TYPE_CHECKING:
    from fractions import Fraction

    from genani.app.bridge import RenderBridge
    from genani.app.document_controller import DocumentController, SceneChange

FRAME_BUDGET = 768 << 20
THUMBNAIL_BUDGET = 96 << 20


@dataclass(frozen=True)
class Look:
    """All that decides what a frame looks like: equal looks are equal images.

    Attributes:
        size: (width, height) of the canvas; None for a single drawing at its own size.
        layers: what lies over one another, from the back, each with its opacity.
    """

    size: tuple[int, int] | None
    layers: tuple[tuple[Source, float], ...]


@dataclass(frozen=True)
class Thumb:
    """A thumbnail: of which drawing, and how many pixels high."""

    source: Source
    height: int


class FrameSource(QObject):
    """Images of frames, drawings and thumbnails from bounded caches, filled in the background.

    All images are `ARGB32_Premultiplied`. A frame whose in-betweens are not drawn yet shows the
    nearest drawings of their spans; `badge` tells.

    Args:
        controller: the scene.
        sources: what blocks show.
        renders: tells when something is drawn.
        blocks: the blocks of the layers.
        budget: bytes of frames to hold.

    Signals:
        frame_ready: that frame can be had from `image` now.
        drawing_ready: a `Source` that can be had from `drawing` now.
        thumbnail_ready: a `Source` whose thumbnail can be had now.
        frames_changed: first and last frame that may look different from before.
        message: a `Message`: something could not be read.
    """

    frame_ready = Signal(int)
    drawing_ready = Signal(object)
    thumbnail_ready = Signal(object)
    frames_changed = Signal(int, int)
    message = Signal(object)

    def __init__(
        self,
        controller: DocumentController,
        sources: Sources,
        renders: RenderBridge,
        blocks: Blocks | None = None,
        budget: int = FRAME_BUDGET,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._sources = sources
        self._renders = renders
        self._blocks = blocks or Blocks()
        self._images: ImageStore[Look] = ImageStore(self._make, budget, "genani-frames", self)
        self._thumbs: ImageStore[Thumb] = ImageStore(
            self._make_thumbnail, THUMBNAIL_BUDGET, "genani-thumbnails", self
        )
        self._waiting: dict[Look, set[int]] = {}
        self._images.ready.connect(self._ready)
        self._images.missing.connect(self._missing)
        self._thumbs.ready.connect(self._thumbnail_made)
        for store in (self._images, self._thumbs):
            store.failed.connect(self._failed)
        controller.scene_changed.connect(self._scene_changed)
        renders.drawn.connect(self._drawn)

    @property
    def used(self) -> int:
        """Bytes of frames and drawings held."""
        return self._images.used

    @property
    def budget(self) -> int:
        """Bytes of frames and drawings that may be held."""
        return self._images.budget

    @property
    def room(self) -> int:
        """How many different frames can be made ahead without pushing out what shows."""
        width, height = self._controller.scene.size
        return max(self.budget // (width * height * 4) // 2, 1)

    def image(self, frame: int) -> QImage | None:
        """The finished frame if it is there; else it is asked for, and `frame_ready` tells."""
        look = self.look(frame)
        image = self._images.get(look)
        if image is None:
            self._want(frame, look, soon=True)
        return image

    def request(self, frame: int) -> None:
        """Have a frame made before all others."""
        self._want(frame, self.look(frame), soon=True)

    def prefetch(self, frames: Iterable[int]) -> None:
        """Have frames made after what is waiting, in this order, as far as the budget reaches."""
        looks: dict[Look, int] = {}
        for frame in frames:
            looks.setdefault(self.look(frame), frame)
            if len(looks) >= self.room:
                break
        for look, frame in looks.items():
            self._want(frame, look, soon=False)

    def cached(self, frame: int) -> bool:
        """True if the finished frame can be shown at once."""
        return self._images.has(self.look(frame))

    @property
    def lost(self) -> int:
        """How many images were let go so far; while it stays, what was cached still is."""
        return self._images.lost

    @property
    def scene(self) -> Scene:
        """The scene as it is now."""
        return self._controller.scene

    def look(self, frame: int, scene: Scene | None = None) -> Look:
        """What a frame is made of, now or in an earlier state of the scene."""
        scene = scene or self._controller.scene
        layers: list[tuple[Source, float]] = []
        for each in lying(scene):
            layer = each.layer
            if not layer.visible or layer.opacity <= 0:
                continue
            block = self._blocks.at(scene, (each.wearer or layer).id, frame)
            if each.wearer is not None:
                source = self._sources.worn(each, block, scene.size)
            else:
                source = self._sources.shown(layer, block) if block else None
            if source is not None:
                layers.append((source, layer.opacity))
        return Look(scene.size, tuple(layers))

    def badge(self, frame: int) -> DrawingState:
        """The worst state among the visible layers of a frame."""
        scene = self._controller.scene
        worst = DrawingState.CACHED
        for layer in scene.layers:
            block = self._blocks.at(scene, layer.id, frame) if layer.visible else None
            if block:
                state = self._renders.drawing_state(layer, block)
                worst = max(worst, state, key=_BADNESS.index)
        return worst

    def state(self, layer_id: str, exposure: Exposure) -> DrawingState:
        """Whether a block shows what it should."""
        return self._renders.drawing_state(self._controller.scene.layer(layer_id), exposure)

    def source(self, layer_id: str, exposure: Exposure) -> Source | None:
        """What a block can show now; None for an empty one."""
        return self._sources.shown(self._controller.scene.layer(layer_id), exposure)

    def picture(self, layer_id: str, exposure: Exposure) -> Picture | None:
        """The pixels a block shows now; reads a file where they are not in memory.

        Raises:
            PictureError: they are missing.
        """
        source = self.source(layer_id, exposure)
        return self._sources.pixels(source) if source is not None else None

    def drawing(self, source: Source, soon: bool = True) -> QImage | None:
        """A single drawing at its own size, for onion skin and comparing; else it is asked for."""
        look = Look(None, ((source, 1.0),))
        image = self._images.get(look)
        if image is None:
            self._images.want(look, soon)
        return image

    def thumbnail(self, source: Source, height: int) -> QImage | None:
        """A small image of a drawing, `height` pixels high; else it is asked for."""
        thumb = Thumb(source, height)
        image = self._thumbs.get(thumb)
        if image is None:
            self._thumbs.want(thumb)
        return image

    def forget(self) -> None:
        """Let go of everything: another document is open."""
        for store in (self._images, self._thumbs):
            store.forget_wishes()
            store.forget()
        self._waiting.clear()

    def shut(self) -> None:
        """End the threads."""
        self._images.close()
        self._thumbs.close()

    def _want(self, frame: int, look: Look, soon: bool) -> None:
        if not self._images.has(look):
            self._waiting.setdefault(look, set()).add(frame)
            self._images.want(look, soon)

    def finished(self, look: Look) -> Picture | None:
        """The pixels of a look, as they are exported; None where a take has lost them.

        Reads files; thread-safe.

        Raises:
            PictureError: a picture of the scene is missing.
        """
        pictures = self._pictures(look)
        return (
            composite(pictures, look.size or pictures[0][0].size) if pictures is not None else None
        )

    def _make(self, look: Look) -> QImage | None:
        pictures = self._pictures(look)
        return (
            laid_over(pictures, look.size or pictures[0][0].size) if pictures is not None else None
        )

    def _pictures(self, look: Look) -> list[tuple[Picture, float]] | None:
        found = [(self._sources.pixels(source), opacity) for source, opacity in look.layers]
        there = [(picture, opacity) for picture, opacity in found if picture is not None]
        return there if len(there) == len(found) else None

    def _make_thumbnail(self, thumb: Thumb) -> QImage | None:
        picture = self._sources.pixels(thumb.source)
        return thumbnail(picture, thumb.height) if picture else None

    @Slot(object)
    def _ready(self, look: Look) -> None:
        if look.size is None:
            self.drawing_ready.emit(look.layers[0][0])
        for frame in self._waiting.pop(look, ()):
            self.frame_ready.emit(frame)

    @Slot(object)
    def _missing(self, look: Look) -> None:
        # A take was cleared away: what is nearest now has another look.
        for frame in self._waiting.pop(look, ()):
            self.frames_changed.emit(frame, frame)

    @Slot(object)
    def _thumbnail_made(self, thumb: Thumb) -> None:
        self.thumbnail_ready.emit(thumb.source)

    @Slot(object)
    def _failed(self, error: GenAniError) -> None:
        self.message.emit(Message.of(error))

    @Slot(object)
    def _scene_changed(self, change: SceneChange) -> None:
        self._waiting.clear()
        self._images.forget_wishes()
        self.frames_changed.emit(1, max(change.before.end, change.after.end))

    @Slot(str, str, object)
    def _drawn(self, layer_id: str, span_id: str, _t: Fraction) -> None:
        try:
            layer = self._controller.scene.layer(layer_id)
            self.frames_changed.emit(*layer.ends(layer.span(span_id)))
        except GenAniError:
            return


_BADNESS = [
    DrawingState.CACHED,
    DrawingState.STALE,
    DrawingState.MISSING,
    DrawingState.QUEUED,
    DrawingState.RUNNING,
    DrawingState.FAILED,
]
