"""Frames and rates: whole frame numbers from 1, and exact rates in frames a second."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from genani.scene.errors import SceneError

FIRST_FRAME = 1
MAX_FRAME = 1_000_000
"""About 11 hours at 24 frames a second; a number past this is a slip of the hand."""


def check_frame(frame: int) -> int:
    """Return the frame number if the timeline has it.

    Raises:
        SceneError: below 1 or over `MAX_FRAME`.
    """
    if frame < FIRST_FRAME:
        raise SceneError(f"frame {frame} does not exist: frame numbers start at {FIRST_FRAME}")
    if frame > MAX_FRAME:
        raise SceneError(f"frame {frame} is past the last possible frame, {MAX_FRAME}")
    return frame


@dataclass(frozen=True, order=True)
class Rate:
    """Frames a second as an exact ratio, so that 23.976 is 24000/1001 and nothing drifts.

    Raises:
        SceneError: not between 1 and 120 frames a second.
    """

    numerator: int = 24
    denominator: int = 1

    def __post_init__(self) -> None:
        if self.denominator < 1 or not 1 <= self.fraction <= 120:
            raise SceneError("the rate must be between 1 and 120 frames a second")
        ratio = self.fraction
        object.__setattr__(self, "numerator", ratio.numerator)
        object.__setattr__(self, "denominator", ratio.denominator)

    @property
    def fraction(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.numerator, self.denominator)

    @property
    def fps(self) -> float:
        """Frames a second, rounded to a float, for showing."""
        return self.numerator / self.denominator

    def seconds(self, frames: int) -> Fraction:
        """Exact length of a number of frames, in seconds."""
        return frames / self.fraction

    def milliseconds(self, frames: int) -> int:
        """Length of a number of frames, in whole milliseconds, rounded half up."""
        return int(self.seconds(frames) * 1000 + Fraction(1, 2))

    @classmethod
    def of(cls, fps: float | str | Fraction) -> Rate:
        """The exact rate behind a spoken one: 23.976, 29.97 and 59.94 become n * 1000/1001.

        Raises:
            SceneError: not a number, or out of range.
        """
        try:
            ratio = Fraction(str(fps))
        except (ValueError, ZeroDivisionError):
            raise SceneError(f"'{fps}' is not a rate in frames a second") from None
        for whole in (24, 30, 48, 60, 120):
            broadcast = Fraction(whole * 1000, 1001)
            if abs(ratio - broadcast) < Fraction(1, 200):
                ratio = broadcast
        return cls(ratio.numerator, ratio.denominator)

    def __str__(self) -> str:
        return f"{self.fps:.6g}"
