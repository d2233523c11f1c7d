"""GANime as an engine of spans: between two moving digits, and between two drawings."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSpinBox

from genani.app.states import SpanStatus
from genani.training.sources.digits import DigitSource
from tests.hands import Hands
from tests.results.common import SAMPLES, bring, idle, installed, layers, skip, span_state

ENGINE, DIGITS, DRAWINGS = "vqgpt", "moving-digits", "genani-vqgpt"
COUNT, SIDE, LAST = 3, 64, 9


async def digits(hands: Hands, out: Path) -> list[str]:
    """All of it; returns what is wrong."""
    wrong: list[str] = []
    begun = False
    if installed(DIGITS):
        wrong += await _between(hands, "digits", keys(out), DIGITS)
        begun = True
    else:
        skip(f"digits: {DIGITS} is not installed")
    if installed(DRAWINGS):
        if begun:
            await _new(hands)
        folder = SAMPLES / "neutral_to_happy"
        drawings = (folder / "0001.png", folder / "0017.png")
        wrong += await _between(hands, "drawings", drawings, "")
    else:
        skip(f"digits: {DRAWINGS} is not installed")
    return wrong


def keys(out: Path) -> tuple[Path, Path]:
    """The first and the last picture of a film of digits that no model has seen."""
    strip = DigitSource("test").strip(0, 4, SIDE, COUNT)
    paths = out / "digit-1.png", out / "digit-9.png"
    for path, frame in zip(paths, (strip.frames[0], strip.frames[-1]), strict=True):
        Image.fromarray(frame).save(path)
    return paths


async def _new(hands: Hands) -> None:
    await hands.key("ctrl+n")
    if hands.session.modified:
        await hands.until(lambda: hands.main.findChild(QPushButton, "answer-1"), "the question")
        await hands.click(hands.find(QPushButton, "answer-1"))
    await hands.until(lambda: not layers(hands)[0].cells, "a new scene")


async def _between(hands: Hands, name: str, paths: tuple[Path, Path], model: str) -> list[str]:
    """Choose engine and model for the span of two keys, cancel it once, draw it, look."""
    await bring(hands, *paths)
    await hands.frame(4)
    await hands.fill(hands.find(QSpinBox, "inspector-count"), str(COUNT))
    await hands.choose(hands.find(QComboBox, "inspector-engine"), ENGINE)
    await idle(hands)
    await hands.shot(f"{name}-engine")
    if model:
        await hands.choose(hands.find(QComboBox, "option-model"), model)
        await idle(hands)
    cost = hands.find(QLabel, "inspector-cost")
    await hands.until(lambda: not cost.text().startswith("Estimating"), "the estimate")
    await hands.shot(f"{name}-estimate")
    wrong = [] if "GANime" in cost.text() else [f"{name}: the estimate says {cost.text()!r}"]
    await hands.frame(4)
    await hands.click(hands.find(QPushButton, "inspector-generate"))
    state = lambda: span_state(hands)  # noqa: E731
    over = (SpanStatus.DONE, SpanStatus.FAILED)
    begun = (SpanStatus.RUNNING, *over)
    await hands.until(lambda: state().state in begun, "the first in-between to be begun")
    await hands.key("Escape")
    await hands.shot(f"{name}-cancelling")
    idle_again = (SpanStatus.STALE, *over)
    await hands.until(lambda: state().state in idle_again, "the end of it")
    await hands.shot(f"{name}-cancelled")
    if state().state is not SpanStatus.STALE:
        wrong.append(f"{name}: cancelled, the span is {state().state} {state().error}")
    await hands.click(hands.find(QPushButton, "inspector-generate"))
    await hands.until(lambda: state().state in over, "the span to be drawn")
    await idle(hands)
    if state().error:
        return [*wrong, f"{name}: {state().error}"]
    for frame in range(1, LAST + 1):
        await hands.frame(frame)
        if frame % 2:
            await hands.shot(f"{name}-frame-{frame}")
    return wrong
