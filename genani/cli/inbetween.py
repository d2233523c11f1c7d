"""`genani inbetween`: from two pictures to what lies between."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from genani.cli.drawing import Drawn, add_engine_arguments, asked, draw
from genani.cli.faces import Keys, add_face_arguments, guidance, guided
from genani.cli.output import add_output_arguments, check_output, write
from genani.media import image
from genani.media.clip import Exposed
from genani.render.cache import TakeCache
from genani.scene.errors import ChartError
from genani.scene.request import SpanRequest
from genani.scene.time import Rate
from genani.scene.timing import SHAPES, TimingChart


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument("first", type=Path, metavar="FIRST", help="the first key")
    parser.add_argument("last", type=Path, metavar="LAST", help="the second key")
    parser.add_argument("--count", type=int, metavar="N", help="how many in-betweens")
    parser.add_argument(
        "--chart", choices=list(SHAPES), help="how they are spaced (default: even, 3 of them)"
    )
    parser.add_argument(
        "--times",
        metavar="T,T,...",
        help="exactly where each sits between the keys, as in .25,.5,.75 or 1/3,2/3",
    )
    add_engine_arguments(parser)
    add_face_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument("--without-keys", action="store_true", help="write the in-betweens only")
    parser.add_argument("--json", action="store_true", help="report as JSON on standard output")


def run(options: argparse.Namespace) -> int:
    """Draw and write; returns the exit code."""
    chart = _chart(options)
    check_output(options)
    rate = Rate.of(options.rate)
    settings = asked(options, guidance(options))
    keys = Keys(image.read(options.first), image.read(options.last), (options.first, options.last))
    request = SpanRequest(keys.first, keys.last, chart.ticks, settings)
    request, faces = guided(keys, request, options.landmarks)
    drawn = draw(request, "in-betweens", TakeCache(folder=None)) if chart.ticks else None
    pictures = [between.picture for between in drawn.pictures.values()] if drawn else []
    if not options.without_keys:
        pictures = [request.first, *pictures, request.last]
    files = write([Exposed(p, options.exposure) for p in pictures], rate, options)
    if options.json:
        print(json.dumps(_report(request, drawn, files, faces), ensure_ascii=False))
    else:
        if faces:
            print(faces)
        _tell(request, drawn, files)
    return 0


def _chart(options: argparse.Namespace) -> TimingChart:
    if options.times is None:
        return TimingChart.of(options.chart or "even", options.count)
    if options.chart or options.count is not None:
        raise ChartError("--times says it all: leave out --chart and --count")
    return TimingChart.custom(options.times.split(","))


def _report(
    request: SpanRequest, drawn: Drawn | None, files: list[Path], faces: str
) -> dict[str, object]:
    return {
        "files": [str(path) for path in files],
        "times": [str(t) for t in request.times],
        "engine": drawn.info.engine if drawn else None,
        "device": drawn.info.device if drawn else None,
        "seconds": round(drawn.info.seconds, 3) if drawn else 0.0,
        "faces": faces,
        "warnings": {
            str(t): list(between.warnings)
            for t, between in (drawn.pictures if drawn else {}).items()
            if between.warnings
        },
    }


def _tell(request: SpanRequest, drawn: Drawn | None, files: list[Path]) -> None:
    if drawn:
        count = len(request.times)
        print(
            f"{count} in-between{'s' if count != 1 else ''} by {drawn.info.engine} "
            f"on {drawn.info.device} in {drawn.info.seconds:.1f} s"
        )
        for t, between in drawn.pictures.items():
            for warning in between.warnings:
                print(f"  at {float(t):.3g}: {warning}")
    for path in files:
        print(path)
