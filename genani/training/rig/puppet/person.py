"""Who is drawn, in which hand: all that tells one puppet from another."""

from __future__ import annotations

from dataclasses import dataclass

from genani.training.rig.puppet.brush import Colour, Pen, Shading


@dataclass(frozen=True)
class HeadShape:
    """The head's form against the canonical face; 1 is the canonical one.

    Attributes:
        jaw, chin: width of the jaw, and how far the chin reaches down.
        cheek: width at the cheeks.
        skull: size of the skull above the brows.
        eye_size, eye_tall, eye_gap, eye_y: eyes: size, height against width, distance apart and
            how far down they sit (face units).
        tilt: how far the outer corners of the eyes are raised, face units.
        mouth, lips: width of the mouth, thickness of the lips.
        mouth_y: how far down the mouth sits, face units.
        nose: size of the nose.
        brow_y: how far up the brows sit, face units.
    """

    jaw: float
    chin: float
    cheek: float
    skull: float
    eye_size: float
    eye_tall: float
    eye_gap: float
    eye_y: float
    tilt: float
    mouth: float
    lips: float
    mouth_y: float
    nose: float
    brow_y: float


@dataclass(frozen=True)
class EyeLook:
    """How eyes are drawn.

    Attributes:
        kind: "dot", "oval", "anime", "real", "button", "drop" or "ring".
        iris, white: colours.
        size: radius of the iris in shares of the eye's width.
        lash: thickness of the upper line against the pen's.
        lashes: how many are drawn singly.
        crease: whether the fold above the lid shows.
        pupil: "round", "slit", "none" or "star".
        lights: number of glints.
        shade: how dark the white is under the lid.
        rest: how far the lids are shut at rest.
    """

    kind: str
    iris: Colour
    white: Colour
    size: float
    lash: float
    lashes: int
    crease: bool
    pupil: str
    lights: int
    shade: float
    rest: float


@dataclass(frozen=True)
class HairLook:
    """How hair grows.

    Attributes:
        kind: name of a cut (`hair.CUTS`), or "bald".
        colour, dark, light: colours.
        puff: how far it stands off the skull, face units.
        length: where it ends behind, face units down.
        teeth: points of the fringe around the whole head.
        jag: how long these are.
        part: where it parts, degrees to the picture's right.
        wave: how wavy.
        strands: how many lines are drawn in it.
        shine: whether it gleams.
    """

    kind: str
    colour: Colour
    dark: Colour
    light: Colour
    puff: float
    length: float
    teeth: int
    jag: float
    part: float
    wave: float
    strands: int
    shine: bool


@dataclass(frozen=True)
class Person:
    """One drawn character, and the hand that draws it."""

    seed: int
    kind: str
    age: float
    yaw: float
    head: HeadShape
    skin: Colour
    line: Colour
    blush: float
    freckles: bool
    pen: Pen
    shading: Shading
    eye: EyeLook
    brow: Colour
    brow_thick: float
    nose: str
    mouth: str
    lip: Colour
    inside: Colour
    teeth: str
    hair: HairLook
    beard: str
    glasses: str
    hat: str
    accent: Colour
    cloth: Colour
    outfit: str
    ground: str
    ground_tones: tuple[Colour, Colour, Colour]

    @property
    def dark_skin(self) -> Colour:
        """The skin in shade."""
        r, g, b = self.skin
        return round(r * 0.74), round(g * 0.62), round(b * 0.64)
