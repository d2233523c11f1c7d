"""What animators ask for (docs/demand.md), each done in the window as they would do it."""

from __future__ import annotations

import socket
import threading
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QSlider,
    QSpinBox,
)

from genani.app.session import Session
from genani.app.settings import Tint
from genani.app.states import SpanStatus
from genani.render.job import JobState
from genani.scene.document import CellKind
from genani.ui.inspector.chart import TimingChartEdit
from genani.ui.onion_settings import OnionSettings
from tests.app.conftest import Run, services
from tests.render.fakes import ScriptedEngine
from tests.ui.stage import Stage
from tests.ui.test_chart import at
from tests.ui.test_timeline_drop import drop, files

F = Fraction


def export(stage: Stage, name: str, form: str = "PNG sequence") -> None:
    """Write everything with the export window."""
    stage.trigger("export")
    box = stage.find(QComboBox, "export-format")
    box.setCurrentIndex(next(i for i in range(box.count()) if form in box.itemText(i)))
    field = stage.find(QLineEdit, "export-place")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, str(stage.folder / name))
    stage.click(stage.find(QPushButton, "export-go"))
    stage.settle()


def pixels(stage: Stage, name: str, frame: int) -> np.ndarray:
    with Image.open(stage.folder / name / f"{name}.{frame:04d}.png") as opened:
        return np.asarray(opened.convert("RGBA"))


def test_1_a_corrected_in_between_splits_its_span(pair: Stage, engine: ScriptedEngine) -> None:
    pair.draw()
    engine.asked.clear()
    pair.session.playback.seek(5)
    pair.timeline.setFocus()
    pair.key(Qt.Key.Key_B)
    pair.settle()
    middle = pair.layer.cell_on(5)
    assert middle is not None
    assert middle.kind is CellKind.BREAKDOWN
    assert [len(span.chart) for span in pair.layer.spans] == [1, 1]
    picture = pair.layer.drawings[middle.drawing or ""].picture
    pair.trigger("generate-all")
    pair.until(lambda: not pair.session.renders.busy)
    # Each half is asked for alone, and the breakdown is the key of both, bit for bit.
    ends = [(request.first.id, request.last.id) for request in engine.asked]
    keys = [pair.layer.drawings[cell.drawing or ""].picture for cell in pair.layer.cells]
    assert ends == [(keys[0], picture), (picture, keys[2])]


def test_2_the_chart_is_what_the_engine_is_asked_for(pair: Stage, engine: ScriptedEngine) -> None:
    chart = pair.find(TimingChartEdit, "timing-chart")
    from tests.ui.stage import move_mouse

    for start, stop in ((F(3, 4), F(7, 8)), (F(1, 2), F(3, 4)), (F(1, 4), F(1, 2))):
        move_mouse(chart, at(chart, start), at(chart, stop))
    pair.draw()
    assert sorted(engine.asked[0].times) == [F(1, 2), F(3, 4), F(7, 8)]


def test_3_a_sequence_on_twos_stays_on_twos(stage: Stage) -> None:
    names = [stage.png(f"s.{frame:04d}.png", 10 * ((frame + 1) // 2)) for frame in range(1, 25)]
    drop(stage, stage.timeline.viewport(), files(*names), stage.point(1))
    menu = stage.find(QMenu, "import-menu")
    menu.actions()[0].trigger()
    menu.close()
    stage.settle()
    assert stage.frames == list(range(1, 25, 2))
    assert "12" in stage.window.messages.text
    export(stage, "out")
    for frame in (1, 2, 13, 24):
        assert pixels(stage, "out", frame)[0, 0, 0] == 10 * ((frame + 1) // 2)
    assert len(list((stage.folder / "out").iterdir())) == 24


def test_5_any_size_and_any_number(stage: Stage) -> None:
    size = (1920, 1080)
    stage.bring(stage.png("a.png", 10, size), stage.png("b.png", 200, size))
    box = stage.find(QSpinBox, "inspector-count")
    for count in (1, 5, 7):
        stage.enter(box, str(count))
        assert len(stage.span.chart) == count
    stage.enter(box, "3")
    stage.draw()
    export(stage, "out")
    assert pixels(stage, "out", 5).shape == (1080, 1920, 4)


def test_6_and_7_keys_pass_untouched_and_clear_stays_clear(stage: Stage) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.integers(0, 256, (24, 32, 4), np.uint8)
    drawn[:4, :4] = 0
    for number, name in enumerate("abc"):
        Image.fromarray(np.roll(drawn, 5 * number, 1) if number else drawn).save(
            stage.folder / f"{name}.png"
        )
    drop(
        stage, stage.window.welcome, files(*(stage.folder / f"{n}.png" for n in "ab")), QPoint(9, 9)
    )
    drop(stage, stage.timeline.viewport(), files(stage.folder / "c.png"), stage.point(17))
    assert stage.frames == [1, 9, 17]
    stage.trigger("generate-all")
    stage.until(lambda: not stage.session.renders.busy)
    export(stage, "out")
    seen = pixels(stage, "out", 1)
    solid = drawn[..., 3] > 0
    assert (seen[solid] == drawn[solid]).all()
    assert (seen[..., 3] == drawn[..., 3]).all()


def test_12_holds_are_implicit_and_counted(pair: Stage) -> None:
    g = pair.geometry
    # A key dragged away leaves the one before it held, and nothing to clean up.
    pair.trigger("remove-span")
    pair.drag(pair.point(9), pair.point(14))
    scene = pair.session.controller.scene
    block = pair.session.blocks.at(scene, pair.layer.id, 8)
    assert block is not None
    assert (block.frame, block.frames) == (1, 13)
    pair.drag(QPoint(round(g.x(14)) + 2, pair.point(14).y()), QPoint(0, pair.point(1).y()))
    assert pair.frames == [1, 2]


def test_14_onion_skin_has_sides_and_three_pairs_of_colours(pair: Stage) -> None:
    panel = pair.window.findChild(OnionSettings, "onion-settings")
    assert panel is not None

    def find(kind, name):  # noqa: ANN001, ANN202
        found = panel.findChild(kind, name)
        assert found is not None
        return found

    find(QSpinBox, "onion-before").setValue(3)
    find(QSpinBox, "onion-after").setValue(1)
    find(QSlider, "onion-opacity-before").setValue(80)
    find(QCheckBox, "onion-keys_only").click()
    tint = find(QComboBox, "onion-tint")
    assert tint.count() == 3
    tint.setFocus()
    QTest.keyClick(tint, Qt.Key.Key_Down)
    QTest.keyClick(tint, Qt.Key.Key_Down)
    tint.activated.emit(tint.currentIndex())
    skin = pair.session.settings.onion
    assert (skin.before, skin.after, skin.opacity_before) == (3, 1, 0.8)
    assert (skin.keys_only, skin.tint) == (True, Tint.ORANGE_BLUE)


def test_15_a_gif_keeps_its_time_and_its_clear_parts(stage: Stage) -> None:
    drawn = np.zeros((24, 32, 4), np.uint8)
    drawn[8:16, 4:12] = (200, 30, 30, 255)
    Image.fromarray(drawn).save(stage.folder / "a.png")
    Image.fromarray(np.roll(drawn, 12, 1)).save(stage.folder / "b.png")
    stage.bring(stage.folder / "a.png", stage.folder / "b.png")
    stage.trigger("remove-span")
    export(stage, "shot.gif", "GIF")
    total = 0
    with Image.open(stage.folder / "shot.gif") as gif:
        for place in range(getattr(gif, "n_frames", 1)):
            gif.seek(place)
            total += gif.info["duration"]
            seen = np.asarray(gif.convert("RGBA"))
            # No trail of the frame before.
            assert (seen[..., 3] > 0).sum() == 64
    assert total == 420


def test_18_unsaved_work_is_offered_again(stage: Stage, engine: ScriptedEngine, run: Run) -> None:
    lost = Session(services(engine))
    run(lost.import_files([stage.png("a.png", 10), stage.png("b.png", 200)]))
    lost.shut(discard=False)
    lost.deleteLater()
    stage.window.start()
    stage.until(
        lambda: [b for b in stage.window.findChildren(QMessageBox) if b.isVisible()],
        "the question",
    )
    box = stage.find(QMessageBox, "question")
    assert [button.text() for button in box.buttons()] == ["Recover", "Discard", "Decide later"]
    stage.click(next(b for b in box.buttons() if b.text() == "Recover"))
    stage.settle()
    assert stage.frames == [1, 9]
    assert stage.window.isWindowModified()


def test_20_nothing_asks_the_network(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    stage.bring(stage.png("a.png", 10), stage.png("b.png", 200))
    stage.draw()
    export(stage, "out")
    assert len(list((stage.folder / "out").iterdir())) == 10


def test_22_the_queue_obeys(pair: Stage, engine: ScriptedEngine) -> None:
    pair.bring(pair.png("c.png", 90), frame=17)
    pair.bring(pair.png("d.png", 120), frame=25)
    engine.gate = threading.Semaphore(0)
    pair.trigger("generate-all")
    renders = pair.session.renders
    pair.until(lambda: [j.state for j in renders.jobs if j.request].count(JobState.QUEUED) == 2)
    titles = [job.title for job in renders.queue.queued]
    waiting = [job for job in renders.queue.queued if job.request]
    from genani.app.jobs import Place

    renders.move(waiting[-1].id, Place.FRONT)
    assert [job.title for job in renders.queue.queued] == titles[::-1]
    # The same span asked for again replaces what waits.
    pair.trigger("generate-all")
    pair.until(lambda: len([j for j in renders.queue.queued if j.request]) <= 3)
    pair.trigger("cancel-all")
    for _ in range(30):
        engine.gate.release()
    pair.until(lambda: not renders.busy)
    assert pair.status is SpanStatus.STALE
