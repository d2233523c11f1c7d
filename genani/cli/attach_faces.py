"""The faces of a scene's keys on the command line: from a file, or looked for."""

from __future__ import annotations

from pathlib import Path

from genani.engines import registry
from genani.face import landmark_file
from genani.face.detect import MODEL
from genani.media.files import read_all, shown
from genani.media.project import Project
from genani.scene.document import Drawing, Scene
from genani.scene.edits import SetLandmarks
from genani.scene.errors import FileError
from genani.scene.face import Landmarks


def marked(opened: Project, layer_id: str, file: Path | None) -> Scene:
    """The scene with faces on the keys of a layer; those that are marked stay.

    Args:
        opened: the scene.
        layer_id: of the layer with the face.
        file: landmarks by the names of the keys' files; None looks for the faces, where the
            model that finds them is installed.

    Raises:
        FileError: the file is no landmark file, or does not fit the keys.
        ModelError: the detector ended by itself.
    """
    scene, layer = opened.scene, opened.scene.layer(layer_id)
    keys = [
        layer.drawings[cell.drawing] for cell in layer.cells if cell.kind.anchor and cell.drawing
    ]
    bare = [key for key in dict.fromkeys(keys) if file is not None or key.landmarks is None]
    faces = _written(bare, opened, file) if file is not None else _found(bare, opened)
    for key, face in faces.items():
        scene = SetLandmarks(layer_id, key, face).after(scene)
    return scene


def _written(keys: list[Drawing], opened: Project, file: Path) -> dict[str, Landmarks]:
    name = shown(file)
    pictures = landmark_file.decode(read_all(file), name)
    known = {Path(each.file).stem: Path(each.file) for each in pictures}
    faces: dict[str, Landmarks] = {}
    told = False
    for key in keys:
        place, picture = known.get(Path(key.name).stem), opened.picture(key.picture)
        if place is None or picture is None:
            continue
        told = True
        found = landmark_file.of_file(pictures, place, picture.size, name).faces
        if found:
            faces[key.id] = found[0].landmarks
    if not told:
        names = ", ".join(f"'{shown(key.name)}'" for key in keys) or "no drawing at all"
        raise FileError(f"'{name}' says nothing about the keys of the layer, which has {names}")
    return faces


def _found(keys: list[Drawing], opened: Project) -> dict[str, Landmarks]:
    if not keys or not registry.installed(MODEL):
        return {}
    from genani.cli.faces import detector
    from genani.face.ladder import find

    faces: dict[str, Landmarks] = {}
    near: Landmarks | None = None
    with detector() as looks:
        for key in keys:
            picture = opened.picture(key.picture)
            found = find(looks, picture, near=near) if picture else []
            if found:
                near = faces[key.id] = found[0].landmarks
    return faces
