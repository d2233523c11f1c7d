"""CartoonGAN's generator and ArtifyGAN's, one class with a switch, and their judge. Imports torch.

Y. Chen, Y.-K. Lai, Y.-J. Liu, "CartoonGAN: Generative Adversarial Networks for Photo
Cartoonization", CVPR 2018, figure 2. Pictures are RGB, -1 to 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from genani.engines.stylise.norms import Norm

MULTIPLE = 4
"""Both sides of a picture must be multiples of this, in pixels."""

LEAST = 16
"""Both sides must be at least this."""

_SLOPE = 0.2
_QUIET = 0.1
"""What the weights of the last layer begin as, next to those of others, where it changes the photo:
nearly nothing, so that training starts from the photo. What each block adds begins so, too."""


@dataclass(frozen=True)
class Layout:
    """What a generator is made of.

    Attributes:
        width: channels at full size; twice as many at half and four times at quarter size.
        blocks: residual blocks at quarter size.
        convolutions: in each of them, 2 or 1.
        after: whether another convolution follows each that comes after the blocks and doubles
            the size.
        changes: whether what comes out is a change of the photo rather than all of the picture.
    """

    width: int = 64
    blocks: int = 8
    convolutions: int = 2
    after: bool = True
    changes: bool = False


CARTOONGAN = Layout()
"""As published: eight residual blocks of two convolutions, and the convolutions after them."""

ARTIFYGAN = Layout(blocks=10, convolutions=1, after=False)
"""Ten residual blocks, and no convolution that only follows another, in the blocks or after them.

How this reads the description ("10 residual blocks instead of 8 and without the convolutions after
the blocks", made to be lighter): ten blocks of two convolutions weigh more than eight of two with
all that CartoonGAN has after them, whatever is left out there, so the blocks have one each.
"""

ARTIFYGAN_LITERAL = Layout(blocks=10, after=False)
"""The other reading, whose blocks have two convolutions: more weights than CartoonGAN."""


class Chain(nn.Module, ABC):
    """A photo in, a drawing of the same size out, through one stage after the other."""

    @abstractmethod
    def stages(self) -> Iterator[nn.Module]:
        """What a photo goes through, all but the last step of `forward`."""

    def closed(self, last: Tensor, photo: Tensor) -> Tensor:
        """The drawing, from what the last stage gives."""
        del photo
        return torch.tanh(last)

    def forward(self, photo: Tensor) -> Tensor:
        """(B, 3, H, W) a drawing of photos of that shape, both -1 to 1."""
        x = photo
        for stage in self.stages():
            x = stage(x)
        return self.closed(x, photo)


class Generator(Chain):
    """CartoonGAN or ArtifyGAN; one that `changes` the photo may leave -1 to 1 a little.

    Args:
        layout: what it is made of.
    """

    def __init__(self, layout: Layout = CARTOONGAN) -> None:
        super().__init__()
        self.layout = layout
        w = layout.width
        self.head = _stage(w, _convolution(3, w, 7))
        self.down1 = _stage(2 * w, _convolution(w, 2 * w, stride=2), _convolution(2 * w, 2 * w))
        self.down2 = _stage(4 * w, _convolution(2 * w, 4 * w, stride=2), _convolution(4 * w, 4 * w))
        self.blocks = nn.Sequential(
            *(Residual(4 * w, layout.convolutions) for _ in range(layout.blocks))
        )
        self.up1 = _up(4 * w, 2 * w, layout.after)
        self.up2 = _up(2 * w, w, layout.after)
        self.tail = _convolution(w, 3, 7)
        if layout.changes:
            self.tail.weight.data *= _QUIET

    def stages(self) -> Iterator[nn.Module]:
        """See `Chain.stages`."""
        yield from (self.head, self.down1, self.down2, *self.blocks, self.up1, self.up2, self.tail)

    def closed(self, last: Tensor, photo: Tensor) -> Tensor:
        """See `Chain.closed`."""
        drawn = super().closed(last, photo)
        return photo + drawn if self.layout.changes else drawn


class Residual(nn.Module):
    """A block that adds to what it is given.

    Args:
        channels: in and out.
        convolutions: 2 or 1.
    """

    def __init__(self, channels: int, convolutions: int) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for left in range(convolutions, 0, -1):
            parts += [_convolution(channels, channels), Norm(channels)]
            if left > 1:
                parts.append(nn.ReLU())
        # It begins as nearly nothing, so that the first drawings are of what the ends can do:
        # P. Goyal et al., "Accurate, Large Minibatch SGD", arXiv 1706.02677, section 5.1.
        nn.init.constant_(parts[-1].get_parameter("weight"), _QUIET)
        # Alone, a convolution would be all there is between two sums.
        self.body = nn.Sequential(*parts, *([nn.ReLU()] if convolutions == 1 else []))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) of the same shape."""
        return x + self.body(x)


class Doubled(nn.Module):
    """Twice the size, by bilinear interpolation: a transposed convolution leaves a checkerboard."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, 2H, 2W) of (B, C, H, W)."""
        return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class Judge(nn.Module):
    """Tells cartoons from others, one word for every 4 x 4 pixels of a picture.

    As published: small, since what makes a drawing a drawing is seen from near.

    Args:
        width: channels of the first layer; 32 as published.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        w = width
        self.layers = nn.Sequential(
            nn.Conv2d(3, w, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(w, 2 * w, 3, 2, 1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(2 * w, 4 * w, 3, padding=1),
            Norm(4 * w),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(4 * w, 4 * w, 3, 2, 1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(4 * w, 8 * w, 3, padding=1),
            Norm(8 * w),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(8 * w, 8 * w, 3, padding=1),
            Norm(8 * w),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(8 * w, 1, 3, padding=1),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 1, H/4, W/4) the more, the more it takes that place for a cartoon's; unbounded."""
        return self.layers(picture)


@dataclass(frozen=True)
class Size:
    """How large a network is.

    Attributes:
        parameters: how many.
        multiply_adds: for one picture.
    """

    parameters: int
    multiply_adds: int


def size_of(network: nn.Module, side: int = 256) -> Size:
    """Parameters, and multiply-adds by torch's FLOP counter, for one `side` x `side` picture."""
    # On this device shapes are counted and nothing is computed.
    shapes = deepcopy(network).to("meta")
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        shapes(torch.zeros(1, 3, side, side, device="meta"))
    return Size(sum(each.numel() for each in network.parameters()), counter.get_total_flops() // 2)


def _convolution(before: int, after: int, side: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, side, stride, side // 2, padding_mode="reflect")


def _stage(channels: int, *convolutions: nn.Module) -> nn.Sequential:
    return nn.Sequential(*convolutions, Norm(channels), nn.ReLU())


def _up(before: int, after: int, again: bool) -> nn.Sequential:
    more = [_convolution(after, after)] if again else []
    return nn.Sequential(Doubled(), _convolution(before, after), *more, Norm(after), nn.ReLU())
