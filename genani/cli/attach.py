"""`genani attach`: a drawing that goes along with a face, put into a scene."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from genani.cli.attach_faces import marked
from genani.cli.layers import layer_called
from genani.media import image, project
from genani.media.files import shown
from genani.media.project import Project
from genani.scene.attached import told, without_face
from genani.scene.attachment import Attachment, Cover, Order, Piece, Pinned, Rigidity
from genani.scene.document import Drawing, Layer, Scene, new_id
from genani.scene.edits import AddLayer, Attach
from genani.scene.errors import PictureError, SceneError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture, PictureId

_SIDES = {"key": None, "front": 0.0, "left": 90.0, "right": -90.0}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the sub-command takes."""
    parser.add_argument("scene", type=Path, metavar="SCENE", help="a .genani file")
    parser.add_argument("--layer", metavar="NAME", help="the layer with the face (the only one)")
    parser.add_argument(
        "--picture", type=Path, required=True, metavar="FILE", help="glasses, a hat, an ear ring"
    )
    parser.add_argument(
        "--pins",
        nargs="+",
        default=[],
        metavar="X,Y=LANDMARK",
        help="places of the picture and what they are held to: 'left eye outer', 'forehead', "
        "'right ear' ... or 0 to 477; a picture of the canvas's size needs none",
    )
    parser.add_argument(
        "--frame", type=int, metavar="N", help="the key that it is put on (the first with a face)"
    )
    parser.add_argument(
        "--seen",
        choices=_SIDES,
        help="what the picture shows: the face as on that key, its front, its left or right side "
        "(front, but key without --pins)",
    )
    parser.add_argument(
        "--rigidity",
        choices=[each.value for each in Rigidity],
        help="how it gives way where the pins part: not, as a whole, or bending to meet every pin "
        "(it bends as the face moves; similarity with --flat)",
    )
    parser.add_argument(
        "--flat", action="store_true", help="it keeps its front to the viewer, as a round hat does"
    )
    parser.add_argument(
        "--order",
        choices=[each.value for each in Order],
        default=Order.FRONT.value,
        help="in front, behind the face, or behind it once its side is turned away (front)",
    )
    parser.add_argument(
        "--cover",
        action="append",
        default=[],
        metavar="NAME[@FRAME]=FILE",
        help="a part of the face's drawing in front of it, such as fringe=FILE: a picture of the "
        "canvas's size, opaque where the part is on that key; fringe@9=FILE tells its shape on the "
        "key on frame 9; may be given several times",
    )
    parser.add_argument("--name", help="of its layer (the picture's name)")
    parser.add_argument("--add-to", metavar="NAME", help="a layer with an attachment to add it to")
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="FILE",
        help="faces of the keys, as `genani landmarks --json` writes them; without it faces are "
        "looked for on keys that have none",
    )
    parser.add_argument("--out", type=Path, metavar="SCENE", help="write here, not over the scene")


def run(options: argparse.Namespace) -> int:
    """Attach it and save the scene; returns the exit code."""
    from genani.face.attach import drawn
    from genani.face.attach_fit import landmark

    pairs = [_pair(text, landmark) for text in options.pins]
    opened = project.load(options.scene)
    wearer = layer_called(opened.scene, options.layer)
    picture = image.read(options.picture)
    covers = [(where, image.read(file)) for where, file in map(_named, options.cover)]
    scene = marked(opened, wearer.id, options.landmarks)
    key = _key(scene.layer(wearer.id), options.frame)
    job = _Job(opened, scene, key, {each.id: each for each in (picture, *(m for _, m in covers))})
    piece = Piece(job.pinned(picture, pairs, options), Order(options.order))
    masks = tuple(
        Cover(
            name,
            job.mask(name, mask, _key(scene.layer(wearer.id), frame) if frame is not None else key),
        )
        for (name, frame), mask in covers
    )
    scene = _attached(scene, wearer.id, piece, masks, options)
    target = options.out or opened.path
    done = project.save(
        scene,
        job.picture,
        target,
        opened.takes,
        opened.drawn,
        base=opened.path,
        worn=drawn,
    )
    lacking = (told(each) for each in without_face(scene, *scene.play_range))
    for problem in (*opened.problems, *done.problems, *lacking):
        print(f"genani: {problem}", file=sys.stderr)
    pins = len(piece.drawing.pins)
    print(f"{shown(options.picture)} is held to the face of {wearer.name} by {pins} pins")
    print(target)
    return 0


@dataclass(frozen=True)
class _Job:
    """What is attached to: a scene, and a drawing with a face in it."""

    opened: Project
    scene: Scene
    key: Drawing
    new: dict[PictureId, Picture]

    @property
    def face(self) -> Landmarks:
        assert self.key.landmarks is not None
        return self.key.landmarks

    def picture(self, picture_id: PictureId) -> Picture:
        """The pixels of the scene and of what is new."""
        held = self.new.get(picture_id) or self.opened.picture(picture_id)
        if held is None:
            raise PictureError("the scene file does not hold it")
        return held

    def pinned(
        self, picture: Picture, pairs: list[tuple[float, float, int]], options: argparse.Namespace
    ) -> Pinned:
        """The picture as the options hold it."""
        from genani.face.attach_fit import pinned

        whole = picture.size == self.scene.size
        if not pairs and not whole:
            raise SceneError(
                f"{shown(options.picture)} is {picture.width} x {picture.height}, not the canvas's "
                f"{self.scene.width} x {self.scene.height}: say with --pins where it goes, such "
                "as --pins '40,60=right eye outer' '360,60=left eye outer'"
            )
        side = options.seen or ("front" if pairs else "key")
        exact = options.rigidity == Rigidity.MESH
        held = pinned(picture, self.face, self.scene.size, pairs, _SIDES[side], exact)
        rigidity = Rigidity.SIMILARITY if options.flat else held.rigidity
        rigidity = Rigidity(options.rigidity) if options.rigidity else rigidity
        return replace(held, rigidity=rigidity, turns=not options.flat)

    def mask(self, name: str, picture: Picture, key: Drawing) -> Pinned:
        """A part of a key's drawing, held to the face it was drawn with."""
        from genani.face.attach_fit import pinned

        if picture.size != self.scene.size:
            raise SceneError(f"the picture of '{name}' must be of the canvas's size")
        assert key.landmarks is not None
        return pinned(picture, key.landmarks, self.scene.size)


def _attached(
    scene: Scene, wearer: str, piece: Piece, masks: tuple[Cover, ...], options: argparse.Namespace
) -> Scene:
    """The scene with a layer more, or with a piece more on one."""
    if options.add_to is None:
        name = options.name or options.picture.stem
        layer = Layer(new_id(), name, attachment=Attachment(wearer, (piece,), masks))
        return AddLayer(layer, len(scene.layers)).after(scene)
    layer = layer_called(scene, options.add_to)
    worn = layer.attachment
    if worn is None:
        raise SceneError(f"layer {layer.name} has no attachment to add a piece to")
    if worn.follows != wearer:
        raise SceneError(f"layer {layer.name} follows another face than that of this layer")
    more = replace(worn, pieces=(*worn.pieces, piece), covers=(*worn.covers, *masks))
    return Attach(layer.id, more).after(scene)


def _key(layer: Layer, frame: int | None) -> Drawing:
    """The drawing with the face that something is put on."""
    if frame is not None:
        cell = layer.cell_at(frame)
        drawing = layer.drawings[cell.drawing] if cell and cell.drawing else None
        if drawing is None or drawing.landmarks is None:
            raise SceneError(f"no face is marked on frame {frame} of layer {layer.name}")
        return drawing
    for cell in layer.cells:
        if cell.drawing and layer.drawings[cell.drawing].landmarks:
            return layer.drawings[cell.drawing]
    raise SceneError(
        f"no face is marked on layer {layer.name}: say where it is with `genani landmarks KEY ... "
        "--json FILE` and give --landmarks FILE, or mark it in the window"
    )


def _pair(text: str, landmark: Callable[[str], int]) -> tuple[float, float, int]:
    place, equals, name = text.partition("=")
    wrong = SceneError(f"--pins takes X,Y=LANDMARK, such as '40,60=left eye outer', not '{text}'")
    try:
        x, y = (float(number) for number in place.split(","))
    except ValueError:
        raise wrong from None
    if not equals:
        raise wrong
    return x, y, landmark(name.strip())


def _named(text: str) -> tuple[tuple[str, int | None], Path]:
    """The part, the frame of its key where one is named, and the picture."""
    where, equals, file = text.partition("=")
    name, at, frame = where.rpartition("@")
    if not at:
        name, frame = where, ""
    if not (name and equals and file) or (at and not frame.isdecimal()):
        raise SceneError(
            "--cover takes NAME=FILE or NAME@FRAME=FILE, such as fringe=fringe.png or "
            f"fringe@9=fringe9.png, not '{text}'"
        )
    return (name, int(frame) if at else None), Path(file)
