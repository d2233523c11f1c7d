"""GenAni without a window: in-between, render, landmarks, evaluate, train, models."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

from genani import __version__
from genani.scene.errors import Cancelled, GenAniError

COMMANDS: dict[str, str] = {
    "inbetween": "draw what lies between two keys",
    "animate": "make one drawing walk, run, jump, blink, talk: a loop of frames",
    "render": "draw the spans of a scene and write its frames",
    "stylise": "redraw pictures, sequences and videos in a style",
    "compare-styles": "a page that compares styles on your own pictures",
    "attach": "pin glasses, a hat, an ear ring to a face; it follows through every frame",
    "landmarks": "find the faces in pictures and their landmarks",
    "lipsync": "mouth shapes for a voice, from a recording or a lip-sync file",
    "clips": "cut films into clips to train on; check, annotate and augment them",
    "imagine": "draw faces out of seeds, mix two, change their features and age",
    "evaluate": "score engines on shots with known in-betweens",
    "train": "train a model; stop and go on whenever",
    "rig": "draw faces in motion, with their landmarks, flow and expressions",
    "models": "list, fetch, import and remove models",
    "adapters": "list, import, export and remove what training has added to a model",
}
"""Sub-commands and what they do; each lives in the module of its name."""

BAD_INPUT, STOPPED, UNEXPECTED = 2, 130, 1


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The whole command line, or only what one sub-command needs to be read quickly."""
    main = _Parser(
        prog="genani",
        description="You draw the keys; GenAni draws what lies between. "
        "Without a command it opens the window.",
    )
    main.add_argument("--version", action="version", version=f"GenAni {__version__}")
    main.add_argument(
        "--offline", action="store_true", help="refuse every download, whatever is asked"
    )
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if command == name:
            import_module(_module(name)).add_arguments(sub)
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code is 0, 2 for bad input, 130 when stopped, else 1."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A file name may hold what the terminal cannot show; a message about it must still come.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    command = next((word for word in given if word in COMMANDS), None)
    options = parser(command).parse_args(given)
    if options.offline:
        os.environ["GENANI_OFFLINE"] = "1"
    run: Callable[[argparse.Namespace], int] = import_module(_module(options.command)).run
    return _guarded(run, options)


def _module(command: str) -> str:
    return f"genani.cli.{command.replace('-', '_')}"


def _guarded(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    try:
        return run(options)
    except GenAniError as error:
        print(f"genani: {error}", file=sys.stderr)
        return BAD_INPUT
    except (KeyboardInterrupt, Cancelled):
        print("genani: stopped; nothing half-written is left", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output went away, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except Exception as error:
        if os.environ.get("GENANI_DEBUG"):
            traceback.print_exc()
        kind = type(error).__name__
        print(
            f"genani: this should not have happened: {kind}: {error} "
            "(set GENANI_DEBUG=1 for the details)",
            file=sys.stderr,
        )
        return UNEXPECTED
