"""Progress bars on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from genani.engines.api import Progress


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A bar on standard error while the block runs; silent where that is not a terminal.

    Gives a function of the share done (0 to 1) and a short text.
    """
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
