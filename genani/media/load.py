"""The front door for reading: a still, an animation, a numbered sequence or a video."""

from __future__ import annotations

from pathlib import Path

from genani.media import animation, image, sequence, video
from genani.media.clip import Clip
from genani.media.files import check_file, read_all, shown, told
from genani.scene.errors import FileError
from genani.scene.picture import Picture
from genani.scene.time import Rate

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_VIDEOS = (b"\x1a\x45\xdf\xa3", b"FLV", b"OggS", b"0&\xb2u", b"\0\0\1\xba", b"\0\0\1\xb3")


def load(
    path: Path,
    rate: Rate | None = None,
    gaps: sequence.Gaps = sequence.Gaps.HOLD,
    numbered: bool = True,
) -> Picture | Clip:
    """What a file or folder holds, told by its content and not by its name.

    Args:
        path: a picture, an animated GIF, APNG or WebP, a video, one file of a numbered sequence,
            or a folder that holds one such sequence.
        rate: frames a second of the clip; None takes the file's own, or 24 for a sequence.
        gaps: what stands for the missing numbers of a sequence.
        numbered: False takes one picture of a sequence alone.

    Returns:
        A picture for a still, else a clip whose neighbouring drawings differ.

    Raises:
        FileError: missing, not of a known kind, damaged, too large, or a folder without one clear
            sequence.
    """
    with told(path, "read"):
        if path.is_dir():
            return sequence.read(_only_sequence(path), rate, gaps)
    if is_video(path):
        return video.read(path, rate)
    data = read_all(path)
    if animation.is_animated(data, path):
        return animation.read_bytes(data, path, rate)
    found = sequence.find(path) if numbered else None
    return sequence.read(found, rate, gaps) if found else image.read_bytes(data, path)


def is_video(path: Path) -> bool:
    """True if the first bytes of a file are a video's, or its name says so and they say nothing.

    Raises:
        FileError: missing, not a plain file, or of no kind that can be read.
    """
    check_file(path)
    with told(path, "read"), path.open("rb") as file:
        head = file.read(512)
    riff = head[8:12] if head[:4] == b"RIFF" else b""
    if head.startswith(_PICTURES) or riff == b"WEBP":
        return False
    if head.startswith(_VIDEOS) or riff == b"AVI ":
        return True
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return head[8:12] not in (b"avif", b"avis", b"heic", b"heix", b"mif1")
    suffix = path.suffix.lower()
    if suffix in image.EXTENSIONS:
        return False
    if suffix in video.EXTENSIONS:
        return True
    raise FileError(
        f"cannot read '{shown(path)}': it is not a picture, animation or video that can be read"
    )


def _only_sequence(folder: Path) -> sequence.FileSequence:
    found = sequence.find_all(folder)
    if len(found) == 1:
        return found[0]
    if not found:
        raise FileError(f"cannot read '{shown(folder)}': it holds no numbered pictures")
    names = ", ".join(shown(each.pattern) for each in found[:3])
    raise FileError(
        f"cannot read '{shown(folder)}': it holds several sequences ({names}"
        f"{', ...' if len(found) > 3 else ''}); choose one of their files"
    )
