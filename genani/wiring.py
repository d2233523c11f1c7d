"""Data sets, tasks and adapters for the training window: rooms that app may not import."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genani.app.training.services import (
    AdapterInfo,
    Clip,
    Review,
    Rights,
    RunRecord,
    TrainingChoice,
    TrainingServices,
)
from genani.scene.errors import EngineError, ModelError
from genani.scene.face import Emotion
from genani.store import adapters


@dataclass(frozen=True)
class _Trained:
    """A task that the window offers: what it trains, and the engine that draws with it."""

    engine: str
    base: str
    pace: float
    way: str
    """How the base model is to be had."""
    settings: tuple[str, ...] = ("task.sizes", "task.varied")
    """Those of the task's own that the window offers."""


_OFFERED = {
    "rife": _Trained("rife", "rife-4.6", 0.35, "`genani models fetch rife-4.6`"),
    "face": _Trained("genani", "genani-face", 0.6, "`genani train face` makes it"),
}
"""By the task's name; ToonCrafter's is for a graphics card and the command line."""

_RESULT = "result"
"""Where a run leaves what an engine loads."""


def make_training() -> TrainingServices:
    """See `TrainingServices`; imports no torch."""
    return TrainingServices(
        clips=_clips,
        review=_review,
        restore=_restore,
        rights=_rights,
        set_rights=_set_rights,
        points=_points,
        choices=_choices,
        run=_run,
        adopt=_adopt,
        adapters=_adapters,
        add=lambda path: adapters.add(path).id,
        export=lambda name, target: adapters.export(adapters.find(name), target) and None,
        mix=adapters.read_mix,
        told=adapters.write_mix,
    )


def _clips(folder: Path) -> Sequence[Clip]:
    from genani.training.clips import dataset

    if not (folder / dataset.NOTE).exists():
        return ()
    found = []
    for name in dataset.clip_ids(folder):
        outline = dataset.read_outline(folder / name)
        feeling = outline.emotion
        found.append(
            Clip(
                name,
                folder / name,
                tuple(outline.frames),
                Emotion(feeling.label) if feeling.label in set(Emotion) else None,
                feeling.confidence,
                feeling.by == "person",
                outline.annotated,
                bool(outline.augmented_from),
            )
        )
    return found


def _review(folder: Path) -> Review:
    from genani.training.clips import review

    return review.Review(folder)


def _restore(folder: Path, name: str) -> None:
    from genani.training.clips import dataset

    with dataset.held(folder):
        dataset.restore_clip(folder, name)


def _rights(folder: Path) -> Rights | None:
    from genani.training.clips import dataset

    if not (folder / dataset.NOTE).exists():
        return None
    data = dataset.read(folder)
    if not data.sources:
        return None
    lacking = [each for each in data.sources if each.rights.wanting]
    shown = (lacking or list(data.sources))[0].rights
    return Rights(shown.made_by, shown.licence, shown.may_train, shown.wanting or "")


def _set_rights(folder: Path, made_by: str, licence: str, may_train: bool) -> None:
    from genani.training.clips import dataset

    with dataset.held(folder):
        data = dataset.read(folder)
        dataset.set_rights(data, dataset.Rights(made_by, licence, may_train), lambda _film: True)


def _points(folder: Path, name: str) -> Mapping[str, Sequence[tuple[float, float]]]:
    from genani.training.clips import dataset

    record = dataset.read_record(folder / name)
    return {
        frame: [(x, y) for x, y, _ in face.points]
        for frame, face in record.landmarks.items()
        if face.points
    }


def _choices() -> Sequence[TrainingChoice]:
    from genani.engines import registry
    from genani.training.tasks import TASKS

    found = []
    for name, trained in _OFFERED.items():
        if name not in TASKS:
            continue
        try:
            engine = registry.info(trained.engine)
        except EngineError:
            continue
        card = TASKS[name]
        missing = ""
        if not registry.installed(trained.base):
            missing = f"{engine.title} is not installed: {trained.way}"
        presets = {
            preset: {key: str(value) for key, value in _flat(table).items()}
            for preset, table in card.presets.items()
        }
        found.append(
            TrainingChoice(
                name,
                engine.title,
                card.summary,
                trained.engine,
                trained.base,
                missing,
                trained.pace,
                presets,
                trained.settings,
            )
        )
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Settings by their whole names, `task.size` for `size` in the table `task`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _run(folder: Path) -> RunRecord:
    from genani.training import runs, watch

    told = folder / runs.TOLD
    if not told.exists():
        return RunRecord()
    config = _object(told).get("config")
    steps = config.get("steps") if isinstance(config, Mapping) else 0
    best = _object(folder / _RESULT / "figures.json").get("figures")
    shown = sorted(each for each in (folder / "samples").glob("*") if each.is_dir())
    ends = shown[:1] + shown[1:][-1:]
    return RunRecord(
        begun=True,
        paused=any((folder / "checkpoints").glob("*.safetensors")),
        result=(folder / _RESULT).is_dir(),
        steps=steps if isinstance(steps, int) else 0,
        lines=watch.read_metrics(folder) if (folder / watch.METRICS).exists() else (),
        best=best if isinstance(best, Mapping) else {},
        samples=tuple(picture for each in ends for picture in sorted(each.glob("*.png"))),
    )


def _object(path: Path) -> Mapping[str, Any]:
    """The object in a JSON file; empty where there is none, or another thing."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _adopt(run: Path, name: str, data: Path, base: str) -> str:
    """The run's result as an adapter in the store, its card filled in."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    made = sorted((run / _RESULT).glob(f"*{adapters.SUFFIX}"))
    if not made:
        raise ModelError("this training has not come to a result yet")
    card = adapters.read_card(made[0])
    if card.base != base:
        raise ModelError(f"'{made[0]}' was trained for {card.base}, not for {base}")
    rights = _rights(data)
    told = f"made by {rights.made_by}, {rights.licence or 'no licence named'}" if rights else ""
    count = len([clip for clip in _clips(data) if not clip.copy])
    kept = adapters.AdapterCard(
        name=name.strip() or card.name,
        base=card.base,
        kind=card.kind,
        made=card.made,
        data=f"{count} clips; {card.data}" if card.data else f"{count} clips",
        rights=told or card.rights,
        settings=card.settings,
        figures=card.figures,
    )
    try:
        tensors = load_file(made[0])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / made[0].name
            save_file(tensors, path, metadata=adapters.header(kept))
            return adapters.add(path).id
    except (OSError, SafetensorError) as error:
        raise ModelError(f"'{made[0]}' is damaged") from error


def _adapters() -> Sequence[AdapterInfo]:
    return [
        AdapterInfo(each.id, each.card.name, each.card.base, each.card.data, each.card.figures)
        for each in adapters.listed()
    ]
