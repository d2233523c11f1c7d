from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.face.expression_net import ExpressionNet
from genani.face.mesh import canonical
from genani.scene.errors import ModelError
from genani.scene.face import Emotion, Landmarks
from genani.scene.picture import Picture

WIDTHS = (32, 64, 128, 256)
NAME = "face_expression_model"


def layers() -> list[tuple[str, tuple[int, ...]]]:
    found: list[tuple[str, tuple[int, ...]]] = []
    before = 3
    for block, width in enumerate(WIDTHS):
        for step in range(4):
            name = f"dense{block}/conv{step}"
            if (block, step) == (0, 0):
                found.append((f"{name}/filters", (3, 3, 3, width)))
            else:
                found.append((f"{name}/depthwise_filter", (3, 3, before, 1)))
                found.append((f"{name}/pointwise_filter", (1, 1, before, width)))
            found.append((f"{name}/bias", (width,)))
            before = width
    return [*found, ("fc/weights", (WIDTHS[-1], 7)), ("fc/bias", (7,))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the right form, drawn by lot, in the publisher's own packing."""
    folder = tmp_path_factory.mktemp("net")
    dice = np.random.default_rng(5)
    entries, data = [], b""
    for name, shape in layers():
        entry: dict[str, object] = {"name": name, "shape": list(shape), "dtype": "float32"}
        if name.endswith("bias"):
            data += dice.normal(0, 0.1, shape).astype("<f4").tobytes()
        else:
            entry["quantization"] = {"dtype": "uint8", "scale": 0.004, "min": -0.5}
            data += dice.integers(0, 256, shape).astype(np.uint8).tobytes()
        entries.append(entry)
    (folder / f"{NAME}.bin").write_bytes(data)
    manifest = json.dumps([{"weights": entries, "paths": [f"{NAME}.bin"]}])
    (folder / f"{NAME}-weights_manifest.json").write_text(manifest, "utf-8")
    return folder


def face(x: float, size: float = 60.0) -> Landmarks:
    points = size * canonical().points + (x, 80, 0)
    return Landmarks(tuple((a, b, c) for a, b, c in points.tolist()))


def noise(width: int = 200) -> Picture:
    dice = np.random.default_rng(2)
    return Picture(dice.integers(0, 256, (160, width, 4)).astype(np.uint8))


def test_every_emotion_gets_its_share(folder: Path) -> None:
    found = ExpressionNet(folder).read(noise(), face(100))
    assert {each.emotion for each in found} == set(Emotion)
    assert sum(each.confidence for each in found) == pytest.approx(1, abs=1e-5)
    assert [f.confidence for f in found] == sorted((f.confidence for f in found), reverse=True)


def test_what_lies_off_the_face_does_not_matter(folder: Path) -> None:
    net = ExpressionNet(folder)
    wide = noise(400)
    pixels = wide.pixels.copy()
    pixels[:, 250:] = 0
    assert net.read(wide, face(100)) == net.read(Picture(pixels), face(100))


@pytest.mark.parametrize("x", [-400.0, -60.0, 0.0, 195.0, 900.0])
def test_a_face_over_the_border_is_read_on_white(folder: Path, x: float) -> None:
    found = ExpressionNet(folder).read(noise(), face(x))
    assert sum(each.confidence for each in found) == pytest.approx(1, abs=1e-5)


def test_reading_leaves_torch_as_it_was(folder: Path) -> None:
    ExpressionNet(folder).read(noise(), face(100))
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("broken", ["missing", "cut", "manifest"])
def test_damaged_files_are_told(folder: Path, tmp_path: Path, broken: str) -> None:
    for each in folder.iterdir():
        (tmp_path / each.name).write_bytes(each.read_bytes())
    if broken == "missing":
        (tmp_path / f"{NAME}.bin").unlink()
    elif broken == "cut":
        (tmp_path / f"{NAME}.bin").write_bytes((folder / f"{NAME}.bin").read_bytes()[:5000])
    else:
        (tmp_path / f"{NAME}-weights_manifest.json").write_text("[{}]", "utf-8")
    with pytest.raises(ModelError, match="missing or damaged"):
        ExpressionNet(tmp_path)
