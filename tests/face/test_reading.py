from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genani.face.reading import RESTING, SIGNATURES, Suggestion, combined, read
from genani.scene.face import Emotion

# What MediaPipe 1.2.2 sees on drawings of the ICT face with the prototypes of EMFACS.
SEEN = {
    Emotion.HAPPY: {"browDown": 0.23, "eyeBlink": 0.08, "eyeSquint": 0.39, "mouthSmile": 0.73,
                    "mouthPress": 0.09, "mouthShrugLower": 0.03},
    Emotion.SAD: {"browDown": 0.18, "browInnerUp": 0.03, "eyeSquint": 0.13, "eyeWide": 0.03,
                  "mouthPress": 0.04, "mouthRollLower": 0.13, "mouthRollUpper": 0.05,
                  "mouthShrugLower": 0.40, "mouthShrugUpper": 0.06},
    Emotion.ANGRY: {"browDown": 0.55, "eyeSquint": 0.24, "mouthPress": 0.16,
                    "mouthRollLower": 0.15, "mouthRollUpper": 0.09, "mouthShrugLower": 0.21},
    Emotion.SURPRISED: {"browInnerUp": 0.31, "browOuterUp": 0.16, "eyeSquint": 0.06,
                        "eyeWide": 0.11, "jawOpen": 0.22, "mouthRollUpper": 0.07},
    Emotion.FEAR: {"browDown": 0.05, "browInnerUp": 0.13, "browOuterUp": 0.04, "eyeWide": 0.07,
                   "eyeSquint": 0.07, "mouthFrown": 0.05, "mouthStretch": 0.3,
                   "mouthPress": 0.05, "mouthShrugUpper": 0.04},
    Emotion.DISGUST: {"browDown": 0.56, "eyeSquint": 0.22, "mouthUpperUp": 0.38,
                      "mouthShrugUpper": 0.08, "mouthPress": 0.04},
}  # fmt: skip

shares = st.dictionaries(
    st.sampled_from(sorted({name for each in SEEN.values() for name in each})), st.floats(0, 1)
)


def sided(grouped: dict[str, float]) -> dict[str, float]:
    whole = {"browInnerUp", "jawOpen", "mouthRollLower", "mouthRollUpper"}
    whole |= {"mouthShrugLower", "mouthShrugUpper"}
    return {
        name: value
        for group, value in grouped.items()
        for name in ([group] if group in whole else [f"{group}Left", f"{group}Right"])
    }


@pytest.mark.parametrize("emotion", list(SEEN))
def test_each_emotion_is_read_from_what_the_detector_sees_of_it(emotion: Emotion) -> None:
    found = read(sided(SEEN[emotion]))
    assert found[0].emotion is emotion
    assert found[0].confidence > 0.4


def test_a_face_at_rest_is_neutral() -> None:
    likeliest = read(sided(dict(RESTING)))[0]
    assert likeliest.emotion is Emotion.NEUTRAL
    assert likeliest.confidence > 0.95
    assert read({})[0].emotion is Emotion.NEUTRAL


@given(shares)
@settings(deadline=None)
def test_a_face_is_neutral_against_itself(seen: dict[str, float]) -> None:
    assert read(seen, seen)[0].confidence == 1


@given(shares, shares)
@settings(deadline=None)
def test_confidences_are_ranked_and_sum_to_one(
    seen: dict[str, float], resting: dict[str, float]
) -> None:
    found = read(seen, resting)
    assert {each.emotion for each in found} == set(Emotion)
    assert sum(each.confidence for each in found) == pytest.approx(1)
    assert [f.confidence for f in found] == sorted((f.confidence for f in found), reverse=True)


@given(shares)
@settings(deadline=None)
def test_left_and_right_count_alike(seen: dict[str, float]) -> None:
    one = {f"{name}Left": value for name, value in seen.items()}
    two = {f"{name}Right": value for name, value in seen.items()}
    assert read(one) == read(two)


def test_what_the_drawing_shows_at_rest_is_taken_off() -> None:
    resting = {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6}
    acting = resting | {"jawOpen": 0.3}
    assert read(acting, resting)[0].emotion is Emotion.SURPRISED
    assert read(acting)[0].emotion is Emotion.HAPPY


def test_more_of_an_expression_is_surer() -> None:
    confidences = [
        {s.emotion: s.confidence for s in read(sided({"mouthSmile": much}), {})}[Emotion.HAPPY]
        for much in (0.05, 0.1, 0.3, 0.8)
    ]
    assert confidences == sorted(confidences)
    assert confidences[0] < 0.2 < 0.7 < confidences[-1]


def test_signatures_name_six_emotions() -> None:
    assert set(SIGNATURES) == set(Emotion) - {Emotion.NEUTRAL}


def test_the_net_counts_less_than_the_points() -> None:
    happy = read(sided(SEEN[Emotion.HAPPY]))
    net = tuple(Suggestion(e, float(e is Emotion.ANGRY)) for e in Emotion)
    both = combined(happy, net)
    assert both[0].emotion is Emotion.HAPPY
    assert sum(each.confidence for each in both) == pytest.approx(1)
    assert {s.emotion: s.confidence for s in both}[Emotion.ANGRY] > 0.2
