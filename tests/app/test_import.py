"""From files to drawings: keys, sequences with holds, animations, canvas size, spans."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genani.app.export_task import ExportPlan
from genani.app.import_task import ImportMode
from genani.app.session import Session
from genani.media.options import ExportOptions
from genani.scene.edits import ChangeScene
from genani.scene.errors import Cancelled, FileError, SceneError
from genani.scene.time import Rate
from tests.app.conftest import Run
from tests.app.desk import Desk


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None]) -> Desk:
    return Desk(session, run, until)


def test_keys_every_few_frames_in_natural_order(desk: Desk, png: Callable[..., Path]) -> None:
    paths = [png(f"pose {number}.png", number * 10) for number in (10, 2, 1)]
    desk.run(desk.session.import_files(paths, frame=3, every=4))
    assert desk.frames == [3, 7, 11]
    drawings = [desk.layer.drawings[cell.drawing or ""] for cell in desk.layer.cells]
    assert [d.name for d in drawings] == ["pose 1.png", "pose 2.png", "pose 10.png"]
    assert [d.number for d in drawings] == [1, 2, 3]
    assert [len(span.chart) for span in desk.layer.spans] == [1, 1]
    desk.trigger("undo")
    assert desk.layer.cells == ()
    assert desk.session.controller.undo_stack.count() == 1


def test_two_drops_meet_in_a_span(desk: Desk, png: Callable[..., Path]) -> None:
    desk.run(desk.session.import_files([png("a1.png", 1)], frame=1))
    assert desk.layer.spans == ()
    desk.run(desk.session.import_files([png("a2.png", 2)], frame=9))
    [span] = desk.layer.spans
    assert span.chart.ticks == (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    desk.run(desk.session.import_files([png("a3.png", 3)], frame=5))
    assert [len(span.chart) for span in desk.layer.spans] == [1, 1]


def test_a_drop_on_a_key_replaces_its_drawing(desk: Desk, png: Callable[..., Path]) -> None:
    desk.run(desk.session.import_files([png("a.png", 1)], frame=1))
    desk.run(desk.session.import_files([png("b.png", 2)], frame=1))
    assert desk.frames == [1]
    assert desk.layer.drawings[desk.layer.cells[0].drawing or ""].name == "b.png"


def test_a_sequence_on_twos_keeps_its_holds(desk: Desk, png: Callable[..., Path]) -> None:
    paths = [png(f"run.{number:04d}.png", number // 2 * 9) for number in range(2, 26)]
    desk.run(desk.session.import_files(paths[:1], frame=1, mode=ImportMode.SEQUENCE))
    assert desk.frames == list(range(1, 24, 2))
    assert desk.layer.spans == ()
    assert [m.text for m in desk.messages] == ["Repeated frames that became holds: 12"]


def test_a_sequence_dropped_file_by_file(desk: Desk, png: Callable[..., Path]) -> None:
    paths = [png(f"b{number}.png", number // 2 * 9) for number in range(2, 8)]
    desk.run(desk.session.import_files(paths, frame=5, mode=ImportMode.SEQUENCE))
    assert desk.frames == [5, 7, 9]


def test_a_folder_is_its_pictures(desk: Desk, png: Callable[..., Path]) -> None:
    folder = png("poses/x1.png", 1).parent
    png("poses/x2.png", 2)
    (folder / "notes.txt").write_text("none")
    desk.run(desk.session.import_files([folder]))
    assert desk.frames == [1, 9]


def test_an_animation_brings_its_rate_to_an_empty_scene(desk: Desk, tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((20, 30, 3), value, np.uint8)) for value in (0, 90, 200)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)
    desk.run(desk.session.import_files([path], mode=ImportMode.SEQUENCE))
    scene = desk.session.controller.scene
    assert scene.size == (30, 20)
    held = [b - a for a, b in pairwise(desk.frames)]
    assert [scene.rate.seconds(frames) for frames in held] == [Fraction(1, 10)] * 2
    assert scene.rate != Rate()


def test_a_scene_with_drawings_keeps_size_and_rate(
    desk: Desk, png: Callable[..., Path], tmp_path: Path
) -> None:
    desk.run(desk.session.import_files([png("a.png", 1)]))
    frames = [Image.fromarray(np.full((20, 30, 3), value, np.uint8)) for value in (0, 90)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=500, loop=0)
    desk.run(desk.session.import_files([path], frame=5, mode=ImportMode.SEQUENCE))
    scene = desk.session.controller.scene
    assert (scene.size, scene.rate) == ((32, 24), Rate(24))
    assert desk.frames == [1, 5, 17]
    assert "sits at the top left" in desk.messages[0].text


def test_a_bad_file_leaves_the_scene_as_it_was(
    desk: Desk, png: Callable[..., Path], tmp_path: Path
) -> None:
    bad = tmp_path / "text.png"
    bad.write_text("not a picture")
    before = desk.session.controller.scene
    with pytest.raises(FileError, match=r"text\.png"):
        desk.run(desk.session.import_files([png("a.png", 1), bad]))
    with pytest.raises(FileError, match="no picture"):
        desk.run(desk.session.import_files([]))
    assert desk.session.controller.scene == before


def test_a_locked_layer_refuses(desk: Desk, png: Callable[..., Path]) -> None:
    from genani.scene.edits import ChangeLayer

    desk.session.controller.do(ChangeLayer(desk.layer.id, locked=True), "lock")
    with pytest.raises(SceneError, match="locked"):
        desk.run(desk.session.import_files([png("a.png", 1)]))


def test_export_writes_what_the_canvas_shows(
    desk: Desk, png: Callable[..., Path], tmp_path: Path
) -> None:
    desk.run(desk.session.import_files([png("a.png", 10), png("b.png", 200)]))
    desk.session.renders.start()
    desk.draw()
    shares: list[float] = []
    desk.session.exports.progress.connect(shares.append)
    written = desk.run(desk.session.export(ExportPlan(tmp_path / "out", first=1, last=9)))
    assert [path.name for path in written] == [f"out.{n:04d}.png" for n in range(1, 10)]
    reds = [Image.open(path).getpixel((0, 0))[0] for path in written]  # pyright: ignore[reportOptionalSubscript, reportIndexIssue]
    assert reds == [10, 10, 63, 63, 127, 127, 191, 191, 200]
    assert (tmp_path / "out" / "out.0001.png").read_bytes() != b""
    assert desk.session.settings.export_target == str(tmp_path / "out")
    desk.until(lambda: bool(shares) and shares[-1] == 1, "the progress")
    assert shares == sorted(shares)
    again = desk.run(desk.session.export(ExportPlan(tmp_path / "a.gif")))
    with Image.open(again[0]) as gif:
        times = [gif.seek(n) or gif.info["duration"] for n in range(gif.n_frames)]  # pyright: ignore[reportAttributeAccessIssue]
    assert sum(times) == 420


def test_export_can_be_cancelled_and_leaves_nothing(
    desk: Desk, png: Callable[..., Path], tmp_path: Path
) -> None:
    desk.run(desk.session.import_files([png("a.png", 10), png("b.png", 200)]))
    plan = ExportPlan(tmp_path / "out", first=1, last=400)
    stopped: list[bool] = []
    desk.session.exports.stopped.connect(lambda: stopped.append(True))
    desk.session.exports.started.connect(lambda _plan: desk.session.exports.cancel())
    with pytest.raises(Cancelled):
        desk.run(desk.session.export(plan))
    assert stopped == [True]
    assert not (tmp_path / "out").exists()
    assert not desk.session.exports.running


def test_the_size_of_a_gif_is_told_before(
    desk: Desk, png: Callable[..., Path], tmp_path: Path
) -> None:
    desk.run(desk.session.import_files([png("a.png", 10), png("b.png", 200)]))
    scene = desk.session.controller.scene
    options = ExportOptions(scale=2)
    plan = ExportPlan(tmp_path / "a.gif", options)
    told = desk.run(desk.session.exports.gif_size(plan, 1, 10, scene.rate))
    [path] = desk.run(desk.session.export(plan))
    assert told == pytest.approx(path.stat().st_size, rel=0.5)


def test_round_trip_on_twos(desk: Desk, png: Callable[..., Path], tmp_path: Path) -> None:
    paths = [png(f"in/run.{number:04d}.png", number // 2 * 9) for number in range(2, 26)]
    desk.run(desk.session.import_files([paths[0]], frame=1, mode=ImportMode.SEQUENCE))
    plan = ExportPlan(tmp_path / "out", ExportOptions(name="run", start=2))
    written = desk.run(desk.session.export(plan))
    assert [path.name for path in written] == [path.name for path in paths]
    for before, after in zip(paths, written, strict=True):
        with Image.open(before) as was, Image.open(after) as now:
            assert np.array_equal(np.asarray(was), np.asarray(now))


def test_the_rate_that_was_chosen_is_kept(desk: Desk, tmp_path: Path) -> None:
    desk.session.controller.do(ChangeScene(rate=Rate(12)), "rate")
    frames = [Image.fromarray(np.full((4, 4, 3), value, np.uint8)) for value in (0, 90)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=500, loop=0)
    desk.run(desk.session.import_files([path], mode=ImportMode.SEQUENCE))
    assert desk.session.controller.scene.rate == Rate(12)
    assert desk.frames == [1, 7]
