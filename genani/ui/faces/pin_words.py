"""What pins are called, as an animator would say it; right and left are the figure's own."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP as NOOP
from PySide6.QtCore import QCoreApplication

_NAMES: dict[str, object] = {
    "right brow outer": NOOP("Pins", "Right brow, outer end"),
    "right brow middle": NOOP("Pins", "Right brow, middle"),
    "right brow inner": NOOP("Pins", "Right brow, inner end"),
    "left brow inner": NOOP("Pins", "Left brow, inner end"),
    "left brow middle": NOOP("Pins", "Left brow, middle"),
    "left brow outer": NOOP("Pins", "Left brow, outer end"),
    "right eye outer": NOOP("Pins", "Right eye, outer corner"),
    "right eye inner": NOOP("Pins", "Right eye, inner corner"),
    "right upper lid": NOOP("Pins", "Right upper lid"),
    "right lower lid": NOOP("Pins", "Right lower lid"),
    "left eye inner": NOOP("Pins", "Left eye, inner corner"),
    "left eye outer": NOOP("Pins", "Left eye, outer corner"),
    "left upper lid": NOOP("Pins", "Left upper lid"),
    "left lower lid": NOOP("Pins", "Left lower lid"),
    "right iris": NOOP("Pins", "Right iris"),
    "left iris": NOOP("Pins", "Left iris"),
    "nose tip": NOOP("Pins", "Tip of the nose"),
    "right nose wing": NOOP("Pins", "Right wing of the nose"),
    "left nose wing": NOOP("Pins", "Left wing of the nose"),
    "right mouth corner": NOOP("Pins", "Right corner of the mouth"),
    "left mouth corner": NOOP("Pins", "Left corner of the mouth"),
    "upper lip": NOOP("Pins", "Upper lip"),
    "lower lip": NOOP("Pins", "Lower lip"),
    "right jaw": NOOP("Pins", "Right corner of the jaw"),
    "left jaw": NOOP("Pins", "Left corner of the jaw"),
    "chin": NOOP("Pins", "Chin"),
}


def pin_name(pin: str) -> str:
    """What a pin is called; one that has no name here is called as in the mesh."""
    return QCoreApplication.translate("Pins", str(_NAMES.get(pin, pin)))
