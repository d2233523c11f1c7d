"""What a drawing is to do, and how. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from genani.engines.inbetween.sprite.actions import LEAST_FRAMES, MOST_FRAMES, Action
from genani.scene.errors import EngineError
from genani.scene.request import MAX_SEED

SIDES = (64, 128, 256)
"""Sizes at which the network may see a drawing, pixels."""

PIXEL_ART = ("auto", "on", "off")


@dataclass(frozen=True)
class AnimateSettings:
    """How a drawing is animated.

    Attributes:
        action: what it does.
        frames: of the loop, the drawing itself counted in.
        seed: 0 moves evenly; another one hurries and lingers in its own way.
        pixel_art: `auto` (small drawings of few colours), `on` or `off`: only the drawing's own
            colours, no pixel between them.
        side: at which size the network sees the drawing; 0 is the one it was taught at.
        model: empty for GenAni's own; else a name in the model store, a file or a folder.

    Raises:
        EngineError: a value is out of range.
    """

    action: Action = Action.WALK
    frames: int = 10
    seed: int = 0
    pixel_art: str = "auto"
    side: int = 0
    model: str = ""

    def __post_init__(self) -> None:
        if not LEAST_FRAMES <= self.frames <= MOST_FRAMES:
            raise EngineError(
                f"a loop has {LEAST_FRAMES} to {MOST_FRAMES} frames, not {self.frames}"
            )
        if not 0 <= self.seed <= MAX_SEED:
            raise EngineError(f"a seed lies between 0 and {MAX_SEED}")
        if self.pixel_art not in PIXEL_ART:
            raise EngineError(f"pixel art is {', '.join(PIXEL_ART)}, not '{self.pixel_art}'")
        if self.side not in (0, *SIDES):
            raise EngineError(f"the network sees drawings at {', '.join(map(str, SIDES))} pixels")
