"""TensorFlow checkpoints read without TensorFlow."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.engines.stylise.tensor_bundle import checksum, masked, read
from genani.scene.errors import ModelError
from tests.engines.stylise.light_rule import written

TENSORS = {
    f"part/layer-{index}/{name}": np.arange(index, index + size, dtype=np.float32).reshape(shape)
    for index in range(3)
    for name, size, shape in (("kernel", 24, (2, 3, 4)), ("bias", 4, (4,)), ("one", 1, ()))
}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A sound checkpoint."""
    index, data = tmp_path / "generator.index", tmp_path / "generator.data-00000-of-00001"
    written(TENSORS, index, data)
    return index, data


def test_the_checksum_is_that_of_rfc_3720() -> None:
    assert checksum(b"123456789") == 0xE3069283
    assert checksum(bytes(32)) == 0x8A9136AA


def test_a_checksum_of_the_published_weights() -> None:
    # CartoonGAN light, Paprika: bn_act/layer-0/beta of down_conv1, and what its index says of it.
    assert masked(checksum(bytes.fromhex("07ded83c"))) == 0x1557AA5C


def test_tensors_come_back(places: tuple[Path, Path]) -> None:
    found = read(*places)
    assert found.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], tensor)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    index, weights = folder / "a.index", folder / "a.data"
    written(TENSORS, index, weights)
    harmed = data.draw(st.sampled_from([index, weights]))
    raw = bytearray(harmed.read_bytes())
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
    harmed.write_bytes(raw)
    found, told = {}, str(harmed)
    try:
        found = read(index, weights)
    except ModelError as error:
        told = str(error)
    assert str(harmed) in told
    # Only what is not needed can be harmed unnoticed: where the block of meta data lies.
    assert not found or harmed == index
    assert all(np.array_equal(each, TENSORS[name]) for name, each in found.items())


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        (b"", "does not end as one"),
        (b"x" * 100, "does not end as one"),
        (bytes(40) + struct.pack("<Q", 0xDB4775248B80FB57), "checksum of a block"),
    ],
)
def test_other_files_are_refused(places: tuple[Path, Path], raw: bytes, wrong: str) -> None:
    places[0].write_bytes(raw)
    with pytest.raises(ModelError, match=f"not the index of a TensorFlow checkpoint: .*({wrong})"):
        read(*places)


def test_missing_files_are_named(places: tuple[Path, Path]) -> None:
    index, data = places
    data.unlink()
    with pytest.raises(ModelError, match="data-00000-of-00001 cannot be read"):
        read(index, data)
