"""`genani imagine`: faces out of seeds, and mixes of two of them."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from genani.cli.progress import bar
from genani.engines.api import CancelToken
from genani.media import atomic, image
from genani.scene.errors import EngineError
from genani.scene.request import MAX_SEED

if TYPE_CHECKING:
    from genani.engines.stylise.stylegan.imagining import Wish

_MODEL = "genani-stylegan"
_MOST = 10_000
_MOST_SIDE = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "--seed", default="1-16", metavar="SEEDS", help="such as 7, 1-16 or 1-4,9 (1-16)"
    )
    parser.add_argument(
        "--mix",
        metavar="A,B",
        help="in place of --seed: two seeds, and a picture for every layer from which B takes over",
    )
    parser.add_argument(
        "--level", type=int, metavar="N", help="with --mix: only this layer, coarse to fine"
    )
    parser.add_argument(
        "--truncation",
        type=float,
        default=0.8,
        metavar="T",
        help="0 is the mean of all faces, 1 anything that the model draws (0.8)",
    )
    parser.add_argument(
        "--direction", type=int, default=0, metavar="N", help="a feature that changes, by number"
    )
    parser.add_argument(
        "--amount", type=float, default=1.0, metavar="A", help="how far it changes (1)"
    )
    parser.add_argument(
        "--age", type=float, default=0.0, metavar="A", help="over 0 older, under 0 younger"
    )
    parser.add_argument(
        "--side", type=int, default=0, metavar="PX", help="of the pictures (the model's own)"
    )
    parser.add_argument(
        "--model", default=_MODEL, metavar="NAME|PATH", help=f"who draws ({_MODEL})"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw and write; returns the exit code."""
    if not 0 <= options.side <= _MOST_SIDE:
        raise EngineError(f"--side takes 0 to {_MOST_SIDE} pixels")
    if not 0 <= options.truncation <= 2:
        raise EngineError("--truncation takes 0 to 2")
    if options.level is not None and not options.mix:
        raise EngineError("--level goes with --mix A,B")
    # Here, as they import torch.
    from genani.engines.device import pick
    from genani.engines.stylise.stylegan.imagining import Imagination

    imagination = Imagination(pick())
    seeds = seeds_of(options.mix or options.seed)
    if options.mix:
        wishes = _mixes(options, seeds, imagination.abilities(options.model)[0])
    else:
        wishes = {f"seed_{seed:04d}.png": _wish(options, seed) for seed in seeds}
    with bar("imagine") as progress, atomic.folder(options.out) as staged:
        drawn = imagination.draw(
            list(wishes.values()), CancelToken(progress), options.model, options.side
        )
        for name, picture in zip(wishes, drawn, strict=True):
            image.write_png(picture, staged.path / name)
    if options.json:
        print(json.dumps({"files": [str(path) for path in staged.written]}, ensure_ascii=False))
        return 0
    for path in staged.written:
        print(path)
    return 0


def seeds_of(text: str) -> list[int]:
    """The seeds in words such as `7`, `1-16` or `1-4,9`, in their order.

    Raises:
        EngineError: it says no seeds, too many, or too large ones.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match:
            raise EngineError(f"'{text}' names no seeds: write 7, 1-16 or 1-4,9")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last <= MAX_SEED:
            raise EngineError(f"'{text}': seeds rise and lie between 0 and {MAX_SEED}")
        if len(found) + last - first >= _MOST:
            raise EngineError(f"'{text}' is more than {_MOST} seeds")
        found.extend(range(first, last + 1))
    return list(dict.fromkeys(found))


def _mixes(options: argparse.Namespace, seeds: list[int], layers: int) -> dict[str, Wish]:
    if len(seeds) != 2:
        raise EngineError("--mix takes two seeds: --mix 3,8")
    levels = range(layers + 1) if options.level is None else [options.level]
    if not all(0 <= level <= layers for level in levels):
        raise EngineError(f"--level takes 0 to {layers} with this model")
    one, other = seeds
    return {
        f"mix_{one:04d}_{other:04d}_{level:02d}.png": _wish(options, one, other, level)
        for level in levels
    }


def _wish(options: argparse.Namespace, seed: int, other: int | None = None, level: int = 0) -> Wish:
    from genani.engines.stylise.stylegan.edits import Edit
    from genani.engines.stylise.stylegan.imagining import Wish

    edit = Edit(
        mix=0.0 if other is None else 1.0,
        seed=other or 0,
        level=level,
        truncation=options.truncation,
        direction=options.direction,
        amount=options.amount,
        age=options.age,
    )
    return Wish(seed, edit)
