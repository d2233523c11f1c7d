from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from genani.media import sheet
from genani.media.clip import Exposed
from genani.media.image import read
from genani.media.options import ExportOptions
from genani.scene.errors import FileError, PictureError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import animations, cel


@settings(max_examples=30, deadline=None)
@given(animations(9))
def test_every_drawing_is_where_the_json_says(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Exposed]
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "walk.json"
    assert sheet.write(drawings, Rate(24), path, ExportOptions(gap=1)) == [
        path,
        path.with_suffix(".png"),
    ]
    document = json.loads(path.read_text())
    whole = read(path.parent / document["meta"]["image"])
    assert document["meta"]["size"] == {"w": whole.width, "h": whole.height}
    for entry, drawing in zip(document["frames"], drawings, strict=True):
        x, y, w, h = (entry["frame"][key] for key in "xywh")
        assert np.array_equal(whole.pixels[y : y + h, x : x + w], drawing.picture.pixels)
        assert entry["exposure"] == drawing.frames
    total = sum(entry["duration"] for entry in document["frames"])
    assert total == Rate(24).milliseconds(sum(drawing.frames for drawing in drawings))


def test_repeated_drawings_are_stored_once(tmp_path: Path) -> None:
    drawings = [Exposed(cel(at)) for at in (0, 5, 0, 5)]
    options = ExportOptions(columns=1)
    sheet.write(drawings, Rate(24000, 1001), tmp_path / "a.json", options)
    assert read(tmp_path / "a.png").size == (40, 60)
    document = json.loads((tmp_path / "a.json").read_text())
    assert [entry["frame"]["y"] for entry in document["frames"]] == [0, 30, 0, 30]
    assert document["meta"]["frameRate"] == "24000/1001"


def test_too_large_a_sheet_and_odd_sizes(tmp_path: Path) -> None:
    blanks = [Exposed(Picture(np.full((1, 9000, 4), v, np.uint8))) for v in range(9)]
    with pytest.raises(FileError, match=r"a\.json.*32768"):
        sheet.write(blanks, Rate(), tmp_path / "a.json", ExportOptions(columns=9))
    with pytest.raises(PictureError, match="one size"):
        sheet.write(
            [Exposed(cel(0)), Exposed(cel(0, 41))], Rate(), tmp_path / "a.json", ExportOptions()
        )
    assert not list(tmp_path.iterdir())
