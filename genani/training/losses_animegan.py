"""What AnimeGAN makes smaller. Imports torch.

J. Chen, G. Liu, X. Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation", 2019/2020.
Everything takes opaque RGB (B, 3, H, W), 0 to 1, and computes in float32 whatever runs around it.
Where the authors look at VGG 19 these look at SqueezeNet 1.1, also trained on ImageNet, so their
weights do not carry over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.training.metrics_caffemodel import read_caffemodel
from genani.training.metrics_features import MIN_SIDE, SqueezeNet
from genani.training.metrics_frechet import Moments

_LUMA = (0.299, 0.587, 0.114)
_BLUE, _RED = 0.492, 0.877
"""Of BT.601's U and V."""

_STYLE_LAYERS = (0, 1, 2)
_CONTENT_LAYER = 2
"""Of the seven that `SqueezeNet` gives: after the first convolution, fire 3 and fire 5."""

_SMOOTHED = 0.1
"""What drawings with smoothed edges count in the judge's loss, next to the others."""

_SCALE = 255.0
"""The features' own size, about: taken out, so that losses are near 1 at the start."""


class Looks(nn.Module):
    """Content and style of pictures, as features trained on ImageNet see them.

    Args:
        path: `squeezenet_v1.1.caffemodel`.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._net = SqueezeNet()
        self._net.load(read_caffemodel(path))
        self.requires_grad_(False).eval()

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Three layers of features (B, C, h, w), fine to coarse.

        A picture under 17 pixels has none worth looking at, and raises `ValueError`.
        """
        if min(rgb.shape[2:]) < MIN_SIDE:
            raise ValueError(f"pictures of at least {MIN_SIDE} pixels are needed")
        return [each.float() / _SCALE for each in self._net(rgb)[: max(_STYLE_LAYERS) + 1]]

    def crowd(self, rgb: Tensor) -> Tensor:
        """(B, 512) what each picture adds to a crowd, as `metrics_features.pooled` has it."""
        return functional.normalize(self._net(rgb)[-1].float(), dim=1).mean((2, 3))

    def moments(self, groups: Iterable[Tensor]) -> Moments:
        """The crowd of pictures (B, 3, H, W), group by group, at least one."""
        vectors = torch.cat([self.crowd(each) for each in groups])
        found = Moments(vectors.shape[1])
        for vector in vectors.double().cpu().numpy():
            found.add(vector)
        return found


def content(made: Sequence[Tensor], photo: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of the coarse features: what is there stays there."""
    return (made[_CONTENT_LAYER] - photo[_CONTENT_LAYER]).abs().mean()


def style(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Difference of Gram matrices, which know textures and lines but not where they are.

    L. Gatys, A. Ecker, M. Bethge, "A Neural Algorithm of Artistic Style", arXiv 1508.06576. Here
    of the means over many pictures: one drawing is as far from the mean of drawings as a photo is
    (measured), but all of them together are not.

    Args:
        made, wanted: as `grams` gives them, of what was made and of drawings, both in grey.
    """
    pairs = list(zip(made, wanted, strict=True))
    off = [(own - other).abs().sum() / other.abs().sum() for own, other in pairs]
    return torch.stack(off).mean()


def grams(features: Sequence[Tensor]) -> list[Tensor]:
    """(C, C) of each layer that tells style, the mean over all pictures."""
    return [gram(features[layer]).mean(0) for layer in _STYLE_LAYERS]


def gram(features: Tensor) -> Tensor:
    """(B, C, C) how strongly each two channels come together, from (B, C, h, w)."""
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def colour(made: Tensor, photo: Tensor) -> Tensor:
    """How far the colours went, in YUV: absolute for brightness, Huber's for tint."""
    own, other = yuv(made.float()), yuv(photo.float())
    bright = (own[:, :1] - other[:, :1]).abs().mean()
    return bright + functional.huber_loss(own[:, 1:], other[:, 1:])


def yuv(rgb: Tensor) -> Tensor:
    """BT.601's brightness and two differences of colour, of any linear RGB (B, 3, H, W)."""
    luma = grey(rgb)[:, :1]
    blue, red = (rgb[:, 2:] - luma) * _BLUE, (rgb[:, :1] - luma) * _RED
    return torch.cat((luma, blue, red), 1)


def grey(rgb: Tensor) -> Tensor:
    """(B, 3, H, W) the brightness alone, three times."""
    weights = torch.tensor(_LUMA, device=rgb.device).view(1, 3, 1, 1)
    return (rgb.float() * weights).sum(1, keepdim=True).expand(-1, 3, -1, -1)


def variation(made: Tensor) -> Tensor:
    """Mean squared difference of neighbours: what is left of noise."""
    made = made.float()
    across = (made[..., 1:] - made[..., :-1]).square().mean()
    return across + (made[..., 1:, :] - made[..., :-1, :]).square().mean()


def fooled(made: Tensor) -> Tensor:
    """What the generator asks of the judge's view of its pictures: to be taken for drawings.

    X. Mao et al., "Least Squares Generative Adversarial Networks", arXiv 1611.04076.
    """
    return (made.float() - 1).square().mean()


def judged(drawn: Tensor, made: Tensor, grey_drawn: Tensor, grey_smoothed: Tensor) -> Tensor:
    """What the judge asks of itself: drawings are 1, and three kinds of others are 0.

    Args:
        drawn: its view of drawings in colour.
        made: of what the generator makes.
        grey_drawn: of drawings in grey, so that colour is not thrown away.
        grey_smoothed: of grey drawings with smoothed edges, so that lines stay crisp.
    """
    wrong = made.float().square().mean() + grey_drawn.float().square().mean()
    wrong = wrong + _SMOOTHED * grey_smoothed.float().square().mean()
    return (drawn.float() - 1).square().mean() + wrong
