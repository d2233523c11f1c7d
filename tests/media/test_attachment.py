"""Attachments in project files and journals: saved, opened again, and in files from before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from genani.media import project
from genani.media.journal import Journal
from genani.media.recovery import recover
from genani.media.schema import VERSION, scene_from_text, scene_to_text
from genani.scene.attached import AttachedFrame
from genani.scene.attachment import Attachment, Cover, Order, Piece, Pin, Pinned, Rigidity
from genani.scene.document import Layer, Scene
from genani.scene.edits import AddLayer, Attach
from genani.scene.errors import ProjectError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId
from tests.media.projects import KEYS, MASK, Shelf, exposed_scene, noisy

FACE = Landmarks(tuple((float(at), at / 2, -1.5) for at in range(478)))
GLASSES, FRINGE = noisy(31), noisy(32)


def attachment(follows: str = "L1") -> Attachment:
    pins = Pin(1.25, 2, 33), Pin(7, 2.5, 263)
    glasses = Pinned(GLASSES.id, FACE, pins, Rigidity.AFFINE, turns=False)
    fringe = Cover("fringe", Pinned(FRINGE.id, FACE, pins[:1]))
    return Attachment(follows, (Piece(glasses, Order.SIDE),), (fringe,))


def worn() -> Scene:
    layer = Layer("hat", "glasses", attachment=attachment())
    return AddLayer(layer, 99).after(exposed_scene())


def shelf() -> Shelf:
    return Shelf(*KEYS, MASK, GLASSES, FRINGE)


def test_it_is_saved_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.genani"
    saved = project.save(worn(), shelf(), path)
    assert not saved.problems
    opened = project.load(path)
    assert opened.scene == worn()
    assert not opened.problems
    assert [opened.picture(each.id) for each in (GLASSES, FRINGE)] == [GLASSES, FRINGE]
    # Saved anew from the file alone, nothing of it is lost.
    assert not project.save(opened.scene, Shelf(), path).problems
    assert project.load(path).scene == worn()


def test_a_missing_picture_of_it_is_told(tmp_path: Path) -> None:
    saved = project.save(worn(), Shelf(*KEYS, MASK, FRINGE), tmp_path / "a.genani")
    assert len(saved.problems) == 1
    assert "the attachment of layer glasses could not be saved" in saved.problems[0]
    problems = project.load(tmp_path / "a.genani").problems
    assert problems == ("the attachment of layer glasses is missing",)


def test_the_thumbnail_shows_it_where_it_can_be_drawn(tmp_path: Path) -> None:
    face = Landmarks(FACE.points)
    scene = worn()
    layer = scene.layers[1]
    drawings = {name: replace(d, landmarks=face) for name, d in layer.drawings.items()}
    faced = replace(layer, drawings=drawings, visible=True, opacity=1.0)
    scene = replace(scene, layers=(scene.layers[0], faced, *scene.layers[2:]))
    asked: list[AttachedFrame] = []

    def drawn(frame: AttachedFrame, picture: object) -> Picture:
        asked.append(frame)
        return Picture.blank(*frame.size)

    project.save(scene, shelf(), tmp_path / "a.genani", worn=drawn)
    assert {frame.behind for frame in asked} == {False, True}
    project.save(scene, shelf(), tmp_path / "b.genani")
    assert project.thumbnail(tmp_path / "b.genani") is not None


def test_a_crash_costs_no_attachment(tmp_path: Path) -> None:
    folder, before = tmp_path / "journal", exposed_scene()
    journal = Journal(folder, before, shelf())
    edit = AddLayer(Layer("hat", "glasses"), 99)
    there = edit.after(before)
    journal.edited(edit, there)
    put = Attach("hat", attachment())
    journal.edited(put, put.after(there))
    journal.close()
    found = recover(folder)
    assert found.scene == worn()
    assert {GLASSES.id, FRINGE.id} <= found.scene.pictures()
    assert found.picture(GLASSES.id) == GLASSES


def test_files_from_before_open_and_an_earlier_program_does_not_lose_it() -> None:
    fixture = Path(__file__).parent / "scene_v1.json"
    opened = scene_from_text(fixture.read_bytes())
    assert all(layer.attachment is None for layer in opened.layers)
    text = scene_to_text(worn())
    assert json.loads(text)["version"] == VERSION == 2
    # Version 1 says that it is too old, rather than to save the scene without its attachments.
    with pytest.raises(ProjectError, match="later GenAni"):
        scene_from_text(text, version=1)


def test_nonsense_in_it_is_damage() -> None:
    values = json.loads(scene_to_text(worn()))
    drawing = values["scene"]["layers"][-1]["attachment"]["pieces"][0]["drawing"]
    for wrong in ({"pins": []}, {"rigidity": "jelly"}, {"face": None}):
        kept = dict(drawing)
        drawing.update(wrong)
        with pytest.raises(ProjectError, match="damaged"):
            scene_from_text(json.dumps(values).encode())
        drawing.update(kept)
    assert scene_from_text(json.dumps(values).encode()) == worn()
    assert PictureId(GLASSES.id) in worn().pictures()
