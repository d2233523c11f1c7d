"""Training StyleGAN2 with adaptive augmentation, from nothing or from a model that knows faces."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from genani.engines.stylise.stylegan.encoder import Encoder
from genani.engines.stylise.stylegan.generator import Generator, seeded
from genani.engines.stylise.stylegan.judge import Judge
from genani.engines.stylise.stylegan.locating import opened
from genani.engines.stylise.stylegan.weights import StyleModel
from genani.store import models as store
from genani.training.config import (
    ConfigError,
    TrainingConfig,
    typed,
)
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.losses import Perception
from genani.training.task import TOTAL, Batch, Losses, Models, Task, Turn, idle
from genani.training.tasks.stylegan_album import Album, album
from genani.training.tasks.stylegan_augment import adapted, augmented
from genani.training.tasks.stylegan_export import packed, sheet_of
from genani.training.tasks.stylegan_judging import (
    Crowd,
    as_seen,
    batches,
    frechet,
    rebuilt_error,
)
from genani.training.tasks.stylegan_losses import (
    drawn_loss,
    inverted,
    judged_loss,
    path_penalty,
    slope_penalty,
    strangeness,
    styles,
)
from genani.training.tasks.stylegan_seeds import meet
from genani.training.tasks.stylegan_settings import StyleganSettings, layout_of

DRAW, JUDGE, AGAIN = "draw", "judge", "again"
_GENERATOR, _JUDGE, _ENCODER = "generator", "judge", "encoder"
_SLOPE_EVERY, _PATH_EVERY, _ADAPT_EVERY = 16, 4, 4
"""Steps between two penalties of each kind, and between two changes of the chance."""

_SEEDS_FROM = 1_000_000
"""Seeds from this number on judge the generator."""

_SHOWN, _AGAIN = 24, 8
_MET = 1000
"""Faces whose styles stand for those of all."""

_AT_ONCE = 16


class StyleganTask(Task):
    """StyleGAN2-ADA: a generator and its judge, an encoder beside them where it is asked for.

    T. Karras et al., arXiv 1912.04958 and 2006.06676.

    Args:
        settings: of the task.
        config: of the run.
        pictures: to learn from and to judge by.
        start: the model that is gone on from; None begins with nothing.
        features: `squeezenet_v1.1.caffemodel`; None measures by colours.
    """

    name = "stylegan"

    def __init__(
        self,
        settings: StyleganSettings,
        config: TrainingConfig,
        pictures: Album,
        start: StyleModel | None,
        features: Path | None,
    ) -> None:
        self._settings, self._config, self._pictures = settings, config, pictures
        self._start = start
        self.notes = pictures.notes
        self._crowd = Crowd(features)
        self.judged_by = self._crowd.figure
        rebuilds = settings.rebuilt > 0 and start is None
        self._perception = Perception(features) if features and rebuilds else None
        drawing = (_GENERATOR, _ENCODER) if rebuilds else (_GENERATOR,)
        turns = (
            Turn(DRAW, drawing, betas=(0.0, 0.99)),
            Turn(JUDGE, (_JUDGE,), betas=(0.0, 0.99)),
        )
        self._alone = settings.alone if rebuilds else 0
        # What has no adversary bears longer steps, and momentum.
        self.turns = (Turn(AGAIN, drawing, 4.0, (0.9, 0.99)), *turns) if self._alone else turns
        self._device = torch.device("cpu")
        self._truth = None

    def build(self) -> dict[str, nn.Module]:
        """See `Task.build`."""
        if self._start is not None:
            # Copies: the start itself is what pictures are inverted with later on.
            generator, judge = copy.deepcopy((self._start.draws, self._start.judge))
            if judge is None:
                raise ConfigError("task.start: this model came without its judge")
            generator.requires_grad_(True)
            judge.requires_grad_(True)
            judge.freeze(self._settings.frozen)
            judge.memory.chance.zero_()
            return {_GENERATOR: generator.train(), _JUDGE: judge.train()}
        layout = layout_of(self._settings)
        built: dict[str, nn.Module] = {_GENERATOR: Generator(layout), _JUDGE: Judge(layout)}
        if self._settings.rebuilt:
            built[_ENCODER] = Encoder(layout)
        return built

    def place(self, device: torch.device) -> None:
        """See `Task.place`."""
        self._device = device
        self._crowd.to(device)
        if self._perception:
            self._perception.to(device)

    def batches(self, step: int) -> Iterator[Batch]:
        """See `Task.batches`; every picture once before any comes again."""
        yield from batches_of(self._pictures.learnt, self._config, step, self._settings.mirror)

    def step(self, models: Models, batch: Batch, turn: str) -> Losses:
        """See `Task.step`."""
        real, number = as_seen(batch["picture"]), int(batch["number"][0])
        if (turn == AGAIN) != (number < self._alone):
            (own,) = (each for each in self.turns if each.name == turn)
            return idle(*(models[each] for each in own.trains))
        if turn == AGAIN:
            return self._again(models, real)
        if turn == DRAW:
            if self._alone and number == self._alone:
                memory = judge_of(models).memory.faces
                met = self._met(models)
                memory.copy_(met[torch.arange(len(memory)) % len(met)])
            return self._drawn(models, real, number)
        return self._judged(models, real, number)

    def validate(self, models: Models) -> dict[str, float]:
        """See `Task.validate`: the distance of made pictures from drawn ones held back."""
        models = self._handed_out(models)
        generator = generator_of(models)
        generator.find_centre()
        held = self._pictures.held
        if self._truth is None:
            self._truth = self._crowd.moments(batches(held, self._device))
        made = (
            generator(seeded(generator, list(range(at, min(at + _AT_ONCE, len(held))))))
            for at in range(0, len(held), _AT_ONCE)
        )
        figures = {self.judged_by: frechet(self._crowd.moments(made), self._truth)}
        figures["chance"] = float(judge_of(models).memory.chance)
        if _ENCODER in models:
            figures["rebuilt"] = rebuilt_error(generator, models[_ENCODER], held, self._device)
        return figures

    def samples(self, models: Models, folder: Path) -> None:
        """Pictures of seeds; with an encoder, held-back ones and what is drawn of their styles."""
        models = self._handed_out(models)
        generator = generator_of(models)
        made = generator(seeded(generator, list(range(_SEEDS_FROM, _SEEDS_FROM + _SHOWN))))
        (folder / "seeds.png").write_bytes(sheet_of(made, _AGAIN))
        if _ENCODER in models:
            (real,) = list(batches(self._pictures.held[:_AGAIN], self._device))
            again = generator(models[_ENCODER](real))
            (folder / "rebuilt.png").write_bytes(sheet_of(torch.cat([real, again]), len(real)))

    def export(self, models: Models, folder: Path, figures: Mapping[str, float]) -> None:
        """A model of the store, with the directions that are found in it."""
        models = self._handed_out(models)
        generator, judge = generator_of(models), judge_of(models)
        if self._start is not None:
            start = self._start.to(self._device)
            model = StyleModel(start.generator, start.encoder, judge, generator)
        else:
            encoder = encoder_of(models) if _ENCODER in models else None
            model = StyleModel(generator, encoder, judge)
        named = (self._settings.name, self._settings.rights)
        packed(model, folder, named, self._config, self._pictures, figures)

    def _again(self, models: Models, real: Tensor) -> Losses:
        """What drawing reals again loses where no seed is drawn."""
        generator, encoder = generator_of(models), encoder_of(models)
        found = inverted(generator, encoder, self._perception, real)
        total = self._settings.rebuilt * torch.stack(list(found.terms.values())).sum()
        return {TOTAL: total, **{name: each.detach() for name, each in found.terms.items()}}

    def _handed_out(self, models: Models) -> Models:
        """The networks with seeds and faces met once more, as those that learn drift apart."""
        if not self._alone:
            return models
        own = {**models, **copy.deepcopy({name: models[name] for name in (_GENERATOR, _ENCODER)})}
        self._met(own)
        return own

    @torch.no_grad()
    def _met(self, models: Models) -> Tensor:
        """Seeds and faces meet, in place; returns the styles of the faces."""
        generator, encoder = generator_of(models), encoder_of(models)
        first = self._pictures.learnt[:_MET]
        faces = [encoder(each).mean(1) for each in batches(first, self._device)]
        return meet(generator, encoder, torch.cat(faces))

    def _drawn(self, models: Models, real: Tensor, number: int) -> Losses:
        generator, judge = generator_of(models), judge_of(models)
        w = styles(generator, len(real))
        made = generator(w)
        told = judge(augmented(made, judge.memory.chance))
        terms = {"fooled": drawn_loss(told)}
        total = terms["fooled"]
        if self._settings.path and number % _PATH_EVERY == 0:
            few = styles(generator, max(1, len(real) // 2))
            path, mean = path_penalty(generator, few, judge.memory.path)
            judge.memory.path.copy_(mean)
            terms["path"] = path
            total = total + self._settings.path * _PATH_EVERY * path
        if _ENCODER in models:
            half = max(1, len(real) // 2)
            own = w[:half], made[:half]
            found = inverted(generator, encoder_of(models), self._perception, real[:half], own)
            memory = judge.memory
            strange, faces = strangeness(generator, found.faces.mean(1), memory.faces)
            memory.faces.copy_(faces)
            lost = {**found.terms, "strange": strange}
            total = total + self._settings.rebuilt * torch.stack(list(lost.values())).sum()
            terms |= lost
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}

    def _judged(self, models: Models, real: Tensor, number: int) -> Losses:
        generator, judge = generator_of(models), judge_of(models)
        memory, told = judge.memory, self._settings
        with torch.no_grad():
            made = generator(styles(generator, len(real)))
        shown = augmented(real, memory.chance)
        verdict = judge(shown)
        loss = judged_loss(verdict, judge(augmented(made, memory.chance)))
        terms: dict[str, Tensor] = {"told": loss}
        total = loss
        if told.gamma and number % _SLOPE_EVERY == 0:
            # Where it is shown them: what looks pictures up has no second derivative.
            terms["slope"] = slope_penalty(judge, shown)
            total = total + told.gamma / 2 * _SLOPE_EVERY * terms["slope"]
        if told.augment:
            signs = verdict.detach().float().sign()
            memory.signs += torch.stack([signs.sum(), torch.ones_like(signs).sum()])
            if number % _ADAPT_EVERY == _ADAPT_EVERY - 1:
                memory.chance.copy_(adapted(memory.chance, memory.signs, told.target, told.kilo))
                memory.signs.zero_()
        terms["chance"] = memory.chance.clone()
        return {TOTAL: total, **{name: each.detach() for name, each in terms.items()}}


def batches_of(
    pictures: np.ndarray, config: TrainingConfig, step: int, mirror: bool
) -> Iterator[Batch]:
    """Batches of an album's pictures: `picture` (B, size, size, 4) uint8, `number` (B,) int64.

    Args:
        pictures: (N, size, size, 4) uint8.
        config: whose seed and batch count.
        step: of the first one, which is its `number`.
        mirror: whether half of them are mirrored.
    """
    count, size = len(pictures), config.batch
    while True:
        chosen = []
        for place in range(step * size, (step + 1) * size):
            again, index = divmod(place, count)
            order = np.random.default_rng([config.seed, again, 0xA1]).permutation(count)
            chosen.append(int(order[index]))
        each = np.stack([pictures[index] for index in chosen])
        if mirror:
            turned = np.random.default_rng([config.seed, step, 0xA2]).random(size) < 0.5
            each[turned] = each[turned][:, :, ::-1]
        yield {
            "picture": torch.from_numpy(np.ascontiguousarray(each)),
            "number": torch.full((size,), step, dtype=torch.int64),
        }
        step += 1


def features_file(measure: str) -> Path | None:
    """The weights that crowds are measured with.

    Raises:
        ModelError: they are not installed though they are asked for.
    """
    return store.path(FEATURES_MODEL, FEATURES_FILE) if measure == "squeezenet" else None


def generator_of(models: Models) -> Generator:
    """The generator among a task's networks."""
    network = models[_GENERATOR]
    assert isinstance(network, Generator)
    return network


def judge_of(models: Models) -> Judge:
    """The judge among a task's networks."""
    network = models[_JUDGE]
    assert isinstance(network, Judge)
    return network


def encoder_of(models: Models) -> Encoder:
    """The encoder among a task's networks."""
    network = models[_ENCODER]
    assert isinstance(network, Encoder)
    return network


def make(config: TrainingConfig, data: Path | None) -> StyleganTask:
    """The task, its pictures drawn; see `genani.training.tasks.make`."""
    settings = typed(config.task, StyleganSettings, "task")
    features = features_file(settings.measure)
    start = opened(settings.start) if settings.start else None
    if start is None and settings.frozen:
        raise ConfigError("task.frozen: layers can only be frozen that have learnt: name a start")
    size = start.config.size if start else layout_of(settings).size
    pictures = album(size, settings.count, settings.held, settings.shares, data, config.workers)
    return StyleganTask(settings, config, pictures, start, features)
