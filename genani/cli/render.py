"""`genani render`: draw the spans of scenes and write their frames."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from genani.cli.drawing import draw
from genani.cli.on_ray import RAY, ray_site
from genani.cli.output import add_output_arguments, check_output, write
from genani.cli.progress import bar
from genani.cli.reel import Reel, reel
from genani.render.cache import TakeCache, cache_folder
from genani.render.spread import spread
from genani.scene.errors import EngineError, SceneError
from genani.scene.request import SpanRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "scene", type=Path, nargs="+", metavar="SCENE", help="one or several .genani files"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--span", metavar="ID", help="only this span, from key to key")
    which.add_argument("--all", action="store_true", help="the whole scene (default)")
    add_output_arguments(parser, scene=True)
    parser.add_argument(
        "--on",
        metavar="ray[:ADDRESS]",
        help="spread the spans over a Ray cluster: the one at ADDRESS or RAY_ADDRESS, or else an "
        "embedded one of this machine",
    )
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw what is missing and write the frames; returns the exit code."""
    check_output(options)
    if options.on and options.on.partition(":")[0] != RAY:
        raise EngineError(f"--on takes ray or ray:ADDRESS, not '{options.on}'")
    names = [path.stem for path in options.scene]
    if len(set(names)) < len(names):
        raise SceneError("scenes that are rendered together need different file names")
    if options.span and len(names) > 1:
        raise SceneError("--span is of one scene; name that scene alone")
    cache = TakeCache(cache_folder())
    reels = [reel(path, cache, options.span) for path in options.scene]
    requests = [request for each in reels for request in each.requests]
    if options.on and requests:
        _draw_on(options.on, requests, cache)
    else:
        for number, request in enumerate(requests, start=1):
            draw(request, f"span {number} of {len(requests)}", cache)
    files = [path for each in reels for path in _write(each, options, len(reels) > 1)]
    drawn = sum(len(request.times) for request in requests)
    if options.json:
        frames = [[each.first, each.last] for each in reels]
        report = {
            "files": [str(path) for path in files],
            "drawn": drawn,
            "frames": frames if len(reels) > 1 else frames[0],
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        shown = ", ".join(f"{each.first} to {each.last}" for each in reels)
        print(f"frames {shown}, {drawn} in-betweens drawn")
        for path in files:
            print(path)
    return 0


def _draw_on(where: str, requests: Sequence[SpanRequest], cache: TakeCache) -> None:
    with bar(f"{len(requests)} spans on Ray") as progress, ray_site(where) as site:
        spread(
            requests,
            site,
            cache,
            lambda done, total, text: progress(done / total if total else 1.0, text),
        )


def _write(shown: Reel, options: argparse.Namespace, several: bool) -> list[Path]:
    """Write a scene; of several, each beside the others under its own name."""
    places = options.out
    if several:
        places = [
            out.with_name(f"{out.stem}_{shown.name}{out.suffix}")
            if out.suffix
            else out / shown.name
            for out in places
        ]
    given = argparse.Namespace(**{**vars(options), "out": places})
    return write(shown.frames(), shown.scene.rate, given)
