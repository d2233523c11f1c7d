"""From any canvas to one the model draws on, and back: scaled, never cut, no black bars."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

_ASPECT = 512 * 320 / 512**2
"""Area of the canvas the model was trained on, over the square of its longer side."""

_ROOM = 1.15
"""Areas a little over that of training are drawn as well, and fit more shapes."""


@dataclass(frozen=True)
class Canvas:
    """Where a picture lies on the canvas that the model draws.

    Attributes:
        height, width: of the canvas, multiples of what the model wants.
        tall, wide: of the picture on it.
        top, left: where it begins; around it, its border goes on.
    """

    height: int
    width: int
    tall: int
    wide: int
    top: int
    left: int

    @property
    def area(self) -> int:
        """Pixels of the canvas."""
        return self.height * self.width

    def laid(self, picture: Tensor) -> Tensor:
        """(N, C, H, W) scaled onto the canvas, its border repeated around it."""
        scaled = functional.interpolate(
            picture, (self.tall, self.wide), mode="bicubic", antialias=True, align_corners=False
        )
        right, below = self.width - self.wide - self.left, self.height - self.tall - self.top
        return functional.pad(scaled, (self.left, right, self.top, below), mode="replicate")

    def taken(self, drawn: Tensor, height: int, width: int) -> Tensor:
        """What lies on the canvas (N, C, h, w) brought back to a picture's own size."""
        rows = slice(self.top, self.top + self.tall)
        columns = slice(self.left, self.left + self.wide)
        return functional.interpolate(
            drawn[:, :, rows, columns],
            (height, width),
            mode="bicubic",
            antialias=True,
            align_corners=False,
        )


def canvas_for(height: int, width: int, side: int, multiple: int) -> Canvas:
    """The canvas on which most of a picture's detail is kept.

    Args:
        height, width: of the picture.
        side: longer side of the canvas of an ordinary wide picture, in pixels; 512 as trained.
        multiple: both sides of the canvas are multiples of this.
    """
    most = side * side * _ASPECT * _ROOM
    best: Canvas | None = None
    sides = range(multiple, max(2 * side, multiple) + 1, multiple)
    for tall in sides:
        for wide in sides:
            if tall * wide > max(most, multiple**2):
                break
            scale = min(tall / height, wide / width)
            inside = max(1, round(height * scale)), max(1, round(width * scale))
            top, left = (tall - inside[0]) // 2, (wide - inside[1]) // 2
            found = Canvas(tall, wide, *inside, top, left)
            if best is None or _worth(found) > _worth(best):
                best = found
    assert best is not None  # the smallest canvas always fits
    return best


def _worth(canvas: Canvas) -> tuple[int, int]:
    """More pixels of the picture first; then less around it."""
    return canvas.tall * canvas.wide, -canvas.area
