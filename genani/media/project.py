"""The `.genani` project: one zip with the scene, its drawings, its takes and a thumbnail."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import msgspec

from genani.media import atomic
from genani.media.colour import scaled
from genani.media.container import Container, Writer, backup
from genani.media.files import shown
from genani.media.image import encode_png, read_bytes
from genani.media.schema import scene_from_text, scene_to_text
from genani.scene.attached import AttachedFrame
from genani.scene.document import Layer, Scene
from genani.scene.errors import FileError, GenAniError, ProjectError, SceneError
from genani.scene.frame import Source, TakeFrame, shots
from genani.scene.picture import Picture, PictureId
from genani.scene.record import from_json, to_json
from genani.scene.request import InBetween
from genani.scene.take import Take, TakeInfo

SCENE = "scene.json"
THUMBNAIL = "thumb.png"
THUMBNAIL_SIDE = 256
BACKUPS = 3

_HASH = re.compile(r"[0-9a-f]{64}")
_TAKE_INFO = re.compile(r"takes/([0-9a-f]{64})/info\.json")
_LEVEL = 1
"""Drawings are saved often: speed before size."""

Pictures = Callable[[PictureId], Picture]
"""Gives the pixels of an id, or raises `PictureError`."""

Drawn = Callable[[str, Fraction], InBetween | None]
"""Gives the in-between that the take of a hash holds at `t`; `TakeCache.get` is one."""

Worn = Callable[[AttachedFrame, Pictures], Picture]
"""Draws an attachment on a frame, its pictures looked up by id."""


@dataclass(frozen=True)
class Saved:
    """What a save has put down.

    Attributes:
        pictures: ids of the drawings now in the file.
        problems: what could not be saved, one sentence each; empty where all is well.
    """

    pictures: frozenset[PictureId]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """An open project. Pictures are read when they are asked for, by any thread.

    Attributes:
        path: the file; a later save to it does not disturb.
        scene: what the animator made.
        takes: what was drawn by engines and saved with it.
        problems: what is missing or damaged, one sentence each; the rest can be used.
    """

    path: Path
    scene: Scene
    takes: tuple[Take, ...]
    problems: tuple[str, ...]
    _container: Container
    _warnings: dict[tuple[str, Fraction], tuple[str, ...]] = field(default_factory=dict)

    def picture(self, picture_id: PictureId) -> Picture | None:
        """The pixels of a drawing or mask, checked to be the very ones saved; None if not there.

        Raises:
            FileError: the file is gone, or the picture in it is damaged.
        """
        data = self._container.find(_drawing_name(picture_id))
        if data is None:
            return None
        picture = read_bytes(data, self.path / _drawing_name(picture_id))
        if picture.id != picture_id:
            raise self._container.damaged(f"the drawing {picture_id[:12]} in it was changed")
        return picture

    def drawn(self, take: str, t: Fraction) -> InBetween | None:
        """The in-between of a saved take at `t`; None if not there.

        Raises:
            FileError: the file is gone, or the picture in it is damaged.
        """
        name = _take_name(take, t)
        data = self._container.find(name)
        if data is None:
            return None
        return InBetween(t, read_bytes(data, self.path / name), self._warnings.get((take, t), ()))


def load(path: Path) -> Project:
    """Open a project, old versions brought up to date.

    Raises:
        FileError: the file is missing or cannot be read.
        ProjectError: not a project, damaged, unsafe (entries that lead out of it, links, bombs),
            or from a later version.
    """
    container = Container(path)
    text = container.read(SCENE)
    try:
        scene = scene_from_text(text)
    except ProjectError as error:
        raise container.damaged(str(error)) from error
    problems = _missing(scene, container.names)
    takes: list[Take] = []
    warnings: dict[tuple[str, Fraction], tuple[str, ...]] = {}
    hashes = [match[1] for name in container.names if (match := _TAKE_INFO.fullmatch(name))]
    with container.held():
        for take in sorted(hashes):
            record = _take_record(container, take)
            if record is None:
                problems.append(f"the take {take[:12]} is damaged")
                continue
            there = [d for d in record.drawings if _take_name(take, d.t) in container.names]
            warnings.update({(take, d.t): d.warnings for d in there})
            takes.append(Take(take, record.info, tuple(sorted(d.t for d in there))))
    return Project(path, scene, tuple(takes), tuple(problems), container, warnings)


def thumbnail(path: Path) -> Picture | None:
    """The small picture of a project, for lists of files; None if it has none.

    Raises:
        FileError: as `load`.
    """
    data = Container(path).find(THUMBNAIL)
    return read_bytes(data, path) if data else None


def save(
    scene: Scene,
    picture: Pictures,
    path: Path,
    takes: Iterable[Take] = (),
    drawn: Drawn = lambda _take, _t: None,
    base: Path | None = None,
    worn: Worn | None = None,
) -> Saved:
    """Write a project; the file is the old one or the new one at every moment.

    What the file had before is kept as `path~1`, the saves before that as `~2` and `~3`.
    Drawings and takes that an earlier save holds are copied, not encoded again.

    Args:
        scene: drawings that no cell exposes are left out.
        picture: gives the pixels; a drawing it cannot give is left out and reported.
        path: usually ends in `.genani`.
        takes: what to save of the engines' work.
        drawn: gives the in-betweens of these takes.
        base: the project to copy unchanged entries from, if it is not at `path`.
        worn: draws attachments for the thumbnail; None leaves them out of it.

    Raises:
        FileError: the place cannot be written or the disk is full; the old file is untouched.
    """
    scene = exposed(scene)
    old = _old(base or path)
    job = _Save(picture, drawn, old)
    with atomic.file(path) as temporary:
        with Writer(temporary) as writer, old.held() if old else nullcontext():
            writer.add(SCENE, scene_to_text(scene), pack=True)
            stored = job.add_drawings(writer, scene)
            for take in takes:
                job.add_take(writer, take)
            if small := _thumbnail(scene, picture, drawn, worn):
                writer.add(THUMBNAIL, small)
        try:
            _rotate(Path(os.path.realpath(path)))
        except OSError:
            job.problems.append(f"the backups of '{shown(path)}' could not be written")
    return Saved(frozenset(stored), tuple(job.problems))


def exposed(scene: Scene) -> Scene:
    """The scene without the drawings that no cell exposes."""

    def used(layer: Layer) -> Layer:
        names = {cell.drawing for cell in layer.cells}
        kept = {name: d for name, d in layer.drawings.items() if name in names}
        return layer if len(kept) == len(layer.drawings) else replace(layer, drawings=kept)

    return replace(scene, layers=tuple(used(layer) for layer in scene.layers))


class _Save:
    """One save under way.

    Attributes:
        problems: what could not be saved.
    """

    def __init__(self, picture: Pictures, drawn: Drawn, old: Container | None) -> None:
        self.problems: list[str] = []
        self._picture = picture
        self._drawn = drawn
        self._old = old

    def add_drawings(self, writer: Writer, scene: Scene) -> list[PictureId]:
        """Write every picture of the scene; return the ids of those that could be."""
        stored: list[PictureId] = []
        for picture_id, where in _pictures(scene).items():
            name = _drawing_name(picture_id)
            data = self._copied(name)
            if data is None:
                try:
                    data = encode_png(self._picture(picture_id), _LEVEL)
                except GenAniError as error:
                    self.problems.append(f"{where} could not be saved: {error}")
                    continue
            writer.add(name, data)
            stored.append(picture_id)
        return stored

    def add_take(self, writer: Writer, take: Take) -> None:
        """Write those drawings of a take that can be had, and how it was made."""
        if not _HASH.fullmatch(take.hash):
            self.problems.append(f"the take '{shown(take.hash[:12])}' has no proper name")
            return
        record = _take_record(self._old, take.hash) if self._old else None
        before = {d.t: d.warnings for d in record.drawings} if record else {}
        drawings: list[_TakeDrawing] = []
        for t in take.times:
            name = _take_name(take.hash, t)
            data = self._copied(name) if t in before else None
            warnings = before.get(t, ())
            if data is None:
                inbetween = self._drawn(take.hash, t)
                if inbetween is None:
                    continue
                data, warnings = encode_png(inbetween.picture, _LEVEL), inbetween.warnings
            writer.add(name, data)
            drawings.append(_TakeDrawing(t, warnings))
        if drawings:
            text = to_json(_TakeRecord(take.info, tuple(drawings)))
            writer.add(_info_name(take.hash), text, pack=True)

    def _copied(self, name: str) -> bytes | None:
        try:
            return self._old.find(name) if self._old else None
        except FileError:
            return None


class _TakeDrawing(msgspec.Struct, frozen=True):
    t: Fraction
    warnings: tuple[str, ...] = ()


class _TakeRecord(msgspec.Struct, frozen=True):
    info: TakeInfo
    drawings: tuple[_TakeDrawing, ...]


def _drawing_name(picture_id: PictureId) -> str:
    return f"drawings/{picture_id}.png"


def _take_name(take: str, t: Fraction) -> str:
    return f"takes/{take}/{t.numerator}-{t.denominator}.png"


def _info_name(take: str) -> str:
    return f"takes/{take}/info.json"


def _take_record(container: Container, take: str) -> _TakeRecord | None:
    try:
        return from_json(container.read(_info_name(take)), _TakeRecord)
    except GenAniError:
        return None


def _old(path: Path) -> Container | None:
    try:
        return Container(path)
    except FileError:
        return None


def _pictures(scene: Scene) -> dict[PictureId, str]:
    """Every picture that the scene needs, and where the animator meets it first."""
    found: dict[PictureId, str] = {}
    for layer in scene.layers:
        for cell in layer.cells:
            if cell.drawing:
                where = f"the drawing on frame {cell.frame} of layer {shown(layer.name)}"
                found.setdefault(layer.drawings[cell.drawing].picture, where)
        for span in layer.spans:
            if span.mask:
                first, last = layer.ends(span)
                where = f"the mask of frames {first}–{last} of layer {shown(layer.name)}"
                found.setdefault(span.mask, where)
        for picture_id in layer.attachment.pictures() if layer.attachment else ():
            found.setdefault(picture_id, f"the attachment of layer {shown(layer.name)}")
    return found


def _missing(scene: Scene, names: frozenset[str]) -> list[str]:
    return [
        f"{where} is missing"
        for picture_id, where in _pictures(scene).items()
        if _drawing_name(picture_id) not in names
    ]


def _thumbnail(scene: Scene, picture: Pictures, drawn: Drawn, worn: Worn | None) -> bytes:
    """The scene's first frame as a small PNG; empty where it cannot be made."""
    scale = min(1.0, THUMBNAIL_SIDE / max(scene.size))
    width, height = (max(1, round(side * scale)) for side in scene.size)

    def look(source: Source) -> Picture | None:
        with suppress(GenAniError):
            if isinstance(source, AttachedFrame):
                return scaled(worn(source, picture), scale) if worn else None
            if not isinstance(source, TakeFrame):
                return scaled(picture(source), scale)
            if inbetween := drawn(source.take, source.t):
                return scaled(inbetween.picture, scale)
        return None

    first = scene.play_range[0]
    try:
        [shot] = shots(scene, first, first)
    except SceneError:
        return b""
    return encode_png(shot.picture((width, height), look))


def _rotate(path: Path) -> None:
    if not path.is_file():
        return
    for age in range(BACKUPS, 1, -1):
        if backup(path, age - 1).exists():
            backup(path, age - 1).replace(backup(path, age))
    try:
        # A second name, so that there is no moment without a file at `path`.
        backup(path, 1).hardlink_to(path)
    except OSError:
        shutil.copy2(path, backup(path, 1))
