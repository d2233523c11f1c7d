"""What a face does at given frames: mouth shapes, blinks and looks, as lanes under a layer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from genani.scene.errors import SceneError
from genani.scene.time import check_frame


class Viseme(StrEnum):
    """Mouth shapes by their letters on a mouth chart; the letters are not sounds.

    As in Rhubarb Lip Sync's README and, with other names, the Preston Blair set.
    """

    A = "A"
    """Closed, lips pressed: M, B, P."""
    B = "B"
    """Slightly open, teeth together: most consonants, EE."""
    C = "C"
    """Open: EH, AE."""
    D = "D"
    """Wide open: AA."""
    E = "E"
    """Slightly rounded: AO, ER."""
    F = "F"
    """Puckered: UW, OW, W."""
    G = "G"
    """Upper teeth on the lower lip: F, V."""
    H = "H"
    """Tongue up behind the teeth: L."""
    X = "X"
    """At rest."""


@dataclass(frozen=True)
class MouthCue:
    """From `frame` on the mouth has this shape, until the next cue; None gives it back."""

    frame: int
    shape: Viseme | None

    def __post_init__(self) -> None:
        check_frame(self.frame)


@dataclass(frozen=True)
class Blink:
    """The lids close and open again.

    Attributes:
        frame: where it starts, from 1.
        length: frames from open to open again, at least 1.
        lag: -1 to 1: by how much of the length the right eye (+) or the left (-) comes later.
        amount: how far the lids close; 1 is shut.

    Raises:
        SceneError: a value out of range.
    """

    frame: int
    length: int = 6
    lag: float = 0.0
    amount: float = 1.0

    def __post_init__(self) -> None:
        check_frame(self.frame)
        if not 1 <= self.length <= 240:
            raise SceneError("a blink lasts 1 to 240 frames")
        if not (-1 <= self.lag <= 1 and 0 <= self.amount <= 1):
            raise SceneError("a blink's lag lies between -1 and 1, its amount between 0 and 1")

    def closed(self, frame: int) -> tuple[float, float]:
        """How far the right and the left lids of the figure are closed on a frame, 0 to 1.

        Lids fall in the first third and rise more slowly after.
        """
        late = abs(self.lag) * self.length / 2
        starts = (late if self.lag > 0 else 0.0, late if self.lag < 0 else 0.0)
        right, left = (self._closed((frame - self.frame + 0.5 - s) / self.length) for s in starts)
        return right, left

    def _closed(self, share: float) -> float:
        if not 0 < share < 1:
            return 0.0
        fall = 1 / 3
        way = share / fall if share < fall else (1 - share) / (1 - fall)
        # A plateau: at least one drawing of a short blink has to show the eye shut.
        return self.amount * min(1.0, 2 * way)


@dataclass(frozen=True)
class Gaze:
    """The eyes look aside for a while.

    Attributes:
        frame: where it starts, from 1.
        length: frames it lasts.
        x, y: -1 to 1: to the right of the picture and downward, 1 as far as eyes go.

    Raises:
        SceneError: a value out of range.
    """

    frame: int
    length: int
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        check_frame(self.frame)
        if self.length < 1:
            raise SceneError("a look lasts at least one frame")
        if not (-1 <= self.x <= 1 and -1 <= self.y <= 1):
            raise SceneError("a look goes from -1 to 1 either way")

    def covers(self, frame: int) -> bool:
        """True while it lasts."""
        return self.frame <= frame < self.frame + self.length


@dataclass(frozen=True)
class Pose:
    """What the acting asks of a face on one frame, over what the keys and emotion give.

    Attributes:
        mouth: the mouth shape, or None to leave the mouth alone.
        lids: how far the figure's right and left lids are closed beyond what they are, 0 to 1.
        gaze: (x, y) of the look, -1 to 1, or None to leave the eyes alone.
    """

    mouth: Viseme | None = None
    lids: tuple[float, float] = (0.0, 0.0)
    gaze: tuple[float, float] | None = None


@dataclass(frozen=True)
class Acting:
    """The lanes of a layer; each in order of frame.

    Attributes:
        mouths: one a frame at most.
        blinks: none starts with another.
        gazes: the later one wins where two overlap.

    Raises:
        SceneError: a lane out of order.
    """

    mouths: tuple[MouthCue, ...] = ()
    blinks: tuple[Blink, ...] = ()
    gazes: tuple[Gaze, ...] = ()

    def __post_init__(self) -> None:
        lanes = (self.mouths, "mouth shapes"), (self.blinks, "blinks"), (self.gazes, "looks")
        for lane, name in lanes:
            if any(a.frame >= b.frame for a, b in pairwise(lane)):
                raise SceneError(f"{name} must follow one another, one a frame")

    def mouth_at(self, frame: int) -> Viseme | None:
        """The mouth shape in force on a frame."""
        place = bisect_right([cue.frame for cue in self.mouths], frame) - 1
        return self.mouths[place].shape if place >= 0 else None

    def with_mouths(self, cues: Sequence[MouthCue]) -> Acting:
        """The lanes with these mouth shapes from the first cue's frame to the last one's.

        Where they give the mouth back, what the lane had there goes on.

        Args:
            cues: in order of frame; none changes nothing.
        """
        if not cues:
            return self
        first, last = cues[0], cues[-1]
        if last.shape is None:
            last = MouthCue(last.frame, self.mouth_at(last.frame))
        before = tuple(cue for cue in self.mouths if cue.frame < first.frame)
        after = tuple(cue for cue in self.mouths if cue.frame > last.frame)
        return replace(self, mouths=(*before, *cues[:-1], last, *after))

    def opened(self, frame: int, frames: int) -> Acting:
        """The lanes once `frames` frames are put in before `frame`.

        What holds there, a mouth shape, a blink or a look, is held that much longer or comes
        later as a whole: a blink that has begun ends as it would have.
        """

        def later(at: int) -> int:
            return at + frames if at >= frame else at

        return Acting(
            tuple(replace(cue, frame=later(cue.frame)) for cue in self.mouths),
            tuple(replace(blink, frame=later(blink.frame)) for blink in self.blinks),
            tuple(
                replace(look, frame=later(look.frame), length=look.length + frames)
                if look.frame < frame < look.frame + look.length
                else replace(look, frame=later(look.frame))
                for look in self.gazes
            ),
        )

    def closed(self, frame: int, frames: int) -> Acting:
        """The lanes once `frames` frames from `frame` on are taken out.

        The mouth has afterwards, on every frame that stays, the shape it had there before;
        blinks that start in what goes are gone, looks are shortened.
        """
        stop = frame + frames

        def earlier(at: int) -> int:
            return at - frames if at >= stop else min(at, frame)

        # Of the shapes that fall together, the last one is what shows from there on.
        mouths = {earlier(cue.frame): cue.shape for cue in self.mouths}
        looks = [
            replace(look, frame=earlier(look.frame), length=length)
            for look in self.gazes
            if (length := earlier(look.frame + look.length) - earlier(look.frame)) > 0
        ]
        return Acting(
            tuple(MouthCue(at, shape) for at, shape in mouths.items()),
            tuple(
                replace(blink, frame=earlier(blink.frame))
                for blink in self.blinks
                if not frame <= blink.frame < stop
            ),
            _one_a_frame(looks),
        )

    def at(self, frame: int) -> Pose | None:
        """All that is asked of the face on a frame; None where nothing is."""
        closed = [blink.closed(frame) for blink in self.blinks]
        lids = (
            max((r for r, _ in closed), default=0.0),
            max((le for _, le in closed), default=0.0),
        )
        looks = [gaze for gaze in self.gazes if gaze.covers(frame)]
        gaze = (looks[-1].x, looks[-1].y) if looks else None
        pose = Pose(self.mouth_at(frame), lids, gaze)
        return None if pose == Pose() else pose


def _one_a_frame(looks: list[Gaze]) -> tuple[Gaze, ...]:
    """Looks that show the same on every frame, with none starting together with another."""
    if len({look.frame for look in looks}) == len(looks):
        return tuple(looks)
    edges = sorted({edge for look in looks for edge in (look.frame, look.frame + look.length)})
    parts: list[Gaze] = []
    for start, stop in pairwise(edges):
        shown = [look for look in looks if look.covers(start)]
        if shown:
            parts.append(replace(shown[-1], frame=start, length=stop - start))
    return tuple(parts)
