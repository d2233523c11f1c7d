"""Progress on the terminal, or as JSON lines for the window that runs a command beside itself."""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from genani.engines.api import Progress

VARIABLE = "GENANI_PROGRESS"
"""Environment variable: `json` writes progress as JSON lines, and stops when told on standard
input, by a line `stop` or by its end."""


def by_lines() -> bool:
    """True if another program reads the progress."""
    return os.environ.get(VARIABLE) == "json"


def tell(**fields: object) -> None:
    """Write one JSON line for the program that reads."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A bar on standard error while the block runs; silent where that is not a terminal.

    Gives a function of the share done (0 to 1) and a short text.
    """
    if by_lines():
        threading.Thread(target=_listen, daemon=True).start()
        yield lambda share, text: tell(share=round(share, 4), text=text)
        return
    with tqdm(
        total=1000,
        desc=title,
        bar_format="{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]",
        disable=not sys.stderr.isatty(),
        leave=False,
    ) as shown:

        def progress(share: float, text: str) -> None:
            shown.set_postfix_str(text, refresh=False)
            shown.update(round(share * 1000) - shown.n)

        yield progress


def _listen() -> None:
    """Stop as Ctrl-C does once the other program says so, or is gone."""
    for line in sys.stdin:
        if line.strip() == "stop":
            break
    _thread.interrupt_main()
