"""`genani animate`: from one drawing to a loop of frames."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from genani.cli.output import add_output_arguments, check_output, write
from genani.cli.progress import bar
from genani.engines.api import CancelToken
from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.engines.inbetween.sprite.settings import PIXEL_ART, SIDES, AnimateSettings
from genani.media import image
from genani.media.clip import Exposed
from genani.scene.picture import Picture
from genani.scene.time import Rate
from genani.store.models import path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="the drawing")
    parser.add_argument(
        "--action",
        choices=[str(action) for action in ACTIONS],
        default=str(Action.WALK),
        help="what it does (walk)",
    )
    parser.add_argument(
        "--frames", type=int, default=10, metavar="N", help="of the loop, the drawing first (10)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="another way to move; 0 is even (0)"
    )
    parser.add_argument(
        "--pixel-art",
        choices=PIXEL_ART,
        default=PIXEL_ART[0],
        help="only the drawing's own colours and pixels (auto: small drawings of few colours)",
    )
    parser.add_argument(
        "--size",
        type=int,
        choices=SIDES,
        default=0,
        help="pixels at which the network sees the drawing (what it was taught at)",
    )
    parser.add_argument(
        "--model",
        default="",
        metavar="NAME",
        help="a network of your own: a model of the store, or the result folder of a training run",
    )
    parser.add_argument(
        "--fps", metavar="FPS", help="drawings a second: --rate FPS --exposure 1 in one word"
    )
    add_output_arguments(parser)
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw and write; returns the exit code."""
    settings = AnimateSettings(
        Action(options.action),
        options.frames,
        options.seed,
        options.pixel_art,
        options.size,
        options.model,
    )
    if options.fps is not None:
        options.rate, options.exposure = options.fps, 1
    check_output(options)
    rate = Rate.of(options.rate)
    picture = image.read(options.picture)
    begun = time.monotonic()
    frames, device = _drawn(picture, settings)
    seconds = time.monotonic() - begun
    files = write([Exposed(frame, options.exposure) for frame in frames], rate, options)
    if options.json:
        told = {
            "files": [str(file) for file in files],
            "frames": len(frames),
            "device": device,
            "seconds": round(seconds, 3),
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"{len(frames)} frames on {device} in {seconds:.1f} s")
        for file in files:
            print(file)
    return 0


def _drawn(picture: Picture, settings: AnimateSettings) -> tuple[list[Picture], str]:
    # Here, as they import torch, and bad input should be told at once.
    from genani.engines.device import pick
    from genani.engines.inbetween.sprite.animator import Animator

    device = pick()
    with bar(str(settings.action)) as progress:
        frames = Animator(device, path).frames(picture, settings, CancelToken(progress))
        return list(frames), device.name
