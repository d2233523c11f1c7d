"""The face over the frame: by the colours that are there, and those that are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from genani.scene.edits import ChangeSpan
from genani.scene.face import Emotion, FaceGuidance, FacePart
from genani.ui.canvas.view import CanvasView
from genani.ui.faces.overlay import GHOST, PART_COLOURS
from tests.app.faces import face
from tests.ui.stage import Stage


@pytest.fixture
def stage_with_faces(stage: Stage) -> Stage:
    """Two white drawings of 320 by 240, a face on each."""
    for name, value in (("a.png", 255), ("b.png", 254)):
        pixels = np.full((240, 320, 4), value, np.uint8)
        pixels[..., 3] = 255
        Image.fromarray(pixels).save(stage.folder / name)
    stage.bring(stage.folder / "a.png", stage.folder / "b.png")
    sure = replace(face(90, 50, 190, 190), confidence=1.0)
    stage.session.faces.put(sure, "place")
    stage.session.playback.seek(9)
    stage.session.faces.put(replace(face(130, 50, 230, 190), confidence=1.0), "place")
    stage.session.playback.seek(1)
    stage.until(lambda: stage.session.frames.cached(1))
    return stage


@pytest.fixture
def canvas(stage_with_faces: Stage) -> CanvasView:
    stage_with_faces.window.canvas.setFocus()
    return stage_with_faces.window.canvas


def coloured(canvas: CanvasView, box: QRectF | None = None) -> int:
    """How many pixels of the drawing are neither white nor grey."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    wide = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = wide[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)
    view = canvas.viewport_now
    area = box or QRectF(10, 10, 300, 220)
    start, stop = view.to_screen(area.topLeft()), view.to_screen(area.bottomRight())
    part = pixels[int(start.y()) : int(stop.y()), int(start.x()) : int(stop.x())]
    return int((np.ptp(part, axis=2) > 24).sum())


def colour_at(canvas: CanvasView, stage: Stage, point: int) -> int:
    """The hue at a landmark of the face at the playhead."""
    here = stage.session.faces.view.here()
    assert here is not None
    assert here.landmarks is not None
    place = canvas.viewport_now.to_screen(QPointF(*here.landmarks.points[point][:2]))
    return canvas.grab().toImage().pixelColor(place.toPoint()).hue()


def test_landmarks_show_and_hide_with_their_key(
    stage_with_faces: Stage, canvas: CanvasView
) -> None:
    assert coloured(canvas) == 0
    QTest.keyClick(canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert stage_with_faces.session.settings.face_lines.on
    assert coloured(canvas) > 500
    QTest.keyClick(canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert coloured(canvas) == 0


def test_each_part_has_its_colour(stage_with_faces: Stage, canvas: CanvasView) -> None:
    stage_with_faces.trigger("landmarks")
    for point, part in ((61, FacePart.MOUTH), (33, FacePart.EYES), (152, FacePart.JAW)):
        hue = PART_COLOURS[part].hue()
        assert abs(colour_at(canvas, stage_with_faces, point) - hue) < 20, part


def test_unsure_faces_are_faint(stage_with_faces: Stage, canvas: CanvasView) -> None:
    stage_with_faces.trigger("landmarks")
    image = canvas.grab().toImage()
    chin = canvas.viewport_now.to_screen(QPointF(140, 190)).toPoint()
    sure = image.pixelColor(chin).saturation()
    unsure = replace(face(90, 50, 190, 190), confidence=0.1)
    stage_with_faces.session.faces.put(unsure, "place")
    assert canvas.grab().toImage().pixelColor(chin).saturation() < 0.7 * sure


def test_between_keys_the_planned_face_shows(stage_with_faces: Stage, canvas: CanvasView) -> None:
    stage_with_faces.trigger("landmarks")
    right = QRectF(192, 60, 25, 120)
    assert coloured(canvas, right) == 0
    stage_with_faces.session.playback.seek(5)
    assert coloured(canvas, right) > 20


def test_a_ghost_of_the_other_key_and_the_mesh(stage_with_faces: Stage, canvas: CanvasView) -> None:
    stage_with_faces.trigger("face-ghost")
    assert stage_with_faces.session.settings.face_lines.on
    chin = canvas.viewport_now.to_screen(QPointF(180, 190)).toPoint()
    seen = canvas.grab().toImage().pixelColor(chin)
    assert seen.lightness() < 220
    assert abs(seen.hue() - GHOST.hue()) < 30
    before = canvas.grab().toImage()
    stage_with_faces.trigger("face-mesh")
    assert canvas.grab().toImage() != before


def test_nothing_is_laid_over_where_nothing_is_known(
    stage_with_faces: Stage, canvas: CanvasView
) -> None:
    stage_with_faces.trigger("landmarks")
    stage_with_faces.trigger("face-clear")
    assert coloured(canvas) == 0
    stage_with_faces.session.playback.seek(5)
    assert coloured(canvas) == 0


def test_a_draft_takes_the_place_of_what_is_not_drawn(
    stage_with_faces: Stage, canvas: CanvasView
) -> None:
    stage = stage_with_faces
    followed = replace(
        stage.span, settings=replace(stage.span.settings, face=FaceGuidance(Emotion.HAPPY, 0.8))
    )
    stage.session.controller.do(ChangeSpan(stage.layer.id, followed), "feel")
    stage.session.playback.seek(5)
    preview = stage.session.faces.preview
    assert preview.draft is None
    stage.trigger("landmarks")
    stage.until(lambda: preview.draft is not None, "the draft")
    stage.draw()
    stage.until(lambda: preview.draft is None, "the drawing in its place")
