"""The expression net of face-api: probabilities of seven emotions for a cropped face.

V. Mühler's net (MIT): four densely connected blocks of depthwise separable convolutions, after
F. Chollet, "Xception", CVPR 2017. Its weights are 8-bit numbers with a scale and an offset each.
Trained on photographs; on drawings it is a hint at best.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genani.face.detect import on_white
from genani.face.reading import Suggestion
from genani.scene.errors import ModelError
from genani.scene.face import Emotion, Landmarks
from genani.scene.picture import Picture

MODEL = "face-expression"
"""The entry of the model store whose files this net takes."""

_WEIGHTS = "face_expression_model.bin"
_MANIFEST = "face_expression_model-weights_manifest.json"
_SIDE = 112
_MEAN_RGB = (122.782, 117.001, 104.298)
_MARGIN = 0.2
"""Room around the landmarks on each side, in shares of their extent."""

_ORDER = (
    *(Emotion.NEUTRAL, Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY),
    *(Emotion.FEAR, Emotion.DISGUST, Emotion.SURPRISED),
)


class ExpressionNet:
    """Reads emotions off pictures; about 10 ms each on a CPU.

    Args:
        folder: where the model store keeps the files of `MODEL`.

    Raises:
        ModelError: a file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._weights = _loaded(folder)
            with torch.inference_mode():
                self._probabilities(torch.zeros(1, 3, _SIDE, _SIDE))
        except (OSError, KeyError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"the files of {MODEL} in '{folder}' are missing or damaged; "
                f"`genani models fetch {MODEL}` gets them again"
            ) from error

    def read(self, picture: Picture, landmarks: Landmarks) -> tuple[Suggestion, ...]:
        """All seven emotions of a face, the likeliest first.

        Args:
            picture: on which it is.
            landmarks: where it is.
        """
        with torch.inference_mode():
            told = self._probabilities(_cropped(picture, landmarks)).tolist()
        found = [Suggestion(emotion, share) for emotion, share in zip(_ORDER, told, strict=True)]
        return tuple(sorted(found, key=lambda each: -each.confidence))

    def _probabilities(self, face: Tensor) -> Tensor:
        """(7,) of `_ORDER`; the face (1, 3, 112, 112), 0 to 255."""
        mean = torch.tensor(_MEAN_RGB).view(1, 3, 1, 1)
        features = (face - mean) / 255
        for block in range(4):
            features = self._block(features, block)
        pooled = functional.avg_pool2d(features, 7, 2).flatten(1)
        scores = pooled @ self._weights["fc/weights"] + self._weights["fc/bias"]
        return scores.softmax(1)[0]

    def _block(self, features: Tensor, block: int) -> Tensor:
        # TensorFlow's "same": with an even side and a stride of 2 the border is below and right.
        total = functional.relu(
            self._convolved(functional.pad(features, (0, 1, 0, 1)), f"dense{block}/conv0", 2)
        )
        for step in (1, 2, 3):
            padded = functional.pad(functional.relu(total), (1, 1, 1, 1))
            total = total + self._convolved(padded, f"dense{block}/conv{step}")
        return functional.relu(total)

    def _convolved(self, features: Tensor, name: str, stride: int = 1) -> Tensor:
        weights = self._weights
        if f"{name}/filters" in weights:
            kernel = weights[f"{name}/filters"].permute(3, 2, 0, 1)
            return functional.conv2d(features, kernel, weights[f"{name}/bias"], stride)
        depthwise = weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        apart = functional.conv2d(features, depthwise, None, stride, groups=len(depthwise))
        pointwise = weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1)
        return functional.conv2d(apart, pointwise, weights[f"{name}/bias"])


def _loaded(folder: Path) -> dict[str, Tensor]:
    """The weights by name, as numbers."""
    groups = json.loads((folder / _MANIFEST).read_text("utf-8"))
    data = (folder / _WEIGHTS).read_bytes()
    weights: dict[str, Tensor] = {}
    place = 0
    for entry in (entry for group in groups for entry in group["weights"]):
        packed = entry.get("quantization")
        kind = np.dtype(packed["dtype"] if packed else entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"]))
        numbers = np.frombuffer(data, kind, count, place).astype(np.float32)
        place += count * kind.itemsize
        if packed:
            numbers = numbers * packed["scale"] + packed["min"]
        weights[entry["name"]] = torch.from_numpy(
            numbers.astype(np.float32).reshape(entry["shape"])
        )
    return weights


def _cropped(picture: Picture, landmarks: Landmarks) -> Tensor:
    """(1, 3, 112, 112) the face on white, 0 to 255, in a square around its landmarks."""
    points = np.asarray(landmarks.points)[:, :2]
    middle = (points.min(0) + points.max(0)) / 2
    half = max(float(np.ptp(points, axis=0).max()) * (0.5 + _MARGIN), 1.0)
    left, top = (round(value - half) for value in middle)
    side = max(round(2 * half), 2)
    pixels = torch.from_numpy(np.array(on_white(picture))).permute(2, 0, 1)[None].float()
    height, width = pixels.shape[2:]
    inside = pixels[:, :, max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    room = (
        max(-left, 0),
        max(left + side - width, 0),
        max(-top, 0),
        max(top + side - height, 0),
    )
    whole = functional.pad(inside, room, value=255.0)[:, :, :side, :side]
    return functional.interpolate(
        whole, (_SIDE, _SIDE), mode="bilinear", antialias=True, align_corners=False
    )
