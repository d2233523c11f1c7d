"""The record of a clip: one JSON line with the published keys, beside the clip's PNG frames.

    {"clip_id": "smile_0001", "start_frame": "frame_0001.png", "end_frame": "frame_0048.png",
     "middle_frames": ["frame_0002.png", ...], "landmarks": {"frame_0001.png": {...}, ...},
     "emotion": {"label": "happy", "confidence": 0.83, ...}}

These six keys are the interchange format (docs: GenerAN); what stands beside them is GenAni's own
and may be missing. Landmarks are MediaPipe's 478 points, in pixels of the frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from genani.face.mesh import POINTS, FloatArray
from genani.scene.errors import FileError
from genani.scene.face import Emotion

RECORD = "clip.jsonl"
"""The file of a record, in its clip's folder."""

KEYS = ("clip_id", "start_frame", "end_frame", "middle_frames", "landmarks", "emotion")
"""The published keys, in order."""

SOURCES = ("auto", "anime", "tracked", "hand", "interpolated", "given")
"""Who placed landmarks: the detector, that for drawn faces, the neighbouring frame, a person, the
frames around a gap, or whoever wrote the record."""

_FRAME_NAME = r"^[^/\\\x00-\x1f]+\.[pP][nN][gG]$"
_CLIP_NAME = r"^[^/\\:*?\"<>|\x00-\x1f.][^/\\:*?\"<>|\x00-\x1f]{0,199}$"

Share = Annotated[float, Meta(ge=0, le=1)]
FrameName = Annotated[str, Meta(pattern=_FRAME_NAME, max_length=200)]
ClipId = Annotated[str, Meta(pattern=_CLIP_NAME)]
Triple = tuple[float, float, float]


class Face(msgspec.Struct, omit_defaults=True):
    """The face on one frame.

    Attributes:
        points: 478 of (x, y, z), in pixels of the frame; none where only parts are named.
        source: one of `SOURCES`.
        confidence: 0 to 1; 0 for what was interpolated.
        blendshapes: MediaPipe's 52 by name, 0 to 1.
        matrix: four rows of four, the head's matrix as `genani.face.detect.FoundFace` has it.
        head: yaw, pitch and roll of the head, in degrees; see `genani.training.clips.head`.
        viseme: the letter of the mouth shape, empty where nobody looked.
        lids: how far the face's right and left eye are shut, 0 to 1.
        parts: points of parts by name, as other programs' records have them, in pixels.
    """

    points: list[Triple] = []
    source: str = "given"
    confidence: Share = 1.0
    blendshapes: dict[str, float] = {}
    matrix: list[list[float]] | None = None
    head: Triple | None = None
    viseme: str = ""
    lids: tuple[float, float] | None = None
    parts: dict[str, list[tuple[float, ...]]] = {}

    def array(self) -> FloatArray:
        """(478, 3) float64 pixels; NaN where there are none."""
        if not self.points:
            return np.full((POINTS, 3), np.nan)
        return np.asarray(self.points, np.float64)


class Feeling(msgspec.Struct, omit_defaults=True):
    """The emotion of a clip.

    Attributes:
        label: one of the seven, or empty where nobody has said.
        confidence: 0 to 1, how sure that is.
        intensity: 0 to 1, at its strongest.
        scores: every emotion's confidence.
        by: `suggested` by GenAni, said by a `person`, or `given` with the record.
    """

    label: str = ""
    confidence: Share = 0.0
    intensity: Share = 0.0
    scores: dict[str, float] = {}
    by: str = ""


class BlinkFound(msgspec.Struct):
    """The lids close and open again, over so many frames from one that is counted from 1."""

    frame: Annotated[int, Meta(ge=1)]
    length: Annotated[int, Meta(ge=1)]


class Record(msgspec.Struct, omit_defaults=True):
    """One clip.

    Attributes:
        clip_id: its name, also that of its folder.
        start_frame, end_frame: the keys.
        middle_frames: between them, in order.
        landmarks: the face on each frame where there is one.
        emotion: one for the whole clip.
        blinks: in order.
        source: the film it was cut from, as the data set calls it.
        span: first and last frame in that film, counted from 1.
        augmented_from: the clip that this one was made from; empty for an original.
        recipe: what was done to that one.
        annotated: whether GenAni has looked at it.
    """

    clip_id: ClipId
    start_frame: FrameName
    end_frame: FrameName
    middle_frames: list[FrameName]
    landmarks: dict[str, Face]
    emotion: Feeling
    blinks: list[BlinkFound] = []
    source: str = ""
    span: tuple[int, int] | None = None
    augmented_from: str = ""
    recipe: dict[str, Any] = {}
    annotated: bool = False

    @property
    def frames(self) -> list[str]:
        """Every frame's file name, in order."""
        return [self.start_frame, *self.middle_frames, self.end_frame]

    @property
    def root(self) -> str:
        """The original clip: itself, or the one it was augmented from."""
        return self.augmented_from or self.clip_id


class Outline(msgspec.Struct):
    """A record without its landmarks, quick to read.

    Attributes:
        landmarks: still JSON, undecoded.
        others: as in `Record`.
    """

    clip_id: ClipId
    start_frame: FrameName
    end_frame: FrameName
    middle_frames: list[FrameName]
    landmarks: msgspec.Raw
    emotion: Feeling
    blinks: list[BlinkFound] = []
    source: str = ""
    span: tuple[int, int] | None = None
    augmented_from: str = ""
    recipe: dict[str, Any] = {}
    annotated: bool = False

    @property
    def frames(self) -> list[str]:
        """Every frame's file name, in order."""
        return [self.start_frame, *self.middle_frames, self.end_frame]

    @property
    def root(self) -> str:
        """The original clip: itself, or the one it was augmented from."""
        return self.augmented_from or self.clip_id


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Record)
_OUTLINES = msgspec.json.Decoder(Outline)


def frame_names(count: int) -> list[str]:
    """`frame_0001.png` and so on."""
    width = max(4, len(str(count)))
    return [f"frame_{number:0{width}d}.png" for number in range(1, count + 1)]


def record_of(clip_id: str, faces: Iterable[Face | None], feeling: Feeling | None = None) -> Record:
    """A record whose frames are numbered from 1, one for each entry of `faces`; at least two."""
    listed = list(faces)
    names = frame_names(len(listed))
    found = {name: face for name, face in zip(names, listed, strict=True) if face is not None}
    return Record(clip_id, names[0], names[-1], names[1:-1], found, feeling or Feeling())


def encode(record: Record) -> bytes:
    """The record as one line."""
    return _ENCODER.encode(record) + b"\n"


def decode(data: bytes, name: str) -> Record:
    """A record out of its line.

    Raises:
        FileError: it is no record; the text says where and why, and names `name`.
    """
    return _decoded(_DECODER, data, name)


def decode_outline(data: bytes, name: str) -> Outline:
    """A record's outline out of its line; raises as `decode`."""
    return _decoded(_OUTLINES, data, name)


def _decoded(decoder: msgspec.json.Decoder[Any], data: bytes, name: str) -> Any:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise FileError(f"'{name}' is no clip record: {explained(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"'{name}' is not JSON: {error}") from None


def explained(error: msgspec.ValidationError) -> str:
    """What is wrong with a record and where in it, in plain words."""
    text = str(error)
    missing = re.match(r"Object missing required field `(\w+)`(?: - at `\$(.*)`)?", text)
    if missing:
        within = f" in {missing[2].strip('.')}" if missing[2] else ""
        return f"it has no '{missing[1]}'{within}"
    what, _, where = text.partition(" - at `$")
    where = where.rstrip("`").strip(".")
    if "matching regex" in what and where:
        what = "that cannot be a file's name here"
    return f"'{where}': {what[0].lower()}{what[1:]}" if where else what


def faces_wrong(raw: bytes, frames: Iterable[str], size: tuple[int, int]) -> list[str]:
    """What is wrong with a record's landmarks, in words; nothing where all is well.

    Args:
        raw: the landmarks as JSON.
        frames: the record's frames.
        size: width and height of these.
    """
    try:
        faces = msgspec.json.decode(raw, type=dict[str, Face])
    except msgspec.ValidationError as error:
        return [f"landmarks {explained(error)}"]
    known = set(frames)
    strange = [name for name in faces if name not in known]
    wrong = [f"landmarks of '{strange[0]}', which is no frame of the clip"] if strange else []
    for name, face in faces.items():
        if (fault := _fault(face, size)) is not None:
            wrong.append(f"landmarks of '{name}': {fault}")
    return wrong


def _fault(face: Face, size: tuple[int, int]) -> str | None:
    if face.source not in SOURCES:
        return f"the source '{face.source[:40]}' is none of {', '.join(SOURCES)}"
    if not face.points:
        # By hand and without points: a person has said that there is no face.
        return None if face.parts or face.source == "hand" else "it has no points"
    if len(face.points) != POINTS:
        return f"a face has {POINTS} points, not {len(face.points)}"
    points = face.array()
    if not np.isfinite(points).all():
        return "a point is no number"
    if not _within(points, size):
        return f"the face lies off its frame of {size[0]} x {size[1]}"
    if any(not 0 <= value <= 1 for value in face.blendshapes.values()):
        return "a blendshape is not between 0 and 1"
    return None


def _within(points: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """True if some of a face is on its frame."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    return bool((high > 0).all() and (low < np.array(size)).all())


def emotion_wrong(feeling: Feeling) -> str | None:
    """What is wrong with a clip's emotion, in words."""
    if feeling.label and feeling.label not in set(Emotion):
        return f"the emotion '{feeling.label[:40]}' is none of {', '.join(Emotion)}"
    strange = [name for name in feeling.scores if name not in set(Emotion)]
    if strange:
        return f"a score for the emotion '{strange[0][:40]}', which is none of the seven"
    return None


def schema() -> bytes:
    """The JSON Schema of a record, as a file."""
    described = msgspec.json.schema(Record)
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    described["title"] = "GenAni clip record"
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"
