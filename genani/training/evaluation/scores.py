"""What is measured, and measuring it: one clip's truth against what one contestant drew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from genani.face.detect import FaceDetector, FoundFace
from genani.scene.picture import Picture
from genani.training.evaluation.clips import Clip
from genani.training.evaluation.crowds import TRUTH
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
    warped_flicker,
)
from genani.training.metrics_drawing import Palette, line_distance, lines
from genani.training.metrics_face import (
    blendshape_error,
    face_region,
    landmark_error,
    same_emotion,
)

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
    FLICKER_WARPED = "flicker_warped"
    STRANGE_COLOURS = "strange_colours"
    LINES = "line_distance"
    LANDMARKS = "landmark_error"
    FACES_KEPT = "faces_kept"
    BLENDSHAPES = "blendshape_error"
    EMOTION = "emotion_kept"
    FID = "fid"
    FRECHET = "frechet_squeeze"
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


_PAIRED = "on frames where a face is found in every contestant's drawing"

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
    Measure.FLICKER_WARPED: Column(
        "warped", "/255", False, 2, "the same along the truth's motion, where it can be followed"
    ),
    Measure.STRANGE_COLOURS: Column(
        "strange", "%", False, 2, "moving pixels over 4-7 levels off all colours of both keys"
    ),
    Measure.LINES: Column("lines", "px", False, 2, "chamfer distance of the lines"),
    Measure.LANDMARKS: Column(
        "landmarks",
        "%",
        False,
        2,
        f"error of 478 points in percent of the eyes' distance; {_PAIRED}",
    ),
    Measure.FACES_KEPT: Column(
        "faces", "%", True, 0, "frames with a face, of those whose truth has one"
    ),
    Measure.BLENDSHAPES: Column(
        "shapes", "%", False, 2, f"error of 52 blendshapes in percent of their range; {_PAIRED}"
    ),
    Measure.EMOTION: Column(
        "emotion", "%", True, 0, f"frames whose likeliest emotion is the truth's; {_PAIRED}"
    ),
    Measure.FID: Column(
        "FID", "", False, 1, "Fréchet Inception Distance of all frames, by torch-fidelity"
    ),
    Measure.FRECHET: Column(
        "Fréchet sq.", "", False, 4, "the same over SqueezeNet 1.1 features: a proxy, not FID"
    ),
    Measure.FIRST: Column("first", "s", False, 3, "seconds to a span's first in-between"),
    Measure.FURTHER: Column("further", "s", False, 3, "seconds for each further one"),
}

OF_ALL = (Measure.FID, Measure.FRECHET)
"""Measures that only all frames of a contestant have together."""

OF_FOUND_FACES = (Measure.LANDMARKS, Measure.BLENDSHAPES, Measure.EMOTION)
"""Measures that only a frame has on which a face is found."""

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


def paired(scores: Sequence[ClipScore]) -> list[ClipScore]:
    """The scores of one clip, measures of found faces meant over the same frames for all.

    Else whoever loses a face on the hard frames would have the least error on the rest.

    Args:
        scores: of all contestants; those that could not draw the clip stay as they are.
    """
    drawn = [score for score in scores if score.frames]
    made = {id(score): dict(score.values) for score in scores}
    for measure in OF_FOUND_FACES:
        have = [{f.frame for f in each.frames if measure in f.values} for each in drawn]
        shared = set.intersection(*have) if have else set()
        for each in drawn:
            made[id(each)].pop(measure, None)
            own = [{measure: f.values[measure]} for f in each.frames if f.frame in shared]
            made[id(each)] |= mean_values(own)
    return [replace(score, values=made[id(score)]) for score in scores]


@dataclass(frozen=True)
class _Truth:
    image: Image
    moving: Mask
    palette: Palette
    lines: Mask
    features: Features | None
    found: FoundFace | None
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
                found = _face(tools.faces, pictures[frame])
                features = tools.features.features(image) if tools.features else None
                tools.crowds.add(TRUTH, image, features)
                self._truths[frame] = _Truth(
                    image,
                    moving_pixels(first, last, image),
                    palette,
                    lines(image),
                    features,
                    found,
                    face_region(found.landmarks, clip.size) if found else None,
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
                truth = self._truths[frame]
                values = self._frame(contestant, truth, images[frame], drawn[frame])
                frames.append(FrameScore(frame, span.time(frame), values))
        values = mean_values([each.values for each in frames])
        values[Measure.PSNR_CLIP] = pooled_psnr([each.values[Measure.PSNR] for each in frames])
        values |= self._flicker(images)
        values |= _pace(seconds)
        return ClipScore(self._clip.name, self._clip.category, contestant, tuple(frames), values)

    def _frame(self, contestant: str, truth: _Truth, image: Image, picture: Picture) -> Values:
        values: dict[Measure, float | None] = {
            Measure.PSNR: psnr(image, truth.image),
            Measure.SSIM: ssim(image, truth.image),
            Measure.STRANGE_COLOURS: truth.palette.strangers(image, truth.moving),
            Measure.LINES: line_distance(lines(image), truth.lines),
        }
        features = self._tools.features.features(image) if self._tools.features else None
        self._tools.crowds.add(contestant, image, features)
        if self._tools.features and features and truth.features:
            from genani.training.metrics_features import mean_distance

            maps = self._tools.features.maps(features, truth.features)
            values[Measure.SQUEEZE] = mean_distance(maps)
            values[Measure.SQUEEZE_MOVING] = mean_distance(maps, truth.moving)
            if truth.face is not None:
                values[Measure.SQUEEZE_FACE] = mean_distance(maps, truth.face)
        if truth.found:
            found, true = _face(self._tools.faces, picture), truth.found
            values[Measure.FACES_KEPT] = 100.0 if found else 0.0
            if found:
                values[Measure.LANDMARKS] = landmark_error(found.landmarks, true.landmarks)
                shapes = found.blendshapes, true.blendshapes
                values[Measure.BLENDSHAPES] = blendshape_error(*shapes)
                values[Measure.EMOTION] = 100.0 if same_emotion(*shapes) else 0.0
        return {measure: value for measure, value in values.items() if value is not None}

    def _flicker(self, images: Mapping[int, Image]) -> Values:
        begin, end = self._clip.keys[0], self._clip.keys[-1]
        results = [images.get(i, self._images[i]) for i in range(begin, end + 1)]
        truths = self._images[begin : end + 1]
        values = {Measure.FLICKER: flicker(results, truths)}
        warped = warped_flicker(results, truths)
        return values if warped is None else {**values, Measure.FLICKER_WARPED: warped}


def _face(faces: FaceDetector | None, picture: Picture) -> FoundFace | None:
    found = faces.detect(picture) if faces else []
    return found[0] if found else None


def _pace(seconds: Sequence[Sequence[float]]) -> Values:
    first = [span[0] for span in seconds if span]
    further = [each for span in seconds for each in span[1:]]
    values: Values = {Measure.FIRST: math.fsum(first) / len(first)} if first else {}
    if further:
        values[Measure.FURTHER] = math.fsum(further) / len(further)
    return values
