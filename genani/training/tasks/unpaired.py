"""What the tasks that learn a style from unpaired pictures have in common. Imports torch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec
import numpy as np
import torch
from torch import Tensor

from genani.training import losses_animegan as losses
from genani.training.config import ConfigError, Natural, TrainingConfig
from genani.training.metrics_frechet import Moments
from genani.training.sources.unpaired import Unpaired
from genani.training.task import Batch, Models, Task
from genani.training.tasks.sheets import sheet

GENERATOR, JUDGE = "generator", "judge"

PATIENT = (0.5, 0.999)
"""Betas of Adam, as adversarial training wants them."""

Side = Annotated[int, msgspec.Meta(ge=32, multiple_of=4)]

_MOMENT = "moment"
_AT_ONCE = 8
_SHOWN = 8
_FIRST = 64
"""Pictures of each kind whose mean is its style."""


class UnpairedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of every such task.

    Attributes:
        size: side of what is cut from a picture to learn from, in pixels.
        side: of the whole pictures, and of those held back; 0 for a little more than `size`, and
            for `size` itself.
        content_steps: first steps on which only the content counts, so that the generator knows
            how to draw what it sees before it is told in what style.
        start: weights to begin with, a file that an earlier run has made; empty for none.
        held: pictures of each kind that are held back to judge by.
    """

    size: Side = 256
    side: Annotated[int, msgspec.Meta(ge=0, multiple_of=4)] = 0
    content_steps: Natural = 500
    start: str = ""
    held: Annotated[int, msgspec.Meta(ge=2)] = 64


Told = TypeVar("Told", bound=UnpairedSettings)


class UnpairedTask(Task, Generic[Told]):
    """Photos and drawings that have nothing to do with each other, and what looks at them.

    Args:
        settings: of the task.
        config: of the run.
        learnt, held: pictures to learn from, and held back.
        features: `squeezenet_v1.1.caffemodel`.
    """

    def __init__(
        self,
        settings: Told,
        config: TrainingConfig,
        learnt: Unpaired,
        held: Unpaired,
        features: Path,
    ) -> None:
        self._settings, self._config = settings, config
        self._learnt, self._held = learnt, held
        self.notes = learnt.notes
        self._looks = losses.Looks(features)
        self._device = torch.device("cpu")
        self._back: dict[str, Tensor] = {}
        self._ways: list[Tensor] = []

    @abstractmethod
    def redrawn(self, models: Models, photo: Tensor) -> Tensor:
        """What the generator makes of photos (B, 3, H, W), both 0 to 1, in float32."""

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._looks.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; `photo`, `drawing` and `smooth` in bytes, and each one's step."""
        told = self._config
        sides = self._settings.size, self._settings.side
        while True:
            made = self._learnt.batch(told.seed, step, told.batch, *sides)
            batch = {name: torch.from_numpy(each) for name, each in made.items()}
            yield {**batch, _MOMENT: torch.full((told.batch,), step)}
            step += 1

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: photos above, what is made of them below."""
        photo = self.held_back()[0][:_SHOWN]
        made = self.redrawn(models, photo).clamp(0, 1)
        (folder / "held_back.png").write_bytes(sheet((photo, made)))

    def warming(self, batch: Batch) -> bool:
        """Whether a batch is of the steps on which only the content counts."""
        return moment(batch) < self._settings.content_steps

    def held_back(self) -> tuple[Tensor, Tensor]:
        """(N, 3, S, S) photos and drawings, whole, 0 to 1."""
        if not self._back:
            made = self._held.first(
                self._settings.held, max(self._settings.size, self._settings.side)
            )
            self._back = {
                name: torch.from_numpy(each).to(self._device).float() / 255
                for name, each in made.items()
            }
        return self._back["photo"], self._back["drawing"]

    def all_redrawn(self, models: Models, photo: Tensor) -> Tensor:
        """As `redrawn`, a few at a time."""
        return torch.cat([self.redrawn(models, each) for each in photo.split(_AT_ONCE)])

    def crowd(self, pictures: Tensor) -> Moments:
        """Moments of the features of pictures (N, 3, H, W), 0 to 1."""
        return self._looks.moments(pictures.split(_AT_ONCE))

    def style(self, pictures: Tensor) -> list[Tensor]:
        """Gram matrices of pictures (N, 3, H, W), 0 to 1: the means of all."""
        parts = [
            (len(each) / len(pictures), losses.grams(self._looks(losses.grey(each))))
            for each in pictures.split(_AT_ONCE)
        ]
        layers = zip(*(each for _, each in parts), strict=True)
        shares = [share for share, _ in parts]
        return [
            torch.stack([s * each for s, each in zip(shares, layer, strict=True)]).sum(0)
            for layer in layers
        ]

    def styled(self, made: Tensor, photo: Tensor) -> Tensor:
        """How far the style of what was made is from what drawings of such photos would have.

        Each photo's own style, moved as far as drawings are from photos on the whole: a few
        pictures differ more from the mean drawing by what they show than by how (measured).
        """
        with torch.no_grad():
            own = losses.grams(self._looks(losses.grey(photo)))
        wanted = [each + way for each, way in zip(own, self._way(), strict=True)]
        return losses.style(losses.grams(self._looks(losses.grey(made))), wanted)

    def kept(self, made: Tensor, photo: Tensor) -> tuple[float, float, float]:
        """What is lost in content, colour and variation by many drawings of photos."""
        found = torch.zeros(3)
        for own, other in zip(made.split(_AT_ONCE), photo.split(_AT_ONCE), strict=True):
            lost = (
                losses.content(self._looks(own), self._looks(other)),
                losses.colour(own, other),
                losses.variation(own),
            )
            found += torch.stack(lost).cpu() * len(own) / len(made)
        content, colour, variation = found.tolist()
        return content, colour, variation

    @torch.no_grad()
    def _way(self) -> list[Tensor]:
        """From the style of photos to that of drawings; the first of each stand for all."""
        if not self._ways:
            side = max(self._settings.size, self._settings.side)
            found = []
            for kind in (self._learnt.drawings, self._learnt.photos):
                pixels = np.stack([kind.picture(at, side) for at in range(min(kind.count, _FIRST))])
                pictures = torch.from_numpy(pixels).to(self._device).permute(0, 3, 1, 2)
                found.append(self.style(pictures.float() / 255))
            self._ways = [drawn - seen for drawn, seen in zip(*found, strict=True)]
        return self._ways


def moment(batch: Batch) -> int:
    """The step of a batch."""
    return int(batch[_MOMENT][0])


def start_file(settings: UnpairedSettings) -> Path:
    """The file of `start`, which is not empty.

    Raises:
        ConfigError: there is no such file.
    """
    path = Path(settings.start)
    if not path.is_file():
        raise ConfigError(f"task.start: there is no file '{path}'")
    return path
