"""A whole drawing: the parts of a character painted in order, back to front."""

from __future__ import annotations

from dataclasses import dataclass

from genani.scene.picture import Picture
from genani.training.rig.brows import draw_brow
from genani.training.rig.cheeks import draw_cheeks
from genani.training.rig.expression import Expression
from genani.training.rig.eyes import draw_eye
from genani.training.rig.hair import draw_back, draw_front
from genani.training.rig.head import Pose
from genani.training.rig.identity import Identity
from genani.training.rig.mouth import draw_mouth
from genani.training.rig.nose import draw_nose
from genani.training.rig.outfit import draw_collar, draw_trunk
from genani.training.rig.paint import Canvas
from genani.training.rig.sitting import Sitting
from genani.training.rig.skin import draw_ear, draw_face, draw_near_ear, draw_neck, face_solid
from genani.training.rig.view import Framing, View


@dataclass(frozen=True)
class Drawn:
    """A drawn head and the truth about it.

    Attributes:
        picture: RGBA, 8 bit, transparent around the figure.
        pins: named points in canvas pixels (x, y). `left` and `right` are the face's own, so
            `mouth_right` is on the viewer's left, as in MediaPipe's mesh.
    """

    picture: Picture
    pins: dict[str, tuple[float, float]]


def draw(
    who: Identity,
    mood: Expression | None = None,
    pose: Pose | None = None,
    framing: Framing | None = None,
    *,
    detail: int = 2,
) -> Drawn:
    """Draw one head. The same arguments give the same bytes.

    Args:
        who: the character.
        mood: the expression; at rest when left out.
        pose: where the head looks; straight ahead when left out.
        framing: canvas and place on it.
        detail: the drawing is painted at so many times its size and averaged down.
    """
    mood, pose, framing = mood or Expression(), pose or Pose(), framing or Framing()
    view = View(face_solid(who, mood), pose, framing)
    sitting = Sitting(who, mood, view, Canvas(framing.width, framing.height, detail))
    draw_back(sitting)
    draw_neck(sitting)
    draw_trunk(sitting)
    draw_collar(sitting)
    for side in (-1, 1):
        draw_ear(sitting, side)
    draw_face(sitting)
    draw_cheeks(sitting)
    draw_near_ear(sitting)
    if not who.style.brows_over_hair:
        _brows(sitting)
    draw_mouth(sitting)
    for side in (-1, 1):
        draw_eye(sitting, side)
    draw_nose(sitting)
    draw_front(sitting)
    if who.style.brows_over_hair:
        _brows(sitting)
    return Drawn(Picture(sitting.canvas.pixels()), sitting.pins)


def _brows(sitting: Sitting) -> None:
    for side in (-1, 1):
        draw_brow(sitting, side)
