"""What draws faces out of seeds, for the window of seeds: a room that app may not import."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from genani.app.styling.seeds import FaceModel, FaceWish, SeedServices
from genani.engines.api import CancelToken
from genani.scene.errors import GenAniError
from genani.scene.picture import Picture
from genani.store.card import known_limits
from genani.store.entry import ModelEntry
from genani.store.models import Catalogue, Status

if TYPE_CHECKING:
    from genani.engines.stylise.stylegan.imagining import Imagination

_OWN, _KIND = "genani-stylegan", "genani-stylegan/1"
"""GenAni's model in the store, and what those like it say they are."""


def make_seeds(load_torch: Callable[[], None]) -> SeedServices:
    """See `SeedServices`; imports no torch until something is asked for.

    Args:
        load_torch: imports torch without holding up the window.
    """
    made: list[Imagination] = []
    # The worker draws while another thread asks what a model can do.
    using = threading.RLock()

    def imagination() -> Imagination:
        if not made:
            load_torch()
            from genani.engines.device import pick
            from genani.engines.stylise.stylegan.imagining import Imagination

            made.append(Imagination(pick()))
        return made[0]

    def models() -> Sequence[FaceModel]:
        catalogue = Catalogue()
        states = [each for each in catalogue.list() if each.entry.architecture == _KIND]
        states.sort(key=lambda each: each.entry.name != _OWN)
        found = [known(each.entry) for each in states if each.status.usable]
        if any(model.name == _OWN for model in found):
            return found
        damaged = any(each.status is Status.DAMAGED for each in states)
        why = "is damaged" if damaged else "is not here yet"
        remedy = "In-between, Train on my clips makes one of your own"
        return [*found, FaceModel(_OWN, "GenAni", f"GenAni's own model {why}: {remedy}.")]

    def known(entry: ModelEntry) -> FaceModel:
        try:
            with using:
                layers, features, ages = imagination().abilities(entry.name)
            limits = known_limits(entry.name)
            return FaceModel(entry.name, entry.title, "", layers, features, ages, limits)
        except GenAniError as error:
            # One that cannot be read is told of, and hides none of the others.
            return FaceModel(entry.name, entry.title, str(error))

    def draw(
        wishes: Sequence[FaceWish], model: str, side: int, token: CancelToken
    ) -> Iterator[Picture]:
        from genani.engines.stylise.stylegan.edits import Edit
        from genani.engines.stylise.stylegan.imagining import Wish

        with using:
            drawer = imagination()
            edits = [
                Edit(
                    mix=0.0 if wish.other is None else 1.0,
                    seed=wish.other or 0,
                    level=wish.level,
                    truncation=wish.truncation,
                    direction=wish.direction,
                    amount=wish.amount,
                    age=wish.age,
                )
                for wish in wishes
            ]
            asked = [Wish(wish.seed, edit) for wish, edit in zip(wishes, edits, strict=True)]
            yield from drawer.draw(asked, token, model, side)

    return SeedServices(models, draw)
