"""The face panel under mouse and keyboard: what is set there reaches the span and can be undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
)

from genani.engines.api import Capability, EngineInfo
from genani.scene.acting import Blink, Gaze, MouthCue, Viseme
from genani.scene.edits import ChangeLayer, ChangeSpan
from genani.scene.face import Emotion, FaceGuidance, FacePart, LandmarkSource
from genani.scene.request import SpanSettings
from genani.ui import theme
from genani.ui.faces.emotion_grid import FaceButton, portrait_colours
from genani.ui.faces.envelope import EnvelopeEdit
from genani.ui.faces.gaze_pad import GazePad
from genani.ui.faces.mouth_chart import MouthButton
from genani.ui.faces.portraits import draw_face
from tests.app.conftest import SizedEngine
from tests.app.faces import ScriptedFinder, face
from tests.ui.stage import Stage, move_mouse, wheel


class Following(SizedEngine):
    """Follows faces, or does not."""

    follows = True
    takes_words = False

    @property
    def info(self) -> EngineInfo:
        capabilities = {Capability.SEED}
        if self.follows:
            capabilities.add(Capability.FACE)
        if self.takes_words:
            capabilities.add(Capability.EMOTION)
        return replace(super().info, capabilities=frozenset(capabilities))


@pytest.fixture
def engine() -> Following:
    return Following()


@pytest.fixture
def finder() -> ScriptedFinder:
    return ScriptedFinder(found=lambda _picture: [face()], mood=(Emotion.HAPPY, 0.72))


@pytest.fixture
def panel(stage: Stage) -> Stage:
    """The window with two keys on frames 1 and 9, a span of three, and the face panel in front."""
    stage.session.change_settings(find_faces=False)
    stage.bring(stage.png("a.png", 10), stage.png("b.png", 200))
    stage.trigger("face-panel")
    return stage


def guidance(stage: Stage) -> FaceGuidance:
    return stage.span.settings.face or FaceGuidance()


def mark(stage: Stage, frame: int) -> None:
    stage.session.playback.seek(frame)
    stage.session.faces.put(face(), "place")


def choose(stage: Stage, emotion: Emotion) -> None:
    stage.click(stage.find(FaceButton, f"emotion-{emotion.value}"))


# Emotion


def test_an_emotion_is_chosen_by_its_face(panel: Stage) -> None:
    choose(panel, Emotion.HAPPY)
    assert (guidance(panel).emotion, guidance(panel).intensity) == (Emotion.HAPPY, 0.6)
    slider = panel.find(QSlider, "face-intensity")
    assert slider.value() == 60
    choose(panel, Emotion.NEUTRAL)
    assert guidance(panel) == FaceGuidance()
    slider.setValue(50)
    assert guidance(panel) == FaceGuidance(Emotion.NEUTRAL, 0.5)
    panel.trigger("undo")
    panel.trigger("undo")
    panel.trigger("undo")
    assert panel.span.settings.face is None
    assert panel.find(FaceButton, "emotion-neutral").isChecked()


def test_intensity_by_slider_and_by_number(panel: Stage) -> None:
    choose(panel, Emotion.SAD)
    slider = panel.find(QSlider, "face-intensity")
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert guidance(panel).intensity == 0.61
    panel.enter(panel.find(QSpinBox, "face-percent"), "85")
    assert guidance(panel).intensity == 0.85
    assert slider.value() == 85


def test_a_dragged_slider_is_one_step(panel: Stage) -> None:
    choose(panel, Emotion.ANGRY)
    slider = panel.find(QSlider, "face-intensity")
    middle = slider.height() // 2
    x = round(0.6 * slider.width())
    move_mouse(slider, QPoint(x, middle), QPoint(x + 40, middle))
    dragged = guidance(panel).intensity
    assert dragged > 0.6
    panel.trigger("undo")
    assert guidance(panel).intensity == 0.6


def test_the_peak_is_dragged_in_time_and_strength(panel: Stage) -> None:
    choose(panel, Emotion.FEAR)
    curve = panel.find(EnvelopeEdit, "envelope")
    start = curve.peak_place.toPoint()
    move_mouse(curve, start, start + QPoint(-40, -10))
    now = guidance(panel)
    assert now.peak < 0.4
    assert now.intensity > 0.65
    assert curve.peak_place.x() < start.x()
    panel.trigger("undo")
    assert (guidance(panel).peak, guidance(panel).intensity) == (0.5, 0.6)


def test_the_peak_never_reaches_a_key(panel: Stage) -> None:
    choose(panel, Emotion.FEAR)
    curve = panel.find(EnvelopeEdit, "envelope")
    start = curve.peak_place.toPoint()
    move_mouse(curve, start, QPoint(-100, 300))
    assert 0 < guidance(panel).peak < 0.1
    assert guidance(panel).intensity == 0
    curve.setFocus()
    QTest.keyClick(curve, Qt.Key.Key_Home)
    QTest.keyClick(curve, Qt.Key.Key_Up)
    assert (guidance(panel).peak, guidance(panel).intensity) == (0.5, 0.05)


def test_parts_are_locked_and_let_go(panel: Stage) -> None:
    for part in (FacePart.MOUTH, FacePart.JAW):
        panel.click(panel.find(QToolButton, f"lock-{part.value}"))
    assert guidance(panel).locks == {FacePart.MOUTH, FacePart.JAW}
    panel.click(panel.find(QToolButton, "lock-mouth"))
    assert guidance(panel).locks == {FacePart.JAW}


def test_timing_of_parts_is_under_its_heading(panel: Stage) -> None:
    eyes = panel.find(QSlider, "lead-eyes")
    assert not eyes.isVisible()
    panel.click(panel.find(QToolButton, "part-leads-heading"))
    assert eyes.isVisible()
    for _ in range(20):
        QTest.keyClick(eyes, Qt.Key.Key_Right)
    QTest.keyClick(panel.find(QSlider, "lead-mouth"), Qt.Key.Key_Left)
    assert guidance(panel).leads == {FacePart.EYES: 0.2, FacePart.MOUTH: -0.01}
    QTest.mouseDClick(eyes, Qt.MouseButton.LeftButton)
    assert guidance(panel).leads == {FacePart.MOUTH: -0.01}


def test_another_emotion_asks_for_another_take(panel: Stage) -> None:
    choose(panel, Emotion.HAPPY)
    mark(panel, 1)
    mark(panel, 9)
    panel.draw()
    shown = replace(panel.span, shown="a" * 64)
    panel.session.controller.do(ChangeSpan(panel.layer.id, shown), "show")
    choose(panel, Emotion.SAD)
    assert panel.span.shown is None


def test_the_wheel_scrolls_and_changes_nothing(panel: Stage) -> None:
    choose(panel, Emotion.HAPPY)
    panel.timeline.setFocus()
    slider = panel.find(QSlider, "face-intensity")
    wheel(slider, slider.rect().center(), -3)
    assert guidance(panel).intensity == 0.6


def test_selected_spans_feel_alike(panel: Stage) -> None:
    panel.bring(panel.png("c.png", 90), frame=17)
    assert len(panel.layer.spans) == 2
    choose(panel, Emotion.SURPRISED)
    panel.session.selection.select_cells(cell.id for cell in panel.layer.cells)
    button = panel.find(QPushButton, "face-apply")
    assert button.isVisible()
    panel.session.playback.seek(3)
    panel.click(button)
    felt = [span.settings.face for span in panel.layer.spans]
    assert felt[0] == felt[1]
    assert felt[0] is not None
    assert felt[0].emotion is Emotion.SURPRISED
    panel.trigger("undo")
    assert len({str(span.settings.face) for span in panel.layer.spans}) == 2


def test_the_last_key_shows_the_span_before_it(panel: Stage) -> None:
    panel.session.selection.clear()
    for frame in (9, 10):
        panel.session.playback.seek(frame)
        assert panel.find(QLabel, "face-title").text() == "Frames 1 to 9 on A"


# Suggestions


def test_what_a_key_shows_is_suggested_and_used(panel: Stage, finder: ScriptedFinder) -> None:
    text, use = panel.find(QLabel, "suggestion-text"), panel.find(QPushButton, "suggestion-use")
    assert not text.isVisible()
    panel.click(panel.find(QToolButton, "emotion-ask"))
    panel.settle()
    assert text.text() == "Key 9 looks happy (72 %)"
    assert finder.threads == ["genani-faces_0"]
    panel.click(use)
    assert guidance(panel).emotion is Emotion.HAPPY
    assert not use.isVisible()
    # Another span has not been read.
    panel.bring(panel.png("c.png", 90), frame=17)
    panel.session.playback.seek(12)
    assert text.text() == ""


def test_a_key_without_a_face_suggests_nothing(panel: Stage, finder: ScriptedFinder) -> None:
    finder.mood = None
    panel.click(panel.find(QToolButton, "emotion-ask"))
    panel.settle()
    assert panel.find(QLabel, "suggestion-text").text() == "No face was found on it."
    assert not panel.find(QPushButton, "suggestion-use").isVisible()


# What is missing


def test_keys_without_a_face_are_named(panel: Stage) -> None:
    text = panel.find(QLabel, "face-missing-text")
    assert text.text().startswith("No face is marked on keys 1 and 9 yet.")
    mark(panel, 1)
    assert text.text().startswith("No face is marked on key 9 yet.")
    mark(panel, 9)
    assert not text.isVisible()
    assert (
        panel.find(QLabel, "face-known").text() == "Faces: key 1 found (80 %), key 9 found (80 %)"
    )
    hand = replace(face(), source=LandmarkSource.HAND)
    panel.session.faces.put(hand, "place")
    assert panel.find(QLabel, "face-known").text().endswith("key 9 by hand")


def test_faces_are_found_from_the_panel(panel: Stage) -> None:
    panel.session.selection.select_span(panel.layer.id, panel.span.id)
    panel.click(panel.find(QPushButton, "face-find"))
    panel.until(lambda: panel.layer.has_faces(panel.span), "the faces")
    panel.settle()
    assert not panel.find(QLabel, "face-missing-text").isVisible()


def test_pins_are_placed_on_the_key_that_lacks_a_face(panel: Stage) -> None:
    mark(panel, 1)
    panel.click(panel.find(QPushButton, "face-pins"))
    assert panel.session.playback.frame == 9
    assert panel.session.actions.action("face-pins").isChecked()


def test_an_engine_that_follows_no_face_is_named(panel: Stage, engine: Following) -> None:
    text = panel.find(QLabel, "face-engine-text")
    assert not text.isVisible()
    engine.follows = False
    settings = replace(panel.span.settings, engine="scripted")
    edit = ChangeSpan(panel.layer.id, replace(panel.span, settings=settings))
    panel.session.controller.do(edit, "engine")
    assert text.text().startswith("Scripted does not follow faces")
    # Auto would draw no better here.
    assert not panel.find(QPushButton, "face-choose").isVisible()


def test_an_engine_that_takes_words_asks_for_no_face(panel: Stage, engine: Following) -> None:
    assert panel.find(QLabel, "face-missing-text").isVisible()
    engine.follows, engine.takes_words = False, True
    settings = replace(panel.span.settings, engine="scripted")
    edit = ChangeSpan(panel.layer.id, replace(panel.span, settings=settings))
    panel.session.controller.do(edit, "engine")
    text = panel.find(QLabel, "face-engine-text")
    assert text.text().startswith("Scripted is told of the emotion in words")
    assert not panel.find(QLabel, "face-missing-text").isVisible()
    panel.click(panel.find(FaceButton, "emotion-happy"))
    assert guidance(panel).emotion is Emotion.HAPPY


def test_the_engine_can_be_left_to_genani(panel: Stage) -> None:
    stays = panel.session.sources.resolve

    def resolve(settings: SpanSettings, faces: bool) -> SpanSettings:
        if settings.engine == "plain":
            return replace(settings, face=None)
        return stays(settings, faces)

    panel.session.sources.resolve = resolve  # pyright: ignore[reportAttributeAccessIssue]
    settings = replace(panel.span.settings, engine="plain")
    edit = ChangeSpan(panel.layer.id, replace(panel.span, settings=settings))
    panel.session.controller.do(edit, "engine")
    panel.click(panel.find(QPushButton, "face-choose"))
    assert panel.span.settings.engine == "auto"
    assert not panel.find(QLabel, "face-engine-text").isVisible()


def test_without_a_span_it_says_what_to_do(stage: Stage) -> None:
    stage.trigger("face-panel")
    assert stage.find(QLabel, "face-hint").isVisible()
    assert not stage.find(QLabel, "face-title").isVisible()


# Mouth, blinks and looks


def test_the_mouth_chart_sets_and_shows_the_mouth(panel: Stage) -> None:
    panel.session.playback.seek(3)
    panel.click(panel.find(MouthButton, "shape-D"))
    assert panel.layer.acting.mouths == (MouthCue(3, Viseme.D),)
    panel.session.playback.seek(6)
    assert panel.find(MouthButton, "shape-D").isChecked()
    panel.click(panel.find(MouthButton, "shape-none"))
    assert panel.layer.acting.mouth_at(6) is None
    panel.session.playback.seek(1)
    assert panel.find(MouthButton, "shape-none").isChecked()


def test_a_blink_is_inserted_and_refined(panel: Stage) -> None:
    panel.session.playback.seek(4)
    panel.click(panel.find(QPushButton, "acting-blink"))
    length = panel.find(QSpinBox, "blink-length")
    assert length.isVisible()
    panel.enter(length, "9")
    QTest.keyClick(panel.find(QSlider, "blink-lag"), Qt.Key.Key_Right)
    QTest.keyClick(panel.find(QSlider, "blink-amount"), Qt.Key.Key_Left)
    assert panel.layer.acting.blinks == (Blink(4, 9, 0.01, 0.99),)


def test_a_look_is_aimed_by_its_pupil(panel: Stage) -> None:
    panel.session.playback.seek(4)
    panel.click(panel.find(QPushButton, "acting-look"))
    pad = panel.find(GazePad, "gaze-pad")
    panel.until(
        lambda: pad.isVisible() and pad.visibleRegion().boundingRect() == pad.rect(),
        "the pad to be in sight",
    )
    move_mouse(pad, pad.pupil.toPoint(), QPoint(0, 0))
    [look] = panel.layer.acting.gazes
    assert (look.x, look.y) == (-1, -1)
    panel.trigger("undo")
    assert panel.layer.acting.gazes == (Gaze(4, 12, 0.7),)


def test_where_lanes_do_not_show_is_said(panel: Stage) -> None:
    panel.session.playback.seek(9)
    panel.session.acting.set_mouth(Viseme.D, 9)
    panel.session.acting.set_mouth(Viseme.A, 20)
    note = panel.find(QLabel, "acting-still")
    assert note.text() == "Frame 9 shows a drawing as it is; lanes move only in-betweens."
    panel.click(panel.find(QPushButton, "acting-draw-hold"))
    assert panel.frames == [1, 9, 20]
    panel.session.playback.seek(15)
    assert not note.isVisible()


def test_a_locked_layer_takes_no_mouth(panel: Stage) -> None:
    panel.session.controller.do(ChangeLayer(panel.layer.id, locked=True), "lock")
    assert not panel.find(MouthButton, "shape-D").isEnabled()


def test_the_least_hold_and_the_names_are_set_in_the_panel(panel: Stage) -> None:
    panel.click(panel.find(QToolButton, "lip-sync-heading"))
    panel.enter(panel.find(QSpinBox, "mouth-hold"), "4")
    assert panel.session.settings.mouth_hold == 4
    apply = panel.find(QPushButton, "lip-sync-hold-mouths")
    assert not apply.isEnabled()
    for frame, shape in ((2, Viseme.D), (3, Viseme.A), (8, Viseme.C)):
        panel.session.acting.set_mouth(shape, frame)
    panel.click(apply)
    frames = [cue.frame for cue in panel.layer.acting.mouths]
    assert all(b - a >= 4 for a, b in pairwise(frames))
    names = panel.find(QComboBox, "mouth-names")
    names.setFocus()
    QTest.keyClick(names, Qt.Key.Key_Down)
    assert panel.find(MouthButton, "shape-A").text() == "MBP"


# The drawn faces


def test_every_emotion_looks_different_in_both_themes(qapp: QApplication) -> None:
    for dark in (True, False):
        seen = set()
        for emotion in Emotion:
            image = QImage(48, 48, QImage.Format.Format_RGB32)
            image.fill(QColor("#808080"))
            painter = QPainter(image)
            colours = portrait_colours(theme.palette(dark))
            draw_face(painter, QRectF(0, 0, 48, 48), emotion, *colours)
            painter.end()
            seen.add(bytes(image.constBits()))
        assert len(seen) == len(Emotion)
