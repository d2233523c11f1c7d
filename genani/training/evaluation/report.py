"""The outcome of an evaluation: means, a table for people, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genani.media import atomic
from genani.training.evaluation.scores import COLUMNS, ClipScore, Measure, Values, mean_values

SCHEMA = "genani-evaluation"
SCHEMA_VERSION = 1

_EVERY = "all categories"


@dataclass(frozen=True)
class Report:
    """What an evaluation found.

    Attributes:
        folder: where the clips lie.
        contestants: labels, in the order asked for.
        clips: one score for each clip and contestant.
        absent: what could not be measured -> why, and how to get it.
        whole: what only all frames of a contestant have together, by its label.
        strips: pictures of the clips side by side, as JPEG by the clip's name.
    """

    folder: str
    contestants: tuple[str, ...]
    clips: tuple[ClipScore, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, Values] = field(default_factory=dict)
    strips: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of the clips, sorted."""
        return tuple(sorted({score.category for score in self.clips}))

    def of(self, contestant: str, category: str | None = None) -> tuple[ClipScore, ...]:
        """The scores of one contestant, in one category or all."""
        return tuple(
            score
            for score in self.clips
            if score.contestant == contestant and category in (None, score.category)
        )

    def means(self, contestant: str, category: str | None = None) -> Values:
        """Means over the clips, each clip counting once however long it is.

        Over all clips, `whole` is among them.
        """
        values = mean_values([score.values for score in self.of(contestant, category)])
        if category is None or len(self.categories) == 1:
            values |= self.whole.get(contestant, {})
        return {measure: values[measure] for measure in Measure if measure in values}

    def table(self) -> str:
        """A table a category, contestants as rows, and notes on what is missing."""
        parts = [self._section(category) for category in self.categories]
        if len(parts) > 1:
            parts.append(self._section(None))
        notes = [
            f"{score.contestant} could not draw {score.clip}: {score.error}"
            for score in self.clips
            if score.error
        ]
        notes += [f"not measured: {what}: {why}" for what, why in self.absent.items()]
        return "\n\n".join([*parts, *(["\n".join(notes)] if notes else [])]) + "\n"

    def _section(self, category: str | None) -> str:
        shown = [self.means(label, category) for label in self.contestants]
        measures = [m for m in Measure if any(m in values for values in shown)]
        head = ["engine", *(_head(measure) for measure in measures)]
        rows = [
            [label, *(_cell(measure, values) for measure in measures)]
            for label, values in zip(self.contestants, shown, strict=True)
        ]
        count = len({score.clip for score in self.clips if category in (None, score.category)})
        title = f"{category or _EVERY} ({count} clip{'s' * (count != 1)})"
        return f"{title}\n{_aligned([head, *rows])}"

    def to_json(self) -> bytes:
        """The report as JSON.

        An object with `schema` and `version`; `folder`; `measures`, an object a measure with
        `title`, `unit`, `higher_is_better` and `about`; `not_measured`, texts by what is missing;
        `means`, by category (and `all categories`), then contestant, then measure; and `clips`, a
        list of objects with `clip`, `category`, `contestant`, `error` (a text, empty where all is
        well), `values` by measure, and `frames`: objects with `frame` (from 0), `t` (an exact
        fraction as text) and `values`. Numbers are finite: an infinite PSNR is null. A measure
        that was not taken is absent.
        """
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "version": SCHEMA_VERSION,
            "folder": self.folder,
            "measures": {
                measure: {
                    "title": column.title,
                    "unit": column.unit,
                    "higher_is_better": column.higher_is_better,
                    "about": column.about,
                }
                for measure, column in COLUMNS.items()
            },
            "not_measured": dict(self.absent),
            "means": {
                category or _EVERY: {
                    label: _finite(self.means(label, category)) for label in self.contestants
                }
                for category in (*self.categories, None)
            },
            "clips": [_clip(score) for score in self.clips],
        }
        return json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False).encode() + b"\n"

    def write_json(self, path: Path) -> None:
        """Write `to_json`, whole or not at all.

        Raises:
            FileError: the place cannot be written.
        """
        with atomic.file(path) as temporary:
            temporary.write_bytes(self.to_json())


def _clip(score: ClipScore) -> dict[str, Any]:
    return {
        "clip": score.clip,
        "category": score.category,
        "contestant": score.contestant,
        "error": score.error,
        "values": _finite(score.values),
        "frames": [
            {"frame": each.frame, "t": str(each.t), "values": _finite(each.values)}
            for each in score.frames
        ],
    }


def _finite(values: Values) -> dict[str, float | None]:
    return {
        measure.value: round(value, 6) if math.isfinite(value) else None
        for measure, value in values.items()
    }


def _head(measure: Measure) -> str:
    column = COLUMNS[measure]
    arrow = "↑" if column.higher_is_better else "↓"
    return " ".join(filter(None, (column.title, column.unit, arrow)))


def _cell(measure: Measure, values: Values) -> str:
    return f"{values[measure]:.{COLUMNS[measure].digits}f}" if measure in values else "–"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
