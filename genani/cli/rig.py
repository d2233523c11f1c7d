"""`genani rig`: drawn faces in motion, with everything known about them."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genani.cli.progress import bar
from genani.media import atomic, gif, image
from genani.media.clip import Exposed
from genani.media.files import shown, told
from genani.media.options import ExportOptions, Format
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

if TYPE_CHECKING:
    from genani.training.rig.puppet.film import Cel, Shot

LEAST, MOST = 64, 1024
"""Sides of a frame, pixels."""

LONGEST = 480
"""Frames of a shot; all of its drawings are kept in memory until it is written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder for each shot goes here"
    )
    parser.add_argument("--count", type=int, default=1, metavar="N", help="so many shots (1)")
    parser.add_argument(
        "--frames", type=int, default=25, metavar="N", help="so many frames each (25)"
    )
    parser.add_argument("--size", type=int, default=256, metavar="N", help="pixels a side (256)")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="the same seed gives the same shots (0)"
    )
    parser.add_argument(
        "--on",
        choices=["ones", "twos"],
        help="how long a drawing stays on screen (by chance, shot by shot)",
    )
    parser.add_argument(
        "--split",
        choices=["train", "test"],
        default="train",
        help="test: people and styles that no model trains on",
    )
    parser.add_argument("--gif", action="store_true", help="an animated GIF of each shot as well")


def run(options: argparse.Namespace) -> int:
    """Draw and write; returns the exit code."""
    _check(options)
    from genani.training.rig.puppet.film import shots

    held = {"ones": 1, "twos": 2}.get(options.on, 0)
    drawn = shots(
        options.seed,
        options.count,
        options.frames,
        options.size,
        split=options.split,
        exposure=held,
    )
    with bar("rig") as progress:
        for number, shot in enumerate(drawn):
            folder = _free(options.out / f"shot_{number + 1:04d}")
            _write(shot, folder, options.gif)
            progress((number + 1) / options.count, f"{number + 1} of {options.count}")
            print(shown(folder))
    return 0


def _check(options: argparse.Namespace) -> None:
    if not LEAST <= options.size <= MOST:
        raise FileError(f"--size takes {LEAST} to {MOST} pixels, not {options.size}")
    if not 2 <= options.frames <= LONGEST:
        raise FileError(f"--frames takes 2 to {LONGEST}, not {options.frames}")
    if options.count < 1:
        raise FileError(f"--count takes 1 or more, not {options.count}")
    if options.seed < 0:
        raise FileError(f"--seed takes 0 or more, not {options.seed}")


def _free(folder: Path) -> Path:
    """A folder that does not mix two shots."""
    with told(folder, "read"):
        if folder.is_dir() and any(folder.iterdir()):
            raise FileError(f"'{shown(folder)}' is not empty; choose another place with --out")
    return folder


def _write(shot: Shot, folder: Path, animated: bool) -> None:
    """A picture and a file of truth for each drawing, and `shot.json` for the whole."""
    with atomic.folder(folder) as staged, told(folder, "write"):
        for cel in shot.cels:
            name = f"{cel.number:04d}"
            picture = Picture(cel.drawn.rgba)
            (staged.path / f"{name}.png").write_bytes(image.encode_png(picture))
            (staged.path / f"{name}.truth.npz").write_bytes(_truth(shot, cel))
        told_of = json.dumps(_described(shot), indent=1) + "\n"
        (staged.path / "shot.json").write_text(told_of, "utf-8")
        if animated:
            exposed = [Exposed(Picture(cel.drawn.rgba), cel.exposure) for cel in shot.cels]
            gif.write(exposed, Rate(), staged.path / "shot.gif", ExportOptions(Format.GIF))


def _truth(shot: Shot, cel: Cel) -> bytes:
    before, after = shot.around(cel)
    ways = [shot.flow(cel, key) for key in (before, after)]
    out = io.BytesIO()
    np.savez_compressed(
        out,
        points=cel.drawn.points.astype(np.float32),
        flow=np.stack([way for way, _ in ways]).astype(np.float16),
        seen=np.stack([seen for _, seen in ways]),
        parts=cel.parts,
        keys=np.array([before.number, after.number]),
    )
    return out.getvalue()


def _described(shot: Shot) -> dict[str, object]:
    who = shot.painted.head.who
    return {
        "frame_rate": 24,
        "frames": shot.frames,
        "size": [shot.size, shot.size],
        "keys": list(shot.keys),
        "who": {"seed": who.seed, "kind": who.kind, "view": round(who.yaw, 1)},
        "drawings": [
            {
                "frame": cel.number,
                "exposure": cel.exposure,
                "emotion": str(cel.moment.emotion),
                "intensity": round(cel.moment.intensity, 4),
                "units": {str(unit): round(v, 4) for unit, v in cel.moment.units.items()},
                "viseme": str(cel.moment.viseme),
                "lids": [round(float(v), 4) for v in cel.moment.shut],
                "turn": [round(float(v), 3) for v in cel.moment.turn],
                "pins": {name: [round(x, 2), round(y, 2)] for name, (x, y) in cel.pins.items()},
            }
            for cel in shot.cels
        ],
    }
