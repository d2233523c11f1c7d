"""`genani lipsync`, run as a person would run it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genani.cli import main
from genani.face.attach import drawn
from genani.face.attach_fit import landmark
from genani.face.fit import fit
from genani.media import project
from genani.scene.acting import Acting, Blink, MouthCue, Viseme
from genani.scene.attachment import Attachment, Piece, Pin, Pinned
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.time import Rate

VOICE = Path(__file__).parents[1] / "media" / "voice.ogg"


@pytest.fixture(autouse=True)
def _no_rhubarb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


def dat(folder: Path) -> Path:
    path = folder / "voice.dat"
    path.write_text("MohoSwitch1\n1 rest\n5 MBP\n6 AI\n13 FV\n21 rest\n", "utf-8")
    return path


def scene(folder: Path, *layers: str) -> Path:
    picture = Picture(np.full((24, 32, 4), 200, np.uint8))
    drawing = Drawing("d", picture.id)
    acting = Acting(mouths=(MouthCue(2, Viseme.E), MouthCue(40, Viseme.H)), blinks=(Blink(9),))
    made = Scene(32, 24, Rate(12), tuple(
        Layer(name, name, {"d": drawing}, (Cell("c", 1, "d"),), acting=acting) for name in layers
    ))  # fmt: skip
    path = folder / "scene.genani"
    project.save(made, lambda _: picture, path)
    return path


def test_shapes_are_told_a_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lipsync", str(dat(tmp_path))]) == 0
    assert capsys.readouterr().out == "1\tX\n4\tA\n6\tD\n13\tG\n21\t-\n"
    assert main(["lipsync", str(dat(tmp_path)), "--min-hold", "1", "--start", "11", "--json"]) == 0
    rows = [[row["frame"], row["shape"]] for row in json.loads(capsys.readouterr().out)]
    assert rows == [[11, "X"], [15, "A"], [16, "D"], [23, "G"], [31, None]]


def test_a_voice_becomes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outs = [tmp_path / "out" / f"a{ending}" for ending in (".dat", ".tsv", ".json")]
    words = ["lipsync", str(VOICE), "--script", "We will move very fast over the wolf."]
    assert main([*words, *(word for out in outs for word in ("--out", str(out)))]) == 0
    told = capsys.readouterr()
    assert "mouth shapes on" in told.out
    assert all(str(out) in told.out for out in outs)
    assert not told.err
    lanes = []
    for out in outs:
        assert main(["lipsync", str(out)]) == 0
        lanes.append(capsys.readouterr().out)
    assert lanes[0] == lanes[1] == lanes[2]
    assert "MBP" in outs[0].read_text("utf-8")
    assert main([*words, "--out", str(outs[0]), "--letters"]) == 0
    assert "MBP" not in outs[0].read_text("utf-8")


def test_a_script_that_does_not_fit_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    words = "quite another sentence that has nothing to do with any of this"
    assert main(["lipsync", str(VOICE), "--script", words]) == 0
    assert "guessed" in capsys.readouterr().err


def test_what_a_face_wears_stays_on_the_small_picture_of_the_scene(tmp_path: Path) -> None:
    ink = Picture(np.full((24, 32, 4), (255, 0, 0, 255), np.uint8))
    paper = Picture(np.full((24, 32, 4), 200, np.uint8))
    eyes = {"right eye outer": (8.0, 12.0), "left eye outer": (24.0, 12.0)}
    seen = fit({**eyes, "chin": (16.0, 23.0)})
    drawing = Drawing("d", paper.id, landmarks=seen)
    pins = tuple(Pin(*place, landmark(name)) for name, place in eyes.items())
    hat = Attachment("L", (Piece(Pinned(ink.id, seen, pins)),))
    layers = Layer("L", "Face", {"d": drawing}, (Cell("c", 1, "d"),)), Layer("h", "hat")
    made = Scene(32, 24, layers=(layers[0], replace(layers[1], attachment=hat)))
    path = tmp_path / "scene.genani"
    project.save(made, {p.id: p for p in (ink, paper)}.__getitem__, path, worn=drawn)
    before = project.thumbnail(path)
    assert before is not None
    assert before.pixels[12, 16].tolist() == [255, 0, 0, 255]
    assert main(["lipsync", str(dat(tmp_path)), "--scene", str(path), "--layer", "Face"]) == 0
    assert project.thumbnail(path) == before


def test_shapes_go_into_a_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scene(tmp_path, "Face")
    before = project.load(path).scene
    assert main(["lipsync", str(dat(tmp_path)), "--scene", str(path), "--start", "3"]) == 0
    assert str(path) in capsys.readouterr().out
    after = project.load(path)
    assert not after.problems
    lanes = after.scene.layers[0].acting
    # The file has no rate: it is read at the scene's.
    assert lanes.mouths == (
        *(MouthCue(2, Viseme.E), MouthCue(3, Viseme.X), MouthCue(6, Viseme.A)),
        *(MouthCue(8, Viseme.D), MouthCue(15, Viseme.G), MouthCue(23, Viseme.E)),
        MouthCue(40, Viseme.H),
    )
    layers = tuple(replace(layer, acting=before.layers[0].acting) for layer in after.scene.layers)
    assert replace(after.scene, layers=layers) == before
    assert lanes.blinks == before.layers[0].acting.blinks


def test_the_layer_has_to_be_clear(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scene(tmp_path, "Face", "Hair")
    before = path.read_bytes()
    words = ["lipsync", str(dat(tmp_path)), "--scene", str(path)]
    assert main(words) == 2
    assert "--layer" in capsys.readouterr().err
    assert main([*words, "--layer", "Nose"]) == 2
    assert "no layer 'Nose'" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert main([*words, "--layer", "Hair"]) == 0
    layers = project.load(path).scene.layers
    assert [len(layer.acting.mouths) for layer in layers] == [2, 6]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--out", "a.txt"], "lip-sync files end in"),
        (["--min-hold", "0"], "held for 1 to"),
        (["--start", "0"], "start at 1"),
        (["--rate", "x"], "not a rate"),
        (["--layer", "Face"], "needs --scene"),
        (["--scene", "none.genani"], "does not exist"),
    ],
)
def test_wrong_words_are_told_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["lipsync", str(dat(tmp_path)), *words]) == 2
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["voice.dat"]


def test_a_locked_layer_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scene(tmp_path, "Face")
    opened = project.load(path)
    layers = tuple(replace(layer, locked=True) for layer in opened.scene.layers)
    locked = replace(opened.scene, layers=layers)
    project.save(locked, lambda _: Picture.blank(1, 1), path)
    assert main(["lipsync", str(dat(tmp_path)), "--scene", str(path)]) == 2
    assert "locked" in capsys.readouterr().err
