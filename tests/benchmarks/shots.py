"""`python -m tests.benchmarks.shots`: turns, nods, blinks and opening mouths of drawn characters.

The drawing half way between two keys of every character of the rig, by each engine, against the
true one. What is known of the face are the pins of both keys. `--sheets DIR` writes a sheet a
motion: first key, truth, each engine, last key. Figures are over the head's own region: PSNR and
the distance of SqueezeNet features (not LPIPS), and PSNR outside of it, which must not suffer.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genani.engines import registry
from genani.engines.api import CancelToken
from genani.engines.inbetween.face_painter import REACH
from genani.face.fit import fit
from genani.face.mesh import array_of
from genani.face.warp import distance_from_face, face_size
from genani.scene.face import FaceGuidance
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest
from genani.store.models import path
from genani.training.evaluation.contestants import contestant
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.metrics import PSNR_CAP, on_white
from genani.training.metrics import Image as Pixels
from genani.training.metrics_features import SqueezeDistance, mean_distance
from genani.training.rig.cast import CAST
from genani.training.rig.drawing import draw
from genani.training.rig.expression import Expression
from genani.training.rig.head import Pose
from genani.training.rig.identity import Identity
from genani.training.rig.shots import Moment
from tests.rig_pins import mesh_pins

ENGINES = ("rife:version=4.6", "gmfss", "rife", "face", "genani")
_REST = Expression()
MOTIONS: dict[str, list[tuple[Moment, Moment]]] = {
    "head turn": [
        (Moment(_REST, Pose(yaw=-20)), Moment(_REST, Pose(yaw=20))),
        (Moment(_REST, Pose(yaw=5)), Moment(_REST, Pose(yaw=35, pitch=4))),
    ],
    "nod": [(Moment(_REST, Pose(pitch=12)), Moment(_REST, Pose(pitch=-12)))],
    "blink": [(Moment(_REST, Pose()), Moment(Expression(lid_close=1.0), Pose()))],
    "mouth opening": [(Moment(_REST, Pose()), Moment(Expression(part=0.6, jaw=0.9), Pose(roll=3)))],
}
HALF = Fraction(1, 2)


def main() -> None:
    """Draw, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", help="as for `genani evaluate`")
    parser.add_argument("--sheets", type=Path)
    told = parser.parse_args()
    engines = told.engine or list(ENGINES)
    distance = SqueezeDistance(path(FEATURES_MODEL, FEATURES_FILE))
    print("| motion | engine | PSNR of the head | squeeze of the head | PSNR outside |")
    print("|---|---|---|---|---|")
    for motion, spans in MOTIONS.items():
        shots = [_shot(who, *span) for span in spans for who in CAST.values()]
        columns = [[shot.keys.first for shot in shots], [shot.truth for shot in shots]]
        for label in engines:
            drawn = [_drawn(label, shot.keys) for shot in shots]
            pairs = zip(drawn, shots, strict=True)
            head, squeeze, outside = np.mean([_score(*pair, distance) for pair in pairs], axis=0)
            figures = f"{head:.2f} | {squeeze:.3f} | {outside:.2f}"
            print(f"| {motion} | {label} | {figures} |", flush=True)
            columns.append(drawn)
        columns.append([shot.keys.last for shot in shots])
        if told.sheets:
            told.sheets.mkdir(parents=True, exist_ok=True)
            _sheet(columns, told.sheets / f"{motion.replace(' ', '_')}.png")


@dataclass(frozen=True)
class Shot:
    """What is asked for, the true drawing, and where its head is, (H, W)."""

    keys: SpanRequest
    truth: Picture
    head: NDArray[np.bool_]


def _shot(who: Identity, first: Moment, last: Moment) -> Shot:
    middle = Moment(_between(first.mood, last.mood), first.pose.towards(last.pose, 0.5))
    made = [draw(who, each.mood, each.pose) for each in (first, middle, last)]
    faces = [fit(mesh_pins(each.pins)) for each in made]
    keys = SpanRequest(
        made[0].picture,
        made[2].picture,
        (HALF,),
        first_landmarks=faces[0],
        last_landmarks=faces[2],
    )
    truth, points = made[1].picture, array_of(faces[1])
    y, x = np.mgrid[: truth.height, : truth.width]
    away = distance_from_face(np.stack([x.ravel(), y.ravel()], 1).astype(np.float64), points)
    return Shot(keys, truth, (away < REACH * face_size(points)).reshape(y.shape))


def _between(one: Expression, other: Expression) -> Expression:
    names = [each.name for each in fields(Expression)]
    return Expression(**{n: (getattr(one, n) + getattr(other, n)) / 2 for n in names})


def _drawn(label: str, keys: SpanRequest) -> Picture:
    who = contestant(label, registry.create)
    settings = replace(who.settings, face=FaceGuidance())
    asked = replace(keys, settings=registry.resolve(settings, faces=True))
    return next(iter(who.engine.draw(asked, CancelToken()))).picture


def _score(drawn: Picture, shot: Shot, distance: SqueezeDistance) -> tuple[float, float, float]:
    own, true = on_white(drawn), on_white(shot.truth)
    maps = distance.maps(distance.features(own), distance.features(true))
    near = mean_distance(maps, shot.head) or 0.0
    return _psnr(own, true, shot.head), near, _psnr(own, true, ~shot.head)


def _psnr(one: Pixels, other: Pixels, where: NDArray[np.bool_]) -> float:
    error = float(np.square(one - other)[where].mean())
    return min(-10 * float(np.log10(error + 1e-12)), PSNR_CAP)


def _sheet(columns: list[list[Picture]], place: Path) -> None:
    """A row a character."""
    rows = [
        np.concatenate([on_white(each[row]) for each in columns], 1)
        for row in range(len(columns[0]))
    ]
    pixels = (np.concatenate(rows, 0) * 255 + 0.5).astype(np.uint8)
    Image.fromarray(pixels).save(place)


if __name__ == "__main__":
    main()
