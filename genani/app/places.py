"""Where this person's settings and unsaved work lie; environment variables move them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CONFIG_VARIABLE = "GENANI_CONFIG"
DATA_VARIABLE = "GENANI_DATA"

_NAME = "GenAni"


def config_folder() -> Path:
    """Settings, window state and recent files; it need not exist yet."""
    moved = os.environ.get(CONFIG_VARIABLE)
    return Path(moved or platformdirs.user_config_dir(_NAME, appauthor=False)).absolute()


def data_folder() -> Path:
    """Journals of unsaved work; it need not exist yet."""
    moved = os.environ.get(DATA_VARIABLE)
    return Path(moved or platformdirs.user_data_dir(_NAME, appauthor=False)).absolute()
