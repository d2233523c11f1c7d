"""Reading an emotion off a face: a suggestion for a span, never a verdict on a person.

From MediaPipe's blendshapes, by what differs from the face at rest. The signatures were fitted
(softmax regression with an L1 penalty) to 74 drawings of the ICT face with jittered EMFACS
prototypes, 95 drawings of this project's rig, and 192 of seven photos and a drawing warped by
`genani.face.emotion` or given an emotion by the face engine, then rounded. They name 97 %, 55 %
and 96 % of these right, and 89 % of what the engine made where that picture was left out of the
fit. On flat cartoons MediaPipe's own blendshapes say little, and so do suggestions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genani.scene.face import Emotion

SIGNATURES: Mapping[Emotion, Mapping[str, float]] = {
    Emotion.HAPPY: {
        **{"mouthSmile": 2.3, "mouthPress": 0.5, "mouthDimple": 0.2, "eyeSquint": 0.2},
        **{"mouthShrugUpper": -1.0, "mouthPucker": -0.6, "jawOpen": -0.2},
    },
    Emotion.SAD: {
        **{"mouthRollLower": 1.3, "mouthShrugLower": 1.0, "browInnerUp": 0.6, "mouthFrown": 0.5},
        **{"mouthPucker": 0.3, "mouthSmile": -1.0, "mouthLowerDown": -0.3, "jawOpen": -0.3},
    },
    Emotion.ANGRY: {
        **{"browDown": 1.2, "mouthPress": 0.9, "mouthRollLower": 0.5, "mouthShrugLower": 0.4},
        **{"mouthRollUpper": 0.2, "browInnerUp": -1.6, "mouthUpperUp": -0.5},
        **{"mouthPucker": -0.3, "browOuterUp": -0.2},
    },
    Emotion.SURPRISED: {
        **{"jawOpen": 1.9, "browOuterUp": 0.8, "mouthPucker": 0.8, "browInnerUp": 0.2},
        **{"mouthStretch": -0.8, "mouthShrugUpper": -0.4, "mouthFrown": -0.4},
        **{"mouthShrugLower": -0.2},
    },
    Emotion.FEAR: {
        **{"mouthStretch": 1.4, "browInnerUp": 0.5, "browOuterUp": 0.4, "mouthFrown": 0.4},
        **{"jawOpen": 0.2, "mouthPucker": -0.4, "eyeSquint": -0.3, "mouthPress": -0.2},
        **{"browDown": -0.2},
    },
    Emotion.DISGUST: {
        **{"mouthUpperUp": 1.1, "browDown": 0.8, "mouthLowerDown": 0.5, "mouthFunnel": 0.5},
        **{"mouthShrugUpper": 0.5, "mouthPucker": 0.3, "browInnerUp": -1.0},
        **{"mouthRollLower": -0.6, "eyeWide": -0.4, "mouthRollUpper": -0.3},
    },
}
"""For each emotion, how much more or less of a blendshape (the mean of its two sides) speaks for
it."""

RESTING: Mapping[str, float] = {
    **{"browDown": 0.19, "eyeBlink": 0.03, "eyeSquint": 0.16, "eyeWide": 0.02},
    **{"mouthPress": 0.07, "mouthRollLower": 0.03, "mouthShrugLower": 0.13},
    **{"mouthShrugUpper": 0.02},
}
"""What MediaPipe sees in a face at rest: the mean of neutral drawings of the ICT face."""

_CLEAR = 0.15
"""A difference of the blendshapes, as a vector, that is more likely an expression than none."""

_SHARPNESS = 2.0
"""How surely a signature speaks against the others; fitted with them."""

_NET_SHARE = 0.25

_SILENT = ("_neutral", "eyeLook", "jawLeft", "jawRight", "mouthLeft", "mouthRight", "cheekPuff")
"""Blendshapes that tell no emotion, by how their names begin."""


@dataclass(frozen=True)
class Suggestion:
    """An emotion that a face may show.

    Attributes:
        emotion: which.
        confidence: 0 to 1; those of all seven sum to 1.
    """

    emotion: Emotion
    confidence: float


def read(
    blendshapes: Mapping[str, float], resting: Mapping[str, float] | None = None
) -> tuple[Suggestion, ...]:
    """All seven emotions, the likeliest first.

    Args:
        blendshapes: MediaPipe's names (`mouthSmileLeft`) to 0..1.
        resting: those of the same face at rest, such as a neutral key; by default of faces in
            general. Drawings are read far better with it.
    """
    now, before = _grouped(blendshapes), RESTING if resting is None else _grouped(resting)
    apart = {name: value - before.get(name, 0.0) for name, value in now.items()}
    # Roots, because the weak ones among blendshapes mean as much as the strong ones.
    roots = {name: np.sign(value) * abs(value) ** 0.5 for name, value in apart.items()}
    size = float(np.linalg.norm(list(roots.values()))) if roots else 0.0
    scores: dict[Emotion, float] = {}
    for emotion, signature in SIGNATURES.items():
        told = sum(weight * roots.get(name, 0.0) for name, weight in signature.items())
        scores[emotion] = _SHARPNESS * told / size if size else 0.0
    felt = float(np.linalg.norm(list(apart.values()))) if apart else 0.0
    surely = 1 - float(np.exp(-np.square(felt / _CLEAR)))
    return _ranked(scores, surely)


def combined(
    read_from_points: Sequence[Suggestion], seen_by_net: Sequence[Suggestion]
) -> tuple[Suggestion, ...]:
    """Both readings of one face as one; the net, which knows photographs only, counts little.

    Args:
        read_from_points: from `read`.
        seen_by_net: from `genani.face.expression_net`.
    """
    shares = (1 - _NET_SHARE, _NET_SHARE)
    mixed = dict.fromkeys(Emotion, 0.0)
    for share, reading in zip(shares, (read_from_points, seen_by_net), strict=True):
        for each in reading:
            mixed[each.emotion] += share * each.confidence
    return _in_order(mixed)


def _ranked(scores: Mapping[Emotion, float], surely: float) -> tuple[Suggestion, ...]:
    """Confidences of the six by softmax, sharing what is not left to neutral."""
    powers = np.exp(np.array(list(scores.values())))
    shares = (surely * powers / powers.sum()).tolist()
    return _in_order({Emotion.NEUTRAL: 1 - surely, **dict(zip(scores, shares, strict=True))})


def _in_order(confidences: Mapping[Emotion, float]) -> tuple[Suggestion, ...]:
    order = sorted(confidences, key=lambda emotion: -confidences[emotion])
    return tuple(Suggestion(emotion, confidences[emotion]) for emotion in order)


def _grouped(blendshapes: Mapping[str, float]) -> dict[str, float]:
    """Blendshapes with their two sides as one, the mean of them; those that tell nothing gone."""
    sides: dict[str, list[float]] = {}
    for name, value in blendshapes.items():
        if not name.startswith(_SILENT):
            sides.setdefault(name.removesuffix("Left").removesuffix("Right"), []).append(value)
    return {name: sum(values) / len(values) for name, values in sides.items()}
