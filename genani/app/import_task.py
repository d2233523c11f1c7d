"""From files to drawings on the timeline: as keys every few frames, or as a sequence with holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from natsort import natsorted

from genani.media import image, load, sequence
from genani.media.clip import Clip
from genani.scene.document import Cell, Drawing, Layer, Scene, new_id
from genani.scene.edits import (
    AddDrawing,
    AddLayer,
    AddSpan,
    AnyEdit,
    Batch,
    ChangeScene,
    ReplaceDrawing,
)
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.span import Span, count_on
from genani.scene.time import Rate
from genani.scene.timing import MAX_TICKS, TimingChart

KEY_GAP = 8
"""Frames between imported keys: on twos that leaves three in-betweens."""


class ImportMode(StrEnum):
    """What becomes of several pictures."""

    KEYS = "keys"
    """Keys every few frames, joined by spans."""
    SEQUENCE = "sequence"
    """Frame after frame as they are; equal neighbours become one drawing that is held."""


@dataclass(frozen=True)
class Found:
    """A drawing that was read.

    Attributes:
        picture: its pixels.
        frames: how long it is exposed in a sequence.
        name: of the file it came from.
    """

    picture: Picture
    frames: int
    name: str


@dataclass(frozen=True)
class Reading:
    """What some files hold.

    Attributes:
        drawings: in order.
        rate: frames a second that the exposures count in.
        merged: how many frames became part of a hold.
        filled: how many numbers were missing in a sequence and are held over.
    """

    drawings: tuple[Found, ...]
    rate: Rate
    merged: int = 0
    filled: int = 0


def read(paths: Sequence[Path], mode: ImportMode, rate: Rate | None = None) -> Reading:
    """Read files, folders, animations and videos, in natural order of name.

    A lone file of a numbered sequence stands for the sequence in `SEQUENCE` mode, and for itself
    in `KEYS` mode.

    Args:
        paths: what was dropped or chosen.
        mode: see `ImportMode`.
        rate: frames a second to count in; None takes that of the first animation, or 24.

    Raises:
        FileError: one of them cannot be read; nothing is imported then.
    """
    drawings: list[Found] = []
    merged = filled = 0
    found_rate = rate
    chosen = natsorted(_listed(paths, mode), key=str)
    for path in chosen:
        numbered = mode is ImportMode.SEQUENCE and len(chosen) == 1
        held = load.load(path, found_rate, numbered=numbered)
        if isinstance(held, Clip):
            found_rate = found_rate or held.rate
            merged += held.frames - len(held.drawings)
            filled += len(held.filled)
            drawings += [Found(d.picture, d.frames, path.name) for d in held.drawings]
        else:
            drawings.append(Found(held, 1, path.name))
    if mode is ImportMode.SEQUENCE:
        drawings, more = _held(drawings)
        merged += more
    if not drawings:
        raise FileError("there is no picture among what was chosen")
    return Reading(tuple(drawings), found_rate or Rate(), merged, filled)


def _listed(paths: Iterable[Path], mode: ImportMode) -> list[Path]:
    """The paths with folders opened up, but for those that are one sequence read as such."""
    listed: list[Path] = []
    for path in paths:
        if not path.is_dir() or (mode is ImportMode.SEQUENCE and len(sequence.find_all(path)) == 1):
            listed.append(path)
        else:
            listed += [item for item in path.iterdir() if item.suffix.lower() in image.EXTENSIONS]
    return listed


def _held(drawings: list[Found]) -> tuple[list[Found], int]:
    """Equal neighbours as one drawing; and how many were merged."""
    kept: list[Found] = []
    for drawing in drawings:
        if kept and kept[-1].picture == drawing.picture:
            kept[-1] = Found(drawing.picture, kept[-1].frames + drawing.frames, kept[-1].name)
        else:
            kept.append(drawing)
    return kept, len(drawings) - len(kept)


def is_empty(scene: Scene) -> bool:
    """True if nothing was put on the timeline yet."""
    return not any(layer.cells for layer in scene.layers)


@dataclass(frozen=True)
class Placing:
    """Where imported drawings go.

    Attributes:
        layer: id of the layer; None makes one.
        frame: of the first drawing.
        mode: see `ImportMode`.
        every: frames from key to key.
        spans: join new neighbouring keys.
    """

    layer: str | None
    frame: int
    mode: ImportMode = ImportMode.KEYS
    every: int = KEY_GAP
    spans: bool = True


def place(scene: Scene, reading: Reading, placing: Placing, layer_name: str) -> Batch:
    """The edit that puts what was read on the timeline.

    An empty scene takes the size of the first picture, and the rate of a sequence.

    Args:
        scene: as it is.
        reading: what was read; its pictures are on the shelf already.
        placing: where it goes.
        layer_name: for a layer that has to be made.

    Raises:
        SceneError: it does not fit there.
    """
    edits: list[AnyEdit] = []
    if is_empty(scene):
        rate = reading.rate if placing.mode is ImportMode.SEQUENCE else None
        edits.append(ChangeScene(size=reading.drawings[0].picture.size, rate=rate))
    layer = next((la for la in scene.layers if la.id == placing.layer), None)
    if layer is None:
        layer = Layer(new_id(), layer_name)
        edits.append(AddLayer(layer, len(scene.layers)))
    edits += _cells(layer, reading, placing)
    after = Batch(tuple(edits)).after(scene)
    if placing.spans and placing.mode is ImportMode.KEYS:
        fresh = {edit.cell.id for edit in edits if isinstance(edit, AddDrawing)}
        edits += new_spans(after.layer(layer.id), fresh, after.exposure)
    return Batch(tuple(edits))


def _cells(layer: Layer, reading: Reading, placing: Placing) -> list[AnyEdit]:
    edits: list[AnyEdit] = []
    number = next_number(layer)
    frame = placing.frame
    for found in reading.drawings:
        drawing = Drawing(new_id(), found.picture.id, number, found.name)
        there = layer.cell_on(frame)
        if there is not None:
            edits.append(ReplaceDrawing(layer.id, there.id, drawing))
        else:
            edits.append(AddDrawing(layer.id, Cell(new_id(), frame, drawing.id), drawing))
        number += 1
        frame += placing.every if placing.mode is ImportMode.KEYS else found.frames
    return edits


def next_key(layer: Layer | None, frame: int) -> int:
    """Where another key goes: this frame, or behind the last drawing where one starts there."""
    if layer is None or layer.cell_on(frame) is None:
        return frame
    return layer.end + KEY_GAP


def next_number(layer: Layer) -> int:
    """The lowest drawing number above all of a layer."""
    return max((drawing.number for drawing in layer.drawings.values()), default=0) + 1


def new_spans(layer: Layer, fresh: set[str], exposure: int) -> list[AnyEdit]:
    """Spans between neighbouring keys of which one is fresh and which have none yet.

    Each gets an even chart that fills its frames at the exposure (2 is on twos).
    """
    keys = [cell for cell in layer.cells if cell.kind.anchor and cell.drawing]
    anchors = [cell for cell in layer.cells if cell.kind.anchor]
    joined = {span.first for span in layer.spans}
    spans: list[AnyEdit] = []
    for first, last in pairwise(anchors):
        if first.id in joined or first not in keys or last not in keys:
            continue
        if first.id not in fresh and last.id not in fresh:
            continue
        count = count_on(exposure, first.frame, last.frame)
        if 0 < count <= MAX_TICKS:
            chart = TimingChart.of("even", count)
            spans.append(AddSpan(layer.id, Span(new_id(), first.id, last.id, chart)))
    return spans
