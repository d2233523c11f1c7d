"""`genani evaluate`: score engines on shots whose in-betweens are known."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from genani.cli.progress import bar
from genani.engines import registry
from genani.engines.api import CancelToken, Capability
from genani.engines.cards import STYLES
from genani.scene.errors import FileError
from genani.store import adapters
from genani.training.clips import dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument(
        "clips",
        type=Path,
        nargs="?",
        metavar="CLIPS",
        help="a folder with manifest.json and its shots",
    )
    parser.add_argument(
        "--dataset", type=Path, metavar="DIR", help="the held-back clips of a data set, in place"
    )
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="whom to score, with settings where wanted: rife, rife:version=3.9; may be given "
        "several times (default: all that are installed)",
    )
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="NAME[:STRENGTH]",
        help="score the engine with this adapter as well as without; may be given several times",
    )
    parser.add_argument("--category", metavar="C", help="only shots of this category")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a page with figures, plots and strips"
    )
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="write a contact sheet a shot")
    parser.add_argument(
        "--features", type=Path, metavar="FILE", help="SqueezeNet weights, if not in the store"
    )
    parser.add_argument(
        "--face-model", type=Path, metavar="FILE", help="Face Landmarker, if not in the store"
    )
    parser.add_argument(
        "--fid-weights", type=Path, metavar="FILE", help="Inception weights for torch-fidelity"
    )


def run(options: argparse.Namespace) -> int:
    """Draw, score, write and print; returns the exit code."""
    # Here, as it imports torch by way of the metrics.
    from genani.training.evaluation import evaluate, page

    folder = options.clips or options.dataset
    if folder is None or (options.clips and options.dataset):
        raise FileError("name either a folder of shots or a data set with --dataset")
    if options.dataset and not (folder / dataset.NOTE).is_file():
        dataset.read(folder)
    with bar("evaluate") as progress:
        report = evaluate(
            folder,
            options.engine or _installed(options.adapter),
            registry.create,
            styles=options.adapter,
            category=options.category,
            feature_weights=options.features,
            face_model=options.face_model,
            fid_weights=options.fid_weights,
            sheets=options.sheets,
            strips=options.html is not None,
            token=CancelToken(progress),
        )
    print(report.table())
    if options.json:
        report.write_json(options.json)
        print(f"figures: {options.json}")
    if options.html:
        page.write(report, options.html)
        print(f"page:    {options.html}")
    if options.sheets:
        print(f"sheets:  {options.sheets}")
    return 0


def _installed(styles: Sequence[str]) -> list[str]:
    """Every engine that can draw here; with adapters, those that draw with the models they are for.

    Raises:
        ModelError: an adapter is missing.
    """
    bases = {
        adapters.find(name).card.base for each in styles for name, _ in adapters.read_mix(each)
    }
    found = []
    for name in registry.names():
        info = registry.info(name)
        takes = not bases or (STYLES in info.options and bases <= set(info.models))
        if Capability.OWN_MODEL not in info.capabilities and takes:
            found += [name] * all(registry.installed(model) for model in info.models)
    return found
