"""The canvas: zoom, pan, ghosts, wipe, Space."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from genani.ui.canvas.view import CanvasView
from tests.ui.stage import LEFT, PLAIN, Stage, move_mouse, near, wheel


@pytest.fixture
def canvas(pair: Stage) -> CanvasView:
    pair.window.canvas.setFocus()
    pair.until(lambda: pair.session.frames.cached(1))
    return pair.window.canvas


def at(canvas: CanvasView, x: float, y: float, image: QImage | None = None) -> QColor:
    """The colour on the screen of a point of the drawing."""
    place = canvas.viewport_now.to_screen(QPointF(x, y)).toPoint()
    return (image or canvas.grab().toImage()).pixelColor(place)


def test_the_wheel_zooms_and_keeps_the_point_under_the_pointer(canvas: CanvasView) -> None:
    pointer = QPoint(300, 200)
    before = canvas.viewport_now.to_canvas(QPointF(pointer))
    wheel(canvas, pointer, 4)
    after = canvas.viewport_now.to_canvas(QPointF(pointer))
    assert (after - before).manhattanLength() < 0.01
    assert canvas.viewport_now.scale > 1


def test_fit_shows_all_and_100_percent_is_exact(pair: Stage, canvas: CanvasView) -> None:
    pair.trigger("actual-size")
    assert canvas.viewport_now.scale == 1.0
    pair.trigger("fit")
    box = canvas.viewport_now.rect((32, 24))
    assert canvas.rect().contains(box.toAlignedRect())
    assert max(box.width() / canvas.width(), box.height() / canvas.height()) > 0.8


def test_pixels_are_crisp_above_100_percent(stage: Stage) -> None:
    pixels = np.full((24, 32, 4), 255, np.uint8)
    pixels[:, 16:, :3] = 0
    Image.fromarray(pixels).save(stage.folder / "edge.png")
    stage.bring(stage.folder / "edge.png")
    stage.until(lambda: stage.session.frames.cached(1))
    canvas = stage.window.canvas
    image = canvas.grab().toImage()
    scale = canvas.viewport_now.scale
    assert scale > 4
    seen = [at(canvas, 16 + step / scale, 12, image).value() for step in range(-6, 7)]
    assert set(seen) == {0, 255}


def test_transparent_parts_show_the_checkerboard_or_a_colour(stage: Stage) -> None:
    Image.fromarray(np.zeros((24, 32, 4), np.uint8)).save(stage.folder / "clear.png")
    stage.bring(stage.folder / "clear.png")
    stage.until(lambda: stage.session.frames.cached(1))
    canvas = stage.window.canvas
    image = canvas.grab().toImage()
    seen = {at(canvas, x, y, image).name() for x in range(1, 31) for y in range(1, 23)}
    assert seen == {"#c4c4c4", "#d6d6d6"}
    stage.session.change_settings(background="#336699")
    stage.trigger("checkerboard")
    assert at(canvas, 16, 12).name() == "#336699"


def ink(stage: Stage, name: str, x: int) -> None:
    """A black bar on clear paper."""
    pixels = np.zeros((24, 32, 4), np.uint8)
    pixels[4:20, x : x + 4, 3] = 255
    Image.fromarray(pixels).save(stage.folder / name)


@pytest.mark.parametrize("paper", ["clear", "white"])
def test_onion_skin_is_red_before_and_green_after(stage: Stage, paper: str) -> None:
    for number, x in enumerate((4, 14, 24)):
        ink(stage, f"{number}.png", x)
        if paper == "white":
            drawn = Image.open(stage.folder / f"{number}.png")
            white = Image.new("RGBA", drawn.size, "white")
            white.alpha_composite(drawn)
            white.save(stage.folder / f"{number}.png")
    stage.bring(*(stage.folder / f"{i}.png" for i in range(3)))
    stage.session.change_settings(onion=replace(stage.session.settings.onion, keys_only=True))
    stage.session.playback.seek(9)
    canvas = stage.window.canvas
    stage.until(lambda: stage.session.frames.cached(9))
    plain = at(canvas, 6, 12)
    stage.trigger("onion")

    def seen(x: int) -> QColor:
        return at(canvas, x, 12)

    stage.until(lambda: seen(6) != plain and seen(26) != plain, "the ghosts")
    assert seen(6).red() > seen(6).green() + 20
    assert seen(26).green() > seen(26).red() + 20
    assert near(seen(16), QColor("black"), 12)
    # Never while playing.
    stage.session.playback.play()
    assert seen(6) == plain
    stage.session.playback.stop()


def test_the_wipe_shows_the_key_on_one_side(pair: Stage, canvas: CanvasView) -> None:
    pair.draw()
    pair.session.playback.seek(5)
    pair.until(lambda: pair.session.frames.cached(5))
    between, key = at(canvas, 4, 3), QColor(10, 10, 10)
    assert not near(between, key)
    pair.trigger("compare")
    pair.until(lambda: near(at(canvas, 30, 3), key), "the key")
    assert at(canvas, 4, 3) == between
    # The line follows the mouse.
    start = canvas.viewport_now.to_screen(QPointF(16, 12)).toPoint()
    stop = canvas.viewport_now.to_screen(QPointF(2, 12)).toPoint()
    move_mouse(canvas, start, stop)
    assert near(at(canvas, 8, 3), key)
    pair.trigger("compare")
    assert canvas.comparison is None


def test_the_wipe_compares_two_takes(pair: Stage, canvas: CanvasView) -> None:
    pair.draw()
    pair.trigger("new-seed")
    pair.draw()
    pair.session.playback.seek(5)
    pair.trigger("compare")
    assert canvas.comparison is not None
    assert (canvas.comparison.here, canvas.comparison.there) == ("take 2", "take 1")


def test_a_tap_on_space_plays_and_stops(pair: Stage, canvas: CanvasView) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert pair.session.playback.playing
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert not pair.session.playback.playing


def test_space_held_drags_the_canvas(pair: Stage, canvas: CanvasView) -> None:
    before = canvas.viewport_now
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    move_mouse(canvas, QPoint(200, 200), QPoint(240, 230))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert (canvas.viewport_now.x - before.x, canvas.viewport_now.y - before.y) == (40, 30)
    assert not pair.session.playback.playing


def test_the_middle_button_drags_the_canvas(canvas: CanvasView) -> None:
    before = canvas.viewport_now.x
    move_mouse(canvas, QPoint(200, 200), QPoint(170, 200), button=Qt.MouseButton.MiddleButton)
    assert canvas.viewport_now.x == before - 30


def test_a_badge_says_that_an_in_between_is_not_drawn_yet(pair: Stage, canvas: CanvasView) -> None:
    pair.session.playback.seek(1)
    corner = QPoint(20, canvas.height() - 26)
    plain = canvas.grab().toImage().pixelColor(corner)
    pair.session.playback.seek(5)
    assert canvas.grab().toImage().pixelColor(corner) != plain
    pair.draw()
    pair.session.playback.seek(5)
    assert canvas.grab().toImage().pixelColor(corner) == plain


def test_large_pictures_are_shown_from_halved_copies(stage: Stage) -> None:
    stage.bring(stage.png("large.png", 120, (2048, 1536)))
    stage.until(lambda: stage.session.frames.cached(1))
    canvas = stage.window.canvas
    stage.until(lambda: near(at(canvas, 1024, 768), QColor(120, 120, 120), 2))
    image = stage.session.frames.image(1)
    assert image is not None
    scale = canvas.viewport_now.scale
    stage.until(lambda: canvas._mips.best(image, scale).width() < 2048, "the copy")
    assert canvas._mips.best(image, 1.0) is image


def test_clicking_does_not_start_a_wipe_without_one(canvas: CanvasView) -> None:
    QTest.mouseClick(canvas, LEFT, PLAIN, QPoint(50, 50))
    assert canvas.comparison is None
