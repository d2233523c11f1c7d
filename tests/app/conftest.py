"""A session over a scripted engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from genani.app.services import Services
from genani.app.session import Session
from genani.engines.api import CancelToken, Capability, EngineInfo
from genani.scene.request import InBetween, SpanRequest, SpanSettings
from genani.wiring import make_training
from tests.app.animated import animate_services
from tests.app.faces import ScriptedFinder, face_services
from tests.app.seeded import seed_services
from tests.app.styles import style_services
from tests.render.fakes import ScriptedEngine, flat


class SizedEngine(ScriptedEngine):
    """Draws flat pictures of the keys' size, and says that seeds matter.

    Attributes:
        doubts: warnings on everything it draws.
    """

    doubts: tuple[str, ...] = ()

    @property
    @override
    def info(self) -> EngineInfo:
        return replace(super().info, capabilities=frozenset({Capability.SEED}))

    @override
    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        for drawn in super().draw(request, token):
            value = int(drawn.picture.pixels[0, 0, 0])
            yield InBetween(drawn.t, flat(value, request.size), self.doubts)


def named(settings: SpanSettings, _faces: bool) -> SpanSettings:
    return replace(settings, engine="scripted") if settings.engine == "auto" else settings


def services(engine: ScriptedEngine, finder: ScriptedFinder | None = None) -> Services:
    return Services(
        engine=lambda _name: engine,
        engines=lambda: (engine.info,),
        resolve=named,
        choice=lambda _name, _faces: "",
        estimate=engine.estimate,
        warm_up=lambda: None,
        faces=face_services(finder),
        training=make_training(),
        styling=style_services(),
        animating=animate_services(),
        seeds=seed_services(),
    )


@pytest.fixture
def engine() -> ScriptedEngine:
    return SizedEngine()


@pytest.fixture
def finder() -> ScriptedFinder:
    return ScriptedFinder()


@pytest.fixture
def session(
    qapp: QApplication, engine: ScriptedEngine, finder: ScriptedFinder
) -> Iterator[Session]:
    made = Session(services(engine, finder))
    yield made
    made.shut()
    made.deleteLater()


@pytest.fixture
def png(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PNG of one colour and gives its path."""

    def write(name: str, value: int = 100, size: tuple[int, int] = (32, 24)) -> Path:
        pixels = np.full((size[1], size[0], 4), value, np.uint8)
        pixels[..., 3] = 255
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    return write


Run = Callable[[Any], Any]
