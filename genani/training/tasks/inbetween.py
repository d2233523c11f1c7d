"""What every in-betweening network is taught with: data, losses, figures, pictures."""

from __future__ import annotations

import datetime
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from genani.engines.adapted import differences
from genani.engines.inbetween.rife.pyramid import Flow
from genani.scene.errors import ModelError
from genani.store import models as store
from genani.store.adapters import SUFFIX, AdapterCard, header
from genani.training import losses, losses_motion
from genani.training.config import Count, NotNegative, Share, TrainingConfig
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.loader import Loader, Stream, expanded, packed
from genani.training.rig.puppet.vary import varied
from genani.training.sources.mix import SHARES
from genani.training.task import TOTAL, Batch, Losses, Models, Task
from genani.training.tasks.material import Material
from genani.training.tasks.result import record
from genani.training.tasks.sheets import sheet

Side = Annotated[int, msgspec.Meta(ge=64, multiple_of=32)]

DISTANCE, PSNR = "distance", "psnr"
_LEAST_T = 0.02
_HELD_SEED = 2026
"""Not the run's: runs of different seeds are judged by the same drawings."""

_STRIDE = 4
"""Neighbours in a stream may be of one character; of these two are looked at."""

_AT_ONCE = 8
_SHOWN = 6
"""Rows of a sheet of samples."""


class InbetweenSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that in-betweening tasks share.

    Attributes:
        shares: sources of drawings and how much each gives, in any unit: `rig`, `ict`, `emoji`,
            `still`, and `clips` for the user's own.
        distilled: share of drawings that RIFE makes, of small motions, so that those stay good.
        own: share of the user's own drawings where there are any; the rest is the mix.
        varied: how strongly the user's own drawings are altered at random, so that there are more
            of them: 0 not at all, 1 in the published ranges.
        copies: how often a step learns from each drawing of its batch: as it is, and turned,
            zoomed, mirrored, recoloured or run backwards on the device, which takes a small part
            of the time of drawing another.
        sizes: sides of the drawings in pixels; each step has the next of them, round and round.
        start: what the network starts as: `rife-4.6` from the model store, `nothing`, or a file
            that an earlier run has made.
        held: held-back drawings, of characters that are never trained on.
        features, brows: how much more an error counts in eyes and mouth, and in brows.
        pixels, edges, alpha, perceptual: weights of the losses of the drawing.
        flow, visibility, indecision, order: weights of the losses of motion.
        ordered: share of each batch that is also drawn a little earlier and later.
        adapter: what the result is called, where it is an adapter.
        rights: who made what it was trained on, and that it may be trained on.
    """

    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(SHARES))
    distilled: Share = 0.0
    own: Share = 0.7
    varied: Annotated[float, msgspec.Meta(ge=0, le=3)] = 1.0
    copies: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    sizes: Annotated[tuple[Side, ...], msgspec.Meta(min_length=1)] = (256,)
    start: str = "rife-4.6"
    held: Count = 48
    features: Annotated[float, msgspec.Meta(ge=1)] = 4.0
    brows: Annotated[float, msgspec.Meta(ge=1)] = 2.0
    pixels: NotNegative = 1.0
    edges: NotNegative = 1.0
    alpha: NotNegative = 0.5
    perceptual: NotNegative = 1.0
    flow: NotNegative = 0.02
    visibility: NotNegative = 0.05
    indecision: NotNegative = 0.1
    order: NotNegative = 0.5
    ordered: Share = 0.125
    adapter: str = "my drawings"
    rights: str = ""


@dataclass(frozen=True)
class Drawn:
    """What a network draws.

    Attributes:
        picture: (B, 4, H, W) premultiplied RGBA.
        flows: (B, 4, H, W) pixels each, coarse to fine.
        mask: (B, 1, H, W) share of the first key.
    """

    picture: Tensor
    flows: Sequence[Tensor]
    mask: Tensor


class InbetweenTask(Task):
    """A network that draws what lies between two keys, taught with drawings whose truth is known.

    Args:
        settings: of the task.
        config: of the run.
        drawings: to learn from, and held back.
        perceptual: `squeezenet_v1.1.caffemodel`; None where its loss counts nothing.
    """

    judged_by = DISTANCE

    def __init__(
        self,
        settings: InbetweenSettings,
        config: TrainingConfig,
        drawings: Material,
        perceptual: Path | None,
    ) -> None:
        self._settings, self._config = settings, config
        self._drawings = drawings
        self.notes = drawings.notes
        self._perception = losses.Perception(perceptual) if perceptual else None
        self._held: list[Batch] | None = None
        self._device = torch.device("cpu")

    @abstractmethod
    def drawn(self, models: Models, batch: Batch, t: Tensor, *, teaching: bool) -> Drawn:
        """What the networks draw.

        Args:
            models: of the task.
            batch: on the device.
            t: (B,).
            teaching: False draws as the engine would, told only what it knows; True may hide
                some of that, and show some of the truth.
        """

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`."""
        told = self._config
        stream = Stream(self._drawings.learnt, told.seed, told.batch, self._settings.sizes)
        yield from Loader(stream, told.workers, pack=True).batches(step)

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        del turn
        batch = expanded(batch)
        if self._settings.copies > 1:
            # The loop seeds torch anew for every step, so a resumed run makes the same copies.
            chance = torch.Generator().manual_seed(int(torch.randint(1 << 31, ())))
            batch = varied(batch, self._settings.copies, chance)
        t = batch["t"].clamp(_LEAST_T, 1 - _LEAST_T)
        made = self.drawn(models, batch, t, teaching=True)
        with torch.autocast(t.device.type, enabled=False):
            terms = self._terms(made, batch)
        if self._settings.order and (count := round(self._settings.ordered * len(t))):
            terms["order"] = self._order(models, batch, made, t, count)
        weights = msgspec.structs.asdict(self._settings)
        total = sum(terms[name] * weights[name] for name in terms)
        return {TOTAL: torch.as_tensor(total), **{k: each.detach() for k, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`; `blend ...` are the figures of a plain cross-dissolve."""
        sums: dict[str, float] = {}
        count = 0
        for held in self._held_back():
            batch = self._here(held)
            t = batch["t"].clamp(_LEAST_T, 1 - _LEAST_T)
            drawing = self.drawn(models, batch, t, teaching=False).picture
            mixed = torch.lerp(batch["first"], batch["last"], t.view(-1, 1, 1, 1))
            for name, picture in (("", drawing), ("blend ", mixed)):
                for key, value in self._figures(picture, batch).items():
                    sums[name + key] = sums.get(name + key, 0.0) + float(value.sum())
            count += len(t)
        return {name: total / count for name, total in sums.items()}

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: first key, drawn, truth, last key, a row each."""
        batch = self._here({name: each[:_SHOWN] for name, each in self._held_back()[0].items()})
        t = batch["t"].clamp(_LEAST_T, 1 - _LEAST_T)
        drawing = self.drawn(models, batch, t, teaching=False).picture
        columns = (batch["first"], drawing, batch["between"], batch["last"])
        rows = zip(*(losses.on_white(each.float()) for each in columns), strict=True)
        (folder / "held_back.png").write_bytes(sheet(rows))

    def _export_adapter(
        self,
        models: Models,
        base: str,
        before: nn.Module,
        folder: Path,
        figures: Mapping[str, float],
    ) -> None:
        """What was learned on top of a base model, as `genani adapters import` takes it.

        Args:
            models: as they are now; there is one.
            base: the model it was trained on, by its name in the store.
            before: that model's network.
            folder, figures: see `Task.export`.
        """
        (network,) = models.values()
        card = AdapterCard(
            name=self._settings.adapter,
            base=base,
            made=datetime.date.today().isoformat(),
            data=self._drawings.learnt.name,
            rights=self._settings.rights,
            settings={key: str(value) for key, value in msgspec.to_builtins(self._config).items()},
            figures=dict(figures),
        )
        changed = differences(before.state_dict(), network.state_dict())
        save_file(changed, folder / f"adapter{SUFFIX}", header(card))

    def _export_figures(self, folder: Path, figures: Mapping[str, float]) -> None:
        record(folder, self._config, figures)

    def _terms(self, made: Drawn, batch: Batch) -> dict[str, Tensor]:
        truth, seen = batch["between"], batch["seen"]
        weight = losses.weights(batch["parts"], self._settings.features, self._settings.brows)
        pulled = Flow(made.flows[-1].float(), made.mask).warped(batch["first"], batch["last"])
        terms = {
            "pixels": losses.laplacian(made.picture, truth, weight),
            "edges": losses.edges(made.picture, truth, weight),
            "alpha": losses.alpha(made.picture, truth),
            "flow": losses_motion.flow(made.flows, batch["flow"], seen, weight),
            "visibility": losses_motion.visibility(made.mask, seen, weight),
            "indecision": losses_motion.indecision(made.mask, *pulled),
        }
        if self._perception and self._settings.perceptual:
            with torch.autocast(truth.device.type, enabled=truth.device.type == "cuda"):
                terms["perceptual"] = self._perception(made.picture, truth, weight)
        return terms

    def _order(self, models: Models, batch: Batch, made: Drawn, t: Tensor, count: int) -> Tensor:
        """Two more drawings of some of the batch, a random way before and after `t`."""
        some = {name: each[:count] for name, each in batch.items()}
        here = t[:count]
        share = torch.rand(2, count, device=t.device) * 0.8 + 0.1
        earlier = self.drawn(models, some, here * share[0], teaching=True).picture
        later = self.drawn(models, some, 1 - (1 - here) * share[1], teaching=True).picture
        three = (earlier, made.picture[:count], later)
        return losses_motion.order(three, some["first"], some["last"], some["between"])

    def _figures(self, picture: Tensor, batch: Batch) -> dict[str, Tensor]:
        """(B,) each."""
        own, truth = losses.on_white(picture.float()).clamp(0, 1), losses.on_white(batch["between"])
        error = (own - truth).square().mean((1, 2, 3)).clamp_min(1e-9)
        weight = losses.weights(batch["parts"], self._settings.features, self._settings.brows)
        flat = torch.ones_like(weight[:1])
        made: dict[str, Tensor] = {PSNR: -10 * error.log10()}
        pairs = zip(picture.float().split(1), batch["between"].split(1), strict=True)
        measure = self._perception or losses.laplacian
        made[DISTANCE] = torch.stack([measure(one, other, flat) for one, other in pairs])
        return made

    def _here(self, batch: Batch) -> Batch:
        return expanded({name: each.to(self._device) for name, each in batch.items()})

    def _held_back(self) -> list[Batch]:
        if self._held is None:
            size, count = self._settings.sizes[0], self._settings.held
            source = self._drawings.held
            each = [source.sample(_HELD_SEED, _STRIDE * index, size) for index in range(count)]
            self._held = [packed(each[at : at + _AT_ONCE]) for at in range(0, count, _AT_ONCE)]
        return self._held


def feature_file(settings: InbetweenSettings) -> Path | None:
    """The weights of the perceptual loss.

    Raises:
        ModelError: they are not installed though the loss counts; says what to do.
    """
    if not settings.perceptual:
        return None
    try:
        return store.path(FEATURES_MODEL, FEATURES_FILE)
    except ModelError as error:
        raise ModelError(f"{error}; or train without its loss: --set task.perceptual=0") from error
