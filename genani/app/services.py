"""What the window is given by `__main__`: the rooms that app may not import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from genani.app.animating.services import AnimateServices
from genani.app.attach_services import AttachServices
from genani.app.styling.seeds import SeedServices
from genani.app.styling.services import StyleServices
from genani.app.training.services import TrainingServices
from genani.engines.api import Cost, Engine, EngineInfo
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks
from genani.scene.picture import Picture
from genani.scene.plan import Resolve
from genani.scene.request import SpanRequest

Box = tuple[int, int, int, int]
"""Left, top, right and bottom of a part of a picture, in pixels."""

Place = tuple[float, float]
"""x and y on the canvas, in pixels."""


@dataclass(frozen=True)
class Contour:
    """A line of the face.

    Attributes:
        part: what it belongs to.
        points: numbers of landmarks, one after the other.
        closed: the last is joined to the first.
    """

    part: FacePart
    points: tuple[int, ...]
    closed: bool


@dataclass(frozen=True)
class FaceServices:
    """The way to faces: finding them, placing them by hand, and where they are between keys.

    Attributes:
        installed: whether the model that finds faces is there. Reads files, so never called on
            the GUI thread.
        find: the faces in a picture, the best first; looks in the box if there is one, and near
            the face of a neighbouring drawing if that is known. Takes its time, so never called
            on the GUI thread; raises a `GenAniError` that says why it does not work.
        read: the likeliest emotion of the face in a picture and how likely it is, 0 to 1, or None
            without a face; seen against another picture of it at rest if there is one. Takes its
            time, as `find` does.
        carried: a face with the expression of the face in a picture, seen against another picture
            of the latter at rest if there is one, locked parts held; None without a face in the
            picture. Takes its time, as `find` does.
        close: ends the process that finds faces; may be called twice.
        pins: names of the points that are placed by hand, to the numbers of landmarks.
        twins: each pin to the one on the other side of the face; one in the middle to itself.
        groups: pins that are moved together, by the name of the group; each pin is in one.
        parts: which part of the face each pin belongs to.
        contours: the lines of the face.
        outline: landmarks around the whole face, one after the other.
        edges: pairs of landmarks, the sides of the mesh's triangles.
        fit: a whole face from at least three pins; quick.
        placed: the face at rest, filling a box (left, top, right, bottom); quick.
        bent: a face with some of its pins moved, its other pins and locked parts held; quick.
        turned_around: a face as in a mirror, where it is; quick.
        planned: the face at a time between two keys, 0 to 1; quick. Thread-safe.
        draft: what a small picture ((h, w, 4) uint8, premultiplied) would be with its face
            elsewhere: given the face before and after and the pixels it has for one of the
            canvas, the box that changes and what is in it then, or None. Thread-safe.
        attach: the way to drawings that go along with a face.
    """

    installed: Callable[[], bool]
    find: Callable[[Picture, Box | None, Landmarks | None], Sequence[Landmarks]]
    read: Callable[[Picture, Picture | None], tuple[Emotion, float] | None]
    carried: Callable[[Landmarks, Picture, Picture | None, frozenset[FacePart]], Landmarks | None]
    close: Callable[[], None]
    pins: Mapping[str, int]
    twins: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, FacePart]
    contours: Sequence[Contour]
    outline: tuple[int, ...]
    edges: Callable[[], Sequence[tuple[int, int]]]
    fit: Callable[[Mapping[str, Place]], Landmarks]
    placed: Callable[[tuple[float, float, float, float]], Landmarks]
    bent: Callable[[Landmarks, Mapping[str, Place], frozenset[FacePart]], Landmarks]
    turned_around: Callable[[Landmarks], Landmarks]
    planned: Callable[[Landmarks, Landmarks, FaceGuidance | None, Fraction], Landmarks]
    draft: Callable[
        [NDArray[np.uint8], Landmarks, Landmarks, float], tuple[Box, NDArray[np.uint8]] | None
    ]
    attach: AttachServices


@dataclass(frozen=True)
class Services:
    """The way to the engines and their models, to faces, to training and to styles.

    Attributes:
        engine: gives the engine of a name; called on the worker's thread only.
        engines: the name cards of all engines, best first; cheap.
        resolve: names the engine behind `auto` and checks the options; raises a `GenAniError`
            that says what is missing. Cheap enough for the GUI thread.
        choice: why `auto`, or another name, means the engine it does; may be empty. Told, like
            `resolve`, whether a face is marked on both keys.
        estimate: the cost of a request; may import torch, so never called on the GUI thread.
        warm_up: imports what the engines need; called on the worker's thread.
        faces: the way to faces.
        training: the way to data sets, tasks and adapters.
        styling: the way to the stylists.
        animating: the way to what makes a drawing move.
        seeds: the way to what draws faces out of seeds.
    """

    engine: Callable[[str], Engine]
    engines: Callable[[], Sequence[EngineInfo]]
    resolve: Resolve
    choice: Callable[[str, bool], str]
    estimate: Callable[[SpanRequest], Cost]
    warm_up: Callable[[], None]
    faces: FaceServices
    training: TrainingServices
    styling: StyleServices
    animating: AnimateServices
    seeds: SeedServices
