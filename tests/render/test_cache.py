"""The cache of takes: exact, within its budgets, and never a reason for a job to fail."""

from __future__ import annotations

import errno
import os
import struct
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genani.render.cache import TakeCache, cache_folder
from genani.render.entry import BrokenEntry, decode, encode
from genani.scene.picture import Picture
from genani.scene.request import InBetween
from genani.scene.take import TakeInfo
from tests.render.fakes import PATIENCE, drawn, flat, info

HALF = Fraction(1, 2)
A, B, C, D = (letter * 64 for letter in "abcd")


def noisy(seed: int, size: tuple[int, int] = (16, 8), depth: int = 8) -> Picture:
    kind = np.uint16 if depth == 16 else np.uint8
    shape = (size[1], size[0], 4)
    return Picture(np.random.default_rng(seed).integers(0, 1 << depth, shape, kind))


def entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.take"))


def same(one: InBetween | None, other: InBetween) -> bool:
    """Not only equal: the same bytes, depth, tag and words."""
    return (
        one is not None
        and one.picture.pixels.dtype == other.picture.pixels.dtype
        and one.picture.pixels.tobytes() == other.picture.pixels.tobytes()
        and not one.picture.pixels.flags.writeable
        and (one.picture.size, one.picture.icc) == (other.picture.size, other.picture.icc)
        and (one.t, one.warnings) == (other.t, other.warnings)
    )


inbetweens = st.builds(
    lambda seed, width, height, depth, icc, t, warnings: InBetween(
        t, Picture(noisy(seed, (width, height), depth).pixels, icc), tuple(warnings)
    ),
    st.integers(0, 99),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([8, 16]),
    st.binary(max_size=20),
    st.fractions(0, 1),
    st.lists(st.text(max_size=8), max_size=2),
)


@given(inbetweens)
def test_an_entry_is_exact(one: InBetween) -> None:
    assert same(decode(encode(one)), one)


def test_a_flat_picture_packs_small() -> None:
    assert len(encode(InBetween(HALF, flat(200, (640, 360))))) < 640 * 360 * 4 / 100


@given(st.data())
def test_a_damaged_entry_never_passes(data: st.DataObject) -> None:
    whole = encode(InBetween(HALF, noisy(1, (5, 4))))
    place = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytearray(whole)
    flipped[place] ^= 1 << bit
    for damaged in (bytes(flipped), whole[:place], whole + b"more"):
        with pytest.raises(BrokenEntry):
            decode(damaged)


def packed(fields: dict[str, object], pixels: bytes) -> bytes:
    """An entry with a valid checksum around whatever header."""
    header = msgspec.msgpack.encode(fields)
    body = struct.pack("<I", len(header)) + header + zlib.compress(pixels)
    return b"GENTAKE1" + struct.pack("<I", zlib.crc32(body)) + body


@pytest.mark.parametrize(
    "change",
    [
        {"width": 60_000, "height": 60_000},
        {"width": 0},
        {"width": 3},
        {"width": 1},
        {"depth": 16},
        {"t": "1/0"},
        {"t": "half"},
        {"icc": 5},
    ],
)
def test_a_header_that_lies_is_a_broken_entry(change: dict[str, object]) -> None:
    good: dict[str, object] = {"t": "1/2", "width": 2, "height": 2, "depth": 8, "icc": b""}
    good["warnings"] = ()
    decode(packed(good, bytes(16)))
    with pytest.raises(BrokenEntry):
        decode(packed(good | change, bytes(16)))


def test_survives_a_restart(tmp_path: Path) -> None:
    one = InBetween(Fraction(3, 8), Picture(noisy(3, depth=16).pixels, b"profile"), ("far apart",))
    TakeCache(tmp_path).put(A, one, info(seed=4))
    again = TakeCache(tmp_path)
    assert again.has(A, one.t)
    assert not again.has(A, HALF)
    assert same(again.get(A, one.t), one)
    assert again.get(A, HALF) is None
    assert again.get(B, one.t) is None
    assert again.info(A) == info(seed=4)
    assert again.times(A) == (one.t,)
    # From now on it comes from memory.
    entries(tmp_path)[0].unlink()
    assert same(again.get(A, one.t), one)


@pytest.mark.parametrize("damage", [b"", b"GENTAKE1", b"\0" * 500])
def test_a_damaged_file_is_missing_and_goes(tmp_path: Path, damage: bytes) -> None:
    TakeCache(tmp_path).put(A, drawn(), info())
    [path] = entries(tmp_path)
    path.write_bytes(damage)
    cache = TakeCache(tmp_path)
    assert cache.get(A, HALF) is None
    assert not path.exists()
    assert not cache.has(A, HALF)
    assert cache.times(A) == ()
    cache.put(A, drawn(), info())
    assert same(TakeCache(tmp_path).get(A, HALF), drawn())


def test_damaged_info_is_missing_and_goes(tmp_path: Path) -> None:
    TakeCache(tmp_path).put(A, drawn(), info())
    (tmp_path / A / "info.json").write_text('{"engine": 5')
    cache = TakeCache(tmp_path)
    assert cache.info(A) is None
    assert cache.takes([A]) == []
    assert not (tmp_path / A / "info.json").exists()
    assert same(cache.get(A, HALF), drawn())


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 7), st.integers(1, 5)), max_size=60),
    st.integers(0, 400),
)
def test_memory_is_a_least_recently_used_cache(
    steps: list[tuple[bool, int, int]], budget: int
) -> None:
    cache = TakeCache(None, memory=budget)
    model: OrderedDict[Fraction, InBetween] = OrderedDict()
    for put, number, side in steps:
        t = Fraction(number, 8)
        if put:
            one = InBetween(t, noisy(number, (side, 4)))
            cache.put(A, one, info())
            model.pop(t, None)
            model[t] = one
            while sum(d.picture.bytes for d in model.values()) > budget:
                model.popitem(last=False)
        else:
            got = cache.get(A, t)
            assert (got is None) is (t not in model)
            if got is not None:
                assert same(got, model[t])
                model.move_to_end(t)
        assert cache.memory_used == sum(d.picture.bytes for d in model.values()) <= budget
        assert cache.times(A) == tuple(sorted(model))


def put_take(cache: TakeCache, folder: Path, take: str, age: int) -> None:
    cache.put(take, InBetween(HALF, noisy(age)), info())
    if (folder / take).exists():
        when = time.time() - age
        os.utime(folder / take, (when, when))


def sizes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_least_recently_used_takes_leave_the_disk(tmp_path: Path) -> None:
    TakeCache(tmp_path).put(D, InBetween(HALF, noisy(0)), info())
    each = sizes(tmp_path)
    cache = TakeCache(tmp_path, memory=0, disk=each * 4 - 1)
    for take, age in ((A, 400), (B, 300), (C, 200)):
        put_take(cache, tmp_path, take, age)
    # The fourth take did not fit; the oldest went, the one just written stayed.
    assert not cache.has(A, HALF)
    assert cache.has(B, HALF)
    assert cache.has(C, HALF)
    assert cache.has(D, HALF)
    # To look at a take is to use it.
    assert cache.get(B, HALF) is not None
    put_take(cache, tmp_path, A, 0)
    assert cache.has(B, HALF)
    assert not cache.has(C, HALF)
    assert sizes(tmp_path) <= each * 4 - 1


def test_kept_takes_never_leave(tmp_path: Path) -> None:
    kept = {A}
    cache = TakeCache(tmp_path, memory=0, disk=1, kept=lambda: kept)
    put_take(cache, tmp_path, A, 400)
    put_take(cache, tmp_path, B, 300)
    put_take(cache, tmp_path, C, 0)
    assert cache.has(A, HALF)
    assert not cache.has(B, HALF)
    # The take being drawn stays too, or a small budget would undo the work as it is done.
    assert cache.has(C, HALF)
    kept.clear()
    put_take(cache, tmp_path, C, 0)
    assert not cache.has(A, HALF)


def test_what_other_runs_left_counts_and_dead_part_files_go(tmp_path: Path) -> None:
    put_take(TakeCache(tmp_path), tmp_path, A, 50)
    old, new = tmp_path / A / "1-3.take.9-9.part", tmp_path / A / "1-5.take.9-9.part"
    for part in (old, new):
        part.write_bytes(bytes(1000))
    os.utime(old, (1, 1))
    cache = TakeCache(tmp_path, disk=3000)
    put_take(cache, tmp_path, B, 0)
    assert not old.exists()
    assert new.exists()
    cache = TakeCache(tmp_path, disk=1500)
    put_take(cache, tmp_path, C, 0)
    assert not (tmp_path / A).exists()


def test_a_place_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told: list[str] = []
    cache = TakeCache(tmp_path / "file" / "takes", warn=told.append)
    for t in (Fraction(1, 3), HALF):
        cache.put(A, drawn(t), info())
    assert len(told) == 1
    assert str(tmp_path / "file" / "takes") in told[0]
    assert "Not a directory" in told[0]
    assert same(cache.get(A, HALF), drawn())
    assert cache.takes([A])[0].times == (Fraction(1, 3), HALF)


def test_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    cache = TakeCache(tmp_path, warn=told.append)
    cache.put(A, drawn(), info())
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    cache.put(B, drawn(), info())
    cache.put(C, drawn(), info())
    assert len(told) == 1
    assert "No space left on device" in told[0]
    assert list(tmp_path.rglob("*.part")) == []
    assert same(cache.get(B, HALF), drawn())
    # What was on disk before can still be read.
    monkeypatch.undo()
    assert same(TakeCache(tmp_path).get(A, HALF), drawn())
    assert TakeCache(tmp_path).get(B, HALF) is None


def test_kept_takes_that_are_on_no_disk_stay_in_memory() -> None:
    one = InBetween(HALF, noisy(1))
    cache = TakeCache(None, memory=one.picture.bytes, kept=lambda: {A})
    for take in (A, B, C):
        cache.put(take, one, info())
    assert cache.has(A, HALF)
    assert not cache.has(B, HALF)
    cache.drop(A)
    assert cache.memory_used == 0


def test_kept_takes_on_disk_may_leave_memory(tmp_path: Path) -> None:
    one = InBetween(HALF, noisy(1))
    cache = TakeCache(tmp_path, memory=one.picture.bytes, kept=lambda: {A, B, C})
    for take in (A, B, C):
        cache.put(take, one, info())
    assert cache.memory_used == one.picture.bytes
    assert all(cache.has(take, HALF) for take in (A, B, C))


def test_takes_are_listed_with_how_they_were_made(tmp_path: Path) -> None:
    def made(day: int) -> TakeInfo:
        base = info(seed=day)
        when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        return TakeInfo(base.engine, base.settings, when, 1.0, "cuda:0")

    cache = TakeCache(tmp_path)
    cache.put(B, drawn(), made(2))
    cache.put(A, drawn(Fraction(3, 4)), made(1))
    cache.put(A, drawn(Fraction(1, 4)), made(1))
    for it in (cache, TakeCache(tmp_path)):
        takes = it.takes([B, A, C, A])
        assert [(take.hash, take.info.seed, take.times) for take in takes] == [
            (A, 1, (Fraction(1, 4), Fraction(3, 4))),
            (B, 2, (HALF,)),
        ]
        assert takes[0].info == made(1)


def test_drop_forgets_everywhere(tmp_path: Path) -> None:
    cache = TakeCache(tmp_path)
    cache.put(A, drawn(), info())
    cache.put(B, drawn(), info())
    cache.drop(A)
    assert not cache.has(A, HALF)
    assert cache.info(A) is None
    assert cache.has(B, HALF)
    assert [path.parent.name for path in entries(tmp_path)] == [B]


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "con", "a\0b", "", "x" * 999])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / "deep" / "takes"
    cache = TakeCache(root)
    cache.put(name, drawn(), info())
    assert same(TakeCache(root).get(name, HALF), drawn())
    assert [path.parent.parent for path in entries(tmp_path)] == [root]


def test_a_time_no_file_name_can_hold_is_not_there(tmp_path: Path) -> None:
    cache = TakeCache(tmp_path)
    assert not cache.has(A, Fraction(1, 10**400))
    assert cache.get(A, Fraction(1, 10**400)) is None


def test_two_threads_and_a_tight_budget(tmp_path: Path) -> None:
    pictures = {Fraction(i, 20): InBetween(Fraction(i, 20), noisy(i)) for i in range(1, 20)}
    cache = TakeCache(tmp_path, memory=2000, disk=4000)
    errors: list[BaseException] = []

    def work(order: list[Fraction], takes: str) -> None:
        try:
            for t in order:
                for take in takes:
                    cache.put(take * 64, pictures[t], info())
                    got = cache.get(take * 64, t)
                    assert got is None or same(got, pictures[t])
                    cache.takes([A, B, C])
        except BaseException as error:
            errors.append(error)

    times = list(pictures)
    jobs: list[Callable[[], None]] = [
        lambda: work(times, "abc"),
        lambda: work(times[::-1], "cba"),
    ]
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert errors == []
    assert cache.memory_used <= 2000


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENANI_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "takes"
    monkeypatch.delenv("GENANI_CACHE")
    assert cache_folder() == Path(platformdirs.user_cache_dir("GenAni", appauthor=False), "takes")
