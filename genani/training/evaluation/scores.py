"""What is measured, and measuring it: one clip's truth against what one contestant drew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from genani.face.detect import FaceDetector
from genani.scene.face import Landmarks
from genani.scene.picture import Picture
from genani.training.evaluation.clips import Clip
from genani.training.evaluation.instruments import Instruments
from genani.training.metrics import (
    PSNR_CAP,
    Image,
    Mask,
    flicker,
    moving_pixels,
    on_white,
    pooled_psnr,
    psnr,
    ssim,
)
from genani.training.metrics_drawing import Palette, line_distance, lines
from genani.training.metrics_face import face_region, landmark_error

if TYPE_CHECKING:
    from genani.training.metrics_features import Features


class Measure(StrEnum):
    """The columns of a report, by the names they have in its JSON."""

    PSNR = "psnr"
    PSNR_CLIP = "psnr_clip"
    SSIM = "ssim"
    SQUEEZE = "squeeze_distance"
    SQUEEZE_MOVING = "squeeze_distance_moving"
    SQUEEZE_FACE = "squeeze_distance_face"
    FLICKER = "flicker"
    STRANGE_COLOURS = "strange_colours"
    LINES = "line_distance"
    LANDMARKS = "landmark_error"
    FACES_KEPT = "faces_kept"
    FIRST = "seconds_first"
    FURTHER = "seconds_further"


@dataclass(frozen=True)
class Column:
    """How a measure is shown.

    Attributes:
        title: a word or two.
        unit: `dB`, `px`, `%`, ...; may be empty.
        higher_is_better: which way is good.
        digits: after the point.
        about: one sentence.
    """

    title: str
    unit: str
    higher_is_better: bool
    digits: int
    about: str


COLUMNS: Mapping[Measure, Column] = {
    Measure.PSNR: Column(
        "PSNR",
        "dB",
        True,
        2,
        f"on white, mean over frames; an equal picture counts {PSNR_CAP:g} dB in means",
    ),
    Measure.PSNR_CLIP: Column(
        "of clip", "dB", True, 2, "PSNR of a clip's mean error: near-equal frames cannot lift it"
    ),
    Measure.SSIM: Column("SSIM", "", True, 3, "structural similarity of the luma (Wang 2004)"),
    Measure.SQUEEZE: Column(
        "squeeze", "", False, 3, "distance of SqueezeNet 1.1 features, uncalibrated, not LPIPS"
    ),
    Measure.SQUEEZE_MOVING: Column("sq. moving", "", False, 3, "the same over moving pixels only"),
    Measure.SQUEEZE_FACE: Column(
        "sq. face", "", False, 3, "the same inside the face, where the truth shows one"
    ),
    Measure.FLICKER: Column(
        "flicker", "/255", False, 2, "|change from frame to frame - the truth's change|"
    ),
    Measure.STRANGE_COLOURS: Column(
        "strange", "%", False, 2, "moving pixels over 4-7 levels off all colours of both keys"
    ),
    Measure.LINES: Column("lines", "px", False, 2, "chamfer distance of the lines"),
    Measure.LANDMARKS: Column(
        "landmarks", "%", False, 2, "mean error of 478 points in percent of the eyes' distance"
    ),
    Measure.FACES_KEPT: Column(
        "faces", "%", True, 0, "frames with a face, of those whose truth has one"
    ),
    Measure.FIRST: Column("first", "s", False, 3, "seconds to a span's first in-between"),
    Measure.FURTHER: Column("further", "s", False, 3, "seconds for each further one"),
}

Values = dict[Measure, float]
"""What was measured; a measure that is missing was not, or had nothing to measure."""


@dataclass(frozen=True)
class FrameScore:
    """One in-between against the truth.

    Attributes:
        frame: its number in the clip, from 0.
        t: where it sits between its keys.
        values: of the measures that one frame has.
    """

    frame: int
    t: Fraction
    values: Values


@dataclass(frozen=True)
class ClipScore:
    """One contestant's in-betweens of one clip.

    Attributes:
        clip, category, contestant: their names.
        frames: rising; empty where the clip could not be drawn.
        values: means over the frames, and the measures that only a whole clip has.
        error: why the clip could not be drawn; empty where it was.
    """

    clip: str
    category: str
    contestant: str
    frames: tuple[FrameScore, ...] = ()
    values: Values = field(default_factory=dict)
    error: str = ""


def mean_values(values: Sequence[Values]) -> Values:
    """Each measure's mean over those that have it; an infinite PSNR counts as `PSNR_CAP`."""
    means: Values = {}
    for measure in Measure:
        found = [each[measure] for each in values if measure in each]
        if found:
            means[measure] = math.fsum(min(x, PSNR_CAP) if math.isinf(x) else x for x in found)
            means[measure] /= len(found)
    return means


@dataclass(frozen=True)
class _Truth:
    image: Image
    moving: Mask
    palette: Palette
    lines: Mask
    features: Features | None
    landmarks: Landmarks | None
    face: Mask | None


class Referee:
    """Measures what contestants draw of one clip; what depends on the truth alone is done once.

    Args:
        clip: the clip.
        pictures: all its frames.
        tools: what there is to measure with.
    """

    def __init__(self, clip: Clip, pictures: Sequence[Picture], tools: Instruments) -> None:
        self._clip = clip
        self._tools = tools
        self._images = [on_white(picture) for picture in pictures]
        self._truths: dict[int, _Truth] = {}
        for span in clip.spans:
            first, last = self._images[span.first], self._images[span.last]
            palette = Palette(first, last)
            for frame in span.truth:
                image = self._images[frame]
                landmarks = _landmarks(tools.faces, pictures[frame])
                self._truths[frame] = _Truth(
                    image,
                    moving_pixels(first, last, image),
                    palette,
                    lines(image),
                    tools.features.features(image) if tools.features else None,
                    landmarks,
                    face_region(landmarks, clip.size) if landmarks else None,
                )

    def score(
        self, contestant: str, drawn: Mapping[int, Picture], seconds: Sequence[Sequence[float]]
    ) -> ClipScore:
        """Measure a contestant.

        Args:
            contestant: its label.
            drawn: every truth frame's in-between, by frame.
            seconds: what each drawing took, span by span, in the order of drawing.
        """
        images = {frame: on_white(picture) for frame, picture in drawn.items()}
        frames: list[FrameScore] = []
        for span in self._clip.spans:
            for frame in span.truth:
                values = self._frame(self._truths[frame], images[frame], drawn[frame])
                frames.append(FrameScore(frame, span.time(frame), values))
        values = mean_values([each.values for each in frames])
        values[Measure.PSNR_CLIP] = pooled_psnr([each.values[Measure.PSNR] for each in frames])
        values[Measure.FLICKER] = self._flicker(images)
        values |= _pace(seconds)
        return ClipScore(self._clip.name, self._clip.category, contestant, tuple(frames), values)

    def _frame(self, truth: _Truth, image: Image, picture: Picture) -> Values:
        values: dict[Measure, float | None] = {
            Measure.PSNR: psnr(image, truth.image),
            Measure.SSIM: ssim(image, truth.image),
            Measure.STRANGE_COLOURS: truth.palette.strangers(image, truth.moving),
            Measure.LINES: line_distance(lines(image), truth.lines),
        }
        if self._tools.features and truth.features:
            from genani.training.metrics_features import mean_distance

            maps = self._tools.features.maps(self._tools.features.features(image), truth.features)
            values[Measure.SQUEEZE] = mean_distance(maps)
            values[Measure.SQUEEZE_MOVING] = mean_distance(maps, truth.moving)
            if truth.face is not None:
                values[Measure.SQUEEZE_FACE] = mean_distance(maps, truth.face)
        if truth.landmarks:
            found = _landmarks(self._tools.faces, picture)
            values[Measure.FACES_KEPT] = 100.0 if found else 0.0
            if found:
                values[Measure.LANDMARKS] = landmark_error(found, truth.landmarks)
        return {measure: value for measure, value in values.items() if value is not None}

    def _flicker(self, images: Mapping[int, Image]) -> float:
        begin, end = self._clip.keys[0], self._clip.keys[-1]
        results = [images.get(i, self._images[i]) for i in range(begin, end + 1)]
        return flicker(results, self._images[begin : end + 1])


def _landmarks(faces: FaceDetector | None, picture: Picture) -> Landmarks | None:
    found = faces.detect(picture) if faces else []
    return found[0].landmarks if found else None


def _pace(seconds: Sequence[Sequence[float]]) -> Values:
    first = [span[0] for span in seconds if span]
    further = [each for span in seconds for each in span[1:]]
    values: Values = {Measure.FIRST: math.fsum(first) / len(first)} if first else {}
    if further:
        values[Measure.FURTHER] = math.fsum(further) / len(further)
    return values
