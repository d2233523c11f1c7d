"""The window of seeds: faces are chosen, mixed, turned, and kept as drawings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QPushButton, QSlider, QSpinBox

from genani.app.styling.seeding import on_canvas
from genani.app.styling.seeds import FaceModel, FaceWish
from genani.scene.picture import Picture
from genani.ui.styling.seeds import COUNT, SeedsWindow
from tests.app.seeded import BROKEN, light, seed_services
from tests.ui.stage import Stage


class Seeds:
    """The window, and short ways to act on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.window = stage.find(SeedsWindow, "seeds")
        self.sheet = stage.find(QListWidget, "seeds-sheet")
        self.face = stage.find(QLabel, "seeds-face")
        self.keep = stage.find(QPushButton, "seeds-keep")
        self.feature = stage.find(QComboBox, "seeds-feature")
        self.told = stage.find(QLabel, "seeds-told")

    def click(self, place: int) -> None:
        box = self.sheet.visualItemRect(self.sheet.item(place))
        QTest.mouseClick(self.sheet.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        self.stage.settle()

    def choose(self, combo: QComboBox, index: int) -> None:
        combo.setCurrentIndex(index)
        combo.activated.emit(index)
        self.stage.settle()

    @property
    def wish(self) -> FaceWish:
        wish = self.window.wish
        assert wish is not None
        return wish

    def shows(self, wish: FaceWish) -> bool:
        pixmap = self.face.pixmap()
        if pixmap.isNull():
            return False
        return pixmap.toImage().pixelColor(150, 150).red() == light(wish)

    def drawn(self, place: int) -> bool:
        image = self.sheet.item(place).icon().pixmap(96, 96).toImage()
        seed = int(self.sheet.item(place).text())
        colour = image.pixelColor(48, 48)
        return colour.red() == colour.green() == light(FaceWish(seed)) and colour.alpha() == 255

    def on_timeline(self, frame: int) -> Picture | None:
        session = self.stage.session
        scene = session.controller.scene
        for layer in scene.layers:
            cell = layer.cell_on(frame)
            if cell is not None and cell.drawing is not None:
                return session.controller.picture(layer.drawings[cell.drawing].picture)
        return None


def opened(stage: Stage) -> Seeds:
    stage.trigger("seeds")
    seeds = Seeds(stage)
    stage.until(lambda: seeds.sheet.count() == COUNT, "the sheet")
    return seeds


@pytest.fixture
def seeds(pair: Stage) -> Seeds:
    """The window over a scene of two keys."""
    return opened(pair)


def test_a_sheet_of_faces_and_the_first_looked_at(seeds: Seeds) -> None:
    until = seeds.stage.until
    until(lambda: all(seeds.drawn(place) for place in range(COUNT - 4)), "the faces")
    until(lambda: seeds.shows(FaceWish(1)), "the first face")
    first = seeds.stage.find(QSpinBox, "seeds-first")
    first.setValue(200)
    assert seeds.sheet.item(0).text() == "200"
    until(lambda: seeds.drawn(0), "another sheet")
    assert seeds.wish.seed == 200


def test_two_faces_are_mixed_and_a_third_takes_the_seconds_place(seeds: Seeds) -> None:
    level = seeds.stage.find(QSlider, "seeds-level")
    assert not level.isEnabled()
    seeds.click(4)
    assert (seeds.wish.seed, seeds.wish.other, seeds.wish.level) == (1, 5, 5)
    assert level.isEnabled()
    level.setValue(8)
    seeds.stage.until(lambda: seeds.shows(FaceWish(1, 5, 8)), "the mix")
    seeds.click(6)
    assert (seeds.wish.seed, seeds.wish.other) == (1, 7)
    assert [item.text() for item in seeds.sheet.selectedItems()] == ["1", "7"]
    seeds.click(0)
    assert (seeds.wish.seed, seeds.wish.other) == (7, None)
    seeds.click(6)
    assert seeds.window.wish is None
    assert not seeds.keep.isEnabled()


def test_features_and_age_are_turned(seeds: Seeds) -> None:
    amount = seeds.stage.find(QSlider, "seeds-amount")
    assert not amount.isEnabled()
    names = [seeds.feature.itemText(row) for row in range(seeds.feature.count())]
    assert names == ["none", "older or younger", "feature 1", "feature 2", "feature 3"]
    seeds.choose(seeds.feature, 3)
    amount.setValue(-20)
    wish = seeds.wish
    assert (wish.direction, wish.amount, wish.age) == (2, -2.0, 0.0)
    seeds.choose(seeds.feature, 1)
    amount.setValue(15)
    assert (seeds.wish.direction, seeds.wish.age) == (0, 1.5)
    seeds.stage.until(lambda: seeds.shows(FaceWish(1, age=1.5)), "the older face")
    seeds.choose(seeds.stage.find(QComboBox, "seeds-model"), 1)
    assert seeds.feature.count() == 1


def test_a_face_is_kept_as_a_drawing_and_taken_back(seeds: Seeds) -> None:
    stage = seeds.stage
    stage.session.playback.seek(30)
    stage.click(seeds.keep)
    stage.until(lambda: bool(seeds.told.text()), "the face to be kept")
    assert "Undo" in seeds.told.text()
    kept = seeds.on_timeline(30)
    assert kept is not None
    assert kept.size == stage.session.controller.scene.size
    middle = kept.pixels[kept.height // 2, kept.width // 2]
    assert middle.tolist() == [light(seeds.wish)] * 3 + [255]
    stage.session.controller.undo_stack.undo()
    assert seeds.on_timeline(30) is None


def test_what_fails_is_told(seeds: Seeds) -> None:
    seeds.stage.find(QSpinBox, "seeds-first").setValue(BROKEN)
    seeds.stage.until(lambda: "cannot draw 13" in seeds.told.text(), "the reason")


def test_a_missing_model_says_how_it_is_had(pair: Stage) -> None:
    missing = FaceModel("own", "GenAni", "It is not here yet.")
    pair.session.seeding.services = seed_services([missing])
    pair.trigger("seeds")
    seeds = Seeds(pair)
    pair.until(lambda: seeds.told.text() == "It is not here yet.", "the reason")
    assert seeds.sheet.count() == 0
    assert not seeds.keep.isEnabled()
    assert pair.find(QPushButton, "seeds-train").isVisible()


def test_what_a_model_cannot_do_is_said_above_its_faces(seeds: Seeds) -> None:
    limits = seeds.stage.find(QLabel, "seeds-limits")
    assert limits.text() == "It draws small."
    assert not seeds.stage.find(QPushButton, "seeds-train").isVisible()
    seeds.choose(seeds.stage.find(QComboBox, "seeds-model"), 1)
    assert not limits.isVisible()


@pytest.mark.parametrize("size", [(8, 8), (20, 8), (8, 15)])
def test_a_face_sits_in_the_middle_of_its_canvas(size: tuple[int, int]) -> None:
    made = on_canvas(Picture.blank(8, 8), size)
    assert made.size == size
    assert not made.pixels.any()


def test_return_in_the_field_of_seeds_keeps_nothing(stage: Stage) -> None:
    stage.session.seeding.services = seed_services()
    seeds = opened(stage)
    field = stage.find(QSpinBox, "seeds-first")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "40")
    QTest.keyClick(field, Qt.Key.Key_Return)
    stage.until(lambda: seeds.drawn(0), "the sheet")
    stage.settle()
    assert seeds.wish.seed == 40
    assert seeds.on_timeline(1) is None
