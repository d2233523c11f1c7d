"""Stylise: every style there is, on a key, a span and a clip."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
)

from genani.app.styling.services import StyleChoice
from genani.app.styling.subject import Extent
from genani.ui.styling.style_list import StyleList
from genani.ui.styling.window import StyliseWindow
from genani.ui.styling.wipe import WipeView
from tests.hands import Hands
from tests.results.common import SAMPLES, bring, draw_span, idle, layers, skip, undo

STRENGTH = 60
ON_ONE_KEY = {"stylegan", "jojogan", "shinkai"}
"""They look for a face's likeness on every drawing, or are the network of another style."""

QUICKEST = "animegan"
"""For the clip, where it is there."""


@dataclass
class Stylising:
    """The window of styles and what is wrong with it.

    Args:
        hands: at the window.
        wrong: what was found.
    """

    hands: Hands
    wrong: list[str] = field(default_factory=list)

    @property
    def window(self) -> StyliseWindow:
        """The window; it is open."""
        found = self.hands.main.documents.windows.styling
        assert found is not None
        return found

    async def open(self, frame: int) -> None:
        """Open it from the timeline's menu, on a frame."""
        await self.hands.frame(frame, button=3)
        await self.hands.popup("stylise")
        await self._opened()

    async def open_by_key(self) -> None:
        """Open it for what is selected."""
        await self.hands.key("ctrl+shift+y")
        await self._opened()

    async def _opened(self) -> None:
        await self.hands.until(
            lambda: self.hands.main.documents.windows.styling, "the styling window"
        )
        styling = self.hands.session.styling
        await self.hands.until(lambda: styling.choices, "the styles")
        await self.hands.place(self.window, 480, 20)
        await idle(self.hands)

    def installed(self) -> list[StyleChoice]:
        """The styles that are there; the others are named."""
        choices = self.hands.session.styling.choices
        for choice in choices:
            if choice.missing:
                skip(f"style {choice.id}: {choice.missing}")
        return [choice for choice in choices if not choice.missing]

    async def style(self, choice: StyleChoice) -> bool:
        """Click a style and wait until the drawing is shown in it."""
        hands, styling = self.hands, self.hands.session.styling
        rows = hands.find(StyleList, "stylise-list", self.window)
        told: list[str] = []
        looked = styling.looked.connect(lambda _asked, _image: told.append(""))
        failed = styling.look_failed.connect(lambda _asked, why: told.append(why or "stopped"))
        row = [each.id for each in styling.choices].index(choice.id)
        # It may have been chosen when the window came up.
        wipe = self.wipe
        there = rows.currentRow() == row and wipe.after is not None and not wipe._faint
        await hands.pick(rows, row)
        await hands.until(lambda: told or there, f"a look at {choice.id}")
        await idle(hands)
        styling.looked.disconnect(looked)
        styling.look_failed.disconnect(failed)
        if told and told[-1]:
            self.wrong.append(f"{choice.id}: {told[-1]}")
        return not (told and told[-1])

    @property
    def wipe(self) -> WipeView:
        """Before and after."""
        return self.hands.find(WipeView, "stylise-wipe", self.window)

    async def weaken(self) -> None:
        """Pull the strength down."""
        slider = self.hands.find(QSlider, "stylise-strength", self.window)
        await self.hands.slide(slider, STRENGTH)
        if abs(slider.value() - STRENGTH) > 4:
            self.wrong.append(f"the strength stands at {slider.value()} %")

    async def move_wipe(self, share: float) -> None:
        """Drag the divider."""
        wipe = self.wipe
        box = wipe._box()
        start = wipe.divider().toPoint()
        stop = QPoint(round(box.left() + box.width() * share), start.y())
        await self.hands.drag(wipe, start, stop)
        if abs(wipe.share - share) > 0.03:
            self.wrong.append(f"the divider stands at {wipe.share:.2f} instead of {share}")

    async def redraw(self, what: str, cancel: bool = False) -> bool:
        """Press the button and wait; True if all was redrawn."""
        hands, styling = self.hands, self.hands.session.styling
        told: list[str] = []
        ended = styling.ended.connect(told.append)
        await hands.click(hands.find(QPushButton, "stylise-go", self.window))
        if cancel:
            bar = hands.find(QProgressBar, "stylise-progress", self.window)
            await hands.until(lambda: bar.value() > 150 or told, "some drawings")
            await hands.shot(f"{what}-under-way")
            if not told:
                await hands.click(hands.find(QPushButton, "stylise-stop", self.window))
        await hands.until(lambda: told, f"{what} to be redrawn")
        styling.ended.disconnect(ended)
        await idle(hands)
        note = hands.find(QLabel, "stylise-told", self.window).text()
        if told[0] and not cancel:
            self.wrong.append(f"{what}: {note}")
        return not told[0]


async def stylise(hands: Hands, out: Path) -> list[str]:
    """All of it; returns what is wrong."""
    use = Stylising(hands)
    folder = SAMPLES / "neutral_to_happy"
    await bring(hands, folder / "0001.png", folder / "0017.png")
    use.wrong += [text for text in [await draw_span(hands, 3)] if text]
    await use.open(1)
    await hands.shot("opened")
    there = use.installed()
    for choice in there:
        await _on_key(use, choice)
    await _missing(use)
    quick = [choice for choice in there if choice.name not in ON_ONE_KEY]
    await hands.close(use.window)
    await _on_span(use, quick)
    if quick:
        await _on_clip(use, out, next((c for c in quick if c.name == QUICKEST), quick[0]))
    return use.wrong


async def _on_key(use: Stylising, choice: StyleChoice) -> None:
    """One style on the key of frame 1: looked at, weakened, wiped, kept, undone."""
    hands = use.hands
    strength = hands.find(QSlider, "stylise-strength", use.window)
    await hands.slide(strength, 100)
    if not await use.style(choice):
        await hands.shot(f"{choice.id}-failed")
        return
    await use.move_wipe(0.5)
    await hands.shot(f"{choice.id}-look")
    await use.weaken()
    await use.move_wipe(0.2)
    await hands.shot(f"{choice.id}-{STRENGTH}-percent")
    before = len(layers(hands))
    if not await use.redraw(choice.id):
        return
    await hands.shot(f"{choice.id}-kept")
    if len(layers(hands)) != before + 1:
        use.wrong.append(f"{choice.id}: no layer was added")
    use.wrong += await undo(hands, choice.id)


async def _missing(use: Stylising) -> None:
    """A style that is not there says how it is to be had, and cannot be begun."""
    hands, choices = use.hands, list(use.hands.session.styling.choices)
    missing = next((choice for choice in choices if choice.missing), None)
    if missing is None:
        return
    rows = hands.find(StyleList, "stylise-list", use.window)
    await hands.pick(rows, choices.index(missing))
    told = hands.find(QLabel, "stylise-missing", use.window)
    await hands.until(told.isVisible, "what is missing")
    await hands.shot(f"{missing.id}-missing")
    if hands.find(QPushButton, "stylise-go", use.window).isEnabled():
        use.wrong.append(f"{missing.id} is not there, but can be begun")


async def _on_span(use: Stylising, choices: list[StyleChoice]) -> None:
    """The span restyled onto a layer of its own, looked through in the main window."""
    hands = use.hands
    for choice in choices:
        await hands.click(hands.main.timeline.viewport(), _strip(hands))
        await use.open_by_key()
        extent = hands.find(QComboBox, "stylise-extent", use.window)
        if extent.currentData() is not Extent.SPAN:
            use.wrong.append(f"a span is chosen, but {extent.currentText()} is offered")
            await hands.choose(extent, Extent.SPAN)
        await use.style(choice)
        if await use.redraw(f"span in {choice.id}"):
            await hands.close(use.window)
            await hands.shot(f"span-{choice.id}")
            for frame in (3, 5):
                await hands.frame(frame, row=0)
                await idle(hands)
                await hands.shot(f"span-{choice.id}-frame-{frame}")
            use.wrong += await undo(hands, f"span in {choice.id}")
        else:
            await hands.close(use.window)


def _strip(hands: Hands) -> QPoint:
    """The middle of the first span's bar; with one layer it is on the first row."""
    layer = layers(hands)[0]
    first, last = layer.ends(layer.spans[0])
    return hands.main.timeline.geometry_now.strip(0, first, last).center().toPoint()


async def _on_clip(use: Stylising, out: Path, choice: StyleChoice) -> None:
    """A rendered shot: cancelled once, redrawn in place, played, undone."""
    hands = use.hands
    film = shot(out)
    await hands.key("ctrl+n")
    if hands.session.modified:
        await hands.until(lambda: hands.main.findChild(QPushButton, "answer-1"), "the question")
        await hands.click(hands.find(QPushButton, "answer-1"))
    await hands.until(lambda: not layers(hands)[0].cells, "a new scene")
    await hands.key("ctrl+i")
    await hands.files(film)
    await _as_sequence(hands)
    await hands.frame(1)
    await use.open_by_key()
    extent = hands.find(QComboBox, "stylise-extent", use.window)
    await hands.choose(extent, Extent.LAYER)
    await use.style(choice)
    strength = hands.find(QSlider, "stylise-strength", use.window)
    await hands.slide(strength, 100)
    await use.move_wipe(0.5)
    await hands.shot("clip")
    if await use.redraw("clip", cancel=True):
        use.wrong.append("the clip was restyled though it was cancelled")
    await hands.shot("clip-cancelled")
    replace = hands.find(QRadioButton, "stylise-replace", use.window)
    # On its sign: it does not listen right of its text.
    await hands.click(replace, QPoint(9, replace.height() // 2))
    if hands.find(QCheckBox, "stylise-hide", use.window).isEnabled():
        use.wrong.append("the old layer can be hidden where its drawings are replaced")
    await use.redraw("clip")
    await hands.close(use.window)
    await hands.frame(1)
    await hands.key("space")
    await asyncio.sleep(0.7)
    await hands.shot("clip-playing")
    await hands.key("space")
    await hands.frame(12)
    await hands.shot("clip-restyled")
    use.wrong += await undo(hands, "clip")
    await hands.shot("clip-undone")


async def _as_sequence(hands: Hands) -> None:
    """Choose the first line of the menu that asks what several pictures are, and wait."""
    from PySide6.QtWidgets import QMenu

    def asked() -> QMenu | None:
        return hands.main.findChild(QMenu, "import-menu")

    await hands.until(lambda: asked() or layers(hands)[0].cells, "the film")
    menu = asked()
    if menu is not None:
        await hands.click(menu, menu.actionGeometry(menu.actions()[0]).center())
    await hands.until(lambda: len(layers(hands)[-1].cells) > 3, "the sequence")
    await idle(hands)


def shot(out: Path) -> Path:
    """A rendered shot as a GIF."""
    made = out / "rig"
    path = out / "shot.gif"
    if not path.is_file():
        words = [sys.executable, "-m", "genani", "rig", "--out", str(made), "--split", "test"]
        more = ["--frames", "24", "--on", "ones", "--gif", "--seed", "3"]
        subprocess.run([*words, *more], check=True)
        shutil.copy(next(made.rglob("*.gif")), path)
    return path
