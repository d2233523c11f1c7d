"""Where models lie: those that come with GenAni, and those a person fetched or imported."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from genani.resources import folder

STORE_VARIABLE = "GENANI_MODELS"
"""Environment variable that moves the store folder."""

OFFLINE_VARIABLE = "GENANI_OFFLINE"
"""Environment variable that forbids the network: any value but empty, `0`, `no` and `false`."""


def shipped_folder() -> Path:
    """The folder of models that come with GenAni, one folder a model."""
    return folder("models")


def store_folder() -> Path:
    """The folder of models that a person fetched, imported or described; it need not exist yet."""
    chosen = os.environ.get(STORE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_data_dir("GenAni", appauthor=False)) / "models"


def offline_wanted() -> bool:
    """Whether the environment asks GenAni to stay off the network."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in ("", "0", "no", "false")
