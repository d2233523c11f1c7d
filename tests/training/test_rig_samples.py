"""The sample keys in `resources/samples`: what is on disk is what the code draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genani.media import image, project
from genani.training.rig.samples import SAMPLES, main, pictures

ROOT = Path(__file__).parents[2] / "resources" / "samples"


@pytest.mark.parametrize("name", list(SAMPLES))
def test_the_files_are_what_the_code_draws(name: str) -> None:
    drawn = pictures(SAMPLES[name])
    assert sorted(p.name for p in (ROOT / name).glob("*.png")) == sorted(drawn)
    for file, picture in drawn.items():
        kept = image.read(ROOT / name / file)
        assert kept.size == picture.size == (640, 640)
        # Another machine's sine may differ in its last bit, and an edge with it by a shade.
        change = np.abs(kept.pixels.astype(int) - picture.pixels.astype(int))
        assert change.max() <= 8
        assert (change > 0).mean() < 0.001


def test_they_are_small() -> None:
    sizes = [p.stat().st_size for p in ROOT.rglob("*.png")]
    assert max(sizes) < 300_000
    assert sum(sizes) < 4_000_000


def test_the_readme_lists_them_all() -> None:
    text = (ROOT / "README.md").read_text()
    for name, sample in SAMPLES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        assert ", ".join(str(frame) for frame in sample.keys) in row
        assert sample.about in row


def test_no_two_keys_of_a_span_are_alike() -> None:
    for sample in SAMPLES.values():
        assert len(set(sample.keys.values())) == len(sample.keys)


def test_a_file_in_the_way_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "neutral_to_happy").write_text("mine")
    assert main([str(tmp_path)]) == 2
    said = capsys.readouterr().err.strip()
    assert "neutral_to_happy" in said
    assert "\n" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["neutral_to_happy"]
    assert (tmp_path / "neutral_to_happy").read_text() == "mine"


def test_without_a_place_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "OUTDIR" in capsys.readouterr().err


def test_the_scene_holds_the_three_keys() -> None:
    opened = project.load(ROOT / "three_keys.genani")
    keys = [image.read(path) for path in sorted((ROOT / "three_keys").glob("*.png"))]
    assert opened.problems == ()
    layer = opened.scene.layers[0]
    assert [cell.frame for cell in layer.cells] == [1, 17, 33]
    assert [opened.picture(d.picture) for d in layer.drawings.values()] == keys
    assert [len(span.chart) for span in layer.spans] == [7, 7]
    assert opened.scene.size == keys[0].size
