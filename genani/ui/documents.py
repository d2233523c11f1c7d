"""Opening, saving, importing, exporting and leaving: what needs a question or a chooser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QObject, Qt
from PySide6.QtGui import QCursor, QImage
from PySide6.QtWidgets import QMenu, QMessageBox

from genani import __version__
from genani.app.export_task import ExportPlan
from genani.app.images import from_image
from genani.app.import_task import KEY_GAP, Found, ImportMode, Reading
from genani.scene.document import new_id
from genani.ui.dialogs.ask import ask, open_files, save_file
from genani.ui.dialogs.export_window import ExportWindow
from genani.ui.dialogs.voice import Voice, ask_voice
from genani.ui.samples import Sample
from genani.ui.timeline.drops import BIN_MIME
from genani.ui.timeline.media_bin import PICTURE_FILTER
from genani.ui.work_windows import WorkWindows

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.ui.main_window import MainWindow

SUFFIX = "genani"
_VOICES = "*.dat *.tsv *.xml *.json *.wav *.mp3 *.ogg *.flac *.m4a *.aac *.opus *.mp4 *.mov *.mkv"
_STILLS = "*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp"
_FOLDER = "pictures"
"""Under this name the folder of pictures is remembered."""


class Documents(QObject):
    """The verbs of the File menu, and what happens to things that are dropped.

    Attributes:
        windows: those that stay open beside the work.
    """

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.windows = WorkWindows(session, window)
        self._export: ExportWindow | None = None

    def connect_actions(self) -> None:
        """Give the actions of the File menu their verbs."""
        start = self._session.start
        verbs: dict[str, Callable[[], object]] = {
            "new": lambda: start(self._new()),
            "open": lambda: start(self._open()),
            "save-as": lambda: start(self._save_as()),
            "import": lambda: start(self._import()),
            "add-key": lambda: start(self._add_key()),
            "import-mouths": lambda: start(self._import_mouths()),
            "face-actor": lambda: start(self._copy_expression()),
            "attach": lambda: start(self._attach()),
            "attach-cover": lambda: start(self._cover()),
            "export": self.show_export,
            **self.windows.verbs(),
            "export-again": lambda: start(self._export_again()),
        }
        for name, verb in verbs.items():
            self._session.actions.connect_to(name, verb)

    async def _import_mouths(self) -> None:
        kinds = self.tr("Lip sync and recordings ({0})").format(_VOICES)
        title = self.tr("Import mouth shapes")
        for path in (await open_files(self._window, title, kinds, self._folder()))[:1]:
            await self._load_mouths(path)

    async def _copy_expression(self) -> None:
        """The expression of a picture for the planned face, after asking for one at rest too."""
        titles = (
            self.tr("The face as it acts"),
            self.tr("The same face at rest (cancel if there is none)"),
        )
        chosen: list[Path] = []
        for title in titles:
            kinds = self.tr("Pictures ({0})").format(_STILLS)
            chosen += (await open_files(self._window, title, kinds, self._folder()))[:1]
            if not chosen:
                return
        await self._session.faces.expressions.take(*chosen)

    async def _load_mouths(self, path: Path) -> None:
        """Mouth shapes from a file, after asking what is said where it is a recording."""
        voice: Voice | None = Voice("", True)
        if self._session.acting.voices.recorded(path):
            voice = await ask_voice(self._window, path)
        if voice is not None:
            await self._session.acting.load(path, voice.script, voice.english)

    # Documents

    def open_path(self, path: Path) -> None:
        """Open a project, after asking about what is open."""
        self._session.start(self._open_path(path))

    def open_sample(self, sample: Sample) -> None:
        """Open a sample; saving it asks for a place of one's own."""
        self._session.start(self._open_sample(sample))

    async def _open_sample(self, sample: Sample) -> None:
        if await self._may_give_up():
            self._session.new()
            await self._session.import_files(sample.keys, frame=1, every=sample.every)

    async def open_given(self, paths: list[Path]) -> None:
        """Open what was named on the command line: a project, or pictures as keys."""
        projects = [path for path in paths if path.suffix.lower() == f".{SUFFIX}"]
        pictures = [path for path in paths if path not in projects]
        if projects:
            await self._session.open(projects[0])
        if pictures:
            await self._session.import_files(pictures, mode=ImportMode.KEYS)

    async def _new(self) -> None:
        if await self._may_give_up():
            self._session.new()

    async def _open(self) -> None:
        scenes = self.tr("GenAni scenes ({0})").format(f"*.{SUFFIX}")
        found = await open_files(self._window, self.tr("Open"), scenes, self._folder())
        if found:
            await self._open_path(found[0])

    async def _open_path(self, path: Path) -> None:
        if await self._may_give_up():
            await self._session.open(path)

    async def save(self) -> bool:
        """Save; False where no place was chosen."""
        if self._session.path is None:
            return await self._save_as()
        await self._session.save()
        return True

    async def _save_as(self) -> bool:
        here = self._session.path or self._folder() / f"{self._session.title}.{SUFFIX}"
        scenes = self.tr("GenAni scenes ({0})").format(f"*.{SUFFIX}")
        found = await save_file(self._window, self.tr("Save as"), scenes, here, SUFFIX)
        if found is None:
            return False
        await self._session.save(found)
        return True

    def _folder(self) -> Path:
        return self._session.path.parent if self._session.path else Path.home()

    async def _may_give_up(self) -> bool:
        """Whether the open document may be closed: saved, unchanged, or not wanted."""
        if not self._session.modified:
            return True
        save, drop, stay = self.tr("Save"), self.tr("Discard"), self.tr("Stay")
        answer = await ask(
            self._window,
            self.tr("Save the changes to {0}?").format(self._session.title),
            self.tr("What is not saved is lost."),
            (save, drop, stay),
        )
        if answer == save:
            return await self.save()
        return answer == drop

    async def may_leave(self) -> bool | None:
        """Ask about running jobs and unsaved work; None to stay, else whether to discard."""
        if self._session.renders.busy:
            finish, stop, stay = self.tr("Finish"), self.tr("Cancel and quit"), self.tr("Stay")
            answer = await ask(
                self._window,
                self.tr("In-betweens are still being drawn"),
                self.tr("Finish waits for them; what is drawn already is kept either way."),
                (finish, stop, stay),
            )
            if answer == stay:
                return None
            if answer == finish:
                await self._drawn()
        if self._session.training.busy:
            pause, stay = self.tr("Pause and quit"), self.tr("Stay")
            answer = await ask(
                self._window,
                self.tr("A training is running"),
                self.tr("Paused, it keeps all that was learned and can go on another day."),
                (pause, stay),
            )
            if answer == stay:
                return None
        return True if await self._may_give_up() else None

    async def _drawn(self) -> None:
        """Wait until nothing is being drawn any more."""
        renders = self._session.renders
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def look() -> None:
            if not renders.busy and not done.done():
                done.set_result(None)

        renders.job_changed.connect(look)
        look()
        await done
        renders.job_changed.disconnect(look)

    async def offer_recovery(self) -> None:
        """Offer what a run that died left unsaved: recover, open the saved file, or discard."""
        for found in await self._session.recoverable():
            recover, saved, drop, later = (
                self.tr("Recover"),
                self.tr("Open saved"),
                self.tr("Discard"),
                self.tr("Decide later"),
            )
            answers = (recover, *((saved,) if found.project else ()), drop, later)
            answer = await ask(
                self._window,
                self.tr("GenAni did not close properly"),
                self.tr("Unsaved work on {0} was found.").format(found.scene.name),
                answers,
            )
            if answer == recover:
                await self._session.recover(found)
                return
            if answer == saved and found.project:
                await self._session.open(found.project)
            if answer == drop:
                await self._session.discard(found)

    # Bringing in

    async def _import(self) -> None:
        found = await self._choose_pictures(self.tr("Choose one or several drawings"))
        if found:
            self._place_files(found, self._session.selection.layer, self._session.playback.frame)

    async def _choose_pictures(self, title: str) -> list[Path]:
        """Let pictures be chosen, from where they were chosen the last time."""
        kept = bytes(self._session.memory.bytes(_FOLDER).data()).decode()
        folder = Path(kept) if kept else None
        pictures = self.tr("Pictures and clips ({0})").format(PICTURE_FILTER)
        found = await open_files(self._window, title, pictures, folder)
        if found:
            self._session.memory.keep(_FOLDER, QByteArray(str(found[0].parent).encode()))
        return found

    async def _add_key(self) -> None:
        found = await self._choose_pictures(self.tr("Choose the drawing of the key"))
        if found:
            await self._session.import_files(found, mode=ImportMode.KEYS)

    def attach(self, path: Path) -> None:
        """Pin a picture to the face at the playhead."""
        self._session.start(self._window.faces.attachments.attach(path))

    async def _attach(self) -> None:
        found = await self._choose_pictures(self.tr("Choose a drawing to pin to the face"))
        if found:
            await self._window.faces.attachments.attach(found[0])

    async def _cover(self) -> None:
        title = self.tr("Choose a picture of the part that lies in front")
        found = await self._choose_pictures(title)
        if found:
            await self._window.faces.attachments.cover(found[0])

    def import_dropped(self, paths: list[Path]) -> None:
        """Put what was dropped on the welcome page at the start of the scene."""
        self._place_files(paths, self._session.selection.layer, 1)

    def drop(self, data: QMimeData, layer: str, frame: int) -> None:
        """Put on the timeline what was let go there: files, bin pictures, or a picture."""
        # An id that no layer has makes a new one.
        target = layer or new_id()
        if data.hasFormat(BIN_MIME):
            places = json.loads(bytes(data.data(BIN_MIME).data()))
            self._session.place(self._window.media_bin.reading(places), target, frame)
        elif data.hasUrls():
            paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
            if len(paths) == 1 and self._session.acting.voices.speaks(paths[0]):
                self._speak(paths[0], layer, frame)
            elif paths:
                self._place_files(paths, target, frame)
        elif data.hasImage() and isinstance(image := data.imageData(), QImage):
            picture = from_image(image)
            self._session.controller.pictures.add(picture)
            rate = self._session.controller.scene.rate
            reading = Reading((Found(picture, 1, self.tr("dropped picture")),), rate)
            self._session.place(reading, target, frame)

    def _speak(self, path: Path, layer: str, frame: int) -> None:
        """Put the mouth shapes of a file where it was let go."""
        self._session.acting.leave()
        if layer:
            self._session.selection.set_layer(layer)
        self._session.playback.seek(frame)
        self._session.start(self._load_mouths(path))

    def _place_files(self, paths: list[Path], layer: str | None, frame: int) -> None:
        """Put files on the timeline; where it can mean two things, ask beside the pointer."""

        def place(mode: ImportMode, every: int = KEY_GAP) -> None:
            self._session.start(self._session.import_files(paths, layer, frame, mode, every))

        still = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".tga", ".bmp"}
        only_stills = all(path.is_file() and path.suffix.lower() in still for path in paths)
        if only_stills and len(paths) <= 2:
            place(ImportMode.KEYS)
            return
        menu = QMenu(self._window)
        menu.setObjectName("import-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("As a sequence"), lambda: place(ImportMode.SEQUENCE))
        for every in (KEY_GAP, 2 * KEY_GAP, KEY_GAP // 2):
            text = self.tr("Keys every {0} frames").format(every)
            menu.addAction(text, lambda every=every: place(ImportMode.KEYS, every))
        menu.addSeparator()
        menu.addAction(self.tr("Cancel"))
        menu.popup(QCursor.pos())

    # Sending out

    def show_export(self) -> None:
        """Show the export window; it stays open beside the work."""
        if self._export is not None:
            self._export.close()
        self._export = ExportWindow(self._session, self._window)
        self._export.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._export.destroyed.connect(self._export_gone)
        self._export.show()

    def _export_gone(self) -> None:
        self._export = None

    async def _export_again(self) -> None:
        target = self._session.settings.export_target
        if not target:
            self.show_export()
            return
        plan = ExportPlan(Path(target), self._session.settings.export)
        written = await self._session.export(plan)
        text = self.tr("%n file(s) written to {0}", "", len(written)).format(target)
        self._session.tell(text)

    def about(self) -> None:
        """Say which version this is and whose work it uses."""
        box = QMessageBox(self._window)
        box.setObjectName("about")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("About GenAni"))
        box.setText(self.tr("GenAni {0}").format(__version__))
        box.setInformativeText(
            self.tr(
                "You draw the keys; GenAni draws what lies between, on your own machine.\n\n"
                "Apache-2.0. Engines: RIFE and GMFSS (MIT). Faces: MediaPipe (Apache-2.0)."
            )
        )
        box.open()
