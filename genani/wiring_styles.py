"""The stylists for the styling window: a room that app may not import."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from genani.app.styling.services import StyleChoice, StyleLook, StyleServices
from genani.engines.api import CancelToken, Cost
from genani.scene.errors import GenAniError
from genani.scene.picture import Picture
from genani.store.places import store_folder
from genani.wiring_models import OWN
from genani.wiring_tasks import styles_by_task

_DAMAGED = "Its model is damaged: train it again, or put back what is missing in {0}."


def make_styling(load: Callable[[], None]) -> StyleServices:
    """See `StyleServices`; imports no torch.

    Args:
        load: called before torch is wanted; imports it so that the window is not held up.
    """
    from genani.engines.stylise import registry
    from genani.engines.stylise.api import StyleSettings, Stylist

    making = threading.Lock()

    def stylist(look: StyleLook) -> tuple[Stylist, StyleSettings]:
        settings = registry.resolve(
            StyleSettings(look.name, look.strength, dict(look.options), look.seed)
        )
        # The worker draws and another thread estimates: each stylist is made once all the same.
        with making:
            load()
            return registry.create(look.name), settings

    def estimate(look: StyleLook, size: tuple[int, int], count: int) -> Cost:
        maker, settings = stylist(look)
        return maker.estimate(size, count, settings)

    def restyle(
        pictures: Iterator[Picture], count: int, look: StyleLook, token: CancelToken
    ) -> Iterator[Picture]:
        maker, settings = stylist(look)
        # Here, as it imports OpenCV.
        from genani.engines.stylise.sequence import stylise_sequence

        yield from stylise_sequence(maker, pictures, settings, token, count=count)

    return StyleServices(_choices, estimate, restyle, _fetch)


def _choices() -> Sequence[StyleChoice]:
    from genani.engines.stylise import registry
    from genani.engines.stylise.options import COMMON_OPTIONS

    tasks = {style: task for task, style in styles_by_task().items()}
    found = []
    for name in registry.names():
        info = registry.info(name)
        missing, fetch = ("", ()) if registry.installed(name) else _remedy(info.models)
        found.append(
            StyleChoice(
                id=name,
                name=name,
                title=info.title,
                summary=info.summary,
                missing=missing,
                options=(*info.options, *COMMON_OPTIONS),
                seeded=info.seeded,
                fetch=fetch,
                task=tasks.get(name, ""),
            )
        )
    return [*_own(found), *found]


def _own(shipped: Sequence[StyleChoice]) -> list[StyleChoice]:
    """Styles that were trained here and kept, by title."""
    from genani.engines.stylise import registry

    by_name = {choice.name: choice for choice in shipped}
    by_task = styles_by_task()
    found = []
    for path in sorted(store_folder().glob(f"*/{OWN}")):
        try:
            told = json.loads(path.read_bytes())
            like = by_name[by_task[told["task"]]]
            title = str(told["title"])
        except (OSError, ValueError, KeyError, TypeError):
            # Of another task, or damaged: it is no style.
            continue
        model = path.parent.name
        preset = {"model": model}
        there = registry.installed(like.name, options=preset)
        found.append(
            replace(
                like,
                id=model,
                title=title,
                summary=f"Your own: {like.title}.",
                missing="" if there else _DAMAGED.format(path.parent),
                preset=preset,
                fetch=(),
                task="",
            )
        )
    return sorted(found, key=lambda choice: choice.title.lower())


def _remedy(models: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """How models are to be had, in one sentence, and which of them can be fetched."""
    from genani.store.errand import megabytes
    from genani.store.models import Catalogue, ModelState

    catalogue = Catalogue()
    fetched: list[ModelState] = []
    others = []
    for model in models:
        try:
            state = catalogue.state(model)
        except GenAniError:
            others.append(model)
            continue
        if not state.status.usable:
            if state.entry.sources:
                fetched.append(state)
            else:
                others.append(model)
    if others:
        return "It has no model yet: one has to be trained, on pictures of your own.", ()
    names = tuple(state.entry.name for state in fetched)
    told = ", ".join(f"{state.entry.title} ({state.entry.licence})" for state in fetched)
    size = megabytes(sum(catalogue.download_size(name) for name in names))
    return f"Not installed: {told}, {size} to download.", names


def _fetch(models: Sequence[str], token: CancelToken) -> None:
    from genani.store.models import Catalogue

    for index, model in enumerate(models):

        def tell(share: float, text: str, index: int = index) -> None:
            token.step((index + share) / len(models), text)

        Catalogue().fetch(model, progress=tell, check=token.check)
