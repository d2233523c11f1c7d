"""Perceptual distance over the features of an ImageNet network. Imports torch: import it late."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from numpy.typing import NDArray
from torch import Tensor, nn

from genani.scene.errors import ModelError, PictureError
from genani.training.metrics import Image, Mask
from genani.training.metrics_caffemodel import Weights, read_caffemodel

MIN_SIDE = 17
"""Smaller pictures do not survive the network's pooling, in pixels."""

_MEAN_BGR = (104.0, 117.0, 123.0)
_FIRES = {
    "fire2": (64, 16, 64),
    "fire3": (128, 16, 64),
    "fire4": (128, 32, 128),
    "fire5": (256, 32, 128),
    "fire6": (256, 48, 192),
    "fire7": (384, 48, 192),
    "fire8": (384, 64, 256),
    "fire9": (512, 64, 256),
}
_PARTS = ("squeeze1x1", "expand1x1", "expand3x3")
_POOLED_BEFORE = ("fire2", "fire4", "fire6")
_TAPPED = ("fire3", "fire5", "fire6", "fire7", "fire8", "fire9")


class _Fire(nn.Module):
    def __init__(self, channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze1x1 = nn.Conv2d(channels, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze1x1(x))
        return F.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], 1))


class SqueezeNet(nn.Module):
    """The feature layers of SqueezeNet 1.1, named as in its Caffe model.

    F. Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and < 0.5 MB
    model size", arXiv 1602.07360; version 1.1 as its authors released it.
    """

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, stride=2)
        self.fires = nn.ModuleDict({name: _Fire(*sizes) for name, sizes in _FIRES.items()})
        self.register_buffer("mean", torch.tensor(_MEAN_BGR).view(1, 3, 1, 1), persistent=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Features after the first convolution and after fire 3, 5, 6, 7, 8 and 9.

        Args:
            rgb: (N, 3, H, W) float32, 0 to 1.

        Returns:
            Seven tensors of 64, 128, 256, 384, 384, 512 and 512 channels, never negative.
        """
        x = F.relu(self.conv1(rgb.flip(1) * 255 - self.mean))
        features = [x]
        for name, fire in self.fires.items():
            if name in _POOLED_BEFORE:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            x = fire(x)
            if name in _TAPPED:
                features.append(x)
        return features

    def load(self, weights: Weights) -> None:
        """Take over the weights of a Caffe model.

        Raises:
            ModelError: a layer is missing or has another shape.
        """
        for name, layer in self._layers():
            blobs = weights.get(name, [])
            shapes = [tuple(layer.weight.shape), (layer.out_channels,)]
            if [blob.shape for blob in blobs] != shapes:
                raise ModelError(f"the model file is not SqueezeNet 1.1: layer {name} does not fit")
            kernel, bias = (torch.from_numpy(blob) for blob in blobs)
            layer.load_state_dict({"weight": kernel, "bias": bias})

    def _layers(self) -> list[tuple[str, nn.Conv2d]]:
        layers = [("conv1", self.conv1)]
        for name, fire in self.fires.items():
            layers += [(f"{name}/{part}", getattr(fire, part)) for part in _PARTS]
        return layers


Features = list[Tensor]
"""Unit-length features of one picture, a tensor (C, h, w) for each tapped layer."""


class SqueezeDistance:
    """Perceptual distance between pictures, over SqueezeNet 1.1 features trained on ImageNet.

    Features are scaled to unit length over the channels; squared differences are summed over the
    channels, averaged over space and summed over seven layers: 0 for equal pictures, at most 14.
    The construction of LPIPS (R. Zhang et al., arXiv 1801.03924) with every channel weighted 1.
    **Uncalibrated**: no weights fitted to people's judgement, so it is not LPIPS and its numbers
    compare with nothing but themselves.

    Args:
        path: `squeezenet_v1.1.caffemodel`, the model store's `squeezenet-features`.
        device: where it runs.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        self._net = SqueezeNet()
        self._net.load(read_caffemodel(path))
        self._net.requires_grad_(False).eval().to(device)
        self._device = device

    @torch.inference_mode()
    def features(self, image: Image) -> Features:
        """The features of a picture (H, W, 3), 0 to 1; computed once, compared often.

        Raises:
            PictureError: a side is under `MIN_SIDE`.
        """
        if min(image.shape[:2]) < MIN_SIDE:
            raise PictureError(f"the perceptual distance needs {MIN_SIDE} pixels on each side")
        rgb = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None]
        return [F.normalize(layer, dim=1)[0] for layer in self._net(rgb.to(self._device))]

    @torch.inference_mode()
    def maps(self, result: Features, truth: Features) -> list[NDArray[np.float32]]:
        """Distance at every place, one (h, w) map a layer, each value 0 to 2."""
        return [(a - b).square().sum(0).cpu().numpy() for a, b in zip(result, truth, strict=True)]


def pooled(features: Features) -> NDArray[np.float64]:
    """(512,) the deepest layer's mean over the picture: what a crowd of pictures is told by."""
    return features[-1].mean((1, 2)).double().cpu().numpy()


def mean_distance(maps: list[NDArray[np.float32]], where: Mask | None = None) -> float | None:
    """The distance over all of a picture, or over the part `where` (H, W); lower is better.

    A place of a layer counts by the share of it that `where` covers. None if `where` is empty.
    """
    if where is None:
        return float(sum(each.mean(dtype=np.float64) for each in maps))
    if not where.any():
        return None
    mask = torch.from_numpy(where.astype(np.float32))[None, None]
    total = 0.0
    for each in maps:
        share = F.adaptive_avg_pool2d(mask, each.shape)[0, 0].double().numpy()
        total += float((each * share).sum() / share.sum())
    return total
