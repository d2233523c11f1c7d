"""Rhubarb Lip Sync, where the user has it: its program is run and its own file read.

D. S. Wolf, Rhubarb Lip Sync (MIT), 1.13. It is no part of GenAni.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from genani.media import lipsync_files
from genani.media.files import reason, shown
from genani.media.lipsync import Spoken
from genani.scene.errors import FileError
from genani.scene.time import Rate


def heard(
    voice: NDArray[np.int16],
    program: Path,
    script: str,
    english: bool,
    progress: Callable[[float, str], None],
) -> tuple[Spoken, ...]:
    """What Rhubarb hears.

    Args:
        voice: (N,) at 16 000 a second.
        program: Rhubarb's.
        script: what is said, or empty.
        english: its own word recogniser; else the one that goes by sounds.
        progress: told how far it is; what it raises stops Rhubarb.

    Raises:
        FileError: Rhubarb cannot be started, or says that it failed.
    """
    with tempfile.TemporaryDirectory(prefix="genani-") as name:
        folder = Path(name)
        _write_wave(folder / "voice.wav", voice)
        recogniser = "pocketSphinx" if english else "phonetic"
        command = [
            *(os.fspath(program), "--machineReadable", "--exportFormat", "json"),
            *("--extendedShapes", "GHX", "--recognizer", recogniser),
            *("--output", os.fspath(folder / "voice.json")),
        ]
        if script.strip():
            (folder / "script.txt").write_text(script, "utf-8")
            command += ["--dialogFile", os.fspath(folder / "script.txt")]
        _run([*command, os.fspath(folder / "voice.wav")], program, progress)
        # It writes seconds, so that no rate is needed to read them.
        return lipsync_files.read(folder / "voice.json", Rate())


def _run(command: list[str], program: Path, progress: Callable[[float, str], None]) -> None:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise FileError(f"cannot start Rhubarb, '{shown(program)}': {reason(error)}") from error
    assert process.stderr is not None
    with process:
        try:
            why = _followed(process.stderr, progress)
        except BaseException:
            process.kill()
            raise
        code = process.wait()
    if why or code:
        raise FileError(f"Rhubarb failed: {shown(why)[:200] or f'it ended with code {code}'}")


def _followed(lines: IO[str], progress: Callable[[float, str], None]) -> str:
    """Tell on what Rhubarb tells, line by line; returns why it failed, or nothing."""
    why = ""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        kind = event.get("type") if isinstance(event, dict) else None
        if kind == "progress" and isinstance(event.get("value"), int | float):
            progress(min(max(float(event["value"]), 0.0), 1.0), "Rhubarb is listening")
        elif kind == "failure":
            why = str(event.get("reason", "")) or "it does not say why"
    return why


def _write_wave(path: Path, voice: NDArray[np.int16]) -> None:
    with wave.open(os.fspath(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(voice.astype("<i2").tobytes())
