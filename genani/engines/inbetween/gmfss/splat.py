"""Forward warping by softmax splatting (Niklaus and Liu, arXiv 2003.05534), in plain torch."""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 1e-7
"""Added to the summed weights, so that a pixel nothing lands on becomes 0."""


class Splat:
    """Pushes pixels along one flow; worked out once, then used for every map of that size.

    Each source pixel p lands at p + flow(p) and is shared out bilinearly over the four pixels
    around that place with the weight exp(metric(p)); what several sources bring to one pixel
    is averaged by weight (equation 8 of the paper). What lands outside is lost, and where
    nothing lands the result is 0. Everything is summed in float32 in a fixed order, so the
    same input gives the same numbers again, on the graphics card too.

    Args:
        flow: (1, 2, H, W), pixels, x before y.
        metric: (1, 1, H, W), importance as an exponent; sources with more of it cover the others.
        rows: the result's rows to make, first and one past the last; None makes all.
    """

    def __init__(self, flow: Tensor, metric: Tensor, rows: tuple[int, int] | None = None) -> None:
        _, _, self._height, self._width = flow.shape
        self._top, bottom = rows or (0, self._height)
        self._tall = bottom - self._top
        place, self._inside = self._landing(flow.float())
        left_top = place.floor()
        self._part = place - left_top
        self._corner = torch.where(self._inside, left_top, 0.0).long()
        # Softmax weights may be scaled freely; from 1 down they cannot overflow.
        metric = metric.float().flatten()
        self._weight = (metric - metric.max()).exp() * self._inside
        self._total = self._sum(self._weight[None]) + EPSILON * (-metric.max()).exp()

    def _landing(self, flow: Tensor) -> tuple[Tensor, Tensor]:
        """Where each source lands, (2, H * W), and which of them touch the rows at all."""
        y, x = torch.meshgrid(
            torch.arange(self._height, dtype=torch.float32, device=flow.device),
            torch.arange(self._width, dtype=torch.float32, device=flow.device),
            indexing="ij",
        )
        place = (torch.stack((x, y)) + flow[0]).flatten(1)
        x, y = place - place.new_tensor([[0], [self._top]])
        inside = (x > -1) & (x < self._width) & (y > -1) & (y < self._tall)
        return place, inside

    def _sum(self, values: Tensor) -> Tensor:
        """Add (C, H * W) values up where they land: (C, rows * W)."""
        total = values.new_zeros(values.shape[0], self._tall * self._width)
        for right in (0, 1):
            for down in (0, 1):
                x = self._corner[0] + right
                y = self._corner[1] + down - self._top
                share = (self._part[0] if right else 1 - self._part[0]) * (
                    self._part[1] if down else 1 - self._part[1]
                )
                lands = self._inside & (x >= 0) & (x < self._width) & (y >= 0) & (y < self._tall)
                target = torch.where(lands, y * self._width + x, 0)
                _add_columns(total, target, values * torch.where(lands, share, 0.0))
        return total

    def __call__(self, image: Tensor) -> Tensor:
        """Push an image, (1, C, H, W) of any float dtype, to (1, C, rows, W) of the same dtype."""
        values = image[0].float().flatten(1) * self._weight
        pushed = self._sum(values) / self._total
        return pushed.view(1, -1, self._tall, self._width).to(image.dtype)


def _add_columns(total: Tensor, target: Tensor, values: Tensor) -> None:
    """Add column i of `values` (C, N) to column `target[i]` of `total` (C, M), in a fixed order."""
    # scatter_add_ runs in no fixed order on a graphics card.
    (_sort_and_add if total.is_cuda else _scatter_add)(total, target, values)


def _scatter_add(total: Tensor, target: Tensor, values: Tensor) -> None:
    total.scatter_add_(1, target.expand_as(values), values)


def _sort_and_add(total: Tensor, target: Tensor, values: Tensor) -> None:
    rows = total.new_zeros(total.shape[::-1])
    rows.index_put_((target,), values.t(), accumulate=True)
    total += rows.t()
