"""The inspector: what is set there reaches the span, and it says what drawing will cost."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QWidget,
)

from genani.app.model_choices import Brought, ModelChoice, ModelOffer
from genani.app.states import SpanStatus
from genani.engines.api import Capability, Cost, EngineInfo, OptionInfo
from genani.scene.edits import ChangeSpan, MoveCells
from genani.scene.request import SpanRequest
from genani.ui.model_box import ModelBox
from tests.app.conftest import SizedEngine
from tests.ui.stage import Stage


class Optioned(SizedEngine):
    @property
    def info(self) -> EngineInfo:
        options = (
            OptionInfo("sharp", "Sharp", True),
            OptionInfo("steps", "Steps", 8, 1, 50),
            OptionInfo("weight", "Weight", 0.5, 0.0, 1.0),
            OptionInfo("style", "Style", "ink", choices=("ink", "paint")),
            OptionInfo("model", "Model", ""),
        )
        return replace(super().info, options=options, capabilities=frozenset({Capability.SEED}))

    def estimate(self, request: SpanRequest) -> Cost:  # noqa: ARG002
        return Cost(40.0, 6_200_000_000, "cuda", "tiled", "a note")


@pytest.fixture
def engine() -> SizedEngine:
    return Optioned()


def choose(stage: Stage, name: str, data: object) -> None:
    box = stage.find(QComboBox, name)
    box.setFocus()
    for _ in range(box.count()):
        QTest.keyClick(box, Qt.Key.Key_Up)
    while box.currentData() != data:
        place = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > place, f"{data} is not among the choices"


def test_number_of_in_betweens(pair: Stage) -> None:
    box = pair.find(QSpinBox, "inspector-count")
    assert box.value() == 3
    pair.enter(box, "7")
    assert pair.span.chart.ticks == tuple(Fraction(i, 8) for i in range(1, 8))


def test_ones_twos_and_threes(pair: Stage) -> None:
    for exposure, count in ((1, 7), (2, 3), (3, 2)):
        pair.click(pair.find(QToolButton, f"inspector-on-{exposure}"))
        assert len(pair.span.chart) == count
        chosen = [e for e in (1, 2, 3) if pair.find(QToolButton, f"inspector-on-{e}").isChecked()]
        assert chosen == [exposure]


def test_shapes_are_called_by_their_keys_and_never_ease(pair: Stage) -> None:
    box = pair.find(QComboBox, "inspector-shape")
    names = [box.itemText(place) for place in range(box.count())]
    assert "Slow out of 1" in names
    assert "Slow into 9" in names
    assert not any("ease" in name.lower() for name in names)
    choose(pair, "inspector-shape", "slow-in")
    assert pair.span.chart.ticks == (Fraction(1, 2), Fraction(3, 4), Fraction(7, 8))


def test_engine_and_its_options(pair: Stage) -> None:
    choose(pair, "inspector-engine", "scripted")
    assert pair.span.settings.engine == "scripted"
    QTest.keyClick(pair.find(QComboBox, "option-style"), Qt.Key.Key_Down)
    steps = pair.find(QSpinBox, "option-steps")
    pair.enter(steps, "20")
    weight = pair.find(QDoubleSpinBox, "option-weight")
    QTest.keyClick(weight, Qt.Key.Key_Up)
    options = dict(pair.span.settings.options)
    assert options == {"style": "paint", "steps": 20, "weight": 0.55}


def test_a_model_is_chosen_by_its_title_or_its_file(pair: Stage, tmp_path: Path) -> None:
    known = ModelChoice("", "Its own", "It is not here yet."), ModelChoice("mine", "Mine")
    trainings = pair.session.training
    offer = ModelOffer(known, Brought.FILE, "vqgpt")
    trainings.services = replace(trainings.services, models={"scripted": offer}.__getitem__)
    choose(pair, "inspector-engine", "scripted")
    pair.settle()
    box = pair.find(ModelBox, "option-model")
    lines = [box.itemText(row) for row in range(box.count())]
    assert lines == ["Its own", "Mine", "", "From a file…"]
    cost, train = pair.find(QLabel, "inspector-cost"), pair.find(QPushButton, "model-train")
    generate = pair.find(QPushButton, "inspector-generate")
    pair.until(lambda: cost.text() == "It is not here yet.", "what is missing")
    assert train.isVisible()
    assert not generate.isEnabled()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert pair.span.settings.options["model"] == "mine"
    assert generate.isEnabled()
    assert not train.isVisible()
    pair.until(lambda: "a note" in cost.text(), "the cost")
    pair.trigger("undo")
    assert (box.name, box.currentText()) == ("", "Its own")
    weights = tmp_path / "mine.safetensors"
    weights.touch()
    box.activated.emit(box.findData(Brought.FILE))
    pair.until(lambda: pair.window.findChild(QFileDialog, "open-files"), "the chooser")
    chooser = pair.find(QFileDialog, "open-files")
    field = chooser.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(weights))
    chooser.accept()
    pair.settle()
    assert pair.span.settings.options["model"] == str(weights)
    assert box.currentData() == str(weights)


def test_seed_dice_and_lock(pair: Stage) -> None:
    choose(pair, "inspector-engine", "scripted")
    field, dice = pair.find(QLineEdit, "inspector-seed"), pair.find(QToolButton, "inspector-dice")
    pair.enter(field, "4711")
    assert pair.span.settings.seed == 4711
    pair.click(dice)
    rolled = pair.span.settings.seed
    assert field.text() == str(rolled)
    pair.click(pair.find(QToolButton, "inspector-seed-lock"))
    assert not dice.isEnabled()


def test_the_cost_is_told_before_the_click(pair: Stage) -> None:
    label = pair.find(QLabel, "inspector-cost")
    pair.until(lambda: "a note" in label.text(), "the cost")
    first = label.text().splitlines()[0]
    assert first == "Scripted on CUDA: about 40 s, 6.2 GB, tiled"


def test_what_other_settings_cost_is_not_told_of_these(pair: Stage) -> None:
    label = pair.find(QLabel, "inspector-cost")
    pair.until(lambda: "a note" in label.text(), "the cost")
    settings = replace(pair.span.settings, seed=pair.span.settings.seed + 1)
    changed = replace(pair.span, settings=settings)
    assert pair.session.controller.do(ChangeSpan(pair.layer.id, changed), "another seed")
    assert label.text() == "Estimating…"
    pair.until(lambda: "a note" in label.text(), "the cost")


def test_generate_draws_the_span(pair: Stage) -> None:
    pair.click(pair.find(QPushButton, "inspector-generate"))
    pair.until(lambda: pair.status is SpanStatus.DONE)


def test_after_generate_keys_mean_what_is_drawn_and_not_the_button(pair: Stage) -> None:
    pair.window.activateWindow()
    pair.until(pair.window.isActiveWindow, "the window to be in front")
    button = pair.find(QPushButton, "inspector-generate")
    button.setFocus()
    pair.click(button)
    assert pair.timeline.hasFocus()
    pair.until(lambda: pair.status is SpanStatus.DONE)
    QTest.keyClick(pair.timeline, Qt.Key.Key_Space)
    assert pair.session.playback.playing


def test_regenerate_this_one_needs_an_in_between(pair: Stage) -> None:
    button = pair.find(QPushButton, "inspector-regenerate")
    pair.click(pair.timeline.viewport(), pair.point(9))
    pair.settle()
    assert not button.isEnabled()
    pair.click(pair.timeline.viewport(), pair.point(5))
    pair.settle()
    assert button.isEnabled()


def test_the_empty_inspector_says_what_to_do(stage: Stage) -> None:
    hint = stage.find(QLabel, "inspector-hint")
    assert "Bring in two drawings" in hint.text()
    stage.bring(stage.png("a.png"))
    assert "another drawing" in hint.text()
    assert not stage.find(QPushButton, "inspector-join").isVisible()


def test_a_hint_is_not_cut_off_by_what_is_hidden(stage: Stage) -> None:
    hint = stage.find(QLabel, "inspector-hint")
    area = stage.find(QScrollArea, "scroll-inspector")
    wide = stage.find(QWidget, "inspector").minimumSizeHint().width()
    assert hint.isVisible()
    assert wide <= area.viewport().width()


def test_keys_without_a_span_are_joined_by_a_button(pair: Stage) -> None:
    pair.trigger("remove-span")
    button = pair.find(QPushButton, "inspector-join")
    assert button.isVisible()
    assert "Keys 1 and 9" in pair.find(QLabel, "inspector-hint").text()
    pair.click(button)
    assert len(pair.layer.spans) == 1


def close(stage: Stage, *, spans: bool) -> None:
    """Two keys on frames 1 and 2, the playhead on the first."""
    stage.session.change_settings(open_spans=spans)
    stage.bring(stage.png("a.png", 10))
    stage.bring(stage.png("b.png", 90), frame=2)
    stage.session.playback.seek(1)
    stage.settle()


def test_keys_side_by_side_are_not_offered_to_be_joined(stage: Stage) -> None:
    close(stage, spans=False)
    hint = stage.find(QLabel, "inspector-hint")
    assert not stage.find(QPushButton, "inspector-join").isVisible()
    assert "Keys 1 and 2 stand side by side" in hint.text()
    told: list[str] = []
    stage.session.message.connect(lambda message: told.append(message.text))
    for action in ("add-span", "generate"):
        stage.trigger(action)
    assert told == [hint.text()] * 2
    assert not stage.layer.spans


def test_a_span_without_room_says_so_and_offers_nothing(pair: Stage) -> None:
    generate = pair.find(QPushButton, "inspector-generate")
    tight = pair.find(QLabel, "inspector-tight")
    assert generate.isEnabled()
    assert not tight.isVisible()
    first, last = pair.layer.cells
    edit = MoveCells(pair.layer.id, (last.id,), 2 - last.frame)
    assert pair.session.controller.do(edit, "move")
    pair.session.selection.select_span(pair.layer.id, pair.span.id)
    assert first.frame == 1
    assert "Keys 1 and 2 stand side by side" in tight.text()
    assert tight.isVisible()
    assert not generate.isEnabled()
    assert not pair.find(QSpinBox, "inspector-count").isEnabled()
    pair.trigger("undo")
    assert generate.isEnabled()
