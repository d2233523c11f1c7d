"""Lip-sync files: Rhubarb's .tsv, .xml and .json, and the .dat of Papagayo, Rhubarb and Moho.

A .dat counts frames from 1 and knows no rate, so it is read at the scene's. The others hold
seconds. What ends the last shape, a row of rest, gives the mouth back to the drawing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from genani.media import atomic
from genani.media.files import read_all, shown
from genani.media.lipsync import Spoken
from genani.scene.acting import Viseme
from genani.scene.errors import FileError, SceneError
from genani.scene.mouth_chart import LETTERS, PRESTON_BLAIR, chart_of
from genani.scene.time import MAX_FRAME, Rate

MAX_BYTES = 32 << 20
"""Larger files hold no lip-sync."""

_MOHO = "MohoSwitch1"
_LONGEST = 1_000_000
"""Seconds after which no voice goes on."""

Row = tuple[Fraction, str]


class _DamagedError(ValueError):
    """What a file holds is no lip-sync; the text says where and why."""


def read(path: Path, rate: Rate) -> tuple[Spoken, ...]:
    """The mouth shapes of a lip-sync file, in order of time.

    Args:
        path: its ending says what it is.
        rate: frames a second, for files that count frames.

    Raises:
        FileError: another kind of file, or a damaged one.
    """
    parse = _READERS.get(path.suffix.lower())
    if parse is None:
        raise FileError(f"cannot read '{shown(path)}': lip-sync files end in {', '.join(_READERS)}")
    data = read_all(path)
    if len(data) > MAX_BYTES:
        raise FileError(f"cannot read '{shown(path)}': it is too large for a lip-sync file")
    try:
        rows = parse(data.decode("utf-8-sig"), rate)
        return _spoken(rows)
    except UnicodeDecodeError as error:
        raise FileError(f"cannot read '{shown(path)}': it is not text") from error
    except (_DamagedError, SceneError) as error:
        raise FileError(f"cannot read '{shown(path)}': {error}") from error


def readable(path: Path) -> bool:
    """True if the name is that of a lip-sync file."""
    return path.suffix.lower() in _READERS


def check_writable(path: Path) -> None:
    """Refuse a name that is not one of a lip-sync file.

    Raises:
        FileError: another ending.
    """
    if path.suffix.lower() not in _WRITERS:
        raise FileError(
            f"cannot write '{shown(path)}': lip-sync files end in {', '.join(_WRITERS)}"
        )


def write(path: Path, spoken: Sequence[Spoken], rate: Rate, letters: bool | None = None) -> None:
    """Write mouth shapes to a .dat, .tsv or .json; whole or not at all.

    Args:
        path: its ending says what is written.
        spoken: in order of time.
        rate: frames a second, for a .dat.
        letters: letters A to H and X, or P. Blair's names; by default the latter in a .dat, which
            is what OpenToonz and Moho look for.

    Raises:
        FileError: another ending, or the place cannot be written.
    """
    check_writable(path)
    form = _WRITERS[path.suffix.lower()]
    letters = path.suffix.lower() != ".dat" if letters is None else letters
    names: dict[Viseme, str] = {}
    for name, shape in (LETTERS if letters else PRESTON_BLAIR).items():
        names.setdefault(shape, name)
    text = form([(each.seconds, names[each.shape or Viseme.X]) for each in spoken], rate)
    with atomic.file(path) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")


def _spoken(rows: Sequence[Row]) -> tuple[Spoken, ...]:
    """Rows as shapes: sorted, of two at one time the later one, the rest at the end as its end."""
    chart = chart_of(name for _, name in rows)
    by_time: dict[Fraction, Viseme] = {}
    for seconds, name in sorted(rows, key=lambda row: row[0]):
        by_time[seconds] = chart[name]
    found: list[Spoken] = []
    for seconds, shape in by_time.items():
        if not found or found[-1].shape is not shape:
            found.append(Spoken(seconds, shape))
    last = max(by_time)
    if by_time[last] is Viseme.X and len(found) > 1:
        found[-1] = Spoken(found[-1].seconds, None)
    return tuple(found)


def _read_dat(text: str, rate: Rate) -> list[Row]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != _MOHO:
        raise _DamagedError(f"a .dat of mouth shapes begins with {_MOHO}")
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        match = re.fullmatch(r"\s*(-?\d{1,9})\s+(\S+)\s*", line)
        if match is None:
            raise _DamagedError(f"line {number} is not a frame and a mouth shape")
        # Papagayo writes frames before the first where a voice starts at once.
        frame = max(int(match[1]), 1)
        if frame > MAX_FRAME:
            raise _DamagedError(f"line {number}: frame {frame} is past the last possible one")
        rows.append((rate.seconds(frame - 1), match[2]))
    return _some(rows)


def _read_tsv(text: str, rate: Rate) -> list[Row]:
    del rate
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.split("\t")
        if len(parts) != 2:
            raise _DamagedError(f"line {number} is not a time and a mouth shape with a tab between")
        rows.append((_seconds(parts[0], f"line {number}"), parts[1].strip()))
    return _some(rows)


def _read_json(text: str, rate: Rate) -> list[Row]:
    del rate
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _DamagedError("it is not JSON") from error
    entries = found.get("mouthCues") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise _DamagedError("it has no list 'mouthCues'")
    return _ended(
        (entry if isinstance(entry, dict) else {} for entry in entries), value="value", cue="cue"
    )


def _read_xml(text: str, rate: Rate) -> list[Row]:
    del rate
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _DamagedError("it is not the XML that Rhubarb writes") from error
    cues = ({**each.attrib, "value": each.text} for each in root.iter("mouthCue"))
    return _ended(cues, value="value", cue="mouth cue")


def _ended(entries: Iterable[Mapping[str, Any]], value: str, cue: str) -> list[Row]:
    """Rows of cues with a start and an end, the last end as a row of rest."""
    rows: list[Row] = []
    end = Fraction(0)
    for number, entry in enumerate(entries, start=1):
        where = f"{cue} {number}"
        name = entry.get(value)
        if not isinstance(name, str) or not name.strip():
            raise _DamagedError(f"{where} has no mouth shape")
        start, stop = (_seconds(entry.get(key), where) for key in ("start", "end"))
        if stop < start:
            raise _DamagedError(f"{where} ends before it starts")
        rows.append((start, name.strip()))
        end = max(end, stop)
    _some(rows)
    rest = "X" if chart_of(name for _, name in rows).keys() <= LETTERS.keys() else "rest"
    return [*rows, (end, rest)]


def _some(rows: list[Row]) -> list[Row]:
    if not rows:
        raise _DamagedError("it holds no mouth shapes")
    return rows


def _seconds(given: object, where: str) -> Fraction:
    try:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise TypeError
        if isinstance(given, str) and not re.fullmatch(r"\s*\d{1,7}(\.\d{0,12})?\s*", given):
            raise ValueError
        seconds = Fraction(str(given).strip()).limit_denominator(10**6)
    except (TypeError, ValueError, OverflowError) as error:
        raise _DamagedError(f"{where} has no time in seconds") from error
    if not 0 <= seconds <= _LONGEST:
        raise _DamagedError(f"{where}: {given} seconds is not a time of a voice")
    return seconds


def _dat(rows: Sequence[Row], rate: Rate) -> str:
    frames = ((1 + int(seconds * rate.fraction), name) for seconds, name in rows)
    return "\n".join([_MOHO, *(f"{frame} {name}" for frame, name in frames)]) + "\n"


def _tsv(rows: Sequence[Row], rate: Rate) -> str:
    del rate
    return "".join(f"{float(seconds):.3f}\t{name}\n" for seconds, name in rows)


def _json(rows: Sequence[Row], rate: Rate) -> str:
    times = [round(float(seconds), 3) for seconds, _ in rows]
    # The last row ends the one before; a shape without an end is held for a frame.
    stops = [*times[1:], round(times[-1] + 1 / rate.fps, 3)] if times else []
    cues = [
        {"start": start, "end": stop, "value": name}
        for (_, name), start, stop in zip(rows, times, stops, strict=True)
    ]
    document = {"metadata": {"duration": stops[-1] if stops else 0}, "mouthCues": cues}
    return json.dumps(document, indent=2) + "\n"


_READERS: Mapping[str, Callable[[str, Rate], list[Row]]] = {
    ".tsv": _read_tsv,
    ".xml": _read_xml,
    ".json": _read_json,
    ".dat": _read_dat,
}
_WRITERS: Mapping[str, Callable[[Sequence[Row], Rate], str]] = {
    ".dat": _dat,
    ".tsv": _tsv,
    ".json": _json,
}
