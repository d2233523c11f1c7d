"""`genani adapters`: list, import, export and remove what was trained on a person's own clips."""

from __future__ import annotations

import argparse
from pathlib import Path

from genani.store import adapters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    shown = verbs.add_parser("list", help="name the adapters and what they are for")
    shown.add_argument("--base", help="only those for this model")
    brought = verbs.add_parser("import", help="copy adapters into the store")
    brought.add_argument("file", nargs="+", type=Path)
    out = verbs.add_parser("export", help="copy one out, as a file for others")
    out.add_argument("name")
    out.add_argument("target", type=Path, help="a file or a folder")
    gone = verbs.add_parser("remove", help="delete one from the store")
    gone.add_argument("name")


def run(options: argparse.Namespace) -> int:
    """Do what was asked."""
    if options.verb == "list":
        for each in adapters.listed(options.base):
            card = each.card
            figures = ", ".join(f"{name} {value:.4g}" for name, value in card.figures.items())
            print(f"{each.id}\t{card.base}\t{card.data or '-'}\t{figures or '-'}")
    elif options.verb == "import":
        for path in options.file:
            print(adapters.add(path).id)
    elif options.verb == "export":
        print(adapters.export(adapters.find(options.name), options.target))
    else:
        adapters.remove(adapters.find(options.name))
    return 0
