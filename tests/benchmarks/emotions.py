"""`python -m tests.benchmarks.emotions [PICTURE ...]`: are emotions seen on faces that feel them?

Each face, the drawn characters of the rig (pins placed from their own), three drawn along the
canonical face, and every picture named (found by the detector), gets each emotion at its apex.
MediaPipe is shown where the face is, and its blendshapes on the result, against those on the
picture itself, are read (`genani.face.reading`): the rank of the emotion among seven, and by how
much it leads or trails the next; a face at rest that is to feel neutral is to be read as that,
and keys that show an emotion are to come nearer to rest (`calmed_faces`). Then
happiness over a span, every emotion over intensity (by its whole signature, what falls counting
as what rises does; and by what rises alone), and what a lock leaves alone. `--sheets DIR` writes
contact sheets: figures do not see a smear.
Pictures for evaluation only may be named too.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from genani.engines.inbetween.face_feel import felt
from genani.face import ladder, upright
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector, on_white
from genani.face.edges import aperture
from genani.face.fit import fit
from genani.face.mesh import BROWS, CONTOURS, LIDS, array_of
from genani.face.reading import SIGNATURES, read
from genani.media import image
from genani.scene.acting import Pose as Acted
from genani.scene.acting import Viseme
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks
from genani.scene.picture import Picture
from genani.store.models import path
from genani.training.rig.cast import CAST
from genani.training.rig.drawing import draw
from genani.training.rig.expression import felt as rig_felt
from genani.training.rig.head import Pose
from tests.benchmarks.calmed_faces import Calmed, calmed, drawn_keys, photo_keys, table
from tests.benchmarks.drawn_faces import STYLES, drawn
from tests.rig_pins import mesh_pins

FELT = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]
HALF = Fraction(1, 2)
SIDE = 320
STEPS = (0.25, 0.5, 0.75, 1.0)
SLACK = 0.04
"""Of the evidence at the apex: so much the reader's figures waver from picture to picture."""

_LIPS, _EYES = CONTOURS["outer lips"], [(lid.outer, lid.inner, lid) for lid in LIDS]
REGIONS = {
    FacePart.MOUTH: [(_LIPS[:11], (_LIPS[0], *_LIPS[:9:-1]))],
    FacePart.EYES: [((a, *lid.upper, b), (a, *lid.lower, b)) for a, b, lid in _EYES],
    FacePart.BROWS: list(BROWS),
}
"""Parts and the upper and lower edges of their outlines."""

ACTED = {
    "looks right": Acted(gaze=(1.0, 0.0)),
    "looks up left": Acted(gaze=(-0.7, -0.8)),
    "looks down": Acted(gaze=(0.4, 1.0)),
    "half shut": Acted(lids=(0.5, 0.5)),
    "winks": Acted(lids=(1.0, 0.0)),
    "says D": Acted(mouth=Viseme.D),
    "says F": Acted(mouth=Viseme.F),
}
_MEASURES = {"evidence": "by the whole signature", "rises": "by what is to rise alone"}
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Face:
    """A picture with a face."""

    name: str
    picture: Picture
    landmarks: Landmarks


@dataclass(frozen=True)
class Row:
    """One emotion on one face.

    Attributes:
        emotion: which.
        rank: of it among all that are read off its apex, and `read_as` the first of them.
        margin: how much likelier it is than the best of the others.
        evidence: how far blendshapes go its way at each of `STEPS`.
        rises: the same by those alone that are to rise.
        changes: the strongest of all blendshapes' at the apex.
    """

    emotion: str
    rank: int
    read_as: str
    margin: float
    evidence: list[float]
    rises: list[float]
    changes: dict[str, float]


@dataclass(frozen=True)
class Told:
    """All about one face; `locked` is by part, `happy` over a span.

    `neutral` is how surely a face that is to feel neutral is read as that; `calm` its keys that
    show an emotion under neutral.
    """

    face: str
    rows: list[Row]
    neutral: float
    calm: list[Calmed]
    happy: list[float]
    locked: dict[str, int]
    ends: bool


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--only", nargs="+", metavar="FACE", help="only faces of these names")
    parser.add_argument("--intensity", type=float, default=1.0, help="at the apex (1)")
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with FaceDetector(path(MODEL, MODEL_FILE)) as detector:
        faces = [*rig_faces(), *own_faces(), *found_faces(options.pictures, detector)]
        faces = [face for face in faces if not options.only or face.name in options.only]
        seen = [told(face, Look(detector, face), detector, options) for face in faces]
    print(markdown(seen))
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in seen], indent=1) + "\n")


class Look:
    """Blendshapes on a face that is known to be there: as it is and in a mirror, the mean."""

    def __init__(self, detector: FaceDetector, face: Face) -> None:
        self._detector = detector
        self._pose = upright.pose_of(array_of(face.landmarks))

    def __call__(self, picture: Picture) -> dict[str, float]:
        """52 by name; empty where no face is found."""
        pixels = on_white(picture)
        one, two = (self._detector.follow(pixels, self._pose, mirror) for mirror in (False, True))
        if one is None or two is None:
            return {}
        other = {_other_side(name): value for name, value in two.blendshapes.items()}
        return {name: (value + other[name]) / 2 for name, value in one.blendshapes.items()}


def told(face: Face, look: Look, detector: FaceDetector, options: argparse.Namespace) -> Told:
    """Everything about one face."""
    print(f"{face.name} ...", file=sys.stderr)
    resting = look(face.picture)
    rows, pictures = [], [face.picture]
    for emotion in FELT:
        steps = [with_emotion(face, emotion, share * options.intensity) for share in STEPS]
        looks = [look(step) for step in steps]
        pictures.append(steps[-1])
        rows.append(_row(emotion, looks, resting))
    rested = read(look(with_emotion(face, Emotion.NEUTRAL, options.intensity)), resting)
    neutral = next(each.confidence for each in rested if each.emotion is Emotion.NEUTRAL)
    if face.name in STYLES or face.name in {name.lower() for name in CAST}:
        keys = drawn_keys(face.name)
    else:
        keys = photo_keys(face.picture, face.landmarks, detector, _feel)
    calm = calmed(keys, look, resting, _feel)
    held = {part.value: pixels_changed(face, part) for part in REGIONS}
    if options.sheets:
        options.sheets.mkdir(parents=True, exist_ok=True)
        pictures += [with_acting(face, pose) for pose in ACTED.values()]
        names = ["plain", *FELT, *ACTED]
        _sheet(face, pictures, names).save(options.sheets / f"{face.name}.png")
    return Told(face.name, rows, neutral, calm, happiness(face, look), held, ends_kept(face))


def rig_faces() -> list[Face]:
    """The characters at rest; their pins are the rig's."""
    faces = []
    for name, who in CAST.items():
        made = draw(who, rig_felt(Emotion.NEUTRAL), Pose())
        faces.append(Face(name.lower(), made.picture, fit(mesh_pins(made.pins))))
    return faces


def own_faces() -> list[Face]:
    """Faces whose landmarks are known exactly."""
    return [Face(name, *drawn(style)) for name, style in STYLES.items()]


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


def _feel(picture: Picture, face: Landmarks, emotion: Emotion, intensity: float) -> Picture:
    return felt(picture, face, FaceGuidance(emotion, intensity), HALF, _CPU)


def with_acting(face: Face, pose: Acted) -> Picture:
    """The picture doing what a lane asks."""
    guidance = FaceGuidance(poses=((HALF, pose),))
    return felt(face.picture, face.landmarks, guidance, HALF, _CPU)


def speaks_for(
    emotion: Emotion, now: dict[str, float], resting: dict[str, float], *, falling: bool = True
) -> float:
    """How far blendshapes have gone the way that tells an emotion; without `falling`, upward."""
    total = 0.0
    for name, weight in SIGNATURES[emotion].items():
        sides = [side for side in resting if side.startswith(name)]
        moved = [now.get(side, 0.0) - resting[side] for side in sides]
        counted = weight if falling else max(weight, 0.0)
        total += counted * sum(moved) / max(len(moved), 1)
    return total


def _row(emotion: Emotion, looks: list[dict[str, float]], resting: dict[str, float]) -> Row:
    now = looks[-1]
    whole, upward = (
        [round(speaks_for(emotion, each, resting, falling=falling), 3) for each in looks]
        for falling in (True, False)
    )
    order = read(now, resting)
    confidence = {each.emotion: each.confidence for each in order}
    others = max(value for other, value in confidence.items() if other is not emotion)
    changes = {name: round(now.get(name, 0.0) - value, 2) for name, value in resting.items()}
    strongest = sorted(changes, key=lambda name: -abs(changes[name]))[:6]
    return Row(
        emotion,
        [each.emotion for each in order].index(emotion) + 1,
        order[0].emotion,
        round(confidence[emotion] - others, 3),
        whole,
        upward,
        {name: changes[name] for name in strongest},
    )


def monotone(evidence: list[float]) -> bool:
    """True if evidence rises with every step of intensity, give or take the reader's own noise."""
    slack = SLACK * max(map(abs, evidence))
    return evidence[-1] > 0 and all(b >= a - slack for a, b in pairwise([0.0, *evidence]))


def happiness(face: Face, look: Look) -> list[float]:
    """MediaPipe's smile on a span of *happy 0.8* at 0, 1/8 ... 1, against the picture's own."""
    smiles = []
    for eighth in range(9):
        shapes = look(with_emotion(face, Emotion.HAPPY, 0.8, Fraction(eighth, 8)))
        smiles.append((shapes.get("mouthSmileLeft", 0) + shapes.get("mouthSmileRight", 0)) / 2)
    return [round(smile - smiles[0], 3) for smile in smiles]


def pixels_changed(face: Face, part: FacePart) -> int:
    """How many pixels of a part emotions change though the part is locked."""
    inside = mask_of(face, part)
    changed = np.zeros_like(inside)
    for emotion in FELT if part is FacePart.MOUTH else (Emotion.SURPRISED, Emotion.ANGRY):
        guidance = FaceGuidance(emotion, 1.0, locks=frozenset({part}))
        done = felt(face.picture, face.landmarks, guidance, HALF, _CPU)
        changed |= (done.pixels != face.picture.pixels).any(2)
    return int((changed & inside).sum())


def mask_of(face: Face, part: FacePart) -> NDArray[np.bool_]:
    """(H, W) every pixel whose middle lies within the outlines of a part."""
    points = array_of(face.landmarks)
    width, height = face.picture.size
    y, x = np.mgrid[:height, :width] + 0.5
    flat = np.stack([x.ravel(), y.ravel()], 1)
    inside = np.zeros(len(flat), bool)
    for upper, lower in REGIONS[part]:
        inside |= aperture(flat, points[list(upper), :2], points[list(lower), :2]) > 0
    return inside.reshape(height, width)


def ends_kept(face: Face) -> bool:
    """True if on both keys nothing of a picture changes, whatever is felt and done between."""
    guidance = FaceGuidance(Emotion.SURPRISED, 1.0)
    ends = (felt(face.picture, face.landmarks, guidance, Fraction(t), _CPU) for t in (0, 1))
    return all((end.pixels == face.picture.pixels).all() for end in ends)


def markdown(seen: list[Told]) -> str:
    """The figures as tables."""
    names = " | ".join([*FELT, "neutral"])
    lines = [f"| face | {names} | first |", "|---|" + "---|" * (len(FELT) + 2)]
    for each in seen:
        cells = [f"{row.rank} ({row.margin:+.2f})" for row in each.rows]
        first = sum(row.rank == 1 for row in each.rows)
        cells.append(f"{each.neutral:.2f}")
        lines.append(f"| {each.face} | {' | '.join(cells)} | {first} of {len(each.rows)} |")
    rows = [(each.face, row) for each in seen for row in each.rows]
    lines += ["", f"Rising with intensity ({', '.join(map(str, STEPS))}):"]
    for what in ("evidence", "rises"):
        falls = [f"{face} {row.emotion}" for face, row in rows if not monotone(getattr(row, what))]
        told_of = f"{len(rows) - len(falls)} of {len(rows)}; not: {', '.join(falls) or 'none'}"
        lines.append(f"- {_MEASURES[what]}: {told_of}")
    lines += ["", table([(each.face, each.calm) for each in seen])]
    lines += ["", "| face | smile over a span of happy 0.8 | ends kept | pixels changed, locked "]
    lines[-1] += " | ".join(part.value for part in REGIONS) + " |"
    lines.append("|---|---|---|" + "---|" * len(REGIONS))
    for each in seen:
        smiles = " ".join(f"{smile:.2f}" for smile in each.happy)
        held = " | ".join(str(each.locked[part.value]) for part in REGIONS)
        lines.append(f"| {each.face} | {smiles} | {'yes' if each.ends else 'NO'} | {held} |")
    return "\n".join(lines)


def _sheet(face: Face, pictures: list[Picture], names: list[str]) -> Image.Image:
    points = array_of(face.landmarks)[:, :2]
    middle, half = (points.min(0) + points.max(0)) / 2, 0.7 * np.ptp(points, axis=0).max()
    left, top = (middle - half).astype(int).tolist()
    right, bottom = (middle + half).astype(int).tolist()
    columns = -(-len(pictures) // 2)
    sheet = Image.new("RGB", (SIDE * columns, 2 * SIDE), "white")
    for index, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        whole = Image.fromarray((picture.pixels // (picture.white // 255)).astype(np.uint8))
        paper = Image.new("RGBA", whole.size, "white")
        paper.alpha_composite(whole)
        cut = (
            paper.convert("RGB")
            .crop((left, top, right, bottom))
            .resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        )
        ImageDraw.Draw(cut).text((4, 4), f"{face.name} {name}", fill="red")
        sheet.paste(cut, (SIDE * (index % columns), SIDE * (index // columns)))
    return sheet


def _other_side(name: str) -> str:
    for one, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


if __name__ == "__main__":
    main()
