"""Finding faces with MediaPipe's Face Landmarker, in a process of its own.

MediaPipe reports its use over the network, with no switch to turn that off (its issue 6291, seen
in 1.2.2 with strace), and GenAni stays off the network unless it is asked. The process gets a
proxy that leads nowhere, which cannot be done to the process that also downloads models. Its
native log, its crashes and the Qt paths that its OpenCV sets stay in there too.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from genani.face import upright
from genani.face.detect_process import LENGTH, Answer, Ask, Kind, RawBox, RawFace
from genani.face.mesh import mirrored
from genani.face.pose import Similarity
from genani.scene.errors import ModelError
from genani.scene.face import Landmarks
from genani.scene.picture import Picture

MODEL = "mediapipe-face-landmarker"
MODEL_FILE = "face_landmarker.task"
"""The entry of the model store, and its file, that `FaceDetector` takes."""

CASCADE = "anime-face-cascade"
CASCADE_FILE = "lbpcascade_animeface.xml"
"""Those of the cascade for drawn faces, which it takes where the person has installed it."""

_NOWHERE = "http://127.0.0.1:0"
_PATIENCE = 5.0
_CHATTER = re.compile(r"[IW]\d{4} |INFO|WARNING")
# -P: nothing that lies in the current folder may pass for a module.
_PROGRAM = (sys.executable, "-P", "-m", "genani.face.detect_process")


RgbArray = NDArray[np.uint8]


@dataclass(frozen=True)
class FoundFace:
    """A face that was found.

    Attributes:
        landmarks: 478 points in pixels of the picture; their confidence is the score of
            MediaPipe's face detector, never less than what was asked for.
        blendshapes: 52 by name (`jawOpen`, `mouthSmileLeft`, ...), each 0 to 1.
        matrix: (4, 4) float32, from MediaPipe's canonical face, in centimetres, to a camera that
            sees the picture's height under 63 degrees; y up, z towards the viewer.
    """

    landmarks: Landmarks
    blendshapes: dict[str, float]
    matrix: NDArray[np.float32]


@dataclass(frozen=True)
class Boxes:
    """Where faces may be.

    Attributes:
        found: MediaPipe's boxes, the best first.
        drawn: those of the cascade for drawn faces, where there is one.
    """

    found: list[RawBox]
    drawn: list[RawBox]


class FaceDetector:
    """Finds faces and their landmarks in pictures. Use it in a `with`, or call `close`.

    V. Bazarevsky et al., "BlazeFace", arXiv 1907.05047; Y. Kartynnik et al., "Real-time Facial
    Surface Geometry from Monocular Video on Mobile GPUs", arXiv 1907.06724. Starting takes about
    a second, a picture about 20 ms. Safe to call from any thread, one picture at a time.
    `genani.face.ladder.find` finds more faces with it than `detect` alone.

    Args:
        model: the Face Landmarker bundle (`MODEL_FILE` of the store's `MODEL`).
        faces: how many to look for at most.
        confidence: 0 to 1, the least for a face to be told.
        cascade: finds boxes of drawn faces (`CASCADE_FILE` of the store's `CASCADE`), if at hand.

    Raises:
        ModelError: the bundle is missing or damaged, or a system library is missing.
    """

    def __init__(
        self, model: Path, faces: int = 1, confidence: float = 0.5, cascade: Path | None = None
    ) -> None:
        if not model.is_file():
            raise ModelError(
                f"the face model '{model}' does not exist; `genani models fetch {MODEL}` gets it"
            )
        self._faces, self._confidence = faces, confidence
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = _start([str(model), str(cascade or "")], self._log)
        self._stop = weakref.finalize(self, _end, self._process, self._log)
        try:
            self._answer()
        except BaseException:
            self.close()
            raise

    @property
    def faces(self) -> int:
        """How many faces are looked for at most."""
        return self._faces

    def detect(self, picture: Picture) -> list[FoundFace]:
        """The faces in a picture, the largest first; transparency is seen as white paper.

        Raises:
            ModelError: the detector was closed or has failed.
        """
        answer = self._asked(Kind.FACES, on_white(picture))
        faces = [self._face(each, answer.boxes, picture) for each in answer.faces]
        return sorted(faces, key=lambda face: _area(face.landmarks), reverse=True)

    def boxes(self, pixels: RgbArray) -> Boxes:
        """Where faces may be; most of these boxes hold none.

        Args:
            pixels: (H, W, 3) uint8 sRGB, as `on_white` gives them.

        Raises:
            ModelError: the detector was closed or has failed.
        """
        answer = self._asked(Kind.BOXES, pixels)
        return Boxes(answer.boxes, answer.drawn)

    def follow(self, pixels: RgbArray, pose: Similarity, mirror: bool = False) -> FoundFace | None:
        """The landmarks of a face that is known to be somewhere. There need not be one, though.

        Args:
            pixels: (H, W, 3) uint8 sRGB, as `on_white` gives them.
            pose: about where: from the square of `genani.face.upright` to the picture.
            mirror: look at the face in a mirror; a real one has its landmarks in the same places.

        Raises:
            ModelError: the detector was closed or has failed.
        """
        square = upright.cut(pixels, pose)
        if mirror:
            square = np.ascontiguousarray(square[:, ::-1])
        found = self._asked(Kind.FOLLOW, square).faces
        if not found:
            return None
        points = np.asarray(found[0].points, np.float64) * upright.SIDE
        if mirror:
            points = mirrored(points, upright.SIDE)
        placed = np.column_stack([pose(points[:, :2]), pose.scale * points[:, 2]])
        height, width = pixels.shape[:2]
        matrix = upright.seen_whole(np.asarray(found[0].matrix), pose, (width, height))
        return FoundFace(_landmarks(placed, 0.0), found[0].blendshapes, matrix)

    def close(self) -> None:
        """End the process; may be called twice."""
        self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _asked(self, kind: Kind, pixels: RgbArray) -> Answer:
        height, width = pixels.shape[:2]
        ask = msgspec.msgpack.encode(Ask(kind, height, width, self._faces, self._confidence))
        with self._lock:
            if not self._stop.alive:
                raise ModelError("the face detector was closed")
            try:
                pipe = _pipe(self._process.stdin)
                pipe.write(LENGTH.pack(len(ask)) + ask)
                pipe.write(pixels.data)
                pipe.flush()
            except OSError:
                raise self._failure() from None
            return self._answer()

    def _answer(self) -> Answer:
        pipe = _pipe(self._process.stdout)
        try:
            data = pipe.read(LENGTH.unpack(pipe.read(LENGTH.size))[0])
            answer = msgspec.msgpack.decode(data, type=Answer)
        except (struct.error, msgspec.DecodeError):
            raise self._failure() from None
        if answer.error:
            raise ModelError(f"the face detector does not work: {answer.error}")
        return answer

    def _failure(self) -> ModelError:
        """What to say when the process has died: its last word, if it had one."""
        self._process.kill()
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        words = [line for line in lines if line.strip() and not _CHATTER.match(line)]
        last = words[-1] if words else f"its process ended with code {code}"
        return ModelError(f"the face detector has stopped working: {last}")

    def _face(self, found: RawFace, boxes: list[RawBox], picture: Picture) -> FoundFace:
        # MediaPipe gives z in the scale of x: shares of the picture's width.
        scale = (picture.width, picture.height, picture.width)
        points = np.asarray(found.points, np.float64) * scale
        score = max(self._confidence, *(box.score for box in boxes if _same(box, points)), 0.0)
        return FoundFace(
            _landmarks(points, min(score, 1.0)),
            found.blendshapes,
            np.asarray(found.matrix, np.float32),
        )


def _start(arguments: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), _NOWHERE)
    # Trackers come and go by the thousand: in several arenas glibc keeps 50 MB of them for good.
    environment["MALLOC_ARENA_MAX"] = "1"
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [*_PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        try:
            _pipe(pipe).close()
        except OSError:
            continue
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("the process was started without pipes")
    return pipe


def on_white(picture: Picture) -> RgbArray:
    """(H, W, 3) uint8, transparency composited on white."""
    if picture.depth == 8 and picture.opaque:
        return np.ascontiguousarray(picture.pixels[..., :3])
    rgba = picture.pixels.astype(np.float32) * np.float32(255 / picture.white)
    alpha = rgba[..., 3:] / 255
    return np.ascontiguousarray(np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)), np.uint8)


def _landmarks(points: NDArray[np.float64], confidence: float) -> Landmarks:
    return Landmarks(tuple((x, y, z) for x, y, z in points.tolist()), confidence=confidence)


def _same(box: RawBox, points: NDArray[np.float64]) -> bool:
    """True if a box and landmarks are of one face: they share more than a third of their area."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    sides = np.asarray(box.sides)
    common = np.maximum(np.minimum(high, sides[2:]) - np.maximum(low, sides[:2]), 0).prod()
    whole = (high - low).prod() + (sides[2:] - sides[:2]).prod() - common
    return bool(common > whole / 3)


def _area(landmarks: Landmarks) -> float:
    points: NDArray[Any] = np.asarray(landmarks.points)[:, :2]
    return float(np.prod(np.ptp(points, axis=0)))
