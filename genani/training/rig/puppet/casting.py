"""The choices that make a person, from a seed."""

from __future__ import annotations

import numpy as np

from genani.training.rig.puppet.brush import Colour, Pen, Shading, colour, mixed
from genani.training.rig.puppet.medium import in_medium
from genani.training.rig.puppet.person import EyeLook, HairLook, HeadShape, Person

Rng = np.random.Generator

TEST_ONLY = frozenset({"brush", "wash", "drop", "ring", "mohawk", "braids", "beret", "triangle"})
"""Hands, shadings, eyes, hair, hats and noses that only the test split has."""


def person(seed: int, *, test: bool = False) -> Person:
    """The character of a seed; those of the test split look like none of the others.

    Args:
        seed: 0 or more.
        test: from the test split.
    """
    rng = np.random.default_rng([seed, 51966 if test else 2989])
    choose = _Chooser(rng, test)
    kind = choose("human", 76, "elf", 5, "cat", 5, "alien", 5, "demon", 4, "bear", 3, "robot", 2)
    style = choose("anime", 32, "cartoon", 32, "comic", 22, "simple", 14)
    age = float(rng.beta(1.6, 2.4))
    skin = _skin(rng, kind)
    pen = _pen(choose, rng, style)
    hair = _hair(choose, rng, kind, age)
    eye = _eye(choose, rng, style, kind)
    male = bool(rng.random() < 0.5)
    line = _line(choose, skin, pen)
    drawn = Person(
        seed=seed,
        kind=kind,
        age=age,
        yaw=_yaw(rng),
        head=_head(rng, style, age, eye),
        skin=skin,
        line=line,
        blush=float(rng.choice([0.0, 0.35, 0.7], p=[0.45, 0.35, 0.2])),
        freckles=bool(rng.random() < 0.1),
        pen=pen,
        shading=_shading(choose, rng, style),
        eye=eye,
        brow=mixed(hair.dark, line, float(rng.uniform(0, 0.7))),
        brow_thick=float(rng.uniform(0.35, 1.5)) * (0.8 if style == "anime" else 1.1),
        nose=_nose(choose, style, kind),
        mouth=choose(
            "line", 50 if style != "comic" else 15, "lips", 20 if not male else 8, "edge", 25
        ),
        lip=_lip(rng, skin, kind),
        inside=colour(rng.uniform(0.96, 1.03), rng.uniform(0.55, 0.8), rng.uniform(0.28, 0.5)),
        teeth=choose("band", 45, "both", 20, "none", 20, "fangs", 5 if kind == "human" else 25),
        hair=hair,
        beard=choose("none", 62, "stubble", 12, "full", 12, "goatee", 8, "moustache", 6)
        if male and age > 0.3 and kind in ("human", "elf", "demon")
        else "none",
        glasses=choose("none", 84, "round", 10, "square", 9, "shades", 3, "half", 2),
        hat=choose("none", 80, "beanie", 6, "cap", 6, "band", 5, "beret", 3, "bow", 3),
        accent=colour(rng.random(), rng.uniform(0.4, 0.95), rng.uniform(0.4, 0.95)),
        cloth=colour(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.95)),
        outfit=choose("tee", 28, "collar", 22, "hood", 16, "suit", 12, "dress", 12, "turtle", 10),
        ground=choose("none", 34, "flat", 26, "gradient", 18, "drawn", 22),
        ground_tones=_ground(rng),
    )
    return in_medium(drawn, choose("colour", 74, "line", 10, "grey", 5, "pastel", 6, "duo", 5), rng)


class _Chooser:
    """Draws one name by weight; names kept for the test split count four times as much there."""

    def __init__(self, rng: Rng, test: bool) -> None:
        self._rng, self._test = rng, test

    def __call__(self, *pairs: str | float) -> str:
        names = [str(name) for name in pairs[::2]]
        shares = np.array([float(share) for share in pairs[1::2]])
        for i, name in enumerate(names):
            if name in TEST_ONLY:
                shares[i] *= 4.0 if self._test else 0.0
        return names[int(self._rng.choice(len(names), p=shares / shares.sum()))]


def _yaw(rng: Rng) -> float:
    kind = rng.random()
    side = 1 if rng.random() < 0.5 else -1
    if kind < 0.62:
        return float(rng.uniform(-14, 14))
    if kind < 0.9:
        return float(side * rng.uniform(22, 45))
    return float(side * rng.uniform(72, 86))


_SKINS = (
    *((255, 224, 196), (250, 210, 178), (240, 190, 150), (224, 165, 122), (198, 134, 88)),
    *((160, 102, 66), (120, 74, 48), (88, 54, 38), (255, 236, 220), (246, 202, 184)),
)


def _skin(rng: Rng, kind: str) -> Colour:
    if kind in ("human", "elf") and rng.random() < 0.97:
        one, other = rng.choice(len(_SKINS), 2)
        return mixed(_SKINS[one], _SKINS[other], float(rng.uniform(0, 0.4)))
    if kind == "alien":
        return colour(rng.uniform(0.2, 0.5), rng.uniform(0.25, 0.6), rng.uniform(0.6, 0.95))
    if kind == "demon":
        return colour(rng.choice([0.0, 0.75, 0.6]), rng.uniform(0.3, 0.7), rng.uniform(0.5, 0.9))
    if kind in ("cat", "bear"):
        return colour(rng.uniform(0.05, 0.12), rng.uniform(0.05, 0.65), rng.uniform(0.4, 1.0))
    if kind == "robot":
        return colour(rng.uniform(0.5, 0.65), rng.uniform(0.02, 0.25), rng.uniform(0.6, 0.9))
    return colour(rng.random(), rng.uniform(0.15, 0.5), rng.uniform(0.7, 1.0))


def _pen(choose: _Chooser, rng: Rng, style: str) -> Pen:
    kind = choose("ink", 45, "marker", 20, "pencil", 15, "none", 14, "brush", 8)
    thick = {"anime": 0.022, "cartoon": 0.036, "comic": 0.03, "simple": 0.045}[style]
    return Pen(kind, thick * float(rng.uniform(0.7, 1.5)), int(rng.integers(1 << 30)))


def _line(choose: _Chooser, skin: Colour, pen: Pen) -> Colour:
    tone = choose("black", 45, "brown", 25, "skin", 20, "blue", 5, "grey", 5)
    lines: dict[str, Colour] = {
        "black": (22, 18, 22),
        "brown": (74, 40, 30),
        "skin": mixed(skin, (40, 10, 10), 0.72),
        "blue": (28, 34, 84),
        "grey": (70, 70, 76),
    }
    return (60, 56, 58) if pen.kind == "pencil" and tone == "black" else lines[tone]


def _shading(choose: _Chooser, rng: Rng, style: str) -> Shading:
    cel = 50 if style == "anime" else 28
    kind = choose("cel", cel, "soft", 28, "flat", 22, "hatch", 10, "wash", 5)
    angle = float(rng.uniform(-2.6, -0.5))
    grain = float(rng.choice([0.0, 0.2, 0.4], p=[0.66, 0.2, 0.14]))
    light = (float(np.cos(angle)), float(np.sin(angle)))
    return Shading(kind, light, float(rng.uniform(0.35, 0.85)), grain, int(rng.integers(1 << 30)))


def _eye(choose: _Chooser, rng: Rng, style: str, kind: str) -> EyeLook:
    shares = {
        "anime": ("anime", 80, "real", 10, "button", 5, "drop", 8),
        "cartoon": ("oval", 60, "button", 20, "anime", 15, "ring", 8),
        "comic": ("real", 85, "oval", 15, "drop", 8),
        "simple": ("dot", 60, "button", 25, "oval", 20, "ring", 8),
    }[style]
    look = choose(*shares)
    iris = colour(
        rng.choice([0.07, 0.09, 0.55, 0.6, 0.33, 0.45, 0.78, 0.0]) + rng.normal(0, 0.02),
        rng.uniform(0.3, 0.9),
        rng.uniform(0.25, 0.9),
    )
    strange = kind in ("alien", "demon", "cat", "robot") and rng.random() < 0.6
    white = (
        colour(rng.random(), rng.uniform(0.1, 0.7), rng.uniform(0.5, 1))
        if strange
        else (252, 252, 252)
    )
    sizes = {"anime": (0.26, 0.34), "real": (0.22, 0.27), "oval": (0.18, 0.37)}
    return EyeLook(
        kind=look,
        iris=iris,
        white=white,
        size=float(rng.uniform(*sizes.get(look, (0.2, 0.3)))),
        lash=float(rng.uniform(1.6, 3.6) if look in ("anime", "drop") else rng.uniform(0.9, 1.8)),
        lashes=int(rng.choice([0, 0, 2, 3])),
        crease=bool(rng.random() < 0.7),
        pupil="slit" if kind in ("cat", "demon") and rng.random() < 0.7 else "round",
        lights=int(rng.integers(1, 4)),
        shade=float(rng.uniform(0, 0.5)),
        rest=float(rng.uniform(0, 0.28)) if look in ("oval", "ring", "real") else 0.0,
    )


def _head(rng: Rng, style: str, age: float, eye: EyeLook) -> HeadShape:
    child = max(0.0, 1 - 3 * age)
    big = {"anime": 1.45, "cartoon": 1.35, "comic": 1.05, "simple": 0.9}[style]
    tall = {"anime": 0.95, "drop": 1.0, "real": 1.2, "oval": 1.0, "ring": 1.0}.get(eye.kind, 1.3)
    if eye.kind in ("dot", "button"):
        big = 0.4 if eye.kind == "dot" else 0.75
    return HeadShape(
        jaw=float(np.clip(rng.normal(1.0, 0.2), 0.6, 1.5)),
        chin=float(np.clip(rng.normal(0.97, 0.13), 0.7, 1.3) - 0.12 * child),
        cheek=float(rng.normal(1.02, 0.09) + 0.08 * child),
        skull=float(rng.normal(1.05, 0.07) + 0.08 * child),
        eye_size=float(big * rng.uniform(0.85, 1.15)),
        eye_tall=float(tall * rng.uniform(0.8, 1.2)),
        eye_gap=float(rng.normal(1.0, 0.05)),
        eye_y=float(rng.normal(0.03, 0.05) + 0.1 * child),
        tilt=float(rng.normal(0.02, 0.035)),
        mouth=float(rng.uniform(0.55, 1.05) if style == "anime" else rng.uniform(0.75, 1.3)),
        lips=float(rng.uniform(0.3, 1.3)),
        mouth_y=float(rng.normal(0.02, 0.04)),
        nose=float(rng.uniform(0.7, 1.3)),
        brow_y=float(rng.normal(-0.03, 0.04) + (0.04 if style in ("anime", "cartoon") else 0.0)),
    )


def _nose(choose: _Chooser, style: str, kind: str) -> str:
    if kind in ("cat", "bear"):
        return "snout"
    if style == "comic":
        return choose("full", 60, "hook", 20, "shadow", 20, "triangle", 10)
    if style == "anime":
        return choose("dot", 35, "tick", 35, "shadow", 25, "none", 5, "triangle", 10)
    return choose("button", 35, "hook", 25, "line", 20, "none", 8, "dot", 12, "triangle", 15)


def _lip(rng: Rng, skin: Colour, kind: str) -> Colour:
    if kind in ("alien", "demon", "robot") or rng.random() < 0.1:
        return mixed(skin, colour(rng.random(), 0.8, 0.5), 0.6)
    return mixed(skin, (170, 30, 50), float(rng.uniform(0.25, 0.7)))


_HAIRS = (
    *((30, 24, 26), (58, 38, 28), (96, 60, 34), (140, 92, 48), (196, 150, 80), (232, 204, 140)),
    *((150, 52, 26), (190, 88, 40), (235, 232, 230), (150, 148, 152)),
)


def _hair(choose: _Chooser, rng: Rng, kind: str, age: float) -> HairLook:
    cut = choose(
        *("crop", 12, "fringe", 14, "bob", 11, "long", 14, "spiky", 11, "swept", 12, "curly", 8),
        *("afro", 6, "bun", 6, "tails", 7, "pony", 8, "parted", 10, "slick", 6, "bald", 6),
        *("buzz", 5, "mohawk", 3, "braids", 3),
    )
    if kind in ("bear", "robot") or (kind in ("cat", "alien") and rng.random() < 0.5):
        cut = "bald"
    tone: Colour = _HAIRS[int(rng.integers(len(_HAIRS)))]
    if age > 0.75 and rng.random() < 0.7:
        tone = mixed(tone, (225, 225, 228), 0.8)
    elif rng.random() < 0.28:
        tone = colour(rng.random(), rng.uniform(0.3, 0.85), rng.uniform(0.5, 0.98))
    return HairLook(
        kind=cut,
        colour=tone,
        dark=mixed(tone, (20, 8, 30), float(rng.uniform(0.35, 0.6))),
        light=mixed(tone, (255, 255, 250), float(rng.uniform(0.25, 0.6))),
        puff=float(rng.uniform(0.07, 0.22)),
        length=float(rng.uniform(0.7, 2.5)),
        teeth=int(rng.integers(9, 26)),
        jag=float(rng.uniform(0.04, 0.26)),
        part=float(rng.uniform(-45, 45)),
        wave=float(max(0.0, rng.normal(0.02, 0.03))),
        strands=int(rng.choice([0, 14, 28, 50])),
        shine=bool(rng.random() < 0.4),
    )


def _ground(rng: Rng) -> tuple[Colour, Colour, Colour]:
    hue = rng.random()
    return (
        colour(hue, rng.uniform(0, 0.5), rng.uniform(0.55, 1)),
        colour(hue + rng.uniform(-0.15, 0.15), rng.uniform(0.05, 0.6), rng.uniform(0.4, 1)),
        colour(hue + rng.uniform(0.3, 0.7), rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.9)),
    )
