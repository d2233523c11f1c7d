"""`genani` and `python -m genani`: the window, or a sub-command without one."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib.util
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from genani.app.services import FaceServices, Services
    from genani.app.session import Session

_WITHOUT_WINDOW = {"-h", "--help", "--version"}
_OF_CV2 = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_LOG_BYTES = 2_000_000

AFTER_PAINT = 0.2
"""Seconds from showing the window to loading the engines: the first picture comes first."""

TURN = 0.0005
"""Seconds another thread may go on while the window waits: painting it takes dozens of turns,
and at Python's own 5 ms each an engine that computes would hold it up for a tenth of a second."""

PROJECT = ".genani"

_log = logging.getLogger("genani")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    from genani import cli

    given = list(sys.argv[1:] if arguments is None else arguments)
    if any(word in cli.COMMANDS or word in _WITHOUT_WINDOW for word in given):
        return cli.main(given)
    if "--offline" in given:
        os.environ["GENANI_OFFLINE"] = "1"
    return run([word for word in given if word != "--offline"])


def run(files: Sequence[str]) -> int:
    """Open the window, with these projects or pictures in it, and wait until it is closed."""
    if sys.platform == "win32":
        # After Qt its libraries fail to load (WinError 1114, pytorch#166628).
        import torch  # noqa: F401
    _forget_cv2()
    application = make_application(sys.argv[:1])
    import qasync

    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(_show([Path(name).absolute() for name in files]))
    finally:
        loop.close()


def make_application(arguments: Sequence[str]) -> QApplication:
    """The Qt application with its identity; made before the first widget.

    Also shares out the interpreter's time so that the window answers while an engine computes.
    """
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from genani import __version__, resources
    from genani.app.language import speak

    sys.setswitchinterval(TURN)
    # One name only: with an organisation of the same name the folders would be doubled.
    QApplication.setApplicationName("GenAni")
    QApplication.setApplicationVersion(__version__)
    QApplication.setOrganizationDomain("genani.org")
    QApplication.setDesktopFileName("org.genani.GenAni")
    application = QApplication(list(arguments))
    own = resources.folder("resources")
    application.setWindowIcon(QIcon(str(own / "icons" / "genani.svg")))
    speak(application, own / "translations")
    # The loop ends when the session has, not when Qt thinks so.
    application.setQuitOnLastWindowClosed(False)
    return application


def make_services() -> Services:
    """The engines and models as the window needs them; imports no torch."""
    from genani.app.services import Services
    from genani.engines import registry
    from genani.engines.api import Cost, Engine, EngineInfo
    from genani.scene.request import SpanRequest
    from genani.wiring import make_training
    from genani.wiring_animating import make_animating
    from genani.wiring_seeds import make_seeds
    from genani.wiring_styles import make_styling

    making = threading.Lock()
    has = registry.Remembered()

    def engine(name: str) -> Engine:
        # The worker draws and another thread estimates: each engine is made once all the same.
        # An estimate asked for early waits here for torch instead of holding up the window.
        with making:
            _load_torch()
            return registry.create(name)

    def engines() -> list[EngineInfo]:
        return [registry.info(name) for name in registry.names()]

    def estimate(request: SpanRequest) -> Cost:
        return engine(request.settings.engine).estimate(request)

    def warm_up() -> None:
        engine(registry.AUTO)
        _forget_cv2()

    return Services(
        engine=engine,
        engines=engines,
        resolve=lambda settings, faces: registry.resolve(settings, faces, has),
        choice=lambda name, faces: registry.choose(name, faces, has).note,
        estimate=estimate,
        warm_up=warm_up,
        faces=make_faces(),
        training=make_training(),
        styling=make_styling(_load_torch),
        animating=make_animating(_load_torch),
        seeds=make_seeds(_load_torch),
    )


def make_faces() -> FaceServices:
    """Faces as the window needs them; the detector is started when it is first asked."""
    from genani.app.services import Contour, FaceServices
    from genani.face import draft, fit, mesh, planned, standby, touch
    from genani.face.detect import MODEL, MODEL_FILE
    from genani.store import models
    from genani.wiring_attach import make_attach

    detector = standby.Standby(lambda: models.path(MODEL, MODEL_FILE))

    return FaceServices(
        installed=lambda: models.Catalogue().state(MODEL).status.usable,
        find=detector.find,
        read=detector.read,
        carried=detector.carried,
        close=detector.close,
        pins=mesh.PINS,
        twins={pin: touch.twin(pin) for pin in mesh.PINS},
        groups=touch.groups(),
        parts={pin: touch.part_of(pin) for pin in mesh.PINS},
        contours=[Contour(*line) for line in touch.lines()],
        outline=mesh.CONTOURS["oval"],
        edges=touch.edges,
        fit=fit.fit,
        placed=touch.placed,
        bent=touch.bent,
        turned_around=touch.turned_around,
        planned=planned.planned,
        draft=draft.draft,
        attach=make_attach(_forget_cv2),
    )


async def _show(files: list[Path]) -> int:
    """Show the window and stay until the session has ended."""
    from genani.app.session import Session
    from genani.ui.main_window import MainWindow

    _keep_log()
    session = Session(make_services())
    _report_all(session)
    window = MainWindow(session)
    ended = asyncio.get_running_loop().create_future()
    # Nobody has to look at a window that waits for the last step of an engine.
    session.closing.connect(window.hide)
    session.closed.connect(lambda: ended.done() or ended.set_result(None))
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, window.close)
    window.show()
    session.start(_open(session, files))
    session.start(_start_worker(session))
    window.start()
    await ended
    window.deleteLater()
    return 0


async def _open(session: Session, files: list[Path]) -> None:
    """Open the first project among the files; pictures become keys."""
    for path in [path for path in files if path.suffix.lower() == PROJECT][:1]:
        await session.open(path)
    pictures = [path for path in files if path.suffix.lower() != PROJECT]
    if pictures:
        await session.import_files(pictures)


async def _start_worker(session: Session) -> None:
    await asyncio.sleep(AFTER_PAINT)
    session.renders.start()


def _load_torch() -> None:
    """Import torch on this thread without holding up the window for long.

    An import holds the interpreter while the system loads the libraries (0.4 s measured), and the
    collector looks at all that was imported (0.2 s). So the libraries are loaded first by a plain
    foreign call, which lets other threads run, and the collector rests meanwhile. What is left
    is torch's own start in C, which nothing can divide (0.08 to 0.1 s, once).
    """
    if "torch" in sys.modules:
        return
    found = importlib.util.find_spec("torch")
    if found and found.origin and sys.platform != "win32":
        suffix = "dylib" if sys.platform == "darwin" else "so"
        load = ctypes.CDLL(None).dlopen
        load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
        # The first one torch itself loads for everybody, the others for its own.
        modes = {"libtorch_global_deps": os.RTLD_GLOBAL, "libtorch_cpu": 0, "libtorch": 0}
        for name, mode in modes.items():
            library = Path(found.origin).parent / "lib" / f"{name}.{suffix}"
            # Where this fails the import below does it, and tells why if it cannot either.
            load(os.fsencode(library), os.RTLD_NOW | mode)
    gc.disable()
    try:
        import torch  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()


def _report_all(session: Session) -> None:
    """Tell of every mistake of ours in the message bar and the log, instead of losing it."""
    from genani.app.messages import Message

    def report(error: BaseException) -> None:
        _log.error("unexpected", exc_info=error)
        session.message.emit(Message.of(error))

    def hook(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            report(error)

    def in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None:
            _log.error("%s", context.get("message"))
        else:
            report(error)

    sys.excepthook = hook
    asyncio.get_running_loop().set_exception_handler(in_loop)


def _keep_log() -> None:
    """Write warnings and errors to a file beside the unsaved work; do without if it cannot be."""
    from genani.app.places import data_folder

    with suppress(OSError):
        data_folder().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            data_folder() / "genani.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)


def _forget_cv2() -> None:
    """Remove what cv2 sets for a Qt of its own: ours and that of other programs would follow it."""
    for variable in _OF_CV2:
        if "cv2" in os.environ.get(variable, ""):
            del os.environ[variable]


if __name__ == "__main__":
    raise SystemExit(main())
