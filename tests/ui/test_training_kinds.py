"""What else is trained in the window: pictures instead of clips, actions, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)

from genani.app.training.album import Material
from genani.app.training.services import Gives, TrainingChoice
from genani.scene.errors import FileError
from genani.store.models import Catalogue
from genani.store.places import store_folder
from genani.training.tasks import TASKS
from genani.ui.styling.style_list import StyleList
from genani.ui.training.window import TrainingWindow
from genani.wiring_styles import _choices
from genani.wiring_tasks import choices
from tests.ui.stage import Stage
from tests.ui.test_training import fill, places, project, settle_rights, turn_to

__all__ = ["places"]

PRESETS = {name: {"steps": "4", "batch": "2"} for name in ("quick", "good", "best")}
OFFERED = (
    TrainingChoice("rife", "RIFE", "in words", "rife", "rife-4.6", "", 0.5, PRESETS),
    TrainingChoice(
        "animegan", "AnimeGAN", "a style", "animegan", "", "", 0.5, PRESETS,
        material=Material.PAIR, alone=True, gives=Gives.STYLE,
    ),
    TrainingChoice(
        "jojogan", "JoJoGAN", "one picture", "jojogan", "", "", 0.5, PRESETS,
        material=Material.PICTURE, gives=Gives.STYLE, needs=("stylegan", "task.model"), rights=True,
    ),
    TrainingChoice(
        "sprite", "Animate", "loops", "sprite", "", "", 0.5, PRESETS,
        material=Material.ACTIONS, alone=True, gives=Gives.LOOPS,
    ),
    TrainingChoice(
        "vqgpt", "GANime", "codes", "vqgpt", "", "", 0.5, PRESETS, alone=True, gives=Gives.ENGINE,
    ),
)  # fmt: skip
MODEL_TOML = """\
name = "genani-{task}"
title = "A model"
architecture = "tiny/1"
licence = "MIT"
credit = "GenAni"
about = "Nothing."

[[files]]
name = "weights.safetensors"
size = 4
sha256 = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"
"""


@pytest.fixture
def training(stage: Stage) -> Stage:
    """The training window, open on a first project without anything to learn from."""
    session = stage.session
    session.training.services = replace(session.training.services, choices=lambda: OFFERED)
    stage.trigger("train")
    stage.until(lambda: session.training.project is not None, "a first project")
    stage.settle()
    return stage


def train(stage: Stage, task: str) -> None:
    box = stage.find(QComboBox, "training-task")
    box.setCurrentIndex(box.findData(task))
    box.activated.emit(box.currentIndex())
    stage.settle()


@pytest.mark.parametrize("task", [choice.task for choice in OFFERED])
def test_the_window_fits_a_small_screen(training: Stage, task: str) -> None:
    train(training, task)
    training.settle()
    assert training.find(TrainingWindow, "training").minimumSizeHint().width() <= 1060


def result(stage: Stage, task: str) -> Path:
    """What `genani train` leaves of a model, made by hand."""
    folder = project(stage.session).run(task)
    made = folder / "result"
    made.mkdir(parents=True)
    (folder / "run.json").write_text('{"config": {"steps": 4}}')
    lines = [{"step": step, "kind": "validation", "distance": 0.5 - step / 20} for step in (0, 4)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (made / "figures.json").write_text('{"figures": {"distance": 0.3}}')
    (made / "model.toml").write_text(MODEL_TOML.format(task=task))
    (made / "weights.safetensors").write_bytes(b"data")
    return folder


def words(stage: Stage) -> list[str]:
    run = stage.session.training.run
    assert run is not None
    return stage.session.training._words(run)


def test_everything_that_is_offered_is_a_task_of_its_material() -> None:
    found = {each.task: each for each in choices()}
    assert found.keys() <= TASKS.keys()
    seven = {"vqgan", "vqgpt", "sprite", "cartoongan", "artifygan", "animegan", "stylegan"}
    assert seven | {"jojogan", "rife", "face"} == found.keys()
    for each in found.values():
        assert {"quick", "good", "best"} <= each.presets.keys()
        assert not each.needs or each.needs[0] in found


def test_a_pair_of_folders_is_asked_for_and_given_to_the_training(training: Stage) -> None:
    train(training, "animegan")
    assert not training.find(QListWidget, "training-grid").isVisible()
    boxes = {
        kind: training.find(QGroupBox, f"pictures-{kind}").isVisible()
        for kind in ("photos", "cartoons", "pictures", "picture")
    }
    assert boxes == {"photos": True, "cartoons": True, "pictures": False, "picture": False}
    trainings = training.session.training
    assert not trainings.wanting
    assert "--data" not in words(training)
    more = [training.png(f"in/{number}.png", 40 * number) for number in range(3)]
    for kind in ("photos", "cartoons"):
        training.session.start(trainings.add_pictures(kind, [more[0].parent]))
        training.settle()
        assert training.find(QListWidget, f"pictures-{kind}-list").count() == 3
        if kind == "photos":
            assert "too few drawings" in trainings.wanting
    assert "say who made the pictures" in trainings.wanting
    settle_rights(training)
    assert not trainings.wanting
    folder = project(training.session).pictures
    assert words(training)[-2:] == ["--data", str(folder)]
    assert sorted(each.name for each in folder.iterdir()) == ["cartoons", "photos"]
    turn_to(training, 0)
    training.click(training.find(QPushButton, "pictures-photos-clear"))
    training.settle()
    assert training.find(QLabel, "pictures-photos-count").text().startswith("0")
    assert all(path.exists() for path in more)


def test_one_picture_and_the_model_it_starts_from(training: Stage) -> None:
    train(training, "jojogan")
    trainings = training.session.training
    assert "no picture yet" in trainings.wanting
    for name in ("a.png", "b.png"):
        training.session.start(trainings.add_pictures("picture", [training.png(name)]))
        training.settle()
    settle_rights(training)
    told = words(training)
    (picture,) = (project(training.session).pictures / "picture").iterdir()
    assert picture.name == "b.png"
    assert told[told.index("--data") + 1] == str(picture)
    assert "task.rights=made by Ada, own work" in told
    assert not any(word.startswith("task.model=") for word in told)
    made = result(training, "stylegan")
    training.session.start(trainings.open(project(training.session)))
    training.settle()
    look = trainings._runs.run(project(training.session), "stylegan")
    assert look is not None
    training.session.start(trainings._runs.look(look))
    training.settle()
    assert f"task.model={made / 'result'}" in words(training)


def test_nothing_among_the_files_is_a_picture(training: Stage, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no picture")
    told: list[str] = []
    training.session.message.connect(lambda message: told.append(message.text))
    add = training.session.training.add_pictures
    training.session.start(add("photos", [tmp_path / "note.txt"]))
    training.settle()
    assert told == [str(FileError("there is no picture among what was chosen"))]


def test_figures_that_move_are_taken_whole(training: Stage) -> None:
    crop = training.find(QComboBox, "training-crop")
    assert crop.currentData() == "face"
    train(training, "sprite")
    training.settle()
    assert crop.currentData() == "whole"
    assert project(training.session).choices.crop == "whole"


def test_what_is_done_in_a_clip_is_said_for_several_at_once(training: Stage) -> None:
    trainings = training.session.training
    folder = project(training.session).clips
    fill(folder)
    train(training, "sprite")
    training.session.start(trainings.refresh())
    training.settle()
    settle_rights(training)
    assert "what is done in each clip" in trainings.wanting
    turn_to(training, 0)
    grid = training.find(QListWidget, "training-grid")
    grid.selectAll()
    action = training.find(QComboBox, "training-action")
    action.setCurrentText("walk")
    action.activated.emit(action.currentIndex())
    training.settle()
    assert json.loads((folder / "actions.json").read_text()) == {
        f"film_{number:04d}": "walk" for number in range(3)
    }
    assert grid.item(0).text().endswith("walk")
    assert not trainings.wanting


def keep(stage: Stage, button: str) -> str:
    stage.session.start(stage.session.training.open(project(stage.session)))
    stage.settle()
    turn_to(stage, 5)
    stage.enter(stage.find(QLineEdit, "result-name"), "Our show")
    stage.click(stage.find(QPushButton, button))
    stage.settle()
    return project(stage.session).choices.adapter


def test_a_trained_style_is_kept_and_offered(training: Stage) -> None:
    training.session.styling.services = replace(training.session.styling.services, choices=_choices)
    training.bring(training.png("a.png", 10))
    train(training, "animegan")
    result(training, "animegan")
    made = keep(training, "result-use")
    state = Catalogue().state(made)
    assert state.status.usable
    assert (state.entry.name, state.entry.title) == (made, "Our show")
    assert made.startswith("our-show-")
    first = _choices()[0]
    assert (first.id, first.name, first.title) == (made, "animegan", "Our show")
    assert first.preset == {"model": made}
    assert not first.missing
    assert training.find(QWidget, "stylise").isVisible()
    chosen = training.find(StyleList, "stylise-list").choice
    assert chosen is not None
    assert chosen.id == made
    (store_folder() / made / "weights.safetensors").write_bytes(b"torn")
    assert "is damaged" in _choices()[0].missing


def test_a_trained_engine_is_put_on_the_spans_of_the_scene(training: Stage) -> None:
    training.bring(training.png("a.png", 10), training.png("b.png", 200))
    train(training, "vqgpt")
    result(training, "vqgpt")
    made = keep(training, "result-use")
    settings = training.span.settings
    assert (settings.engine, settings.options) == ("vqgpt", {"model": made})
    assert not training.find(QPushButton, "result-export").isVisible()
    training.trigger("undo")
    assert training.span.settings.engine == "auto"
    choose_again = keep(training, "result-keep")
    assert choose_again == made


def test_loops_say_where_they_are_used(training: Stage) -> None:
    train(training, "sprite")
    result(training, "sprite")
    keep(training, "result-use")
    assert "Animate this drawing" in training.find(QLabel, "result-told").text()
