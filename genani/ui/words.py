"""Words that several panels say."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from genani.app.settings import MouthNames
from genani.scene.acting import Viseme
from genani.scene.mouth_chart import PRESTON_BLAIR


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)


def shape_names(first: int, last: int) -> tuple[tuple[str, str], ...]:
    """The chart shapes and what they are called for keys on these frames."""
    return (
        ("even", _tr("Even")),
        ("halves", _tr("Halves")),
        ("thirds", _tr("Thirds")),
        ("quarters", _tr("Quarters")),
        ("favour-first", _tr("Favour {0}").format(first)),
        ("favour-last", _tr("Favour {0}").format(last)),
        ("slow-out", _tr("Slow out of {0}").format(first)),
        ("slow-in", _tr("Slow into {0}").format(last)),
        ("slow-out-slow-in", _tr("Slow out of {0}, slow into {1}").format(first, last)),
    )


def duration_text(seconds: float) -> str:
    """A time as people say it: `under a second`, `about 40 s`, `about 3 min`, `about 2 days`."""
    if seconds < 1:
        return _tr("under a second")
    if seconds < 90:
        return _tr("about {0} s").format(round(seconds))
    if seconds < 90 * 60:
        return _tr("about {0} min").format(round(seconds / 60))
    if seconds < 36 * 3600:
        return _tr("about {0} h").format(round(seconds / 3600))
    return _tr("about {0} days").format(round(seconds / 86400))


def memory_text(size: int) -> str:
    """A number of bytes as people say it."""
    if size < 1_000_000_000:
        return _tr("{0} MB").format(max(1, round(size / 1e6)))
    return _tr("{0} GB").format(f"{size / 1e9:.1f}")


def cost_text(engine: str, seconds: float, memory: int, device: str, tier: str, note: str) -> str:
    """What a drawing will take, in one line, and a note on the next."""
    text = _tr("{0} on {1}: {2}, {3}").format(
        engine, device.upper(), duration_text(seconds), memory_text(memory)
    )
    if tier and tier != "full":
        text = _tr("{0}, {1}").format(text, tier)
    return f"{text}\n{note}" if note else text


_PRESTON_BLAIR = {
    shape: next(name for name, named in PRESTON_BLAIR.items() if named is shape) for shape in Viseme
}


def mouth_name(shape: Viseme, names: MouthNames) -> str:
    """What a mouth shape is called: its letter, or its name in the Preston Blair set."""
    return shape.value if names is MouthNames.LETTERS else _PRESTON_BLAIR[shape]


def mouth_sounds(shape: Viseme) -> str:
    """How a mouth shape looks, and for which sounds it is used."""
    return {
        Viseme.A: _tr("closed: M, B, P"),
        Viseme.B: _tr("teeth together: K, S, T, EE"),
        Viseme.C: _tr("open: EH, AE"),
        Viseme.D: _tr("wide open: AA"),
        Viseme.E: _tr("slightly rounded: AO, ER"),
        Viseme.F: _tr("puckered: UW, OW, W"),
        Viseme.G: _tr("teeth on the lip: F, V"),
        Viseme.H: _tr("tongue up: L"),
        Viseme.X: _tr("at rest"),
    }[shape]
