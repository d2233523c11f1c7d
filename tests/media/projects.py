"""A small scene with all that a project can hold, and its pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
from PIL import ImageCms

from genani.scene.document import Cell, CellKind, Drawing, Layer, Marker, Scene
from genani.scene.errors import PictureError
from genani.scene.picture import Picture, PictureId
from genani.scene.request import InBetween, SpanSettings
from genani.scene.span import Span
from genani.scene.take import Take, TakeInfo
from genani.scene.timing import TimingChart

HALF = Fraction(1, 2)
TAKE = "ab" * 32
_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Without the date it was made on, so that it is the same in a child process.
SRGB_PROFILE = _PROFILE[:24] + bytes(12) + _PROFILE[36:]


def noisy(seed: int, depth: int = 8, icc: bytes = b"", size: tuple[int, int] = (32, 24)) -> Picture:
    kind = np.uint16 if depth == 16 else np.uint8
    shape = (size[1], size[0], 4)
    return Picture(np.random.default_rng(seed).integers(0, 1 << depth, shape, kind), icc)


class Shelf:
    """Pictures by id; counts how often each is asked for."""

    def __init__(self, *pictures: Picture) -> None:
        self.held = {picture.id: picture for picture in pictures}
        self.asked: list[PictureId] = []

    def __call__(self, picture_id: PictureId) -> Picture:
        self.asked.append(picture_id)
        if picture_id not in self.held:
            raise PictureError(f"the picture {picture_id[:12]} of this scene is missing")
        return self.held[picture_id]


KEYS = (noisy(1), noisy(2, depth=16, icc=SRGB_PROFILE), noisy(3, icc=SRGB_PROFILE))
MASK = noisy(4)
FORGOTTEN = noisy(5)


def shelf() -> Shelf:
    return Shelf(*KEYS, MASK, FORGOTTEN)


IDS = tuple(picture.id for picture in (*KEYS, FORGOTTEN, MASK))


def scene(ids: tuple[PictureId, ...] = IDS) -> Scene:
    drawings = [
        Drawing(f"d{number}", picture, number, f"key{number}.png")
        for number, picture in enumerate(ids[:4], start=1)
    ]
    cells = (
        Cell("c1", 1, "d1"),
        Cell("c2", 5, "d2", CellKind.BREAKDOWN),
        Cell("c3", 9, "d3"),
        Cell("c4", 12, None),
    )
    spans = (
        Span("s1", "c1", "c2", TimingChart.of("halves"), SpanSettings("blend", seed=7)),
        Span("s2", "c2", "c3", TimingChart.of("thirds"), mask=ids[4], pinned=(TAKE,)),
    )
    layer = Layer("L1", "Käfer", {d.id: d for d in drawings}, cells, spans, opacity=0.5)
    paper = Layer("L0", "paper")
    return Scene(32, 24, layers=(paper, layer), name="walk", markers=(Marker(3, "here"),))


def exposed_scene(ids: tuple[PictureId, ...] = IDS) -> Scene:
    """The scene as a save leaves it: without the drawing that no cell exposes."""
    full = scene(ids)
    layer = full.layers[1]
    kept = {name: d for name, d in layer.drawings.items() if name != "d4"}
    return replace(full, layers=(full.layers[0], replace(layer, drawings=kept)))


INFO = TakeInfo(
    "blend", SpanSettings("blend", seed=7), datetime(2026, 3, 4, tzinfo=UTC), 2.5, "cpu"
)
INBETWEENS = {
    Fraction(1, 3): InBetween(Fraction(1, 3), noisy(31), ("eyes far apart",)),
    Fraction(2, 3): InBetween(Fraction(2, 3), noisy(32)),
}
SAVED_TAKE = Take(TAKE, INFO, tuple(INBETWEENS))


def drawn(take: str, t: Fraction) -> InBetween | None:
    return INBETWEENS.get(t) if take == TAKE else None
