from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genani.scene.errors import ModelError
from genani.training.metrics_caffemodel import read_caffemodel
from tests.training.shots import caffemodel, field, varint

LAYERS = {
    "conv1": [np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2), np.array([1.5, -2], np.float32)],
    "relu1": [],
    "fire2/squeeze1x1": [np.linspace(-1, 1, 300, dtype=np.float32).reshape(300, 1, 1, 1)],
}
WHOLE = caffemodel(LAYERS)

one_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def outcome(path: Path) -> list[str] | str:
    """The layers read, or what the error calls the file."""
    try:
        return list(read_caffemodel(path))
    except ModelError as error:
        return str(error).split(" ")[0]


def test_weights_come_back(tmp_path: Path) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(WHOLE)
    found = read_caffemodel(path)
    assert list(found) == ["conv1", "fire2/squeeze1x1"]
    for name, blobs in found.items():
        for blob, given_ in zip(blobs, LAYERS[name], strict=True):
            assert blob.dtype == np.float32
            np.testing.assert_array_equal(blob, given_)


@one_file
@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_short_is_refused_or_lacks_layers(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(WHOLE[:cut])
    assert outcome(path) in (["conv1"], f"'{path}'")


@one_file
@given(st.binary(max_size=200))
def test_any_bytes_give_a_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="not a Caffe model"):
        read_caffemodel(path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "holds no weights"),
        (field(100, field(7, field(5, b"\0" * 8) + field(7, field(1, b"\3")))), "do not fill"),
        (field(100, field(7, field(7, field(1, b"\xff" * 11)))), "a number is too long"),
        (varint(3 << 3 | 3), "unknown kind 3"),
        (field(100, field(1, b"\xff\xfe")), "damaged"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=says):
        read_caffemodel(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.caffemodel': no such file"):
        read_caffemodel(tmp_path / "gone.caffemodel")
