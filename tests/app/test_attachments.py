"""Attachments in a session: put on, carried, ordered, taken off, and on every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genani.app.attach_commands import AttachCommands, AttachedHere
from genani.app.session import Session
from genani.scene.attached import AttachedFrame
from genani.scene.attachment import Order, Rigidity
from genani.scene.edits import ChangeLayer, SetLandmarks
from genani.scene.errors import SceneError
from genani.scene.picture import Picture
from tests.app.conftest import Run
from tests.app.desk import Desk
from tests.app.faces import face

WIDTH, HEIGHT = 32, 24


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    desk = Desk(session, run, until)
    run(session.import_files([png("a.png", 60), png("b.png", 90)]))
    session.renders.start()
    session.selection.set_layer(desk.layer.id)
    session.playback.seek(1)
    for name, left in zip((cell.drawing for cell in desk.layer.cells), (2, 10), strict=True):
        assert name is not None
        edit = SetLandmarks(desk.layer.id, name, face(left, 4, left + 18, 22))
        assert session.controller.do(edit, "face")
    return desk


@pytest.fixture
def commands(desk: Desk) -> Iterator[AttachCommands]:
    made = AttachCommands(desk.session)
    yield made
    made.deleteLater()


@pytest.fixture
def cel(tmp_path: Path) -> Path:
    """Ink on a cel of the canvas's size, over the eyes of the first key."""
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[8:12, 5:17] = (255, 0, 0, 255)
    path = tmp_path / "glasses.png"
    Image.fromarray(pixels).save(path)
    return path


def worn(commands: AttachCommands) -> AttachedHere:
    here = commands.here()
    assert here is not None
    return here


def shown(desk: Desk, frame: int) -> Picture:
    picture = desk.session.frames.finished(desk.session.frames.look(frame))
    assert picture is not None
    return picture


def ink(picture: Picture) -> tuple[float, float]:
    pixels = picture.pixels.astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 80))
    return float(columns.mean()), float(rows.mean())


def test_it_is_put_on_a_layer_of_its_own(desk: Desk, commands: AttachCommands, cel: Path) -> None:
    told: list[bool] = []
    commands.attached.connect(lambda: told.append(True))
    before = desk.session.controller.scene
    desk.run(commands.attach(cel))
    scene = desk.session.controller.scene
    assert [layer.name for layer in scene.layers][-1] == "glasses"
    assert desk.session.selection.layer == scene.layers[-1].id
    assert worn(commands).attachment.follows == desk.layer.id
    assert told == [True]
    assert np.array_equal(shown(desk, 1).pixels[8:12, 5:17, 0], np.full((4, 12), 255))
    desk.session.controller.undo_stack.undo()
    assert desk.session.controller.scene == before
    assert commands.here() is None


def test_it_goes_along_through_in_betweens_drawn_and_not(
    desk: Desk, commands: AttachCommands, cel: Path
) -> None:
    desk.run(commands.attach(cel))
    last = desk.frames[-1]
    assert ink(shown(desk, last))[0] == pytest.approx(ink(shown(desk, 1))[0] + 8, abs=0.3)
    look = desk.session.frames.look(3)
    (_, (what, _)) = look.layers
    assert isinstance(what, AttachedFrame)
    # A key stands in for what is not drawn yet: it is on the face of that key.
    assert what.face.last is None
    desk.session.selection.set_layer(desk.layer.id)
    desk.draw()
    places = [ink(shown(desk, frame))[0] for frame in range(1, last + 1)]
    assert places == sorted(places)
    (_, (what, _)) = desk.session.frames.look(3).layers
    assert isinstance(what, AttachedFrame)
    assert what.face.t == Fraction(1, 4)
    # Held frames are the same image.
    assert desk.session.frames.look(3) == desk.session.frames.look(4)
    assert hash(desk.session.frames.look(3)) == hash(desk.session.frames.look(4))


def test_carried_ordered_and_stiffened_each_in_one_step(
    desk: Desk, commands: AttachCommands, cel: Path
) -> None:
    desk.run(commands.attach(cel))
    x, y = ink(shown(desk, 1))
    commands.carry((11, 10), (3, 2))
    assert ink(shown(desk, 1)) == pytest.approx((x + 3, y + 2), abs=0.2)
    commands.set_order(Order.BEHIND)
    assert not ((shown(desk, 1).pixels[..., 0] > 200) & (shown(desk, 1).pixels[..., 1] < 80)).any()
    commands.set_rigidity(Rigidity.SIMILARITY)
    commands.set_turns(False)
    drawing = worn(commands).drawing
    assert (drawing.rigidity, drawing.turns) == (Rigidity.SIMILARITY, False)
    stack = desk.session.controller.undo_stack
    texts = [stack.text(at) for at in range(stack.count())][-5:]
    assert texts == [
        "attach glasses",
        "move glasses",
        "order of glasses",
        "stiffness of glasses",
        "turning of glasses",
    ]
    for _ in range(4):
        stack.undo()
    assert ink(shown(desk, 1)) == pytest.approx((x, y))


def test_nudges_are_one_step(desk: Desk, commands: AttachCommands, cel: Path) -> None:
    desk.run(commands.attach(cel))
    count = desk.session.controller.undo_stack.count()
    for _ in range(3):
        commands.carry((11, 10), (1, 0), merge="nudge 1")
    assert desk.session.controller.undo_stack.count() == count + 1


def test_a_part_of_the_drawing_covers_it(
    desk: Desk, commands: AttachCommands, cel: Path, tmp_path: Path, png: Callable[..., Path]
) -> None:
    desk.run(commands.attach(cel))
    mask = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    mask[:, :11] = 255
    Image.fromarray(mask).save(tmp_path / "fringe.png")
    before = ink(shown(desk, 1))[0]
    desk.run(commands.cover(tmp_path / "fringe.png"))
    assert ink(shown(desk, 1))[0] > before + 2
    commands.uncover("fringe")
    assert ink(shown(desk, 1))[0] == before
    with pytest.raises(SceneError, match="as large as the canvas, 32 x 24"):
        desk.run(commands.cover(png("small.png", 9, (5, 5))))


def test_a_part_has_its_own_shape_on_another_key(
    desk: Desk, commands: AttachCommands, cel: Path, tmp_path: Path
) -> None:
    desk.run(commands.attach(cel))
    bare = [ink(shown(desk, frame))[0] for frame in (1, desk.frames[-1])]

    def fringe(number: int, right: int) -> None:
        mask = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        mask[:, :right] = 255
        Image.fromarray(mask).save(tmp_path / f"fringe_{number}.png")
        desk.run(commands.cover(tmp_path / f"fringe_{number}.png"))

    fringe(1, 11)
    desk.session.playback.seek(desk.frames[-1])
    # The ink goes eight pixels to the right, and so would its shape on the first key.
    assert ink(shown(desk, desk.frames[-1]))[0] > bare[1] + 2
    fringe(9, 5)
    assert [each.name for each in worn(commands).attachment.covers] == ["fringe", "fringe"]
    assert ink(shown(desk, 1))[0] > bare[0] + 2
    assert ink(shown(desk, desk.frames[-1]))[0] == bare[1]
    fringe(9, 21)
    assert len(worn(commands).attachment.covers) == 2
    assert ink(shown(desk, desk.frames[-1]))[0] > bare[1] + 3
    commands.uncover("fringe")
    assert worn(commands).attachment.covers == ()


def test_taken_off_its_layer_goes_too(desk: Desk, commands: AttachCommands, cel: Path) -> None:
    before = desk.session.controller.scene
    desk.run(commands.attach(cel))
    assert desk.session.actions.action("attach-off").isEnabled()
    desk.session.actions.action("attach-off").trigger()
    assert desk.session.controller.scene == before
    desk.session.playback.seek(2)
    assert not desk.session.actions.action("attach-off").isEnabled()


def test_without_a_face_it_says_what_to_do(desk: Desk, commands: AttachCommands, cel: Path) -> None:
    drawing = desk.layer.cells[0].drawing
    assert drawing is not None
    desk.session.controller.do(SetLandmarks(desk.layer.id, drawing, None), "bare")
    with pytest.raises(SceneError, match="no face here yet"):
        desk.run(commands.attach(cel))
    desk.session.playback.seek(desk.frames[-1])
    desk.run(commands.attach(cel))
    assert worn(commands).face is not None
    desk.session.playback.seek(1)
    assert worn(commands).face is None
    assert len(desk.session.frames.look(1).layers) == 1


def test_a_small_picture_is_laid_on_the_face(
    desk: Desk, commands: AttachCommands, png: Callable[..., Path]
) -> None:
    desk.run(commands.attach(png("hat.png", 0, (40, 10))))
    assert desk.messages[-1].text == "hat is on the face: drag it where it belongs."
    assert (shown(desk, 1).pixels[..., 0] == 0).any()


def test_hidden_and_faded_as_any_layer(desk: Desk, commands: AttachCommands, cel: Path) -> None:
    desk.run(commands.attach(cel))
    layer = worn(commands).layer
    desk.session.controller.do(ChangeLayer(layer.id, opacity=0.5), "fade")
    assert [opacity for _, opacity in desk.session.frames.look(1).layers] == [1.0, 0.5]
    desk.session.controller.do(ChangeLayer(layer.id, visible=False), "hide")
    assert len(desk.session.frames.look(1).layers) == 1


def test_saved_and_opened_it_is_still_there(
    desk: Desk, commands: AttachCommands, cel: Path, tmp_path: Path
) -> None:
    desk.run(commands.attach(cel))
    picture = shown(desk, 1)
    path = tmp_path / "a.genani"
    desk.run(desk.session.save(path))
    desk.session.new()
    desk.run(desk.session.open(path))
    assert np.array_equal(shown(desk, 1).pixels, picture.pixels)
    attachment = desk.session.controller.scene.layers[-1].attachment
    assert attachment is not None
    assert replace(attachment) == attachment
