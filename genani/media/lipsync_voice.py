"""Mouth shapes heard in a recording: by Rhubarb where the user has it, else by PocketSphinx."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.media import ffmpeg, lipsync_files, lipsync_rhubarb, lipsync_sphinx
from genani.media.files import check_file, shown
from genani.media.lipsync import HOLD, Spoken, cues
from genani.scene.acting import MouthCue
from genani.scene.errors import FileError
from genani.scene.time import Rate

SAMPLE_RATE = 16_000
"""Samples a second that recognisers take."""

LONGEST = 60 * 60
"""Seconds of voice that are listened to at once."""


Progress = Callable[[float, str], None]
"""Told the share done, 0 to 1, and what is going on; it may raise to stop the work."""


def load(
    path: Path,
    rate: Rate,
    hold: int = HOLD,
    *,
    start: int = 1,
    script: str = "",
    english: bool = True,
    rhubarb: Path | None = None,
    progress: Progress | None = None,
) -> tuple[MouthCue, ...]:
    """Cues for a mouth lane, from a lip-sync file or from a recording.

    Args:
        path: a .dat, .tsv, .xml or .json; anything else is taken for a recording.
        rate: of the scene.
        hold: frames that a shape is held for at least.
        start: the frame on which the recording begins.
        script, english, rhubarb, progress: as for `heard`.

    Raises:
        FileError: the file is damaged, or holds no voice.
        SceneError: a hold out of range, or a voice too long.
    """
    if lipsync_files.readable(path):
        spoken = lipsync_files.read(path, rate)
    else:
        spoken = heard(path, script=script, english=english, rhubarb=rhubarb, progress=progress)
    return cues(spoken, rate, hold, start)


def heard(
    path: Path,
    *,
    script: str = "",
    english: bool = True,
    rhubarb: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Spoken, ...]:
    """The mouth shapes of a recording, in order of time.

    Args:
        path: any file with a sound track that ffmpeg reads.
        script: what is said; with it English is followed word for word.
        english: False tells Rhubarb to listen for sounds instead of English words.
        rhubarb: the Rhubarb Lip Sync program; by default the one on the search path, if any.
        progress: told how far it is.

    Raises:
        FileError: the file has no sound that can be read, or the recogniser failed.
    """
    told = progress or _untold
    told(0.0, "reading the sound")
    voice = decoded(path)
    program = rhubarb or _installed()
    if program is not None:
        return lipsync_rhubarb.heard(voice, program, script, english, told)
    return lipsync_sphinx.heard(voice, script, told)


def decoded(path: Path) -> NDArray[np.int16]:
    """(N,) the sound of a file as one channel at `SAMPLE_RATE`.

    Raises:
        FileError: missing, no sound in it, damaged, or longer than `LONGEST`.
    """
    check_file(path)
    wanted = ["-vn", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    most = LONGEST * SAMPLE_RATE * 2
    with ffmpeg.running([*ffmpeg.source(path), *wanted], writes=True) as run:
        assert run.stdout is not None
        data = run.stdout.read(most + 2)
        if len(data) > most:
            raise FileError(
                f"cannot read '{shown(path)}': it is longer than {LONGEST // 60} minutes; "
                "cut the recording into scenes"
            )
        failed = run.finish()
        log = run.log
    if failed or not data:
        raise FileError(f"cannot read '{shown(path)}': {_why(log)}")
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)


def _why(log: str) -> str:
    if "does not contain any stream" in log or "matches no streams" in log or not log.strip():
        return "there is no sound in it"
    if any(sign in log for sign in ("Invalid data", "moov atom", "End of file")):
        return "it is damaged, or not a sound file"
    return ffmpeg.explained(log)


def _installed() -> Path | None:
    found = shutil.which("rhubarb")
    return Path(found) if found else None


def _untold(share: float, text: str) -> None:
    del share, text
