"""Styles compared on a person's own pictures: strips, distances, time, size and memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from genani.engines.api import CancelToken
from genani.engines.stylise.api import Part, StyleSettings, Stylist
from genani.media import image
from genani.scene.errors import EngineError, GenAniError, ModelError
from genani.scene.picture import Picture
from genani.store import models
from genani.training.evaluation.crowds import TRUTH, Crowds
from genani.training.evaluation.instruments import FEATURES_FILE, FEATURES_MODEL
from genani.training.metrics import Image, on_white
from genani.training.metrics_features import MIN_SIDE, SqueezeDistance, mean_distance
from genani.training.metrics_frechet import fidelity_weights
from genani.training.sources.unpaired import square

MakeStylist = Callable[[str], Stylist]
"""Name to a stylist; `genani.engines.stylise.registry.create` is one."""

Resolve = Callable[[StyleSettings], StyleSettings]
"""`genani.engines.stylise.registry.resolve`, or one like it."""

_CROWD_SIDE = 256
"""Every picture is brought to this for distances of crowds."""

_DEEP = 4
"""How far into a stylist's own attributes its networks are looked for."""


@dataclass(frozen=True)
class Scored:
    """What came of one style.

    Attributes:
        label: the style as it was asked for.
        error: why it could not draw; empty where it could. All numbers are then None.
        seconds: of a picture, the median, without loading.
        parameters: weights of its networks.
        macs: multiply-adds of the first picture, 1e9 each.
        memory: bytes of tensors at their highest on the first picture, weights with them.
        device: where it drew.
        content: perceptual distance to the photo, the mean; uncalibrated.
        drawings, photos: Fréchet distance of SqueezeNet features to the crowd of drawings, and to
            that of the photos.
        fid: the published Fréchet Inception Distance to the drawings, or else to the photos.
    """

    label: str
    error: str = ""
    seconds: float | None = None
    parameters: int | None = None
    macs: float | None = None
    memory: int | None = None
    device: str = ""
    content: float | None = None
    drawings: float | None = None
    photos: float | None = None
    fid: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Styles on the same pictures.

    Attributes:
        photos: names of the pictures.
        styles: in the order in which they were asked for.
        results: what each made of each photo, by label; those that failed are missing.
        sources: the photos.
        with_drawings: whether there was a crowd of drawings to compare with.
        absent: what could not be measured -> why.
    """

    photos: tuple[str, ...]
    styles: tuple[Scored, ...]
    sources: tuple[Picture, ...]
    results: Mapping[str, tuple[Picture, ...]]
    with_drawings: bool
    absent: Mapping[str, str] = field(default_factory=dict)


def compare(
    photos: Sequence[Path],
    labels: Sequence[str],
    make: MakeStylist,
    resolve: Resolve,
    *,
    drawings: Sequence[Path] = (),
    feature_weights: Path | None = None,
    fid_weights: Path | None = None,
    token: CancelToken | None = None,
) -> Comparison:
    """Redraw every photo in every style, and measure.

    Args:
        photos: pictures.
        labels: names of styles, each maybe with settings after a colon: `paprika:side=512`.
        make, resolve: the registry.
        drawings: of the wanted style, for the distances of crowds.
        feature_weights: the SqueezeNet 1.1 Caffe model; None asks the model store.
        fid_weights: torch-fidelity's Inception weights; None looks where it keeps them.
        token: checked between pictures and within each.

    Raises:
        FileError: a picture cannot be read.
        EngineError: a style or a setting is unknown.
        ModelError: a file of weights that was named is missing or broken.
    """
    token = token or CancelToken()
    wanted = [_settings(label, resolve) for label in labels]
    sources = tuple(image.read(path) for path in photos)
    with _instruments(feature_weights, fid_weights) as tools:
        for path in drawings:
            tools.add(tools.drawn, TRUTH, on_white(image.read(path)))
        for source in sources:
            tools.add(tools.seen, TRUTH, on_white(source))
        scored, results = [], {}
        for index, (label, settings) in enumerate(zip(labels, wanted, strict=True)):
            part = Part(token, index, len(labels), label)
            try:
                score, made = _score(label, settings, make, sources, part)
            except GenAniError as error:
                scored.append(Scored(label, str(error)))
                continue
            results[label] = made
            scored.append(tools.judged(score, made, sources, bool(drawings)))
        names = tuple(path.name for path in photos)
        return Comparison(names, tuple(scored), sources, results, bool(drawings), tools.absent)


def _settings(label: str, resolve: Resolve) -> StyleSettings:
    name, _, rest = label.partition(":")
    pairs = [each.partition("=") for each in rest.split(":") if each]
    for setting, equals, _ in pairs:
        if not equals:
            raise EngineError(f"'{setting}' in '{label}' is not a setting: write name=value")
    options = {setting: value for setting, _, value in pairs}
    strength = options.pop("strength", "1")
    try:
        return resolve(StyleSettings(name, float(strength), options))
    except ValueError as error:
        raise EngineError(f"'{strength}' in '{label}' is no strength, 0 to 1") from error


def _score(
    label: str,
    settings: StyleSettings,
    make: MakeStylist,
    sources: Sequence[Picture],
    token: CancelToken,
) -> tuple[Scored, tuple[Picture, ...]]:
    """A style's drawings, and what they took."""
    stylist = make(settings.style)
    device = stylist.estimate(sources[0].size, 1, settings).device
    counter, live = FlopCounterMode(display=False), _Live()
    # Loads the weights; what is measured while drawing comes from the second time.
    stylist.stylise(sources[0], settings, CancelToken())
    with counter, live:
        stylist.stylise(sources[0], settings, CancelToken())
    made, spent = [], []
    for index, source in enumerate(sources):
        began = time.perf_counter()
        part = Part(token, index, len(sources), f"picture {index + 1}")
        made.append(stylist.stylise(source, settings, part))
        spent.append(time.perf_counter() - began)
    count, weights = parameters(stylist)
    score = Scored(
        label,
        seconds=statistics.median(spent),
        parameters=count,
        macs=counter.get_total_flops() / 2e9,
        memory=live.most + weights,
        device=device,
    )
    return score, tuple(made)


def parameters(stylist: object, deep: int = _DEEP) -> tuple[int, int]:
    """How many weights all networks of a stylist have, and their bytes; each counts once."""
    networks: dict[int, nn.Module] = {}

    def look(thing: object, left: int) -> None:
        if isinstance(thing, nn.Module):
            networks[id(thing)] = thing
        elif left:
            parts = thing.values() if isinstance(thing, dict) else ()
            parts = thing if isinstance(thing, list | tuple) else parts
            for part in (*parts, *getattr(thing, "__dict__", {}).values()):
                look(part, left - 1)

    look(stylist, deep)
    weights = {id(each): each for net in networks.values() for each in net.parameters()}.values()
    return sum(each.numel() for each in weights), sum(each.nbytes for each in weights)


@dataclass
class _Instruments:
    """What measures, as far as it is installed."""

    features: SqueezeDistance | None
    drawn: Crowds
    seen: Crowds
    absent: dict[str, str]

    def add(self, crowd: Crowds, who: str, picture: Image) -> None:
        """Take a picture into a crowd."""
        levels = np.rint(255 * picture).astype(np.uint8)
        alike = square(levels, _CROWD_SIDE).astype(np.float32) / np.float32(255)
        crowd.add(who, alike, self.features.features(alike) if self.features else None)

    def judged(
        self, score: Scored, made: Sequence[Picture], sources: Sequence[Picture], drawings: bool
    ) -> Scored:
        """The score with its distances."""
        for picture in made:
            for crowd in (self.drawn, self.seen) if drawings else (self.seen,):
                self.add(crowd, score.label, on_white(picture))
        pairs = list(zip(made, sources, strict=True))
        apart = [each for pair in pairs if (each := self._apart(*pair)) is not None]
        return replace(
            score,
            content=statistics.fmean(apart) if apart else None,
            drawings=self.drawn.distance(score.label) if drawings else None,
            photos=self.seen.distance(score.label),
            fid=(self.drawn if drawings else self.seen).inception(score.label),
        )

    def _apart(self, made: Picture, source: Picture) -> float | None:
        if self.features is None or min(source.size) < MIN_SIDE:
            return None
        one, other = (self.features.features(on_white(each)) for each in (made, source))
        return mean_distance(self.features.maps(one, other))


@contextmanager
def _instruments(features: Path | None, fid: Path | None) -> Iterator[_Instruments]:
    absent: dict[str, str] = {}
    distance: SqueezeDistance | None = None
    with ExitStack() as stack:
        try:
            found = features or models.path(FEATURES_MODEL, FEATURES_FILE)
            distance = SqueezeDistance(found)
        except ModelError as error:
            if features:
                raise
            absent["content and Fréchet distances"] = str(error)
        crowds = [Crowds(), Crowds()]
        try:
            weights = fidelity_weights(fid)
            places = [
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="genani-fid-")))
                for _ in crowds
            ]
            crowds = [Crowds(place, weights) for place in places]
        except ModelError as error:
            if fid:
                raise
            absent["FID"] = (
                f"{error}; the Fréchet distance over SqueezeNet's features stands in for it, and "
                "its numbers compare with no FID"
            )
        yield _Instruments(distance, crowds[0], crowds[1], absent)


class _Live(TorchDispatchMode):
    """The most bytes that tensors made within the block take at one time.

    Unlike a process's own figure it does not depend on what was freed and kept before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._storages: dict[int, tuple[StorageWeakRef, int]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """What torch calls for every operation."""
        del types
        made = func(*args, **(kwargs or {}))
        for each in tree_leaves(made):
            if isinstance(each, torch.Tensor):
                storage = each.untyped_storage()
                self._storages[storage._cdata] = StorageWeakRef(storage), storage.nbytes()
        alive = {key: kept for key, kept in self._storages.items() if not kept[0].expired()}
        self._storages = alive
        self.most = max(self.most, sum(size for _, size in alive.values()))
        return made
