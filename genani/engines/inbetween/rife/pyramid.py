"""The coarse-to-fine loop that every RIFE network shares.

Huang et al., "Real-Time Intermediate Flow Estimation for Video Frame Interpolation",
arXiv 2011.06294, section 3.2, and its later public versions (Practical-RIFE). Four blocks look
at the keys at growing size. Each corrects the flow from the drawing at `t` back to both keys,
and the mask that says which key to believe; both keys, warped by the flow so far, are shown to
the next block.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALES = (8.0, 4.0, 2.0, 1.0)
"""How many times smaller than the picture each block sees it."""

WIDTHS = (192, 128, 96, 64)
"""Channels of the four blocks, coarse to fine."""


@dataclass(frozen=True)
class Flow:
    """Where the drawing at `t` comes from.

    Attributes:
        flow: (B, 4, H, W) float32, in pixels: x and y towards the first key, x and y towards
            the last.
        mask: (B, 1, H, W) float32 logits; the sigmoid is the share of the first key.
    """

    flow: Tensor
    mask: Tensor

    def warped(self, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Both keys (B, C, H, W) pulled to `t`."""
        return warp(first, self.flow[:, :2]), warp(last, self.flow[:, 2:])

    def blended(self, first: Tensor, last: Tensor) -> Tensor:
        """The drawing at `t` made of the two keys (B, C, H, W), any number of channels."""
        from_first, from_last = self.warped(first, last)
        return torch.lerp(from_last, from_first, torch.sigmoid(self.mask))

    def __add__(self, other: Flow) -> Flow:
        return Flow(self.flow + other.flow, self.mask + other.mask)


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    """Each place of (B, C, H, W) taken from where its flow (B, 2, H, W), in pixels, points.

    Bilinear; places outside show the border. float32 whatever the network runs in, as half
    precision cannot tell neighbouring pixels of a wide picture apart.
    """
    height, width = picture.shape[2:]
    x = torch.linspace(-1, 1, width, device=flow.device).view(1, 1, width)
    y = torch.linspace(-1, 1, height, device=flow.device).view(1, height, 1)
    grid = torch.stack(
        (x + flow[:, 0] * (2 / max(width - 1, 1)), y + flow[:, 1] * (2 / max(height - 1, 1))), 3
    )
    return functional.grid_sample(picture, grid, "bilinear", "border", align_corners=True)


def resized(tensor: Tensor, factor: float) -> Tensor:
    """Bilinear change of size; `factor` times as large."""
    if factor == 1:
        return tensor
    return functional.interpolate(
        tensor, scale_factor=factor, mode="bilinear", recompute_scale_factor=False
    )


def strided(inputs: int, outputs: int, stride: int, activation: nn.Module) -> nn.Sequential:
    """A 3 x 3 convolution and its activation, named as in the published files."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), activation)


class FlowBlock(nn.Module, ABC):
    """One step of the pyramid: what it sees, shrunk `scale` times, to a correction of the flow."""

    @abstractmethod
    def features(self, seen: Tensor) -> Tensor:
        """(B, C, h, w) to 5 or more channels at `head_shrink` times less size: 4 flow, 1 mask."""

    head_shrink: int
    """How much smaller the head's result is than what the block sees."""

    def forward(self, seen: Tensor, flow: Tensor | None, scale: float) -> Flow:
        """The correction, at full size, from what the block sees (B, C, H, W) and the flow."""
        small = resized(seen, 1 / scale)
        if flow is not None:
            small = torch.cat((small, resized(flow, 1 / scale) / scale), 1)
        dtype = next(self.parameters()).dtype
        made = self.features(small.to(dtype)).float()
        grown = scale * self.head_shrink
        made = resized(made[:, :5], grown)
        return Flow(made[:, :4] * grown, made[:, 4:])


class FlowPyramid(nn.Module):
    """The four blocks of a RIFE network.

    Args:
        block: makes a block from its number of input channels and its width.
        widths: channels of the blocks; the published ones by default, less for tests.
        wide_motion: pixels of flow over which, on both sides, the whole pyramid starts again on
            pictures half the size; None never does.
    """

    def __init__(
        self,
        block: Callable[[int, int], FlowBlock],
        widths: tuple[int, ...] = WIDTHS,
        wide_motion: float | None = None,
    ) -> None:
        super().__init__()
        # The names block0 ... block3 are those of the published files.
        for index, width in enumerate(widths):
            self.add_module(f"block{index}", block(7 if index == 0 else 12, width))
        self._wide_motion = wide_motion

    @property
    def multiple(self) -> int:
        """Both sides of a picture must be multiples of this."""
        return 32 if self._wide_motion is None else 64

    def forward(
        self, first: Tensor, last: Tensor, t: float, check: Callable[[], None] = lambda: None
    ) -> Flow:
        """The flow at `t` between two keys.

        Args:
            first, last: (B, 3, H, W) float32 RGB, 0..1; sides are multiples of `multiple`.
            t: over 0 and under 1.
            check: called between the blocks; what it raises goes through.
        """
        time = torch.full_like(first[:, :1], t)
        scales = SCALES
        start = self._block(0)(torch.cat((first, last, time), 1), None, scales[0])
        check()
        step = self._correction(1, start, first, last, time, scales)
        if self._is_wide(step.flow):
            scales = tuple(2 * scale for scale in scales)
            start = self._block(0)(torch.cat((first, last, time), 1), None, scales[0])
            step = self._correction(1, start, first, last, time, scales)
        flow = start + step
        for index in (2, 3):
            check()
            flow = flow + self._correction(index, flow, first, last, time, scales)
        return flow

    def refined(
        self,
        first: Tensor,
        last: Tensor,
        t: float,
        flow: Tensor,
        check: Callable[[], None] = lambda: None,
    ) -> Flow:
        """The flow at `t` made from one that is known about, instead of what block 0 sees.

        What the blocks correct may carry the picture off the given path only as far as `t` is
        from both keys: left to themselves they do so next to a key too (measured: up to 3 dB
        lost there). For the same reason the nearer key counts more to begin with.

        Args:
            first, last, check: as for a call.
            t: over 0 and under 1.
            flow: (B, 4, H, W) pixels, as in `Flow`.
        """
        time = torch.full_like(first[:, :1], t)
        made = Flow(flow, torch.logit(1 - time))
        for index in (1, 2, 3):
            check()
            made = made + self._correction(index, made, first, last, time, SCALES)
            of_first, of_last = (made.flow - flow).chunk(2, 1)
            off = (1 - 4 * t * (1 - t)) * ((1 - t) * of_first + t * of_last)
            made = Flow(made.flow - torch.cat((off, off), 1), made.mask)
        return made

    def _block(self, index: int) -> FlowBlock:
        return self.get_submodule(f"block{index}")  # pyright: ignore[reportReturnType]

    def _correction(
        self,
        index: int,
        flow: Flow,
        first: Tensor,
        last: Tensor,
        time: Tensor,
        scales: tuple[float, ...],
    ) -> Flow:
        seen = torch.cat((*flow.warped(first, last), time, flow.mask), 1)
        return self._block(index)(seen, flow.flow, scales[index])

    def _is_wide(self, flow: Tensor) -> bool:
        if self._wide_motion is None:
            return False
        return bool((flow.abs().unflatten(1, (2, 2)).amax((0, 2, 3, 4)) > self._wide_motion).all())
