"""From a scene to what has to be drawn: a request a span, and only what is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from genani.scene.acting import Pose
from genani.scene.document import Layer, Scene
from genani.scene.errors import SceneError
from genani.scene.face import FaceGuidance
from genani.scene.picture import Picture, PictureId
from genani.scene.request import RequestRecord, SpanRequest, SpanSettings
from genani.scene.span import Span

Resolve = Callable[[SpanSettings, bool], SpanSettings]
"""Names the engine behind `auto`, so that the hash tells what really draws.

Told whether both keys have landmarks. `face` comes back None where the engine follows none."""


class Takes(Protocol):
    """What has been drawn already."""

    def has(self, take: str, t: Fraction) -> bool:
        """True if the take of that hash holds a drawing at `t`."""
        ...


@dataclass(frozen=True)
class PlannedSpan:
    """A span that wants drawing, and the request for what is missing."""

    layer: str
    span: str
    request: SpanRequest


def as_given(settings: SpanSettings, faces: bool) -> SpanSettings:
    """A `Resolve` that leaves `auto` as it is."""
    del faces
    return settings


def record(layer: Layer, span: Span, resolve: Resolve = as_given) -> RequestRecord:
    """The request of a span for every empty slot, pictures by id; no pixels are touched.

    Raises:
        SceneError: a key of the span has no drawing.
    """
    first, last = layer.cell(span.first), layer.cell(span.last)
    if first.drawing is None or last.drawing is None:
        empty = first if first.drawing is None else last
        raise SceneError(f"frame {empty.frame} is empty: a span needs a drawing on both keys")
    filled = {cell.frame for cell in layer.cells}
    keys = layer.drawings[first.drawing], layer.drawings[last.drawing]
    marked = layer.has_faces(span)
    settings = resolve(span.settings, marked)
    # An engine that follows no face draws the same with landmarks and without. Where a plain
    # guidance says nothing to it, it takes only what is felt.
    plain = replace(span.settings, face=FaceGuidance())
    follows = settings.face is not None and resolve(plain, marked).face is not None
    faces = tuple(key.landmarks if follows else None for key in keys)
    if settings.face and follows:
        settings = replace(settings, face=replace(settings.face, poses=_poses(layer, span)))
    return RequestRecord(
        first=keys[0].picture,
        last=keys[1].picture,
        settings=settings,
        first_landmarks=faces[0],
        last_landmarks=faces[1],
        mask=span.mask,
        times=tuple(s.t for s in layer.slots(span) if s.frame and s.frame not in filled),
    )


def _poses(layer: Layer, span: Span) -> tuple[tuple[Fraction, Pose], ...]:
    """What the layer's lanes ask at the frames where a span's in-betweens are exposed."""
    asked = ((slot.t, layer.acting.at(slot.frame)) for slot in layer.slots(span) if slot.frame)
    return tuple((t, pose) for t, pose in asked if pose)


def missing(asked: RequestRecord, takes: Takes) -> tuple[Fraction, ...]:
    """The times of a request that its take does not hold yet."""
    return tuple(t for t in asked.times if not takes.has(asked.hash, t))


def stale(layer: Layer, span: Span, takes: Takes, resolve: Resolve = as_given) -> bool:
    """True if what the span shows is not what its keys, chart and settings ask for now.

    A span is stale while a slot has neither a cell nor a drawing in the take of the present
    request. Moving its keys in time alone leaves it fresh; repainting one does not.
    """
    return bool(missing(record(layer, span, resolve), takes))


def plan(
    scene: Scene,
    picture: Callable[[PictureId], Picture],
    takes: Takes,
    resolve: Resolve = as_given,
    spans: Collection[str] | None = None,
) -> list[PlannedSpan]:
    """Requests for every stale span, in order of layer and time.

    Args:
        scene: what the animator made.
        picture: gives the pixels of an id.
        takes: what is drawn already.
        resolve: names the engine behind `auto`.
        spans: ids to look at; None for all.

    Raises:
        SceneError: a span of the choice has an empty key.
        PictureError: its keys differ in size.
    """
    planned: list[PlannedSpan] = []
    for layer in scene.layers:
        for span in layer.spans:
            if spans is not None and span.id not in spans:
                continue
            asked = record(layer, span, resolve)
            times = missing(asked, takes)
            if times:
                request = SpanRequest.from_record(replace(asked, times=times), picture)
                planned.append(PlannedSpan(layer.id, span.id, request))
    return planned
