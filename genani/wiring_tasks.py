"""What the training window offers to train, of all that `genani train` can."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genani.app.training.album import Material
from genani.app.training.services import Gives, TrainingChoice
from genani.scene.errors import GenAniError

_OWN_SIZES = ("task.sizes", "task.varied")


@dataclass(frozen=True)
class _Offer:
    """A task that the window offers; see `TrainingChoice` for what is not said here.

    Attributes:
        title: of what comes of it.
        engine: that draws with it; for a style, its name.
        base: the model it starts from; empty for none.
        way: how the base model is to be had.
        pace: seconds for an example of 256 x 256 pixels, on two cores.
    """

    title: str
    engine: str
    pace: float
    base: str = ""
    way: str = ""
    settings: tuple[str, ...] = ()
    material: Material = Material.CLIPS
    alone: bool = True
    gives: Gives = Gives.STYLE
    needs: tuple[str, str] | tuple[()] = ()
    rights: bool = False


_FEATURES = "squeezenet-features"
_FETCH_FEATURES = f"`genani models fetch {_FEATURES}`"

_OFFERED = {
    "rife": _Offer(
        "RIFE",
        "rife",
        0.35,
        "genani-rife",
        "it comes with GenAni: install GenAni anew",
        _OWN_SIZES,
        alone=False,
        gives=Gives.ADAPTER,
    ),
    "face": _Offer(
        "GenAni",
        "genani",
        0.6,
        "genani-face",
        "`genani train face` makes it",
        _OWN_SIZES,
        alone=False,
        gives=Gives.ADAPTER,
    ),
    "vqgan": _Offer(
        "GANime, first part: codes",
        "vqgpt",
        0.5,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.side",),
        gives=Gives.PART,
    ),
    "vqgpt": _Offer(
        "GANime, second part: between the keys",
        "vqgpt",
        0.3,
        gives=Gives.ENGINE,
        needs=("vqgan", "task.vqgan"),
    ),
    "sprite": _Offer(
        "Animate a drawing",
        "sprite",
        0.6,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.sizes",),
        Material.ACTIONS,
        gives=Gives.LOOPS,
    ),
    "cartoongan": _Offer(
        "CartoonGAN",
        "cartoongan",
        1.2,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.size",),
        Material.PAIR,
    ),
    "artifygan": _Offer(
        "ArtifyGAN",
        "artifygan",
        1.2,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.size",),
        Material.PAIR,
    ),
    "animegan": _Offer(
        "AnimeGAN",
        "animegan",
        1.0,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.size",),
        Material.PAIR,
    ),
    "stylegan": _Offer(
        "StyleGAN2",
        "stylegan",
        1.5,
        _FEATURES,
        _FETCH_FEATURES,
        ("task.size",),
        Material.PICTURES,
        rights=True,
    ),
    "jojogan": _Offer(
        "JoJoGAN: the style of one picture",
        "jojogan",
        2.0,
        _FEATURES,
        _FETCH_FEATURES,
        (),
        Material.PICTURE,
        alone=False,
        needs=("stylegan", "task.model"),
        rights=True,
    ),
}
"""By the task's name; ToonCrafter's is for a graphics card and the command line."""


def choices() -> Sequence[TrainingChoice]:
    """What can be trained here, or could be if something were installed."""
    from genani.engines import registry
    from genani.training.tasks import TASKS

    found = []
    for name, offer in _OFFERED.items():
        if name not in TASKS:
            continue
        missing = ""
        if offer.base and not _installed(registry.installed, offer.base):
            missing = f"{offer.base} is not installed: {offer.way}"
        presets = {
            preset: {key: str(value) for key, value in _flat(table).items()}
            for preset, table in TASKS[name].presets.items()
        }
        found.append(
            TrainingChoice(
                task=name,
                title=offer.title,
                summary=re.sub(r" \(--data \w+\)", "", TASKS[name].summary),
                engine=offer.engine,
                base=offer.base,
                missing=missing,
                pace=offer.pace,
                presets=presets,
                settings=offer.settings,
                material=offer.material,
                alone=offer.alone,
                gives=offer.gives,
                needs=offer.needs,
                rights=offer.rights,
            )
        )
    return found


def styles_by_task() -> Mapping[str, str]:
    """Tasks whose results are styles, to the name of the stylist that draws with them."""
    return {task: each.engine for task, each in _OFFERED.items() if each.gives is Gives.STYLE}


def drawer_of(task: str) -> str:
    """The engine or stylist that draws with what comes of a task; empty for an unknown one."""
    offer = _OFFERED.get(task)
    return offer.engine if offer else ""


def task_for(drawer: str) -> str:
    """The task with which to begin, to make what an engine or stylist draws with; empty for none.

    Where it takes two, that is the first.
    """
    tasks = (task for task, each in _OFFERED.items() if each.engine == drawer)
    return next((task for task in tasks if _OFFERED[task].gives is not Gives.ADAPTER), "")


def _installed(has: Any, model: str) -> bool:
    try:
        return has(model)
    except GenAniError:
        return False


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Settings by their whole names, `task.size` for `size` in the table `task`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = value
    return flat
