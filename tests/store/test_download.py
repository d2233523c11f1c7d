from __future__ import annotations

import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.scene.errors import Cancelled
from genani.store.download import Download, download
from genani.store.errand import Patience, SourceError
from tests.store.describe import payload
from tests.store.host import Host, serving

BODY = payload(300_000)


@pytest.fixture
def job(host: Host, tmp_path: Path, patience: Patience) -> Download:
    host.files["/w.bin"] = BODY
    return Download(host.url("/w.bin"), tmp_path / "w.part", size=len(BODY), patience=patience)


def test_a_file_comes_whole_and_tells_how_far(job: Download) -> None:
    told: list[tuple[int, int]] = []
    download(replace(job, tell=lambda done, total: told.append((done, total))))
    assert job.part.read_bytes() == BODY
    assert told == sorted(told)
    assert told[0] == (0, len(BODY))
    assert told[-1] == (len(BODY), len(BODY))


def test_a_part_is_gone_on_with(job: Download, host: Host) -> None:
    job.part.write_bytes(BODY[:100_000])
    download(job)
    assert job.part.read_bytes() == BODY
    assert host.asked == [("/w.bin", "bytes=100000-")]


def test_a_whole_part_asks_nobody(job: Download, host: Host) -> None:
    job.part.write_bytes(BODY)
    download(job)
    assert host.asked == []


def test_a_part_that_is_too_long_is_begun_anew(job: Download, host: Host) -> None:
    job.part.write_bytes(BODY + b"more")
    download(job)
    assert job.part.read_bytes() == BODY
    assert host.asked == [("/w.bin", None)]


def test_a_host_without_ranges_sends_it_anew(job: Download, host: Host) -> None:
    host.ranges = False
    job.part.write_bytes(b"x" * 100_000)
    download(job)
    assert job.part.read_bytes() == BODY


def test_a_wrong_part_of_the_file_is_not_glued_on(job: Download, host: Host) -> None:
    host.skew = 7
    job.part.write_bytes(BODY[:100_000])
    download(job)
    assert job.part.read_bytes() == BODY
    assert [wanted for _, wanted in host.asked] == ["bytes=100000-", None]


def test_a_part_beyond_the_end_is_begun_anew(job: Download, host: Host) -> None:
    job.part.write_bytes(BODY + b"more")
    download(replace(job, size=None))
    assert job.part.read_bytes() == BODY
    assert [wanted for _, wanted in host.asked] == [f"bytes={len(BODY) + 4}-", None]


def test_broken_connections_are_gone_on_with(job: Download, host: Host) -> None:
    host.cuts = [1, 70_000, 70_000, 1, 1]
    download(job)
    assert job.part.read_bytes() == BODY
    assert len(host.asked) == 6


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=1, max_size=5000), st.lists(st.integers(1, 2000), max_size=6))
def test_any_cuts_give_the_same_bytes(body: bytes, cuts: list[int]) -> None:
    with serving() as host, tempfile.TemporaryDirectory() as folder:
        host.files["/w"], host.cuts = body, cuts
        part = Path(folder) / "w.part"
        patience = Patience(connect=2, stall=2, backoff=0.0, poll=0.01)
        download(Download(host.url("/w"), part, size=len(body), patience=patience))
        assert part.read_bytes() == body


@pytest.mark.parametrize("code", [503, 429, 500])
def test_a_busy_host_is_asked_again(job: Download, host: Host, code: int) -> None:
    host.refusals = [code, code]
    download(job)
    assert job.part.read_bytes() == BODY


def test_a_host_that_stays_busy_is_given_up(job: Download, host: Host) -> None:
    host.refusals = [503] * 9
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 answered 503"):
        download(job)
    assert len(host.asked) == job.patience.tries


@pytest.mark.parametrize("code", [404, 403, 410])
def test_a_no_is_final(job: Download, host: Host, code: int) -> None:
    host.refusals = [code]
    with pytest.raises(SourceError, match=f"answered {code}"):
        download(job)
    assert len(host.asked) == 1


def test_a_redirect_is_followed_with_the_range(job: Download, host: Host) -> None:
    host.redirects["/old"] = host.url("/w.bin")
    job.part.write_bytes(BODY[:5])
    download(replace(job, url=host.url("/old")))
    assert job.part.read_bytes() == BODY
    assert host.asked == [("/old", "bytes=5-"), ("/w.bin", "bytes=5-")]


def test_redirects_in_a_circle_are_given_up(job: Download, host: Host) -> None:
    host.redirects["/loop"] = host.url("/loop")
    with pytest.raises(SourceError, match="circles"):
        download(replace(job, url=host.url("/loop")))


@pytest.mark.parametrize("known", [True, False])
def test_too_much_is_refused_and_dropped(job: Download, known: bool) -> None:
    size, limit = (1000, 1 << 32) if known else (None, 1000)
    with pytest.raises(SourceError, match="sends more than the 1 kB expected"):
        download(replace(job, size=size, limit=limit))
    assert not job.part.exists()


def test_a_stalled_connection_is_given_up(job: Download, host: Host) -> None:
    host.stall = True
    hurried = replace(job.patience, stall=0.1, tries=1)
    with pytest.raises(SourceError, match="stopped sending"):
        download(replace(job, patience=hurried))
    assert job.part.read_bytes() == BODY[:-1]


def test_a_stalled_connection_can_be_cancelled(job: Download, host: Host) -> None:
    host.stall = True

    def stop_when_stalled() -> None:
        if host.stalled.is_set():
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        download(replace(job, check=stop_when_stalled, patience=replace(job.patience, stall=60.0)))
    assert time.monotonic() - began < 10
    assert BODY.startswith(job.part.read_bytes())


def test_nobody_listens(job: Download) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/w.bin"
        with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be reached"):
            download(replace(job, url=url))


def test_certificates_that_are_not_there(job: Download, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"certificates in .*none\.pem cannot be read"):
        download(replace(job, certificates=str(tmp_path / "none.pem")))
