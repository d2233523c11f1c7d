"""Changes to the lanes of a layer: from lanes to lanes, without a scene around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from genani.media import lipsync
from genani.scene.acting import Acting, Blink, Gaze, MouthCue, Viseme
from genani.scene.time import Rate

_FAR = 1 << 30


class Lane(StrEnum):
    """The lanes under a layer, from the top."""

    MOUTH = "mouth"
    BLINK = "blink"
    LOOK = "look"


@dataclass(frozen=True)
class Mark:
    """One thing on a lane, named by the frame it starts on."""

    layer: str
    lane: Lane
    frame: int


Entry = MouthCue | Blink | Gaze


def entries(acting: Acting, lane: Lane) -> tuple[Entry, ...]:
    """What is on a lane, in order of frame."""
    lanes: dict[Lane, tuple[Entry, ...]] = {
        Lane.MOUTH: acting.mouths,
        Lane.BLINK: acting.blinks,
        Lane.LOOK: acting.gazes,
    }
    return lanes[lane]


def entry(acting: Acting, lane: Lane, frame: int) -> Entry | None:
    """What starts on this very frame of a lane."""
    return next((one for one in entries(acting, lane) if one.frame == frame), None)


def with_entries(acting: Acting, lane: Lane, placed: Sequence[Entry]) -> Acting:
    """The lanes with one of them replaced; brought in order of frame.

    Raises:
        SceneError: two of them start on one frame.
    """
    fields = {Lane.MOUTH: "mouths", Lane.BLINK: "blinks", Lane.LOOK: "gazes"}
    ordered = tuple(sorted(placed, key=lambda one: one.frame))
    return replace(acting, **{fields[lane]: ordered})


def put(acting: Acting, lane: Lane, placed: Entry) -> Acting:
    """The lanes with one thing put on; what started on its frame gives way."""
    others = [one for one in entries(acting, lane) if one.frame != placed.frame]
    return with_entries(acting, lane, [*others, placed])


def without(acting: Acting, lane: Lane, frame: int) -> Acting:
    """The lanes without what starts there; a mouth shape before it is held on."""
    others = [one for one in entries(acting, lane) if one.frame != frame]
    if lane is Lane.MOUTH:
        others = list(_plain([one for one in others if isinstance(one, MouthCue)]))
    return with_entries(acting, lane, others)


def with_mouth(acting: Acting, frame: int, shape: Viseme | None) -> Acting:
    """The lanes with a mouth shape from `frame` until the next cue."""
    others = [cue for cue in acting.mouths if cue.frame != frame]
    cues = sorted([*others, MouthCue(frame, shape)], key=lambda cue: cue.frame)
    return replace(acting, mouths=_plain(cues))


def _plain(cues: Sequence[MouthCue]) -> tuple[MouthCue, ...]:
    """The same mouths without cues that change nothing."""
    found: list[MouthCue] = []
    for cue in cues:
        if cue.shape is not (found[-1].shape if found else None):
            found.append(cue)
    return tuple(found)


# Moving and retiming, from how the lanes were when the drag began.


def slid(acting: Acting, lane: Lane, frame: int, by: int) -> tuple[Acting, int]:
    """The lanes with one thing moved, and where it starts now; neighbours stay.

    A mouth shape keeps its length as long as there is room between the cues around it. A blink
    or a look stops before the frame where another one starts.
    """
    if lane is Lane.MOUTH:
        return _slid_mouth(acting, frame, by)
    taken = {one.frame for one in entries(acting, lane) if one.frame != frame}
    moving = entry(acting, lane, frame)
    start = max(1, frame + by)
    while start in taken:
        start += -1 if by > 0 else 1
    if moving is None:
        return acting, frame
    others = [one for one in entries(acting, lane) if one is not moving]
    return with_entries(acting, lane, [*others, replace(moving, frame=start)]), start


def _slid_mouth(acting: Acting, frame: int, by: int) -> tuple[Acting, int]:
    cues = list(acting.mouths)
    place = _place(cues, frame)
    if place is None:
        return acting, frame
    low = cues[place - 1].frame + 1 if place else 1
    follows = cues[place + 1] if place + 1 < len(cues) else None
    beyond = cues[place + 2].frame if place + 2 < len(cues) else _FAR
    by = max(by, low - frame)
    if follows is not None:
        by = min(by, beyond - 1 - follows.frame)
        cues[place + 1] = replace(follows, frame=follows.frame + by)
    cues[place] = replace(cues[place], frame=frame + by)
    return replace(acting, mouths=tuple(cues)), frame + by


def started(acting: Acting, lane: Lane, frame: int, to: int) -> tuple[Acting, int]:
    """The lanes with the start of one thing elsewhere, its end where it was."""
    if lane is Lane.MOUTH:
        cues = list(acting.mouths)
        place = _place(cues, frame)
        if place is None:
            return acting, frame
        low = cues[place - 1].frame + 1 if place else 1
        high = cues[place + 1].frame - 1 if place + 1 < len(cues) else _FAR
        to = min(max(to, low), high)
        cues[place] = replace(cues[place], frame=to)
        return replace(acting, mouths=tuple(cues)), to
    moving = entry(acting, lane, frame)
    if not isinstance(moving, Blink | Gaze):
        return acting, frame
    end = moving.frame + moving.length
    taken = {one.frame for one in entries(acting, lane) if one is not moving}
    to = min(max(to, 1, end - longest(lane)), end - 1)
    if to in taken:
        return acting, frame
    others = [one for one in entries(acting, lane) if one is not moving]
    return with_entries(acting, lane, [*others, replace(moving, frame=to, length=end - to)]), to


def ended(acting: Acting, lane: Lane, frame: int, stop: int) -> Acting:
    """The lanes with one thing lasting up to, and not with, frame `stop`.

    Where no cue follows a mouth shape, the mouth is given back to the drawing there.
    """
    moving = entry(acting, lane, frame)
    if isinstance(moving, Blink | Gaze):
        length = min(max(stop - frame, 1), longest(lane))
        return put(acting, lane, replace(moving, length=length))
    cues = list(acting.mouths)
    place = _place(cues, frame)
    if place is None:
        return acting
    if place + 1 == len(cues):
        return replace(acting, mouths=(*cues, MouthCue(max(stop, frame + 1), None)))
    return started(acting, lane, cues[place + 1].frame, stop)[0]


def longest(lane: Lane) -> int:
    """Frames that a thing on a lane lasts at most."""
    return 240 if lane is Lane.BLINK else _FAR


def _place(cues: Sequence[MouthCue], frame: int) -> int | None:
    return next((place for place, cue in enumerate(cues) if cue.frame == frame), None)


def held(mouths: Sequence[MouthCue], rate: Rate, least: int) -> tuple[MouthCue, ...]:
    """Mouth shapes of which each is held for `least` frames or more; see `lipsync.cues`.

    Where the mouth is given back for as long, it stays given back; else it is at rest there.

    Raises:
        SceneError: `least` is out of range.
    """
    found: list[MouthCue] = []
    for run in _runs(mouths, least):
        found += lipsync.cues(lipsync.spoken_of(run, rate), rate, least)
    return tuple(found)


def _runs(mouths: Sequence[MouthCue], least: int) -> Iterator[Sequence[MouthCue]]:
    """What is spoken in one go, each with the cue that gives the mouth back after it."""
    run: list[MouthCue] = []
    for place, cue in enumerate(mouths):
        if cue.shape is None and not run:
            continue
        run.append(cue)
        follows = mouths[place + 1].frame if place + 1 < len(mouths) else _FAR
        if cue.shape is None and follows - cue.frame >= least:
            yield run
            run = []
    if run:
        yield run
