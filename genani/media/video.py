"""Video files in: any ffmpeg can read, at a constant rate, frame by frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np

from genani.media import ffmpeg
from genani.media.clip import Clip, gathered
from genani.media.files import check_file, shown
from genani.scene.errors import FileError, PictureError, SceneError
from genani.scene.picture import Picture, check_size
from genani.scene.time import Rate

EXTENSIONS = frozenset(
    {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".flv", ".wmv", ".mpg", ".mpeg", ".ts"}
    | {".ogv", ".mxf", ".3gp"}
)
"""Lower-case file name endings of the videos that can be read."""

_CONTAINERS = "mov,matroska,avi,flv,asf,mpeg,mpegts,mpegvideo,ogg,mxf,nut"
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""ffmpeg's own decoders of these drop the alpha channel."""

_STREAM = re.compile(r"Stream #\d+:\d+.*?: Video: (?P<codec>\w+)(?P<rest>.*)")
_SIZE = re.compile(r"[ ,](\d{1,6})x(\d{1,6})(?=[ ,\n]|$)")
_RATE = re.compile(r"([\d.]+k?) (fps|tbr)")
_PIXELS = re.compile(r", ([a-z][a-z0-9_]*)[(,]")
_ALPHA = re.compile("yuva|rgba|bgra|argb|abgr|gbrap|ya|ayuv|vuya|uyva|pal8")
_DEEP = re.compile(
    r"(9|10|12|14|16)(?:msb)?[bl]e|(?:20|30x?|32|36|48|64|96|128)[bl]e|^p[024]1[026]"
)
_MATRICES = ("bt709", "smpte170m", "bt470bg", "bt2020nc", "fcc", "smpte240m", "gbr")


@dataclass(frozen=True)
class VideoInfo:
    """What a video's header says.

    Attributes:
        width, height: pixels as stored, before any rotation.
        rate: its mean rate, clipped to what a timeline can have.
        seconds: its length; None if the header does not say.
        alpha: True if it has an alpha channel.
        bits: bits a channel.
        codec: ffmpeg's name of the codec.
        matrix: the colour matrix to decode with where the file names none; else empty.
    """

    width: int
    height: int
    rate: Rate
    seconds: Fraction | None
    alpha: bool
    bits: int
    codec: str
    matrix: str


def probe(path: Path) -> VideoInfo:
    """Read a video's header.

    Raises:
        FileError: missing, not a video, damaged, or larger than a picture may be.
    """
    check_file(path)
    with ffmpeg.running(["-v", "info", *_source(path)]) as run:
        run.finish()
        log = run.log
    stream = _STREAM.search(log)
    size = stream and _SIZE.search(stream["rest"])
    if not stream or not size:
        errors = "\n".join(line for line in log.splitlines() if "rror" in line or "not " in line)
        why = "it holds no moving picture" if "Stream #" in log else ffmpeg.explained(errors)
        raise FileError(f"cannot read '{shown(path)}': {why}")
    width, height = int(size[1]), int(size[2])
    try:
        check_size(width, height)
    except PictureError as error:
        raise FileError(f"cannot read '{shown(path)}': {error}") from error
    rest = stream["rest"]
    layout = _PIXELS.search(rest)
    pixels = layout[1] if layout else ""
    return VideoInfo(
        width,
        height,
        _rate(rest),
        _seconds(log),
        bool(_ALPHA.match(pixels)) or bool(re.search(r"alpha_mode +: 1", log, re.IGNORECASE)),
        int(deep[1] or 16) if (deep := _DEEP.search(pixels)) else 8,
        stream["codec"],
        "" if any(name in rest for name in _MATRICES) else _guess(width, height),
    )


def _source(path: Path) -> list[str]:
    return ["-format_whitelist", _CONTAINERS, *ffmpeg.source(path)]


def _guess(width: int, height: int) -> str:
    """What players assume of untagged video: the matrix of its size's broadcast standard."""
    return "bt709" if width >= 1280 or height > 576 else "smpte170m"


def _rate(rest: str) -> Rate:
    found = {kind: number for number, kind in _RATE.findall(rest)}
    number = found.get("fps") or found.get("tbr") or "24"
    value = Fraction(number.rstrip("k")) * (1000 if number.endswith("k") else 1)
    return Rate.of(min(Fraction(120), max(Fraction(1), value)))


def _seconds(log: str) -> Fraction | None:
    found = re.search(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)", log)
    if not found:
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])


def frames(path: Path, rate: Rate | None = None) -> Iterator[Picture]:
    """Every frame of a video at a constant rate, one in memory at a time.

    A variable rate becomes constant by repeating and dropping frames, so that each is shown when
    it should be. Rotation and non-square pixels are undone; alpha is kept where the file has it;
    over 8 bits a channel become 16. Closing the iterator ends ffmpeg.

    Args:
        path: the file.
        rate: frames a second; None takes the video's own mean rate.

    Raises:
        FileError: not a video, or damaged; then, after the frames before the damage.
    """
    info = probe(path)
    kind, decoder = ("rgba64be" if info.bits > 8 else "rgba"), []
    if info.alpha and info.codec in _ALPHA_DECODERS:
        decoder = ["-c:v", _ALPHA_DECODERS[info.codec]]
    matrix = f":in_color_matrix={info.matrix}" if info.matrix else ""
    filters = (
        f"fps={(rate or info.rate).fraction},"
        f"scale=w='if(gt(sar,0),max(1,round(iw*sar)),iw)':h=ih{matrix}"
        ":flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
    )
    out = ["-fps_mode", "passthrough", "-pix_fmt", kind, "-f", "image2pipe", "-c:v", "pam", "-"]
    arguments = ["-xerror", *decoder, *_source(path), "-map", "0:V:0", "-vf", filters, *out]
    with ffmpeg.running(arguments, writes=True) as run:
        assert run.stdout is not None
        done = 0
        while (picture := _next_picture(run.stdout)) is not None:
            done += 1
            yield _full_alpha(picture, info.bits) if info.alpha else picture
        failed = run.finish() or not done
        log = run.log
        if failed or any(sign in log for sign in ffmpeg.CUT_SHORT):
            where = f" after frame {done}" if done else ""
            raise FileError(f"cannot read '{shown(path)}'{where}: {ffmpeg.explained(log)}")


def _next_picture(pipe: IO[bytes]) -> Picture | None:
    """One PAM picture from a pipe; None at its end, or where it breaks off."""
    header: dict[bytes, bytes] = {}
    while (line := pipe.readline().strip()) != b"ENDHDR":
        if not line:
            return None
        key, _, value = line.partition(b" ")
        header[key] = value
    width, height = int(header[b"WIDTH"]), int(header[b"HEIGHT"])
    deep = header[b"MAXVAL"] == b"65535"
    wanted = width * height * 4 * (2 if deep else 1)
    raw = pipe.read(wanted)
    if len(raw) < wanted:
        return None
    pixels = np.frombuffer(raw, ">u2").astype(np.uint16) if deep else np.frombuffer(raw, np.uint8)
    return Picture(pixels.reshape(height, width, 4))


def _full_alpha(picture: Picture, bits: int) -> Picture:
    """Opaque as all ones: ffmpeg widens alpha of 9 to 14 bits by zeros."""
    if not 8 < bits < 16:
        return picture
    pixels = picture.pixels.copy()
    pixels[..., 3] |= pixels[..., 3] >> bits
    return Picture(pixels)


def read(path: Path, rate: Rate | None = None) -> Clip:
    """A whole video as drawings with exposures: frames with equal pixels in a row are one hold.

    Args:
        path: the file.
        rate: frames a second; None takes the video's own mean rate.

    Raises:
        FileError: as `frames`; or the video needs more memory than a clip may.
    """
    try:
        rate = rate or probe(path).rate
    except SceneError as error:
        raise FileError(f"cannot read '{shown(path)}': {error}") from error
    return Clip(gathered(frames(path, rate), shown(path)), rate)
