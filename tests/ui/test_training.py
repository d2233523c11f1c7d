"""The training window: clips, labels, rights, settings, the run and what came of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QRadioButton,
    QSlider,
    QTableWidget,
    QToolButton,
)
from safetensors.numpy import save_file

from genani.app.session import Session
from genani.app.training.runs import RunState
from genani.app.training.services import TrainingChoice
from genani.engines.api import EngineInfo, OptionInfo
from genani.store import adapters
from genani.store.adapters import AdapterCard
from genani.training.clips import dataset
from genani.training.clips.dataset import Rights, SourceNote
from genani.training.clips.records import Face, Feeling, record_of
from genani.ui.training.film import FilmView
from genani.ui.training.run_page import PictureStrip
from tests.app.conftest import SizedEngine
from tests.ui.stage import Stage


class Styled(SizedEngine):
    @property
    def info(self) -> EngineInfo:
        styles = OptionInfo("styles", "Own styles", "")
        return replace(super().info, options=(styles,), models=("rife-4.6",), bases=("rife-4.6",))


@pytest.fixture
def engine() -> SizedEngine:
    return Styled()


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "models"))


@pytest.fixture
def training(stage: Stage) -> Stage:
    """The training window, open on a first project with three clips nobody has looked at."""
    session = stage.session
    choice = TrainingChoice("rife", "RIFE", "in words", "rife", "rife-4.6", "", 0.5, PRESETS, OWN)
    session.training.services = replace(session.training.services, choices=lambda: [choice])
    stage.trigger("train")
    stage.until(lambda: session.training.project is not None, "a first project")
    fill(project(session).clips)
    session.start(session.training.refresh())
    stage.settle()
    return stage


OWN = ("task.sizes", "task.varied")
PRESETS = {
    "quick": {"steps": "4", "batch": "2", "task.sizes": "[128]"},
    "good": {"steps": "100", "batch": "4", "task.sizes": "[256]"},
    "best": {"steps": "1000", "batch": "8", "task.sizes": "[256]"},
}


def project(session: Session):  # noqa: ANN201
    found = session.training.project
    assert found is not None
    return found


def fill(folder: Path, count: int = 3) -> None:
    data = dataset.create(folder, (32, 32))
    data.with_source(SourceNote("film", "film.mp4", "0" * 64, done=True))
    for number in range(count):
        record = record_of(f"film_{number:04d}", [None] * 5)
        record.source = "film"
        frames = [np.full((32, 32, 4), 40 * number + 10 * i, np.uint8) for i in range(5)]
        dataset.place_clip(folder, record, frames)


def turn_to(stage: Stage, page: int) -> None:
    stage.find(QListWidget, "training-steps").setCurrentRow(page)
    stage.settle()


def choose(stage: Stage, name: str) -> None:
    button = stage.find(QRadioButton, name)
    stage.click(button, QPoint(9, button.height() // 2))
    stage.settle()


def settle_rights(stage: Stage) -> None:
    turn_to(stage, 2)
    stage.enter(stage.find(QLineEdit, "rights-maker"), "Ada")
    choose(stage, "rights-yes")


def test_clips_are_looked_through_taken_out_and_put_back(training: Stage) -> None:
    grid = training.find(QListWidget, "training-grid")
    assert grid.count() == 3
    assert not grid.item(0).icon().isNull()
    grid.setCurrentRow(1)
    training.click(training.find(QPushButton, "training-remove"))
    training.settle()
    assert [grid.item(i).text() for i in range(grid.count())] == ["film_0000", "film_0002"]
    training.click(training.find(QPushButton, "training-put-back"))
    training.settle()
    assert grid.count() == 3
    assert not training.find(QPushButton, "training-put-back").isVisible()


def test_a_number_names_the_emotion_and_goes_on(training: Stage) -> None:
    turn_to(training, 1)
    clips = training.find(QListWidget, "labels-list")
    assert training.find(QLabel, "labels-state").text().startswith("3 clip")
    for key in (Qt.Key.Key_2, Qt.Key.Key_5):
        QTest.keyClick(clips, key)
        training.settle()
    assert clips.currentRow() == 2
    folder = project(training.session).clips
    found = [dataset.read_outline(folder / f"film_{n:04d}").emotion for n in range(3)]
    assert [(each.label, each.by) for each in found] == [
        ("happy", "person"),
        ("surprised", "person"),
        ("", ""),
    ]
    assert training.find(QToolButton, "label-happy").isEnabled()


def test_what_was_changed_in_the_review_is_taken_back(training: Stage) -> None:
    turn_to(training, 1)
    clips = training.find(QListWidget, "labels-list")
    folder = project(training.session).clips

    def label() -> tuple[str, str]:
        feeling = dataset.read_outline(folder / "film_0000").emotion
        return feeling.label, feeling.by

    record = dataset.read_record(folder / "film_0000")
    record.emotion = Feeling("sad", 0.6, 0.5, {}, "suggested")
    dataset.write_record(folder / "film_0000", record)
    training.session.start(training.session.training.refresh())
    training.settle()
    QTest.keyClick(clips, Qt.Key.Key_Return)
    training.settle()
    assert label() == ("sad", "person")
    assert clips.currentRow() == 1
    QTest.keyClick(clips, Qt.Key.Key_Up)
    QTest.keyClick(clips, Qt.Key.Key_2)
    training.settle()
    assert label() == ("happy", "person")
    for expected in (("sad", "person"), ("sad", "suggested"), ("sad", "suggested")):
        QTest.keyClick(clips, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        training.settle()
        assert label() == expected
    QTest.keyClick(clips, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    training.settle()
    assert label() == ("sad", "person")


def test_landmarks_are_dragged_and_a_face_is_said_not_to_be_there(training: Stage) -> None:
    folder = project(training.session).clips
    record = dataset.read_record(folder / "film_0000")
    angles = np.linspace(0, 2 * np.pi, 478).tolist()
    points = [(16 + 8 * math.cos(a), 16 + 10 * math.sin(a), 1.5) for a in angles]
    record.landmarks = {name: Face([(x, y, z) for x, y, z in points]) for name in record.frames}
    record.annotated = True
    dataset.write_record(folder / "film_0000", record)
    training.session.start(training.session.training.refresh())
    turn_to(training, 1)
    film, clips = training.find(FilmView, "labels-film"), training.find(QListWidget, "labels-list")
    QTest.keyClick(clips, Qt.Key.Key_Right)
    training.settle()

    def there(x: float, y: float) -> QPoint:
        return film.to_window(x, y).toPoint()

    def now() -> Face | None:
        changed = dataset.read_record(folder / "film_0000")
        return changed.landmarks.get(film.frame)

    QTest.mousePress(film, Qt.MouseButton.LeftButton, pos=there(24, 16))
    QTest.mouseMove(film, there(27, 18))
    QTest.mouseRelease(film, Qt.MouseButton.LeftButton, pos=there(27, 18))
    training.settle()
    moved = now()
    assert moved is not None
    assert moved.source == "hand"
    assert moved.points[0] == pytest.approx((27, 18, 1.5), abs=0.3)
    assert moved.points[239] == pytest.approx(points[239], abs=0.02)
    assert not film.playing
    QTest.keyClick(clips, Qt.Key.Key_X)
    training.settle()
    lost = now()
    assert lost is not None
    assert not lost.points
    for _ in range(2):
        QTest.keyClick(clips, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        training.settle()
    back = now()
    assert back is not None
    assert back.points[0] == pytest.approx(points[0], abs=0.01)


def test_nothing_is_trained_before_somebody_has_said_whose_work_it_is(training: Stage) -> None:
    turn_to(training, 4)
    start = training.find(QPushButton, "run-start")
    assert not start.isEnabled()
    assert "say who made the films" in training.find(QLabel, "run-text").text()
    turn_to(training, 2)
    choose(training, "rights-no")
    assert "does not allow" in training.find(QLabel, "rights-verdict").text()
    settle_rights(training)
    data = dataset.read(project(training.session).clips)
    assert data.sources[0].rights == Rights("Ada", "own work", True)
    turn_to(training, 4)
    assert start.isEnabled()


def test_a_preset_says_how_long_it_takes_and_single_settings_are_kept(training: Stage) -> None:
    turn_to(training, 3)
    quick = training.find(QRadioButton, "settings-quick").text()
    best = training.find(QRadioButton, "settings-best").text()
    assert "s" in quick.rpartition(":")[2]
    assert "min" in best.rpartition(":")[2]
    choose(training, "settings-good")
    training.click(training.find(QToolButton, "settings-advanced"))
    training.enter(training.find(QLineEdit, "settings-steps"), "12")
    training.settle()
    # Return presses no button: once it asked for a new project.
    assert training.window.findChild(QInputDialog, "training-name") is None
    chosen = project(training.session).choices
    assert (chosen.preset, chosen.settings) == ("good", {"steps": "12"})
    varied = training.find(QComboBox, "settings-varied")
    assert varied.currentData() == "1.0"
    QTest.keyClick(varied, Qt.Key.Key_Down)
    training.settle()
    chosen = project(training.session).choices
    assert chosen.settings == {"steps": "12", "task.varied": "2.0"}


def ended_run(stage: Stage) -> Path:
    """A run as `genani train` leaves it, made by hand."""
    folder = project(stage.session).run("rife")
    (folder / "result").mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    lines = [{"step": 0, "kind": "validation", "distance": 0.5, "psnr": 30.0, "blend psnr": 20.0}]
    lines += [{"step": n, "kind": "train", "total": 1 / n} for n in range(1, 5)]
    lines += [{"step": 4, "kind": "validation", "distance": 0.4, "psnr": 31.0}]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    card = AdapterCard("my drawings", "rife-4.6", figures={"distance": 0.4})
    weights = {"block0.lastconv.0.bias": np.zeros(24, np.float16)}
    save_file(weights, folder / "result" / "adapter.safetensors", adapters.header(card))
    (folder / "result" / "figures.json").write_text('{"figures": {"distance": 0.4, "psnr": 31.0}}')
    (folder / "samples" / "00000000").mkdir(parents=True)
    stage.png("first.png").rename(folder / "samples" / "00000000" / "held_back.png")
    return folder


def test_the_result_is_told_against_the_base_kept_and_used_in_the_scene(training: Stage) -> None:
    settle_rights(training)
    ended_run(training)
    training.bring(training.png("a.png", 10), training.png("b.png", 200))
    turn_to(training, 4)
    assert training.find(PictureStrip, "run-samples").count == 1
    turn_to(training, 5)
    table = training.find(QTableWidget, "result-figures")
    shown = [[table.item(row, column).text() for column in range(3)] for row in range(2)]  # pyright: ignore[reportOptionalMemberAccess]
    assert shown[0][1:] == ["0.5", "0.4 (-20.0 %)"]
    assert shown[1][1:] == ["30", "31 (+3.3 %)"]
    training.enter(training.find(QLineEdit, "result-name"), "Mika")
    training.click(training.find(QPushButton, "result-use"))
    training.settle()
    (kept,) = adapters.listed()
    assert kept.card.name == "Mika"
    assert kept.card.rights == "made by Ada, own work"
    assert kept.card.data.startswith("3 clips")
    assert training.span.settings.options == {"styles": f"{kept.id}:1"}
    training.trigger("undo")
    assert training.span.settings.options == {}


def test_styles_are_put_on_weighed_and_taken_off(pair: Stage, tmp_path: Path) -> None:
    for name, base in (("Mika", "rife-4.6"), ("Elin", "genani-face")):
        path = tmp_path / f"{name}.safetensors"
        save_file({"a": np.zeros(1)}, path, adapters.header(AdapterCard(name, base)))
        adapters.add(path)
    mika = adapters.find("Mika")
    spans = pair.session.commands.spans
    spans.put_options_on("scripted", {"styles": ""})
    pair.settle()
    pair.click(pair.find(QPushButton, "styles-add"))
    pair.settle()
    menu = pair.find(QMenu, "styles-menu")
    assert [action.text() for action in menu.actions()] == ["Mika", "", "From a file…"]
    menu.actions()[0].trigger()
    menu.close()
    pair.settle()
    assert pair.span.settings.options == {"styles": f"{mika.id}:1"}
    slider = pair.find(QSlider, "style-0")
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_Left)
    pair.settle()
    assert pair.span.settings.options == {"styles": f"{mika.id}:0.95"}
    pair.click(pair.find(QToolButton, "style-0-remove"))
    pair.settle()
    assert pair.span.settings.options == {"styles": ""}


def test_a_style_is_brought_in_from_a_file(
    pair: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {}
    for name, base in (("Mika", "rife-4.6"), ("Elin", "genani-face")):
        files[name] = tmp_path / f"{name}.safetensors"
        save_file({"a": np.zeros(1)}, files[name], adapters.header(AdapterCard(name, base)))
    (tmp_path / "none.safetensors").write_text("no weights")
    pair.session.commands.spans.put_options_on("scripted", {"styles": ""})
    pair.settle()

    def bring(path: Path) -> None:
        async def chosen(*_asked: object) -> list[Path]:
            return [path]

        monkeypatch.setattr("genani.ui.inspector.styles.open_files", chosen)
        pair.click(pair.find(QPushButton, "styles-add"))
        pair.settle()
        menu = pair.find(QMenu, "styles-menu")
        menu.actions()[-1].trigger()
        menu.close()
        pair.settle()

    told: list[str] = []
    pair.session.message.connect(lambda message: told.append(message.text))
    bring(tmp_path / "none.safetensors")
    assert "cannot be read as an adapter" in told[-1]
    bring(files["Elin"])
    assert "for genani-face, not for this engine" in told[-1]
    assert pair.span.settings.options == {"styles": ""}
    bring(files["Mika"])
    assert pair.span.settings.options == {"styles": f"{adapters.find('Mika').id}:1"}
    assert {each.card.name for each in adapters.listed()} == {"Mika", "Elin"}


def test_a_run_beside_the_window_is_paused_and_goes_on(training: Stage) -> None:
    settle_rights(training)
    session = training.session
    quick = {"task.start": "nothing", "task.held": "2", "task.perceptual": "0"}
    tiny = {**quick, "steps": "3", "batch": "1", "validate_every": "2", "report_every": "1"}
    session.start(session.training.choose(settings=tiny))
    training.settle()
    turn_to(training, 4)
    training.click(training.find(QPushButton, "run-start"))
    run = session.training.run
    assert run is not None
    training.until(lambda: run.state is RunState.RUNNING, "its turn")
    assert run.project.choices.settings == tiny
    run.stop()
    training.until(lambda: not run.state.busy, "the pause")
    assert run.state in (RunState.STOPPED, RunState.NEW, RunState.DONE), run.text
