"""The process in which MediaPipe looks for faces; `genani.face.detect` starts it and talks to it.

In come pictures: `SIZE` (height, width), then height x width x 3 bytes of sRGB. Out go answers:
`LENGTH`, then so many bytes of a msgpack `Answer`; the first is sent once the model is loaded. It
ends when its input does.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from collections.abc import Callable
from typing import IO, Any

import msgspec
import numpy as np

SIZE = struct.Struct("<II")
LENGTH = struct.Struct("<I")


class FoundFace(msgspec.Struct):
    """One face as MediaPipe tells it: points (x, y, z) in shares of the picture's sides."""

    points: list[tuple[float, float, float]]
    blendshapes: dict[str, float]
    head: list[list[float]]


class Answer(msgspec.Struct):
    """The faces of a picture, or why there is none to be had."""

    faces: list[FoundFace] = []
    error: str = ""


Detect = Callable[[Any], Answer]


def main() -> None:
    """Load the model named on the command line, then answer picture after picture."""
    # Ctrl-C is for the program that started this one, which will close the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Native code prints where it likes: only the answers may reach the pipe.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    model, faces, confidence = sys.argv[1:]
    try:
        detect = _detector(model, int(faces), float(confidence))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _send(answers, Answer(error=_told(error, model)))
        return
    _send(answers, Answer())
    while len(head := sys.stdin.buffer.read(SIZE.size)) == SIZE.size:
        height, width = SIZE.unpack(head)
        data = sys.stdin.buffer.read(height * width * 3)
        if len(data) < height * width * 3:
            return
        pixels = np.frombuffer(data, np.uint8).reshape(height, width, 3)
        try:
            answer = detect(pixels)
        except (RuntimeError, ValueError) as error:
            answer = Answer(error=_told(error, model))
        _send(answers, answer)


def _detector(model: str, faces: int, confidence: float) -> Detect:
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    landmarker = vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            BaseOptions(model_asset_path=model, delegate=BaseOptions.Delegate.CPU),
            num_faces=faces,
            min_face_detection_confidence=confidence,
            min_face_presence_confidence=confidence,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
    )

    def detect(pixels: Any) -> Answer:
        found = landmarker.detect(
            mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        )
        return Answer(
            [
                FoundFace(
                    [(point.x or 0.0, point.y or 0.0, point.z or 0.0) for point in points],
                    {shape.category_name or "": shape.score or 0.0 for shape in shapes},
                    head.tolist(),
                )
                for points, shapes, head in zip(
                    found.face_landmarks,
                    found.face_blendshapes,
                    found.facial_transformation_matrixes,
                    strict=True,
                )
            ]
        )

    return detect


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
