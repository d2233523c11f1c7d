"""Faces placed between keys, when a span is cut in two and joined again."""

from __future__ import annotations

from fractions import Fraction

from genani.scene.face import Emotion, FaceGuidance, LandmarkBreakdown, Landmarks
from genani.scene.request import SpanSettings
from genani.scene.span import Span, cut, join
from genani.scene.timing import TimingChart


def face(x: float) -> Landmarks:
    return Landmarks(tuple((x, float(i), 0.0) for i in range(478)))


def passing(*at: tuple[Fraction, float]) -> Span:
    breakdowns = tuple(LandmarkBreakdown(t, face(x)) for t, x in at)
    guidance = FaceGuidance(Emotion.HAPPY, 0.5, breakdowns=breakdowns)
    return Span("s", "a", "b", TimingChart.of("even", 3), SpanSettings(face=guidance))


def stops(span: Span) -> list[tuple[Fraction, float]]:
    assert span.settings.face is not None
    return [(each.t, each.landmarks.points[0][0]) for each in span.settings.face.breakdowns]


def test_faces_stay_where_they_are_when_a_span_is_cut_and_joined() -> None:
    whole = passing((Fraction(1, 4), 1), (Fraction(1, 2), 2), (Fraction(3, 4), 3))
    before, after = cut(whole, Fraction(1, 2), "m")
    assert stops(before) == [(Fraction(1, 2), 1)]
    assert stops(after) == [(Fraction(1, 2), 3)]
    joined = join(before, after, Fraction(1, 2))
    assert stops(joined) == [(Fraction(1, 4), 1), (Fraction(3, 4), 3)]
    assert joined.settings.face is not None
    assert joined.settings.face.emotion is Emotion.HAPPY


def test_settings_without_faces_are_shared() -> None:
    plain = Span("s", "a", "b", TimingChart.of("even", 3))
    before, after = cut(plain, Fraction(1, 2), "m")
    assert before.settings is after.settings is plain.settings
    assert join(before, after, Fraction(1, 2)).settings is plain.settings
