"""Settings: what a person chose for this computer, as one checked value in one file."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec
import psutil

from genani.app.places import config_folder
from genani.media import atomic
from genani.media.options import ExportOptions
from genani.scene.errors import GenAniError, SceneError
from genani.scene.record import from_json, to_json

_log = logging.getLogger(__name__)


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Tint(StrEnum):
    """Colours of the onion skin: drawings before, and drawings after."""

    RED_GREEN = "red-green"
    RED_BLUE = "red-blue"
    ORANGE_BLUE = "orange-blue"


class MouthNames(StrEnum):
    """What mouth shapes are called on the lanes."""

    LETTERS = "letters"
    """A to H and X, as on a mouth chart."""
    PRESTON_BLAIR = "preston-blair"
    """MBP, etc, E, AI, O, U, FV, L, rest."""


@dataclass(frozen=True)
class OnionSkin:
    """What shows through from the neighbouring drawings.

    Attributes:
        before, after: how many drawings on each side.
        opacity_before, opacity_after: of the nearest one, 0 to 1; each further one fades.
        keys_only: leave out in-betweens.
        skip_generated: leave out what no hand has accepted.
    """

    on: bool = False
    before: int = 2
    after: int = 2
    opacity_before: float = 0.4
    opacity_after: float = 0.4
    tint: Tint = Tint.RED_GREEN
    keys_only: bool = False
    skip_generated: bool = False


@dataclass(frozen=True)
class FaceLines:
    """What of faces is shown over the frame.

    Attributes:
        on: lines and points.
        mesh: the whole mesh too.
        ghost: the face of the other key too.
    """

    on: bool = False
    mesh: bool = False
    ghost: bool = False


def _share(parts: int, most: int) -> int:
    """One of so many parts of this computer's memory, in bytes, up to a bound."""
    return min(psutil.virtual_memory().total // parts, most)


@dataclass(frozen=True)
class Settings:
    """All settings, each with its default.

    Attributes:
        theme: colours of the window.
        onion: the onion skin.
        face_lines: landmarks over the frame.
        checkerboard: behind transparent drawings; else `background`.
        background: colour of the canvas, as #rrggbb.
        frame_memory: bytes of finished frames to hold for scrubbing and playing.
        picture_memory: bytes of drawings to hold.
        take_memory, take_disk: bytes of in-betweens to hold in memory and on disk.
        journal_seconds: unsaved work is on disk after so many seconds at most.
        external_editor: program that corrects a drawing; empty takes the system's choice.
        open_spans: importing keys also joins neighbours by spans.
        find_faces: look for a face on new keys by itself.
        export: choices of the last export.
        export_target: where it went.
        mouth_hold: frames that a mouth shape is held at least when it is imported.
        mouth_names: what mouth shapes are called.
        first_run: the welcome page has not been closed yet.
    """

    theme: Theme = Theme.DARK
    onion: OnionSkin = field(default_factory=OnionSkin)
    face_lines: FaceLines = field(default_factory=FaceLines)
    checkerboard: bool = True
    background: str = "#808080"
    frame_memory: int = field(default_factory=lambda: _share(10, 768 << 20))
    picture_memory: int = field(default_factory=lambda: _share(6, 1536 << 20))
    take_memory: int = field(default_factory=lambda: _share(8, 1 << 30))
    take_disk: int = 20 << 30
    journal_seconds: float = 4.0
    external_editor: str = ""
    open_spans: bool = True
    find_faces: bool = True
    export: ExportOptions = field(default_factory=ExportOptions)
    export_target: str = ""
    mouth_hold: int = 2
    mouth_names: MouthNames = MouthNames.LETTERS
    first_run: bool = True


def settings_file() -> Path:
    """Where the settings lie."""
    return config_folder() / "settings.json"


def load(path: Path) -> Settings:
    """The settings in a file; the defaults where it is missing or damaged."""
    try:
        return from_json(path.read_bytes(), Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, SceneError, GenAniError) as error:
        _log.warning("the settings in %s cannot be used: %s", path, error)
        return Settings()


def save(settings: Settings, path: Path) -> None:
    """Write the settings, whole or not at all.

    Raises:
        FileError: the place cannot be written.
    """
    with atomic.file(path) as temporary:
        temporary.write_bytes(msgspec.json.format(to_json(settings)))
