"""Sheets of samples to look at: first key, between, last key, flow, visibility and parts.

`python -m genani.training.sources.sheet SOURCE OUT.png [--data PATH] [--seed N] [--count N]`
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.media.image import encode_png
from genani.scene.picture import Picture
from genani.training.sample import Sample, Source
from genani.training.sources.mix import source_of

U8 = NDArray[np.uint8]

_PARTS = np.array(
    [
        *((30, 30, 30), (240, 200, 170), (90, 60, 40), (60, 140, 220), (210, 70, 80)),
        *((230, 160, 120), (120, 90, 160), (90, 160, 110), (150, 150, 150)),
    ],
    np.uint8,
)
_MOST = 48.0
"""Pixels of flow that are drawn in full colour."""


def strip(sample: Sample) -> U8:
    """(H, 6 W, 3) one sample: both keys around the drawing between, and its truth."""
    pictures = [_on_grey(each) for each in (sample.first, sample.between, sample.last)]
    for picture, points in zip(
        pictures, (sample.points[0], sample.points[1], sample.points[2]), strict=True
    ):
        _dot(picture, points)
    hidden = np.array([[0, 0, 0], [255, 120, 60], [60, 120, 255], [255, 255, 255]], np.uint8)
    seen = hidden[sample.seen[0].astype(np.int64) + 2 * sample.seen[1]]
    return np.concatenate([*pictures, _wheel(sample.flow[0]), seen, _PARTS[sample.parts]], 1)


def sheet(source: Source, seed: int, count: int, size: int = 192, columns: int = 1) -> U8:
    """(H, W, 3) strips of the first samples of a stream."""
    strips = [strip(source.sample(seed, index, size)) for index in range(count)]
    rows = [np.concatenate(strips[at : at + columns], 1) for at in range(0, count, columns)]
    return np.concatenate([row for row in rows if row.shape == rows[0].shape])


def _on_grey(picture: U8) -> U8:
    size = picture.shape[:2]
    tiles = np.add.outer(np.arange(size[0]) // 8, np.arange(size[1]) // 8) % 2
    back = np.where(tiles, 205, 180)[..., None]
    alpha = picture[..., 3:].astype(np.int64)
    return ((picture[..., :3] * alpha + back * (255 - alpha)) // 255).astype(np.uint8)


def _dot(picture: U8, points: NDArray[np.float32]) -> None:
    height, width = picture.shape[:2]
    x, y = points[np.isfinite(points).all(1)].astype(np.int64).T
    shown = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    picture[y[shown], x[shown]] = (0, 230, 90)


def _wheel(flow: NDArray[np.float32]) -> U8:
    """Right is red, down is green, grey is still."""
    share = np.clip(np.nan_to_num(flow) / _MOST, -1, 1)
    colour = 128 + 127 * np.stack([share[..., 0], share[..., 1], -share.sum(2) / 2], 2)
    return colour.astype(np.uint8)


def main() -> None:
    """Write a sheet."""
    parser = argparse.ArgumentParser(description="Draw a sheet of samples.")
    parser.add_argument("source", help="rig, ict, emoji or still")
    parser.add_argument("out", type=Path, help="the PNG to write")
    parser.add_argument("--data", type=Path, help="what the source reads")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--size", type=int, default=192)
    wanted = parser.parse_args()
    drawn = sheet(source_of(wanted.source, wanted.data), wanted.seed, wanted.count, wanted.size)
    opaque = np.full((*drawn.shape[:2], 1), 255, np.uint8)
    wanted.out.write_bytes(encode_png(Picture(np.concatenate([drawn, opaque], 2))))


if __name__ == "__main__":
    main()
