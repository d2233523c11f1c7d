"""What animates drawings, for the dialog *Animate this drawing*: a room that app may not import."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from genani.app.animating.services import AnimateLook, AnimateServices
from genani.engines.api import CancelToken, Cost
from genani.engines.inbetween.sprite.actions import ACTIONS, LEAST_FRAMES, MOST_FRAMES, Action
from genani.engines.inbetween.sprite.settings import AnimateSettings
from genani.scene.picture import Picture
from genani.store import models
from genani.wiring_models import offer

if TYPE_CHECKING:
    from genani.engines.inbetween.sprite.animator import Animator


def make_animating(load_torch: Callable[[], None]) -> AnimateServices:
    """See `AnimateServices`; imports no torch until a drawing is animated.

    Args:
        load_torch: imports torch without holding up the window.
    """
    made: list[Animator] = []
    making = threading.Lock()

    def animator() -> Animator:
        # The worker draws and another thread estimates: one is made all the same.
        with making:
            if not made:
                load_torch()
                from genani.engines.device import pick
                from genani.engines.inbetween.sprite.animator import Animator

                made.append(Animator(pick(), models.path))
            return made[0]

    def animate(picture: Picture, look: AnimateLook, token: CancelToken) -> Iterator[Picture]:
        return animator().frames(picture, _settings(look), token)

    def estimate(size: tuple[int, int], look: AnimateLook) -> Cost:
        return animator().estimate(size, _settings(look))

    return AnimateServices(
        actions=tuple(str(action) for action in ACTIONS),
        frames=(LEAST_FRAMES, MOST_FRAMES),
        models=lambda: offer("sprite"),
        estimate=estimate,
        animate=animate,
    )


def _settings(look: AnimateLook) -> AnimateSettings:
    return AnimateSettings(
        Action(look.action), look.frames, look.seed, look.pixel_art, model=look.model
    )
