"""The session: one open document and everything the window works with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from genani.app import journaling, settings
from genani.app.acting_commands import ActingCommands
from genani.app.actions import ActionRegistry
from genani.app.ahead import Ahead
from genani.app.animating.animating import Animating
from genani.app.blocks import Blocks
from genani.app.bridge import RenderBridge
from genani.app.clipboard import CellClipboard
from genani.app.commands import Commands
from genani.app.corrections import Corrections
from genani.app.document_controller import DocumentController
from genani.app.document_files import DocumentFiles, empty_scene
from genani.app.export_task import ExportPlan, ExportTask
from genani.app.face_commands import FaceCommands
from genani.app.frames import FrameSource
from genani.app.guidance_commands import GuidanceCommands
from genani.app.import_task import KEY_GAP, ImportMode, Reading
from genani.app.importing import Importing
from genani.app.journaling import Journaling
from genani.app.messages import Level, Message
from genani.app.pictures import PictureShelf
from genani.app.places import data_folder
from genani.app.playback import Playback
from genani.app.recents import WindowMemory
from genani.app.selection import Selection
from genani.app.services import Services
from genani.app.settings import Settings
from genani.app.sources import Sources
from genani.app.styling.seeding import Seeding
from genani.app.styling.styling import Styling
from genani.app.take_drawings import TakeDrawings
from genani.app.takes import TakeShelf
from genani.app.threads import GuiCalls, Lane
from genani.app.timeline_model import TimelineModel
from genani.app.training.trainings import Trainings
from genani.media.recovery import Recovered
from genani.render.cache import TakeCache, cache_folder
from genani.scene.errors import Cancelled, GenAniError


class Session(QObject):
    """One a process. Everything that may take long runs behind the window.

    Attributes:
        controller: the scene, its edits and its pictures.
        files: which file the document is.
        selection: what is selected.
        playback: the playhead.
        frames: what frames look like.
        renders: queue, worker, states of spans and their takes.
        model: the timeline as a Qt model.
        blocks: the blocks of each layer, for painting.
        actions: every action of the window.
        commands: the verbs behind the actions.
        guidance: how faces travel through the selected spans.
        faces: the face at the playhead, and finding it.
        acting: mouth shapes, blinks and looks on the lanes of the layers.
        generated: drawings of takes, made ready to stand on the timeline.
        clipboard: cut, copy and paste.
        corrections: drawings that are open in another program.
        importing: from files to the timeline.
        exports: the export under way.
        training: training on own clips.
        styling: drawings in another style.
        animating: one drawing made to move.
        seeding: faces out of seeds.
        memory: window state and recent files.
        io: the thread for opening, saving and importing.

    Signals:
        document_opened: the path, or None for a new document.
        document_changed: path or modified state of the document changed.
        message: a `Message` for the message bar.
        settings_changed: the new `Settings`.
        busy: a text while something is opened, saved or imported; empty when done.
        closing: the end has begun; the worker may take another step until it is over.
        closed: everything has ended.
    """

    document_opened = Signal(object)
    document_changed = Signal()
    message = Signal(object)
    settings_changed = Signal(object)
    busy = Signal(str)
    closing = Signal()
    closed = Signal()

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.services = services
        chosen = self._settings = settings.load(settings.settings_file())
        self._calls = GuiCalls(self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._shut = False
        self.io = Lane("genani-io")
        self.memory = WindowMemory(parent=self)
        self.actions = ActionRegistry(self)
        shelf = PictureShelf(chosen.picture_memory)
        self.controller = DocumentController(empty_scene(), shelf, self)
        self.selection = Selection(self.controller, self)
        self.blocks = Blocks()
        self.cache = TakeCache(
            cache_folder(), chosen.take_memory, chosen.take_disk, self._kept_takes, self._warn
        )
        self.takes = TakeShelf(self.cache)
        self.sources = Sources(
            self.controller.picture, self.takes, services.resolve, services.faces.attach.drawn
        )
        self.renders = RenderBridge(
            self.controller, services, self.cache, self.takes, self.sources, self
        )
        self.frames = FrameSource(
            self.controller, self.sources, self.renders, self.blocks, chosen.frame_memory, self
        )
        self.playback = Playback(self.controller, self.selection, self.blocks, parent=self)
        self.playback.ready = self.frames.cached
        self.ahead = Ahead(self.playback, self.frames, self)
        self.model = TimelineModel(self.controller, self.blocks, self.renders)
        self.exports = ExportTask(self.frames, self)
        root = data_folder() / journaling.JOURNALS
        self.journaling = Journaling(self.controller, root, chosen.journal_seconds, self)
        self.files = DocumentFiles(
            self.controller, self.takes, self.sources, self.journaling, self.io, self
        )
        self.generated = TakeDrawings(self)
        self.clipboard = CellClipboard(self)
        self.corrections = Corrections(self)
        self.importing = Importing(self)
        self.faces = FaceCommands(self)
        self.acting = ActingCommands(self)
        self.commands = Commands(self)
        self.guidance = GuidanceCommands(self)
        self.training = Trainings(self)
        self.styling = Styling(self)
        self.animating = Animating(self)
        self.seeding = Seeding(self)
        self._connect()
        self.files.new()

    # The document.

    @property
    def path(self) -> Path | None:
        """The file of the document; None until it is saved."""
        return self.files.path

    @property
    def title(self) -> str:
        """Name of the document."""
        return self.files.title

    @property
    def modified(self) -> bool:
        """True if there is something that is not saved."""
        return self.files.modified

    def new(self) -> None:
        """Start an empty scene; what was open is given up."""
        self.files.new()

    async def open(self, path: Path) -> None:
        """Open a project; what was open is given up.

        Raises:
            GenAniError: it cannot be opened; what was open stays.
        """
        await self.files.open(path)
        self.memory.opened(path)

    async def save(self, path: Path | None = None) -> None:
        """Save scene, drawings and takes in one file: this one, or the one it came from.

        Raises:
            GenAniError: it could not be saved; the old file is untouched.
            ValueError: it has no file yet.
        """
        self.memory.opened(await self.files.save(path))

    async def recoverable(self) -> list[Recovered]:
        """Documents that a program which died left unsaved, the latest last."""
        return await self.files.recoverable()

    async def recover(self, found: Recovered) -> None:
        """Go on with what was left unsaved.

        Raises:
            GenAniError: the project it was saved to cannot be read; nothing is lost by this.
        """
        await self.files.recover(found)

    async def discard(self, found: Recovered) -> None:
        """Delete what was left unsaved.

        Raises:
            FileError: another GenAni has taken it up.
        """
        await self.files.discard(found)

    # In and out.

    async def import_files(
        self,
        paths: Sequence[Path],
        layer: str | None = None,
        frame: int | None = None,
        mode: ImportMode = ImportMode.KEYS,
        every: int = KEY_GAP,
    ) -> None:
        """Put files, folders, sequences, animations or videos on the timeline.

        Args:
            paths: what was dropped or chosen.
            layer: id of the layer; None takes the active one.
            frame: of the first drawing; None takes the playhead.
            mode: keys every few frames, or a sequence with its holds.
            every: frames from key to key.

        Raises:
            GenAniError: one of them cannot be read, or it does not fit; nothing was imported.
        """
        self.place(await self.read_files(paths, mode), layer, frame, mode, every)

    async def read_files(self, paths: Sequence[Path], mode: ImportMode) -> Reading:
        """Read files onto the picture shelf without placing them; see `Importing.read`."""
        return await self.importing.read(paths, mode)

    def place(
        self,
        reading: Reading,
        layer: str | None = None,
        frame: int | None = None,
        mode: ImportMode = ImportMode.KEYS,
        every: int = KEY_GAP,
    ) -> bool:
        """Put what was read on the timeline, in one step; see `Importing.place`."""
        return self.importing.place(reading, layer, frame, mode, every)

    async def export(self, plan: ExportPlan) -> list[Path]:
        """Write frames; remembers the choices for the next time.

        Raises:
            GenAniError: it could not be written; nothing is left of it.
            Cancelled: it was cancelled.
        """
        start, stop = self.controller.scene.play_range
        first, last = plan.first or start, plan.last or stop
        written = await self.exports.run(plan, first, last, self.controller.scene.rate)
        self.change_settings(export=plan.options, export_target=str(plan.target))
        return written

    # The rest.

    @property
    def settings(self) -> Settings:
        """The settings; see `change_settings`."""
        return self._settings

    def change_settings(self, **fields: Any) -> None:
        """Change some settings, keep them, and tell everybody."""
        changed = replace(self._settings, **fields)
        if changed == self._settings:
            return
        self._settings = changed
        self.io.submit(self._keep_settings, changed)
        self.settings_changed.emit(changed)

    def tell(
        self, text: str, level: Level = Level.INFO, details: str = "", action: str = ""
    ) -> None:
        """Say something in the message bar; see `Message`."""
        self.message.emit(Message(level, text, details, action))

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine behind the window; what it raises is told in the message bar."""
        task = asyncio.ensure_future(self._reported(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self, discard: bool = True) -> None:
        """End everything; the worker is waited for, the window stays alive meanwhile.

        Args:
            discard: unsaved changes are not wanted, or there are none; False leaves them to be
                recovered at the next start.
        """
        self.closing.emit()
        self.playback.stop()
        await self.training.leave()
        own = asyncio.current_task(asyncio.get_event_loop())
        for task in self._tasks - {own}:
            task.cancel()
        for part in (self.renders, self.exports, self.frames, self.faces, self.acting.voices):
            await self.io.run(part.shut)
        self.shut(discard)

    def shut(self, discard: bool = True) -> None:
        """End everything now; see `close`."""
        if self._shut:
            return
        self._shut = True
        self.playback.stop()
        self.commands.shut()
        self.corrections.shut()
        self.clipboard.shut()
        self.renders.shut()
        self.exports.shut()
        self.frames.shut()
        self.faces.shut()
        self.acting.voices.shut()
        self.training.shut()
        self.styling.shut()
        self.animating.shut()
        self.seeding.shut()
        self.journaling.close(discard)
        self.io.close()
        self._calls.close()
        # Freed in this order, and not by a collector in another one.
        self.controller.undo_stack.clear()
        self.closed.emit()

    def _connect(self) -> None:
        for speaker in (self.renders, self.frames, self.journaling, self.files):
            speaker.message.connect(self.message)
        self.files.opened.connect(self._opened)
        self.files.changed.connect(self.document_changed)
        self.files.busy.connect(self.busy)
        self.importing.busy.connect(self.busy)
        self.controller.refused.connect(self._refused)

    async def _reported(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await work
        except Cancelled:
            return None
        except Exception as error:
            self.message.emit(Message.of(error))
            return None

    @Slot(object)
    def _opened(self, path: Path | None) -> None:
        self.frames.forget()
        self.playback.stop()
        self.playback.seek(1)
        self.selection.clear()
        self.document_opened.emit(path)
        self.document_changed.emit()

    @Slot(str)
    def _refused(self, text: str) -> None:
        self.tell(text, Level.WARNING)

    def _keep_settings(self, chosen: Settings) -> None:
        try:
            settings.save(chosen, settings.settings_file())
        except GenAniError as error:
            message = Message.of(error)
            self._calls.call(lambda: self.message.emit(message))

    def _kept_takes(self) -> set[str]:
        return self.files.kept_takes()

    def _warn(self, text: str) -> None:
        self._calls.call(lambda: self.tell(text, Level.WARNING))
