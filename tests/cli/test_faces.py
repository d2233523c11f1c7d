"""Engines that follow faces get landmarks; the others do not wait for them."""

from fractions import Fraction

import pytest

from genani.cli.faces import with_faces
from genani.scene.errors import ModelError
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings


def request(engine: str) -> SpanRequest:
    key = Picture.blank(8, 8)
    return SpanRequest(key, key, (Fraction(1, 2),), SpanSettings(engine))


def test_other_engines_are_left_alone() -> None:
    asked = request("blend")
    assert with_faces(asked) is asked


def test_a_missing_face_model_is_told(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path_factory.mktemp("models")))
    with pytest.raises(ModelError, match="models fetch mediapipe-face-landmarker"):
        with_faces(request("face"))
