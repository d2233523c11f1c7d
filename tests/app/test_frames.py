"""What frames look like, how fast, and within which memory."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from genani.app.images import SHOWN, from_image, laid_over, thumbnail, to_image
from genani.app.session import Session
from genani.app.states import DrawingState
from genani.scene.composite import composite
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.edits import ChangeLayer
from genani.scene.picture import Picture, PictureId
from tests.app.conftest import Run
from tests.app.desk import Desk
from tests.render.fakes import ScriptedEngine


def colour(image: QImage | None) -> int:
    """The red of the first pixel."""
    assert image is not None
    return QColor(image.pixelColor(0, 0)).red()


def noise(width: int, height: int, deep: bool = False, seed: int = 0) -> Picture:
    random = np.random.default_rng(seed)
    kind, top = (np.uint16, 65536) if deep else (np.uint8, 256)
    return Picture(random.integers(0, top, (height, width, 4)).astype(kind))


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("size", [(7, 5), (1500, 1500)])
def test_pictures_become_premultiplied_images(
    qapp: QApplication, deep: bool, size: tuple[int, int]
) -> None:
    picture = noise(*size, deep)
    image = to_image(picture)
    assert image.format() is SHOWN
    pixels = picture.pixels.astype(np.float64) / picture.white
    wanted = np.dstack([pixels[..., [2, 1, 0]] * pixels[..., 3:], pixels[..., 3]]) * 255
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(*picture.pixels.shape)
    assert np.abs(shown - wanted).max() <= 1.01


@pytest.mark.parametrize("deep", [False, True])
def test_images_become_pictures_with_straight_alpha(qapp: QApplication, deep: bool) -> None:
    picture = noise(7, 5, deep)
    kind = QImage.Format.Format_RGBA64 if deep else QImage.Format.Format_RGBA8888
    image = QImage(picture.pixels.data, 7, 5, picture.pixels.strides[0], kind)
    assert from_image(image) == picture


def test_layers_on_the_screen_are_those_of_the_export(qapp: QApplication) -> None:
    layers = [(noise(40, 30, seed=1), 1.0), (noise(25, 50, True, 2), 0.5), (noise(40, 30), 0.8)]
    # Held by name: the bits go with the image.
    screen, export = laid_over(layers, (40, 30)), to_image(composite(layers, (40, 30)))
    shown = np.frombuffer(screen.constBits(), np.uint8).astype(int)
    exact = np.frombuffer(export.constBits(), np.uint8)
    assert np.abs(shown - exact).max() <= 3


def test_a_thumbnail_of_a_large_picture(qapp: QApplication) -> None:
    image = thumbnail(Picture(np.full((900, 1600, 4), 255, np.uint8)), 45)
    assert (image.width(), image.height()) == (80, 45)
    assert image.pixelColor(40, 20).red() == 255


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.renders.start()
    return made


def shown(desk: Desk, frame: int) -> int:
    """The red that a frame shows, once it is ready."""
    frames = desk.session.frames
    desk.until(lambda: frames.image(frame) is not None, f"frame {frame}")
    return colour(frames.image(frame))


def test_until_it_is_drawn_the_nearest_drawing_shows_with_a_badge(desk: Desk) -> None:
    frames = desk.session.frames
    assert [shown(desk, frame) for frame in (1, 3, 4, 7, 9, 10)] == [10, 10, 10, 200, 200, 200]
    badges = [frames.badge(frame) for frame in (1, 3, 9)]
    assert badges == [DrawingState.CACHED, DrawingState.MISSING, DrawingState.CACHED]
    desk.draw()
    drawn = [shown(desk, frame) for frame in (1, 3, 5, 7, 9)]
    assert drawn == pytest.approx([10, 63, 127, 191, 200], abs=2)
    assert frames.badge(3) is DrawingState.CACHED


def test_what_was_drawn_for_other_settings_shows_as_stale(desk: Desk) -> None:
    desk.draw()
    assert shown(desk, 3) == pytest.approx(63, abs=2)
    desk.trigger("new-seed")
    assert desk.session.frames.badge(3) is not DrawingState.MISSING
    desk.session.renders.cancel_all()
    desk.trigger("undo")
    assert desk.session.frames.badge(3) is DrawingState.CACHED


def test_a_drawn_in_between_changes_the_frames_of_its_span(desk: Desk) -> None:
    changed: list[tuple[int, int]] = []
    desk.session.frames.frames_changed.connect(lambda a, b: changed.append((a, b)))
    desk.draw()
    assert changed.count((1, 9)) == 3


def test_a_take_that_was_cleared_away_gives_way_to_the_nearest_drawing(
    desk: Desk, engine: ScriptedEngine
) -> None:
    desk.draw()
    frames = desk.session.frames
    assert shown(desk, 3) == pytest.approx(63, abs=2)
    frames.forget()
    desk.session.cache.drop(engine.asked[0].hash)
    changed: list[int] = []
    frames.frames_changed.connect(lambda first, _last: changed.append(first))
    assert frames.image(3) is None
    # What drawing told of last may come after it.
    desk.until(lambda: 3 in changed, "the loss")
    assert shown(desk, 3) in (10, 200)
    assert frames.badge(3) is not DrawingState.CACHED


def test_hidden_and_faded_layers(desk: Desk) -> None:
    layer = desk.layer.id
    desk.session.controller.do(ChangeLayer(layer, visible=False), "hide")
    desk.until(lambda: desk.session.frames.image(1) is not None)
    image = desk.session.frames.image(1)
    assert image
    assert image.pixelColor(0, 0).alpha() == 0
    assert (image.width(), image.height()) == (32, 24)
    desk.session.controller.do(ChangeLayer(layer, visible=True, opacity=0.5), "fade")
    desk.until(lambda: desk.session.frames.image(1) is not None)
    faded = desk.session.frames.image(1)
    assert faded
    assert faded.pixelColor(0, 0).alpha() == pytest.approx(128, abs=1)


def test_single_drawings_and_thumbnails(desk: Desk) -> None:
    frames = desk.session.frames
    [block] = [b for b in desk.layer.exposures(9) if b.frame == 1]
    source = frames.source(desk.layer.id, block)
    assert source
    desk.until(lambda: frames.drawing(source) is not None)
    desk.until(lambda: frames.thumbnail(source, 12) is not None)
    small = frames.thumbnail(source, 12)
    assert small
    assert (small.width(), small.height()) == (16, 12)
    picture = frames.picture(desk.layer.id, block)
    assert picture
    assert picture.size == (32, 24)


def test_a_missing_picture_is_told_once(desk: Desk) -> None:
    drawing = Drawing("d", PictureId("0" * 64))
    scene = Scene(32, 24, layers=(Layer("L", "A", {"d": drawing}, (Cell("c", 1, "d"),)),))
    desk.session.controller.load(scene)
    for _ in range(3):
        assert desk.session.frames.image(1) is None
        desk.until(lambda: bool(desk.messages))
    assert [message.text for message in desk.messages] == [
        "the picture 000000000000 of this scene is missing"
    ]


@pytest.fixture
def film(session: Session) -> Session:
    """1000 different frames of 1080p."""
    pixels = np.zeros((1080, 1920, 4), np.uint8)
    pixels[..., 3] = 255
    drawings: dict[str, Drawing] = {}
    cells: list[Cell] = []
    names: dict[PictureId, int] = {}
    for number in range(1, 1001):
        name = PictureId(f"{number:064x}")
        names[name] = number
        drawings[str(number)] = Drawing(str(number), name, number)
        cells.append(Cell(f"c{number}", number, str(number)))
    base = Picture(pixels)

    def numbered(picture_id: PictureId) -> Picture | None:
        # One array for all: the memory measured is that of the frame cache.
        return base if picture_id in names else None

    scene = Scene(layers=(Layer("L", "A", drawings, tuple(cells)),))
    session.controller.load(scene)
    session.controller.pictures.add_source(numbered)
    return session


def test_scrubbing_a_thousand_frames_stays_within_the_budget(
    film: Session, until: Callable[..., None]
) -> None:
    frames = film.frames
    frames._images.budget = 80 << 20
    most = 0
    for frame in range(1, 1001):
        frames.image(frame)
        QApplication.processEvents()
        most = max(most, frames.used)
    until(lambda: frames.image(1000) is not None)
    assert 0 < max(most, frames.used) <= 80 << 20


def test_a_cached_frame_shows_in_the_same_breath_as_the_playhead(
    film: Session, until: Callable[..., None]
) -> None:
    shown_at_once: list[int] = []

    def look(frame: int) -> None:
        if film.frames.image(frame) is not None:
            shown_at_once.append(frame)

    for frame in range(1, 21):
        until(lambda frame=frame: film.frames.image(frame) is not None)
    film.playback.frame_changed.connect(look)
    for _ in range(19):
        # No event is handled in between: what is not there now shows too late.
        film.actions.action("next-frame").trigger()
    assert shown_at_once == list(range(2, 21))


def test_playing_asks_ahead(film: Session, until: Callable[..., None]) -> None:
    now = [0.0]
    film.playback._clock = lambda: now[0]
    film.playback.play()
    now[0] += 1.01 / 24
    film.playback.advance()
    until(lambda: film.frames.cached(20), "frames ahead")
    film.playback.stop()
