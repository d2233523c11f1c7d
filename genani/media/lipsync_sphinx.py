"""Sounds heard by PocketSphinx, with the English model that its package brings.

D. Huggins-Daines et al., "PocketSphinx", ICASSP 2006. With a script its words are found in the
recording, then the sounds within them. Without one, sounds are guessed one after another: rougher
(about two thirds of the time the right shape on clear English), and in other languages a hint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genani.media.lipsync import Spoken
from genani.scene.acting import Viseme
from genani.scene.errors import FileError
from genani.scene.mouth_chart import viseme_of_sound

_TICKS = 100
"""PocketSphinx's own frames a second."""

_RATE = 16_000
_PIECE, _LEAST_PIECE = 25.0, 10.0
"""Seconds that are listened to at once without a script; pieces end where it is quietest."""

_BEAMS = (None, 1e-64, 1e-80, 1e-100, 1e-120, 1e-160)
"""How far PocketSphinx looks for the words of a script, wider at each try; None is its own."""

_PAUSE = 12
"""Ticks of silence from which on a mouth comes to rest; in shorter ones it keeps its shape."""

_MARK = "genani_"
"""What begins the made-up words that are one sound each."""

_LETTERS = {
    **{"tsch": "CH", "sch": "SH", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "ck": "K"},
    **{"qu": "K W", "ng": "NG", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW"},
    **{"ai": "EY", "ay": "EY", "ei": "AY", "ie": "IY", "oa": "OW", "au": "AO", "aw": "AO"},
    **{"oi": "OY", "oy": "OY", "eu": "OY", "er": "ER"},
    **{"a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH"},
    **{"i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AO", "p": "P"},
    **{"q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S"},
    **{"y": "Y", "z": "Z", "ä": "EH", "ö": "ER", "ü": "UW", "ß": "S"},
}
"""How letters sound in words that the dictionary lacks; longer ones go first."""


NOT_FOUND = "the script was not found in the recording, so its sounds were guessed"
"""Told as progress where a script did not help."""


class Sound(NamedTuple):
    """A sound and the ticks it lasts, `end` excluded."""

    name: str
    start: int
    end: int


def heard(
    voice: NDArray[np.int16], script: str, progress: Callable[[float, str], None]
) -> tuple[Spoken, ...]:
    """Mouth shapes of a recording.

    Args:
        voice: (N,) at 16 000 a second.
        script: what is said, or empty.
        progress: told how far it is; what it raises stops the work between two pieces.

    Raises:
        FileError: PocketSphinx is not installed.
    """
    ticks = max(len(voice) * _TICKS // _RATE, 1)
    sounds: list[Sound] | None = None
    words = _words(script)
    if words:
        progress(0.1, "looking for the words of the script")
        sounds = _followed(voice, words, progress)
    if sounds is None:
        if words:
            progress(0.1, NOT_FOUND)
        sounds = list(_guessed(voice, progress))
    progress(1.0, "done")
    return _shapes(sounds, ticks)


def _shapes(sounds: Sequence[Sound], ticks: int) -> tuple[Spoken, ...]:
    """Shapes of sounds; pauses are bridged, the mouth is at rest before and after."""
    shapes: list[tuple[int, Viseme]] = [(0, Viseme.X)]
    for sound in sounds:
        shape = viseme_of_sound(sound.name) or Viseme.X
        if shape is Viseme.X and sound.end - sound.start < _PAUSE:
            continue
        if shape is not shapes[-1][1]:
            if sound.start == shapes[-1][0]:
                shapes.pop()
            shapes.append((sound.start, shape))
    found = [Spoken(Fraction(start, _TICKS), shape) for start, shape in shapes if start < ticks]
    return (*found, Spoken(Fraction(ticks, _TICKS), None))


def _guessed(voice: NDArray[np.int16], progress: Callable[[float, str], None]) -> Iterator[Sound]:
    """Sounds one after another, without knowing the words."""
    decoder = _decoder(
        allphone=_model("en-us-phone.lm.bin"), dict=None, lw=2.0, beam=1e-20, pbeam=1e-20
    )
    for start, stop in _pieces(voice):
        progress(0.1 + 0.9 * start / len(voice), "listening")
        offset = start * _TICKS // _RATE
        for sound in _decoded(decoder, voice[start:stop]) or ():
            yield Sound(sound.name, sound.start + offset, sound.end + offset)


def _followed(
    voice: NDArray[np.int16], words: Sequence[str], progress: Callable[[float, str], None]
) -> list[Sound] | None:
    """The sounds of a script's words where they are said; None where they are not found."""
    for place, beam in enumerate(_BEAMS):
        progress(0.1 + 0.1 * place, "looking for the words of the script")
        decoder = _decoder(**({} if beam is None else dict.fromkeys(_BEAM_NAMES, beam)))
        _add_missing(decoder, words)
        decoder.set_align_text(" ".join(words))
        found = _decoded(decoder, voice)
        said = [each for each in found or () if not each.name.startswith("<")]
        if len(said) == len(words):
            progress(0.7, "looking for the sounds of the words")
            return _sounds_of(decoder, voice, found or [])
    return None


def _sounds_of(decoder: Any, voice: NDArray[np.int16], words: Sequence[Sound]) -> list[Sound]:
    """The sounds within words that were found; spread evenly where they cannot be told apart."""
    spelled = [
        (word, "SIL" if word.name.startswith("<") else decoder.lookup_word(word.name))
        for word in words
    ]
    names = [name for _, sounds in spelled if sounds != "SIL" for name in sounds.split()]
    for name in sorted(set(names)):
        decoder.add_word(f"{_MARK}{name.lower()}", name, True)
    decoder.set_align_text(" ".join(f"{_MARK}{name.lower()}" for name in names))
    found = _decoded(decoder, voice)
    told = [
        Sound(each.name.removeprefix(_MARK).upper(), each.start, each.end)
        if each.name.startswith(_MARK)
        else Sound("SIL", each.start, each.end)
        for each in found or ()
    ]
    if [each.name for each in told if each.name != "SIL"] == names:
        return told
    return [sound for word, sounds in spelled for sound in _spread(word, sounds.split())]


def _spread(word: Sound, names: Sequence[str]) -> Iterator[Sound]:
    """Sounds over the ticks of a word; vowels last twice as long as consonants."""
    lengths = np.array([2.0 if name[0] in "AEIOU" else 1.0 for name in names])
    stops = np.rint(word.start + np.cumsum(lengths) / lengths.sum() * (word.end - word.start))
    start = word.start
    for name, stop in zip(names, stops.astype(int).tolist(), strict=True):
        yield Sound(name, start, stop)
        start = stop


def _words(script: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", script.lower())


def _add_missing(decoder: Any, words: Sequence[str]) -> None:
    missing = [word for word in dict.fromkeys(words) if decoder.lookup_word(word) is None]
    for word in missing:
        decoder.add_word(word, _spelled(word), True)


def _spelled(word: str) -> str:
    """The sounds of a word that the dictionary lacks, letter by letter."""
    longest_first = sorted(_LETTERS, key=len, reverse=True)
    found = re.findall("|".join(longest_first), word)
    return " ".join(_LETTERS[each] for each in found) or "AH"


def _pieces(voice: NDArray[np.int16]) -> Iterator[tuple[int, int]]:
    """(start, stop) of pieces of a recording, cut where it is quietest."""
    start = 0
    while len(voice) - start > (_PIECE + _LEAST_PIECE) * _RATE:
        low, high = start + int(_LEAST_PIECE * _RATE), start + int(_PIECE * _RATE)
        step = _RATE // _TICKS
        loud = np.abs(voice[low:high].astype(np.float32)).reshape(-1, step).mean(1)
        smooth = np.convolve(loud, np.ones(20) / 20, "same")
        stop = low + int(smooth.argmin()) * step
        yield start, stop
        start = stop
    yield start, len(voice)


def _decoded(decoder: Any, voice: NDArray[np.int16]) -> list[Sound] | None:
    """What a decoder finds; None where it finds no way through the recording."""
    try:
        decoder.start_utt()
        decoder.process_raw(voice.astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.seg()
    except RuntimeError:
        return None
    if found is None:
        return None
    sounds = [Sound(each.word, each.start_frame, each.end_frame + 1) for each in found]
    return [sound for sound in sounds if sound.name not in ("<s>", "</s>")]


_BEAM_NAMES = ("beam", "wbeam", "pbeam")


def _decoder(**options: Any) -> Any:
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise FileError(
            "mouth shapes cannot be heard: install the package pocketsphinx, or Rhubarb Lip Sync"
        ) from error
    return Decoder(lm=None, loglevel="FATAL", **options)


def _model(name: str) -> str:
    from pocketsphinx import get_model_path

    return str(get_model_path(f"en-us/{name}"))
