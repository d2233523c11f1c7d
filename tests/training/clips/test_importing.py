"""Films become clips: what is cut, what is told, what goes on after an interruption."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from genani.media import image
from genani.media.clip import Exposed
from genani.media.export import export
from genani.media.options import ExportOptions, Format
from genani.scene.errors import Cancelled, FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from genani.training.clips import dataset, framing
from genani.training.clips.checking import check
from genani.training.clips.dataset import Rights
from genani.training.clips.importing import Crop, ImportOptions, Outcome, import_clips
from genani.training.clips.records import KEYS, RECORD
from tests.face.staged import Staged, face_points, sheet
from tests.training.clips.films import RIGHTS, drawing, shot, unwatched, variable, video

WHOLE = ImportOptions(crop=Crop.WHOLE, rights=RIGHTS)


def imported(paths: list[Path], folder: Path, options: ImportOptions = WHOLE) -> list[Outcome]:
    return import_clips(paths, folder, options, None, unwatched)


def clean(folder: Path) -> list[str]:
    """The clips of a data set that is in order; nothing half-written lies about."""
    found = check(folder, unwatched, deep=True)
    assert [str(each) for each in found.problems] == []
    assert not list(folder.glob(".*"))
    return dataset.clip_ids(folder)


def test_a_film_of_two_shots_gives_two_clips_with_the_published_keys(tmp_path: Path) -> None:
    film = video(tmp_path / "two shots.mp4", [*shot(30), *shot(24, 1, 2)])
    (outcome,) = imported([film], tmp_path / "set")
    assert clean(tmp_path / "set") == list(outcome.clips)
    place = tmp_path / "set" / outcome.clips[1]
    line = (place / RECORD).read_text("utf-8")
    assert line.count("\n") == 1
    record = json.loads(line)
    assert tuple(record)[:6] == KEYS
    assert record["start_frame"] == "frame_0001.png"
    assert record["end_frame"] == "frame_0024.png"
    assert len(record["middle_frames"]) == 22
    assert record["span"] == [31, 54]
    first, second = (image.read(place / f"frame_000{n}.png") for n in (1, 2))
    assert first.size == (256, 256)
    assert np.abs(first.pixels.astype(int) - second.pixels).mean() < 1
    schema = json.loads((tmp_path / "set" / dataset.SCHEMA).read_text())
    assert set(KEYS) <= set(schema["$defs"]["Record"]["required"])
    assert dataset.read(tmp_path / "set").forbidden() == []


def test_bad_films_are_told_and_the_rest_is_imported(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    good = video(films / "good.mp4", shot(24))
    whole = video(films / "cut.mp4", [*shot(48), *shot(48, 1)]).read_bytes()
    (films / "cut.mp4").write_bytes(whole[: int(0.7 * len(whole))])
    (films / "words.mp4").write_bytes(b"these are words, not a film" * 40)
    video(films / "three.mp4", shot(3))
    video(films / "still.mp4", [Exposed(drawing(0.5), 48)])
    (films / "empty.mp4").touch()
    (films / "notes.txt").write_text("nothing to see")
    outcomes = {Path(each.path).name: each for each in imported([films], tmp_path / "set")}
    assert set(outcomes) == {
        "good.mp4",
        "cut.mp4",
        "words.mp4",
        "three.mp4",
        "still.mp4",
        "empty.mp4",
    }
    assert len(outcomes[good.name].clips) == 1
    assert outcomes["cut.mp4"].clips
    assert "frames before that were used" in outcomes["cut.mp4"].notes[0]
    assert "words.mp4" in outcomes["words.mp4"].failed
    assert "3 frames, at least 8" in outcomes["three.mp4"].failed
    assert "nothing moves" in outcomes["still.mp4"].failed
    assert "empty" in outcomes["empty.mp4"].failed
    assert len(clean(tmp_path / "set")) == 1 + len(outcomes["cut.mp4"].clips)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    film = video(tmp_path / "a.mp4", shot(24))
    (tmp_path / "nothing").mkdir()
    gone, nothing, good = imported(
        [tmp_path / "gone.mp4", tmp_path / "nothing", film], tmp_path / "set"
    )
    assert "does not exist" in gone.failed
    assert "holds no video" in nothing.failed
    assert len(good.clips) == 1


def test_a_variable_rate_becomes_constant(tmp_path: Path) -> None:
    film = variable(tmp_path / "phone.mkv", shot(24))
    (outcome,) = imported([film], tmp_path / "set")
    (name,) = clean(tmp_path / "set")
    frames = dataset.read_record(tmp_path / "set" / name).frames
    assert abs(len(frames) - 36) <= 1
    slow = [image.read(tmp_path / "set" / name / each) for each in frames[-8:]]
    same = [np.abs(a.pixels.astype(int) - b.pixels).mean() < 0.5 for a, b in pairwise(slow)]
    assert 3 <= sum(same) <= 5
    assert not outcome.failed


def test_names_of_any_script(tmp_path: Path) -> None:
    film = video(tmp_path / "笑顔 「第1話」.mp4", shot(24))
    imported([film], tmp_path / "データ")
    (name,) = clean(tmp_path / "データ")
    assert name.startswith("笑顔_第1話-")


def test_an_animation_with_clear_paper_and_a_sequence_on_twos(tmp_path: Path) -> None:
    def clear(at: float) -> Picture:
        pixels = drawing(at).pixels.copy()
        pixels[(pixels[..., :3] > 200).all(2)] = 0
        return Picture(pixels)

    animation = tmp_path / "in" / "ball.webp"
    animation.parent.mkdir()
    options = ExportOptions(format=Format.WEBP)
    export([Exposed(clear(n / 11), 2) for n in range(12)], Rate(24), animation, options)
    folder = tmp_path / "in" / "run"
    folder.mkdir()
    for number in range(1, 13):
        image.write_png(drawing(number / 12), folder / f"run.{number:04d}.png")
    outcomes = imported([tmp_path / "in"], tmp_path / "set")
    assert [len(each.clips) for each in outcomes] == [1, 1]
    names = clean(tmp_path / "set")
    frames = {name.split("-")[0]: dataset.read_record(tmp_path / "set" / name) for name in names}
    assert len(frames["ball"].frames) == 24
    assert len(frames["run"].frames) == 12
    first = image.read(tmp_path / "set" / frames["ball"].clip_id / "frame_0001.png")
    assert first.pixels[128, 250, 3] == 0


def test_an_import_goes_on_where_it_was(tmp_path: Path) -> None:
    film = video(tmp_path / "long.mp4", [*shot(30), *shot(30, 1), *shot(30, 2)])

    def stop(share: float, _: str) -> None:
        if share > 0.7:
            raise Cancelled

    with pytest.raises(Cancelled):
        import_clips([film], tmp_path / "set", WHOLE, None, stop)
    before = dataset.clip_ids(tmp_path / "set")
    assert 0 < len(before) < 3
    (outcome,) = imported([film], tmp_path / "set")
    assert outcome.known == len(before)
    assert len(clean(tmp_path / "set")) == 3
    (again,) = imported([film], tmp_path / "set")
    assert (again.clips, again.known) == ((), 3)


def test_what_a_killed_one_left_is_swept(tmp_path: Path) -> None:
    film = video(tmp_path / "a.mp4", shot(24))
    left = tmp_path / "set" / ".part-4194399-0123abcd"
    left.mkdir(parents=True)
    (left / "frame_0001.png").touch()
    imported([film], tmp_path / "set")
    assert len(clean(tmp_path / "set")) == 1


def test_a_data_set_keeps_its_size(tmp_path: Path) -> None:
    film = video(tmp_path / "a.mp4", shot(24))
    imported([film], tmp_path / "set")
    with pytest.raises(FileError, match="256 x 256, not 512 x 320"):
        imported([film], tmp_path / "set", ImportOptions((512, 320), Crop.WHOLE))


def test_two_faces_give_two_clips_and_none_gives_the_whole(tmp_path: Path) -> None:
    film = video(tmp_path / "people.mp4", shot(24))
    faces = [face_points(30, 26, 12), face_points(70, 30, 12)]
    options = ImportOptions(rights=RIGHTS)
    (outcome,) = import_clips([film], tmp_path / "set", options, Staged(faces, faces=4), unwatched)
    assert len(outcome.clips) == 2
    assert outcome.clips[1] == outcome.clips[0] + "b"
    assert clean(tmp_path / "set") == list(outcome.clips)
    two = [image.read(tmp_path / "set" / name / "frame_0012.png") for name in outcome.clips]
    assert np.abs(two[0].pixels.astype(int) - two[1].pixels).mean() > 5
    nobody = video(tmp_path / "nobody.mp4", shot(24, 1))
    (outcome,) = import_clips([nobody], tmp_path / "set", options, Staged(), unwatched)
    assert len(outcome.clips) == 1
    assert "no face found on frames 1 to 24" in outcome.notes[0]


def test_a_data_set_among_the_films_is_left_alone(tmp_path: Path) -> None:
    film = video(tmp_path / "a.mp4", shot(24))
    imported([tmp_path], tmp_path / "set")
    (again,) = imported([tmp_path], tmp_path / "set")
    assert (again.path, again.known) == (str(film), 1)


def test_rights_are_asked_for(tmp_path: Path) -> None:
    film = video(tmp_path / "a.mp4", shot(24))
    imported([film], tmp_path / "set", ImportOptions(crop=Crop.WHOLE))
    data = dataset.read(tmp_path / "set")
    assert [why for _, why in data.forbidden()] == ["nobody has said whether it may be trained on"]
    for rights, why in (
        (Rights("", "", True), "nobody has said who made it"),
        (Rights("Ana", "", False), "its maker does not allow training on it"),
    ):
        data = dataset.set_rights(data, rights, lambda _: True)
        assert [each for _, each in dataset.read(data.folder).forbidden()] == [why]
    dataset.set_rights(data, RIGHTS, lambda _: True)
    assert dataset.read(data.folder).forbidden() == []
    with pytest.raises(FileError, match="no such film"):
        dataset.set_rights(data, RIGHTS, lambda _: False)


def test_a_full_frame_of_the_right_shape_is_kept_to_the_pixel() -> None:
    picture = sheet((40, 30, 20), size=(64, 48))
    window = framing.whole(picture.size, (64, 48))
    assert np.array_equal(framing.framed(picture.pixels, window, (64, 48)), picture.pixels)
