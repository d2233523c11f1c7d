"""The process in which MediaPipe looks for faces; `genani.face.detect` starts it and talks to it.

In come questions: `LENGTH`, then so many bytes of a msgpack `Ask`, then height x width x 3 bytes
of sRGB. Out go answers: `LENGTH`, then so many bytes of a msgpack `Answer`; the first is sent once
the model is loaded. It ends when its input does.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import zipfile
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genani.face.upright import seed

LENGTH = struct.Struct("<I")

_LEAST_SCORE = 0.05
"""Boxes that score less are all over any picture."""

_LATER = 10_000
"""Milliseconds from picture to picture: so long that MediaPipe smooths nothing between them."""

RgbArray = NDArray[np.uint8]


class Kind(StrEnum):
    """What is asked of a picture."""

    FACES = "faces"
    """Look for faces all over it, and for their landmarks."""
    BOXES = "boxes"
    """Look for boxes that may hold a face, without landmarks."""
    FOLLOW = "follow"
    """Take it that a face is where `genani.face.upright.seed` has one: where are its landmarks?"""


class Ask(msgspec.Struct):
    """A question about the picture that follows it.

    Attributes:
        kind: what is asked.
        height, width: of the picture.
        faces: how many to look for at most.
        confidence: 0 to 1, the least for a face to be told.
    """

    kind: Kind
    height: int
    width: int
    faces: int = 1
    confidence: float = 0.5


class RawFace(msgspec.Struct):
    """One face as MediaPipe tells it: points (x, y, z) in shares of the picture's sides."""

    points: list[tuple[float, float, float]]
    blendshapes: dict[str, float]
    matrix: list[list[float]]


class RawBox(msgspec.Struct):
    """A box that may hold a face, in pixels.

    Attributes:
        sides: left, top, right and bottom.
        score: 0 to 1.
        marks: right eye, left eye, nose tip and middle of the mouth, in pixels; none where only
            the box is known.
    """

    sides: tuple[float, float, float, float]
    score: float
    marks: list[tuple[float, float]] = []


class Answer(msgspec.Struct):
    """What was found in a picture, or why there is nothing to be had.

    Attributes:
        faces: with landmarks.
        boxes: MediaPipe's, the best first.
        drawn: those of the cascade for drawn faces, where there is one.
        error: empty if all is well.
    """

    faces: list[RawFace] = []
    boxes: list[RawBox] = []
    drawn: list[RawBox] = []
    error: str = ""


Reply = Callable[[Ask, RgbArray], Answer]


def main() -> None:
    """Load the model named on the command line, then answer question after question."""
    # Ctrl-C is for the program that started this one, which will close the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Native code prints where it likes: only the answers may reach the pipe.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    model, cascade = sys.argv[1:]
    try:
        reply = _replies(model, cascade)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _send(answers, Answer(error=_told(error, model)))
        return
    _send(answers, Answer())
    while (asked := _read(sys.stdin.buffer)) is not None:
        try:
            answer = reply(*asked)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            answer = Answer(error=_told(error, model))
        _send(answers, answer)


def _read(pipe: IO[bytes]) -> tuple[Ask, RgbArray] | None:
    """The next question and its picture; None at the end of the input, even amid a question."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    body = pipe.read(size)
    if len(body) < size:
        return None
    ask = msgspec.msgpack.decode(body, type=Ask)
    data = pipe.read(ask.height * ask.width * 3)
    if len(data) < ask.height * ask.width * 3:
        return None
    return ask, np.frombuffer(data, np.uint8).reshape(ask.height, ask.width, 3)


def _replies(model: str, cascade: str) -> Reply:
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    def landmarker(confidence: float, faces: int, presence: float, video: bool = False) -> Any:
        return vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                BaseOptions(model_asset_path=model, delegate=BaseOptions.Delegate.CPU),
                running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
                num_faces=faces,
                min_face_detection_confidence=confidence,
                min_face_presence_confidence=presence,
                min_tracking_confidence=presence,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )

    @cache
    def finder(confidence: float, faces: int) -> Any:
        return landmarker(confidence, faces, confidence)

    def follow(pixels: RgbArray) -> Any:
        # Another one each time, as a tracker that has lost a face does not come back to the seed.
        # The net that places landmarks knows them on drawings that it would not call a face, so
        # its doubts count for nothing here.
        found = None
        with landmarker(0.5, 1, 0.0, video=True) as tracker:
            for count, each in enumerate((seed().pixels, pixels, pixels)):
                found = tracker.detect_for_video(image(each), count * _LATER)
        return found

    @cache
    def boxer() -> Any:
        with zipfile.ZipFile(model) as bundle:
            net = bundle.read("face_detector.tflite")
        return vision.FaceDetector.create_from_options(
            vision.FaceDetectorOptions(
                BaseOptions(model_asset_buffer=net, delegate=BaseOptions.Delegate.CPU),
                min_detection_confidence=_LEAST_SCORE,
            )
        )

    def image(pixels: RgbArray) -> Any:
        return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)

    def found(pixels: RgbArray) -> list[RawBox]:
        return [_box(each, pixels) for each in boxer().detect(image(pixels)).detections]

    def drawn(pixels: RgbArray) -> list[RawBox]:
        from genani.face.cascade import boxes

        return [RawBox(sides, score) for sides, score in boxes(pixels, cascade)]

    def reply(ask: Ask, pixels: RgbArray) -> Answer:
        if ask.kind is Kind.FOLLOW:
            return Answer(_faces(follow(pixels)))
        if ask.kind is Kind.BOXES:
            return Answer(boxes=found(pixels), drawn=drawn(pixels) if cascade else [])
        faces = _faces(finder(ask.confidence, ask.faces).detect(image(pixels)))
        # For their scores, which the landmarker keeps to itself.
        return Answer(faces, found(pixels) if faces else [])

    finder(0.5, 1)
    return reply


def _faces(found: Any) -> list[RawFace]:
    return [
        RawFace(
            [(point.x or 0.0, point.y or 0.0, point.z or 0.0) for point in points],
            {shape.category_name or "": shape.score or 0.0 for shape in shapes},
            matrix.tolist(),
        )
        for points, shapes, matrix in zip(
            found.face_landmarks,
            found.face_blendshapes,
            found.facial_transformation_matrixes,
            strict=True,
        )
    ]


def _box(found: Any, pixels: RgbArray) -> RawBox:
    height, width = pixels.shape[:2]
    box = found.bounding_box
    sides = box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height
    marks = [(mark.x * width, mark.y * height) for mark in found.keypoints[:4]]
    return RawBox(sides, found.categories[0].score, marks)


def _send(pipe: IO[bytes], answer: Answer) -> None:
    data = msgspec.msgpack.encode(answer)
    pipe.write(LENGTH.pack(len(data)) + data)
    pipe.flush()


def _told(error: Exception, model: str) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, ImportError):
        return f"MediaPipe is not installed ({text})"
    if isinstance(error, OSError) and ".so" in text:
        return f"{text}; on Debian install libegl1 and libgles2"
    return f"{text} (the model file is '{model}')"


if __name__ == "__main__":
    main()
