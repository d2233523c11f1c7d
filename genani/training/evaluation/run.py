"""Running an evaluation: every contestant draws every clip, and is scored."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from genani.engines.api import CancelToken, Capability
from genani.face.detect import FaceDetector
from genani.face.ladder import find_pair
from genani.media import atomic, image
from genani.scene.errors import EngineError, FileError
from genani.scene.face import FaceGuidance
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest
from genani.training.clips import dataset
from genani.training.evaluation.clips import MANIFEST, Clip, KeySpan, read_clips
from genani.training.evaluation.contestants import Contestant, MakeEngine, contestant, styled
from genani.training.evaluation.held_back import held_back
from genani.training.evaluation.instruments import Instruments, instruments
from genani.training.evaluation.report import Report
from genani.training.evaluation.scores import ClipScore, Measure, Referee, Values, paired
from genani.training.evaluation.sheets import Sheet


def evaluate(
    folder: Path,
    engines: Sequence[str],
    make: MakeEngine,
    *,
    styles: Sequence[str] = (),
    category: str | None = None,
    feature_weights: Path | None = None,
    face_model: Path | None = None,
    fid_weights: Path | None = None,
    sheets: Path | None = None,
    strips: bool = False,
    token: CancelToken | None = None,
) -> Report:
    """Let engines draw the in-betweens of shots and measure them against the true ones.

    Each contestant first draws one in-between that is not counted, so that loading weights is no
    part of its seconds; an engine that follows faces gets those found on the keys alone, and the
    looking is no part of them either. A clip that an engine cannot draw is noted in the report.

    Args:
        folder: holds `manifest.json` and the clips (see `genani.training.evaluation.clips`), or
            is a data set, whose held-back clips are taken.
        engines: labels such as `rife` or `rife:version=4.6`.
        make: makes an engine by name, as `genani.engines.registry.create` does.
        styles: adapters with their strengths, such as `mika:0.8`; every engine draws without, and
            once with each of these.
        category: only clips of this one.
        feature_weights, face_model, fid_weights: files that take the place of the model store's.
        sheets: a folder for contact sheets, a PNG a clip, written when all is done.
        strips: keep small pictures of the clips in the report.
        token: cancels, and is told the progress.

    Raises:
        FileError: the clips are broken, or the sheets cannot be written.
        EngineError: no such engine or setting.
        ModelError: an engine's model is missing, or a file that was named is broken.
        Cancelled: the token was cancelled; nothing is written.
    """
    held = (folder / dataset.NOTE).is_file() and not (folder / MANIFEST).is_file()
    clips = held_back(folder, category) if held else read_clips(folder, category)
    if not engines or len(set(engines)) < len(engines):
        raise EngineError("name at least one engine, and each only once")
    contestants = _contestants(engines, styles, make)
    meter = _Meter(token or CancelToken(), clips, len(contestants))
    scores: list[ClipScore] = []
    kept: dict[str, bytes] = {}
    with ExitStack() as stack:
        place = stack.enter_context(atomic.folder(sheets)).path if sheets else None
        tools = stack.enter_context(instruments(feature_weights, face_model, fid_weights))
        for clip in clips:
            pictures = _read(clip)
            meter.token.check()
            referee, sheet = Referee(clip, pictures, tools), Sheet(clip, pictures)
            scores += paired(
                [
                    _judge(who, clip, pictures, tools.faces, referee, sheet, meter)
                    for who in contestants
                ]
            )
            if place:
                sheet.write(place / f"{clip.name}.png")
            if strips:
                kept[clip.name] = sheet.strip()
        labels = tuple(who.label for who in contestants)
        whole = {label: _whole(tools, label) for label in labels}
    return Report(str(folder), labels, tuple(scores), tools.absent, whole, kept)


def _contestants(
    engines: Sequence[str], styles: Sequence[str], make: MakeEngine
) -> list[Contestant]:
    """Every engine as it is, and with each of the styles."""
    found = []
    for label in engines:
        found += [contestant(label, make), *(styled(label, each, make) for each in styles)]
    return found


def _whole(tools: Instruments, label: str) -> Values:
    found = {
        Measure.FID: tools.crowds.inception(label),
        Measure.FRECHET: tools.crowds.distance(label),
    }
    return {measure: value for measure, value in found.items() if value is not None}


class _Meter:
    """Counts in-betweens drawn; engines get a token that only carries the cancel."""

    def __init__(self, token: CancelToken, clips: Sequence[Clip], contestants: int) -> None:
        self.token = token
        self.engines = _Within(token)
        frames = sum(len(span.truth) for clip in clips for span in clip.spans)
        self._wanted = frames * contestants
        self._done = 0
        self._warm: dict[int, Contestant] = {}

    def drew(self, text: str) -> None:
        self._done += 1
        self.token.step(self._done / self._wanted, text)

    def is_warm(self, who: Contestant) -> bool:
        """Whether the engine drew for this contestant last; two may share one engine."""
        return self._warm.get(id(who.engine)) is who

    def warmed(self, who: Contestant) -> None:
        self._warm[id(who.engine)] = who


class _Within(CancelToken):
    """Cancelled with an outer token; its own progress is not shown."""

    def __init__(self, outer: CancelToken) -> None:
        super().__init__()
        self._outer = outer

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled

    def check(self) -> None:
        self._outer.check()


@dataclass(frozen=True)
class _Drawn:
    """Pictures by frame, and what each took, span by span, in the order of drawing."""

    pictures: Mapping[int, Picture]
    seconds: Sequence[Sequence[float]]


def _judge(
    who: Contestant,
    clip: Clip,
    pictures: Sequence[Picture],
    faces: FaceDetector | None,
    referee: Referee,
    sheet: Sheet,
    meter: _Meter,
) -> ClipScore:
    try:
        requests = [_request(span, who, pictures, faces) for span in clip.spans]
        if not meter.is_warm(who):
            _warm_up(who, requests[0], meter)
        drawn = _draw(who, clip, requests, meter)
    except EngineError as error:
        sheet.failed(who.label, str(error))
        return ClipScore(clip.name, clip.category, who.label, error=str(error))
    score = referee.score(who.label, drawn.pictures, drawn.seconds)
    sheet.add(score, drawn.pictures)
    return score


def _warm_up(who: Contestant, request: SpanRequest, meter: _Meter) -> None:
    """One in-between that is not counted: weights are loaded, caches filled."""
    middle = replace(request, times=(Fraction(1, 2),))
    for _ in who.engine.draw(middle, meter.engines):
        meter.token.check()
    meter.warmed(who)


def _draw(who: Contestant, clip: Clip, requests: Sequence[SpanRequest], meter: _Meter) -> _Drawn:
    drawn: dict[int, Picture] = {}
    seconds: list[list[float]] = []
    for span, request in zip(clip.spans, requests, strict=True):
        frames = {span.time(frame): frame for frame in span.truth}
        seconds.append([])
        begun = time.perf_counter()
        for drawing in who.engine.draw(request, meter.engines):
            seconds[-1].append(time.perf_counter() - begun)
            drawn[frames[drawing.t]] = drawing.picture
            meter.drew(f"{clip.name}: {who.label}, t = {drawing.t}")
            begun = time.perf_counter()
        if missing := [t for t, frame in frames.items() if frame not in drawn]:
            raise EngineError(f"it left out {len(missing)} of {len(frames)} in-betweens")
    return _Drawn(drawn, seconds)


def _request(
    span: KeySpan, who: Contestant, pictures: Sequence[Picture], faces: FaceDetector | None
) -> SpanRequest:
    """What a contestant is asked to draw; one that follows faces is told of those on the keys."""
    first, last = pictures[span.first], pictures[span.last]
    request = SpanRequest(first, last, tuple(map(span.time, span.truth)), who.settings)
    if faces is None or Capability.FACE not in who.engine.info.capabilities:
        return request
    one, two = find_pair(faces, first, last)
    settings = replace(who.settings, face=FaceGuidance())
    return replace(request, settings=settings, first_landmarks=one, last_landmarks=two)


def _read(clip: Clip) -> list[Picture]:
    pictures = [image.read(path) for path in clip.frames]
    for path, picture in zip(clip.frames, pictures, strict=True):
        if picture.size != clip.size:
            raise FileError(
                "the frame '{}' is {} x {} pixels, but the manifest says {} x {}".format(
                    path, *picture.size, *clip.size
                )
            )
    return pictures
