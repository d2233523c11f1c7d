"""What the timeline shows, told by colours at points."""

from __future__ import annotations

import threading

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor

from genani.app.states import SpanStatus
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.edits import AddLayer, SetKind
from genani.ui.timeline.marks import BREAKDOWN, GENERATED, KEY, state_colour
from tests.render.fakes import ScriptedEngine, flat
from tests.ui.stage import Stage, near


def mark(stage: Stage, frame: int) -> QPoint:
    """Where the mark of a block stands."""
    g = stage.geometry
    box = g.block(0, frame, 1)
    return QPointF(box.left() + 11, box.bottom() - 8.5).toPoint()


def colours(stage: Stage, centre: QPoint, reach: int = 7) -> list[QColor]:
    image = stage.picture()
    steps = range(-reach, reach + 1)
    return [image.pixelColor(centre.x() + x, centre.y() + y) for x in steps for y in steps]


def shows(stage: Stage, frame: int, colour: QColor) -> bool:
    return any(near(seen, colour) for seen in colours(stage, mark(stage, frame)))


def test_a_key_is_a_filled_diamond_and_a_generated_one_a_ring(pair: Stage) -> None:
    pair.session.playback.seek(20)
    image = pair.picture()
    assert near(image.pixelColor(mark(pair, 1)), KEY)
    assert not near(image.pixelColor(mark(pair, 1) + QPoint(5, 5)), KEY)
    # A ring: its colour around, nothing of it in the middle.
    assert shows(pair, 5, GENERATED)
    assert not near(image.pixelColor(mark(pair, 5)), GENERATED)


def test_a_breakdown_is_a_half_filled_diamond(pair: Stage) -> None:
    cell = pair.layer.cells[1].id
    edit = SetKind(pair.layer.id, (cell,), CellKind.BREAKDOWN)
    pair.session.controller.do(edit, "mark")
    pair.session.playback.seek(20)
    image = pair.picture()
    assert near(image.pixelColor(mark(pair, 9) - QPoint(3, 0)), BREAKDOWN)
    assert not near(image.pixelColor(mark(pair, 9) + QPoint(2, 0)), BREAKDOWN)


def strip(stage: Stage) -> set[str]:
    """Which states the strip of the first span has the colour of."""
    box = stage.geometry.strip(0, 1, 9)
    image = stage.picture()
    line = [
        image.pixelColor(x, y)
        for x in range(round(box.left()) + 3, round(box.left()) + 24)
        for y in range(round(box.top()) + 2, round(box.bottom()) - 1)
    ]
    names = ("stale", "queued", "running", "done", "failed")
    return {name for name in names if any(near(seen, state_colour(name), 6) for seen in line)}


def test_the_strip_tells_stale_running_done_and_failed(pair: Stage, engine: ScriptedEngine) -> None:
    pair.session.selection.clear()
    pair.session.playback.seek(20)
    assert strip(pair) == {"stale"}
    engine.gate = threading.Semaphore(0)
    pair.session.renders.generate([(pair.layer.id, pair.span.id)])
    pair.until(lambda: pair.status is SpanStatus.RUNNING)
    for _ in range(4):
        engine.gate.release()
    state = pair.session.renders.span_state
    pair.until(lambda: state(pair.layer.id, pair.span.id).share > 0.5)
    assert strip(pair) == {"running"}
    for _ in range(2):
        engine.gate.release()
    pair.until(lambda: pair.status is SpanStatus.DONE)
    assert strip(pair) == {"done"}


def test_an_error_is_a_triangle_and_a_crossed_strip(pair: Stage, engine: ScriptedEngine) -> None:
    engine.error = RuntimeError("it broke")
    pair.session.renders.generate([(pair.layer.id, pair.span.id)])
    pair.until(lambda: pair.status is SpanStatus.FAILED)
    pair.session.selection.clear()
    pair.session.playback.seek(20)
    assert strip(pair) == {"failed"}
    assert shows(pair, 5, state_colour("failed"))


def test_frames_that_are_ready_have_a_band_on_the_ruler(pair: Stage) -> None:
    pair.session.playback.seek(1)
    pair.until(lambda: pair.session.frames.cached(1))
    x = round(pair.geometry.x(1)) + 6
    assert near(pair.picture().pixelColor(x, 28), QColor("#8f9095"))


def crowded(layers: int, cells: int) -> Scene:
    drawing = Drawing("d", flat(1).id)
    rows = []
    for row in range(layers):
        row_cells = tuple(Cell(f"{row}-{i}", 1 + 2 * i, "d") for i in range(cells))
        rows.append(Layer(f"l{row}", f"L{row}", {"d": drawing}, row_cells))
    return Scene(layers=tuple(rows))


def test_only_what_is_visible_is_painted(stage: Stage) -> None:
    for layer in crowded(20, 10_000).layers:
        stage.session.controller.do(AddLayer(layer, 0), "add")
    asked: list[tuple[str, int]] = []
    thumbnail = stage.window.looks.look.thumbnail

    def counted(layer: str, exposure):  # noqa: ANN001, ANN202
        asked.append((layer, exposure.frame))

    object.__setattr__(stage.window.looks.look, "thumbnail", counted)
    stage.picture()
    object.__setattr__(stage.window.looks.look, "thumbnail", thumbnail)
    g, view = stage.geometry, stage.timeline.viewport()
    columns = (view.width() - g.header) / g.frame_width / 2 + 2
    rows = view.height() / g.row_height + 1
    assert 0 < len(asked) <= columns * rows
    assert max(frame for _, frame in asked) <= g.frame_at(view.width())
