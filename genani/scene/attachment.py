"""An attachment: glasses, a hat, an ear ring; drawn once, it goes along with a face."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from genani.scene.errors import SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import PictureId

MAX_PINS = 64
"""More pins than this hold nothing better, and a bend through them takes its time."""

MAX_PIECES = 16

MAX_COVERS = 256
"""Parts of a drawing that hide an attachment, each for as many keys as tell it anew."""


class Rigidity(StrEnum):
    """How an attachment gives way where its pins do not travel as one body."""

    SIMILARITY = "similarity"
    """Not at all: it is moved, turned and scaled."""
    AFFINE = "affine"
    """It is slanted and stretched as a whole."""
    MESH = "mesh"
    """It bends, and every pin lies exactly on its landmark."""


class Order(StrEnum):
    """What an attachment lies in front of."""

    FRONT = "front"
    """Where its layer lies in the stack: in front of all while that is the front layer."""
    BEHIND = "behind"
    """Right behind the layer whose face it follows."""
    SIDE = "side"
    """In front while its side of the head is seen, behind the face once that is turned away."""


@dataclass(frozen=True)
class Pin:
    """A place of the picture that is held to a landmark.

    Attributes:
        x, y: in pixels of the picture, from its top left corner.
        landmark: number of the landmark, 0 to 477.

    Raises:
        SceneError: there is no such landmark, or the place is no number.
    """

    x: float
    y: float
    landmark: int

    def __post_init__(self) -> None:
        if not 0 <= self.landmark < 478:
            raise SceneError(f"landmarks are numbered 0 to 477; there is no {self.landmark}")
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise SceneError("a pin lies at a place of the picture")


@dataclass(frozen=True)
class Pinned:
    """A picture and how it is held to a face.

    Attributes:
        picture: which pixels, of any size.
        face: the face that it was drawn for, in pixels of this picture: on the key it was drawn
            over, or as it is seen from the side that the picture shows.
        pins: at least one; no landmark twice.
        rigidity: how it gives way.
        turns: it is turned in depth with the head, as glasses are; False keeps its front to the
            viewer, as for a round hat.

    Raises:
        SceneError: no pins, too many, or two on one landmark.
    """

    picture: PictureId
    face: Landmarks
    pins: tuple[Pin, ...]
    rigidity: Rigidity = Rigidity.SIMILARITY
    turns: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.pins) <= MAX_PINS:
            raise SceneError(f"an attachment is held by 1 to {MAX_PINS} pins")
        if len({pin.landmark for pin in self.pins}) < len(self.pins):
            raise SceneError("two pins of an attachment hold to the same landmark")

    def carried(
        self,
        about: tuple[float, float],
        by: tuple[float, float] = (0.0, 0.0),
        scale: float = 1.0,
        angle: float = 0.0,
    ) -> Pinned:
        """The picture worn elsewhere on the same face.

        Args:
            about: what it is turned and scaled about, in its pixels.
            by: how far it is moved, in its pixels as they were.
            scale: how many times larger it is worn, over 0.
            angle: how far it is turned, radians, clockwise as one sees it.

        Raises:
            SceneError: the scale is not over 0.
        """
        if not (scale > 0 and math.isfinite(scale)):
            raise SceneError("an attachment is scaled by a number over 0")
        # The picture stays what it is, so the face under it goes the other way.
        cos, sin = math.cos(angle) / scale, -math.sin(angle) / scale

        def back(x: float, y: float) -> tuple[float, float]:
            right, down = x - about[0] - by[0], y - about[1] - by[1]
            return about[0] + cos * right - sin * down, about[1] + sin * right + cos * down

        points = tuple((*back(x, y), z / scale) for x, y, z in self.face.points)
        pins = tuple(Pin(*back(pin.x, pin.y), pin.landmark) for pin in self.pins)
        return replace(self, face=replace(self.face, points=points), pins=pins)


@dataclass(frozen=True)
class Piece:
    """One drawing of an attachment, such as one temple of glasses.

    Attributes:
        drawing: the picture and its pins.
        order: what it lies in front of.
    """

    drawing: Pinned
    order: Order = Order.FRONT


@dataclass(frozen=True)
class Cover:
    """A part of the face's own drawing that lies in front of an attachment, such as a fringe.

    Attributes:
        name: what the part is called. Several of one name are one part: each tells its shape on
            the key whose face its mask was made for, and on the others it is as on the nearest.
        mask: a picture whose opaque parts say where it is, held to the face by pins of its own.
    """

    name: str
    mask: Pinned


@dataclass(frozen=True)
class Attachment:
    """What a layer shows on a face of another layer, on every frame where that has one.

    Attributes:
        follows: id of the layer whose face it follows.
        pieces: the first is at the back; at least one.
        covers: parts of the face's drawing that hide what lies in front of the face.

    Raises:
        SceneError: no pieces, or too many.
    """

    follows: str
    pieces: tuple[Piece, ...]
    covers: tuple[Cover, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.pieces) <= MAX_PIECES:
            raise SceneError(f"an attachment has 1 to {MAX_PIECES} pieces")
        if len(self.covers) > MAX_COVERS:
            raise SceneError(f"an attachment has {MAX_COVERS} pictures of what covers it at most")

    @property
    def behind(self) -> bool:
        """True if something of it may lie behind the face."""
        return any(piece.order is not Order.FRONT for piece in self.pieces)

    @property
    def front(self) -> bool:
        """True if something of it may lie where its layer does."""
        return any(piece.order is not Order.BEHIND for piece in self.pieces)

    def pictures(self) -> set[PictureId]:
        """Ids of all pictures that it needs."""
        masks = {cover.mask.picture for cover in self.covers}
        return {piece.drawing.picture for piece in self.pieces} | masks
