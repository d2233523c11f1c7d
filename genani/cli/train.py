"""`genani train`: train a model, stop and go on whenever."""

from __future__ import annotations

import argparse

from genani.cli.progress import bar, by_lines, tell
from genani.training import command
from genani.training.watch import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    command.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Train, print and say where the result is; returns the exit code."""
    if not by_lines():
        return command.run(options)
    with bar("train"):
        return command.run(options, _tell)


def _tell(progress: Progress) -> None:
    tell(
        step=progress.step,
        steps=progress.steps,
        eta=round(progress.eta, 1),
        message=progress.message,
    )
