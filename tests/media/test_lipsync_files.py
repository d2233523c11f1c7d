"""Lip-sync files of other programs, read and written."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media import lipsync_files
from genani.media.lipsync import Spoken, cues, spoken_of
from genani.scene.acting import MouthCue, Viseme
from genani.scene.errors import FileError
from genani.scene.time import Rate

RATE = Rate()
TSV = "0.00\tX\n0.05\tD\n0.27\tC\n0.31\tB\n0.43\tX\n"
XML = """<?xml version="1.0" encoding="utf-8"?>
<rhubarbResult>
  <metadata><soundFile>hi.wav</soundFile><duration>0.47</duration></metadata>
  <mouthCues>
    <mouthCue start="0.00" end="0.05">X</mouthCue>
    <mouthCue start="0.05" end="0.27">D</mouthCue>
    <mouthCue start="0.27" end="0.31">C</mouthCue>
    <mouthCue start="0.31" end="0.43">B</mouthCue>
  </mouthCues>
</rhubarbResult>
"""
JSON = json.dumps(
    {
        "metadata": {"soundFile": "hi.wav", "duration": 0.47},
        "mouthCues": [
            {"start": start, "end": end, "value": value}
            for start, end, value in (
                *((0.0, 0.05, "X"), (0.05, 0.27, "D")),
                *((0.27, 0.31, "C"), (0.31, 0.43, "B")),
            )
        ],
    }
)
HEARD = (
    Spoken(Fraction(0), Viseme.X),
    Spoken(Fraction(5, 100), Viseme.D),
    Spoken(Fraction(27, 100), Viseme.C),
    Spoken(Fraction(31, 100), Viseme.B),
    Spoken(Fraction(43, 100), None),
)


def put(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(("name", "text"), [("a.tsv", TSV), ("a.xml", XML), ("a.JSON", JSON)])
def test_rhubarbs_files_are_read(tmp_path: Path, name: str, text: str) -> None:
    assert lipsync_files.read(put(tmp_path, name, text), RATE) == HEARD


def test_files_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does(
    tmp_path: Path,
) -> None:
    windows = b"\xef\xbb\xbf" + TSV.replace("\n", "\r\n").encode()
    assert lipsync_files.read(put(tmp_path, "a.tsv", windows), RATE) == HEARD


def test_a_dat_counts_frames_from_one(tmp_path: Path) -> None:
    text = "MohoSwitch1\n1 rest\n3 AI\n7 MBP\n13 rest\n"
    assert lipsync_files.read(put(tmp_path, "a.dat", text), RATE) == (
        Spoken(Fraction(0), Viseme.X),
        Spoken(Fraction(2, 24), Viseme.D),
        Spoken(Fraction(6, 24), Viseme.A),
        Spoken(Fraction(12, 24), None),
    )


def test_papagayos_oddities_are_read(tmp_path: Path) -> None:
    text = "MohoSwitch1\n-1 rest\n5 rest\n6 MBP\n7 MBP\n8 WQ\n10 etc\n10 E\n14 rest\n"
    shapes = [
        (each.seconds * 24 + 1, each.shape)
        for each in lipsync_files.read(put(tmp_path, "a.dat", text), RATE)
    ]
    assert shapes == [(1, "X"), (6, "A"), (8, "F"), (10, "C"), (14, None)]


@pytest.mark.parametrize(
    ("names", "shapes"),
    [
        ("A B E L", None),
        ("A B E", "A B E"),
        ("MBP etc E L", "A B C H"),
        ("mbp ETC e AI", "A B C D"),
        ("M AA1 IY0 F", "A D B G"),
    ],
)
def test_a_chart_is_known_by_all_its_names(tmp_path: Path, names: str, shapes: str | None) -> None:
    rows = [f"{place * 4 + 1} {name}" for place, name in enumerate(names.split())]
    path = put(tmp_path, "a.dat", "\n".join(["MohoSwitch1", *rows]))
    if shapes is None:
        with pytest.raises(FileError, match="several charts"):
            lipsync_files.read(path, RATE)
    else:
        assert [each.shape for each in lipsync_files.read(path, RATE)] == shapes.split()


@st.composite
def lanes(draw: st.DrawFn) -> tuple[MouthCue, ...]:
    frame, found = 1, list[MouthCue]()
    for _ in range(draw(st.integers(1, 12))):
        others = [shape for shape in Viseme if not found or shape is not found[-1].shape]
        found.append(MouthCue(frame, draw(st.sampled_from(others))))
        frame += draw(st.integers(2, 9))
    return (*found, MouthCue(frame, None))


@given(lanes(), st.sampled_from([".dat", ".tsv", ".json"]), st.booleans(),
       st.sampled_from([Rate(24), Rate(25), Rate.of(29.97), Rate(60)]))  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    lane: tuple[MouthCue, ...],
    ending: str,
    letters: bool,
    rate: Rate,
) -> None:
    path = tmp_path_factory.mktemp("back") / f"voice{ending}"
    lipsync_files.write(path, spoken_of(lane, rate), rate, letters)
    back = cues(lipsync_files.read(path, rate), rate)
    rests, many = lane[-2].shape is Viseme.X, len(lane) > 2
    if rests and many:
        # A rest at the end and the voice's own end are the same in a file.
        assert back[:-1] == lane[:-2]
        assert back[-1] == MouthCue(lane[-2].frame, None)
    elif rests:
        # Nothing but a rest: where that ends is in no file.
        assert back == lane[:-1]
    else:
        assert back == lane
    assert all(a.frame < b.frame for a, b in pairwise(back))


def test_a_dat_has_the_names_that_opentoonz_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    lipsync_files.write(path, HEARD, RATE)
    assert path.read_bytes() == b"MohoSwitch1\n1 rest\n2 AI\n7 E\n8 etc\n11 rest\n"
    lipsync_files.write(path, HEARD, RATE, letters=True)
    assert "2 D\n" in path.read_text()


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.dat", "0.1\tA\n", "begins with MohoSwitch1"),
        ("a.dat", "MohoSwitch1\n", "no mouth shapes"),
        ("a.dat", "MohoSwitch1\n1 A\nx B\n", "line 3 is not a frame"),
        ("a.dat", "MohoSwitch1\n1 A\n9999999 B\n", "past the last possible"),
        ("a.dat", "MohoSwitch1\n1 wobble\n", "'wobble' is not a mouth shape"),
        ("a.tsv", "0.1 A\n", "tab between"),
        ("a.tsv", "-1\tA\n", "line 1 has no time"),
        ("a.tsv", "nan\tA\n", "line 1 has no time"),
        ("a.tsv", "9999999\tA\n", "not a time of a voice"),
        ("a.tsv", "\n\n", "no mouth shapes"),
        ("a.tsv", b"\xff\xfe\x00", "not text"),
        ("a.tsv", b"", "the file is empty"),
        ("a.json", "{", "not JSON"),
        ("a.json", "[" * 100_000, "not JSON"),
        ("a.json", "[]", "no list 'mouthCues'"),
        ("a.json", '{"mouthCues": []}', "no mouth shapes"),
        ("a.json", '{"mouthCues": [3]}', "cue 1 has no mouth shape"),
        ("a.json", '{"mouthCues": [{"value": "A", "start": true, "end": 1}]}', "no time"),
        ("a.json", '{"mouthCues": [{"value": "A", "start": 1e400, "end": 1}]}', "no time"),
        ("a.json", '{"mouthCues": [{"value": "A", "start": 2, "end": 1}]}', "ends before"),
        ("a.xml", "<rhubarbResult>", "not the XML"),
        ("a.xml", "<rhubarbResult/>", "no mouth shapes"),
        ("a.xml", '<a><mouthCue start="0" end="1"/></a>', "has no mouth shape"),
        ("a.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not the XML"),
        ("a.xml", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "not the XML"),
        ("a.wav", "RIFF", "lip-sync files end in"),
    ],
)
def test_damaged_files_are_told_in_one_sentence(
    tmp_path: Path, name: str, text: str | bytes, why: str
) -> None:
    with pytest.raises(FileError, match=why) as told:
        lipsync_files.read(put(tmp_path, name, text), RATE)
    assert name in str(told.value)
    assert "\n" not in str(told.value)


@given(st.binary(max_size=200), st.sampled_from([".dat", ".tsv", ".json", ".xml"]))
@settings(deadline=None, max_examples=100)
def test_rubbish_never_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, ending: str
) -> None:
    path = tmp_path_factory.mktemp("rubbish") / f"a{ending}"
    path.write_bytes((b"MohoSwitch1\n" if ending == ".dat" else b"") + data + b"\n")
    try:
        found = lipsync_files.read(path, RATE)
    except FileError:
        return
    assert all(a.seconds < b.seconds for a, b in pairwise(found))


def test_too_large_a_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    with path.open("wb") as file:
        file.truncate(lipsync_files.MAX_BYTES + 1)
    with pytest.raises(FileError, match="too large"):
        lipsync_files.read(path, RATE)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="lip-sync files end in"):
        lipsync_files.write(tmp_path / "a.xml", HEARD, RATE)
    (tmp_path / "a.tsv").mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        lipsync_files.write(tmp_path / "a.tsv", HEARD, RATE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tsv"]
