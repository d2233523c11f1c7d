"""How fast puppets are drawn: `python -m tests.benchmarks.rig [--size N] [--samples N]`.

Prints a Markdown table of one core's processor time: painting a person, a frame without and with
its flow, and whole training samples with the share of painting in them; samples from several
processes at once; what a further copy of a sample costs on the device that learns (`task.copies`);
how near a key warped by the flow comes to the drawing. With `--landmarks`,
how far the points lie from those MediaPipe finds, on the drawings where it finds a face.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from genani.engines.device import pick
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.face.mesh import CONTOURS
from genani.scene.picture import Picture
from genani.store.models import path
from genani.training.loader import expanded, packed
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import sheets
from genani.training.rig.puppet.source import PER_PERSON, RigSource
from genani.training.rig.puppet.vary import varied
from genani.training.sample import Sample

Row = tuple[str, str]

_COPIES = 4


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", type=int, default=256, help="pixels a side (256)")
    parser.add_argument("--samples", type=int, default=64, help="how many (64)")
    parser.add_argument("--processes", type=int, default=1, help="at once (1)")
    parser.add_argument("--landmarks", action="store_true", help="against MediaPipe too")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rows = speed(options.size, options.samples)
    rows += copies(options.size)
    rows += together(options.size, options.samples, options.processes)
    for split in ("train", "test"):
        rows += truth(RigSource(split), options.size, options.samples // 4)
    if options.landmarks:
        rows += landmarks(options.size, options.samples)
    print("| rig | |\n|---|---|")
    print("\n".join(f"| {name} | {value} |" for name, value in rows))


def speed(size: int, samples: int) -> list[Row]:
    """Processor time of one core."""
    source, raster = RigSource(), Raster(size)
    painted, moving, _ = source.scene(1, 0, size)
    start = time.process_time()
    for k in range(samples):
        frame(painted, moving.at(k / samples), raster)
    drawing = (time.process_time() - start) / samples
    start = time.process_time()
    for seed in range(8):
        sheets.__wrapped__(seed, False, 2 * size)
    painting = (time.process_time() - start) / 8
    start = time.process_time()
    for index in range(samples):
        source.sample(2, index, size)
    whole = (time.process_time() - start) / samples
    return [
        (f"painting a person, once in {PER_PERSON} samples", f"{painting * 1e3:.0f} ms"),
        ("frames a second a core", f"{1 / drawing:.0f}"),
        ("frames a second a core in samples, truth and painting included", f"{3 / whole:.0f}"),
        ("samples a second a core", f"{1 / whole:.1f}"),
        ("share of painting", f"{painting / PER_PERSON / whole:.0%}"),
    ]


def copies(size: int) -> list[Row]:
    """What `task.copies` costs where the network learns, a card where there is one."""
    device = pick().torch
    drawn = packed([RigSource().sample(5, index, size) for index in range(PER_PERSON)])
    batch = expanded({name: each.to(device) for name, each in drawn.items()})
    varied(batch, 2, torch.Generator())
    start = time.perf_counter()
    made = varied(batch, _COPIES, torch.Generator())
    # Reading a number waits for the card.
    float(made["t"].sum())
    each = (time.perf_counter() - start) / (_COPIES - 1) / PER_PERSON
    return [(f"a further copy of a sample, on {device}", f"{each * 1e3:.1f} ms")]


def _block(given: tuple[int, int]) -> int:
    block, size = given
    cv2.setNumThreads(1)
    for index in range(PER_PERSON):
        RigSource().sample(3, block * PER_PERSON + index, size)
    return PER_PERSON


def together(size: int, samples: int, processes: int) -> list[Row]:
    """Wall time of several processes."""
    if processes < 2:
        return []
    blocks = [(block, size) for block in range(max(samples // PER_PERSON, processes))]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(_block, blocks[:processes]))
        start = time.perf_counter()
        made = sum(pool.map(_block, blocks))
        rate = made / (time.perf_counter() - start)
    return [(f"samples a second from {processes} processes", f"{rate:.0f}")]


def truth(source: RigSource, size: int, samples: int) -> list[Row]:
    """Keys warped by the flow against the drawings between, on what is seen."""
    found = [
        nearness(sample, side)
        for k in range(samples)
        for sample in [source.sample(4, k * PER_PERSON, size)]
        for side in (0, 1)
    ]
    low, middle = np.percentile(found, [0, 50])
    return [(f"key warped by the flow, {source.split}", f"{middle:.1f} dB, least {low:.1f}")]


def nearness(sample: Sample, side: int) -> float:
    """PSNR of one key warped by the flow, on the pixels that are seen there."""
    high, wide = sample.between.shape[:2]
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    way = sample.flow[side]
    key = _premultiplied((sample.first, sample.last)[side])
    warped = cv2.remap(key, x + way[..., 0], y + way[..., 1], cv2.INTER_LINEAR)
    error = np.square(warped - _premultiplied(sample.between))[sample.seen[side]].mean()
    return float(-10 * np.log10(error + 1e-9))


def _premultiplied(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    share = rgba.astype(np.float32) / 255
    share[..., :3] *= share[..., 3:]
    return share.astype(np.float32)


def landmarks(size: int, samples: int) -> list[Row]:
    """How far the points lie from MediaPipe's, in shares of the face's width."""
    groups = {"all": range(478), **{name: CONTOURS[name] for name in CONTOURS}}
    off: dict[str, list[float]] = {name: [] for name in groups}
    with FaceDetector(path(MODEL, MODEL_FILE)) as detector:
        for k in range(samples):
            sample = RigSource().sample(6, k * PER_PERSON, size)
            found = detector.detect(Picture(sample.first))
            if not found:
                continue
            theirs = np.array(found[0].landmarks.points)[:, :2]
            ours = sample.points[0]
            away = np.linalg.norm(ours - theirs, axis=1) / np.ptp(theirs[:, 0])
            for name, indices in groups.items():
                off[name].append(float(away[list(indices)].mean()))
    seen = len(off["all"])
    rows = [("drawings on which MediaPipe finds a face", f"{seen} of {samples}")]
    return rows + [
        (f"points off MediaPipe's, {name}", f"{np.median(values):.1%} of the face's width")
        for name, values in off.items()
        if values
    ]


if __name__ == "__main__":
    main()
