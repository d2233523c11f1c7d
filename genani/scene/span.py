"""A span: what lies between two neighbouring keys, and how it is to be drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from genani.scene.errors import SceneError
from genani.scene.face import FaceGuidance, LandmarkBreakdown
from genani.scene.picture import PictureId
from genani.scene.request import SpanSettings
from genani.scene.timing import TimingChart


@dataclass(frozen=True)
class Span:
    """Two neighbouring anchors (keys or breakdowns), and all that is said about the way between.

    Attributes:
        id: unique in its layer.
        first, last: ids of the two anchor cells.
        chart: one tick an in-between.
        settings: engine, options, seed, face.
        mask: picture whose opaque parts hold still; None lets everything move.
        shown: hash of the take on screen; None shows the take of the present settings.
        kept: hash of the take whose drawings were accepted into the layer.
        rejected: hashes of takes thrown out; they stay rejected when drawn again.
        pinned: hashes of takes that are never cleared away.
    """

    id: str
    first: str
    last: str
    chart: TimingChart = field(default_factory=TimingChart)
    settings: SpanSettings = field(default_factory=SpanSettings)
    mask: PictureId | None = None
    shown: str | None = None
    kept: str | None = None
    rejected: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slot:
    """Where an in-between goes.

    Attributes:
        t: its tick on the chart.
        frame: the frame it is exposed from, or None where the keys stand too close for it.
    """

    t: Fraction
    frame: int | None


def slots(first: int, last: int, chart: TimingChart) -> tuple[Slot, ...]:
    """Share the frames between two keys among the chart's in-betweens, as evenly as frames go.

    Keys on 1 and 9 with three ticks give 3, 5 and 7: on twos. The chart says what each
    drawing shows, the frames say for how long; the two are set apart.
    """
    gap, parts = last - first, len(chart) + 1
    placed: list[Slot] = []
    taken = first
    for number, t in enumerate(chart.ticks, start=1):
        frame = first + gap * number // parts
        if taken < frame < last:
            placed.append(Slot(t, frame))
            taken = frame
        else:
            placed.append(Slot(t, None))
    return tuple(placed)


def count_on(exposure: int, first: int, last: int) -> int:
    """In-betweens that fill the frames between two keys on ones (1), twos (2) or threes (3).

    Raises:
        SceneError: an exposure below 1.
    """
    if exposure < 1:
        raise SceneError("a drawing is exposed for at least one frame")
    return max(0, -(-(last - first) // exposure) - 1)


def check_room(chart: TimingChart, first: int, last: int) -> None:
    """Refuse a chart with more in-betweens than there are frames for.

    Raises:
        SceneError: the text says where the second key would have to go.
    """
    if len(chart) > last - first - 1:
        raise SceneError(
            f"{len(chart)} in-betweens do not fit between frames {first} and {last}: "
            f"move the second key to frame {first + len(chart) + 1} or ask for fewer"
        )


def cut(span: Span, t: Fraction, anchor: str) -> tuple[Span, Span]:
    """The two spans left when a cell becomes an anchor at `t`: the chart shared, no takes yet."""
    before, after = span.chart.split(t)
    fresh = replace(span, shown=None, kept=None, rejected=(), pinned=())
    faces = _breakdowns(span.settings)
    early = tuple(replace(each, t=each.t / t) for each in faces if each.t < t)
    late = tuple(replace(each, t=(each.t - t) / (1 - t)) for each in faces if each.t > t)
    return (
        replace(fresh, last=anchor, chart=before, settings=_passing(span.settings, early)),
        replace(
            fresh,
            id=f"{span.id}~{anchor}",
            first=anchor,
            chart=after,
            settings=_passing(span.settings, late),
        ),
    )


def join(before: Span, after: Span, t: Fraction) -> Span:
    """One span from two whose shared anchor, at `t` of the whole, is gone; `t` becomes a tick."""
    ticks = (
        *(tick * t for tick in before.chart.ticks),
        t,
        *(t + tick * (1 - t) for tick in after.chart.ticks),
    )
    faces = (
        *(replace(each, t=each.t * t) for each in _breakdowns(before.settings)),
        *(replace(each, t=t + each.t * (1 - t)) for each in _breakdowns(after.settings)),
    )
    return Span(
        id=before.id,
        first=before.first,
        last=after.last,
        chart=TimingChart(ticks),
        settings=_passing(before.settings, faces),
        mask=before.mask,
    )


def _breakdowns(settings: SpanSettings) -> tuple[LandmarkBreakdown, ...]:
    return settings.face.breakdowns if settings.face else ()


def _passing(settings: SpanSettings, faces: tuple[LandmarkBreakdown, ...]) -> SpanSettings:
    """The settings with other faces to pass on the way."""
    if faces == _breakdowns(settings):
        return settings
    return replace(settings, face=replace(settings.face or FaceGuidance(), breakdowns=faces))
