"""Video files out: MP4 (H.264), WebM (VP9, alpha) and QuickTime (ProRes 4444, alpha)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genani.media import atomic, ffmpeg
from genani.media.clip import Exposed, Tick, no_tick, same_size
from genani.media.colour import WHITE, bleed, over, to_8, to_16, to_srgb
from genani.media.files import shown
from genani.media.options import ExportOptions, Format
from genani.scene.errors import FileError
from genani.scene.picture import Picture, Pixels
from genani.scene.time import Rate


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    path: Path,
    form: Format,
    options: ExportOptions,
    tick: Tick = no_tick,
) -> None:
    """Write a video; the file appears whole or not at all. Holds become repeated frames.

    Colours are BT.709, limited range, and tagged so. MP4 has no alpha: drawings stand on the
    matte, white if none is chosen; and only even sizes: an odd width or height gains one column or
    row, a copy of the last. WebM and MOV keep size and alpha; hidden colours are replaced so that
    edges stay clean.

    Args:
        drawings: all of one size.
        rate: frames a second, kept exactly.
        path: the file.
        form: MP4, WEBM or MOV.
        options: alpha, matte, quality (not for MOV).
        tick: called once a drawing.

    Raises:
        PictureError: the drawings differ in size.
        FileError: the encoder refuses the size, or the file cannot be written.
    """
    clear = options.alpha and form is not Format.MP4
    alpha = clear and not all(drawing.picture.opaque for drawing in drawings)
    height, width = _raw(drawings[0].picture, form, alpha, options).shape[:2]
    kind = "rgba64le" if form is Format.MOV else "rgba"
    with atomic.file(path) as temporary:
        arguments = [
            *("-f", "rawvideo", "-pix_fmt", kind, "-s", f"{width}x{height}"),
            *("-r", str(rate.fraction), "-i", "pipe:0", "-an"),
            *_encoder(form, alpha, options.quality),
            *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
            *("-color_range", "tv", "-y", f"file:{temporary}"),
        ]
        with ffmpeg.running(arguments, reads=True) as run:
            listening = True
            for drawing in same_size(drawings):
                tick()
                data = _raw(drawing.picture, form, alpha, options).data
                for _ in range(drawing.frames):
                    listening = listening and run.feed(data)
                if not listening:
                    break
            if run.finish() or not listening:
                raise FileError(f"cannot write '{shown(path)}': {ffmpeg.explained(run.log)}")


def _raw(picture: Picture, form: Format, alpha: bool, options: ExportOptions) -> Pixels:
    """(height, width, 4) pixels for ffmpeg's input: 16 bits for MOV, 8 for the others."""
    pixels = to_srgb(picture)
    if alpha:
        pixels = bleed(pixels)
    else:
        opaque = np.full(pixels.shape[:2], np.iinfo(pixels.dtype).max, pixels.dtype)
        pixels = np.dstack([over(pixels, options.matte or WHITE), opaque])
    if form is Format.MP4:
        pad = ((0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0))
        pixels = np.pad(pixels, pad, mode="edge")
    return np.ascontiguousarray(to_16(pixels) if form is Format.MOV else to_8(pixels))


def _encoder(form: Format, alpha: bool, quality: int) -> list[str]:
    layout = {
        Format.MP4: "yuv420p",
        Format.WEBM: "yuva420p" if alpha else "yuv420p",
        Format.MOV: "yuva444p10le" if alpha else "yuv444p10le",
    }[form]
    flags = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
    scale = f"scale=in_range=full:out_range=limited:out_color_matrix=bt709:flags={flags}"
    common = ["-vf", f"{scale},format={layout}"]
    if form is Format.MP4:
        # 1 to 100 becomes x264's 40 (blocky) to 10 (no visible loss).
        rate_factor = str(round(40 - 0.3 * quality))
        codec = ["-c:v", "libx264", "-preset", "medium", "-tune", "animation", "-crf", rate_factor]
        return [*common, *codec, "-movflags", "+faststart", "-f", "mp4"]
    if form is Format.WEBM:
        codec = ["-c:v", "libvpx-vp9", "-b:v", "0", "-crf", str(round(58 - 0.5 * quality))]
        speed = ["-deadline", "good", "-cpu-used", "3", "-row-mt", "1"]
        # Frames that are never shown cannot be paired with those of the alpha channel.
        return [*common, *codec, *speed, "-auto-alt-ref", "0" if alpha else "1", "-f", "webm"]
    codec = ["-c:v", "prores_ks", "-profile:v", "4444", "-vendor", "apl0"]
    return [*common, *codec, *(["-alpha_bits", "16"] if alpha else []), "-f", "mov"]
