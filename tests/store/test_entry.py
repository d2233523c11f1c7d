from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from genani.scene.errors import ModelError
from genani.store.entry import (
    HuggingFaceSource,
    NpmSource,
    PackageSource,
    bytes_to_fetch,
    read_entry,
)
from genani.store.places import offline_wanted, shipped_folder, store_folder
from tests.store.describe import describe

SHIPPED = sorted(path.parent.name for path in shipped_folder().glob("*/model.toml"))


def good(folder: Path) -> Path:
    source = {"kind": "https", "files": {"a.bin": "https://example.org/a.bin"}}
    return describe(folder, "tiny", {"a.bin": b"a" * 10, "b.bin": b"b" * 5}, [source])


def test_a_description_is_read(tmp_path: Path) -> None:
    entry = read_entry(good(tmp_path))
    assert (entry.name, entry.title, entry.size) == ("tiny", "tiny title", 15)
    assert entry.file("b.bin").size == 5
    with pytest.raises(ModelError, match=r"has no file c\.bin; its files are: a\.bin, b\.bin"):
        entry.file("c.bin")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('title = "tiny title"', "", "missing required field `title`"),
        ('title = "tiny title"', 'title = ""', "length >= 1"),
        ('title = "tiny title"', "title = [", "not valid TOML"),
        ('about = "What', 'colour = "red"\nabout = "What', "unknown field `colour`"),
        ("size = 10", "size = -1", "`int` >= 1"),
        ('sha256 = "', 'sha256 = "x', "matching regex"),
        ('name = "a.bin"', 'name = "../a.bin"', "matching regex"),
        ('name = "a.bin"', 'name = "sub/a.bin"', "matching regex"),
        ('name = "a.bin"', 'name = ".a.bin"', "matching regex"),
        ('name = "a.bin"', 'name = "b.bin"', "same name"),
        ('name = "b.bin"', 'name = "model.toml"', "cannot be called"),
        ('name = "tiny"', 'name = "other"', "its folder is tiny"),
        ('name = "tiny"', 'name = "Ti ny"', "matching regex"),
        ('kind = "https"', 'kind = "ftp"', "ftp"),
        ("https://", "http://", "is not https"),
        ("https://", "file:///", "is not https"),
        ('"a.bin" = "https', '"z.bin" = "https', r"carries z\.bin"),
    ],
)
def test_a_broken_description_says_what_is_wrong(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = good(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ModelError, match=reason) as caught:
        read_entry(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("member", ["../a", "/etc/a", "x/../../a", "..\\a", "C:/a"])
def test_a_member_that_leads_out_is_refused(tmp_path: Path, member: str) -> None:
    source = {"kind": "package", "package": "p==1", "archive": "wheel", "archive_size": 1}
    path = describe(tmp_path, "tiny", {"a": b"a"}, [{**source, "files": {"a": member}}])
    with pytest.raises(ModelError, match="leads out of the archive"):
        read_entry(path)


@pytest.mark.parametrize(
    "package", ["p", "p>=1", "p==1; rm", "--index-url=x==1", "git+p==1", "p@1"]
)
def test_only_a_pinned_package_is_taken(tmp_path: Path, package: str) -> None:
    source = {"kind": "package", "package": package, "archive": "wheel", "archive_size": 1}
    path = describe(tmp_path, "tiny", {"a": b"a"}, [{**source, "files": {"a": "a"}}])
    with pytest.raises(ModelError, match="matching regex"):
        read_entry(path)


@pytest.mark.parametrize("text", [b"\xff\xfe", b""])
def test_bytes_that_are_no_description(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "model.toml"
    path.write_bytes(text)
    with pytest.raises(ModelError):
        read_entry(path)


def test_a_hub_source_becomes_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    source = HuggingFaceSource("who/what", "main", {"a": "dir/a b.bin"})
    assert source.urls() == {"a": "https://huggingface.co/who/what/resolve/main/dir/a%20b.bin"}
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert source.urls() == {"a": "https://mirror.example/who/what/resolve/main/dir/a%20b.bin"}


def test_the_catalogue_has_its_first_entries() -> None:
    assert {
        "mediapipe-face-landmarker",
        "rife-3.9",
        "rife-4.6",
        "gmfss-fortuna",
        "face-expression",
        "squeezenet-features",
        "anime-face-cascade",
    } <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_entry_is_whole(name: str) -> None:
    entry = read_entry(shipped_folder() / name / "model.toml")
    card = (shipped_folder() / name / "CARD.md").read_text("utf-8")
    assert entry.licence in card
    assert "Known limits" in card
    carried = {file for source in entry.sources for file in source.files}
    here = {path.name for path in (shipped_folder() / name).iterdir()}
    # Without any source it is one that only a person can supply.
    assert not entry.sources or {file.name for file in entry.files} <= carried | here
    for source in entry.sources:
        if isinstance(source, PackageSource | NpmSource):
            assert bytes_to_fetch(source, entry.files) == source.archive_size > 0
        else:
            assert bytes_to_fetch(source, entry.files) == entry.size


def test_the_face_landmarker_is_the_known_one() -> None:
    path = shipped_folder() / "mediapipe-face-landmarker" / "model.toml"
    text = tomllib.loads(path.read_text("utf-8"))
    assert text["files"][0]["sha256"] == (
        "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
    )


def test_the_store_folder_is_chosen_by_a_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "here"))
    assert store_folder() == tmp_path / "here"
    monkeypatch.delenv("GENANI_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert store_folder().parts[-2:] == ("GenAni", "models")


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_offline_by_a_variable(monkeypatch: pytest.MonkeyPatch, value: str, wanted: bool) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", value)
    assert offline_wanted() is wanted
