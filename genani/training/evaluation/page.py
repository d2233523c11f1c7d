"""The outcome of an evaluation as one HTML file: figures, plots, strips, all inside."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from genani.media import atomic
from genani.training.evaluation.report import Report
from genani.training.evaluation.scores import COLUMNS, OF_ALL, Measure, Values
from genani.training.metrics import PSNR_CAP

MOST_STRIPS = 24
"""Strips on a page: those of the clips on which the contestants differ most."""

_TEMPLATE = Path(__file__).with_name("page.html.jinja")
_EVERY = "all clips"

_COLOURS = ("#3778bf", "#d9662c", "#3a9457", "#a05ab0", "#8a7a1f", "#c2456c")
_MARKS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    "M-4 -4h8v8h-8z",
    "M0 -5l5 9h-10z",
    "M0 -5l5 5l-5 5l-5 -5z",
)
_DASHES = ("none", "6 3", "2 3", "8 2 2 2")
_LEFT, _WIDTH, _TOP, _HEIGHT = 58, 270, 30, 146
_UNPLOTTED = {*OF_ALL, Measure.FIRST, Measure.FURTHER, Measure.PSNR_CLIP}


def write(report: Report, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        FileError: the place cannot be written.
    """
    with atomic.file(path) as temporary:
        temporary.write_text(html(report), encoding="utf-8")


def html(report: Report) -> str:
    """The page; see `report.strips` for its pictures."""
    labels = report.contestants
    engine = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    categories = [*report.categories, None] if len(report.categories) > 1 else [None]
    clips = list(dict.fromkeys(score.clip for score in report.clips))
    shown = _most_different(report)[:MOST_STRIPS]
    return engine.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=" and ".join(labels),
        folder=report.folder,
        count=len(clips),
        first=labels[0],
        labels=labels,
        sections=[_section(report, category) for category in categories],
        notes=[
            *(f"{what}: {why}" for what, why in report.absent.items()),
            *(
                f"{s.contestant} could not draw {s.clip}: {s.error}"
                for s in report.clips
                if s.error
            ),
        ],
        plots=[plot for measure in Measure if (plot := _plot(report, measure))],
        keys=[{**_look(number), "label": label} for number, label in enumerate(labels)],
        strips=[
            {"name": name, "data": base64.b64encode(report.strips[name]).decode()} for name in shown
        ],
        left_out=len(report.strips) - len(shown),
    )


def _section(report: Report, category: str | None) -> dict[str, Any]:
    means = [report.means(label, category) for label in report.contestants]
    count = len({score.clip for score in report.clips if category in (None, score.category)})
    rows = [_row(measure, means) for measure in Measure if any(measure in each for each in means)]
    return {"name": category or _EVERY, "count": count, "rows": rows}


def _row(measure: Measure, means: list[Values]) -> dict[str, Any]:
    column = COLUMNS[measure]
    values = [each.get(measure) for each in means]
    known = [value for value in values if value is not None]
    best = max(known) if column.higher_is_better else min(known)
    apart = len(known) > 1 and max(known) > min(known)
    cells = []
    for number, value in enumerate(values):
        text = "–" if value is None else f"{value:.{column.digits}f}"
        change = ""
        if number and value is not None and values[0]:
            change = f"{100 * (value / values[0] - 1):+.1f} %"
        cells.append({"text": text, "change": change, "best": apart and value == best})
    return {"title": _title(measure), "about": column.about, "cells": cells}


def _plot(report: Report, measure: Measure) -> dict[str, Any] | None:
    """A mark a clip and contestant; None where there is nothing to tell apart."""
    if measure in _UNPLOTTED:
        return None
    found = {
        label: {
            score.clip: min(score.values[measure], PSNR_CAP)
            for score in report.of(label)
            if measure in score.values
        }
        for label in report.contestants
    }
    every = [value for values in found.values() for value in values.values()]
    if not every:
        return None
    low, high = min(every), max(every)
    room = (high - low) or 1.0
    clips = sorted(
        dict.fromkeys(clip for values in found.values() for clip in values),
        key=lambda clip: (next(iter(found.values())).get(clip, math.inf), clip),
    )
    digits = COLUMNS[measure].digits

    def height(value: float) -> float:
        return round(_TOP + _HEIGHT * (high - value) / room, 1)

    lines = []
    for number, (label, values) in enumerate(found.items()):
        if not values:
            continue
        points = [
            {
                "x": round(_LEFT + _WIDTH * (clips.index(clip) + 0.5) / len(clips), 1),
                "y": height(value),
                "clip": clip,
                "text": f"{value:.{digits}f}",
            }
            for clip, value in values.items()
        ]
        mean = height(math.fsum(values.values()) / len(values))
        lines.append({**_look(number), "label": label, "mean": mean, "points": points})
    return {
        "title": _title(measure),
        "about": COLUMNS[measure].about,
        "top": f"{high:.{digits}f}",
        "bottom": f"{low:.{digits}f}",
        "lines": lines,
    }


def _look(number: int) -> Mapping[str, str]:
    """Shape as well as colour, so that contestants are told apart without colours."""
    return {
        "colour": _COLOURS[number % len(_COLOURS)],
        "mark": _MARKS[number % len(_MARKS)],
        "dash": _DASHES[number % len(_DASHES)],
    }


def _title(measure: Measure) -> str:
    column = COLUMNS[measure]
    arrow = "↑" if column.higher_is_better else "↓"
    return " ".join(filter(None, (column.title, column.unit, arrow)))


def _most_different(report: Report) -> list[str]:
    """Names of the clips with strips, those first on which the likeness differs most."""

    def apart(name: str) -> float:
        values = [
            min(score.values[Measure.PSNR], PSNR_CAP)
            for score in report.clips
            if score.clip == name and Measure.PSNR in score.values
        ]
        return max(values) - min(values) if values else 0.0

    return sorted(report.strips, key=lambda name: (-apart(name), name))
