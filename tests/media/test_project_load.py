"""Opening projects that are damaged, foreign, hostile, old or from the future."""

from __future__ import annotations

import io
import json
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media import container as containers
from genani.media.container import backup
from genani.media.image import encode_png, png_chunk
from genani.media.project import load, save, thumbnail
from genani.media.schema import VERSION, scene_from_text, scene_to_text
from genani.scene.errors import FileError, GenAniError, ProjectError
from genani.scene.picture import PictureId
from tests.media.projects import (
    KEYS,
    SAVED_TAKE,
    TAKE,
    drawn,
    exposed_scene,
    noisy,
    scene,
    shelf,
)

Entries = dict[str, bytes]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "a.genani"
    save(scene(), shelf(), path, [SAVED_TAKE], drawn)
    return path.read_bytes()


def entries(data: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: Entries) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        load(path)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_a_project_packed_by_other_hands_opens(tmp_path: Path, whole: bytes) -> None:
    parts = entries(whole)
    shuffled = dict(sorted(parts.items(), reverse=True)) | {"notes/readme.txt": b"mine"}
    project = load(packed(tmp_path / "a.genani", shuffled))
    assert project.scene == exposed_scene()
    assert project.problems == ()


@pytest.mark.parametrize("cut", [1, 30, 1000, 0.5, -1, -30])
def test_cut_short(tmp_path: Path, whole: bytes, cut: float) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(whole[: int(cut * len(whole)) if isinstance(cut, float) else cut])
    assert "damaged or cut short" in refusal(path) or cut == 1
    backup(path, 1).write_bytes(whole)
    if cut != 1:
        assert f"the save before it is '{backup(path, 1)}'" in refusal(path)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "the file is empty"),
        (b"hello", "not a GenAni project"),
        (encode_png(KEYS[0]), "not a GenAni project"),
    ],
)
def test_not_a_zip(tmp_path: Path, data: bytes, text: str) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(data)
    assert text in refusal(path)


def test_missing_and_folder(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.genani")
    assert "it is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("mimetype"),
        lambda parts: parts.update(mimetype=b"application/zip"),
        lambda parts: parts.update(mimetype=b"application/x-genani" * 10_000),
    ],
)
def test_another_kind_of_zip(
    tmp_path: Path, whole: bytes, change: Callable[[Entries], object]
) -> None:
    parts = entries(whole)
    change(parts)
    assert "not a GenAni project" in refusal(packed(tmp_path / "a.genani", parts))


def test_no_scene_in_it(tmp_path: Path, whole: bytes) -> None:
    parts = entries(whole)
    del parts["scene.json"]
    assert "'scene.json' is missing in it" in refusal(packed(tmp_path / "a.genani", parts))


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "drawings/../../evil.png",
        "/etc/evil",
        "//host/evil",
        "C:/evil.png",
        "c:evil.png",
        "drawings\\evil.png",
        "drawings//evil.png",
        "./evil.png",
        "drawings/evil\0.png",
    ],
)
def test_names_that_lead_out(tmp_path: Path, whole: bytes, name: str) -> None:
    path = packed(tmp_path / "a.genani", entries(whole))
    # A stand-in of the same length is put in place, for the zip module mends some names itself.
    stand_in = "x" * len(name)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(stand_in, b"evil")
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name.encode()))
    assert "leads out of the project" in refusal(path)
    assert list(tmp_path.iterdir()) == [path]


def test_links(tmp_path: Path, whole: bytes) -> None:
    path = packed(tmp_path / "a.genani", entries(whole))
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("drawings/link.png")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in refusal(path)


def test_the_same_name_twice(tmp_path: Path, whole: bytes) -> None:
    path = packed(tmp_path / "a.genani", entries(whole))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("scene.json", b"another")
    assert "holds 'scene.json' twice" in refusal(path)


@pytest.mark.parametrize("bit", [0x1, 0x41])
def test_encrypted(tmp_path: Path, whole: bytes, bit: int) -> None:
    path = packed(tmp_path / "a.genani", entries(whole))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= bit
    path.write_bytes(data)
    assert "encrypted" in refusal(path)


def test_an_unusual_packing(tmp_path: Path, whole: bytes) -> None:
    path = packed(tmp_path / "a.genani", entries(whole))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("bomb", bytes(1000))
    assert "packed in an unknown way" in refusal(path)


def test_a_size_bomb(tmp_path: Path, whole: bytes) -> None:
    parts = entries(whole) | {"drawings/zeros.png": bytes(20_000_000)}
    path = packed(tmp_path / "a.genani", parts)
    assert path.stat().st_size < 100_000
    assert "would unpack to 20000000 bytes" in refusal(path)


@pytest.mark.parametrize(
    ("limit", "value", "text"),
    [
        ("MAX_ENTRIES", 5, "more than 5"),
        ("MAX_ENTRY", 1000, "would unpack to"),
        ("MAX_TOTAL", 4096, "unpack to more than"),
    ],
)
def test_limits(
    tmp_path: Path,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    text: str,
) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(whole)
    monkeypatch.setattr(containers, limit, value)
    assert text in refusal(path)


def test_an_entry_that_lies_about_its_size_is_damaged(tmp_path: Path, whole: bytes) -> None:
    path = packed(tmp_path / "a.genani", entries(whole) | {"scene.json": bytes(500_000)})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 500_000), struct.pack("<I", 5_000)))
    assert "'scene.json' in it is damaged" in refusal(path)


def test_a_picture_bomb(tmp_path: Path, whole: bytes) -> None:
    name = f"drawings/{KEYS[0].id}.png"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IEND", b"")
    project = load(packed(tmp_path / "a.genani", entries(whole) | {name: bomb}))
    with pytest.raises(FileError, match="3600 million pixels") as caught:
        project.picture(KEYS[0].id)
    assert str(caught.value).startswith(f"cannot read '{project.path / name}'")
    assert project.picture(KEYS[1].id) == KEYS[1]


def test_missing_drawings_are_named_and_the_rest_opens(tmp_path: Path, whole: bytes) -> None:
    parts = entries(whole)
    del parts[f"drawings/{KEYS[1].id}.png"]
    del parts[f"takes/{TAKE}/1-3.png"]
    project = load(packed(tmp_path / "a.genani", parts))
    assert project.problems == ("the drawing on frame 5 of layer Käfer is missing",)
    assert project.scene == exposed_scene()
    assert project.picture(KEYS[1].id) is None
    assert project.picture(KEYS[0].id) == KEYS[0]
    assert project.takes[0].times == (Fraction(2, 3),)
    assert project.drawn(TAKE, Fraction(1, 3)) is None


def test_a_swapped_drawing_is_found_out(tmp_path: Path, whole: bytes) -> None:
    name = f"drawings/{KEYS[0].id}.png"
    project = load(packed(tmp_path / "a.genani", entries(whole) | {name: encode_png(noisy(99))}))
    with pytest.raises(ProjectError, match="was changed"):
        project.picture(KEYS[0].id)


def test_a_flipped_bit_in_a_drawing_is_found_out(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "a.genani"
    data = bytearray(whole)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        data[archive.getinfo(f"drawings/{KEYS[0].id}.png").header_offset + 400] ^= 4
    path.write_bytes(data)
    project = load(path)
    with pytest.raises(ProjectError, match="is damaged"):
        project.picture(KEYS[0].id)
    assert project.picture(KEYS[1].id) == KEYS[1]


def test_a_damaged_take_is_named(tmp_path: Path, whole: bytes) -> None:
    parts = entries(whole) | {f"takes/{TAKE}/info.json": b'{"info": 3}'}
    project = load(packed(tmp_path / "a.genani", parts))
    assert project.takes == ()
    assert project.problems == (f"the take {TAKE[:12]} is damaged",)


def test_the_file_vanishes_while_it_is_open(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(whole)
    project = load(path)
    path.unlink()
    with pytest.raises(FileError, match="does not exist"):
        project.picture(KEYS[0].id)


def test_a_bomb_that_takes_the_place_of_an_open_project(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "a.genani"
    path.write_bytes(whole)
    project = load(path)
    packed(path, entries(whole) | {f"drawings/{KEYS[0].id}.png": bytes(20_000_000)})
    with pytest.raises(ProjectError, match="would unpack to 20000000 bytes"):
        project.picture(KEYS[0].id)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_flipped_nothing_but_a_clear_line_comes(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(whole)
    # Half of the flips go to the list of entries, where the parser is.
    start = data.draw(st.sampled_from([0, whole.index(b"PK\x01\x02")]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(start, len(whole) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "flipped.genani"
    path.write_bytes(damaged)
    line = ""
    try:
        project = load(path)
        thumbnail(path)
        for key in KEYS:
            picture = project.picture(key.id)
            assert picture is None or picture == key
        for t in (Fraction(1, 3), Fraction(2, 3)):
            project.drawn(TAKE, t)
    except GenAniError as error:
        line = str(error)
    assert "\n" not in line


def document(**changes: Any) -> bytes:
    return json.dumps(json.loads(scene_to_text(exposed_scene())) | changes).encode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"{", "the scene in it is damaged"),
        (b"[]", "the scene in it is damaged"),
        (b"\xff\xfe", "the scene in it is damaged"),
        (b"[" * 100_000, "the scene in it is damaged"),
        (document(schema="other.thing"), "it holds 'other.thing', not a scene"),
        (document(version=VERSION + 1), f"a later GenAni .scene version {VERSION + 1}"),
        (document(version=0), "scene version 0 is too old"),
        (document(version=-5), "scene version -5 is too old"),
        (document(version="1"), "the scene in it is damaged"),
        (document(scene={"width": "wide"}), "the scene in it is damaged"),
        (document(scene={"width": 0}), "the scene in it is damaged"),
        (document(scene={"layers": [{"id": "L"}]}), "the scene in it is damaged"),
    ],
)
def test_a_scene_that_cannot_be_read(tmp_path: Path, whole: bytes, text: bytes, says: str) -> None:
    with pytest.raises(ProjectError, match=says):
        scene_from_text(text)
    path = packed(tmp_path / "a.genani", entries(whole) | {"scene.json": text})
    assert says.partition(" .")[0] in refusal(path)


def test_an_old_scene_is_brought_up_to_date_step_by_step() -> None:
    old = document(version=VERSION - 2)
    values = json.loads(old)
    values["scene"]["title"] = values["scene"].pop("name")
    values["scene"]["fps"] = 24

    def no_fps(body: dict[str, Any]) -> dict[str, Any]:
        assert body.pop("fps") == 24
        return body

    def name_for_title(body: dict[str, Any]) -> dict[str, Any]:
        assert "fps" not in body
        body["name"] = body.pop("title")
        return body

    upgrades = {VERSION - 2: no_fps, VERSION - 1: name_for_title}
    text = json.dumps(values).encode()
    assert scene_from_text(text, upgrades) == exposed_scene()
    # A step that finds nonsense is damage, not a crash.
    with pytest.raises(ProjectError, match="brought up to date"):
        scene_from_text(document(version=VERSION - 1), upgrades)
    with pytest.raises(ProjectError, match="too old"):
        scene_from_text(text, {VERSION - 1: name_for_title})


def test_a_file_of_version_1_still_opens() -> None:
    fixture = Path(__file__).parent / "scene_v1.json"
    ids = tuple(PictureId(f"{number:064x}") for number in range(5))
    assert scene_from_text(fixture.read_bytes()) == exposed_scene(ids)
