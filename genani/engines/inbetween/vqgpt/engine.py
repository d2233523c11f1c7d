"""The engine over a VQ-GAN and a GPT-2: settings, cost, weights of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.inbetween.vqgpt.painter import Drawn, Run, VqGptPainter
from genani.engines.inbetween.vqgpt.weights import MODEL, VQGAN, VQGPT, load_coder, load_writer
from genani.engines.inbetween.vqgpt.writing import Chance
from genani.engines.options import checked
from genani.engines.painter import Painter, Tier
from genani.engines.painting import Locate, Options, PaintingEngine
from genani.scene.errors import ModelError
from genani.scene.request import InBetween, OptionValue, SpanRequest

_CODE_SECONDS = 0.006
"""Of writing one code with two threads, until a span was drawn and timed."""

_PLACES = 64
"""Codes of a drawing, until the networks were read."""


class VqGpt(PaintingEngine[Drawn]):
    """Engine around `VqGptPainter`: a span is written as a whole, drawing after drawing."""

    multiple = VqGptPainter.multiple
    least = VqGptPainter.least

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        super().__init__(info, device, locate)
        self._code_seconds = _CODE_SECONDS

    def tiers(self, options: Options) -> Sequence[Tier]:
        """One: the networks draw on a small square, whatever the canvas."""
        del options
        return (Tier("full", bytes_per_pixel=96),)

    def pace(self, options: Options) -> Pace:
        """Of bringing drawings to the canvas; writing them is in `estimate`."""
        del options
        return Pace(load=1.0, prepare=0.1, paint=0.2, weights=64 << 20)

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`; what was drawn before tells how fast this machine is."""
        options = checked(self.info, request.settings.options)
        try:
            for name in (VQGAN, VQGPT):
                self._file(options, name)
        except ModelError as error:
            return Cost(0.0, 0, self._device.name, note=str(error))
        cost = super().estimate(request)
        if cost.seconds == 0:
            return cost
        painter = self._painter
        places = painter.places if isinstance(painter, VqGptPainter) else _PLACES
        written = len(request.times) * places * self._code_seconds
        return replace(cost, seconds=cost.seconds + written)

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        yield from super().draw(request, token)
        if isinstance(self._painter, VqGptPainter) and self._painter.clock.code:
            self._code_seconds = self._painter.clock.code

    def painter(self, options: Options) -> VqGptPainter:
        """See `PaintingEngine.painter`."""
        coder = load_coder(self._file(options, VQGAN))
        writer = load_writer(self._file(options, VQGPT))
        if (coder.config.codes, coder.config.grid) != (writer.config.codes, writer.config.grid):
            raise ModelError(
                f"the files {VQGAN} and {VQGPT} of the model '{options['model'] or MODEL}' were "
                "not trained together"
            )
        place = self._device.torch
        return VqGptPainter(coder.to(place), writer.to(place))

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The model says which weights are read."""
        return (options["model"],)

    def set_up(self, painter: Painter[Drawn], request: SpanRequest) -> Painter[Drawn]:
        """See `PaintingEngine.set_up`: the writing knows all times, and the dice."""
        assert isinstance(painter, VqGptPainter)
        options = checked(self.info, request.settings.options)
        chance = Chance(
            temperature=float(options["temperature"]),
            top_k=int(options["top_k"]),
            seed=request.settings.seed,
        )
        times = tuple(float(t) for t in request.times)
        return painter.asked(Run(times, chance, bool(options["detail"])))

    def _learn(self, expected: Cost, spent: float) -> None:
        """Nothing: the clock of the writing tells more than the whole time."""

    def _file(self, options: Options, name: str) -> Path:
        """Where a network's weights lie.

        Raises:
            ModelError: neither a folder nor an installed model is called so.
        """
        wish = str(options["model"]) or MODEL
        folder = Path(wish).expanduser()
        if folder.is_dir():
            if not (folder / name).is_file():
                raise ModelError(f"'{folder}' holds no {name}: `genani train vqgpt` makes one")
            return folder / name
        try:
            return self._locate(wish, name)
        except ModelError as error:
            raise ModelError(
                f"{error}; or train a model with `genani train vqgpt` and name its folder 'result' "
                "with the setting 'model'"
            ) from error
