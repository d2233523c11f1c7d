"""`genani evaluate`: score engines on shots whose in-betweens are known."""

from __future__ import annotations

import argparse
from pathlib import Path

from genani.cli.progress import bar
from genani.engines import registry
from genani.engines.api import CancelToken, Capability


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "clips", type=Path, metavar="CLIPS", help="a folder with manifest.json and its shots"
    )
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="whom to score, with settings where wanted: rife, rife:version=3.9; may be given "
        "several times (default: all that are installed)",
    )
    parser.add_argument("--category", metavar="C", help="only shots of this category")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="write a contact sheet a shot")
    parser.add_argument(
        "--features", type=Path, metavar="FILE", help="SqueezeNet weights, if not in the store"
    )
    parser.add_argument(
        "--face-model", type=Path, metavar="FILE", help="Face Landmarker, if not in the store"
    )


def run(options: argparse.Namespace) -> int:
    """Draw, score, write and print; returns the exit code."""
    # Here, as it imports torch by way of the metrics.
    from genani.training.evaluation import evaluate

    engines = options.engine or [
        name
        for name in registry.names()
        if Capability.OWN_MODEL not in registry.info(name).capabilities
        and all(registry.installed(model) for model in registry.info(name).models)
    ]
    with bar("evaluate") as progress:
        report = evaluate(
            options.clips,
            engines,
            registry.create,
            category=options.category,
            feature_weights=options.features,
            face_model=options.face_model,
            sheets=options.sheets,
            token=CancelToken(progress),
        )
    print(report.table())
    if options.json:
        report.write_json(options.json)
        print(f"figures: {options.json}")
    if options.sheets:
        print(f"sheets:  {options.sheets}")
    return 0
