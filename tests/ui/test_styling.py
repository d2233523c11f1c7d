"""The styling window: a style is chosen, looked at, wiped over, and put on drawings."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QToolButton,
)

from genani.app.styling.services import StyleChoice
from genani.app.styling.subject import Extent
from genani.engines.api import CancelToken
from genani.scene.document import CellKind, Layer
from genani.scene.errors import ModelError
from genani.scene.picture import Picture
from genani.ui.styling.style_list import StyleList
from genani.ui.styling.window import StyliseWindow
from genani.ui.styling.wipe import WipeView
from tests.app.styles import CHOICES, PUBLISHED
from tests.ui.stage import Stage, move_mouse


class Styles:
    """The window, and short ways to act on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.wipe = stage.find(WipeView, "stylise-wipe")
        self.list = stage.find(StyleList, "stylise-list")
        self.go = stage.find(QPushButton, "stylise-go")
        self.extent = stage.find(QComboBox, "stylise-extent")

    def choose(self, row: int) -> None:
        item = self.list.visualItemRect(self.list.item(row))
        QTest.mouseClick(self.list.viewport(), Qt.MouseButton.LeftButton, pos=item.center())
        self.stage.settle()

    def redraw(self, extent: Extent) -> None:
        self.extent.setCurrentIndex(self.extent.findData(extent))
        self.extent.activated.emit(self.extent.currentIndex())
        self.stage.settle()

    def seen(self) -> None:
        self.stage.until(lambda: self.wipe.after is not None, "a look at the style")

    def done(self) -> None:
        self.stage.click(self.go)
        self.stage.until(lambda: not self.stage.session.styling.busy, "the style")
        self.stage.settle()

    def colour(self, at: QPoint) -> tuple[int, int, int, int]:
        return self.wipe.grab().toImage().pixelColor(at).toTuple()  # pyright: ignore[reportReturnType]


def opened(stage: Stage) -> Styles:
    stage.trigger("stylise")
    return Styles(stage)


@pytest.fixture
def styles(pair: Stage) -> Styles:
    """The window over two keys, 10 and 200 grey, with a span of three between them."""
    pair.session.playback.seek(1)
    return opened(pair)


def picture(stage: Stage, layer: Layer, frame: int) -> Picture:
    cell = layer.cell_at(frame)
    assert cell is not None
    assert cell.drawing is not None
    return stage.session.controller.picture(layer.drawings[cell.drawing].picture)


def test_the_divider_parts_before_from_after(styles: Styles) -> None:
    styles.seen()
    wipe = styles.wipe
    middle = wipe.divider().toPoint()
    assert wipe.share == 0.5
    left, right = QPoint(middle.x() - 60, middle.y() - 60), QPoint(middle.x() + 60, middle.y() - 60)
    assert styles.colour(left)[:3] == (10, 10, 10)
    assert styles.colour(right)[:3] == (245, 245, 245)
    move_mouse(wipe, middle, QPoint(middle.x() + 120, middle.y()))
    assert wipe.share > 0.55
    assert styles.colour(right)[:3] == (10, 10, 10)
    wipe.setFocus()
    share = wipe.share
    QTest.keyClick(wipe, Qt.Key.Key_Left)
    QTest.keyClick(wipe, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert wipe.share == pytest.approx(share - 0.12)
    QTest.keyClick(wipe, Qt.Key.Key_Home)
    assert wipe.share == 0
    assert styles.colour(left)[:3] == (245, 245, 245)


def test_strength_is_seen_at_once_and_without_drawing_again(styles: Styles) -> None:
    styles.seen()
    slider = styles.stage.find(QSlider, "stylise-strength")
    slider.setValue(50)
    right = styles.wipe.divider().toPoint() + QPoint(60, -60)
    assert styles.colour(right)[0] == pytest.approx(128, abs=2)
    queue = styles.stage.session.renders.queue
    assert queue.active is None
    assert not queue.queued
    slider.setValue(0)
    assert not styles.go.isEnabled()


def test_what_is_not_drawn_yet_is_drawn_from_here(styles: Styles) -> None:
    stage = styles.stage
    stage.session.playback.seek(5)
    stage.session.selection.select_span(stage.layer.id, stage.span.id)
    stage.settle()
    styles.redraw(Extent.SPAN)
    draw, undrawn = (
        stage.find(QPushButton, "stylise-generate"),
        stage.find(QLabel, "stylise-undrawn"),
    )
    assert undrawn.text().startswith("3 in-between")
    assert styles.wipe.after is None
    assert not styles.go.isEnabled()
    stage.click(draw)
    stage.until(lambda: "being drawn" in undrawn.text(), "the drawing to begin")
    assert not draw.isVisible()
    stage.until(styles.go.isEnabled, "the in-betweens")
    assert not draw.isVisible()
    assert not undrawn.isVisible()
    styles.seen()


def test_a_drawing_goes_on_a_layer_of_its_own_for_its_frames(styles: Styles) -> None:
    stage = styles.stage
    before = stage.session.controller.scene
    assert styles.extent.currentData() is Extent.DRAWING
    assert not stage.find(QCheckBox, "stylise-hide").isEnabled()
    styles.done()
    old, new = stage.session.controller.scene.layers
    assert old == before.layers[0]
    assert new.name == "Negative – A"
    assert [(cell.frame, cell.drawing is None) for cell in new.cells] == [(1, False), (3, True)]
    assert picture(stage, new, 1).pixels[0, 0].tolist() == [245, 245, 245, 255]
    # The window goes on with the drawing that was restyled, for another style of it.
    assert stage.session.selection.layer == old.id
    stage.trigger("undo")
    assert stage.session.controller.scene.layers == before.layers


def test_what_was_done_is_taken_back_by_the_key_of_undo_in_the_window_itself(
    styles: Styles,
) -> None:
    stage, told = styles.stage, styles.stage.find(QLabel, "stylise-told")
    styles.done()
    assert told.isVisible()
    window = stage.find(StyliseWindow, "stylise")
    window.activateWindow()
    stage.until(window.isActiveWindow, "the window to be in front")
    QTest.keyClick(styles.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(stage.session.controller.scene.layers) == 1
    assert not told.isVisible()


def test_return_in_a_field_begins_nothing(styles: Styles) -> None:
    styles.choose(1)
    seed = styles.stage.find(QSpinBox, "stylise-seed")
    seed.setFocus()
    seed.selectAll()
    QTest.keyClicks(seed, "7")
    QTest.keyClick(seed, Qt.Key.Key_Return)
    assert seed.value() == 7
    assert not styles.stage.session.styling.busy


def test_a_drawn_span_is_restyled_whole_and_keeps_its_timing(styles: Styles) -> None:
    stage = styles.stage
    stage.draw()
    styles.redraw(Extent.SPAN)
    assert "5 drawing" in styles.extent.currentText()
    styles.done()
    new = stage.session.controller.scene.layers[1]
    assert [cell.frame for cell in new.cells if cell.drawing] == [1, 3, 5, 7, 9]
    kinds = [cell.kind for cell in new.cells if cell.drawing]
    assert kinds[0] is kinds[-1] is CellKind.KEY
    assert set(kinds[1:-1]) == {CellKind.INBETWEEN}
    assert not new.spans


def test_drawings_are_replaced_in_one_step(styles: Styles) -> None:
    stage = styles.stage
    stage.draw()
    before = stage.layer
    styles.redraw(Extent.SPAN)
    stage.find(QRadioButton, "stylise-replace").click()
    slider = stage.find(QSlider, "stylise-strength")
    slider.setValue(50)
    styles.done()
    after = stage.layer
    assert len(stage.session.controller.scene.layers) == 1
    assert [cell.frame for cell in after.cells] == [1, 3, 5, 7, 9]
    assert picture(stage, after, 1).pixels[0, 0, 0] == pytest.approx(128, abs=1)
    assert picture(stage, after, 9).pixels[0, 0, 0] == pytest.approx(128, abs=1)
    stage.trigger("undo")
    assert stage.layer == before


def test_alpha_is_kept(stage: Stage) -> None:
    pixels = np.full((24, 32, 4), 60, np.uint8)
    pixels[:, 16:, 3] = 0
    path = stage.folder / "clear.png"
    Image.fromarray(pixels).save(path)
    stage.bring(path)
    styles = opened(stage)
    styles.seen()
    styles.done()
    made = picture(stage, stage.session.controller.scene.layers[1], 1)
    assert np.array_equal(made.pixels[..., 3], pixels[..., 3])


def test_what_is_not_there_says_how_it_is_had(styles: Styles) -> None:
    styles.seen()
    styles.choose(3)
    told = styles.stage.find(QLabel, "stylise-missing")
    assert told.isVisible()
    assert told.text() == "It has to be trained."
    assert not styles.go.isEnabled()
    styles.choose(0)
    assert styles.go.isEnabled()
    assert not told.isVisible()


@dataclass
class Publisher:
    """Publishes the model of one style, and sends it when it is let go."""

    go: threading.Event = field(default_factory=threading.Event)
    there: bool = False
    broken: bool = False

    def choices(self) -> Sequence[StyleChoice]:
        there = replace(PUBLISHED, missing="", fetch=())
        return (*CHOICES, there if self.there else PUBLISHED)

    def fetch(self, models: Sequence[str], token: CancelToken) -> None:
        token.step(0.25, f"{models[0]}: 0.5 of 2 MB")
        while not self.go.wait(0.01):
            token.check()
        if self.broken:
            raise ModelError("Ink cannot be fetched while GenAni is offline")
        self.there = True


@pytest.fixture
def publisher(pair: Stage) -> Iterator[Publisher]:
    made = Publisher()
    styling = pair.session.styling
    styling.services = replace(styling.services, choices=made.choices, fetch=made.fetch)
    yield made
    made.go.set()


def test_a_published_style_is_fetched_when_asked_for(publisher: Publisher, styles: Styles) -> None:
    stage = styles.stage
    fetch = stage.find(QPushButton, "stylise-fetch")
    bar = stage.find(QProgressBar, "stylise-fetching")
    styles.choose(3)
    assert not fetch.isVisible()
    styles.choose(4)
    assert fetch.isVisible()
    assert not bar.isVisible()
    stage.click(fetch)
    stage.until(lambda: bar.value() == 250, "progress")
    assert bar.isVisible()
    assert "0.5 of 2 MB" in bar.format()
    assert not fetch.isVisible()
    assert not styles.go.isEnabled()
    publisher.go.set()
    stage.until(styles.go.isEnabled, "the style")
    assert not stage.find(QLabel, "stylise-missing").isVisible()
    assert not bar.isVisible()
    styles.seen()


def test_fetching_is_stopped_and_fails_without_harm(publisher: Publisher, styles: Styles) -> None:
    stage = styles.stage
    fetch = stage.find(QPushButton, "stylise-fetch")
    told = stage.find(QLabel, "stylise-missing")
    styles.choose(4)
    stage.click(fetch)
    stage.click(stage.find(QPushButton, "stylise-fetch-stop"))
    stage.until(fetch.isVisible, "the end")
    assert "Stopped" in told.text()
    assert fetch.isEnabled()
    publisher.broken = True
    publisher.go.set()
    stage.click(fetch)
    stage.until(lambda: "offline" in told.text(), "the reason")
    assert told.text().startswith(PUBLISHED.missing)
    assert not publisher.there


def test_a_style_without_a_model_leads_to_its_training(styles: Styles) -> None:
    stage = styles.stage
    styles.choose(3)
    assert not stage.find(QPushButton, "stylise-fetch").isVisible()
    train = stage.find(QPushButton, "stylise-train")
    assert train.isVisible()
    stage.click(train)
    stage.settle()
    assert stage.session.training.project is not None
    assert stage.session.training.project.choices.task == "animegan"
    styles.choose(0)
    assert not train.isVisible()


def test_a_style_that_fails_says_why_and_changes_nothing(styles: Styles) -> None:
    stage = styles.stage
    before = stage.session.controller.scene
    styles.choose(2)
    styles.done()
    told = stage.find(QLabel, "stylise-told")
    assert "the pencil broke" in told.text()
    assert stage.session.controller.scene == before
    assert styles.go.isEnabled()


def test_options_and_seeds_belong_to_their_style(styles: Styles) -> None:
    stage = styles.stage
    styles.seen()
    stage.click(stage.find(QToolButton, "stylise-more"))
    lift = stage.find(QSpinBox, "option-lift")
    stage.enter(lift, "10")
    stage.until(lambda: styles.wipe.after is not None, "the look")
    right = styles.wipe.divider().toPoint() + QPoint(60, -60)
    stage.until(lambda: styles.colour(right)[0] == 255, "the lifted look")
    seed = stage.find(QSpinBox, "stylise-seed")
    assert not seed.isVisible()
    was = styles.wipe.after
    styles.choose(1)
    assert seed.isVisible()
    stage.until(lambda: styles.wipe.after is not was, "the other style")
    was = styles.wipe.after
    stage.click(stage.find(QToolButton, "stylise-dice"))
    stage.until(lambda: styles.wipe.after is not was, "another seed")
    styles.choose(0)
    assert stage.find(QSpinBox, "option-lift").value() == 10


def test_it_is_cancelled_and_nothing_is_kept(styles: Styles) -> None:
    stage = styles.stage
    before = stage.session.controller.scene
    stage.session.renders.worker.stop()
    stage.click(styles.go)
    assert stage.session.styling.busy
    assert not styles.go.isEnabled()
    stage.click(stage.find(QPushButton, "stylise-stop"))
    stage.until(lambda: not stage.session.styling.busy, "the end")
    assert "nothing was changed" in stage.find(QLabel, "stylise-told").text()
    assert stage.session.controller.scene == before


def test_drawings_that_change_meanwhile_are_not_lost(styles: Styles) -> None:
    stage = styles.stage
    stage.session.renders.worker.stop()
    stage.find(QRadioButton, "stylise-replace").click()
    stage.click(styles.go)
    stage.session.selection.select_cells([stage.layer.cells[0].id])
    stage.trigger("delete")
    stage.session.renders.worker.start()
    stage.until(lambda: not stage.session.styling.busy, "the style")
    stage.settle()
    assert "on a layer of their own" in stage.find(QLabel, "stylise-told").text()
    assert picture(stage, stage.session.controller.scene.layers[1], 1).pixels[0, 0, 0] == 245


def test_it_follows_the_playhead_and_the_menu_opens_it(styles: Styles) -> None:
    stage = styles.stage
    styles.seen()
    left = styles.wipe.divider().toPoint() - QPoint(60, 60)
    stage.session.playback.seek(9)
    stage.until(lambda: styles.colour(left)[0] == 200, "the other key")
    window = stage.find(StyliseWindow, "stylise")
    window.close()
    assert not window.isVisible()
    stage.trigger("stylise")
    assert window.isVisible()
    assert QApplication.activeModalWidget() is None


def test_the_pixels_of_files_are_untouched(tmp_path: Path, stage: Stage) -> None:
    path = stage.png("a.png", 10)
    before = path.read_bytes()
    stage.bring(path)
    styles = opened(stage)
    stage.find(QRadioButton, "stylise-replace").click()
    styles.done()
    assert path.read_bytes() == before
