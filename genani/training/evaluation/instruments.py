"""What the measures need beyond arithmetic: ImageNet features and a face detector."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from genani.face.detect import MODEL as FACE_MODEL
from genani.face.detect import MODEL_FILE as FACE_FILE
from genani.face.detect import FaceDetector
from genani.scene.errors import ModelError
from genani.store import models
from genani.training.evaluation.crowds import Crowds
from genani.training.metrics_frechet import fidelity_weights

if TYPE_CHECKING:
    from genani.training.metrics_features import SqueezeDistance

FEATURES_MODEL = "squeezenet-features"
FEATURES_FILE = "squeezenet_v1.1.caffemodel"


@dataclass(frozen=True)
class Instruments:
    """The measuring devices of one evaluation.

    Attributes:
        features: for the perceptual distances; None where its weights are not installed.
        faces: for landmarks and the face region; None likewise.
        crowds: collect what is drawn, for distances of whole sets.
        absent: what cannot be measured -> why, and how to get it.
    """

    features: SqueezeDistance | None = None
    faces: FaceDetector | None = None
    crowds: Crowds = field(default_factory=Crowds)
    absent: dict[str, str] = field(default_factory=dict)


@contextmanager
def instruments(
    feature_weights: Path | None = None,
    face_model: Path | None = None,
    fid_weights: Path | None = None,
) -> Iterator[Instruments]:
    """Open what is there; what the model store lacks is left out, not an error.

    Args:
        feature_weights: the SqueezeNet 1.1 Caffe model; None asks the model store.
        face_model: MediaPipe's Face Landmarker bundle; None asks the model store.
        fid_weights: torch-fidelity's Inception weights; None looks where it keeps them.

    Raises:
        ModelError: a file that was named is missing or broken.
    """
    absent: dict[str, str] = {}
    features: SqueezeDistance | None = None
    faces: FaceDetector | None = None
    with ExitStack() as stack:
        try:
            features = _features(feature_weights or models.path(FEATURES_MODEL, FEATURES_FILE))
        except ModelError as error:
            if feature_weights:
                raise
            absent["the perceptual distances"] = _told(error, FEATURES_MODEL)
        try:
            path = face_model or models.path(FACE_MODEL, FACE_FILE)
            faces = stack.enter_context(FaceDetector(path))
        except ModelError as error:
            if face_model:
                raise
            absent["what concerns faces"] = _told(error, FACE_MODEL)
        crowds = Crowds()
        try:
            weights = fidelity_weights(fid_weights)
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="genani-fid-")))
            crowds = Crowds(place, weights)
        except ModelError as error:
            if fid_weights:
                raise
            proxy = (
                "; the Fréchet distance over SqueezeNet's features stands in" if features else ""
            )
            absent["FID"] = f"{error}{proxy}"
        yield Instruments(features, faces, crowds, absent)


def _features(path: Path) -> SqueezeDistance:
    from genani.training.metrics_features import SqueezeDistance

    return SqueezeDistance(path)


def _told(error: ModelError, model: str) -> str:
    how = f"genani models fetch {model}"
    return str(error) if how in str(error) else f"{error}; `{how}` gets it"
