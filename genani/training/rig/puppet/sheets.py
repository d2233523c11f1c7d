"""All painted layers of one person, and what moves them: made once, kept for many frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import LIDS
from genani.training.rig.puppet import body, ground, hair, props, skin
from genani.training.rig.puppet.brush import FloatArray, Sheet, both, ellipse, mixed, softened
from genani.training.rig.puppet.casting import person
from genani.training.rig.puppet.head import LIP_ROWS, SKULL, Head, head_of
from genani.training.rig.puppet.maps import nodes
from genani.training.rig.puppet.person import EyeLook

GROUND, BACK, BODY, SKIN, FRONT, GLASSES, HAT = range(1, 8)
"""Layers, from back to front; eyes, brows and mouth come between the skin and the hair."""

LAYERS = (GROUND, BACK, BODY, SKIN, GLASSES, FRONT, HAT)

IRIS = 96
"""Pixels a side of the painted iris."""

_SOFT = 0.7
"""Pixels by which sheets are softened, so that frames smaller than they do not flicker."""

_REACH = 0.15
"""How widely skin follows the landmarks, face units."""


@dataclass(frozen=True)
class Sheets:
    """A person, painted.

    Attributes:
        head: the person's head.
        layers: premultiplied (S, S, 4) uint8 of each layer that has anything on it.
        iris: (IRIS, IRIS, 4) uint8 premultiplied.
        pull: (NODES * NODES, 478) how much each node of the skin follows each landmark.
        depths: (NODES, NODES) of each layer's nodes towards the viewer, from the neck's axis.
        hang: (NODES, NODES) how freely hair hangs at each node, 0 to 1.
    """

    head: Head
    layers: dict[int, NDArray[np.uint8]]
    iris: NDArray[np.uint8]
    pull: FloatArray
    depths: dict[int, FloatArray]
    hang: FloatArray


@lru_cache(maxsize=12)
def sheets(seed: int, test: bool, size: int) -> Sheets:
    """The painted layers of a person; the last few are kept.

    Args:
        seed: of the person.
        test: from the test split.
        size: pixels a side of each sheet.
    """
    head = head_of(person(seed, test=test))
    behind, before, fringe = hair.paint(head, size)
    bare, face = skin.paint(head, size, fringe)
    painted = {
        GROUND: ground.paint(head.who, size),
        BACK: behind,
        BODY: body.paint(head, size, face),
        SKIN: bare,
        GLASSES: props.glasses(head, size),
        FRONT: before,
        HAT: props.hat(head, size),
    }
    kept = {
        layer: np.asarray(cv2.GaussianBlur(sheet.pixels, (0, 0), _SOFT), np.uint8)
        for layer, sheet in painted.items()
        if cv2.countNonZero(cv2.extractChannel(sheet.pixels, 3))
    }
    base = nodes()
    return Sheets(
        head=head,
        layers=kept,
        iris=iris(head.who.eye),
        pull=_pull(head, base),
        depths=_depths(head, base),
        hang=np.clip((base[..., 1] + 0.35) / 2.2, 0, 1) ** 1.3,
    )


def _pull(head: Head, base: FloatArray) -> FloatArray:
    eyes = [i for lid in LIDS for i in (lid.outer, lid.inner, *lid.upper, *lid.lower, *lid.iris)]
    led = np.ones(478, bool)
    led[[*eyes, *LIP_ROWS[1], *LIP_ROWS[2]]] = False
    x, y = head.points.T
    nodes_x, nodes_y = base.reshape(-1, 2).T
    away = np.square(nodes_x[:, None] - x) + np.square(nodes_y[:, None] - y)
    weights = np.exp(away * (-0.5 / _REACH**2)) * led
    # Landmarks crowd in places; what counts is how near the nearest is.
    near = np.exp(-away.min(1) / (2 * 0.3**2))
    return weights * (near / np.maximum(weights.sum(1), 1e-12))[:, None]


def _depths(head: Head, base: FloatArray) -> dict[int, FloatArray]:
    face = head.depth(base) - SKULL[2]
    hair_depth = head.depth(base, 0.1) - SKULL[2]
    return {
        SKIN: face,
        FRONT: hair_depth,
        GLASSES: face + 0.1,
        HAT: hair_depth + 0.05,
        BACK: -0.55 * hair_depth,
    }


def iris(look: EyeLook) -> NDArray[np.uint8]:
    """An iris with pupil and glints, premultiplied, filling its square."""
    sheet = Sheet(IRIS)
    # The sheet's own units do not matter here: one is half of the square.
    half = IRIS / 2 / sheet.unit
    x0, y0 = -2.6 + half, -2.2 + half

    def disc(x: float, y: float, r: float, ry: float | None = None) -> FloatArray:
        return ellipse(x0 + x * half, y0 + y * half, r * half, (ry or r) * half)

    dark = mixed(look.iris, (6, 4, 18), 0.72)
    sheet.fill(disc(0, 0, 0.98), dark)
    sheet.fill(disc(0, 0.06, 0.84), look.iris)
    clip = sheet.shape(disc(0, 0.06, 0.84))
    soft = softened(sheet.shape(disc(0, -0.75, 0.95, 0.8)), 6)
    sheet.lay(both(soft, clip), dark, 0.8)
    sheet.fill(disc(0, 0.62, 0.5, 0.28), mixed(look.iris, (255, 255, 255), 0.5), 0.6, clip)
    if look.pupil == "slit":
        sheet.fill(disc(0, 0, 0.14, 0.78), (8, 6, 12))
    elif look.pupil == "round":
        sheet.fill(disc(0, 0, 0.42), (8, 6, 12))
    for x, y, r in ((-0.34, -0.38, 0.24), (0.36, 0.34, 0.13), (0.1, -0.55, 0.09))[: look.lights]:
        sheet.fill(disc(x, y, r), (255, 255, 255))
    return sheet.pixels
