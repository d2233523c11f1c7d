"""What is asked of an engine, and what comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from genani.scene.errors import PictureError, SceneError
from genani.scene.face import FaceGuidance, Landmarks
from genani.scene.picture import Picture, PictureId
from genani.scene.record import from_json, to_json

OptionValue = bool | int | float | str

REQUEST_VERSION = 1
"""Part of every hash: raised when the meaning of a request changes, so old takes go stale."""

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class SpanSettings:
    """How a span is to be drawn.

    Attributes:
        engine: a name in the registry, or `auto`.
        options: settings of that engine by name; never changed once made.
        seed: 0 to `MAX_SEED`.
        face: how the face travels between the keys; None draws it as it comes, and is what
            a request holds whose engine follows no face.

    Raises:
        SceneError: the seed is out of range.
    """

    engine: str = "auto"
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    seed: int = 0
    face: FaceGuidance | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise SceneError(f"a seed lies between 0 and {MAX_SEED}")


@dataclass(frozen=True)
class RequestRecord:
    """A request with its pictures named by id: small, hashed, and fit for a file.

    Attributes:
        first, last: the keys.
        first_landmarks, last_landmarks: the face on each key, where known.
        mask: a picture whose opaque parts hold still (they show the first key).
        times: what is to be drawn; not part of the hash, so that a new tick on the chart
            leaves the drawings of the other ticks valid.
    """

    first: PictureId
    last: PictureId
    settings: SpanSettings = field(default_factory=SpanSettings)
    first_landmarks: Landmarks | None = None
    last_landmarks: Landmarks | None = None
    mask: PictureId | None = None
    times: tuple[Fraction, ...] = ()

    @cached_property
    def hash(self) -> str:
        """Sha256 (hex) of all but the times: the name of the take this request makes."""
        text = to_json(replace(self, times=()))
        return hashlib.sha256(f"request {REQUEST_VERSION};".encode() + text).hexdigest()


@dataclass(frozen=True)
class SpanRequest:
    """A span to be drawn: two keys, the times between them, and how.

    Attributes:
        first, last: the keys, of one size.
        times: strictly between 0 and 1, rising, from the timing chart.
        mask: of the keys' size; its opaque parts hold still.

    Raises:
        PictureError: the keys or the mask differ in size.
        SceneError: a time is not between the keys, or the times do not rise.
    """

    first: Picture
    last: Picture
    times: tuple[Fraction, ...]
    settings: SpanSettings = field(default_factory=SpanSettings)
    first_landmarks: Landmarks | None = None
    last_landmarks: Landmarks | None = None
    mask: Picture | None = None

    def __post_init__(self) -> None:
        if self.first.size != self.last.size:
            raise PictureError(
                "the two keys must have one size: the first is {} x {}, the second {} x {}".format(
                    *self.first.size, *self.last.size
                )
            )
        if self.mask is not None and self.mask.size != self.first.size:
            raise PictureError("the mask must have the size of the keys")
        bounds = (Fraction(0), *self.times, Fraction(1))
        if any(a >= b for a, b in pairwise(bounds)):
            raise SceneError("the times of a request must rise and lie between the two keys")

    @cached_property
    def record(self) -> RequestRecord:
        """The same request with its pictures named by id."""
        return RequestRecord(
            first=self.first.id,
            last=self.last.id,
            settings=self.settings,
            first_landmarks=self.first_landmarks,
            last_landmarks=self.last_landmarks,
            mask=self.mask.id if self.mask else None,
            times=self.times,
        )

    @property
    def hash(self) -> str:
        """The name of the take this request makes; see `RequestRecord.hash`."""
        return self.record.hash

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the keys and of every in-between."""
        return self.first.size

    def to_json(self) -> bytes:
        """The record as JSON; the pictures travel apart, by id."""
        return to_json(self.record)

    @classmethod
    def from_record(
        cls, record: RequestRecord, picture: Callable[[PictureId], Picture]
    ) -> SpanRequest:
        """The request behind a record, its pictures looked up by id."""
        return cls(
            first=picture(record.first),
            last=picture(record.last),
            times=record.times,
            settings=record.settings,
            first_landmarks=record.first_landmarks,
            last_landmarks=record.last_landmarks,
            mask=picture(record.mask) if record.mask else None,
        )

    @classmethod
    def from_json(cls, text: bytes, picture: Callable[[PictureId], Picture]) -> SpanRequest:
        """The request written by `to_json`.

        Raises:
            SceneError: not a valid record.
        """
        return cls.from_record(from_json(text, RequestRecord), picture)


@dataclass(frozen=True)
class InBetween:
    """One drawing that an engine made.

    Attributes:
        t: where it sits between the keys, exactly as the request asked.
        picture: of the keys' size.
        warnings: what an animator should look at, each in a few words; empty where all is well.
    """

    t: Fraction
    picture: Picture
    warnings: tuple[str, ...] = ()
