"""The ffmpeg program that comes with imageio-ffmpeg: started, fed, closed, its errors explained."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from genani.media.files import shown
from genani.scene.errors import FileError

CUT_SHORT = ("File ended prematurely", "partial file", "Truncating packet")
"""What ffmpeg prints about a file without its end; it need not call that an error."""

_KNOWN = (
    ("No space left on device", "the disk is full"),
    ("Permission denied", "permission is denied"),
    ("moov atom not found", "it is not a video, or it was cut short"),
    ("End of file", "it is not a video, or it was cut short"),
    ("matches no streams", "it holds no moving picture"),
    ("Format not on whitelist", "it is not a kind of video that can be read"),
    *((sign, "it was cut short") for sign in CUT_SHORT),
    ("Invalid data found", "it is damaged, or not a video"),
)
_ADDRESS = re.compile(r"^(\[[^\]]*\] *)+")


def program() -> str:
    """The path of ffmpeg.

    Raises:
        FileError: none is installed.
    """
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise FileError("ffmpeg is missing: install the package imageio-ffmpeg again") from error


def source(path: Path) -> list[str]:
    """Arguments that name an input file: never a network address, never a device or a pattern."""
    return ["-protocol_whitelist", "file", "-i", f"file:{path}"]


def explained(log: str) -> str:
    """One short reason out of what ffmpeg printed."""
    for sign, meaning in _KNOWN:
        if sign in log:
            return meaning
    lines = [_ADDRESS.sub("", line).strip() for line in log.splitlines()]
    first = next((line for line in lines if line), "ffmpeg stopped without a reason")
    return f"ffmpeg says: {shown(first)[:200]}"


class Run:
    """A running ffmpeg.

    Attributes:
        stdin, stdout: its pipes.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self._process = process
        self._log = log
        self.stdin = process.stdin
        self.stdout = process.stdout

    @property
    def log(self) -> str:
        """What it has printed so far, at most the first 64 KiB."""
        self._log.seek(0)
        return self._log.read(1 << 16).decode("utf-8", "replace")

    def feed(self, data: Any) -> bool:
        """Write to its input; False if it has stopped listening."""
        assert self.stdin is not None
        try:
            self.stdin.write(data)
        except (BrokenPipeError, OSError):
            return False
        return True

    def finish(self) -> int:
        """Close its input, wait for it to end, and return its exit code."""
        if self.stdin is not None:
            with suppress(OSError):
                self.stdin.close()
        return self._process.wait()


@contextmanager
def running(arguments: Sequence[str], reads: bool = False, writes: bool = False) -> Iterator[Run]:
    """Start ffmpeg; whatever happens in the block, it has ended when the block is left.

    Args:
        arguments: after the program's name.
        reads: give it an input pipe.
        writes: give it an output pipe.
    """
    command = [program(), "-hide_banner", "-nostdin", "-v", "error", *arguments]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE if writes else subprocess.DEVNULL,
            stderr=log,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            yield Run(process, log)
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            process.wait()
