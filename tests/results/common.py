"""What several parts do: bring drawings in, have a span drawn, undo."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QSpinBox

from genani.app.states import SpanState, SpanStatus
from genani.scene.document import Layer
from genani.store.models import Catalogue
from tests.hands import Hands

SAMPLES = Path(__file__).parent.parent.parent / "resources" / "samples"


def skip(text: str) -> None:
    """Say that something is left out, and why."""
    print(f"skipped: {text}", flush=True)


def installed(model: str) -> bool:
    """Whether a model of the store can be used."""
    catalogue = Catalogue()
    return model in catalogue.names() and catalogue.state(model).status.usable


def layers(hands: Hands) -> tuple[Layer, ...]:
    """Of the scene, the rearmost first."""
    return hands.session.controller.scene.layers


async def bring(hands: Hands, *paths: Path) -> None:
    """Bring files in by the chooser: stills as keys, what moves as a sequence."""
    before = hands.session.controller.scene
    await hands.key("ctrl+i")
    await hands.files(*paths)
    await hands.until(lambda: hands.session.controller.scene != before, "the drawings")
    await idle(hands)


async def idle(hands: Hands) -> None:
    """Wait until what was begun is over."""
    await asyncio.sleep(0.3)
    await hands.until(lambda: not hands.session._tasks, "what was begun")


async def draw_span(hands: Hands, count: int, between: int = 4) -> str:
    """Choose how many in-betweens the first span has and have it drawn.

    Args:
        hands: at the window.
        count: of in-betweens.
        between: a frame of the span.

    Returns:
        Why it could not be drawn; empty if it was.
    """
    await hands.frame(between)
    field = hands.find(QSpinBox, "inspector-count")
    await hands.fill(field, str(count))
    await hands.frame(between)
    await hands.key("ctrl+Return")
    over = (SpanStatus.DONE, SpanStatus.FAILED)
    await hands.until(lambda: span_state(hands).state in over, "the span to be drawn")
    await idle(hands)
    return span_state(hands).error


def span_state(hands: Hands) -> SpanState:
    """Where the first span of the first layer stands."""
    layer = layers(hands)[0]
    return hands.session.renders.span_state(layer.id, layer.spans[0].id)


async def undo(hands: Hands, name: str) -> list[str]:
    """Ctrl+Z in the window that is in front; says what is wrong if nothing is taken back."""
    stack = hands.session.controller.undo_stack
    before = stack.index()
    await hands.key("ctrl+z")
    await asyncio.sleep(0.3)
    return [] if stack.index() == before - 1 else [f"{name}: Ctrl+Z takes nothing back"]
