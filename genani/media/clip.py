"""What a file or a folder of drawings holds in time: drawings with exposures, and a rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from genani.scene.errors import FileError, PictureError
from genani.scene.picture import Picture
from genani.scene.time import MAX_FRAME, Rate

Tick = Callable[[], None]
"""Called before each drawing that is written: counts progress, and raises to stop."""

MAX_CLIP_BYTES = 6 << 30
"""A clip with more pixels than this is refused rather than filling the memory."""


def no_tick() -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Exposed:
    """A drawing and how long it stays.

    Attributes:
        picture: the drawing.
        frames: frames it is exposed, 1 or more.
    """

    picture: Picture
    frames: int = 1


@dataclass(frozen=True)
class Clip:
    """Drawings in order of time.

    Attributes:
        drawings: neighbours differ; a hold is one drawing with a longer exposure.
        rate: frames a second that the exposures count in.
        start: the number that the first frame had in its file name; 1 where it had none.
        filled: frame numbers, in the numbering of `start`, that were missing and were filled.
    """

    drawings: tuple[Exposed, ...]
    rate: Rate
    start: int = 1
    filled: tuple[int, ...] = ()

    @property
    def frames(self) -> int:
        """Length in frames."""
        return sum(drawing.frames for drawing in self.drawings)

    def pictures(self) -> Iterator[Picture]:
        """The picture of every frame, holds repeated."""
        for drawing in self.drawings:
            for _ in range(drawing.frames):
                yield drawing.picture


def merged(frames: Iterable[Picture | Exposed]) -> Iterator[Exposed]:
    """Detect holds: equal neighbours (by `Picture.id`) become one drawing, lazily.

    A bare picture counts as one frame.
    """
    held: Exposed | None = None
    for frame in frames:
        drawing = frame if isinstance(frame, Exposed) else Exposed(frame)
        if held is not None and held.picture == drawing.picture:
            held = Exposed(held.picture, held.frames + drawing.frames)
            continue
        if held is not None:
            yield held
        held = drawing
    if held is not None:
        yield held


def gathered(
    frames: Iterable[Picture | Exposed], name: str, limit: int = MAX_CLIP_BYTES
) -> tuple[Exposed, ...]:
    """All drawings of a source, holds merged, within a budget of memory.

    Args:
        frames: the source, read only as far as the budget reaches.
        name: the file or folder, for the error.
        limit: bytes of pixels.

    Raises:
        FileError: over the budget, or longer than a timeline can be.
    """
    drawings: list[Exposed] = []
    size = 0
    for drawing in merged(_within_timeline(frames, name)):
        size += drawing.picture.bytes
        if size > limit:
            raise FileError(
                f"'{name}' is too long to open: its drawings need over {limit / 2**30:.3g} GiB "
                "of memory; open a shorter part of it"
            )
        drawings.append(drawing)
    return tuple(drawings)


def _within_timeline(frames: Iterable[Picture | Exposed], name: str) -> Iterator[Picture | Exposed]:
    length = 0
    for frame in frames:
        length += frame.frames if isinstance(frame, Exposed) else 1
        if length > MAX_FRAME:
            raise FileError(f"'{name}' is too long to open: it has over {MAX_FRAME} frames")
        yield frame


def same_size(drawings: Iterable[Exposed]) -> Iterator[Exposed]:
    """The drawings, as long as they all have the size of the first.

    Raises:
        PictureError: one has another size; says which frame.
    """
    size: tuple[int, int] | None = None
    frame = 1
    for drawing in drawings:
        size = size or drawing.picture.size
        if drawing.picture.size != size:
            raise PictureError(
                f"frame {frame} is {drawing.picture.width} x {drawing.picture.height} pixels, "
                f"the first is {size[0]} x {size[1]}: all must have one size"
            )
        frame += drawing.frames
        yield drawing
