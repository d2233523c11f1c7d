"""Data sets, tasks and adapters for the training window: rooms that app may not import."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genani.app.training.services import (
    AdapterInfo,
    Clip,
    Review,
    Rights,
    RunRecord,
    TrainingServices,
)
from genani.media import atomic
from genani.scene.errors import ModelError
from genani.scene.face import Emotion
from genani.store import adapters
from genani.store.entry import DESCRIPTION
from genani.store.places import store_folder
from genani.wiring_models import OWN, offer
from genani.wiring_tasks import choices

_ACTIONS = "actions.json"
"""In a data set, what is done in each clip; `genani.training.sources.sprites.own` reads it."""

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
        choices=choices,
        run=_run,
        adopt=_adopt,
        keep=_keep,
        set_action=_set_action,
        actions=tuple(_actions()),
        adapters=_adapters,
        models=offer,
        add=lambda path: adapters.add(path).id,
        export=lambda name, target: adapters.export(adapters.find(name), target) and None,
        mix=adapters.read_mix,
        told=adapters.write_mix,
    )


def _clips(folder: Path) -> Sequence[Clip]:
    from genani.training.clips import dataset

    if not (folder / dataset.NOTE).exists():
        return ()
    actions = _actions_of(folder)
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
                actions.get(outline.root, ""),
            )
        )
    return found


def _actions() -> Sequence[str]:
    from genani.engines.inbetween.sprite.actions import ACTIONS

    return [str(action) for action in ACTIONS]


def _actions_of(folder: Path) -> dict[str, str]:
    """Names of clips and what is done in them, where somebody has said so."""
    told = _object(folder / _ACTIONS)
    return {str(name): str(action) for name, action in told.items()}


def _set_action(folder: Path, clips: Sequence[str], action: str) -> None:
    from genani.training.clips import dataset

    with dataset.held(folder), atomic.file(folder / _ACTIONS) as place:
        told = _actions_of(folder) | dict.fromkeys(clips, action)
        place.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


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


def _keep(run: Path, name: str, task: str, whose: str) -> str:
    """The run's result as a model of the store, which tells of itself in a file beside it."""
    made = run / _RESULT
    title = name.strip() or task
    if not (made / DESCRIPTION).is_file():
        raise ModelError("this training has not come to a result yet")
    text = (made / DESCRIPTION).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    own = f"{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-') or task}-{digest}"
    for key, value in (("name", own), ("title", title)):
        quoted = json.dumps(value, ensure_ascii=False)
        text = re.sub(f"(?m)^{key} = .*$", lambda _, k=key, q=quoted: f"{k} = {q}", text, count=1)
    with atomic.folder(store_folder() / own) as staged:
        shutil.copytree(made, staged.path, dirs_exist_ok=True)
        (staged.path / DESCRIPTION).write_text(text, "utf-8")
        told = {"task": task, "title": title, "whose": whose}
        (staged.path / OWN).write_text(json.dumps(told, ensure_ascii=False) + "\n", "utf-8")
    return own


def _adapters() -> Sequence[AdapterInfo]:
    return [
        AdapterInfo(each.id, each.card.name, each.card.base, each.card.data, each.card.figures)
        for each in adapters.listed()
    ]
