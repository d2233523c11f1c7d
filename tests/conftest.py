"""Shared fixtures: no test touches the user's folders, and no Qt test leaves anything behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

# Before any test imports Qt; a run under a real display may choose another one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before any imports torch: the tests already run on every core, a process each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PATIENCE = 20.0
"""Seconds until a test that waits for another thread gives up."""

FOLDERS = {
    "GENANI_CONFIG": "config",
    "GENANI_DATA": "data",
    "GENANI_CACHE": "cache",
    "GENANI_MODELS": "models",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_CACHE_HOME": "cache",
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, unsaved work, takes and models go to a place of this test alone."""
    root = tmp_path_factory.mktemp("home", numbered=True)
    for variable, name in FOLDERS.items():
        monkeypatch.setenv(variable, str(root / name))


def _uses_qt(request: pytest.FixtureRequest) -> bool:
    return bool({"qapp", "qtbot"} & set(request.fixturenames))


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a top-level widget behind."""
    if not _uses_qt(request):
        yield
        return
    request.getfixturevalue("qapp")
    threads = set(threading.enumerate())
    yield
    _delete_later()
    gc.collect()
    left = [*_threads_left(threads), *_timers_left(), *_widgets_left()]
    assert not left, f"left behind: {', '.join(left)}"


def _threads_left(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + 2
    while True:
        new = [t for t in threading.enumerate() if t not in before and t.is_alive()]
        new = [t for t in new if not t.name.startswith("Dummy")]
        if not new or time.monotonic() > deadline:
            return [f"thread {thread.name}" for thread in new]
        time.sleep(0.01)


def _timers_left() -> list[str]:
    from PySide6.QtCore import QThread, QTimer

    # Children of a deleted object are gone from Qt but may still be held by Python.
    from shiboken6 import isValid

    main = QThread.currentThread()
    found: list[str] = []
    for thing in gc.get_objects():
        # Not isinstance: some objects answer for others that are gone.
        if not issubclass(type(thing), QTimer | QThread) or not isValid(thing):
            continue
        if isinstance(thing, QTimer) and thing.isActive():
            found.append(f"timer of {thing.parent()!r}")
        elif isinstance(thing, QThread) and thing.isRunning() and thing is not main:
            found.append(f"thread {thing!r}")
    return found


def _delete_later() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _widgets_left() -> list[str]:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    return [repr(w) for w in app.topLevelWidgets()] if isinstance(app, QApplication) else []


@pytest.fixture
def until(qapp: Any) -> Callable[..., None]:
    """Handles events until a condition holds; fails when patience runs out."""
    from PySide6.QtCore import QEventLoop

    def wait(condition: Callable[[], bool], what: str = "the condition") -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            qapp.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    return wait


@pytest.fixture
def run(qapp: Any) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Runs a coroutine on an event loop that is Qt's, and gives its result."""
    import asyncio

    import qasync

    qapp.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    yield loop.run_until_complete
    end_tasks(loop)
    loop.close()
    asyncio.set_event_loop(None)


def end_tasks(loop: Any) -> None:
    """Cancel what still runs on an event loop, and wait for it, as a closing window does."""
    import asyncio

    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
