"""A `genani` command run beside the window, in a process of its own.

What takes hours or all memory must not take the window with it: a child that dies leaves a
message. It tells its progress as JSON lines (see `genani.cli.progress`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

import genani

_STOPPED = 130
_KILL_AFTER_MS = 10_000
_PREFIX = "genani: "


class Child(QObject):
    """One run of a command.

    Signals:
        told: a mapping that the command wrote, such as `{"share": 0.3, "text": "..."}`.
        said: any other line it wrote.
        ended: it is over; the text says why it failed, and is empty when it did not.
    """

    told = Signal(object)
    said = Signal(str)
    ended = Signal(str)

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stopping = False
        self.running = False
        self._rest = b""
        self._errors = b""
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", "genani", *words])
        self._process.setProcessEnvironment(_environment())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)

    def start(self) -> None:
        """Run it."""
        self.running = True
        self._process.start()

    def stop(self) -> None:
        """Ask it to stop at its next step; it says when it has, through `ended`."""
        if self.running and not self.stopping:
            self.stopping = True
            self._process.write(b"stop\n")

    def shut(self) -> None:
        """Stop it and wait, at most ten seconds; then it is killed."""
        if not self.running:
            return
        self.stop()
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_KILL_AFTER_MS):
            self._process.kill()
            self._process.waitForFinished(_KILL_AFTER_MS)

    def _read(self) -> None:
        data = self._rest + bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            self._hear(line.decode("utf-8", "replace").strip())

    def _hear(self, line: str) -> None:
        if line.startswith("{"):
            try:
                fields: Any = json.loads(line)
            except ValueError:
                fields = None
            if isinstance(fields, Mapping):
                self.told.emit(fields)
                return
        if line:
            self.said.emit(line)

    def _read_errors(self) -> None:
        self._errors = (self._errors + bytes(self._process.readAllStandardError().data()))[-8000:]

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_errors()
        crashed = status is QProcess.ExitStatus.CrashExit
        self._end(crashed or code not in (0, _STOPPED))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._errors = self._process.errorString().encode()
            self._end(True)

    def _end(self, failed: bool) -> None:
        if not self.running:
            return
        self.running = False
        self.ended.emit(self._why() if failed else "")

    def _why(self) -> str:
        """The sentence it ended with, or its last line."""
        lines = [line.strip() for line in self._errors.decode("utf-8", "replace").splitlines()]
        told = [line.removeprefix(_PREFIX) for line in lines if line.startswith(_PREFIX)]
        return (told or [line for line in lines if line] or [self.tr("it ended without a word")])[
            -1
        ]


def _environment() -> QProcessEnvironment:
    result = QProcessEnvironment.systemEnvironment()
    result.insert("GENANI_PROGRESS", "json")
    result.insert("PYTHONIOENCODING", "utf-8")
    # The very program that runs, wherever it was started.
    own = str(Path(genani.__file__).parents[1])
    result.insert("PYTHONPATH", os.pathsep.join(filter(None, (own, result.value("PYTHONPATH")))))
    return result
