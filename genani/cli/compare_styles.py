"""`genani compare-styles`: styles side by side on a person's own pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from genani.cli.progress import bar
from genani.cli.stylise import pictures_in
from genani.engines.api import CancelToken
from genani.engines.stylise import registry
from genani.scene.errors import EngineError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "photos",
        type=Path,
        nargs="+",
        metavar="PHOTOS",
        help="a folder of pictures, or pictures",
    )
    parser.add_argument(
        "--styles",
        metavar="NAME,NAME,...",
        help=f"which ({', '.join(registry.names())}), with settings after colons where wanted: "
        "paprika:side=512:strength=0.8 (default: all that are installed)",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write a page with figures and strips"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument(
        "--drawings",
        type=Path,
        metavar="DIR",
        help="drawings of the style that is wanted, to measure how near each comes to them",
    )
    parser.add_argument(
        "--features", type=Path, metavar="FILE", help="SqueezeNet weights, if not in the store"
    )
    parser.add_argument(
        "--fid-weights", type=Path, metavar="FILE", help="Inception weights for torch-fidelity"
    )


def run(options: argparse.Namespace) -> int:
    """Redraw, measure, write and print; returns the exit code."""
    photos = [
        path
        for place in options.photos
        for path in (pictures_in(place) if place.is_dir() else [place])
    ]
    drawings = pictures_in(options.drawings) if options.drawings else []
    labels = list(dict.fromkeys(each for each in (options.styles or "").split(",") if each))
    labels = labels or [name for name in registry.names() if registry.installed(name)]
    if not labels:
        raise EngineError("no style is installed: `genani models list` shows what there is")
    # Here, as they import torch.
    from genani.training.evaluation import styles_page
    from genani.training.evaluation.styles import compare

    with bar("compare") as progress:
        comparison = compare(
            photos,
            labels,
            registry.create,
            registry.resolve,
            drawings=drawings,
            feature_weights=options.features,
            fid_weights=options.fid_weights,
            token=CancelToken(progress),
        )
    if not comparison.results:
        raise EngineError(f"no style could draw: {comparison.styles[0].error}")
    print(styles_page.table(comparison))
    if options.report:
        styles_page.write(comparison, options.report)
        print(f"page:    {options.report}")
    if options.json:
        styles_page.write_json(comparison, options.json)
        print(f"figures: {options.json}")
    return 0
