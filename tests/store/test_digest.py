from __future__ import annotations

import os
from pathlib import Path

import pytest

from genani.scene.errors import Cancelled
from genani.store.digest import DigestRecord, sha256_of
from tests.store.describe import payload, sha256


def test_a_checksum_is_taken_once_while_the_file_stands(tmp_path: Path) -> None:
    file, record = tmp_path / "w.bin", tmp_path / "records" / "w.json"
    file.write_bytes(b"one")
    assert DigestRecord(record).sha256(file) == sha256(b"one")
    stamp = file.stat().st_mtime_ns
    file.write_bytes(b"two")
    os.utime(file, ns=(stamp, stamp))
    # Same size and time: the old checksum shows that the file was not read again.
    assert DigestRecord(record).sha256(file) == sha256(b"one")


@pytest.mark.parametrize("new", [b"two", b"three"])
def test_a_changed_file_is_read_again(tmp_path: Path, new: bytes) -> None:
    file, record = tmp_path / "w.bin", tmp_path / "w.json"
    file.write_bytes(b"one")
    DigestRecord(record).sha256(file)
    stamp = file.stat().st_mtime_ns + 1_000_000
    file.write_bytes(new)
    os.utime(file, ns=(stamp, stamp))
    assert DigestRecord(record).sha256(file) == sha256(new)


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_record_costs_only_reading(tmp_path: Path, junk: bytes) -> None:
    file, record = tmp_path / "w.bin", tmp_path / "w.json"
    file.write_bytes(b"one")
    record.write_bytes(junk)
    assert DigestRecord(record).sha256(file) == sha256(b"one")


def test_a_record_that_cannot_be_written_costs_only_reading(tmp_path: Path) -> None:
    file = tmp_path / "w.bin"
    file.write_bytes(b"one")
    assert DigestRecord(file / "no" / "folder.json").sha256(file) == sha256(b"one")


def test_hashing_stops_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "w.bin"
    file.write_bytes(payload(10))

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        sha256_of(file, stop)
