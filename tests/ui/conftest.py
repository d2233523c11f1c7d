"""The real window over a session with a scripted engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from genani.app.session import Session
from genani.ui.main_window import MainWindow
from tests.app.conftest import Run, engine, finder, png, session
from tests.conftest import end_tasks
from tests.ui.stage import Stage

__all__ = ["engine", "finder", "png", "session"]


@pytest.fixture
def loop(run: Run) -> asyncio.AbstractEventLoop:
    """The event loop of `run`."""
    return asyncio.get_event_loop_policy().get_event_loop()


@pytest.fixture
def window(loop: asyncio.AbstractEventLoop, session: Session, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(session)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    session.renders.start()
    yield made
    end_tasks(loop)
    session.playback.stop()
    made.shut()
    made.deleteLater()


@pytest.fixture
def stage(
    window: MainWindow, session: Session, loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> Stage:
    """The window with short ways to act on it and to wait for it; the scene is empty."""
    return Stage(window, session, loop, tmp_path)


@pytest.fixture
def pair(stage: Stage) -> Stage:
    """The window with two keys on frames 1 and 9 of layer A, joined by a span of three."""
    stage.bring(stage.png("a.png", 10), stage.png("b.png", 200))
    return stage
