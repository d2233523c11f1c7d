"""Who is drawn: the shapes and colours that make one character, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from genani.training.rig.head import Row, Solid
from genani.training.rig.paint import Colour

Pair = tuple[float, float]


@dataclass(frozen=True)
class Palette:
    """Every colour of a character; shades are the tones of the shadow side."""

    skin: Colour
    skin_shade: Colour
    skin_line: Colour
    blush: Colour
    lip: Colour
    hair: Colour
    hair_shade: Colour
    hair_light: Colour
    hair_line: Colour
    brow: Colour
    lash: Colour
    iris_dark: Colour
    iris: Colour
    iris_light: Colour
    sclera: Colour
    sclera_shade: Colour
    cloth: Colour
    cloth_shade: Colour
    cloth_line: Colour
    trim: Colour
    trim_shade: Colour
    accent: Colour
    mouth: Colour = (125, 35, 53)
    tongue: Colour = (224, 116, 124)
    teeth: Colour = (255, 250, 243)


@dataclass(frozen=True)
class HeadShape:
    """The skull and jaw.

    Attributes:
        solid: rings of the bare head.
        neck: half width of the neck.
        dent: how far the far contour is dented at the eye in profile.
        jaw_drop: how far the chin falls when the jaw opens fully.
        ear: (x, y, z, half height) of the ear's middle; a half height of 0 has none.
    """

    solid: Solid
    neck: float = 0.3
    dent: float = 0.1
    jaw_drop: float = 0.12
    ear: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class EyeShape:
    """One eye, drawn on both sides. Lengths are head units, `along` runs inner to outer -1 to 1.

    Attributes:
        centre: (x, y) of the eye on the viewer's right.
        half: half width.
        upper: height of the upper lid over the corners, wide open.
        lower: depth of the lower lid under them.
        tilt: how much higher the outer corner is than the inner.
        skew: where the upper lid is highest, along the eye.
        squareness: exponent of the lids; 2 is round.
        fullness: 0.5 is a half ellipse, 1 a parabola.
        iris: (rx, ry).
        iris_y: middle of the iris under the eye's middle.
        pupil: share of the iris that is pupil.
        lash: thickness of the upper lash line.
        wing: how far it runs out past the outer corner.
        spikes: lashes drawn apart from it.
        rim: thickness of the line under the eye.
        rim_from: where that line begins along the eye.
        crease: height of the fold over the lid; 0 has none.
        gloss: size of the highlight, 0 to 1.
    """

    centre: Pair
    half: float
    upper: float
    lower: float
    tilt: float = 0.0
    skew: float = 0.0
    squareness: float = 2.0
    fullness: float = 0.6
    iris: Pair = (0.1, 0.1)
    iris_y: float = 0.0
    pupil: float = 0.45
    lash: float = 0.04
    wing: float = 0.05
    spikes: int = 0
    rim: float = 0.014
    rim_from: float = 0.0
    crease: float = 0.0
    gloss: float = 1.0


@dataclass(frozen=True)
class BrowShape:
    """One brow: y of the line, inner and outer x, arch height, tilt and thickness."""

    y: float
    inner: float
    outer: float
    arch: float = 0.06
    tilt: float = 0.0
    thick: float = 0.05
    blunt: float = 0.6
    travel: float = 1.0


@dataclass(frozen=True)
class NoseShape:
    """A nose: y of bridge and tip, how far it stands out, half width, and how it is drawn.

    Attributes:
        kind: `tick` (a touch of line and shade), `bulb` (a round cartoon nose), `full` (wings,
            nostrils and bridge).
    """

    bridge: float
    tip: float
    out: float
    half: float
    kind: str = "tick"


@dataclass(frozen=True)
class MouthShape:
    """A mouth: its y, half width, greatest opening, lip thickness (0 draws a line alone)."""

    y: float
    half: float
    open: float
    lips: float = 0.0
    line: float = 1.0


@dataclass(frozen=True)
class Lock:
    """A strand of hair on the hair's own surface.

    Attributes:
        path: (x, y) from root to tip, head units, front view.
        width: greatest half width.
        belly: where along the strand it is widest, 0 to 1.
        root: half width at the root over the greatest.
        depth: 1 lies on the front of the hair, 0 at its side, below 0 behind.
        tucks: it slips behind the head on the far side of a turn.
    """

    path: tuple[Pair, ...]
    width: float
    belly: float = 0.4
    root: float = 0.55
    depth: float = 1.0
    tucks: bool = False


@dataclass(frozen=True)
class Puff:
    """A ball of curls or a bun: its middle (x, y, z) and radius, head units."""

    x: float
    y: float
    z: float
    radius: float


@dataclass(frozen=True)
class HairShape:
    """Hair in layers from back to front.

    Attributes:
        cap: rings of the hair over the skull; empty for a bare head.
        hairline: (x, y) from the viewer's left temple over the forehead to the right one.
        back: rings of the hair that hangs behind; its last ring is cut into tips.
        tips: number of those tips.
        behind: strands at the edge of that hair.
        comb: (x, y) lines combed into the cap.
        side: strands before the ears; bangs: strands over the forehead, back to front.
        puffs: balls of hair behind and before the face.
        strays: thin single strands.
        shine: (y, height) of the band of light on the cap; a height of 0 has none.
    """

    cap: tuple[Row, ...] = ()
    hairline: tuple[Pair, ...] = ()
    back: tuple[Row, ...] = ()
    tips: int = 7
    behind: tuple[Lock, ...] = ()
    comb: tuple[tuple[Pair, ...], ...] = ()
    side: tuple[Lock, ...] = ()
    bangs: tuple[Lock, ...] = ()
    puffs: tuple[Puff, ...] = ()
    strays: tuple[Lock, ...] = ()
    shine: Pair = (0.0, 0.0)


@dataclass(frozen=True)
class Style:
    """How the character is drawn.

    Attributes:
        pen: `ink` (clean swelling lines) or `pencil` (searching, grained lines).
        weight: width of a main line, head units.
        fine: width of an inner line over that of a main line.
        shading: `cel` (hard shadow shapes) or `hatch` (pencil strokes).
        shade: opacity of shadow shapes.
        brows_over_hair: brows show through the bangs, as in anime.
    """

    pen: str = "ink"
    weight: float = 0.02
    fine: float = 0.6
    shading: str = "cel"
    shade: float = 1.0
    brows_over_hair: bool = True


@dataclass(frozen=True)
class Identity:
    """One character."""

    name: str
    head: HeadShape
    eye: EyeShape
    brow: BrowShape
    nose: NoseShape
    mouth: MouthShape
    hair: HairShape
    palette: Palette
    style: Style = field(default_factory=Style)
    outfit: str = "hoodie"
    freckles: bool = False
    blush: float = 0.0
    hair_clip: bool = False
