"""`python -m genani.training TASK ...`: training alone, for machines that only train."""

from __future__ import annotations

import argparse
import sys

from genani.scene.errors import GenAniError
from genani.training.command import add_arguments, run


def main(arguments: list[str] | None = None) -> int:
    """Run a command line; the exit code is 0, or 2 where what was asked cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m genani.training", description=__doc__)
    add_arguments(parser)
    try:
        return run(parser.parse_args(arguments))
    except GenAniError as error:
        print(f"genani.training: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
