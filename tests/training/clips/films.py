"""Small films and data sets for these tests, made in no time."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genani.face.mesh import canonical
from genani.media import ffmpeg, video_out
from genani.media.clip import Exposed
from genani.media.options import ExportOptions, Format
from genani.scene.picture import Picture
from genani.scene.time import Rate
from genani.training.clips import dataset
from genani.training.clips.dataset import DataSet, Rights, SourceNote
from genani.training.clips.records import Face, Feeling, Record, record_of

SIZE = (96, 64)
PAPERS = ((250, 250, 245), (40, 60, 120), (180, 90, 60))


def drawing(at: float, paper: int = 0, size: tuple[int, int] = SIZE) -> Picture:
    """A ball and a bar on opaque paper; `at` (0 to 1) is where the ball is."""
    rows, columns = np.mgrid[: size[1], : size[0]] + 0.5
    pixels = np.empty((size[1], size[0], 4), np.uint8)
    pixels[...] = (*PAPERS[paper], 255)
    pixels[rows > 0.8 * size[1], :3] = (60 + 50 * paper, 160, 90)
    x = (0.15 + 0.7 * at) * size[0]
    pixels[np.hypot(columns - x, rows - 0.4 * size[1]) < 0.15 * size[1], :3] = (220, 30, 40)
    return Picture(pixels)


def shot(frames: int, paper: int = 0, exposure: int = 1) -> list[Exposed]:
    """The ball crosses the picture in so many frames, a drawing for every `exposure` of them."""
    count = frames // exposure
    return [Exposed(drawing(n / max(count - 1, 1), paper), exposure) for n in range(count)]


def video(path: Path, drawings: Sequence[Exposed], rate: int = 24) -> Path:
    """The drawings as an MP4."""
    options = ExportOptions(format=Format.MP4, quality=90)
    video_out.write(list(drawings), Rate(rate), path, Format.MP4, options)
    return path


def variable(path: Path, drawings: Sequence[Exposed]) -> Path:
    """A Matroska film of a variable rate: the first half at 24 frames a second, then at 12."""
    plain = video(path.with_suffix(".plain.mp4"), drawings)
    half = sum(each.frames for each in drawings) // 2
    slow = f"setpts='(if(lt(N,{half}),N,{half}+(N-{half})*2))/24/TB'"
    arguments = ["-i", f"file:{plain}", "-vf", slow, "-fps_mode", "vfr", "-y", f"file:{path}"]
    subprocess.run([ffmpeg.program(), "-v", "error", "-nostdin", *arguments], check=True)
    plain.unlink()
    return path


def mesh(x: float = 48, y: float = 32, width: float = 30) -> np.ndarray:
    """(478, 3) a face at rest there."""
    return canonical().points * width + (x, y, 0.0)


def face(x: float = 48, y: float = 32, width: float = 30, **more: object) -> Face:
    """The same as a record has it."""
    points = [tuple(point) for point in np.round(mesh(x, y, width), 2).tolist()]
    shapes = {"jawOpen": 0.1, "eyeBlinkLeft": 0.2, "eyeBlinkRight": 0.6, "mouthSmileLeft": 0.3}
    return Face(points, "auto", 0.9, shapes, **more)  # pyright: ignore[reportArgumentType]


def record(clip_id: str, frames: int = 12, emotion: str = "happy") -> Record:
    """An annotated clip whose face moves to the right."""
    feeling = Feeling(emotion, 0.8, 0.5, {emotion: 0.8}, "person")
    made = record_of(clip_id, [face(30 + n) for n in range(frames)], feeling)
    made.annotated, made.source = True, "film"
    return made


def data_set(folder: Path, clips: int = 3, frames: int = 12) -> DataSet:
    """A data set of crossing balls."""
    data = DataSet(folder, SIZE, (SourceNote("film", "film.mp4", "0", RIGHTS, True, [], clips),))
    folder.mkdir(parents=True)
    data.save()
    for number in range(clips):
        made = record(f"clip_{number + 1:04d}", frames)
        pictures = [drawing(n / frames, number % 3).pixels for n in range(frames)]
        dataset.place_clip(folder, made, pictures)
    return data


RIGHTS = Rights("Ana", "own work", True)


def unwatched(_share: float, _text: str) -> None:
    """Progress that nobody sees."""
