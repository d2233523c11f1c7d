"""`python -m tests.benchmarks.emotions [PICTURE ...]`: are emotions seen on faces that feel them?

Each face, the three drawn characters of the rig (pins placed from their own) and every picture
named (found by the detector), gets each emotion at its apex. MediaPipe's blendshapes on the
result, against those on the picture itself, are read (`genani.face.reading`): the rank of the
emotion among seven, and by how much it leads or trails the next. Then happiness over the span,
all emotions over intensity, and what a locked mouth changes. `--sheets DIR` writes contact
sheets: figures do not see a smear. Pictures for evaluation only may be named too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from genani.engines.inbetween.face_feel import felt
from genani.face import ladder
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.face.fit import fit
from genani.face.mesh import array_of, part_places
from genani.face.reading import read
from genani.media import image
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks
from genani.scene.picture import Picture
from genani.store.models import path
from genani.training.rig.cast import ELIN, MIKA, TOBI
from genani.training.rig.drawing import draw
from genani.training.rig.expression import felt as rig_felt
from genani.training.rig.head import Pose

FELT = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]
HALF = Fraction(1, 2)
SIDE = 320
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Face:
    """A picture with a face."""

    name: str
    picture: Picture
    landmarks: Landmarks


@dataclass(frozen=True)
class Row:
    """One emotion on one face: its rank when read, its lead, and the strongest differences."""

    face: str
    emotion: str
    rank: int
    read_as: str
    margin: float
    rises: bool
    changes: dict[str, float]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--intensity", type=float, default=1.0, help="at the apex (1)")
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    torch.set_num_threads(2)
    with (
        FaceDetector(path(MODEL, MODEL_FILE)) as sure,
        FaceDetector(path(MODEL, MODEL_FILE), confidence=0.1) as easy,
    ):
        look = Look(sure, easy)
        faces = [*rig_faces(), *found_faces(options.pictures, sure)]
        rows = [row for face in faces for row in emotions_on(face, look, options)]
        spans = {face.name: happiness(face, look) for face in faces}
    locked = {face.name: pixels_changed_in_locked_mouth(face) for face in faces}
    print(markdown(rows, spans, locked))
    if options.json:
        told = {"rows": [asdict(r) for r in rows], "happy": spans, "locked": locked}
        options.json.write_text(json.dumps(told, indent=1) + "\n")


class Look:
    """Blendshapes on a picture; drawn faces need a detector that is easily satisfied."""

    def __init__(self, *detectors: FaceDetector) -> None:
        self._detectors = detectors

    def __call__(self, picture: Picture) -> dict[str, float]:
        """52 by name; empty where no face is found."""
        for detector in self._detectors:
            if found := detector.detect(picture):
                return found[0].blendshapes
        return {}


def rig_faces() -> list[Face]:
    """The characters at rest; their pins are the rig's."""
    faces = []
    for name, who in (("mika", MIKA), ("tobi", TOBI), ("elin", ELIN)):
        drawn = draw(who, rig_felt(Emotion.NEUTRAL), Pose())
        faces.append(Face(name, drawn.picture, fit(_pins(drawn.pins))))
    return faces


def found_faces(paths: list[Path], detector: FaceDetector) -> list[Face]:
    """The largest face of each picture; those without one are told of and left out."""
    faces = []
    for place in paths:
        picture = image.read(place)
        found = ladder.find(detector, picture)
        if found:
            name = place.stem if place.stem.strip("0123456789") else place.parent.name
            faces.append(Face(name, picture, found[0].landmarks))
        else:
            print(f"no face on {place}", file=sys.stderr)
    return faces


def with_emotion(face: Face, emotion: Emotion, intensity: float, t: Fraction = HALF) -> Picture:
    """The picture with an emotion on it at a time of a span whose peak is in the middle."""
    return felt(face.picture, face.landmarks, FaceGuidance(emotion, intensity), t, _CPU)


def emotions_on(face: Face, look: Look, options: argparse.Namespace) -> list[Row]:
    """Every emotion at its apex, and half as strong."""
    resting = look(face.picture)
    rows, pictures = [], [face.picture]
    for emotion in FELT:
        print(f"{face.name}: {emotion} ...", file=sys.stderr)
        strong = with_emotion(face, emotion, options.intensity)
        weak = with_emotion(face, emotion, options.intensity / 2)
        pictures.append(strong)
        rows.append(_row(face, emotion, look(strong), resting, _less(face, weak, strong)))
    if options.sheets:
        options.sheets.mkdir(parents=True, exist_ok=True)
        _sheet(face, pictures, ["plain", *FELT]).save(options.sheets / f"{face.name}.png")
    return rows


def _row(
    face: Face, emotion: Emotion, now: dict[str, float], resting: dict[str, float], rises: bool
) -> Row:
    order = read(now, resting)
    confidence = {each.emotion: each.confidence for each in order}
    others = max(value for other, value in confidence.items() if other is not emotion)
    changes = {name: round(now.get(name, 0.0) - value, 2) for name, value in resting.items()}
    strongest = sorted(changes, key=lambda name: -abs(changes[name]))[:5]
    return Row(
        face.name,
        emotion,
        [each.emotion for each in order].index(emotion) + 1,
        order[0].emotion,
        round(confidence[emotion] - others, 3),
        rises,
        {name: changes[name] for name in strongest},
    )


def _less(face: Face, weak: Picture, strong: Picture) -> bool:
    """True if half the intensity changes less of the picture than all of it."""
    changes = [
        np.abs(each.pixels.astype(int) - face.picture.pixels.astype(int)).sum()
        for each in (weak, strong)
    ]
    return bool(0 < changes[0] < changes[1])


def happiness(face: Face, look: Look) -> list[float]:
    """MediaPipe's smile on a span of *happy 0.8* at 0, 1/6 ... 1, against the picture's own."""
    smiles = []
    for sixth in range(7):
        shapes = look(with_emotion(face, Emotion.HAPPY, 0.8, Fraction(sixth, 6)))
        smiles.append((shapes.get("mouthSmileLeft", 0) + shapes.get("mouthSmileRight", 0)) / 2)
    return [round(smile - smiles[0], 3) for smile in smiles]


def pixels_changed_in_locked_mouth(face: Face) -> int:
    """How many pixels inside the mouth the strongest emotion changes though it is locked."""
    guidance = FaceGuidance(Emotion.SURPRISED, 1.0, locks=frozenset({FacePart.MOUTH}))
    done = felt(face.picture, face.landmarks, guidance, HALF, _CPU)
    places = part_places(array_of(face.landmarks), [FacePart.MOUTH])
    x, y = np.floor(places).astype(int).T
    return int((done.pixels != face.picture.pixels)[y, x].any(1).sum())


def markdown(rows: list[Row], spans: dict[str, list[float]], locked: dict[str, int]) -> str:
    """The figures as tables."""
    lines = ["| face | " + " | ".join(FELT) + " | first |", "|---|" + "---|" * (len(FELT) + 1)]
    for name in spans:
        own = [row for row in rows if row.face == name]
        cells = [f"{row.rank} ({row.margin:+.2f})" for row in own]
        first = sum(row.rank == 1 for row in own)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {first} of {len(own)} |")
    lines += ["", "Half the intensity changes less: " + _all(row.rises for row in rows)]
    lines += ["", "| face | smile over a span of happy 0.8 | locked mouth, pixels changed |"]
    lines.append("|---|---|---|")
    for name, smiles in spans.items():
        lines.append(f"| {name} | {' '.join(f'{s:.2f}' for s in smiles)} | {locked[name]} |")
    return "\n".join(lines)


def _all(values: Iterable[bool]) -> str:
    told = list(values)
    return f"{sum(told)} of {len(told)}"


def _sheet(face: Face, pictures: list[Picture], names: list[str]) -> Image.Image:
    points = array_of(face.landmarks)[:, :2]
    middle, half = (points.min(0) + points.max(0)) / 2, 0.7 * np.ptp(points, axis=0).max()
    left, top = (middle - half).astype(int).tolist()
    right, bottom = (middle + half).astype(int).tolist()
    sheet = Image.new("RGB", (SIDE * len(pictures), SIDE), "white")
    for index, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        whole = Image.fromarray((picture.pixels // (picture.white // 255)).astype(np.uint8))
        paper = Image.new("RGBA", whole.size, "white")
        paper.alpha_composite(whole)
        cut = (
            paper.convert("RGB")
            .crop((left, top, right, bottom))
            .resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        )
        sheet.paste(cut, (SIDE * index, 0))
        ImageDraw.Draw(sheet).text((SIDE * index + 4, 4), f"{face.name} {name}", fill="red")
    return sheet


def _pins(rig: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The rig's pins by the names that `fit` knows."""
    pins = {"nose tip": "nose_tip", "upper lip": "lip_upper", "lower lip": "lip_lower"}
    pins["chin"] = "chin"
    for side in ("right", "left"):
        for end in ("outer", "middle", "inner"):
            pins[f"{side} brow {end}"] = f"brow_{end}_{side}"
        for corner in ("outer", "inner"):
            pins[f"{side} eye {corner}"] = f"eye_{corner}_{side}"
        for lid in ("upper", "lower"):
            pins[f"{side} {lid} lid"] = f"lid_{lid}_{side}"
        named = (("iris", "iris"), ("nose wing", "nose"), ("mouth corner", "mouth"), ("jaw", "jaw"))
        pins |= {f"{side} {name}": f"{own}_{side}" for name, own in named}
    return {name: rig[own] for name, own in pins.items()}


if __name__ == "__main__":
    main()
