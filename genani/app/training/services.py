"""What the training window is given by `__main__`: data sets, tasks and adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from genani.app.model_choices import ModelOffer
from genani.app.training.album import Material
from genani.scene.face import Emotion


@dataclass(frozen=True)
class Clip:
    """One clip of a data set.

    Attributes:
        id: its name.
        folder: where its frames lie.
        frames: their file names, in order.
        emotion: its label; None where nobody has said.
        confidence: 0 to 1, how sure the label is.
        by_person: a person said so.
        annotated: somebody has looked for faces and for an emotion.
        copy: it was made from another clip by augmenting.
        action: what is done in it, such as `walk`; empty where nobody has said.
    """

    id: str
    folder: Path
    frames: tuple[str, ...]
    emotion: Emotion | None
    confidence: float
    by_person: bool
    annotated: bool
    copy: bool
    action: str = ""


@dataclass(frozen=True)
class Rights:
    """Who made the films, and whether they may be trained on.

    Attributes:
        made_by: a person's or a studio's name.
        licence: under which, or `own work`.
        may_train: what was said; None where nobody was asked.
        wanting: why they cannot be trained on, in words; empty if they can.
    """

    made_by: str
    licence: str
    may_train: bool | None
    wanting: str


class Gives(StrEnum):
    """What comes of a training."""

    ADAPTER = "adapter"
    """An own style for the spans of an engine."""
    ENGINE = "engine"
    """A model that an engine draws spans with."""
    STYLE = "style"
    """A style that drawings are put into."""
    LOOPS = "loops"
    """A model that makes one drawing move."""
    PART = "part"
    """Something that another training needs."""


@dataclass(frozen=True)
class TrainingChoice:
    """Something that can be trained.

    Attributes:
        task: as `genani train` calls it.
        title: the engine that draws with it.
        summary: one sentence.
        engine: the engine's name.
        base: the model that is trained, by its name in the store.
        missing: why it cannot be trained here, in words; empty if it can.
        pace: seconds for an example of 256 x 256 pixels, on two cores.
        presets: what `genani train` sets for `quick`, `good` and `best`, as text by name.
        settings: names of those of its own settings that a person may change.
        material: what it learns from.
        alone: it can learn from GenAni's own drawings where a person has added nothing.
        gives: what comes of it.
        needs: the task whose result it starts from, and the setting that names this; empty for
            none. Without a run of that task in the project, the setting stays as it is.
        rights: it has a setting for whose work the pictures are.
    """

    task: str
    title: str
    summary: str
    engine: str
    base: str
    missing: str
    pace: float
    presets: Mapping[str, Mapping[str, str]]
    settings: tuple[str, ...] = ()
    material: Material = Material.CLIPS
    alone: bool = False
    gives: Gives = Gives.ADAPTER
    needs: tuple[str, str] | tuple[()] = ()
    rights: bool = False


@dataclass(frozen=True)
class AdapterInfo:
    """An adapter in the store.

    Attributes:
        id: by which spans name it.
        name: what its maker calls it.
        base: the model it is for.
        data: what it was trained on, in words.
        figures: measured on clips that were held back.
    """

    id: str
    name: str
    base: str
    data: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class RunRecord:
    """What a run has left in its folder so far.

    Attributes:
        begun: there is something to go on with.
        paused: it has a checkpoint.
        result: what it has learned so far lies there, ready for use.
        steps: wanted; 0 where nobody knows.
        lines: its metrics, oldest first.
        best: the figures of the weights in its result.
        samples: pictures of clips that were held back, as drawn first and as drawn last.
    """

    begun: bool = False
    paused: bool = False
    result: bool = False
    steps: int = 0
    lines: Sequence[Mapping[str, Any]] = ()
    best: Mapping[str, float] = field(default_factory=dict)
    samples: tuple[Path, ...] = ()

    @property
    def step(self) -> int:
        """The last one that was measured; 0 before the first."""
        return max((int(line["step"]) for line in self.lines), default=0)


class Review(Protocol):
    """A data set under a person's eyes; every change is written at once and can be taken back."""

    def label(self, clip_ids: Iterable[str], emotion: Emotion) -> None:
        """Say which emotion some clips show."""
        ...

    def accept(self, clip_ids: Iterable[str]) -> None:
        """Make suggested emotions a person's word."""
        ...

    def move(self, clip_id: str, frame: str, points: Sequence[tuple[float, float]]) -> None:
        """Put the 478 landmarks of a frame elsewhere, (x, y) pixels each."""
        ...

    def lose(self, clip_id: str, frame: str) -> None:
        """Say that a frame shows no face."""
        ...

    def remove(self, clip_ids: Iterable[str]) -> None:
        """Take clips out of the data set."""
        ...

    def undo(self) -> str:
        """Take the last change back; what it was, empty where there is none."""
        ...

    def redo(self) -> str:
        """Make the change again that was taken back last; likewise."""
        ...


@dataclass(frozen=True)
class TrainingServices:
    """The way to data sets, tasks and adapters. All of it reads or writes files: not for the GUI
    thread, but for `mix` and `told`. Failures are `GenAniError`s that say why.

    Attributes:
        clips: the clips in a data set's folder; none where there is no data set yet.
        review: begins to look through a data set; knows it as it is then.
        restore: brings a clip back that a review has taken out.
        rights: those of a data set; None without one.
        set_rights: say who made the films, under which licence, and whether they may be trained
            on.
        points: 478 points (x, y) for each frame that has a face, by frame name.
        choices: what can be trained.
        run: what a run has left in its folder; an empty record where it has not begun.
        adopt: keep the result of a run as an adapter of a name: (run's folder, name, data set's
            folder, base) gives its id.
        keep: keep the result of a run as a model of a name in the store, for whoever draws with
            it: (run's folder, name, task, whose work it learned from) gives the model's name.
        set_action: say what is done in some clips of a data set: (folder, clips, action).
        actions: the words for what can be done in a clip.
        adapters: those in the store.
        models: what an engine or a stylist of a name can be told to draw with; `sprite` is what
            animates a drawing.
        add: copy an adapter file into the store; gives its id.
        export: copy an adapter (by id) out to a file.
        mix: ids and strengths out of the text that spans keep.
        told: that text out of ids and strengths.
    """

    clips: Callable[[Path], Sequence[Clip]]
    review: Callable[[Path], Review]
    restore: Callable[[Path, str], None]
    rights: Callable[[Path], Rights | None]
    set_rights: Callable[[Path, str, str, bool], None]
    points: Callable[[Path, str], Mapping[str, Sequence[tuple[float, float]]]]
    choices: Callable[[], Sequence[TrainingChoice]]
    run: Callable[[Path], RunRecord]
    adopt: Callable[[Path, str, Path, str], str]
    keep: Callable[[Path, str, str, str], str]
    set_action: Callable[[Path, Sequence[str], str], None]
    actions: Sequence[str]
    adapters: Callable[[], Sequence[AdapterInfo]]
    models: Callable[[str], ModelOffer]
    add: Callable[[Path], str]
    export: Callable[[str, Path], None]
    mix: Callable[[str], Sequence[tuple[str, float]]]
    told: Callable[[Sequence[tuple[str, float]]], str]
