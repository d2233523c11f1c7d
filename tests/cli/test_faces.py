"""Faces on the command line: what is found, what is done with it, and what cannot be done."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genani.cli import faces, landmarks, main
from genani.cli.faces import Keys, guidance, guided
from genani.engines import registry
from genani.face.detect import MODEL, FaceDetector
from genani.face.landmark_file import MarkedFace, MarkedPicture, decode, encode
from genani.face.mesh import FloatArray, array_of
from genani.media import image
from genani.scene.errors import EngineError, FileError, ModelError
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks, LandmarkSource
from genani.scene.request import SpanRequest, SpanSettings
from tests.cli.test_inbetween import refused
from tests.face.staged import Staged, box, face_points, sheet

ONE, TWO = (170.0, 120.0, 60.0), (190.0, 126.0, 60.0)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", "1")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Staged]:
    """All models are there; gives the detectors in the order of their use."""
    waiting: list[Staged] = []

    @contextmanager
    def detector(count: int = 1) -> Iterator[FaceDetector]:
        found = waiting.pop(0)
        found._faces = count
        yield found

    monkeypatch.setattr(registry, "installed", lambda _: True)
    monkeypatch.setattr(registry.choose, "__defaults__", (False, registry.installed))
    monkeypatch.setattr(registry.resolve, "__defaults__", (False, registry.installed))
    monkeypatch.setattr(faces, "detector", detector)
    monkeypatch.setattr(landmarks, "detector", detector)
    return waiting


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    files = tmp_path / "a.png", tmp_path / "b.png"
    pictures = sheet(ONE), sheet(TWO)
    for picture, path in zip(pictures, files, strict=True):
        image.write_png(picture, path)
    return Keys(*pictures, files)


def request(keys: Keys, settings: SpanSettings) -> SpanRequest:
    return SpanRequest(keys.first, keys.last, (Fraction(1, 2),), settings)


def marked(points: FloatArray) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), LandmarkSource.HAND)


def written(keys: Keys, place: Path) -> Path:
    pictures = [
        MarkedPicture(str(path), key.size, (MarkedFace(marked(face_points(*where))),))
        for path, key, where in zip(keys.files, (keys.first, keys.last), (ONE, TWO), strict=True)
    ]
    place.write_bytes(encode(pictures))
    return place


def test_auto_follows_faces_that_are_found(keys: Keys, installed: list[Staged]) -> None:
    installed.append(Staged(boxes=[box(*ONE, 0.5), box(*TWO, 0.5)]))
    asked, line = guided(keys, request(keys, SpanSettings()), None)
    assert asked.settings.engine == "face"
    assert asked.first_landmarks is not None
    assert asked.last_landmarks is not None
    assert array_of(asked.first_landmarks) == pytest.approx(face_points(*ONE), abs=1)
    assert array_of(asked.last_landmarks) == pytest.approx(face_points(*TWO), abs=1)
    assert line.startswith("face on both keys (found, ")
    assert line.endswith("Guided face follows it")


def test_a_face_found_on_one_key_alone_is_followed_to_the_other(
    keys: Keys, installed: list[Staged]
) -> None:
    class Second(Staged):
        """Finds by itself on one picture only."""

        def _asked(self, kind, pixels):  # noqa: ANN001, ANN202
            self._sure = (
                [face_points(*TWO)] if np.array_equal(pixels, keys.last.pixels[..., :3]) else []
            )
            return super()._asked(kind, pixels)

    # Something beside the face, so that the drawing is not all face.
    speck = (350.0, 30.0, 8.0)
    both = Keys(sheet(ONE, speck), keys.last, keys.files)
    installed.append(Second())
    asked, line = guided(both, request(both, SpanSettings()), None)
    assert asked.first_landmarks is not None
    assert asked.first_landmarks.source is LandmarkSource.TRACKED
    assert "followed from the other picture" in line


def test_auto_draws_without_a_face(keys: Keys, installed: list[Staged]) -> None:
    empty = Keys(sheet(), sheet(), keys.files)
    installed.append(Staged())
    asked, line = guided(empty, request(empty, SpanSettings()), None)
    assert asked.settings.engine == "rife"
    assert asked.first_landmarks is None
    assert "no face found on" in line
    assert line.endswith("RIFE draws without guidance")


@pytest.mark.parametrize(
    "settings",
    [
        SpanSettings("rife"),
        SpanSettings("blend"),
        # Only RIFE has this setting, so the guided engine is not what is meant.
        SpanSettings("auto", {"motion": "large"}),
    ],
)
def test_nobody_looks_where_nobody_would_follow(
    settings: SpanSettings, keys: Keys, installed: list[Staged]
) -> None:
    asked, line = guided(keys, request(keys, settings), None)
    assert asked.first_landmarks is None
    assert asked.settings.face is None
    assert line == ""


def test_without_the_face_model_auto_says_how_to_get_it(
    keys: Keys, installed: list[Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "installed", lambda model: model != MODEL)
    asked, line = guided(keys, request(keys, SpanSettings()), None)
    assert asked.settings.engine == "rife"
    assert "models fetch mediapipe-face-landmarker" in line


def test_a_missing_face_model_is_told(keys: Keys) -> None:
    with pytest.raises(ModelError, match="models fetch mediapipe-face-landmarker"):
        guided(keys, request(keys, SpanSettings("face")), None)


def test_an_emotion_goes_into_the_request(keys: Keys, installed: list[Staged]) -> None:
    installed.append(Staged(boxes=[box(*ONE, 0.5), box(*TWO, 0.5)]))
    face = FaceGuidance(Emotion.HAPPY, 0.8, 0.4, frozenset({FacePart.MOUTH}))
    asked, line = guided(keys, request(keys, SpanSettings(face=face)), None)
    assert asked.settings.face == face
    assert line.endswith("Guided face follows it, happy by 80 %")


def test_an_emotion_without_a_face_is_refused(keys: Keys, installed: list[Staged]) -> None:
    half = Keys(keys.first, sheet(), keys.files)
    installed.append(Staged(boxes=[box(*ONE, 0.5)]))
    settings = SpanSettings(face=FaceGuidance(Emotion.SAD, 0.5))
    with pytest.raises(EngineError, match=r"found on .*b\.png, so none can look sad; .*--box"):
        guided(half, request(half, settings), None)


def test_an_emotion_needs_an_engine_that_plays_it(keys: Keys, installed: list[Staged]) -> None:
    settings = SpanSettings("rife", face=FaceGuidance(Emotion.SAD, 0.5))
    with pytest.raises(EngineError, match="rife plays no emotions; leave out --engine"):
        guided(keys, request(keys, settings), None)


def test_an_emotion_needs_its_models(keys: Keys) -> None:
    settings = SpanSettings(face=FaceGuidance(Emotion.SAD, 0.5))
    with pytest.raises(ModelError, match="models fetch mediapipe-face-landmarker"):
        guided(keys, request(keys, settings), None)


def test_landmarks_come_from_a_file(keys: Keys, installed: list[Staged], tmp_path: Path) -> None:
    file = written(keys, tmp_path / "l.json")
    asked, line = guided(keys, request(keys, SpanSettings()), file)
    assert asked.settings.engine == "face"
    assert asked.first_landmarks is not None
    assert asked.first_landmarks.source is LandmarkSource.HAND
    assert "placed by hand" in line
    other = Keys(keys.first, keys.last, (keys.files[0], tmp_path / "c.png"))
    with pytest.raises(FileError, match=r"says nothing about '.*c\.png'"):
        guided(other, request(other, SpanSettings()), file)


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    faces.add_face_arguments(parser)
    return parser.parse_args(words)


def test_options_make_guidance() -> None:
    assert guidance(options()) is None
    told = guidance(options("--emotion", "happy", "--lock", "eyes", "--lock", "jaw"))
    assert told == FaceGuidance(Emotion.HAPPY, 0.6, 0.5, frozenset({FacePart.EYES, FacePart.JAW}))
    exact = guidance(options("--emotion", "sad", "--intensity", "0", "--peak", ".25"))
    assert exact == FaceGuidance(Emotion.SAD, 0.0, 0.25)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--intensity", ".5"], "--intensity goes with --emotion"),
        (["--lock", "jaw"], "--lock goes with --emotion"),
        (["--emotion", "sad", "--intensity", "2"], "between 0 and 1"),
        (["--emotion", "sad", "--peak", "1"], "peak"),
        (["--emotion", "sad"], "models fetch mediapipe-face-landmarker"),
    ],
)
def test_asking_for_what_makes_no_sense(
    words: list[str],
    says: str,
    keys: Keys,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert says in refused(capsys, "inbetween", *keys.files, *words, "--out", out)
    assert not out.exists()


def test_landmarks_are_told_drawn_and_written(
    keys: Keys, installed: list[Staged], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.append(Staged(boxes=[box(*ONE, 0.5), box(*TWO, 0.5)]))
    file, folder = tmp_path / "l.json", tmp_path / "over"
    words = ["landmarks", *map(str, keys.files), "--json", str(file), "--overlay", str(folder)]
    assert main(words) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{keys.files[0]}: 1 face (found, ")
    assert told[2:] == [str(folder / f"{name}.landmarks.png") for name in "ab"] + [str(file)]
    one, two = decode(file.read_bytes(), "l.json")
    assert (one.file, two.file) == tuple(map(str, keys.files))
    assert array_of(two.faces[0].landmarks) == pytest.approx(face_points(*TWO), abs=1)
    drawn = image.read(folder / "a.landmarks.png")
    assert drawn.size == (800, 600)
    assert drawn.opaque
    # The left corner of the mouth: lips are drawn red.
    x, y = (2 * face_points(*ONE)[61, :2]).astype(int)
    around = drawn.pixels[y - 6 : y + 7, x - 6 : x + 7, :3].astype(int)
    assert (around[..., 0] > around[..., 1] + 80).any()
    assert (drawn.pixels[-60:, -60:] == 255).all()


def test_boxes_go_once_or_once_each(
    keys: Keys, installed: list[Staged], capsys: pytest.CaptureFixture[str]
) -> None:
    left, top, right, bottom = np.rint(box(*ONE, 1.0).sides).astype(int)
    here = f"{left},{top},{right},{bottom}"
    installed.append(Staged())
    assert main(["landmarks", str(keys.files[0]), "--box", here]) == 0
    assert "1 face" in capsys.readouterr().out
    installed.append(Staged())
    away = "0,200,40,240"
    assert main(["landmarks", *map(str, keys.files), "--box", here, "--box", away]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "1 face" in told[0]
    assert "no face found; point at it with --box" in told[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--box", "1,2,3"], "LEFT,TOP,RIGHT,BOTTOM"),
        (["--box", "9,2,3,8"], "not '9,2,3,8'"),
        (["--box", "1,1,9,9", "--box", "1,1,9,9", "--box", "1,1,9,9"], "not 3 times"),
        (["--faces", "0"], "--faces takes 1 to 4"),
        ([], "models fetch mediapipe-face-landmarker"),
    ],
)
def test_landmarks_that_cannot_be_found(
    words: list[str], says: str, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refused(capsys, "landmarks", *keys.files, *words)


def test_overlays_of_one_name_are_told_apart(
    installed: list[Staged], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / name / "0001.png" for name in ("one", "two")]
    for path in paths:
        image.write_png(sheet(), path)
    installed.append(Staged())
    assert main(["landmarks", *map(str, paths), "--overlay", str(tmp_path / "o")]) == 0
    names = {path.name for path in (tmp_path / "o").iterdir()}
    assert names == {"one_0001.landmarks.png", "two_0001.landmarks.png"}
    capsys.readouterr()
    installed.append(Staged())
    twice = [paths[0], paths[0], "--overlay", tmp_path / "p"]
    assert "the name of another" in refused(capsys, "landmarks", *twice)


def test_the_report_tells_of_faces(
    keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--engine", "blend", "--count", "1", "--json", "--out", str(tmp_path / "o")]
    assert main(["inbetween", *map(str, keys.files), *words]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] == ""
