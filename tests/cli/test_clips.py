"""`genani clips` from films to a larger data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genani.cli import clips as command
from genani.cli import main
from genani.engines import registry
from genani.media import image
from genani.scene.picture import Picture
from tests.training.clips.films import data_set, shot, video
from tests.training.clips.test_annotating import Eyes

SQUARE = Picture(
    np.kron([[[0], [255]], [[255], [0]]], np.ones((20, 20, 4))).astype(np.uint8)
    | np.array([0, 0, 0, 255], np.uint8)
)


def test_from_films_to_a_larger_data_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    film = video(tmp_path / "crossing.mp4", [*shot(24), *shot(24, 1)])
    gone = tmp_path / "gone.mp4"
    data, more = str(tmp_path / "set"), str(tmp_path / "more")
    assert main(["clips", "import", str(film), str(gone), "--dataset", data]) == 0
    told = capsys.readouterr()
    assert "crossing.mp4: 2 clips" in told.out
    assert "genani models fetch mediapipe-face-landmarker" in told.out
    assert "before training: nobody has said" in told.out
    assert "gone.mp4': it does not exist" in told.err
    assert main(["clips", "import", str(film), "--dataset", data]) == 0
    assert "0 clips, 2 were there before" in capsys.readouterr().out
    rights = ["--made-by", "Ana", "--licence", "own work", "--may-train"]
    assert main(["clips", "rights", data, *rights]) == 0
    assert "made by Ana, own work; may be trained on" in capsys.readouterr().out
    monkeypatch.setattr(registry, "installed", lambda name: name == command.MODEL)
    monkeypatch.setattr(command, "_detector", lambda: Eyes(range(999)))
    assert main(["clips", "annotate", data, "--workers", "1"]) == 0
    assert "2 clips annotated, 0 were before" in capsys.readouterr().out
    assert main(["clips", "augment", data, "--out", more, "--factor", "2"]) == 0
    assert "4 clips, 4 of them new" in capsys.readouterr().out
    assert main(["clips", "check", more]) == 0
    assert "4 clips, " in capsys.readouterr().out


def test_what_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_set(tmp_path / "set")
    (tmp_path / "set" / "clip_0002" / "frame_0004.png").unlink()
    assert main(["clips", "check", str(tmp_path / "set")]) == 2
    assert "clip_0002: the frame 'frame_0004.png' is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "{}"], "is no data set"),
        (["annotate", "{}"], "genani models fetch mediapipe-face-landmarker"),
        (["annotate", "{}", "--workers", "0"], "--workers takes 1 to 64, not 0"),
        (["augment", "{}", "--out", "x", "--factor", "0"], "1 to 100 times"),
        (["import", "{}", "--dataset", "{}/d", "--length", "2"], "--length takes 8 frames"),
        (["import", "{}", "--dataset", "{}/d", "--crop", "face"], "faces cannot be found"),
        (["import", "{}", "--dataset", "{}/d"], "holds no video"),
    ],
)
def test_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    given = [each.replace("{}", str(tmp_path)) for each in arguments]
    assert main(["clips", *given]) == 2
    assert says in capsys.readouterr().err


def test_soft_edges_for_a_folder_of_drawings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawings = tmp_path / "drawings"
    drawings.mkdir()
    for name in ("a.png", "b.png"):
        image.write_png(SQUARE, drawings / name)
    (drawings / "notes.txt").write_text("no picture")
    assert main(["clips", "smooth-edges", str(drawings)]) == 0
    assert "drawings_smooth: 2 pictures with soft edges" in capsys.readouterr().out
    made = image.read(tmp_path / "drawings_smooth" / "a.png")
    assert made.size == SQUARE.size
    assert made != SQUARE
    (drawings / "b.png").write_bytes(b"broken")
    out = tmp_path / "other"
    assert main(["clips", "smooth-edges", str(drawings), "--out", str(out)]) == 2
    assert "b.png" in capsys.readouterr().err
    assert not out.exists()
    for wrong in (["--reach", "4"], ["--out", str(drawings)]):
        assert main(["clips", "smooth-edges", str(drawings), *wrong]) == 2
