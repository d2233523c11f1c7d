"""The other names of mouth shapes, and the sounds they are drawn for.

The letters are those of Rhubarb Lip Sync's README (D. S. Wolf), six of them from Hanna-Barbera's
charts; the other names are P. Blair's ("Advanced Animation", 1947) as Papagayo and Moho write
them. Sounds are in ARPAbet, as in the CMU Pronouncing Dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from genani.scene.acting import Viseme
from genani.scene.errors import SceneError

LETTERS: Mapping[str, Viseme] = {shape.value: shape for shape in Viseme}
"""The names of `Viseme` themselves."""

PRESTON_BLAIR: Mapping[str, Viseme] = {
    "MBP": Viseme.A,
    "etc": Viseme.B,
    "E": Viseme.C,
    "AI": Viseme.D,
    "O": Viseme.E,
    "U": Viseme.F,
    "WQ": Viseme.F,
    "FV": Viseme.G,
    "L": Viseme.H,
    "rest": Viseme.X,
}
"""P. Blair's names; the first one of a shape is the one that is written."""

SOUNDS: Mapping[Viseme, tuple[str, ...]] = {
    Viseme.A: ("M", "B", "P"),
    Viseme.B: (
        *("K", "G", "NG", "S", "Z", "SH", "ZH", "CH", "JH", "T", "D", "N", "TH", "DH", "Y", "HH"),
        *("IY", "IH"),
    ),
    Viseme.C: ("EH", "AE", "AH", "EY"),
    Viseme.D: ("AA", "AY", "AW"),
    Viseme.E: ("AO", "ER", "OY", "R"),
    Viseme.F: ("UW", "UH", "OW", "W"),
    Viseme.G: ("F", "V"),
    Viseme.H: ("L",),
    Viseme.X: ("SIL", "REST"),
}
"""Vowels and groups of consonants that share a shape."""

_BY_SOUND = {sound: shape for shape, sounds in SOUNDS.items() for sound in sounds}


def viseme_of_sound(sound: str) -> Viseme | None:
    """The shape for an ARPAbet sound, its stress ignored; None for what is no sound of speech."""
    return _BY_SOUND.get(sound.upper().rstrip("012"))


def chart_of(names: Iterable[str]) -> Mapping[str, Viseme]:
    """What these names of one file mean: letters, P. Blair's names, or else sounds.

    `E` and `L` mean one shape as a letter and another as P. Blair's, so a file has to be looked
    at as a whole.

    Raises:
        SceneError: names of no chart; the text has the first unknown one.
    """
    wanted = sorted(set(names))
    sounds = {name: shape for name in wanted if (shape := viseme_of_sound(name))}
    charts = LETTERS, PRESTON_BLAIR, sounds
    for chart in charts:
        folded = {name.casefold(): shape for name, shape in chart.items()}
        if all(name.casefold() in folded for name in wanted):
            return {name: folded[name.casefold()] for name in wanted}
    known = {name.casefold() for chart in charts for name in chart}
    strange = [name for name in wanted if name.casefold() not in known]
    if strange:
        raise SceneError(f"'{strange[0][:40]}' is not a mouth shape")
    raise SceneError("the mouth shapes are named from several charts at once")
