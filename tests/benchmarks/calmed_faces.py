"""Keys that show an emotion, calmed: how near neutral brings their blendshapes to the face at rest.

A drawn key is drawn showing it (the cast with shut lips, for pins do not tell of open ones; the
others along the canonical face); a photo is given it by the face engine, and its landmarks are
found anew, so that nothing of the photo at rest is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from genani.face import ladder
from genani.face.detect import FaceDetector
from genani.face.emotion import weights
from genani.face.fit import fit
from genani.face.reading import read
from genani.scene.face import Emotion, Landmarks
from genani.scene.picture import Picture
from genani.training.rig.cast import CAST
from genani.training.rig.drawing import draw
from genani.training.rig.expression import felt as rig_felt
from genani.training.rig.head import Pose
from tests.benchmarks.drawn_faces import STYLES, drawn
from tests.rig_pins import mesh_pins

SHOWN = (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY, Emotion.SURPRISED)
CALM = (0.0, 0.5, 1.0)

Blendshapes = dict[str, float]
Felt = Callable[[Picture, Landmarks, Emotion, float], Picture]
"""The engine: a picture, its landmarks, an emotion, an intensity."""


@dataclass(frozen=True)
class Calmed:
    """A key under neutral at each of `CALM`.

    Attributes:
        key: the emotion it shows.
        away: how far its blendshapes are from those of the face at rest, as a vector.
        rank: of neutral among all that are read, and `read_as` the first of them.
    """

    key: str
    away: list[float]
    rank: list[int]
    read_as: list[str]


def calmed(
    keys: Iterator[tuple[Emotion, Picture, Landmarks]],
    look: Callable[[Picture], Blendshapes],
    resting: Blendshapes,
    feel: Felt,
) -> list[Calmed]:
    """Every key of a face under neutral.

    Args:
        keys: from `drawn_keys` or `photo_keys`.
        look: blendshapes of a picture.
        resting: those of the face at rest.
        feel: the engine.
    """
    rows = []
    for emotion, picture, face in keys:
        steps = [feel(picture, face, Emotion.NEUTRAL, each) if each else picture for each in CALM]
        looks = [look(step) for step in steps]
        orders = [[each.emotion for each in read(now, resting)] for now in looks]
        away = [round(_away(now, resting), 3) for now in looks]
        ranks = [order.index(Emotion.NEUTRAL) + 1 for order in orders]
        rows.append(Calmed(emotion, away, ranks, [order[0] for order in orders]))
    return rows


def drawn_keys(name: str) -> Iterator[tuple[Emotion, Picture, Landmarks]]:
    """Drawings of one of the cast or of a style, by its name, each showing an emotion."""
    cast = {who.lower(): figure for who, figure in CAST.items()}
    for emotion in SHOWN:
        if name in cast:
            shown = replace(rig_felt(emotion), part=0.0, jaw=0.0, clench=0.0)
            made = draw(cast[name], shown, Pose())
            yield emotion, made.picture, fit(mesh_pins(made.pins))
        elif name in STYLES:
            yield emotion, *drawn(STYLES[name], weights(emotion))


def photo_keys(
    picture: Picture, face: Landmarks, detector: FaceDetector, feel: Felt
) -> Iterator[tuple[Emotion, Picture, Landmarks]]:
    """A picture given each emotion, and the landmarks that are found on it then."""
    for emotion in SHOWN:
        key = feel(picture, face, emotion, 1.0)
        found = ladder.find(detector, key)
        if found:
            yield emotion, key, found[0].landmarks


def table(faces: list[tuple[str, list[Calmed]]]) -> str:
    """The figures as a table."""
    lines = [
        f"| key under neutral 0, 0.5, 1 | {' | '.join(SHOWN)} |",
        "|---|" + "---|" * len(SHOWN),
    ]
    for name, rows in faces:
        cells = {row.key: _cell(row) for row in rows}
        lines.append(f"| {name} | {' | '.join(cells.get(each, '-') for each in SHOWN)} |")
    return "\n".join(lines)


def _cell(row: Calmed) -> str:
    away = " > ".join(f"{each:.2f}" for each in row.away)
    return f"{away}, neutral {' > '.join(map(str, row.rank))} ({row.read_as[-1]})"


def _away(now: Blendshapes, resting: Blendshapes) -> float:
    left_out = ("_neutral", "eyeLook")
    apart = [now.get(name, 0.0) - value for name, value in resting.items()
             if not name.startswith(left_out)]  # fmt: skip
    return float(np.linalg.norm(apart) / np.sqrt(2))
