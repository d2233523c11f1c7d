"""GMFlow's convolutional encoder."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

STEM_WIDTHS = (64, 96, 128)


class ResidualBlock(nn.Module):
    """Two instance-normalised 3 x 3 convolutions and a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm = nn.InstanceNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.downsample = (
            None
            if same
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), nn.InstanceNorm2d(outputs))
        )

    def forward(self, image: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        hidden = functional.relu(self.norm(self.conv1(image)))
        hidden = functional.relu(self.norm(self.conv2(hidden)))
        shortcut = image if self.downsample is None else self.downsample(image)
        return functional.relu(shortcut + hidden)


class TridentConv(nn.Module):
    """One kernel applied with strides 1 and 2: features at two scales from the same weights.

    After TridentNet (arXiv 1901.01892), as GMFlow uses it.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Conv2d(width, width, 3, bias=False).weight

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, width, H, W) to the same at H / 2, and at H."""
        return (
            functional.conv2d(features, self.weight, stride=2, padding=1),
            functional.conv2d(features, self.weight, stride=1, padding=1),
        )


class Encoder(nn.Module):
    """Features of an image at 1/8 and 1/4 of its size.

    Args:
        width: channels out.
        stem: channels of the three residual stages.
    """

    def __init__(self, width: int, stem: tuple[int, int, int] = STEM_WIDTHS) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem[0], 7, 2, 3, bias=False)
        self.norm1 = nn.InstanceNorm2d(stem[0])
        self.layer1 = self._stage(stem[0], stem[0], 1)
        self.layer2 = self._stage(stem[0], stem[1], 2)
        self.layer3 = self._stage(stem[1], stem[2], 1)
        self.conv2 = nn.Conv2d(stem[2], width, 1)
        self.trident_conv = TridentConv(width)

    @staticmethod
    def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
        return nn.Sequential(
            ResidualBlock(inputs, outputs, stride), ResidualBlock(outputs, outputs, 1)
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W), normalised, to (B, width, H/8, W/8) and (B, width, H/4, W/4)."""
        hidden = functional.relu(self.norm1(self.conv1(image)))
        hidden = self.layer3(self.layer2(self.layer1(hidden)))
        return self.trident_conv(self.conv2(hidden))
