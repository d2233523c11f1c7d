import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from genani.face import detect
from genani.face.detect import FaceDetector
from genani.scene.errors import ModelError
from genani.scene.face import LandmarkSource
from genani.scene.picture import Picture

STAND_IN = """
    import os, sys
    from genani.face.detect_process import Answer, RawBox, RawFace, _read, _send

    def face(size):
        points = [(0.5, 0.5, 0.0), (0.5 + size, 0.5 + size, 0.1)] * 239
        return RawFace(points, dict(jawOpen=size), [[1.0, 0, 0, 0]] * 4)

    out = sys.stdout.buffer
    print("W0000 00:00 native.cc:1] chatter", file=sys.stderr)
    {start}
    _send(out, Answer())
    while asked := _read(sys.stdin.buffer):
        ask, pixels = asked[0], asked[1].tobytes()
        {answer}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "face.task"
    path.write_bytes(b"not a bundle")
    return path


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, start: str = "") -> None:
    """Put a process in MediaPipe's place that speaks as `detect_process` does."""
    script = tmp_path / "stand_in.py"
    script.write_text(textwrap.dedent(STAND_IN).format(answer=answer, start=start))
    monkeypatch.setattr(detect, "_PROGRAM", (sys.executable, str(script)))


def picture(width: int = 40, height: int = 20) -> Picture:
    return Picture(np.zeros((height, width, 4), np.uint8))


def test_points_come_in_pixels_the_largest_face_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    boxes = "[RawBox((19, 9, 31, 16), 0.7), RawBox((0, 0, 9, 9), 0.9)]"
    stand_in(tmp_path, monkeypatch, f"_send(out, Answer([face(0.1), face(0.25)], {boxes}))")
    with FaceDetector(model, faces=2, confidence=0.3) as detector:
        large, small = detector.detect(picture())
    assert large.landmarks.points[:2] == ((20.0, 10.0, 0.0), (30.0, 15.0, 4.0))
    assert large.landmarks.source is LandmarkSource.AUTO
    assert large.landmarks.confidence == 0.7
    assert small.landmarks.confidence == 0.3
    assert large.blendshapes == {"jawOpen": 0.25}
    assert large.matrix.shape == (4, 4)
    assert large.matrix.dtype == np.float32
    assert small.blendshapes == {"jawOpen": 0.1}


def test_transparency_is_seen_as_white_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    stand_in(tmp_path, monkeypatch, "_send(out, Answer(error=pixels.hex()))")
    pixels = np.zeros((1, 3, 4), np.uint16)
    pixels[0, 1] = (65535, 0, 257, 65535)
    pixels[0, 2] = (0, 0, 0, 65535 // 5)
    with FaceDetector(model) as detector, pytest.raises(ModelError, match="ffffffff0001cccccc"):
        detector.detect(Picture(pixels))


def test_the_process_has_a_proxy_that_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setenv("HTTPS_PROXY", "http://a.proxy:3128")
    said = "sorted((k.lower(), v) for k, v in os.environ.items() if 'proxy' in k.lower())"
    stand_in(tmp_path, monkeypatch, f"_send(out, Answer(error=str({said})))")
    with FaceDetector(model) as detector, pytest.raises(ModelError) as caught:
        detector.detect(picture())
    nowhere = "http://127.0.0.1:0"
    expected = [(f"{kind}_proxy", nowhere) for kind in ("all", "http", "https")]
    assert str(expected) in str(caught.value)


@pytest.mark.parametrize(
    ("death", "says"),
    [
        ("os._exit(3)", "its process ended with code 3"),
        ("sys.exit('native code fell over')", "native code fell over"),
    ],
)
def test_a_process_that_dies_is_told_with_its_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path, death: str, says: str
) -> None:
    stand_in(tmp_path, monkeypatch, death)
    with FaceDetector(model) as detector:
        with pytest.raises(ModelError, match=says):
            detector.detect(picture())
        with pytest.raises(ModelError, match="stopped working"):
            detector.detect(picture())


def test_a_process_that_dies_at_once_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    stand_in(tmp_path, monkeypatch, "pass", start="sys.exit('no library')")
    with pytest.raises(ModelError, match="stopped working: no library"):
        FaceDetector(model)


def test_closing_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    stand_in(tmp_path, monkeypatch, "_send(out, Answer())")
    detector = FaceDetector(model)
    assert detector.detect(picture()) == []
    detector.close()
    detector.close()
    assert detector._process.poll() == 0
    with pytest.raises(ModelError, match="was closed"):
        detector.detect(picture())


def test_a_model_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.task' does not exist; `genani models fetch"):
        FaceDetector(tmp_path / "gone.task")


def test_mediapipe_itself_refuses_what_is_no_bundle(
    model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError, match=r"face\.task") as caught:
        FaceDetector(model)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""
