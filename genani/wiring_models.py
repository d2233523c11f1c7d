"""Which models engines and stylists can be told to draw with: a room that app may not import."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from genani.app.model_choices import Brought, ModelChoice, ModelOffer
from genani.scene.errors import GenAniError
from genani.store.card import known_limits
from genani.store.models import Catalogue, ModelState
from genani.store.places import store_folder
from genani.wiring_tasks import drawer_of, task_for

OWN = "own.json"
"""What a model of the store that was trained here says of itself: its task and title."""


@dataclass(frozen=True)
class _Kind:
    """What one engine or stylist can be told to draw with.

    Attributes:
        architecture: what its models say they are; empty where none of the store's are.
        own: the model it draws with where none is named; empty for none.
        brought: what of one's own may be named.
        missing: what is said where nothing is named and nothing is there.
    """

    architecture: str = ""
    own: str = ""
    brought: Brought = Brought.FILE | Brought.FOLDER
    missing: str = "GenAni has no model of its own for this yet: train one, or choose another."


_KINDS = {
    "vqgpt": _Kind("genani-vqgpt/1", "genani-vqgpt", Brought.FOLDER),
    "tooncrafter": _Kind(
        own="tooncrafter-512",
        missing="ToonCrafter's weights do not come with GenAni: choose their file or folder.",
    ),
    "keyframe-diffusion": _Kind(
        brought=Brought.FOLDER,
        missing="No video model comes with GenAni: choose the folder of one.",
    ),
    "sprite": _Kind("genani-sprite/1", "genani-sprite"),
    "cartoongan": _Kind("genani-cartoongan/1", "genani-cartoongan"),
    "artifygan": _Kind("genani-cartoongan/1", "genani-artifygan"),
    "animegan": _Kind("genani-animegan/1", "genani-animegan"),
    "stylegan": _Kind("genani-stylegan/1", "genani-stylegan"),
    "jojogan": _Kind("genani-stylegan/1", "genani-jojogan"),
}
"""By the name of the engine or stylist; one of `genani-stylegan/1` may have learnt one style."""


def offer(drawer: str) -> ModelOffer:
    """What an engine or a stylist can be told to draw with. Reads files.

    Args:
        drawer: name of the engine or stylist; `sprite` for what animates a drawing.
    """
    kind = _KINDS.get(drawer, _Kind())
    catalogue = Catalogue()
    others = [
        ModelChoice(state.entry.name, state.entry.title, limits=known_limits(state.entry.name))
        for state in _there(catalogue, kind)
        if _taught(state.entry.name) in ("", drawer)
    ]
    return ModelOffer((_usual(catalogue, kind), *others), kind.brought, task_for(drawer))


def _usual(catalogue: Catalogue, kind: _Kind) -> ModelChoice:
    """What is meant where no model is named."""
    state = _state(catalogue, kind.own) if kind.own else None
    if state is not None and state.status.usable:
        return ModelChoice("", state.entry.title, limits=known_limits(kind.own))
    if kind.architecture:
        return ModelChoice("", "GenAni's own: not here yet", kind.missing)
    return ModelChoice("", "None chosen", kind.missing)


def _there(catalogue: Catalogue, kind: _Kind) -> Iterator[ModelState]:
    # What is meant by no name, here or by another drawer, has its place already.
    owned = {each.own for each in _KINDS.values()}
    return (
        state
        for state in catalogue.list()
        if kind.architecture == state.entry.architecture
        and state.entry.name not in owned
        and state.status.usable
    )


def _state(catalogue: Catalogue, name: str) -> ModelState | None:
    try:
        return catalogue.state(name)
    except GenAniError:
        return None


def told(model: str) -> Mapping[str, str]:
    """What a model that was trained here says of itself; empty for others."""
    try:
        found = json.loads((store_folder() / model / OWN).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def _taught(model: str) -> str:
    """Who draws with a model that was trained here; empty where nobody has said."""
    return drawer_of(told(model).get("task", ""))
