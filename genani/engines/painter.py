"""What an engine supplies so that `finish.draw` can do the rest: a painter of padded tensors.

A painter never sees a picture file, a bit depth, a palette or a mask. It is given two keys as
premultiplied tensors, padded to the sides it asked for, and paints what lies between at `t`.
`genani.engines.finish` turns a `SpanRequest` into such tensors and the result into pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

    from genani.engines.api import CancelToken

State = TypeVar("State")


@dataclass(frozen=True)
class Tier:
    """One way of running an engine, from the best downwards; the first that fits is taken.

    Attributes:
        name: told to the animator in `Cost`: `full`, `half-resolution flow`, `tiled`.
        bytes_per_pixel: working memory of `prepare` and `paint` for each padded pixel that is
            painted at once, in float32, weights left out. Measured, rounded up.
        scale: the share of the picture's size at which motion is estimated; handed to `prepare`.
        tile: side of the squares painted one after the other, in pixels; 0 paints it whole.
        most_side: longest side, in pixels, up to which this tier draws better than the next; a
            larger picture goes on to the next even where there is memory. 0 for any size.
    """

    name: str
    bytes_per_pixel: float
    scale: float = 1.0
    tile: int = 0
    most_side: int = 0


@dataclass(frozen=True)
class Painted:
    """What a painter made for one `t`.

    Attributes:
        rgba: (1, 4, H, W) float32 premultiplied RGBA, about 0..1 (finish clamps), padded like
            the keys, on the painter's device.
        motion: (1, 1, H, W) float32, how far in pixels the thing seen at each place travels
            from the first key to the last; None where the painter does not know. Places that
            are equal in both keys and do not move are pasted back from the keys.
        warnings: what the animator should look at, each in a few words.
    """

    rgba: Tensor
    motion: Tensor | None = None
    warnings: tuple[str, ...] = ()


class Painter(Protocol[State]):
    """Paints in-betweens as padded tensors.

    `state` is whatever `prepare` returns: features, flows or only the keys. It is used for
    every `t` of a span and then dropped, so all that does not depend on `t` belongs in it.
    Half precision is the painter's own business: tensors that go in and out are float32.
    """

    @property
    def multiple(self) -> int:
        """Both padded sides are multiples of this, in pixels."""
        ...

    @property
    def least(self) -> int:
        """Both padded sides are at least this, in pixels."""
        ...

    def prepare(self, first: Tensor, last: Tensor, scale: float, token: CancelToken) -> State:
        """Do once what serves every `t`.

        Args:
            first, last: (1, 4, H, W) float32 premultiplied RGBA, 0..1, on the device, both
                sides multiples of `multiple` and at least `least`.
            scale: `Tier.scale` of the tier that runs; 1 for painters with one scale.
            token: checked between steps (`token.check()`), so that cancel takes one step.

        Raises:
            Cancelled: the token was cancelled.
            torch.OutOfMemoryError: finish then goes on with the next tier.
        """
        ...

    def paint(self, state: State, t: float, token: CancelToken) -> Painted:
        """Paint what lies at `t`, over 0 and under 1; raises like `prepare`."""
        ...
