"""Training the network that animates one drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from genani.engines.inbetween.sprite.actions import ACTIONS, Action
from genani.engines.inbetween.sprite.network import Moment, SpriteConfig, SpriteNet
from genani.engines.inbetween.sprite.weights import FILE, MODEL, TINY, load, pack
from genani.media.image import encode_png
from genani.scene.errors import ModelError
from genani.scene.picture import Picture
from genani.store import models as store
from genani.training import losses
from genani.training.config import ConfigError, NotNegative, Share, TrainingConfig, typed
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.losses_sprite import Step, flickering, neighbour, squared, uneven
from genani.training.sources.sprites.strips import moved, whole
from genani.training.task import TOTAL, Batch, Losses, Models, Task
from genani.training.tasks.sprite_material import SHARES, SpriteMaterial, material

Side = Annotated[int, msgspec.Meta(ge=32, multiple_of=16)]

DISTANCE, MSE, FLICKER = "distance", "mse", "flicker"
PACK, REPEAT, ALONE = "pack ", "repeat ", "alone "
"""What stands before a figure: of the held-back character alone; of the key shown again and again;
of frames drawn without the one before."""

_NETWORK = "model"
_NETWORKS = {
    "small": SpriteConfig(),
    "large": SpriteConfig((24, 48, 96, 160, 224), 192, 8),
    "tiny": TINY,
}
_AT_ONCE = 16
_SHOWN = 6
"""Loops of a sheet of samples."""


class SpriteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `sprite`.

    Attributes:
        network: `small` (1 million weights), `large` (6), or `tiny` to see that everything works.
        start: `nothing`, `genani-sprite` from the model store, or a file an earlier run has made.
        shares: sources of loops and how much each gives, in any unit: `kenney`, `figures`,
            `faces`.
        own: share of the user's own clips where there are any; the rest is the mix.
        sizes: sides of the drawings in pixels; each step has the next of them, round and round.
        frames: of the loops that judge.
        trust: share of examples that are given a frame of their own before, at the end of the
            run; at its beginning it is the true one for all.
        mse, perceptual, neighbour, warped, carried, uneven: weights of the losses: of the
            drawing; of its features; of the change between neighbours; of the change that
            motion does not explain; of the drawing without paint; of uneven flows.
    """

    network: Literal["small", "large", "tiny"] = "small"
    start: str = "nothing"
    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: dict(SHARES))
    own: Share = 0.7
    sizes: Annotated[tuple[Side, ...], msgspec.Meta(min_length=1)] = (128,)
    frames: Annotated[int, msgspec.Meta(ge=3, le=24)] = 8
    trust: Share = 0.6
    mse: NotNegative = 30.0
    perceptual: NotNegative = 0.5
    neighbour: NotNegative = 0.5
    warped: NotNegative = 0.5
    carried: NotNegative = 10.0
    uneven: NotNegative = 0.2


@dataclass(frozen=True)
class _Held:
    """Loops that judge, all of one length.

    Attributes:
        frames: (L, N, 4, S, S) float, the key first.
        action: (L,).
        flow, seen: (L, N, 2 or 1, S, S) from each frame to the one before it, round the circle.
        pack: (L,) whether it is the held-back character's.
    """

    frames: Tensor
    action: Tensor
    flow: Tensor
    seen: Tensor
    pack: Tensor


class SpriteTask(Task):
    """A network that draws the next frame of an action from a key and the frame before.

    Args:
        settings: of the task.
        config: of the run.
        drawings: to learn from, and held back.
        perceptual: `squeezenet_v1.1.caffemodel`; None where its loss counts nothing.
    """

    name = "sprite"
    judged_by = DISTANCE

    def __init__(
        self,
        settings: SpriteSettings,
        config: TrainingConfig,
        drawings: SpriteMaterial,
        perceptual: Path | None,
    ) -> None:
        self._settings, self._config, self._drawings = settings, config, drawings
        self.notes = drawings.notes
        self._perception = losses.Perception(perceptual) if perceptual else None
        self._held: _Held | None = None
        self._device = torch.device("cpu")

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        network = _started(self._settings).train()
        # A quarter less time a step on a CPU.
        for weight in network.parameters():
            if weight.ndim == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        return {_NETWORK: network}

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`."""
        told = self._config
        strips = self._drawings.strips(told.seed, self._settings.sizes)
        for made in strips.batches(step, told.batch, told.workers):
            batch = {name: torch.from_numpy(each) for name, each in made.items()}
            # What a step is told of the run has to lie in its batch: steps have no number.
            trust = self._settings.trust * min(1.0, 2 * step / told.steps)
            batch["trust"] = torch.full((told.batch,), trust)
            step += 1
            yield batch

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        del turn
        network, told = models[_NETWORK], self._settings
        key, earlier, before, now = _floats(batch["frames"]).unbind(1)
        moment = Moment(batch["action"], batch["phase"], batch["step"])
        shown = self._shown(network, key, earlier, before, batch)
        plan = network(key, shown, moment)
        made = plan.drawn(key, shown)
        with torch.autocast(now.device.type, enabled=False):
            made, carried = made.float(), plan.carried(key, shown).float()
            true = Step(now, before, batch["flow"].permute(0, 3, 1, 2), batch["seen"][:, None])
            terms = {
                "mse": squared(made, now).mean(),
                "carried": squared(carried, now).mean(),
                "neighbour": neighbour(made, shown, true),
                "warped": (flickering(made, shown, true) * ~batch["alone"]).mean(),
                "uneven": uneven(torch.cat((plan.from_key, plan.from_before), 1)),
            }
        if self._perception and told.perceptual:
            flat = torch.ones_like(now[:, :1])
            terms["perceptual"] = self._perception(made, now, flat)
        weights = msgspec.structs.asdict(told)
        total = sum(terms[name] * weights[name] for name in terms)
        return {TOTAL: torch.as_tensor(total), **{k: each.detach() for k, each in terms.items()}}

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`; names are built of `PACK`, `REPEAT`, `ALONE`."""
        held, network = self._judges(), models[_NETWORK]
        key = held.frames[:, :1].expand_as(held.frames)
        figures: dict[str, float] = {}
        chained, alone = self._drawn(network, held), self._drawn(network, held, alone=True)
        groups = {"": torch.ones_like(held.pack), PACK: held.pack}
        for group, chosen in groups.items():
            if not bool(chosen.any()):
                continue
            for name, frames in (("", chained), (REPEAT, key)):
                figures[group + name + MSE] = self._error(frames, held, chosen)
                figures[group + name + DISTANCE] = self._distance(frames, held, chosen)
            for name, frames in (("", chained), (ALONE, alone)):
                figures[group + name + FLICKER] = _flicker(frames, held, chosen)
        return figures

    def samples(self, models: Models, folder: Path) -> None:
        """A sheet: for each of some loops a row as drawn and a row as it should be."""
        held = self._judges()
        drawn = self._drawn(models[_NETWORK], held)
        each = max(1, len(drawn) // _SHOWN)
        rows = [row for at in range(0, len(drawn), each) for row in (drawn[at], held.frames[at])]
        sheet = torch.cat([torch.cat(list(losses.on_white(row)), 2) for row in rows], 1)
        pixels = (sheet.clamp(0, 1).permute(1, 2, 0).cpu().numpy() * 255 + 0.5).astype(np.uint8)
        opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        picture = Picture(np.concatenate([pixels, opaque], 2))
        (folder / "held_back.png").write_bytes(encode_png(picture))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store with its card."""
        network = models[_NETWORK]
        if not isinstance(network, SpriteNet):
            raise TypeError(f"not the network of this task: {type(network).__name__}")
        size, steps = self._settings.sizes[0], self._config.steps
        pack(network, folder, figures, self._drawings.told, size, steps)

    def _shown(
        self, network: nn.Module, key: Tensor, earlier: Tensor, before: Tensor, batch: Batch
    ) -> Tensor:
        """The frame before as the network is shown it: true, or for some as it draws it itself.

        S. Bengio et al., "Scheduled Sampling for Sequence Prediction with Recurrent Neural
        Networks", NeurIPS 2015.
        """
        phase, step = batch["phase"] - batch["step"], batch["step"]
        own = (torch.rand_like(phase) < batch["trust"]) & (phase > 0)
        if not bool(own.any()):
            return before
        moment = Moment(batch["action"][own], phase[own], step[own])
        with torch.no_grad():
            drawn = network(key[own], earlier[own], moment).drawn(key[own], earlier[own])
        shown = before.clone()
        shown[own] = drawn.float()
        return shown

    def _drawn(self, network: nn.Module, held: _Held, *, alone: bool = False) -> Tensor:
        """(L, N, 4, S, S) loops as the engine draws them, the keys themselves first."""
        count = held.frames.shape[1]
        key = held.frames[:, 0]
        frames = [key]
        for at in range(1, count):
            phase = torch.full((len(key),), at / count, device=key.device)
            step = phase if alone else torch.full_like(phase, 1 / count)
            before = key if alone else frames[-1]
            parts = [
                network(k, b, Moment(*told)).drawn(k, b).float()
                for k, b, *told in zip(
                    *(each.split(_AT_ONCE) for each in (key, before, held.action, phase, step)),
                    strict=True,
                )
            ]
            frames.append(torch.cat(parts))
        return torch.stack(frames, 1)

    def _error(self, frames: Tensor, held: _Held, chosen: Tensor) -> float:
        made, true = frames[chosen][:, 1:].flatten(0, 1), held.frames[chosen][:, 1:].flatten(0, 1)
        return float(squared(made, true).mean())

    def _distance(self, frames: Tensor, held: _Held, chosen: Tensor) -> float:
        made, true = frames[chosen][:, 1:].flatten(0, 1), held.frames[chosen][:, 1:].flatten(0, 1)
        flat = torch.ones_like(made[:1, :1])
        measure = self._perception or losses.laplacian
        sums = [
            measure(one, other, flat.expand(len(one), -1, -1, -1)) * len(one)
            for one, other in zip(made.split(_AT_ONCE), true.split(_AT_ONCE), strict=True)
        ]
        return float(sum(sums)) / len(made)

    def _judges(self) -> _Held:
        if self._held is None:
            self._held = _prepared(self._drawings, self._settings, self._device)
        return self._held


def make(config: TrainingConfig, data: Path | None) -> SpriteTask:
    """The task; see `genani.training.tasks.make`."""
    settings = typed(config.task, SpriteSettings, "task")
    features = None
    if settings.perceptual:
        try:
            features = store.path(FEATURES_MODEL, FEATURES_FILE)
        except ModelError as error:
            raise ModelError(
                f"{error}; or train without its loss: --set task.perceptual=0"
            ) from error
    _started(settings)
    return SpriteTask(settings, config, material(settings.shares, data, settings.own), features)


def _started(settings: SpriteSettings) -> SpriteNet:
    """The network before the first step.

    Raises:
        ConfigError: `start` is neither known nor a file, or of another network.
        ModelError: the weights to start from are missing or damaged.
    """
    layout = replace(_NETWORKS[settings.network], side=max(settings.sizes))
    if settings.start == "nothing":
        return SpriteNet(layout)
    path = store.path(MODEL, FILE) if settings.start == MODEL else Path(settings.start)
    if not path.is_file():
        raise ConfigError(f"task.start: '{path}' is neither {MODEL}, nothing, nor a file")
    model = load(path)
    if replace(model.config, side=layout.side) != layout:
        raise ConfigError(f"task.start: '{path}' is not of the network '{settings.network}'")
    model.config = layout
    return model


def _floats(pictures: Tensor) -> Tensor:
    """(..., H, W, 4) bytes as (..., 4, H, W) floats, 0 to 1."""
    return pictures.movedim(-1, -3).float() / 255


def _prepared(drawings: SpriteMaterial, settings: SpriteSettings, device: torch.device) -> _Held:
    size, count = settings.sizes[0], settings.frames
    loops = drawings.judges(size, count)
    frames = [whole(each.loop, size, count) for each in loops]
    ways = [[moved(row[at], row[at - 1]) for at in range(count)] for row in frames]
    flow = torch.from_numpy(np.stack([[way for way, _ in row] for row in ways]))
    seen = torch.from_numpy(np.stack([[good for _, good in row] for row in ways]))
    actions = [ACTIONS.index(Action(each.loop.action)) for each in loops]
    return _Held(
        _floats(torch.from_numpy(np.stack(frames))).to(device),
        torch.tensor(actions, device=device),
        flow.movedim(-1, -3).to(device),
        seen[:, :, None].to(device),
        torch.tensor([each.pack for each in loops], device=device),
    )


def _flicker(frames: Tensor, held: _Held, chosen: Tensor) -> float:
    """Of the loop as it is played: the key follows the last frame."""
    made, true = frames[chosen], held.frames[chosen]
    step = Step(
        true.flatten(0, 1),
        true.roll(1, 1).flatten(0, 1),
        held.flow[chosen].flatten(0, 1),
        held.seen[chosen].flatten(0, 1),
    )
    return float(flickering(made.flatten(0, 1), made.roll(1, 1).flatten(0, 1), step).mean())
