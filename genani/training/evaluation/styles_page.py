"""A comparison of styles as a table of text, as figures, and as one HTML file with all inside."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import numpy as np
from PIL import Image as Pil

from genani.media import atomic
from genani.scene.picture import Picture
from genani.training.evaluation.styles import Comparison, Scored
from genani.training.metrics import on_white

MOST_STRIPS = 24
"""Photos on a page."""

_TEMPLATE = Path(__file__).with_name("styles.html.jinja")
_CELL, _JPEG = 288, 88


@dataclass(frozen=True)
class Column:
    """A figure.

    Attributes:
        title: with its unit.
        about: what it says, and which way is better.
        value: of a style; None where it was not measured.
        digits: after the point.
        best: whether the least of them is marked.
    """

    title: str
    about: str
    value: Callable[[Scored], float | None]
    digits: int = 2
    best: bool = True


_MB = 1e6

COLUMNS = (
    Column("FID", "Fréchet Inception Distance; lower is nearer.", lambda s: s.fid, 1),
    Column(
        "Fréchet to drawings",
        "Distance of SqueezeNet features of all results to those of your drawings; lower is "
        "nearer. It stands in for FID and compares with no FID.",
        lambda s: s.drawings,
        4,
    ),
    Column(
        "Fréchet to photos",
        "The same to your photos: low where little was changed. Neither way is better.",
        lambda s: s.photos,
        4,
        best=False,
    ),
    Column(
        "Content distance",
        "Perceptual distance of each result to its own photo, over SqueezeNet features, not "
        "calibrated; lower keeps more of what is there.",
        lambda s: s.content,
        3,
    ),
    Column("Time, s", "Of a picture, the median, without loading.", lambda s: s.seconds),
    Column(
        "Parameters, millions",
        "Weights of the networks.",
        lambda s: None if s.parameters is None else s.parameters / 1e6,
        3,
    ),
    Column("Multiply-adds, 1e9", "Of the first picture.", lambda s: s.macs, 1),
    Column(
        "Memory, MB",
        "Of tensors at their highest on the first picture, weights with them.",
        lambda s: None if s.memory is None else s.memory / _MB,
        0,
    ),
)
"""In the order of the page."""

REPORTED = (
    ("AnimeGAN", "2020", "185.6", "lr G 0.00002, D 0.00004, 40 epochs, batch 26, 6000 : 2000"),
    ("JoJoGAN", "2022", "178.8", "lr G 0.0002, D 0.0003, 50 epochs, channel size 512"),
    ("ArtifyGAN", "–", "118.6", "lr 0.001, w 0.00001, 240 epochs, batch 16, 10 blocks"),
    ("Cartoon StyleGAN2 (ADA)", "2021", "114.7", "4 layers frozen, lr 0.002, gamma 50, 1200 kimg"),
)
"""System, year, FID of six pictures, settings: as published, on pictures that we do not have."""


def rows(comparison: Comparison) -> list[tuple[Column, list[float | None]]]:
    """The columns of which any style has a figure, with the figure of each."""
    found = [(column, [column.value(s) for s in comparison.styles]) for column in COLUMNS]
    return [(c, values) for c, values in found if any(each is not None for each in values)]


def table(comparison: Comparison) -> str:
    """The figures as plain text, a line a figure."""
    labels = [style.label for style in comparison.styles]
    lines = [["", *labels]]
    for column, values in rows(comparison):
        lines.append([column.title, *(_text(column, value) for value in values)])
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    text = "\n".join(
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    failed = [f"{s.label} could not draw: {s.error}" for s in comparison.styles if s.error]
    notes = [f"not measured: {what}: {why}" for what, why in comparison.absent.items()]
    return "\n".join([text, *failed, *notes])


def write_json(comparison: Comparison, path: Path) -> None:
    """Write every figure.

    Raises:
        FileError: the place cannot be written.
    """
    told = {
        "photos": comparison.photos,
        "with_drawings": comparison.with_drawings,
        "styles": [asdict(each) for each in comparison.styles],
        "absent": dict(comparison.absent),
    }
    with atomic.file(path) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")


def write(comparison: Comparison, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        FileError: the place cannot be written.
    """
    with atomic.file(path) as temporary:
        temporary.write_text(html(comparison), encoding="utf-8")


def html(comparison: Comparison) -> str:
    """The page."""
    engine = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    drew = [style for style in comparison.styles if style.label in comparison.results]
    return engine.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        count=len(comparison.photos),
        fid=any(style.fid is not None for style in comparison.styles),
        against="your drawings" if comparison.with_drawings else "your photos",
        labels=[style.label for style in comparison.styles],
        rows=[_row(*each) for each in rows(comparison)],
        devices=sorted({style.device for style in drew}),
        notes=[
            *(f"{s.label} could not draw: {s.error}" for s in comparison.styles if s.error),
            *(f"{what}: {why}" for what, why in comparison.absent.items()),
        ],
        reported=REPORTED,
        strips=[
            {
                "name": name,
                "cells": [
                    {"title": "photo", "data": _jpeg(comparison.sources[at])},
                    *(
                        {"title": style.label, "data": _jpeg(comparison.results[style.label][at])}
                        for style in drew
                    ),
                ],
            }
            for at, name in enumerate(comparison.photos[:MOST_STRIPS])
        ],
        left_out=max(0, len(comparison.photos) - MOST_STRIPS),
    )


def _row(column: Column, values: list[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    apart = column.best and len(known) > 1 and max(known) > min(known)
    cells = [
        {"text": _text(column, value), "best": apart and value == min(known)} for value in values
    ]
    return {"title": column.title, "about": column.about, "cells": cells}


def _text(column: Column, value: float | None) -> str:
    return "–" if value is None else f"{value:.{column.digits}f}"


def _jpeg(picture: Picture) -> str:
    shown = Pil.fromarray(np.rint(on_white(picture) * 255).astype(np.uint8))
    shown.thumbnail((_CELL, _CELL), Pil.Resampling.LANCZOS)
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=_JPEG, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
