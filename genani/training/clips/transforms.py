"""What augmentation does to a clip, and how landmarks and records follow it exactly.

The published ranges (docs: GenerAN): mirrored; turned by up to 5 degrees; zoomed in or out by 5 to
10 %, cropped at random; brightness by up to 20 %, saturation by 5 to 10 %, a mild Gaussian blur;
played at 0.9 or 1.1 of the speed, one or two frames dropped, the first and last frames moved.
A recipe holds all that is done to one clip: it is drawn once and applied to every frame alike.
Places are in pixels from the picture's corner, so the middle of the first pixel is at 0.5.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genani.face.mesh import FloatArray, canonical
from genani.training.clips import acting, framing, head
from genani.training.clips.records import Face, Record, Triple, frame_names
from genani.training.clips.shots import SHORTEST

TURN = 5.0
"""Degrees, either way."""

ZOOM = (0.05, 0.10)
"""How much larger or smaller."""

BRIGHTNESS, SATURATION = 0.20, (0.05, 0.10)

BLUR = (0.3, 0.8)
"""Sigma in pixels of a frame 256 high; it grows with the frame."""

SPEEDS = (0.9, 1.1)
MOST_DROPPED = 2
SHIFT = 4
"""Frames by which the start and the end may move inwards."""

Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class Recipe:
    """Everything that is done to one clip; the default does nothing.

    Attributes:
        mirror: whether it is seen in a mirror.
        turn: degrees, clockwise as one sees it.
        zoom: 1.08 makes things larger by 8 %.
        shift: where the window lies that is seen, in shares of the room there is: -1 to 1.
        brightness, saturation: factors.
        blur: sigma in pixels of a frame 256 high, 0 for none.
        speed: 1.1 plays faster, so the clip is shorter.
        start, end: frames cut off at either end.
        dropped: frames left out, counted from 0 in what is then left.
    """

    mirror: bool = False
    turn: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    brightness: float = 1.0
    saturation: float = 1.0
    blur: float = 0.0
    speed: float = 1.0
    start: int = 0
    end: int = 0
    dropped: tuple[int, ...] = ()

    def told(self) -> dict[str, Any]:
        """What differs from doing nothing, for the record."""
        plain = asdict(Recipe())
        changed = {name: value for name, value in asdict(self).items() if value != plain[name]}
        return {
            n: list(value) if isinstance(value, tuple) else value for n, value in changed.items()
        }

    def scaled(self, strength: float) -> Recipe:
        """The same, so many times as strong; 0 does nothing at all, time included."""
        if strength == 0:
            return Recipe()
        return replace(
            self,
            turn=self.turn * strength,
            zoom=1 + (self.zoom - 1) * strength,
            brightness=1 + (self.brightness - 1) * strength,
            saturation=1 + (self.saturation - 1) * strength,
            blur=self.blur * strength,
        )


def seeded(*parts: object) -> np.random.Generator:
    """Random numbers that depend on these values alone, on any machine."""
    text = "\0".join(map(str, parts)).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text).digest()[:16], "big"))


def drawn(rng: np.random.Generator, frames: int, temporal: bool = True) -> Recipe:
    """A recipe at random; one in four or so of its parts does nothing.

    Args:
        rng: gives the chances; use `seeded`.
        frames: of the clip; short ones are not shortened further.
        temporal: False leaves the frames and their order as they are.
    """

    def sign() -> float:
        return float(rng.choice((-1.0, 1.0)))

    spatial = Recipe(
        mirror=bool(rng.random() < 0.5),
        turn=float(rng.uniform(-TURN, TURN)) if rng.random() < 0.75 else 0.0,
        zoom=1 + sign() * float(rng.uniform(*ZOOM)) if rng.random() < 0.75 else 1.0,
        shift=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
        brightness=float(rng.uniform(1 - BRIGHTNESS, 1 + BRIGHTNESS)),
        saturation=1 + sign() * float(rng.uniform(*SATURATION)),
        blur=float(rng.uniform(*BLUR)) if rng.random() < 0.25 else 0.0,
    )
    return _in_time(rng, spatial, frames) if temporal else spatial


def _in_time(rng: np.random.Generator, recipe: Recipe, frames: int) -> Recipe:
    room = max(min(SHIFT, (frames - SHORTEST) // 3), 0)
    start, end = (int(rng.integers(0, room + 1)) for _ in range(2))
    speed = float(rng.choice((1.0, *SPEEDS)))
    changed = {**asdict(recipe), "start": start, "end": end, "speed": speed}
    if (left := len(order(Recipe(**changed), frames))) < SHORTEST:
        changed["speed"] = 1.0
        left = len(order(Recipe(**changed), frames))
    most = max(min(MOST_DROPPED, left - SHORTEST), 0)
    count = int(rng.integers(0, most + 1))
    # Never a key: the first and the last frame are what the rest is drawn between.
    chosen = rng.choice(np.arange(1, left - 1), count, replace=False) if count else []
    return Recipe(**{**changed, "dropped": tuple(sorted(int(each) for each in chosen))})


def order(recipe: Recipe, frames: int) -> list[int]:
    """Which frame of the original is shown on each frame of the new clip, counted from 0.

    No frame is mixed of two: at 0.9 of the speed some are held longer, at 1.1 some fall away.
    """
    first, last = recipe.start, frames - 1 - recipe.end
    count = max(round((last - first) / recipe.speed), 1) + 1
    shown = [first + math.floor((last - first) * i / (count - 1) + 0.5) for i in range(count)]
    return [frame for place, frame in enumerate(shown) if place not in recipe.dropped]


def affine(recipe: Recipe, size: tuple[int, int]) -> FloatArray:
    """(2, 3) from places of the picture, mirrored if it is to be, to those of the new one.

    It turns about the middle; zoomed in, the window lies anywhere within the picture, zoomed out,
    the picture anywhere within the window.
    """
    angle, zoom = math.radians(recipe.turn), recipe.zoom
    linear = zoom * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    middle = np.array(size, np.float64) / 2
    room = np.abs(zoom - 1) * middle
    return np.column_stack([linear, middle + np.array(recipe.shift) * room - linear @ middle])


def frame(recipe: Recipe, pixels: Frame) -> Frame:
    """One picture with everything done to it that is not about time.

    What comes into sight over the edges continues them. Colours are weighed by alpha.

    Args:
        recipe: what is done.
        pixels: (H, W, 4) uint8, straight alpha.
    """
    import cv2

    if recipe.mirror:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    height, width = pixels.shape[:2]
    matrix = affine(recipe, (width, height))
    still = np.array_equal(matrix, np.eye(2, 3))
    colours = recipe.brightness != 1 or recipe.saturation != 1
    if still and not colours and not recipe.blur:
        return pixels
    rgba = pixels.astype(np.float32) / np.float32(255)
    if colours:
        rgba[..., :3] = _coloured(rgba[..., :3], recipe.saturation, recipe.brightness)
    rgba[..., :3] *= rgba[..., 3:]
    if not still:
        # OpenCV counts from the middle of the first pixel.
        matrix = matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
        method, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        rgba = cv2.warpAffine(rgba, matrix, (width, height), flags=method, borderMode=border)
    if recipe.blur:
        sigma = recipe.blur * height / 256
        rgba = cv2.GaussianBlur(rgba, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return framing.straight(np.asarray(rgba, np.float32))


def _coloured(
    rgb: NDArray[np.floating], saturation: float, brightness: float
) -> NDArray[np.floating]:
    grey = (rgb @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    changed = (grey + np.float32(saturation) * (rgb - grey)) * np.float32(brightness)
    return np.clip(changed, 0, 1)


def points(recipe: Recipe, mesh: FloatArray, size: tuple[int, int]) -> FloatArray:
    """(478, 3) where the points of a face come to lie; those of left and right change places.

    Args:
        recipe: what is done.
        mesh: (478, 3) pixels, NaN where unknown.
        size: width and height of the picture.
    """
    if recipe.mirror:
        mesh = mesh[canonical().mirror] * (-1.0, 1.0, 1.0) + (size[0], 0.0, 0.0)
    matrix = affine(recipe, size)
    flat = mesh[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return np.column_stack([flat, recipe.zoom * mesh[:, 2]])


def face(recipe: Recipe, before: Face, size: tuple[int, int]) -> Face:
    """The face in the new picture: its points, its sides' names, its head and its lids."""
    matrix = None if before.matrix is None else np.array(before.matrix, np.float64)
    shapes, lids, parts = dict(before.blendshapes), before.lids, before.parts
    if recipe.mirror:
        shapes = {other_side(name): value for name, value in shapes.items()}
        lids = None if lids is None else (lids[1], lids[0])
        matrix = None if matrix is None else head.mirrored(matrix)
    if matrix is not None:
        matrix = head.moved(matrix, affine(recipe, size), size)
    angles = before.head if matrix is None else head.angles(matrix)
    return msgspec.structs.replace(
        before,
        points=_rounded(points(recipe, before.array(), size)) if before.points else [],
        blendshapes=shapes,
        lids=lids,
        matrix=None if matrix is None else [[round(float(v), 5) for v in row] for row in matrix],
        head=None
        if angles is None
        else (round(angles[0], 2), round(angles[1], 2), round(angles[2], 2)),
        parts=_parts(recipe, parts, size),
    )


def _rounded(mesh: FloatArray) -> list[Triple]:
    return [(x, y, z) for x, y, z in np.round(mesh, 2).tolist()]


def _parts(
    recipe: Recipe, parts: Mapping[str, Sequence[tuple[float, ...]]], size: tuple[int, int]
) -> dict[str, list[tuple[float, ...]]]:
    matrix = affine(recipe, size)
    moved: dict[str, list[tuple[float, ...]]] = {}
    for name, listed in parts.items():
        there: list[tuple[float, ...]] = []
        for x, y, *depth in listed:
            seen = np.array([size[0] - x if recipe.mirror else x, y])
            flat = np.round(matrix[:, :2] @ seen + matrix[:, 2], 2).tolist()
            there.append((*flat, *(round(recipe.zoom * z, 2) for z in depth)))
        moved[other_side(name) if recipe.mirror else name] = there
    return moved


_SIDES = {"left": "right", "Left": "Right", "LEFT": "RIGHT"}
_SIDES |= {other: side for side, other in _SIDES.items()}
# A side stands at the start or the end of a word, never within one ("bright", "upright").
_SIDE = re.compile(
    r"(?<![a-z])(left|right)(?![a-z])|(Left|Right)(?![a-z])|(?<![A-Z])(LEFT|RIGHT)(?![A-Z])"
)


def other_side(name: str) -> str:
    """The name of a part, a line or a blendshape on the other side of the face.

    `eyeBlinkLeft` and `eyeBlinkRight`, `left_eye` and `right_eye`, `right brow` and `left brow`.
    """
    return _SIDE.sub(lambda found: _SIDES[found[0]], name)


def record(recipe: Recipe, before: Record, clip_id: str, size: tuple[int, int]) -> Record:
    """The record of the new clip: its frames numbered anew, everything following them.

    The emotion stays: a mirrored smirk is the same smirk.

    Args:
        recipe: what is done.
        before: the clip's record.
        clip_id: the new clip's name.
        size: width and height of the frames.
    """
    shown = [before.frames[index] for index in order(recipe, len(before.frames))]
    names = frame_names(len(shown))
    done: dict[str, Face] = {}
    marks: dict[str, Face] = {}
    for new, old in zip(names, shown, strict=True):
        if old in before.landmarks:
            if old not in done:
                done[old] = face(recipe, before.landmarks[old], size)
            marks[new] = done[old]
    shut = [marks[name].lids if name in marks else None for name in names]
    return msgspec.structs.replace(
        before,
        clip_id=clip_id,
        start_frame=names[0],
        middle_frames=names[1:-1],
        end_frame=names[-1],
        landmarks=marks,
        blinks=acting.blinks(shut),
        span=None,
        augmented_from=before.root,
        recipe=recipe.told(),
    )
