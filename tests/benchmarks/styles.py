"""`python -m tests.benchmarks.styles [STYLE ...]`: how much restyled clips flicker.

Two clips of 24 frames, 256 pixels a side: a puppet of the rig acts, and an emoji moves before a
ground; on both lies grain that is new on every frame, so that a stylist boils. Rows: the warping
error (`genani.training.metrics.warping_error`) of frames restyled one by one and as a sequence,
their ratio, and the seconds of a frame that the steadying takes. `--sheets DIR` writes strips:
source, one by one, as a sequence. Styles may have settings: `animegan:model=DIR`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from genani.engines.api import CancelToken, Cost
from genani.engines.stylise import registry
from genani.engines.stylise.api import StyleSettings, StylistInfo
from genani.engines.stylise.sequence import stylise_sequence
from genani.scene.picture import Picture
from genani.training.metrics import on_white, warping_error
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.source import RigSource
from genani.training.sources.clip_store import open_clip
from genani.training.sources.clips import clip_paths
from genani.training.sources.dice import Dice
from genani.training.sources.grounds import ground
from genani.training.sources.sampling import over
from tests.benchmarks.ui import Row, markdown

SIDE, FRAMES = 256, 24
GRAIN = 5.0
"""Spread of the grain, in levels of 255."""

SHOWN = (0, 4, 8, 12, 16, 20)


class Known:
    """A stylist whose pictures are drawn already, so that steadying alone is timed."""

    def __init__(self, info: StylistInfo, drawn: dict[Picture, Picture]) -> None:
        self.info, self._drawn = info, drawn

    def estimate(
        self, size: tuple[int, int], count: int = 1, settings: StyleSettings | None = None
    ) -> Cost:
        """Nothing."""
        del size, count, settings
        return Cost(0.0, 0, "cpu")

    def stylise(self, picture: Picture, settings: StyleSettings, token: CancelToken) -> Picture:
        """What was drawn."""
        del settings, token
        return self._drawn[picture]


def rig() -> list[Picture]:
    """A puppet between two keys."""
    painted, moving, _ = RigSource("test").scene(77, 8, SIDE)
    raster = Raster(SIDE)
    return [
        Picture(frame(painted, moving.at(at / (FRAMES - 1)), raster).rgba) for at in range(FRAMES)
    ]


def emoji() -> list[Picture]:
    """The start of an emoji's clip before a ground."""
    clip = next(c for c in map(open_clip, clip_paths(None)[12:]) if c and len(c.drawings) >= FRAMES)
    back = ground(Dice(5, 4), SIDE)
    return [Picture(over(np.asarray(clip.drawings[at]), back)) for at in range(FRAMES)]


def grained(picture: Picture, seed: int) -> Picture:
    """With grain where anything is drawn."""
    rng = np.random.default_rng(seed)
    pixels = picture.pixels.copy()
    noise = rng.normal(0, GRAIN, (*pixels.shape[:2], 1))
    noise = noise + rng.normal(0, GRAIN / 3, (*pixels.shape[:2], 3))
    noisy = np.clip(np.rint(pixels[..., :3] + noise), 0, 255)
    pixels[..., :3] = noisy * (pixels[..., 3:] > 0)
    return Picture(pixels)


def measure(style: str, name: str, clean: Sequence[Picture], sheets: Path | None) -> list[Row]:
    """A clip in a style."""
    base, _, rest = style.partition(":")
    options = dict(pair.split("=", 1) for pair in rest.split(":") if pair)
    settings = registry.resolve(StyleSettings(base, options=options))
    stylist, token = registry.create(base), CancelToken()
    sources = [grained(picture, index) for index, picture in enumerate(clean)]
    alone = [stylist.stylise(picture, settings, token) for picture in sources]
    known = Known(stylist.info, dict(zip(sources, alone, strict=True)))
    began = time.process_time()
    steady = list(stylise_sequence(known, sources, settings, token))
    spent = (time.process_time() - began) / len(sources)
    truth = [on_white(picture) for picture in clean]
    before, after = (
        warping_error([on_white(each) for each in frames], truth) or 0.0
        for frames in (alone, steady)
    )
    if sheets:
        write_sheet(sheets / f"{name}_{base}.png", (sources, alone, steady))
    title = f"{name}, {style.partition(':')[0]}"
    return [
        Row(f"{title}: one by one", before, "levels"),
        Row(f"{title}: as a sequence", after, "levels"),
        Row(f"{title}: ratio", after / before, "", 0.5),
        Row(f"{title}: steadying a frame", spent, "s"),
    ]


def write_sheet(path: Path, rows: Sequence[Sequence[Picture]]) -> None:
    """Some frames of each, on white."""
    strips = [np.concatenate([on_white(row[at]) for at in SHOWN], 1) for row in rows]
    levels = np.rint(255 * np.concatenate(strips)).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path)


def main() -> None:
    """Print the rows as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("styles", nargs="*", default=["paprika", "shinkai"])
    parser.add_argument("--sheets", type=Path)
    given = parser.parse_args()
    rows = [
        row
        for style in given.styles
        for name, clip in (("rig", rig()), ("emoji", emoji()))
        for row in measure(style, name, clip, given.sheets)
    ]
    print(markdown(rows))


if __name__ == "__main__":
    main()
