"""`genani models`: list, fetch, import and remove models."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from genani.cli.progress import bar
from genani.store.errand import megabytes
from genani.store.models import Catalogue, ModelState

OWN_COPY = "tooncrafter-512"
"""A model that everybody brings along themselves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = commands.add_parser("list", help="what there is and what is installed")
    listing.add_argument("--json", action="store_true", help="as JSON on standard output")
    listing.add_argument("--verify", action="store_true", help="read and check every file again")
    for action, summary in (
        ("fetch", "download a model and verify it"),
        ("import", "take a model's files from your disk"),
        ("remove", "delete a model's files"),
    ):
        sub = commands.add_parser(action, help=summary, description=f"{summary.capitalize()}.")
        sub.add_argument("name", metavar="NAME", help="as `genani models list` shows it")
        if action == "import":
            sub.add_argument("path", type=Path, metavar="PATH", help="a file, or a folder of them")


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    catalogue = Catalogue()
    if options.action == "list":
        _list(catalogue, options)
    elif options.action == "fetch":
        with bar(options.name) as progress:
            entry = catalogue.fetch(options.name, progress=progress)
        print(f"{entry.title} is installed in {catalogue.store / entry.name} ({entry.licence})")
    elif options.action == "import":
        for path in _import(catalogue, options):
            print(path)
    else:
        print(f"{megabytes(catalogue.remove(options.name))} freed")
    return 0


def _import(catalogue: Catalogue, options: argparse.Namespace) -> tuple[Path, ...]:
    if options.name != OWN_COPY:
        return catalogue.import_file(options.name, options.path)
    # Here, as it imports torch: its checksum is known to nobody, so its content is looked at.
    from genani.engines.inbetween.tooncrafter.adoption import adopt

    return adopt(options.path.absolute(), catalogue)


def _list(catalogue: Catalogue, options: argparse.Namespace) -> None:
    states = catalogue.list()
    if options.verify:
        for state in states:
            catalogue.verify(state.entry.name)
        states = catalogue.list()
    if options.json:
        print(json.dumps([_row(catalogue, state) for state in states], ensure_ascii=False))
    else:
        wide = max((len(state.entry.name) for state in states), default=0)
        for state in states:
            entry = state.entry
            size = megabytes(sum(file.size for file in entry.files))
            print(
                f"{entry.name:{wide}}  {size:>9}  {state.status.value:17}  {entry.title}, "
                f"{entry.licence}"
            )
    for fault in catalogue.faults():
        print(f"genani: {fault}", file=sys.stderr)


def _row(catalogue: Catalogue, state: ModelState) -> dict[str, object]:
    entry = state.entry
    return {
        "name": entry.name,
        "title": entry.title,
        "licence": entry.licence,
        "status": state.status.value,
        "usable": state.status.usable,
        "bytes": sum(file.size for file in entry.files),
        "to_download": catalogue.download_size(entry.name),
        "files": [file.name for file in entry.files],
    }
