"""Hundreds of random actions, as menus and keys trigger them: all can be undone and redone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from genani.app.messages import Level
from genani.app.session import Session
from genani.scene.acting import Viseme
from tests.app.conftest import Run
from tests.app.desk import Desk

ACTIONS = (
    "add-layer",
    "add-span",
    "blank",
    "blink",
    "breakdown",
    "copy",
    "cut",
    "delete",
    "delete-layer",
    "delete-ripple",
    "draw-hold",
    "duplicate",
    "exposure-less",
    "exposure-more",
    "flip",
    "generate",
    "generate-all",
    "hold-mouths",
    "insert",
    "keep",
    "layer-down",
    "layer-up",
    "lanes",
    "look",
    "mark-breakdown",
    "mark-inbetween",
    "mark-key",
    "marker",
    "new-seed",
    "next-drawing",
    "next-key",
    "next-variant",
    "paste",
    "pin",
    "previous-drawing",
    "previous-variant",
    "range-in",
    "range-out",
    "range-selection",
    "regenerate-one",
    "reject",
    "remove-span",
    "select-all",
    "undo",
)


class Hand:
    """Somebody who tries everything."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = Random(seed)

    def aim(self) -> None:
        """Move the playhead, or select something."""
        session, random = self.desk.session, self.random
        layers = session.controller.scene.layers
        session.playback.seek(random.randrange(1, 30))
        if not layers:
            return
        layer = random.choice(layers)
        session.selection.set_layer(layer.id)
        wish = random.random()
        if wish < 0.3 and layer.cells:
            count = min(len(layer.cells), random.randrange(1, 4))
            session.selection.select_cells(c.id for c in random.sample(layer.cells, count))
        elif wish < 0.5 and layer.spans:
            span = random.choice(layer.spans)
            t = random.choice([None, *span.chart.ticks])
            session.selection.select_span(layer.id, span.id, t)
        elif wish < 0.8:
            session.selection.clear()

    def act(self) -> str:
        """Trigger an action that can be used."""
        session = self.desk.session
        session.commands.refresh()
        if self.random.random() < 0.1 and session.acting.layer() is not None:
            session.acting.set_mouth(self.random.choice([*Viseme, None]))
        usable = [name for name in ACTIONS if session.actions.action(name).isEnabled()]
        name = self.random.choice(usable)
        self.desk.trigger(name)
        return name


@pytest.mark.parametrize("seed", [3, 14])
def test_500_random_actions_undo_and_redo(
    session: Session,
    run: Run,
    until: Callable[..., None],
    png: Callable[..., Path],
    seed: int,
) -> None:
    desk = Desk(session, run, until)
    session.renders.start()
    start = session.controller.scene
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    hand = Hand(desk, seed)
    used: set[str] = set()
    for _ in range(500):
        hand.aim()
        used.add(hand.act())
    until(lambda: not session.renders.busy, "the worker")
    stack = session.controller.undo_stack
    while stack.canRedo():
        stack.redo()
    end = session.controller.scene
    while stack.canUndo():
        stack.undo()
    assert session.controller.scene == start
    while stack.canRedo():
        stack.redo()
    assert session.controller.scene == end
    assert len(used) > 25
    assert [m for m in desk.messages if m.level is Level.ERROR and "unexpected" in m.text] == []
