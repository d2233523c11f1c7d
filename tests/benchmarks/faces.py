"""`python -m tests.benchmarks.faces`: faces found, planned, warped and drawn, and how quickly.

Rows: the detector's start and its milliseconds a picture; the landmarks that `genani landmarks`
writes, against MediaPipe's own in a bare process; what 200 detections leave behind in memory; the
planned face and its maps, and the warp, at three sizes on the CPU; the guided engine's time a
frame relative to RIFE's, both drawn in turn. What needs a model that is not installed is left
out. `--clips DIR` adds how often each rung of the ladder finds a face on the first and the last
frames of shots, by category. Prints Markdown; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genani.scene.errors import ModelError
from genani.scene.face import Emotion, FaceGuidance, Landmarks
from genani.scene.picture import Picture
from tests.benchmarks.ui import MIB, MS, Row, markdown
from tests.rig_pins import mesh_pins

if TYPE_CHECKING:
    from genani.face.detect import FaceDetector

SIZES = {"512x320": (512, 320), "1080p": (1920, 1080), "4K": (3840, 2160)}
DRAWN = ("512x320",)
"""Sizes at which the engines are compared unless others are asked for."""

KNOWN = ("blink/0001", "blink/0004", "neutral_to_sad/0017", "neutral_to_surprised/0001")
"""Sample keys on which MediaPipe finds the face by itself."""

DETECTIONS, WARM = 200, 20


@dataclass(frozen=True)
class Keys:
    """The two keys of a head turn at one size, with the rig's own points made a mesh."""

    first: Picture
    last: Picture
    faces: tuple[Landmarks, Landmarks]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=sorted(MEASURES), help="default: all")
    parser.add_argument("--draw", action="append", choices=SIZES, help=f"default: {DRAWN[0]}")
    parser.add_argument("--repeats", type=int, default=9, help="of which the median counts (9)")
    parser.add_argument("--clips", type=Path, metavar="DIR", help="a folder with manifest.json")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--reference", nargs="+", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reference:
        print(json.dumps(reference(options.reference)))
        return
    rows: list[Row] = []
    left_out: list[str] = []
    for name in options.only or MEASURES:
        print(f"{name} ...", file=sys.stderr)
        try:
            rows += MEASURES[name](options)
        except ModelError as error:
            left_out.append(f"{name}: {error}")
    rungs = hit_rates(options.clips) if options.clips else {}
    print("\n".join([markdown(rows), "", *(f"Left out: {each}" for each in left_out)]))
    if rungs:
        print(rung_table(rungs))
    if options.json:
        found = {"rows": [asdict(row) for row in rows], "left_out": left_out, "rungs": rungs}
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def measured(name: str, work: Callable[[], object], repeats: int) -> Row:
    """Milliseconds of one call, once warm, and those that this process works at it.

    The second figure is that of all its threads, and does not mind what else the machine does.
    """
    work()
    times, works = [], []
    for _ in range(repeats):
        before, worked = time.perf_counter(), time.process_time()
        work()
        times.append(time.perf_counter() - before)
        works.append(time.process_time() - worked)
    note = f"{1000 * statistics.median(works):.0f} ms of work here"
    return Row(name, 1000 * statistics.median(times), MS, note=note)


def sample(name: str) -> Path:
    """A sample key."""
    from genani import resources

    return resources.folder("resources") / "samples" / f"{name}.png"


def sheet(name: str, size: tuple[int, int]) -> Picture:
    """A sample key in the middle of white paper, as high as that is."""
    from PIL import Image

    with Image.open(sample(name)) as opened:
        key = opened.convert("RGBA").resize((size[1], size[1]), Image.Resampling.LANCZOS)
    paper = Image.new("RGBA", size, "white")
    paper.alpha_composite(key, ((size[0] - size[1]) // 2, 0))
    return Picture(np.array(paper))


def keys(size: tuple[int, int]) -> Keys:
    """The head turn among the samples, drawn by the rig at this size."""
    from genani.face.fit import fit
    from genani.training.rig.drawing import draw
    from genani.training.rig.samples import SAMPLES
    from genani.training.rig.view import Framing

    turn = SAMPLES["head_turn"]
    drawn = [
        draw(turn.who, moment.mood, moment.pose, Framing(*size), detail=1)
        for moment in turn.keys.values()
    ]
    one, two = (fit(mesh_pins(each.pins)) for each in drawn)
    first, last = (each.picture for each in drawn)
    return Keys(first, last, (one, two))


# Finding


def detection(options: argparse.Namespace) -> list[Row]:
    """The detector's start, and its time a picture with a face and without."""
    from genani.cli.faces import detector
    from genani.face.ladder import find

    before = time.perf_counter()
    rows: list[Row] = []
    with detector() as looks:
        rows.append(Row("face detector started", 1000 * (time.perf_counter() - before), MS))
        for name, size in SIZES.items():
            picture = sheet("blink/0001", size)
            work = partial(looks.detect, picture)
            rows.append(measured(f"face found, {name}", work, options.repeats))
        doubtful = sheet("head_turn/0001", SIZES["512x320"])
        name = "drawn face looked for on every rung, 512x320"
        rows.append(measured(name, partial(find, looks, doubtful), 3))
    return rows


def exactness(options: argparse.Namespace) -> list[Row]:
    """How far the landmarks of the command line are from MediaPipe's own, at most."""
    from genani.cli import main as genani
    from genani.face.landmark_file import decode

    paths = [sample(name) for name in KNOWN]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "landmarks.json"
        with redirect_stdout(StringIO()):
            if genani(["landmarks", *map(str, paths), "--json", str(file)]):
                raise ModelError("`genani landmarks` failed; run it by itself to see why")
        found = decode(file.read_bytes(), file.name)
    own = _reference(paths)
    far = shapes = heads = 0.0
    for marked, theirs in zip(found, own, strict=True):
        (face,) = marked.faces
        sides = (marked.size[0], marked.size[1], marked.size[0])
        points = np.asarray(theirs["points"]) * sides
        far = max(far, float(np.abs(points - np.asarray(face.landmarks.points)).max()))
        shapes = max(
            shapes, *(abs(value - face.blendshapes[k]) for k, value in theirs["shapes"].items())
        )
        heads = max(heads, float(np.abs(np.asarray(theirs["matrix"]) - face.matrix).max()))
    what = f"on {len(paths)} pictures, at most"
    return [
        Row(f"landmarks off MediaPipe's own, {what}", far, "px", 1e-6),
        Row(f"blendshapes off MediaPipe's own, {what}", shapes, "", 1e-6),
        Row(f"head matrix off MediaPipe's own, {what}", heads, "cm", 1e-5),
    ]


def _reference(paths: list[Path]) -> list[dict]:
    """MediaPipe's own answers, from a process that cannot phone home."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:0")
    command = [sys.executable, "-m", "tests.benchmarks.faces", "--reference", *map(str, paths)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | nowhere
    )
    return json.loads(done.stdout.splitlines()[-1])


def reference(paths: list[Path]) -> list[dict]:
    """What MediaPipe says of pictures, by its own example code."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision
    from PIL import Image

    from genani.face.detect import MODEL, MODEL_FILE
    from genani.store.models import path

    told = []
    asked = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path(MODEL, MODEL_FILE))),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with vision.FaceLandmarker.create_from_options(asked) as landmarker:
        for each in paths:
            with Image.open(each) as opened:
                paper = Image.new("RGBA", opened.size, "white")
                paper.alpha_composite(opened.convert("RGBA"))
            pixels = np.array(paper.convert("RGB"))
            found = landmarker.detect(
                mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
            )
            shapes = found.face_blendshapes[0]
            told.append(
                {
                    "points": [(p.x, p.y, p.z) for p in found.face_landmarks[0]],
                    "shapes": {shape.category_name: shape.score for shape in shapes},
                    "matrix": found.facial_transformation_matrixes[0].tolist(),
                }
            )
    return told


def leak(options: argparse.Namespace) -> list[Row]:
    """What 200 pictures leave behind: with a face at once, and looked for on every rung."""
    from genani.cli.faces import detector
    from genani.face.ladder import find

    sure, doubtful = (sheet(name, SIZES["512x320"]) for name in ("blink/0001", "head_turn/0001"))
    rows: list[Row] = []
    with detector() as looks:
        rows += _growth("200 detections", looks, lambda: looks.detect(sure), DETECTIONS)
        rungs = DETECTIONS // 4
        rows += _growth(f"{rungs} times every rung", looks, lambda: find(looks, doubtful), rungs)
        child = looks._process.pid
    import psutil

    rows.append(Row("detector processes after closing", float(psutil.pid_exists(child)), "", 1))
    return rows


def _growth(what: str, looks: FaceDetector, work: Callable[[], object], count: int) -> list[Row]:
    import psutil

    ours, theirs = psutil.Process(), psutil.Process(looks._process.pid)
    for _ in range(WARM):
        work()
    before = [each.memory_info().rss for each in (ours, theirs)]
    open_before = theirs.num_fds() + theirs.num_threads() + ours.num_fds() + ours.num_threads()
    for _ in range(count):
        work()
    after = [each.memory_info().rss for each in (ours, theirs)]
    opened = theirs.num_fds() + theirs.num_threads() + ours.num_fds() + ours.num_threads()
    grown = [(late - early) / 2**20 for early, late in zip(before, after, strict=True)]
    return [
        Row(f"grown by {what}, this process", grown[0], MIB, 8),
        Row(f"grown by {what}, the detector's", grown[1], MIB, 16),
        Row(f"files and threads left by {what}", opened - open_before, "", 1),
    ]


# Planning, warping, drawing


def plans(options: argparse.Namespace) -> list[Row]:
    """The planned face of an in-between, and the maps that bring both keys to it."""
    from genani.face.mesh import array_of
    from genani.face.planned import planned
    from genani.face.warp import backward

    rows: list[Row] = []
    guidance = FaceGuidance(Emotion.HAPPY, 0.8)
    for name, size in SIZES.items():
        turn = keys(size)
        one, two = (array_of(face) for face in turn.faces)

        def mapped(turn: Keys = turn, one=one, two=two) -> None:  # noqa: ANN001
            at = array_of(planned(*turn.faces, guidance, Fraction(1, 2)))
            backward(one, at)
            backward(two, at)

        what = f"trajectory and maps of an in-between, {name}"
        rows.append(measured(what, mapped, options.repeats))
    return rows


def warps(options: argparse.Namespace) -> list[Row]:
    """One key warped on the CPU, float32 with alpha."""
    from genani.engines import tensor
    from genani.face.mesh import array_of
    from genani.face.planned import planned
    from genani.face.warp import backward
    from genani.face.warp_torch import sampled

    rows: list[Row] = []
    for name, size in SIZES.items():
        turn = keys(size)
        at = array_of(planned(*turn.faces, None, Fraction(1, 2)))
        warp = backward(array_of(turn.faces[0]), at)
        picture = tensor.premultiplied(turn.first.pixels)
        work = partial(sampled, picture, warp)
        rows.append(measured(f"warp of a key on the CPU, {name}", work, options.repeats))
    return rows


def guided(options: argparse.Namespace) -> list[Row]:
    """Seconds a frame of the guided engine and of RIFE, drawn in turn, and their ratio."""
    from genani.engines import registry
    from genani.engines.api import CancelToken
    from genani.scene.request import SpanRequest, SpanSettings

    times = tuple(Fraction(i, 4) for i in (1, 2, 3))
    rows: list[Row] = []
    for name in options.draw or DRAWN:
        turn = keys(SIZES[name])
        requests = {}
        for kind, engine, feeling in (
            ("rife", "rife", None),
            ("guided", "face", None),
            ("guided, happy", "face", FaceGuidance(Emotion.HAPPY, 0.8)),
        ):
            asked = SpanSettings(engine, face=feeling)
            settings = registry.resolve(asked, faces=engine == "face")
            marks = turn.faces if engine == "face" else (None, None)
            requests[kind] = SpanRequest(turn.first, turn.last, times, settings, *marks)
        took: dict[str, list[float]] = {kind: [] for kind in requests}
        for run in range(max(3, options.repeats // 3) + 1):
            for kind, request in requests.items():
                engine = registry.create(request.settings.engine, "cpu")
                before = time.perf_counter()
                count = len(list(engine.draw(request, CancelToken())))
                # The first round loads weights.
                if run:
                    took[kind].append((time.perf_counter() - before) / count)
        rows.append(Row(f"RIFE a frame, {name}", 1000 * statistics.median(took["rife"]), MS))
        for kind in ("guided", "guided, happy"):
            frame = 1000 * statistics.median(took[kind])
            pairs = zip(took[kind], took["rife"], strict=True)
            ratio = statistics.median(ours / plain for ours, plain in pairs)
            rows.append(Row(f"{kind}, a frame, {name}", frame, MS))
            rows.append(Row(f"{kind}, relative to RIFE, {name}", ratio, "x"))
    return rows


# Rungs


def hit_rates(clips: Path) -> dict[str, dict[str, int]]:
    """Category -> how many end frames there are, and on how many each rung finds a face.

    `first` is what MediaPipe is sure of, `boxes` what the second rung finds elsewhere, `tracked`
    what is then followed from the other end of the shot.
    """
    from genani.cli.faces import detector
    from genani.face.ladder import find
    from genani.media import image

    shots = json.loads((clips / "manifest.json").read_text())["clips"]
    found: dict[str, Counter[str]] = {}
    with detector() as looks:
        for shot in shots:
            frames = sorted((clips / shot["path"]).glob("*.png"))
            ends = [image.read(frame) for frame in (frames[0], frames[-1])]
            alone = [find(looks, end) for end in ends]
            counts = found.setdefault(shot["category"], Counter(frames=0))
            for end, own, other in zip(ends, alone, reversed(alone), strict=True):
                counts["frames"] += 1
                if looks.detect(end):
                    counts["first"] += 1
                elif own:
                    counts["boxes"] += 1
                elif other and find(looks, end, near=other[0].landmarks):
                    counts["tracked"] += 1
                else:
                    counts["none"] += 1
    return {category: dict(counts) for category, counts in found.items()}


def rung_table(rungs: dict[str, dict[str, int]]) -> str:
    """The counts for a person."""
    columns = ("frames", "first", "boxes", "tracked", "none")
    lines = [f"| category | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for category, counts in rungs.items():
        cells = " | ".join(str(counts.get(column, 0)) for column in columns)
        lines.append(f"| {category} | {cells} |")
    return "\n".join(lines)


MEASURES: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "detection": detection,
    "exactness": exactness,
    "leak": leak,
    "plans": plans,
    "warps": warps,
    "guided": guided,
}


if __name__ == "__main__":
    main()
