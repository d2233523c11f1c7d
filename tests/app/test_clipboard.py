"""Cut, copy, paste, and correcting by hand."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from genani.app.clipboard import CELLS, CopiedCell, CopiedCells, mime_of, unpack
from genani.app.images import to_image
from genani.app.session import Session
from genani.scene.document import Cell, CellKind, Drawing
from genani.scene.errors import SceneError
from genani.scene.picture import PictureId
from tests.app.conftest import Run
from tests.app.desk import Desk
from tests.render.fakes import flat


@pytest.fixture
def desk(session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path]) -> Desk:
    made = Desk(session, run, until)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    session.renders.start()
    return made


@pytest.fixture(autouse=True)
def nothing_on_the_clipboard(qapp: QApplication) -> Iterator[None]:
    yield
    QGuiApplication.clipboard().clear()


def test_copied_drawings_are_exposed_again(desk: Desk) -> None:
    desk.session.selection.select_cells([cell.id for cell in desk.layer.cells])
    desk.trigger("copy")
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasFormat(CELLS)
    assert mime.hasImage()
    desk.trigger("paste", 20)
    assert desk.frames == [1, 9, 20, 28]
    assert [c.drawing for c in desk.layer.cells[2:]] == [c.drawing for c in desk.layer.cells[:2]]
    assert desk.session.selection.cells == {cell.id for cell in desk.layer.cells[2:]}
    desk.trigger("undo")
    assert desk.frames == [1, 9]


def test_cut_and_paste_to_another_layer(desk: Desk) -> None:
    desk.trigger("cut", 9)
    assert desk.frames == [1]
    desk.trigger("add-layer")
    desk.trigger("paste", 4)
    [_, above] = desk.session.controller.scene.layers
    assert [cell.frame for cell in above.cells] == [4]
    [drawing] = above.drawings.values()
    assert desk.session.controller.picture(drawing.picture).pixels[0, 0, 0] == 200
    desk.trigger("paste", 4)
    [_, above] = desk.session.controller.scene.layers
    assert [cell.frame for cell in above.cells] == [4]


def test_a_pasted_picture_becomes_a_key(desk: Desk) -> None:
    QGuiApplication.clipboard().setImage(to_image(flat(255, (32, 24))))
    desk.trigger("paste", 15)
    assert desk.frames == [1, 9, 15]
    assert len(desk.layer.spans) == 2


def test_a_picture_pasted_over_an_in_between_corrects_it(desk: Desk) -> None:
    desk.draw()
    QGuiApplication.clipboard().setImage(to_image(flat(255, (32, 24))))
    desk.trigger("paste", 5)
    assert desk.frames == [1, 5, 9]
    cell = desk.layer.cells[1]
    drawing = desk.layer.drawings[cell.drawing or ""]
    assert (cell.kind, drawing.corrected, drawing.t) == (CellKind.INBETWEEN, True, Fraction(1, 2))
    desk.trigger("keep")
    assert desk.layer.cell_on(5) == cell
    desk.trigger("breakdown", 5)
    assert len(desk.layer.spans) == 2
    assert desk.layer.drawings[desk.layer.cells[1].drawing or ""].corrected


def test_cells_of_a_scene_that_is_not_open(desk: Desk) -> None:
    drawing = Drawing("d", PictureId("0" * 64))
    copied = CopiedCells(1, (CopiedCell("L", Cell("c", 1, "d"), drawing),))
    QGuiApplication.clipboard().setMimeData(mime_of(copied))
    desk.trigger("paste", 20)
    assert desk.frames == [1, 9]
    assert "another scene" in desk.messages[0].text
    mime = mime_of(copied)
    mime.setImageData(to_image(flat(255, (32, 24))))
    QGuiApplication.clipboard().setMimeData(mime)
    desk.trigger("paste", 20)
    assert desk.frames == [1, 9, 20]


def test_nothing_to_paste_and_nonsense(desk: Desk) -> None:
    QGuiApplication.clipboard().clear()
    desk.trigger("paste", 20)
    mime = QMimeData()
    mime.setData(CELLS, b"{}")
    QGuiApplication.clipboard().setMimeData(mime)
    desk.trigger("paste", 20)
    assert len(desk.messages) == 2
    assert desk.frames == [1, 9]
    with pytest.raises(SceneError):
        unpack(b"[]")


def block(desk: Desk, frame: int) -> Path:
    """Open what stands on a frame for another program, and give the file."""
    layer = desk.layer
    [found] = [b for b in layer.exposures(9) if b.frame == frame]
    return desk.run(desk.session.corrections.export(layer, found))


def paint(path: Path, value: int) -> None:
    """Save the picture as many programs do: beside it, then over it."""
    pixels = np.full((24, 32, 4), value, np.uint8)
    other = path.with_suffix(".tmp.png")
    Image.fromarray(pixels).save(other)
    other.replace(path)


def test_a_generated_drawing_corrected_in_another_program(desk: Desk) -> None:
    desk.draw()
    path = block(desk, 5)
    with Image.open(path) as exported:
        assert exported.getpixel((0, 0)) == (127, 127, 127, 127)

    def red() -> int:
        cell = desk.layer.cell_on(5)
        if cell is None:
            return -1
        drawing = desk.layer.drawings[cell.drawing or ""]
        return int(desk.session.controller.picture(drawing.picture).pixels[0, 0, 0])

    async def wait(value: int) -> None:

        for _ in range(400):
            if red() == value:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{red()} instead of {value}")

    paint(path, 40)
    desk.run(wait(40))
    assert desk.layer.drawings[desk.layer.cells[1].drawing or ""].corrected
    paint(path, 90)
    desk.run(wait(90))
    assert desk.frames == [1, 5, 9]
    os.utime(path, (1, 1))
    other = block(desk, 1)
    assert other.exists()
    assert not path.exists()


def test_a_drawing_that_is_not_drawn_yet_cannot_be_corrected(desk: Desk) -> None:
    with pytest.raises(SceneError, match="not drawn yet"):
        block(desk, 5)


def test_a_program_that_is_not_there(desk: Desk) -> None:
    desk.session.change_settings(external_editor="/no/such/program")
    desk.trigger("edit-outside", 1)
    assert "No program could be started" in desk.messages[0].text


def test_the_picture_outlives_the_program(desk: Desk) -> None:
    desk.trigger("copy", 9)
    desk.session.shut()
    clipboard = QGuiApplication.clipboard()
    assert not clipboard.mimeData().hasFormat(CELLS)
    assert clipboard.image().pixelColor(0, 0).red() == 200


def test_what_another_program_copied_is_left_alone(desk: Desk) -> None:
    desk.trigger("copy", 9)
    QGuiApplication.clipboard().setText("theirs")
    desk.session.shut()
    assert QGuiApplication.clipboard().text() == "theirs"


def test_the_program_ends_well_with_cells_on_the_clipboard() -> None:
    code = (
        "from PySide6.QtGui import QGuiApplication\n"
        "from genani.__main__ import make_application, make_services\n"
        "from genani.app.clipboard import CopiedCells, mime_of\n"
        "from genani.app.session import Session\n"
        "application = make_application([])\n"
        "session = Session(make_services())\n"
        "QGuiApplication.clipboard().setMimeData(mime_of(CopiedCells(1, ())))\n"
        "session.clipboard._holds = True\n"
        "session.shut()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
