"""The cascade for drawn faces, with OpenCV itself and a cascade that says yes to everything."""

from pathlib import Path

import numpy as np
import pytest

from genani.face.cascade import boxes

YES = """<?xml version="1.0"?>
<opencv_storage><cascade type_id="opencv-cascade-classifier">
<stageType>BOOST</stageType><featureType>LBP</featureType>
<height>24</height><width>24</width>
<stageParams><maxWeakCount>1</maxWeakCount></stageParams>
<featureParams><maxCatCount>256</maxCatCount></featureParams>
<stageNum>1</stageNum>
<stages><_><maxWeakCount>1</maxWeakCount><stageThreshold>-1.</stageThreshold>
<weakClassifiers><_><internalNodes>0 -1 0 0 0 0 0 0 0 0 0</internalNodes>
<leafValues>1. 1.</leafValues></_></weakClassifiers></_></stages>
<features><_><rect>0 0 8 8</rect></_></features>
</cascade></opencv_storage>
"""


def test_boxes_lie_in_the_picture_the_best_first(tmp_path: Path) -> None:
    path = tmp_path / "yes.xml"
    path.write_text(YES)
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    found = boxes(pixels, str(path))
    assert found
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    for (left, top, right, bottom), _ in found:
        assert 0 <= left < right <= 120
        assert 0 <= top < bottom <= 90


@pytest.mark.parametrize("text", ["", "no cascade", "<?xml version='1.0'?><a/>"])
def test_what_is_no_cascade_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(text)
    with pytest.raises(OSError, match=r"bad\.xml' is no face cascade"):
        boxes(np.zeros((40, 40, 3), np.uint8), str(path))
    with pytest.raises(OSError, match="is no face cascade"):
        boxes(np.zeros((40, 40, 3), np.uint8), str(tmp_path / "gone.xml"))
