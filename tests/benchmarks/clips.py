"""`python -m tests.benchmarks.clips`: how quickly films become clips to train on.

Rows: frames imported a second; clips annotated a second by one worker and by two, beside a bare
loop of the detector over the same frames; clips augmented and checked a second; samples a second.
The film is a sample key that sways, two seconds a shot. What needs the face model is left out
where that is not installed. Prints Markdown; `--json FILE` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import os
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
    yield row(
        "frames imported",
        bench.clips * FRAMES,
        lambda: import_clips([bench.film], bench.folder, whole, None, _unwatched),
        "640x640 to 256x256",
    )
    names = dataset.clip_ids(bench.folder)
    if registry.installed(MODEL):
        yield from _annotated(bench, names)
    yield row(
        "clips augmented",
        len(names) * (FACTOR - 1),
        lambda: augment(bench.folder, bench.more, FACTOR, 0, 2, _unwatched),
        f"2 workers, 256x256, {FRAMES} frames",
    )
    yield row("clips checked", len(names) * FACTOR, lambda: check(bench.more, _unwatched))
    source = ClipSource(bench.folder, Split.ALL)
    yield row(
        "samples drawn",
        SAMPLES,
        lambda: [source.sample(0, index, 256) for index in range(SAMPLES)],
        "altered, 256x256, one process",
    )


def _annotated(bench: Bench, names: list[str]) -> Iterator[Row]:
    pictures = [image.read(each) for each in sorted((bench.folder / names[0]).glob("*.png"))]

    def bare() -> None:
        with _detector() as detector:
            for picture in pictures:
                detector.detect(picture)

    yield row("clips through the bare detector", 1, bare, "start included")
    for workers in (1, 2):

        def work(workers: int = workers) -> object:
            return annotate(bench.folder, _detector, None, workers, _unwatched, again=True)

        note = f"{workers} worker{'s' if workers > 1 else ''}, {FRAMES} frames, start included"
        yield row("clips annotated", len(names), work, note)


def _detector() -> FaceDetector:
    return FaceDetector(path(MODEL, MODEL_FILE))


def row(name: str, count: int, work: Callable[[], object], note: str = "") -> Row:
    """How many a second, once; beside it the processors' work for each, which minds no other load.

    Args:
        name: of the row.
        count: how many things are done.
        work: does them.
        note: what to know.
    """
    print(".", end="", file=sys.stderr, flush=True)
    before, worked = time.perf_counter(), sum(os.times()[:4])
    work()
    took, worked = time.perf_counter() - before, sum(os.times()[:4]) - worked
    each = f"{1000 * worked / count:.0f} ms of work each"
    return Row(name, count / took, A_SECOND, note=", ".join(filter(None, (note, each))))


def _unwatched(_share: float, _text: str) -> None:
    """Progress that nobody sees."""


if __name__ == "__main__":
    main()
