from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from genani.scene.errors import Cancelled
from genani.store.archive import take_out
from genani.store.entry import ModelFile
from genani.store.errand import SourceError
from tests.store.describe import payload, sha256
from tests.store.packed import tarred, zipped

BODY = payload(5000)
Pack = Callable[[Path, Mapping[str, bytes]], Path]


def asked_for(body: bytes = BODY, name: str = "w.bin") -> ModelFile:
    return ModelFile(name, len(body), sha256(body))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_only_the_members_asked_for_come_out(tmp_path: Path, pack: Pack) -> None:
    other = payload(3000, 1)
    archive = pack(tmp_path / "a", {"p/x.py": b"raise SystemExit", "p/w": BODY, "p/v": other})
    out = tmp_path / "out"
    out.mkdir()
    wanted = {"p/w": asked_for(), "p/v": asked_for(other, "v.bin")}
    taken = {file.name: path for file, path in take_out(archive, wanted, out)}
    assert taken["w.bin"].read_bytes() == BODY
    assert taken["v.bin"].read_bytes() == other
    assert sorted(path.name for path in out.iterdir()) == ["v.bin", "w.bin"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_member_whose_path_escapes_stays_inside(tmp_path: Path, pack: Pack) -> None:
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    archive = pack(tmp_path / "a", {"../../escaped": BODY, "w": BODY})
    take_out(archive, {"../../escaped": asked_for()}, out)
    assert (out / "w.bin").read_bytes() == BODY
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"other": BODY}, "does not hold w"),
        ({"w": BODY + b"."}, "has 5001 bytes where 5000 are expected"),
        ({"w": b"0" * 50_000_000}, "has 50000000 bytes where 5000 are expected"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, pack: Pack, members: Mapping[str, bytes], reason: str
) -> None:
    archive = pack(tmp_path / "a", members)
    with pytest.raises(SourceError, match=reason):
        take_out(archive, {"w": asked_for()}, tmp_path)
    assert not (tmp_path / "w.bin").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(BODY)
    archive = tarred(tmp_path / "a", {}, link=("w", str(secret)))
    with pytest.raises(SourceError, match="not a plain file"):
        take_out(archive, {"w": asked_for()}, tmp_path)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_damaged_archive_is_refused(tmp_path: Path, pack: Pack) -> None:
    archive = pack(tmp_path / "a", {"w": BODY})
    archive.write_bytes(archive.read_bytes()[:3000])
    with pytest.raises(SourceError, match="a is damaged"):
        take_out(archive, {"w": asked_for()}, tmp_path)


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", BODY])
def test_what_is_no_archive_is_refused(tmp_path: Path, body: bytes) -> None:
    archive = tmp_path / "a"
    archive.write_bytes(body)
    with pytest.raises(SourceError, match="a is damaged"):
        take_out(archive, {"w": asked_for()}, tmp_path)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_unpacking_stops_when_asked(tmp_path: Path, pack: Pack) -> None:
    def stop() -> None:
        raise Cancelled

    archive = pack(tmp_path / "a", {"w": BODY})
    with pytest.raises(Cancelled):
        take_out(archive, {"w": asked_for()}, tmp_path, stop)
