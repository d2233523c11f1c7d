"""`python -m tests.benchmarks.strips OUT.png [--engine genani]`: one neutral pair, seven emotions.

For three styles of drawing, a pair of neutral keys (the pencil character turned a little between
them) is given every emotion at intensity 0.5 and 1, and the drawing in the middle is made by an
engine. A row of the sheet is a style and an intensity, a column an emotion. Printed is what
MediaPipe's blendshapes, against those of neutral, say it is. Look at the sheet as well.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import torch
from PIL import Image

from genani.engines import registry
from genani.engines.api import CancelToken
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.face.fit import fit
from genani.face.reading import read
from genani.scene.face import Emotion, FaceGuidance
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings
from genani.store.models import path
from genani.training.rig.cast import CAST
from genani.training.rig.drawing import draw
from genani.training.rig.expression import felt
from genani.training.rig.head import Pose
from tests.benchmarks.drawn_faces import STYLES, drawn
from tests.benchmarks.emotions import Face, Look
from tests.rig_pins import mesh_pins

Pair = tuple[Face, Face]
INTENSITIES = (0.5, 1.0)
SIDE = 220


def main() -> None:
    """Draw the sheet and print what is read off it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--engine", default="genani")
    options = parser.parse_args()
    torch.set_num_threads(2)
    sheet = Image.new("RGB", (SIDE * len(Emotion), SIDE * 3 * len(INTENSITIES)), "white")
    print("| face | intensity | " + " | ".join(Emotion) + " |\n|---|---|" + "---|" * len(Emotion))
    with FaceDetector(path(MODEL, MODEL_FILE)) as detector:
        for row, (pair, intensity) in enumerate((p, i) for p in pairs() for i in INTENSITIES):
            said, look, resting = [], Look(detector, pair[0]), {}
            for column, emotion in enumerate(Emotion):
                picture = middle(pair, options.engine, emotion, intensity)
                shapes = look(picture)
                resting = resting or shapes
                first = read(shapes, resting)[0] if shapes else None
                said.append(f"{first.emotion} {first.confidence:.2f}" if first else "no face")
                shown = Image.fromarray(picture.pixels).resize((SIDE, SIDE))
                sheet.paste(shown, (SIDE * column, SIDE * row), shown)
            print(f"| {pair[0].name} | {intensity} | {' | '.join(said)} |", flush=True)
    sheet.save(options.out)


def pairs() -> list[Pair]:
    """Neutral keys of three styles."""
    made: list[Pair] = [
        (both, both) for both in (Face(n, *drawn(STYLES[n])) for n in ("ink", "paint"))
    ]
    who = next(who for name, who in CAST.items() if name.lower() == "elin")
    turned = []
    for yaw in (-5.0, 5.0):
        shown = draw(who, felt(Emotion.NEUTRAL), Pose(yaw=yaw))
        turned.append(Face("elin", shown.picture, fit(mesh_pins(shown.pins))))
    return [(turned[0], turned[1]), *made]


def middle(pair: Pair, engine: str, emotion: Emotion, intensity: float) -> Picture:
    """The drawing halfway."""
    guidance = FaceGuidance(emotion, intensity)
    first, last = pair
    request = SpanRequest(
        first.picture,
        last.picture,
        (Fraction(1, 2),),
        registry.resolve(SpanSettings(engine, face=guidance), True),
        first.landmarks,
        last.landmarks,
    )
    return next(iter(registry.create(engine).draw(request, CancelToken()))).picture


if __name__ == "__main__":
    main()
