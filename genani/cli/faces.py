"""Faces of the two keys on the command line: looked for, read from a file, and told."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from genani.engines import registry
from genani.engines.api import Capability
from genani.face import landmark_file
from genani.face.detect import CASCADE, CASCADE_FILE, MODEL, MODEL_FILE, FaceDetector
from genani.face.ladder import find_pair
from genani.media.files import read_all, shown
from genani.scene.errors import EngineError
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks, LandmarkSource
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings
from genani.store.models import path

INTENSITY, PEAK = 0.6, 0.5

_SOURCES = {
    LandmarkSource.AUTO: "found",
    LandmarkSource.ANIME: "found as a drawn face",
    LandmarkSource.TRACKED: "followed from the other picture",
    LandmarkSource.HAND: "placed by hand",
}


@dataclass(frozen=True)
class Keys:
    """The two keys of a span and where they come from."""

    first: Picture
    last: Picture
    files: tuple[Path, Path]


@dataclass(frozen=True)
class Faces:
    """The face on each key, where there is one.

    Attributes:
        first, last: None where none is known.
        looked: False where nobody looked, as nobody would follow them.
        note: what would have to be done for somebody to look; else empty.
    """

    first: Landmarks | None = None
    last: Landmarks | None = None
    looked: bool = True
    note: str = ""

    @property
    def both(self) -> bool:
        """True if each key has one."""
        return self.first is not None and self.last is not None


def add_face_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say what the face does between the keys."""
    feelings = [emotion.value for emotion in Emotion]
    parser.add_argument("--emotion", choices=feelings, help="what the face feels on its way")
    parser.add_argument(
        "--intensity", type=float, metavar="0..1", help=f"how strongly ({INTENSITY})"
    )
    parser.add_argument(
        "--peak", type=float, metavar="0..1", help=f"where on the way it is strongest ({PEAK})"
    )
    parser.add_argument(
        "--lock",
        action="append",
        choices=[part.value for part in FacePart],
        help="a part that the emotion leaves alone; may be given several times",
    )
    parser.add_argument(
        "--landmarks",
        type=Path,
        metavar="FILE",
        help="landmarks of both keys, as `genani landmarks --json` writes them; without it faces "
        "are looked for",
    )


def guidance(options: argparse.Namespace) -> FaceGuidance | None:
    """What those options ask of the face; None where they ask nothing.

    Raises:
        SceneError: an intensity or a peak out of range.
        EngineError: an option that needs an emotion, without one.
    """
    if options.emotion is None:
        for name in ("intensity", "peak", "lock"):
            if getattr(options, name) is not None:
                raise EngineError(f"--{name} goes with --emotion, which says what the face feels")
        return None
    return FaceGuidance(
        Emotion(options.emotion),
        INTENSITY if options.intensity is None else options.intensity,
        PEAK if options.peak is None else options.peak,
        frozenset(FacePart(part) for part in options.lock or ()),
    )


@contextmanager
def detector(faces: int = 1) -> Iterator[FaceDetector]:
    """What looks for faces, with the cascade for drawn ones where the person has it.

    Raises:
        ModelError: the face model is not installed.
    """
    cascade = path(CASCADE, CASCADE_FILE) if registry.installed(CASCADE) else None
    with FaceDetector(path(MODEL, MODEL_FILE), faces, cascade=cascade) as found:
        yield found


def faces_of(keys: Keys, settings: SpanSettings, file: Path | None) -> Faces:
    """The faces on both keys: from a file, or looked for where an engine could follow them.

    Raises:
        FileError: the file is no landmark file, or says nothing about a key.
        ModelError: an engine or an emotion needs faces and the face model is not installed, or
            the detector ended by itself.
    """
    if file is not None:
        return _written(keys, file)
    if settings.face is None and not _follows(settings.engine):
        if not _may_follow(settings):
            return Faces(looked=False)
        if not registry.installed(MODEL):
            note = f"`genani models fetch {MODEL}` lets faces guide the in-betweens"
            return Faces(looked=False, note=note)
    with detector() as looks:
        return Faces(*find_pair(looks, keys.first, keys.last))


def guided(keys: Keys, request: SpanRequest, file: Path | None) -> tuple[SpanRequest, str]:
    """The request with its engine settled and its faces in place, and a line that tells of them.

    Args:
        keys: what the request is about.
        request: its settings as they were asked for, `auto` and an emotion among them.
        file: landmarks of both keys, if the person has them.

    Raises:
        EngineError: an emotion is asked for that cannot be played; an unknown setting, or a value
            it cannot take; see also `faces_of`.
    """
    asked = request.settings
    if _takes_words(asked.engine):
        settings = registry.resolve(asked)
        return replace(request, settings=settings), _said(settings)
    if asked.face is not None and not _follows(registry.choose(asked.engine, faces=True).name):
        raise EngineError(_cannot_feel(asked))
    # What is wrong with the settings is told before anything is looked for.
    registry.resolve(asked, faces=asked.face is not None or _may_follow(asked))
    faces = faces_of(keys, asked, file) if request.times else Faces(looked=False)
    if asked.face is not None and request.times and not faces.both:
        raise EngineError(_nowhere(keys, faces, asked.face))
    settings = registry.resolve(asked, faces.both)
    placed = faces if settings.face is not None else Faces()
    request = replace(
        request, settings=settings, first_landmarks=placed.first, last_landmarks=placed.last
    )
    return request, _line(keys, faces, settings)


def described(face: Landmarks) -> str:
    """Where a face comes from and how sure that is: `found, 92 % sure`."""
    return f"{_SOURCES[face.source]}, {face.confidence:.0%} sure".replace("%", " %")


def _written(keys: Keys, file: Path) -> Faces:
    name = shown(file)
    pictures = landmark_file.decode(read_all(file), name)
    found = [
        landmark_file.of_file(pictures, place, key.size, name).faces
        for place, key in zip(keys.files, (keys.first, keys.last), strict=True)
    ]
    one, two = (faces[0].landmarks if faces else None for faces in found)
    return Faces(one, two)


def _follows(engine: str) -> bool:
    return engine != registry.AUTO and Capability.FACE in registry.info(engine).capabilities


def _takes_words(engine: str) -> bool:
    """True for an engine that is told of a feeling and looks at no face."""
    if engine == registry.AUTO:
        return False
    able = registry.info(engine).capabilities
    return Capability.EMOTION in able and Capability.FACE not in able


def _said(settings: SpanSettings) -> str:
    if settings.face is None:
        return ""
    title, felt = registry.info(settings.engine).title, settings.face
    return f"{title} is told in words: {felt.emotion} by {felt.intensity:.0%}".replace("%", " %")


def _may_follow(asked: SpanSettings) -> bool:
    """True if an engine that follows faces would draw, were there any."""
    if asked.engine != registry.AUTO:
        return _follows(asked.engine)
    try:
        return registry.resolve(asked, faces=True).face is not None
    except EngineError:
        # Settings were given that another engine has.
        return False


def _cannot_feel(asked: SpanSettings) -> str:
    followers = [name for name in registry.names() if _follows(name)]
    if asked.engine != registry.AUTO:
        return (
            f"{asked.engine} plays no emotions; leave out --engine, or take --engine {followers[0]}"
        )
    models = [m for m in registry.info(followers[0]).models if not registry.installed(m)]
    return (
        f"emotions are played by {registry.info(followers[0]).title}, which needs a model: "
        f"run `genani models fetch {models[0]}`"
    )


def _nowhere(keys: Keys, faces: Faces, wanted: FaceGuidance) -> str:
    places = [
        shown(file)
        for file, face in zip(keys.files, (faces.first, faces.last), strict=True)
        if face is None
    ]
    return (
        f"no face was found on {' and '.join(places)}, so none can look {wanted.emotion}; "
        "say where it is with `genani landmarks KEY KEY --box LEFT,TOP,RIGHT,BOTTOM --json FILE` "
        "and give --landmarks FILE, or leave out --emotion"
    )


def _line(keys: Keys, faces: Faces, settings: SpanSettings) -> str:
    """What was found and what is done, in one line; empty where nobody looked."""
    title = registry.info(settings.engine).title
    one, two = faces.first, faces.last
    if one is not None and two is not None:
        found = f"face on both keys ({described(one)}; {described(two)})"
        if settings.face is None:
            return f"{found}; {title} draws without them"
        feeling = settings.face.emotion
        much = settings.face.intensity
        felt = f", {feeling} by {much:.0%}" if much else ""
        return f"{found}; {title} follows it{felt.replace('%', ' %')}"
    if not faces.looked:
        return f"faces were not looked for: {faces.note}" if faces.note else ""
    missing = [f for f, face in zip(keys.files, (one, two), strict=True) if face is None]
    return f"no face found on {' and '.join(map(shown, missing))}; {title} draws without guidance"
