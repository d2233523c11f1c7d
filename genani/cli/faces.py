"""Finding the face on both keys, for engines that follow it."""

from __future__ import annotations

from dataclasses import replace

from genani.engines import registry
from genani.engines.api import Capability
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.scene.request import SpanRequest
from genani.store.models import path


def with_faces(request: SpanRequest) -> SpanRequest:
    """The request with landmarks on both keys, where its engine follows faces.

    A key without a face that can be found stays as it is; the engine then says what it does.

    Raises:
        ModelError: the face model is not installed, or the detector ended by itself.
    """
    if Capability.FACE not in registry.info(request.settings.engine).capabilities:
        return request
    with FaceDetector(path(MODEL, MODEL_FILE)) as detector:
        first, last = (detector.detect(key) for key in (request.first, request.last))
    return replace(
        request,
        first_landmarks=first[0].landmarks if first else None,
        last_landmarks=last[0].landmarks if last else None,
    )
