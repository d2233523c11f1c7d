"""Which style model is meant: a name in the model store, a folder, or a file. Imports torch."""

from __future__ import annotations

from pathlib import Path

from genani.engines.painting import Locate
from genani.engines.stylise.stylegan.weights import FILE, StyleModel, load
from genani.scene.errors import ModelError
from genani.store.models import path


def opened(name: str, locate: Locate = path) -> StyleModel:
    """The style model of a name.

    Args:
        name: in the model store, or a path to a file or to a folder that holds one.
        locate: finds the files of installed models.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    place = Path(name).expanduser()
    if place.is_dir():
        place /= FILE
    if place.is_file():
        return load(place)
    if place.suffix or len(place.parts) > 1:
        raise ModelError(f"there is no style model at '{name}'")
    return load(locate(name, FILE))
