"""What animates drawings in tests of the window: frames told apart by their colour."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from genani.app.animating.services import AnimateLook, AnimateServices
from genani.app.model_choices import Brought, ModelChoice, ModelOffer
from genani.engines.api import CancelToken, Cost
from genani.scene.errors import ModelError
from genani.scene.picture import Picture
from tests.render.fakes import flat


@dataclass
class ScriptedAnimator:
    """Draws flat pictures, each a little lighter.

    Attributes:
        missing: why GenAni's own network is not there; it then refuses to draw too.
        asked: what was asked for.
        hold: while it is clear, nothing is drawn beyond the first frame.
    """

    missing: str = ""
    asked: list[AnimateLook] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.hold.set()

    def frames(self, picture: Picture, look: AnimateLook, token: CancelToken) -> Iterator[Picture]:
        if self.missing:
            raise ModelError(self.missing)
        self.asked.append(look)
        yield picture
        for number in range(1, look.frames):
            while not self.hold.wait(0.002):
                token.check()
            token.step(number / look.frames, f"frame {number + 1} of {look.frames}")
            yield flat(100 + number, picture.size)

    def models(self) -> ModelOffer:
        known = ModelChoice("", "GenAni", self.missing), ModelChoice("mine", "Mine")
        return ModelOffer(known, Brought.FOLDER, "sprite")


def animate_services(animator: ScriptedAnimator | None = None) -> AnimateServices:
    drawn = animator or ScriptedAnimator()
    return AnimateServices(
        actions=("idle", "walk"),
        frames=(2, 120),
        models=drawn.models,
        estimate=_cost,
        animate=drawn.frames,
    )


def _cost(size: tuple[int, int], look: AnimateLook) -> Cost:
    assert min(size) > 0
    return Cost(10.0 * look.frames, 1, "cpu")
