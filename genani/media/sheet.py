"""Sprite sheets out: one PNG with every drawing, and a JSON file that says where and how long."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genani.media import atomic
from genani.media.clip import Exposed, Tick, no_tick, same_size
from genani.media.colour import to_8
from genani.media.files import shown
from genani.media.image import encode_png
from genani.media.options import ExportOptions
from genani.media.timing import milliseconds
from genani.scene.errors import FileError, PictureError
from genani.scene.picture import Picture, PictureId, check_size
from genani.scene.time import Rate


def write(
    drawings: Sequence[Exposed],
    rate: Rate,
    path: Path,
    options: ExportOptions,
    tick: Tick = no_tick,
) -> list[Path]:
    """Write `name.json` and `name.png`; both appear together, or none.

    Each different drawing is in the picture once, in a grid of equal cells, at 8 bits. The JSON
    has the layout that Aseprite writes and game engines read (`frames` as an array, `meta`), one
    entry an exposure: `frame` (its rectangle in the picture), `duration` (milliseconds, without
    drift) and `exposure` (frames of this project); `meta.frameRate` is exact, as in `24000/1001`.

    Args:
        drawings: all of one size and one profile; gone through twice.
        rate: frames a second.
        path: the JSON file; the picture lies beside it.
        options: columns, gap.
        tick: called once a drawing.

    Returns:
        The JSON file and the picture.

    Raises:
        PictureError: the drawings differ in size.
        FileError: the sheet would be too large, or the files cannot be written.
    """
    cells: dict[PictureId, int] = {}
    order = [cells.setdefault(drawing.picture.id, len(cells)) for drawing in same_size(drawings)]
    width, height = drawings[0].picture.size
    corners, size = _grid(len(cells), width, height, options)
    try:
        check_size(*size)
    except PictureError as error:
        raise FileError(f"cannot write '{shown(path)}': {error}") from error
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    for drawing, cell in zip(drawings, order, strict=True):
        tick()
        left, top = corners[cell]
        pixels[top : top + height, left : left + width] = to_8(drawing.picture.pixels)
    frames = [
        _entry(f"{path.stem} {index}", (*corners[cell], width, height), drawing.frames, time)
        for index, (drawing, cell, time) in enumerate(
            zip(drawings, order, milliseconds(drawings, rate), strict=True)
        )
    ]
    image = path.with_suffix(".png")
    document = {"frames": frames, "meta": _meta(image.name, size, rate)}
    with atomic.folder(path.parent, path) as staged:
        sheet = Picture(pixels, drawings[0].picture.icc)
        (staged.path / image.name).write_bytes(encode_png(sheet))
        (staged.path / path.name).write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return [path, image]


def _grid(
    cells: int, width: int, height: int, options: ExportOptions
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """The left top corner of each cell, and (width, height) of the whole."""
    columns = options.columns or math.ceil(math.sqrt(cells * height / width))
    columns = max(1, min(columns, cells))
    across, down = width + options.gap, height + options.gap
    corners = [(cell % columns * across, cell // columns * down) for cell in range(cells)]
    rows = -(-cells // columns)
    return corners, (columns * across - options.gap, rows * down - options.gap)


def _entry(name: str, box: tuple[int, int, int, int], exposure: int, time: int) -> dict[str, Any]:
    left, top, width, height = box
    return {
        "filename": name,
        "frame": {"x": left, "y": top, "w": width, "h": height},
        "rotated": False,
        "trimmed": False,
        "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
        "sourceSize": {"w": width, "h": height},
        "duration": time,
        "exposure": exposure,
    }


def _meta(image: str, size: tuple[int, int], rate: Rate) -> dict[str, Any]:
    return {
        "app": "GenAni",
        "image": image,
        "format": "RGBA8888",
        "size": {"w": size[0], "h": size[1]},
        "scale": "1",
        "frameRate": str(rate.fraction),
    }
