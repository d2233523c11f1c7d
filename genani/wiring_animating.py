"""What animates drawings, for the dialog *Animate this drawing*: a room that app may not import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genani.app.animating.services import AnimateLook, AnimateModel, AnimateServices
from genani.engines.api import CancelToken
from genani.engines.inbetween.sprite.actions import ACTIONS, LEAST_FRAMES, MOST_FRAMES, Action
from genani.engines.inbetween.sprite.settings import AnimateSettings
from genani.scene.errors import ModelError
from genani.scene.picture import Picture
from genani.store import models

if TYPE_CHECKING:
    from genani.engines.inbetween.sprite.animator import Animator

_OWN, _KIND = "genani-sprite", "genani-sprite/1"
"""GenAni's network in the model store, and what those like it say they are."""


def make_animating(load_torch: Callable[[], None]) -> AnimateServices:
    """See `AnimateServices`; imports no torch until a drawing is animated.

    Args:
        load_torch: imports torch without holding up the window.
    """
    made: list[Animator] = []

    def animate(picture: Picture, look: AnimateLook, token: CancelToken) -> Iterator[Picture]:
        settings = AnimateSettings(
            Action(look.action), look.frames, look.seed, look.pixel_art, model=look.model
        )
        if not made:
            load_torch()
            from genani.engines.device import pick
            from genani.engines.inbetween.sprite.animator import Animator

            made.append(Animator(pick(), models.path))
        return made[0].frames(picture, settings, token)

    return AnimateServices(
        actions=tuple(str(action) for action in ACTIONS),
        frames=(LEAST_FRAMES, MOST_FRAMES),
        models=_models,
        animate=animate,
    )


def _models() -> Sequence[AnimateModel]:
    """GenAni's own network, there or not, and what a person has put into the store."""
    catalogue = models.Catalogue()
    others = [
        AnimateModel(state.entry.name, state.entry.title)
        for state in catalogue.list()
        if state.entry.architecture == _KIND and state.entry.name != _OWN and state.status.usable
    ]
    return [AnimateModel("", "GenAni", _missing(catalogue)), *others]


def _missing(catalogue: models.Catalogue) -> str:
    try:
        usable = catalogue.state(_OWN).status.usable
    except ModelError:
        usable = False
    if usable:
        return ""
    place = Path(catalogue.store) / _OWN
    return (
        "The network that animates drawings is not there: `genani train sprite` makes it; copy "
        f"what is in the run's folder result to {place}"
    )
