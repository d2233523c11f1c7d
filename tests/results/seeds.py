"""Faces from seeds: a sheet, two mixed, older and younger, one on the timeline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QPushButton, QSlider, QSpinBox

from genani.ui.styling.seeds import COUNT, SeedsWindow
from tests.hands import Hands
from tests.results.common import idle, layers, skip, undo

MODEL, DRAWING_MENU, AGE = "genani-stylegan", 2, -1


async def seeds(hands: Hands, out: Path) -> list[str]:
    """All of it; returns what is wrong."""
    del out
    found = await asyncio.to_thread(hands.session.services.seeds.models)
    own = next(model for model in found if model.name == MODEL)
    if own.missing:
        skip(f"seeds: {own.missing}")
        return []
    drawn: list[int] = []
    looks: list[QImage] = []
    failed: list[str] = []
    seeding = hands.session.seeding
    seeding.drew.connect(lambda place, _image: drawn.append(place))
    seeding.looked.connect(looks.append)
    seeding.failed.connect(failed.append)
    await hands.menu(DRAWING_MENU, "seeds")
    await hands.until(lambda: hands.main.documents.windows.seeds, "the window")
    window = hands.main.documents.windows.seeds
    assert window is not None
    await hands.place(window, 420, 40)
    await hands.until(lambda: failed or (len(drawn) >= COUNT and looks), "the sheet")
    await hands.shot("sheet")
    if failed:
        return failed
    look = _Look(hands, window, looks, failed)
    rows = hands.find(QListWidget, "seeds-sheet", window)
    await look.after(hands.pick(rows, 5), "a second face")
    await hands.shot("mixed")
    level = hands.find(QSlider, "seeds-level", window)
    await look.after(hands.slide(level, level.maximum() - 1), "another mixture")
    await hands.shot("mixed-late")
    character = hands.find(QSlider, "seeds-character", window)
    await look.after(hands.slide(character, 30), "less character")
    await hands.shot("less-character")
    feature = hands.find(QComboBox, "seeds-feature", window)
    amount = hands.find(QSlider, "seeds-amount", window)
    await hands.choose(feature, AGE if own.ages else 1)
    for name, value in (("older", 30), ("younger", -30)):
        await look.after(hands.slide(amount, value), name)
        await hands.shot(name if own.ages else f"feature-{value}")
    drawn.clear()
    await hands.fill(hands.find(QSpinBox, "seeds-first", window), "100")
    await hands.until(lambda: failed or len(drawn) >= COUNT, "another sheet")
    await hands.shot("another-sheet")
    wrong = [*look.same, *failed]
    if layers(hands)[0].cells:
        wrong.append("Return in the field of seeds put a face on the timeline")
    await hands.click(hands.find(QPushButton, "seeds-keep", window))
    await hands.until(lambda: layers(hands)[0].cells or failed, "the face on the timeline")
    await idle(hands)
    await hands.shot("kept")
    told = hands.find(QLabel, "seeds-told", window).text()
    if not layers(hands)[0].cells:
        return [*wrong, f"nothing is on the timeline: {told}"]
    wrong += await undo(hands, "seeds")
    await hands.close(window)
    await hands.shot("closed")
    return wrong


class _Look:
    """The face that is shown large, before and after something is done."""

    def __init__(
        self, hands: Hands, window: SeedsWindow, looks: list[QImage], failed: list[str]
    ) -> None:
        self._hands, self._looks, self._failed = hands, looks, failed
        del window
        self.same: list[str] = []

    async def after(self, doing, what: str) -> None:  # noqa: ANN001
        """Do something and wait for the face that comes of it; another one is expected."""
        before, count = self._looks[-1], len(self._looks)
        await doing
        await self._hands.until(lambda: len(self._looks) > count or self._failed, what)
        await asyncio.sleep(0.5)
        if self._looks[-1] == before:
            self.same.append(f"{what}: the face is the same as before")
