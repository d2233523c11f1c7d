"""`genani attach`, run as a person would run it, and what a render shows of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genani.cli import main
from genani.face import landmark_file
from genani.face.fit import fit
from genani.face.landmark_file import MarkedFace, MarkedPicture
from genani.media import image, project
from genani.scene.attachment import Order, Rigidity
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart

WIDTH, HEIGHT = 48, 40
EYES = ["2,3=right eye outer", "22,3=left eye outer"]
INK = (255, 0, 0)


def face_at(x: float) -> Landmarks:
    return fit(
        {
            "right eye outer": (x - 10, 16),
            "left eye outer": (x + 10, 16),
            "nose tip": (x, 22),
            "chin": (x, 34),
        }
    )


KEYS = {"a": face_at(18), "b": face_at(28)}


def scene(folder: Path, *, faces: bool = True, name: str = "shot") -> Path:
    pictures = [
        Picture(np.full((HEIGHT, WIDTH, 4), (90, value, 90, 255), np.uint8)) for value in (60, 120)
    ]
    drawings = {
        key: Drawing(key, picture.id, number, f"{key}.png", face if faces else None)
        for number, ((key, face), picture) in enumerate(
            zip(KEYS.items(), pictures, strict=True), start=1
        )
    }
    cells = Cell("k1", 1, "a"), Cell("k2", 5, "b")
    span = Span("s", "k1", "k2", TimingChart.of("even", 1), SpanSettings("blend"))
    layers = Layer("L", "Mika", drawings, cells, (span,)), Layer("back", "paper")
    path = folder / f"{name}.genani"
    made = Scene(WIDTH, HEIGHT, layers=layers)
    project.save(made, {p.id: p for p in pictures}.__getitem__, path)
    return path


@pytest.fixture
def glasses(tmp_path: Path) -> Path:
    pixels = np.zeros((6, 24, 4), np.uint8)
    pixels[1:5, 1:23] = (*INK, 255)
    path = tmp_path / "glasses.png"
    Image.fromarray(pixels).save(path)
    return path


def ink(path: Path) -> tuple[float, float]:
    """The middle of what is red."""
    pixels = image.read(path).pixels.astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 100))
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def run(*words: object) -> int:
    return main(["attach", *map(str, words)])


def test_glasses_are_on_every_frame_of_a_render(
    tmp_path: Path, glasses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = scene(tmp_path)
    assert run(path, "--picture", glasses, "--pins", *EYES) == 0
    told = capsys.readouterr()
    assert "is held to the face of Mika by 2 pins" in told.out
    assert not told.err
    worn = project.load(path).scene.layers[-1]
    assert worn.name == "glasses"
    assert worn.attachment is not None
    assert worn.attachment.follows == "L"
    frames = tmp_path / "frames"
    assert main(["render", str(path), "--out", str(frames)]) == 0
    assert not capsys.readouterr().err
    files = sorted(frames.glob("*.png"))
    assert len(files) >= 5
    middles = [ink(file) for file in files[:5]]
    assert [round(x) for x, _ in middles] == [18, 18, 23, 23, 28]
    assert {round(y) for _, y in middles} == {16}
    assert project.thumbnail(path) is not None


def test_the_choices_are_kept(tmp_path: Path, glasses: Path) -> None:
    path, out = scene(tmp_path), tmp_path / "other.genani"
    before = path.read_bytes()
    words = ["--layer", "Mika", "--rigidity", "affine", "--order", "side", "--name", "specs"]
    more = ["--frame", 5, "--seen", "left", "--flat", "--out", out]
    assert run(path, "--picture", glasses, *words, *more, "--pins", *EYES) == 0
    assert path.read_bytes() == before
    made = project.load(out).scene.layers[-1]
    assert made.name == "specs"
    assert made.attachment is not None
    (piece,) = made.attachment.pieces
    assert piece.order is Order.SIDE
    assert (piece.drawing.rigidity, piece.drawing.turns) == (Rigidity.AFFINE, False)


def test_a_second_piece_and_a_cover(tmp_path: Path, glasses: Path) -> None:
    path = scene(tmp_path)
    fringe = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    fringe[:, :18] = 255
    Image.fromarray(fringe).save(tmp_path / "fringe.png")
    assert run(path, "--picture", glasses, "--pins", *EYES) == 0
    cover = ["--cover", f"fringe={tmp_path / 'fringe.png'}", "--add-to", "glasses"]
    words = ["--layer", "Mika", "--picture", glasses, "--order", "behind", *cover]
    assert run(path, *words, "--pins", *EYES) == 0
    made = project.load(path).scene.layers[-1].attachment
    assert made is not None
    assert [piece.order for piece in made.pieces] == [Order.FRONT, Order.BEHIND]
    assert [each.name for each in made.covers] == ["fringe"]
    frames = tmp_path / "frames"
    assert main(["render", str(path), "--out", str(frames)]) == 0
    # Its left half is hidden.
    assert ink(min(frames.glob("*.png")))[0] > 20


def test_a_cover_of_another_key(
    tmp_path: Path, glasses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = scene(tmp_path)
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "none.png")
    pixels[:, :28] = 255
    Image.fromarray(pixels).save(tmp_path / "half.png")
    words = [path, "--picture", glasses, "--pins", *EYES]
    covers = ["--cover", f"fringe={tmp_path / 'none.png'}"]
    covers += ["--cover", f"fringe@5={tmp_path / 'half.png'}"]
    assert run(*words, "--cover", f"fringe@0={tmp_path / 'half.png'}") == 2
    assert "no face is marked on frame 0" in capsys.readouterr().err
    assert run(*words, *covers) == 0
    frames = tmp_path / "frames"
    assert main(["render", str(path), "--out", str(frames)]) == 0
    first, *_, last = sorted(frames.glob("*.png"))[:5]
    assert round(ink(first)[0]) == 18
    # Its left half is hidden there.
    assert ink(last)[0] > 30


def test_a_picture_of_the_canvas_lies_where_it_was_drawn(tmp_path: Path) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[14:18, 10:26] = (*INK, 255)
    Image.fromarray(pixels).save(tmp_path / "cel.png")
    path, frames = scene(tmp_path), tmp_path / "frames"
    assert run(path, "--picture", tmp_path / "cel.png") == 0
    assert main(["render", str(path), "--out", str(frames)]) == 0
    first = image.read(min(frames.glob("*.png"))).pixels
    assert np.array_equal(first[14:18, 10:26, :3], np.full((4, 16, 3), INK))
    assert (first[13, :, 0] == 90).all()


def test_faces_come_from_a_file(
    tmp_path: Path, glasses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = scene(tmp_path, faces=False)
    marked = [
        MarkedPicture(f"{name}.png", (WIDTH, HEIGHT), (MarkedFace(face),))
        for name, face in KEYS.items()
    ]
    file = tmp_path / "faces.json"
    file.write_bytes(landmark_file.encode(marked[:1]))
    words = ["--picture", glasses, "--pins", *EYES, "--landmarks", file]
    assert run(path, *words) == 0
    told = capsys.readouterr().err
    assert "glasses is not shown on frame 3: no face is marked there on Mika" in told
    assert main(["render", str(path), "--out", str(tmp_path / "frames")]) == 0
    assert "glasses is not shown on frame 3" in capsys.readouterr().err
    file.write_bytes(landmark_file.encode(marked))
    other = scene(tmp_path, faces=False, name="other")
    assert run(other, *words) == 0
    assert not capsys.readouterr().err
    stored = [d.landmarks for d in project.load(other).scene.layer("L").drawings.values()]
    assert stored == list(KEYS.values())
    file.write_bytes(landmark_file.encode([replace(marked[0], file="x.png")]))
    assert run(other, *words) == 2
    assert "says nothing about the keys" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--pins", "1,2"], "--pins takes X,Y=LANDMARK"),
        (["--pins", "a,b=chin"], "--pins takes X,Y=LANDMARK"),
        (["--pins", "1,2=elbow"], "there is no landmark 'elbow'"),
        ([], "say with --pins where it goes"),
        (["--layer", "X", "--pins", *EYES], "no layer 'X', but 'Mika', 'paper'"),
        (["--frame", "9999", "--layer", "paper", "--pins", *EYES], "no face is marked on frame"),
        (["--layer", "paper", "--pins", *EYES], "no face is marked on layer paper"),
        (["--add-to", "paper", "--pins", *EYES], "has no attachment to add a piece to"),
        (["--cover", "fringe", "--pins", *EYES], "--cover takes NAME=FILE"),
        (["--cover", "fringe@x=GLASSES", "--pins", *EYES], "--cover takes NAME=FILE"),
        (["--cover", "f=GLASSES", "--pins", *EYES], "must be of the canvas's size"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path,
    glasses: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    path = scene(tmp_path)
    before = path.read_bytes()
    words = [word.replace("GLASSES", str(glasses)) for word in words]
    assert run(path, "--picture", glasses, *words) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert path.read_bytes() == before


def test_without_a_face_it_says_what_to_do(
    tmp_path: Path,
    glasses: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "none"))
    assert run(scene(tmp_path, faces=False), "--picture", glasses, "--pins", *EYES) == 2
    assert "no face is marked on layer Mika: say where it is" in capsys.readouterr().err


def test_help_names_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["attach", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("--pins", "--rigidity", "--order", "--cover"))


def test_json_of_a_scene_holds_the_pins(tmp_path: Path, glasses: Path) -> None:
    from genani.media.schema import scene_to_text

    path = scene(tmp_path)
    assert run(path, "--picture", glasses, "--pins", *EYES) == 0
    values = json.loads(scene_to_text(project.load(path).scene))
    assert values["version"] == 2
    pins = values["scene"]["layers"][-1]["attachment"]["pieces"][0]["drawing"]["pins"]
    assert [pin["landmark"] for pin in pins] == [33, 263]
