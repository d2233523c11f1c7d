"""Where attachments lie: among which layers, and on which face on each frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from genani.scene.attachment import Attachment
from genani.scene.document import Exposure, Layer, Scene
from genani.scene.face import FaceGuidance, Landmarks
from genani.scene.span import Span


@dataclass(frozen=True)
class FaceMoment:
    """The face on a frame: that of a drawing, or one on its way between two keys.

    Attributes:
        first: the face of the drawing, or of the first key.
        last: that of the second key; None on a drawing.
        guidance: how it travels, with what the lanes ask of it at `t`.
        t: where between the keys.
    """

    first: Landmarks
    last: Landmarks | None = None
    guidance: FaceGuidance | None = None
    t: Fraction = Fraction(0)

    def __hash__(self) -> int:
        # Asked for every frame that is looked at; whole faces would take their time.
        ends = tuple(face.points[0] for face in (self.first, self.last) if face)
        return hash((ends, self.t))


@dataclass(frozen=True)
class AttachedFrame:
    """An attachment as it lies on a frame.

    Attributes:
        attachment: what is worn.
        face: by whom.
        size: (width, height) of the canvas.
        behind: what lies behind the face is meant; False means what lies in front.
    """

    attachment: Attachment
    face: FaceMoment
    size: tuple[int, int]
    behind: bool

    def __hash__(self) -> int:
        return hash((self.face, self.attachment.follows, self.size, self.behind))


@dataclass(frozen=True)
class Lying:
    """One of the things that lie over one another on a frame.

    Attributes:
        layer: whose visibility and opacity count.
        wearer: the layer whose face is followed; None for the drawings of `layer` themselves.
        behind: that part of an attachment which lies behind the face.
    """

    layer: Layer
    wearer: Layer | None = None
    behind: bool = False


def lying(scene: Scene) -> Iterator[Lying]:
    """What lies over one another on every frame, from the back.

    An attachment whose face's layer is gone lies nowhere.
    """
    known = {layer.id: layer for layer in scene.layers}
    behind: dict[str, list[Layer]] = {}
    for layer in scene.layers:
        if layer.attachment and layer.attachment.behind:
            behind.setdefault(layer.attachment.follows, []).append(layer)
    for layer in scene.layers:
        for other in behind.get(layer.id, ()):
            yield Lying(other, layer, behind=True)
        yield Lying(layer)
        worn = layer.attachment
        if worn and worn.follows in known and worn.front:
            yield Lying(layer, known[worn.follows])


def moment(layer: Layer, block: Exposure, t: Fraction | None = None) -> FaceMoment | None:
    """The face that a block of the timeline shows; None where none is known.

    Args:
        layer: of the block.
        block: a drawing, or an in-between.
        t: where between the keys the drawing that really shows is; None for where it should be.
    """
    cell = block.cell
    drawing = layer.drawings[cell.drawing] if cell and cell.drawing else None
    if cell is not None and drawing is None:
        return None
    if drawing is not None and drawing.landmarks:
        return FaceMoment(drawing.landmarks)
    if cell is not None and cell.kind.anchor:
        return None
    span = block.span or layer.span_at(block.frame)
    return _between(layer, span, block, t) if span else None


def _between(layer: Layer, span: Span, block: Exposure, t: Fraction | None) -> FaceMoment | None:
    """The face on its way through a span; None where a key has none."""
    first, last = (_face(layer, key) for key in (span.first, span.last))
    if first is None or last is None:
        return None
    start, stop = layer.ends(span)
    asked = t if t is not None else block.t
    # An in-between that hangs on no tick: where it stands in time.
    at = asked if asked is not None else Fraction(block.frame - start, stop - start)
    guidance = span.settings.face or FaceGuidance()
    pose = layer.acting.at(block.frame)
    if pose is not None:
        guidance = replace(guidance, poses=((at, pose),))
    return FaceMoment(first, last, guidance, at)


def without_face(scene: Scene, first: int, last: int) -> Sequence[tuple[Layer, Layer, int]]:
    """Visible attachments with nothing to hold to: each with the layer it follows and a frame.

    Only the first frame of the range where a drawing shows without a face is told. Where the
    followed layer is gone the attachment's own layer stands in its place, and frame 0.
    """
    known = {layer.id: layer for layer in scene.layers}
    found: list[tuple[Layer, Layer, int]] = []
    for layer in scene.layers:
        worn = layer.attachment
        if worn is None or not layer.visible:
            continue
        wearer = known.get(worn.follows)
        if wearer is None:
            found.append((layer, layer, 0))
            continue
        for block in wearer.exposures_between(first, last):
            empty = block.cell is not None and block.cell.drawing is None
            if not empty and moment(wearer, block) is None:
                found.append((layer, wearer, max(block.frame, first)))
                break
    return found


def told(lacking: tuple[Layer, Layer, int]) -> str:
    """One of `without_face` in a sentence."""
    layer, wearer, frame = lacking
    if not frame:
        return f"{layer.name} is not shown: the layer whose face it follows is gone"
    return (
        f"{layer.name} is not shown on frame {frame}: no face is marked there on {wearer.name}; "
        "mark it on the keys around"
    )


def _face(layer: Layer, cell_id: str) -> Landmarks | None:
    drawing = layer.cell(cell_id).drawing
    return layer.drawings[drawing].landmarks if drawing else None
