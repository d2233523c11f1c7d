"""Animate this drawing: a character walks and jumps, pixel art stays pixel art."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from genani.app.animating.outcome import Keeping
from genani.app.services import Services
from genani.scene.picture import Picture
from genani.ui.animating.loop_view import LoopView
from genani.ui.animating.window import AnimateWindow
from tests.hands import Hands
from tests.results.common import bring, idle, layers, skip, undo

CHARACTER = "kenney-toon-characters"
COLOURS, SMALL = 12, 48


async def animate(hands: Hands, out: Path) -> list[str]:
    """All of it; returns what is wrong."""
    services: Services = hands.session.services
    missing = await asyncio.to_thread(lambda: services.animating.models().known[0].missing)
    store = Path(os.environ.get("GENANI_MODELS", "")) / CHARACTER
    stills = sorted(store.glob("*idle*.png"))
    if missing or not stills:
        skip(f"animate: {missing or f'no {CHARACTER} in the store'}")
        return []
    wrong = []
    await bring(hands, stills[0])
    for action, place in (("walk", Keeping.BEHIND), ("jump", Keeping.INSTEAD)):
        wrong += await _loop(hands, action, place)
    wrong += await _pixel_art(hands, small(stills[0], out / "pixel-art.png"))
    return wrong


async def _loop(hands: Hands, action: str, place: Keeping) -> list[str]:
    """Draw one loop of the key on frame 1, watch it, put it on the timeline, take it back."""
    await _open(hands)
    window = _window(hands)
    await hands.choose(hands.find(QComboBox, "animate-action", window), action)
    await hands.choose(hands.find(QComboBox, "animate-place", window), place)
    why = await _draw(hands)
    if why:
        return [f"{action}: {why}"]
    view = hands.find(LoopView, "animate-preview", window)
    wrong = []
    seen = set()
    for number in range(3):
        seen.add(bytes(view.grab().toImage().constBits()))
        await hands.shot(f"{action}-playing-{number}")
    if len(seen) < 2:
        wrong.append(f"{action}: the loop does not play")
    scene = hands.session.controller.scene
    await hands.click(hands.find(QPushButton, "animate-keep", window))
    await hands.until(lambda: hands.session.controller.scene != scene, "the loop to be kept")
    await hands.shot(f"{action}-kept")
    if place is Keeping.BEHIND and len(layers(hands)) != len(scene.layers):
        wrong.append(f"{action}: it went onto another layer")
    wrong += await undo(hands, action)
    await hands.close(window)
    return wrong


async def _pixel_art(hands: Hands, path: Path) -> list[str]:
    """A small drawing: kept frames have no colour that it has not."""
    wrong: list[str] = []
    await hands.key("ctrl+n")
    if hands.session.modified:
        await hands.until(lambda: hands.main.findChild(QPushButton, "answer-1"), "the question")
        await hands.click(hands.find(QPushButton, "answer-1"))
    await hands.until(lambda: not layers(hands)[0].cells, "a new scene")
    await bring(hands, path)
    await _open(hands)
    window = _window(hands)
    await hands.choose(hands.find(QComboBox, "animate-action", window), "walk")
    await hands.choose(hands.find(QComboBox, "animate-pixel-art", window), "on")
    await hands.choose(hands.find(QComboBox, "animate-place", window), Keeping.BEHIND)
    why = await _draw(hands)
    if why:
        return [f"pixel art: {why}"]
    await hands.shot("pixel-art")
    await hands.click(hands.find(QPushButton, "animate-keep", window))
    await hands.until(lambda: len(layers(hands)[0].cells) > 2, "the loop to be kept")
    await hands.close(window)
    await hands.frame(4)
    await hands.shot("pixel-art-kept")
    layer = layers(hands)[0]
    pictures = [
        hands.session.controller.picture(layer.drawings[cell.drawing].picture)
        for cell in layer.cells
        if cell.drawing
    ]
    own = _colours(pictures[0])
    for number, picture in enumerate(pictures[1:], 2):
        if not _colours(picture) <= own:
            wrong.append(f"pixel art: drawing {number} has colours of its own")
    return wrong


def _colours(picture: Picture) -> set[bytes]:
    """The colours of what is not fully transparent."""
    flat = picture.pixels.reshape(-1, 4)
    return {pixel.tobytes() for pixel in np.unique(flat[flat[:, 3] > 0], axis=0)}


async def _open(hands: Hands) -> None:
    await hands.frame(1, button=3)
    await hands.popup("animate")
    await hands.until(lambda: hands.main.documents.windows.animating, "the window")
    await hands.place(_window(hands), 700, 120)
    await idle(hands)


def _window(hands: Hands) -> AnimateWindow:
    found = hands.main.documents.windows.animating
    assert found is not None
    return found


async def _draw(hands: Hands) -> str:
    """Draw the loop; returns why not, or nothing."""
    window, told = _window(hands), []
    ended = hands.session.animating.ended.connect(told.append)
    await hands.click(hands.find(QPushButton, "animate-go", window))
    await hands.shot("drawing")
    await hands.until(lambda: told, "the loop")
    hands.session.animating.ended.disconnect(ended)
    return hands.find(QLabel, "animate-note", window).text() if told[0] else ""


def small(character: Path, path: Path) -> Path:
    """A character as pixel art: few pixels, few colours, no soft edges."""
    with Image.open(character) as opened:
        whole = opened.convert("RGBA")
    whole = whole.crop(whole.getbbox())
    whole.thumbnail((SMALL, SMALL), Image.Resampling.BOX)
    canvas = Image.new("RGBA", (SMALL, SMALL))
    canvas.paste(whole, ((SMALL - whole.width) // 2, SMALL - whole.height))
    few = np.asarray(canvas.convert("RGB").quantize(COLOURS).convert("RGB"))
    solid = np.asarray(canvas)[..., 3:] > 127
    pixels = np.concatenate([few * solid, np.uint8(255) * solid], 2).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path
