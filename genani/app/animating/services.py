"""What the dialog *Animate this drawing* is given by `__main__`: who animates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from genani.app.model_choices import ModelOffer
from genani.engines.api import CancelToken, Cost
from genani.scene.picture import Picture


@dataclass(frozen=True)
class AnimateLook:
    """How a drawing is animated.

    Attributes:
        action: what it does; one of the services' actions.
        frames: of the loop, the drawing itself counted in.
        seed: 0 moves evenly; another one hurries and lingers in its own way.
        pixel_art: `auto`, `on` or `off`.
        model: see `ModelChoice.name`; a file or folder of one's own too.
    """

    action: str
    frames: int = 10
    seed: int = 0
    pixel_art: str = "auto"
    model: str = ""


@dataclass(frozen=True)
class AnimateServices:
    """The way to what animates drawings. Failures are `GenAniError`s that say why.

    Attributes:
        actions: what drawings can be made to do, in the order in which they are shown.
        frames: the fewest and the most frames of a loop.
        models: what networks there are, GenAni's own first. Reads files: not for the GUI thread.
        estimate: what a loop of a drawing of a size (width, height) will take. May import torch:
            not for the GUI thread.
        animate: the frames of a loop, the drawing itself first. For the worker's thread.
    """

    actions: Sequence[str]
    frames: tuple[int, int]
    models: Callable[[], ModelOffer]
    estimate: Callable[[tuple[int, int], AnimateLook], Cost]
    animate: Callable[[Picture, AnimateLook, CancelToken], Iterator[Picture]]
