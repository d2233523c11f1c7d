from __future__ import annotations

import json
from itertools import count, repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.media import sequence
from genani.media.clip import Clip, Exposed, gathered, merged
from genani.media.image import encode_png, read
from genani.media.sequence import Gaps, Naming
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import cel, icc, noise, on_twos


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(encode_png(cel(len(name) % 20)))


def found(path: Path) -> list[int]:
    sequence_ = sequence.find(path)
    return list(sequence_.files) if sequence_ else []


@pytest.mark.parametrize(
    "name", ["a.{}.png", "a_{}.png", "a-{}.png", "a {}.png", "a{}.png", "{}.png"]
)
def test_any_separator(name: str, tmp_path: Path) -> None:
    touch(tmp_path, *(name.format(number) for number in ("0001", "0002", "0010")))
    assert found(tmp_path / name.format("0002")) == [1, 2, 10]


def test_the_number_that_varies_is_the_frame(tmp_path: Path) -> None:
    touch(tmp_path, *(f"shot02_v003.{n:04d}_2x.png" for n in (1, 2, 3)), "shot02_v004.0001_2x.png")
    found_ = sequence.find(tmp_path / "shot02_v003.0002_2x.png")
    assert found_ is not None
    assert found_.pattern == "shot02_v003.####_2x.png"
    assert list(found_.files) == [1, 2, 3]


def test_numbers_without_padding_sort_by_value(tmp_path: Path) -> None:
    touch(tmp_path, *(f"a{number}.png" for number in (9, 10, 11, 100)))
    for number in (9, 10, 100):
        assert found(tmp_path / f"a{number}.png") == [9, 10, 11, 100]


def test_padding_grows_past_its_width_but_styles_do_not_mix(tmp_path: Path) -> None:
    touch(tmp_path, "a0999.png", "a1000.png", "a10000.png", "a7.png", "a00008.png")
    assert found(tmp_path / "a0999.png") == [999, 1000, 10000]
    assert found(tmp_path / "a1000.png") == [999, 1000, 10000]


def test_extension_in_any_case_and_twins(tmp_path: Path) -> None:
    touch(tmp_path, "a.1.png", "a.2.PNG", "a.2.png", "a.3.Png", "A.4.png", "a.5.tif")
    sequence_ = sequence.find(tmp_path / "a.2.PNG")
    assert sequence_ is not None
    assert list(sequence_.files) == [1, 2, 3]
    assert sequence_.files[2].name == "a.2.PNG"


def test_a_minus_is_a_separator(tmp_path: Path) -> None:
    touch(tmp_path, "a-1.png", "a-2.png")
    assert found(tmp_path / "a-2.png") == [1, 2]


def test_a_lone_file_is_no_sequence(tmp_path: Path) -> None:
    touch(tmp_path, "a.0001.png", "b.0001.png", "plain.png")
    (tmp_path / "a.0002.png").mkdir()
    assert sequence.find(tmp_path / "a.0001.png") is None
    assert sequence.find(tmp_path / "plain.png") is None


def test_all_sequences_of_a_folder_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "b10_1.png", "b10_2.png", "b9_1.png", "b9_2.png", "single.png")
    (tmp_path / "notes1.txt").touch()
    (tmp_path / "notes2.txt").touch()
    patterns = [each.pattern for each in sequence.find_all(tmp_path)]
    assert patterns == ["b9_#.png", "b10_#.png"]


def write_run(folder: Path, shown: dict[int, Picture]) -> sequence.FileSequence:
    for number, picture in shown.items():
        (folder / f"r.{number:03d}.png").write_bytes(encode_png(picture))
    sequence_ = sequence.find(folder / f"r.{min(shown):03d}.png")
    assert sequence_ is not None
    return sequence_


def test_holds_are_detected(tmp_path: Path) -> None:
    run = {number: cel((number - 1) // 2) for number in range(1, 25)}
    clip = sequence.read(write_run(tmp_path, run), Rate(12))
    assert [drawing.frames for drawing in clip.drawings] == [2] * 12
    assert list(clip.drawings) == on_twos()
    assert clip.frames == 24
    assert (clip.rate, clip.start, clip.filled) == (Rate(12), 1, ())


@pytest.mark.parametrize("gaps", list(Gaps))
def test_gaps(gaps: Gaps, tmp_path: Path) -> None:
    run = write_run(tmp_path, {5: cel(0), 6: cel(1), 9: cel(2)})
    if gaps is Gaps.ERROR:
        with pytest.raises(FileError, match=r"r\.###\.png' has gaps: 7 to 8 are missing"):
            sequence.read(run, gaps=gaps)
        return
    clip = sequence.read(run, gaps=gaps)
    assert (clip.frames, clip.start, clip.filled) == (5, 5, (7, 8))
    at_gap = list(clip.pictures())[2]
    if gaps is Gaps.HOLD:
        assert [drawing.frames for drawing in clip.drawings] == [1, 3, 1]
        assert at_gap == cel(1)
    else:
        assert [drawing.frames for drawing in clip.drawings] == [1, 1, 2, 1]
        assert at_gap.opaque is (gaps is Gaps.BLACK)
        assert not at_gap.pixels[..., :3].any()


def test_one_missing_frame_reads_well(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="2 is missing"):
        sequence.read(write_run(tmp_path, {1: cel(0), 3: cel(1)}), gaps=Gaps.ERROR)


def test_an_absurd_range_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a1.png", "a20260101123000.png")
    run = sequence.find(tmp_path / "a1.png")
    assert run is not None
    assert len(run.missing) < 2_000_000
    with pytest.raises(FileError, match="1000000 frames"):
        sequence.read(run)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    run = write_run(tmp_path, {1: cel(0), 2: cel(1)})
    (tmp_path / "r.002.png").write_bytes(b"nothing of use")
    with pytest.raises(FileError, match=r"r\.002\.png"):
        sequence.read(run)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=2, max_size=6))
def test_round_trip_of_any_exposures(
    tmp_path_factory: pytest.TempPathFactory, shots: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("run") / "out"
    drawings = tuple(merged(Exposed(cel(at), frames) for at, frames in shots))
    files = sequence.write(drawings, Rate(), folder, Naming("run"))
    assert [path.name for path in files] == [f"run.{n:04d}.png" for n in range(1, len(files) + 1)]
    if len(files) > 1:
        run = sequence.find(files[0])
        assert run is not None
        assert sequence.read(run) == Clip(drawings, Rate())


def test_import_on_twos_and_export_gives_the_same_24_files(tmp_path: Path) -> None:
    run = {number: cel((number - 1) // 2) for number in range(1, 25)}
    source = write_run(tmp_path, run)
    clip = sequence.read(source)
    assert len(clip.drawings) == 12
    files = sequence.write(clip.drawings, clip.rate, tmp_path / "out", Naming("r", padding=3))
    assert [path.name for path in files] == [path.name for path in source.files.values()]
    for old, new in zip(source.files.values(), files, strict=True):
        assert read(old) == read(new)


def test_16_bits_and_profile_survive(tmp_path: Path) -> None:
    picture = Picture(noise(depth=16).pixels, icc())
    files = sequence.write([Exposed(picture)], Rate(), tmp_path, Naming("deep"))
    assert read(files[0]) == picture


@pytest.mark.parametrize(
    ("start", "frames", "first", "last"),
    [(1, 24, "a.0001.png", "a.0024.png"), (9_990, 20, "a.09990.png", "a.10009.png")],
)
def test_padding_grows_and_is_constant(start: int, frames: int, first: str, last: str) -> None:
    names = Naming("a", start=start).files(frames)
    assert (names[0], names[-1]) == (first, last)
    assert len({len(name) for name in names}) == 1


@pytest.mark.parametrize("bad", ["a/b", "a\\b", "a\0", "what?"])
def test_names_that_are_no_names(bad: str) -> None:
    with pytest.raises(FileError, match="cannot be part of a file name"):
        Naming(bad)
    with pytest.raises(FileError, match="0 to 1000000"):
        Naming("a", start=-1)


def test_drawings_only_with_a_sheet(tmp_path: Path) -> None:
    a, b = cel(0), cel(5)
    drawings = [Exposed(a, 2), Exposed(b, 3), Exposed(a, 1)]
    files = sequence.write(drawings, Rate(24), tmp_path, Naming("A", ""), drawings_only=True)
    assert [path.name for path in files] == ["A0001.png", "A0002.png", "A.json"]
    assert [read(path) for path in files[:2]] == [a, b]
    sheet = json.loads(files[-1].read_text())
    assert sheet["rate"] == "24"
    assert [(c["frame"], c["exposure"], c["drawing"]) for c in sheet["cells"]] == [
        (1, 2, "A0001.png"),
        (3, 3, "A0002.png"),
        (6, 1, "A0001.png"),
    ]


def test_stopping_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    touch(tmp_path, "a.0001.png", "mine.png")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    left = 3

    def stop() -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sequence.write(on_twos(), Rate(), tmp_path, Naming("a"), tick=stop)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_clips_are_bounded() -> None:
    endless = (cel(number % 20) for number in count())
    with pytest.raises(FileError, match="'x' is too long to open"):
        gathered(endless, "x", limit=0)
    with pytest.raises(FileError, match="over 1000000 frames"):
        gathered(repeat(Exposed(cel(0), 999)), "x")
