"""Contact sheets: keys, truth and every contestant's drawings of a clip side by side."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from genani.scene.picture import Picture
from genani.training.evaluation.clips import Clip
from genani.training.evaluation.scores import COLUMNS, ClipScore, Measure
from genani.training.metrics import on_white

COLUMNS_OF_TRUTH = 5
LARGEST_CELL = 288
"""Pictures are shown at most this many pixels on their longer side, never enlarged."""

_JPEG = 88

_GAP, _CAPTION, _LINE = 6, 18, 16
_PAPER, _INK, _FAINT = (236, 236, 236), (24, 24, 24), (110, 110, 110)
_ON_LABEL = (
    Measure.PSNR,
    Measure.SQUEEZE_MOVING,
    Measure.STRANGE_COLOURS,
    Measure.LINES,
    Measure.FLICKER,
)


class Sheet:
    """A contact sheet in the making.

    The first row shows the keys, and between them the truth at up to `COLUMNS_OF_TRUTH` frames
    spread evenly; each further row what one contestant drew there, with its PSNR.

    Args:
        clip: the clip.
        pictures: all its frames.
    """

    def __init__(self, clip: Clip, pictures: Sequence[Picture]) -> None:
        self._clip = clip
        self._times = {f: span.time(f) for span in clip.spans for f in span.truth}
        self._frames = _spread(sorted(self._times), COLUMNS_OF_TRUTH)
        begin, end = clip.keys[0], clip.keys[-1]
        row = {i: _shown(pictures[i]) for i in (begin, *self._frames, end)}
        captions = {i: f"frame {i}, t = {self._times[i]}" for i in self._frames}
        captions |= {begin: "first key", end: "last key"}
        self._columns = (begin, *self._frames, end)
        self._rows = [([clip.name, clip.category, "keys and truth"], row, captions)]

    def add(self, score: ClipScore, drawn: Mapping[int, Picture]) -> None:
        """A row for what a contestant drew."""
        label = [score.contestant]
        for measure in _ON_LABEL:
            if measure in score.values:
                column = COLUMNS[measure]
                number = f"{score.values[measure]:.{column.digits}f}"
                label.append(f"{column.title} {number} {column.unit}".strip())
        row = {i: _shown(drawn[i]) for i in self._frames}
        psnr = {each.frame: each.values[Measure.PSNR] for each in score.frames}
        captions = {i: _decibels(psnr[i]) for i in self._frames}
        self._rows.append((label, row, captions))

    def failed(self, contestant: str, error: str) -> None:
        """A row for a contestant that could not draw the clip."""
        self._rows.append(([contestant], {}, {self._columns[0]: error}))

    def image(self) -> Pil.Image:
        """The sheet as it stands."""
        first = self._rows[0][1][self._columns[0]]
        plain, small = ImageFont.load_default(13), ImageFont.load_default(11)
        texts = [text for label, _, _ in self._rows for text in label]
        margin = 2 * _GAP + math.ceil(max(plain.getlength(text) for text in texts))
        width = first.width + _GAP
        height = max(first.height, _LINE * max(len(label) for label, _, _ in self._rows))
        height += _GAP + _CAPTION
        sheet = Pil.new(
            "RGB",
            (margin + width * len(self._columns), height * len(self._rows) + _GAP),
            _PAPER,
        )
        pen = ImageDraw.Draw(sheet)
        for number, (label, row, captions) in enumerate(self._rows):
            top = _GAP + number * height
            for line, text in enumerate(label):
                pen.text((_GAP, top + _LINE * line), text, _FAINT if line else _INK, plain)
            for column, frame in enumerate(self._columns):
                left = margin + column * width
                if frame in row:
                    sheet.paste(row[frame], (left, top))
                pen.text((left, top + first.height + 2), captions.get(frame, ""), _FAINT, small)
        return sheet

    def write(self, path: Path) -> None:
        """Save the sheet as a PNG."""
        self.image().save(path, "PNG")

    def strip(self) -> bytes:
        """The sheet as a JPEG, for a page."""
        buffer = io.BytesIO()
        self.image().save(buffer, "JPEG", quality=_JPEG, optimize=True)
        return buffer.getvalue()


def _spread(frames: Sequence[int], count: int) -> tuple[int, ...]:
    """Up to `count` of the frames, evenly spread and never at the very ends if avoidable."""
    if len(frames) <= count:
        return tuple(frames)
    step = (len(frames) + 1) / (count + 1)
    return tuple(frames[round(step * (i + 1)) - 1] for i in range(count))


def _shown(picture: Picture) -> Pil.Image:
    image = Pil.fromarray(np.rint(on_white(picture) * 255).astype(np.uint8))
    image.thumbnail((LARGEST_CELL, LARGEST_CELL), Pil.Resampling.LANCZOS)
    return image


def _decibels(psnr: float) -> str:
    return "equal" if math.isinf(psnr) else f"{psnr:.1f} dB"
