"""Attach a drawing: glasses on a head that turns, through every in-between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox

from genani.face.fit import pins_of
from genani.training.rig.drawing import draw
from genani.training.rig.samples import SAMPLES as DRAWN
from tests.hands import Hands
from tests.results.common import SAMPLES, bring, draw_span, idle, layers, undo
from tests.rig_pins import mesh_pins

FACE_MENU = 4
GLASSES = (200, 30, 60)
COUNT = 7
SAMPLE, FRAMES = "head_turn", {1: 1, 9: 17}
"""The frames of the window on which the sample's keys come to stand."""


async def attach(hands: Hands, out: Path) -> list[str]:
    """All of it; returns what is wrong."""
    wrong: list[str] = []
    folder = SAMPLES / SAMPLE
    await bring(hands, folder / "0001.png", folder / "0017.png")
    for frame, key in FRAMES.items():
        await _mark(hands, frame, key)
    wrong += [text for text in [await draw_span(hands, COUNT)] if text]
    await hands.frame(1)
    await hands.menu(FACE_MENU, "attach")
    await hands.files(glasses(out / "glasses.png"))
    commands = hands.main.faces.attachments
    await hands.until(commands.here, "the glasses")
    await idle(hands)
    await hands.shot("attached")
    await _fit(hands)
    await hands.shot("placed")
    await hands.key("Escape")
    seen = []
    for frame in range(1, COUNT + 3):
        await hands.frame(frame, row=_row(hands))
        await idle(hands)
        seen.append(await _glasses(hands, f"frame-{frame}"))
    wrong += [f"frame {n}: no glasses" for n, place in enumerate(seen, 1) if place is None]
    places = [place for place in seen if place is not None]
    steps = np.diff(places, axis=0)
    if len(places) > 2 and np.abs(steps).max() > 3 * max(np.abs(steps).mean(0).max(), 1):
        wrong.append(f"the glasses jump: {np.round(places).tolist()}")
    await hands.frame(1, row=_row(hands))
    await hands.menu(FACE_MENU, "attach-place")
    await hands.choose(hands.find(QComboBox, "attach-order"), "side")
    await hands.shot("behind-once-turned-away")
    wrong += await undo(hands, "attach")
    return wrong


async def _mark(hands: Hands, frame: int, key: int) -> None:
    """Place the face of a key by hand: no detector finds it; where it is, the rig knows."""
    truth = _truth(key)
    await hands.frame(frame)
    await idle(hands)
    await hands.key("p")
    canvas = hands.main.canvas
    at = np.array(list(truth.values()))
    low, high = at.min(0), at.max(0)

    def screen(place: tuple[float, float]) -> QPoint:
        return canvas.viewport_now.to_screen(QPointF(*place)).toPoint()

    await hands.hold("shift")
    await hands.drag(canvas, screen((low[0], low[1])), screen((high[0], high[1])))
    await hands.let_go("shift")
    await hands.until(lambda: _pins(hands), f"a face on frame {frame}")
    # From the outside in: pins that are close together are told apart that way.
    now = _pins(hands)
    middle = np.mean(list(now.values()), axis=0)
    far = {pin: float(np.linalg.norm(np.subtract(now[pin], middle))) for pin in now}
    for pin in sorted(now, key=lambda pin: -far[pin]):
        start = _pins(hands)[pin]
        await hands.drag(canvas, screen(start), screen(truth[pin]))
    await hands.shot(f"pinned-{frame}")
    await hands.key("p")


def _pins(hands: Hands) -> dict[str, tuple[float, float]]:
    """Of the face at the playhead; empty without one."""
    here = hands.session.faces.view.here()
    return pins_of(here.landmarks) if here and here.landmarks else {}


def _truth(key: int) -> dict[str, tuple[float, float]]:
    """Where the pins of a key of the sample belong, by the names of the mesh."""
    sample = DRAWN[SAMPLE]
    moment = sample.keys[key]
    pins = draw(sample.who, moment.mood, moment.pose, detail=1).pins
    return mesh_pins(pins)


def _row(hands: Hands) -> int:
    """The row of the glasses, the foremost layer first."""
    order = [layer.id for layer in reversed(layers(hands))]
    here = hands.main.faces.attachments.here()
    return order.index(here.layer.id) if here else 0


async def _fit(hands: Hands) -> None:
    """Pull a corner until the glasses are as wide as the face's eyes, then carry them there."""
    tool, canvas = hands.main.faces.attach_tool, hands.main.canvas
    here = hands.main.faces.attachments.here()
    frame = tool.frame(canvas.viewport_now)
    assert here is not None
    assert here.face is not None
    assert frame is not None
    pins = hands.session.services.faces.pins
    places = [here.face.points[pins[f"{side} iris"]] for side in ("left", "right")]
    eyes = [canvas.viewport_now.to_screen(QPointF(x, y)) for x, y, _ in places]
    apart = abs(eyes[0].x() - eyes[1].x())
    corner, middle = frame.corners[2], frame.middle
    factor = 2.2 * apart / abs(frame.corners[1].x() - frame.corners[0].x())
    stop = middle + (corner - middle) * factor
    await hands.drag(canvas, corner.toPoint(), stop.toPoint())
    frame = tool.frame(canvas.viewport_now)
    assert frame is not None
    between = (eyes[0] + eyes[1]) / 2
    await hands.drag(canvas, frame.middle.toPoint(), between.toPoint())


async def _glasses(hands: Hands, name: str) -> tuple[float, float] | None:
    """Where the glasses are seen on the canvas; a screenshot is left."""
    path = await hands.shot(name)
    canvas = hands.main.canvas
    corner = canvas.mapToGlobal(canvas.rect().topLeft())
    shown = QImage(str(path)).copy(corner.x(), corner.y(), canvas.width(), canvas.height())
    shown = shown.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), -1)
    pixels = flat[:, : 3 * shown.width()].reshape(shown.height(), shown.width(), 3).astype(int)
    rows, columns = np.nonzero((np.abs(pixels - GLASSES) < 25).all(2))
    return (float(columns.mean()), float(rows.mean())) if len(rows) > 40 else None


def glasses(path: Path) -> Path:
    """Round glasses, drawn four times as large and averaged down."""
    image = Image.new("RGBA", (880, 320))
    pen = ImageDraw.Draw(image)
    for left in (40, 520):
        pen.ellipse((left, 20, left + 320, 300), (255, 255, 255, 70), (*GLASSES, 255), 36)
    pen.arc((340, 90, 540, 230), 180, 360, (*GLASSES, 255), 36)
    image.resize((220, 80), Image.Resampling.BOX).save(path)
    return path
