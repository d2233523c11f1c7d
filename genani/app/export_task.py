"""Writing frames out: what the canvas shows, into any format, behind the window."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from genani.app.threads import GuiCalls, Lane
from genani.engines.api import CancelToken
from genani.media import export, gif, prepare
from genani.media.clip import Exposed, no_tick
from genani.media.options import ExportOptions
from genani.scene.errors import Cancelled, FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

if TYPE_CHECKING:
    from genani.app.frames import FrameSource, Look

_AT_ONCE = 200
"""Frames looked up before the event loop gets its turn."""

_SAMPLES = 6
"""Drawings that are really compressed to tell the size of a GIF."""


@dataclass(frozen=True)
class ExportPlan:
    """What to write, and where.

    Attributes:
        target: a file, or the folder of a sequence.
        options: format and its choices.
        first, last: the frames; None takes the scene's range.
    """

    target: Path
    options: ExportOptions = field(default_factory=ExportOptions)
    first: int | None = None
    last: int | None = None


class ExportTask(QObject):
    """Writes one export at a time.

    Signals:
        progress: share done, 0 to 1.
        started: an `ExportPlan`.
        finished: the list of paths that were written.
        stopped: it failed or was cancelled; nothing was written.
    """

    progress = Signal(float)
    started = Signal(object)
    finished = Signal(object)
    stopped = Signal()

    def __init__(self, frames: FrameSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frames = frames
        self._lane = Lane("genani-export")
        self._calls = GuiCalls(self)
        self._token: CancelToken | None = None

    @property
    def running(self) -> bool:
        """True while an export is being written."""
        return self._token is not None

    def cancel(self) -> None:
        """Ask the export to stop; nothing of it will be left."""
        if self._token:
            self._token.cancel()

    async def run(self, plan: ExportPlan, first: int, last: int, rate: Rate) -> list[Path]:
        """Write the frames from `first` to `last`.

        Raises:
            FileError: it could not be written, or another export is under way.
            Cancelled: it was cancelled.
        """
        if self._token is not None:
            raise FileError("another export is being written: wait for it, or cancel it")
        token = self._token = CancelToken()
        self.started.emit(plan)
        try:
            shots = await self._shots(first, last, token)
            written = await self._lane.run(self._write, shots, rate, plan, token)
        except BaseException:
            self.stopped.emit()
            raise
        finally:
            self._token = None
        self.finished.emit(written)
        return written

    async def gif_size(self, plan: ExportPlan, first: int, last: int, rate: Rate) -> int:
        """About how many bytes a GIF of these frames would have.

        Raises:
            GenAniError: a drawing cannot be read.
        """
        shots = await self._shots(first, last, CancelToken())
        chosen = range(0, len(shots), max(-(-len(shots) // _SAMPLES), 1))
        sample = [shots[place] for place in chosen]
        return await self._lane.run(self._gif_size, sample, len(shots), rate, plan.options)

    def shut(self) -> None:
        """Cancel, and end the thread."""
        self.cancel()
        self._calls.close()
        self._lane.close()

    async def _shots(self, first: int, last: int, token: CancelToken) -> list[tuple[Look, int]]:
        """What the frames look like now, equal neighbours together: later edits do not show."""
        scene = self._frames.scene
        shots: list[tuple[Look, int]] = []
        for frame in range(first, last + 1):
            look = self._frames.look(frame, scene)
            if shots and shots[-1][0] == look:
                shots[-1] = look, shots[-1][1] + 1
            else:
                shots.append((look, 1))
            if frame % _AT_ONCE == 0:
                await asyncio.sleep(0)
                token.check()
        return shots

    def _write(
        self, shots: list[tuple[Look, int]], rate: Rate, plan: ExportPlan, token: CancelToken
    ) -> list[Path]:
        def pictures() -> Iterator[Exposed]:
            for look, count in shots:
                yield Exposed(self._finished(look), count)

        def tell(done: int, of: int) -> None:
            self._calls.call(partial(self.progress.emit, done / max(of, 1)))

        return export.export(pictures(), rate, plan.target, plan.options, tell, token.check)

    def _gif_size(
        self, sample: list[tuple[Look, int]], count: int, rate: Rate, options: ExportOptions
    ) -> int:
        drawings = [Exposed(self._finished(look), frames) for look, frames in sample]
        if prepare.is_needed(drawings, options):
            drawings = list(prepare.prepared(drawings, options, no_tick))
        return round(gif.estimate(drawings, rate, options) * count / max(len(sample), 1))

    def _finished(self, look: Look) -> Picture:
        picture = self._frames.finished(look)
        if picture is None:
            raise FileError("a drawing of a take is gone from the cache: draw the span again")
        return picture


__all__ = ["Cancelled", "ExportOptions", "ExportPlan", "ExportTask"]
