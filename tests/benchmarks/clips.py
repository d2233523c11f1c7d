"""`python -m tests.benchmarks.clips`: how quickly films become clips to train on.

Rows: frames imported a second; clips annotated a second by one worker and by two, beside a bare
loop of the detector over the same frames; clips augmented and checked a second; samples a second.
The film is a sample key that sways, two seconds a shot. What needs the face model is left out
where that is not installed. Prints Markdown; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from genani import resources
from genani.engines import registry
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.media import image, video_out
from genani.media.clip import Exposed
from genani.media.options import ExportOptions, Format
from genani.scene.picture import Picture
from genani.scene.time import Rate
from genani.store.models import path
from genani.training.clips import dataset, transforms
from genani.training.clips.annotating import annotate
from genani.training.clips.augmenting import augment
from genani.training.clips.checking import check
from genani.training.clips.importing import Crop, ImportOptions, import_clips
from genani.training.clips.source import ClipSource, Split
from genani.training.clips.transforms import Recipe
from tests.benchmarks.ui import Row, markdown

FRAMES, FACTOR, SAMPLES = 48, 3, 40
A_SECOND = "a second"


@dataclass(frozen=True)
class Bench:
    """Where the film and the data set lie.

    Attributes:
        film: the video.
        folder: the data set.
        more: the augmented one.
        clips: how many the film gives.
    """

    film: Path
    folder: Path
    more: Path
    clips: int


def main() -> None:
    """Measure, and print the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=4, help="shots of the film (4)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        bench = Bench(root / "film.mp4", root / "set", root / "more", options.clips)
        _film(bench)
        rows = list(measured(bench))
    print(markdown(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _film(bench: Bench) -> None:
    """A face that sways, on another paper from shot to shot."""
    read = image.read(resources.folder("resources") / "samples" / "blink" / "0001.png")
    key = np.asarray(read.pixels, np.uint8)
    drawings: list[Exposed] = []
    for number in range(bench.clips):
        paper = np.array([(250, 240, 200), (60, 90, 140)][number % 2], np.uint8)
        for frame in range(FRAMES):
            sway = float(np.sin(2 * np.pi * frame / FRAMES))
            drawn = transforms.frame(Recipe(turn=4 * sway, zoom=1 + 0.05 * sway), key)
            share = drawn[..., 3:] / 255
            colours = np.rint(drawn[..., :3] * share + paper * (1 - share)).astype(np.uint8)
            opaque = np.full_like(drawn[..., 3:], 255)
            drawings.append(Exposed(Picture(np.dstack([colours, opaque]))))
    video_out.write(drawings, Rate(24), bench.film, Format.MP4, ExportOptions(format=Format.MP4))


def measured(bench: Bench) -> Iterator[Row]:
    """Every row, in the order of the work."""
    whole = ImportOptions(crop=Crop.WHOLE)
    took = seconds(lambda: import_clips([bench.film], bench.folder, whole, None, _unwatched))
    yield Row("frames imported", bench.clips * FRAMES / took, A_SECOND, note="640x640 to 256x256")
    names = dataset.clip_ids(bench.folder)
    if registry.installed(MODEL):
        yield from _annotated(bench, len(names))
    took = seconds(lambda: augment(bench.folder, bench.more, FACTOR, 0, 2, _unwatched))
    made = len(names) * (FACTOR - 1)
    yield Row("clips augmented", made / took, A_SECOND, note="2 workers, 256x256, 48 frames")
    took = seconds(lambda: check(bench.more, _unwatched))
    yield Row("clips checked", len(names) * FACTOR / took, A_SECOND)
    source = ClipSource(bench.folder, Split.ALL)
    took = seconds(lambda: [source.sample(0, index, 256) for index in range(SAMPLES)])
    yield Row("samples drawn", SAMPLES / took, A_SECOND, note="altered, 256x256, one process")


def _annotated(bench: Bench, clips: int) -> Iterator[Row]:
    with _detector() as detector:
        folder = bench.folder / dataset.clip_ids(bench.folder)[0]
        pictures = [image.read(each) for each in sorted(folder.glob("*.png"))]
        detector.detect(pictures[0])
        bare = seconds(lambda: [detector.detect(picture) for picture in pictures])
    yield Row("clips through the bare detector", 1 / bare, A_SECOND, note="one after the other")
    for workers in (1, 2):

        def work(workers: int = workers) -> object:
            return annotate(bench.folder, _detector, None, workers, _unwatched, again=True)

        note = f"{workers} worker{'s' if workers > 1 else ''}, {FRAMES} frames, start included"
        yield Row("clips annotated", clips / seconds(work), A_SECOND, note=note)


def _detector() -> FaceDetector:
    return FaceDetector(path(MODEL, MODEL_FILE))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    print(".", end="", file=sys.stderr, flush=True)
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _unwatched(_share: float, _text: str) -> None:
    """Progress that nobody sees."""


if __name__ == "__main__":
    main()
