"""Onion skin: which neighbouring drawings show through, how strong and in which colour."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtGui import QColor, QImage, QPainter

from genani.app.blocks import Blocks
from genani.app.settings import OnionSkin, Tint
from genani.scene.document import CellKind, Exposure, Scene

TINTS: dict[Tint, tuple[QColor, QColor]] = {
    Tint.RED_GREEN: (QColor("#e04438"), QColor("#2fa84f")),
    Tint.RED_BLUE: (QColor("#e04438"), QColor("#3a78e0")),
    Tint.ORANGE_BLUE: (QColor("#e8902a"), QColor("#2f7fd0")),
}
"""Colours of the drawings before and after."""

_STRENGTH = 0.62
"""How far a ghost's colours turn into its tint; the lines stay readable."""


@dataclass(frozen=True)
class Ghost:
    """One drawing that shows through.

    Attributes:
        exposure: the block it comes from.
        step: -1 for the drawing before, -2 for the one before that, 1 for the next, ...
        opacity: 0 to 1.
        tint: its colour.
    """

    exposure: Exposure
    step: int
    opacity: float
    tint: QColor


def ghosts(scene: Scene, blocks: Blocks, layer_id: str, frame: int, skin: OnionSkin) -> list[Ghost]:
    """What shows through at a frame on one layer, the farthest first."""
    here = blocks.at(scene, layer_id, frame)
    drawn = [
        block
        for block in blocks.of(scene, layer_id)
        if _shows(block, skin) and (here is None or block.frame != here.frame)
    ]
    before = [block for block in drawn if block.frame < frame][::-1][: skin.before]
    after = [block for block in drawn if block.frame > frame][: skin.after]
    tints = TINTS[skin.tint]
    found = [
        Ghost(block, -step, skin.opacity_before / step, tints[0])
        for step, block in enumerate(before, start=1)
    ]
    found += [
        Ghost(block, step, skin.opacity_after / step, tints[1])
        for step, block in enumerate(after, start=1)
    ]
    return sorted(found, key=lambda ghost: -abs(ghost.step))


def _shows(block: Exposure, skin: OnionSkin) -> bool:
    if block.cell is not None and block.cell.drawing is None:
        return False
    if skin.keys_only:
        return block.kind.anchor
    return not (skin.skip_generated and block.kind is CellKind.GENERATED)


class TintedImages:
    """Drawings in the colour of their ghost, the last few kept."""

    def __init__(self, keep: int = 12) -> None:
        self._keep = keep
        self._made: OrderedDict[tuple[int, int], QImage] = OrderedDict()

    def get(self, image: QImage, tint: QColor) -> QImage:
        """The image with its colours drawn towards the tint, to lie under the frame.

        Of a drawing on opaque paper only what is darker than the paper is left, in the tint on
        white: to be multiplied over the frame, which would hide it otherwise.
        """
        key = image.cacheKey(), tint.rgb()
        made = self._made.get(key)
        if made is None:
            made = _lines(image, tint) if opaque(image) else _ghost(image, tint)
            self._made[key] = made
            while len(self._made) > self._keep:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return made


def opaque(image: QImage) -> bool:
    """Whether a drawing fills its paper: none of its corners can be seen through."""
    right, bottom = image.width() - 1, image.height() - 1
    corners = ((0, 0), (right, 0), (0, bottom), (right, bottom))
    return all(image.pixelColor(x, y).alpha() == 255 for x, y in corners)


def _ghost(image: QImage, tint: QColor) -> QImage:
    made = image.copy()
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    painter.setOpacity(_STRENGTH)
    painter.fillRect(made.rect(), tint)
    painter.end()
    return made


def _lines(image: QImage, tint: QColor) -> QImage:
    made = image.convertToFormat(QImage.Format.Format_Grayscale8).convertToFormat(image.format())
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Screen)
    painter.fillRect(made.rect(), tint)
    painter.end()
    return made
