"""`genani train`: train a model, stop and go on whenever."""

from __future__ import annotations

import argparse

from genani.training import command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    command.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Train, print and say where the result is; returns the exit code."""
    return command.run(options)
