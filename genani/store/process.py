"""Another program that fetches for us, watched: its bytes, its standstill, and our cancel."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from genani.store.errand import Errand, SourceError

_STALL_FACTOR = 4
"""Package clients have time limits and retries of their own; ours only ends what they miss."""


def run_fetcher(
    name: str,
    command: Sequence[str],
    errand: Errand,
    expected: int,
    environment: Mapping[str, str],
) -> None:
    """Run `command` in `errand.folder` and wait for it, telling how many bytes lie there.

    Args:
        name: what people call the program.
        expected: bytes it will have written when done.
        environment: variables set beside the inherited ones.

    Raises:
        SourceError: it cannot be started, fails, or writes nothing for too long.
        Cancelled: `errand.check` raised it; the program has ended by then.
    """
    log = errand.folder / "log.txt"
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=errand.folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
    except OSError as error:
        raise SourceError(f"{name} cannot be started: {error.strerror or error}") from error
    try:
        _watch(name, process, errand, expected)
    finally:
        _end(process)
    if process.returncode:
        raise SourceError(f"{name} failed: {_what_went_wrong(log)}")


def _watch(name: str, process: subprocess.Popen[bytes], errand: Errand, expected: int) -> None:
    limit = _STALL_FACTOR * errand.patience.stall
    size, since = 0, time.monotonic()
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(errand.patience.poll)
            return
        errand.check()
        now = bytes_under(errand.folder)
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > limit:
            raise SourceError(f"{name} brought nothing for {limit:.0f} seconds")
        errand.tell(min(size, expected), expected)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def bytes_under(folder: Path) -> int:
    """Bytes of all files in `folder` and below; files that vanish meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def _what_went_wrong(log: Path) -> str:
    """The first error the program named, or its last line."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("npm error code")]
    errors = [line for line in lines if line.lower().startswith(("error", "npm error"))]
    if errors and errors[0].endswith("Exception:"):
        errors = lines[-1:]
    return (errors[:1] or lines[-1:] or ["it said nothing"])[0][:300]
