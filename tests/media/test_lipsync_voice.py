"""Mouth shapes heard in recordings: `voice.ogg` says "We will move very fast over the wolf."

It was made with a speech synthesiser. Rhubarb is stood in for by a program that talks as it does.
"""

from __future__ import annotations

import json
import os
import sys
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from genani.media import lipsync_sphinx, lipsync_voice
from genani.media.lipsync import Spoken
from genani.media.lipsync_voice import SAMPLE_RATE, decoded, heard, load
from genani.scene.acting import MouthCue, Viseme
from genani.scene.errors import Cancelled, FileError
from genani.scene.time import Rate

VOICE = Path(__file__).parent / "voice.ogg"
SCRIPT = "We will move very fast over the wolf."
RATE = Rate()


@pytest.fixture(autouse=True)
def _no_rhubarb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


class Listener:
    """Keeps what is told."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.texts: list[str] = []

    def __call__(self, share: float, text: str) -> None:
        self.shares.append(share)
        self.texts.append(text)


def shape_at(spoken: tuple[Spoken, ...], seconds: float) -> Viseme | None:
    return [each.shape for each in spoken if each.seconds <= seconds][-1]


def vowel(formants: tuple[float, ...], seconds: float) -> NDArray[np.float64]:
    """A sung vowel: a train of pulses through resonators (D. H. Klatt, 1980)."""
    count = int(seconds * SAMPLE_RATE)
    sound = np.zeros(count)
    sound[:: SAMPLE_RATE // 110] = 1.0
    for formant in formants:
        radius = np.exp(-np.pi * 80 / SAMPLE_RATE)
        turn = 2 * radius * np.cos(2 * np.pi * formant / SAMPLE_RATE)
        rung = np.zeros(count + 2)
        for at in range(count):
            rung[at + 2] = sound[at] + turn * rung[at + 1] - radius * radius * rung[at]
        sound = rung[2:]
    fade = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / 400)
    return fade * sound / np.abs(sound).max()


def recorded(path: Path, sound: NDArray[np.float64], rate: int = SAMPLE_RATE) -> Path:
    noise = np.random.default_rng(1).normal(0, 1e-4, len(sound))
    with wave.open(os.fspath(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((20000 * (sound + noise)).astype("<i2").tobytes())
    return path


def test_the_words_of_a_script_are_followed() -> None:
    spoken = heard(VOICE, script=SCRIPT)
    shapes = [each.shape for each in spoken]
    # W M UW V - V EH - F AE S T - OW V ER - W L F, and the end.
    wanted = ["F", "A", "F", "G", "C", "B", "G", "C", "B", "F", "G", "E", "F", "H", "G", "X"]
    rest = iter(shapes)
    assert all(any(shape == letter for shape in rest) for letter in wanted)
    assert shapes[-1] is None
    assert spoken[-1].seconds == pytest.approx(2.6, abs=0.2)
    assert shape_at(spoken, 2.5) is Viseme.X


def test_without_a_script_sounds_are_guessed_well_enough() -> None:
    followed, guessed = heard(VOICE, script=SCRIPT), heard(VOICE)
    times = np.arange(0, 2.6, 0.01)
    same = [shape_at(followed, at) is shape_at(guessed, at) for at in times]
    assert np.mean(same) > 0.5
    assert {Viseme.G, Viseme.A, Viseme.F} <= {each.shape for each in guessed}


def test_cues_of_a_voice_keep_the_hold() -> None:
    for hold in (1, 4):
        found = load(VOICE, RATE, hold, start=10)
        assert all(b.frame - a.frame >= hold for a, b in pairwise(found))
        assert found[0].frame == 10
        assert found[-1].shape is None


def test_words_that_no_dictionary_has_are_sounded_by_their_letters() -> None:
    spoken = heard(VOICE, script="We will moov verry fasst ovver the wolf")
    plain = heard(VOICE, script=SCRIPT)
    times = np.arange(0, 2.6, 0.01)
    assert np.mean([shape_at(plain, at) is shape_at(spoken, at) for at in times]) > 0.7


def test_a_script_of_something_else_is_told() -> None:
    told = Listener()
    other = "quite another sentence that has nothing to do with any of this at all"
    found = heard(VOICE, script=other, progress=told)
    assert lipsync_sphinx.NOT_FOUND in told.texts
    assert found == heard(VOICE)


@pytest.mark.parametrize("script", ["", " \n", "123 ... !?"])
def test_a_script_without_words_is_none(script: str) -> None:
    assert heard(VOICE, script=script) == heard(VOICE)


def test_an_open_vowel_opens_the_mouth_and_silence_shuts_it(tmp_path: Path) -> None:
    quiet = np.zeros(SAMPLE_RATE // 2)
    sung = vowel((730, 1090, 2440, 3300), 0.6)
    spoken = heard(recorded(tmp_path / "a.wav", np.concatenate([quiet, sung, quiet])))
    assert shape_at(spoken, 0.2) is Viseme.X
    assert shape_at(spoken, 0.8) in (Viseme.C, Viseme.D, Viseme.E)
    assert shape_at(spoken, 1.5) is Viseme.X


def test_silence_is_rest_all_along(tmp_path: Path) -> None:
    spoken = heard(recorded(tmp_path / "a.wav", np.zeros(SAMPLE_RATE)))
    assert [each.shape for each in spoken] == [Viseme.X, None]


@pytest.mark.parametrize("rate", [8000, 44100])
def test_any_sample_rate_is_read(tmp_path: Path, rate: int) -> None:
    path = recorded(tmp_path / "a.wav", np.sin(np.arange(rate) * 0.05), rate)
    assert len(decoded(path)) == pytest.approx(SAMPLE_RATE, abs=100)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.wav", b"nothing of the kind", "damaged, or not a sound file"),
        ("a.mp3", b"\0" * 4000, "cannot read"),
        ("a.wav", b"", "the file is empty"),
    ],
)
def test_what_is_no_sound_is_told(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileError, match=why):
        heard(tmp_path / name)


def test_a_missing_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        heard(tmp_path / "none.wav")


def test_a_recording_that_is_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lipsync_voice, "LONGEST", 1)
    with pytest.raises(FileError, match="cut the recording"):
        heard(VOICE)


def test_long_recordings_are_heard_piece_by_piece(tmp_path: Path) -> None:
    voice = decoded(VOICE).astype(float) / 32768
    path = recorded(tmp_path / "long.wav", np.tile(voice, 16))
    told = Listener()
    spoken = heard(path, progress=told)
    assert len(told.shares) > 3
    assert told.shares == sorted(told.shares)
    assert spoken[-1].seconds == pytest.approx(16 * len(voice) / SAMPLE_RATE, abs=0.02)
    assert all(a.seconds < b.seconds for a, b in pairwise(spoken))


def test_listening_can_be_stopped() -> None:
    def stop(share: float, text: str) -> None:
        if share > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        heard(VOICE, progress=stop)


RHUBARB = """
import json, signal, sys, wave
given = sys.argv[1:]
options = dict(zip(given[1:-1:2], given[2:-1:2]))
assert given[0] == "--machineReadable" and options["--exportFormat"] == "json"
with wave.open(given[-1]) as voice:
    assert voice.getframerate() == 16000 and voice.getnframes() > 20000
say = lambda **event: print(json.dumps(event), file=sys.stderr, flush=True)
say(type="start", file=given[-1])
mode = {mode!r}
print("not JSON", file=sys.stderr)
for share in range(11):
    say(type="progress", value=share / 10)
    if mode == "slow" and share == 5:
        signal.pause()
if mode == "fails":
    say(type="failure", reason="Error processing file: no speech")
    sys.exit(1)
if mode == "dies":
    sys.exit(3)
script = options.get("--dialogFile")
words = open(script, encoding="utf-8").read() if script else ""
shape = "D" if "\\u00e4h" in words else "C"
last = "F" if options["--recognizer"] == "phonetic" else "A"
cues = [dict(start=0.0, end=0.5, value="X"), dict(start=0.5, end=1.0, value=shape),
        dict(start=1.0, end=1.5, value=last)]
json.dump(dict(mouthCues=cues), open(options["--output"], "w"))
say(type="success")
"""


def rhubarb(folder: Path, mode: str = "") -> Path:
    program = folder / "rhubarb"
    body = RHUBARB.replace("{mode!r}", repr(mode))
    program.write_text(f"#!{sys.executable}\n{body}", "utf-8")
    program.chmod(0o755)
    return program


def test_rhubarb_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rhubarb(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = Listener()
    found = load(VOICE, RATE, progress=told)
    assert found == (
        *(MouthCue(1, Viseme.X), MouthCue(13, Viseme.C)),
        *(MouthCue(25, Viseme.A), MouthCue(37, None)),
    )
    assert told.shares[-11:] == pytest.approx([each / 10 for each in range(11)])


def test_rhubarb_gets_the_script_and_the_language(tmp_path: Path) -> None:
    spoken = heard(VOICE, script="Ähem, äh", english=False, rhubarb=rhubarb(tmp_path))
    assert [each.shape for each in spoken] == [Viseme.X, Viseme.D, Viseme.F, None]


@pytest.mark.parametrize(("mode", "why"), [("fails", "no speech"), ("dies", "code 3")])
def test_rhubarbs_failures_are_told(tmp_path: Path, mode: str, why: str) -> None:
    with pytest.raises(FileError, match=why):
        heard(VOICE, rhubarb=rhubarb(tmp_path, mode))


def test_a_rhubarb_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot start Rhubarb"):
        heard(VOICE, rhubarb=tmp_path / "none")


def test_rhubarb_is_stopped_at_once(tmp_path: Path) -> None:
    program = rhubarb(tmp_path, "slow")

    def stop(share: float, text: str) -> None:
        if share > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        heard(VOICE, rhubarb=program, progress=stop)
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir())) == '["rhubarb"]'
