"""The ToonCrafter engine: its settings, what it costs, and how it runs in the memory there is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.inbetween.rife.between import between_frames
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.frames import Frames
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import Style, add_styles, styles_of
from genani.engines.inbetween.tooncrafter.painter import Run, ToonCrafterPainter
from genani.engines.inbetween.tooncrafter.prompts import felt
from genani.engines.inbetween.tooncrafter.source import pipeline_of, weight_bytes
from genani.engines.options import checked
from genani.engines.painter import Tier
from genani.engines.painting import Locate, Options, PaintingEngine
from genani.scene.errors import ModelError, OutOfMemoryError
from genani.scene.request import InBetween, OptionValue, SpanRequest, SpanSettings

_GIB = 1 << 30
_TRAINED_AREA = 512 * 320
_PARAMETERS = 2_559_000_000
"""Of all parts together."""

_MULTIPLE = 64
"""Of the published model's canvas; known before weights are read."""

_STEP_TFLOP, _DECODE_TFLOP = 12.6, 38.0
"""Of one question to the network, and of one decoding, at the trained size."""

_SPEED = {"cpu": 0.1, "cuda": 60.0, "mps": 3.0}
"""Guessed 10^12 operations a second, until a span was drawn and timed."""

_USABLE = 0.8


@dataclass(frozen=True)
class Plan:
    """How the model runs in the memory there is.

    Attributes:
        name: `full`, `guidance in turns` or `staged`.
        memory: peak bytes.
        batched: all branches of guidance at once.
        staged: only the part that works is on the card.
    """

    name: str
    memory: int
    batched: bool
    staged: bool = False


def plans(area: int, wide: int, size: float, card: bool) -> tuple[Plan, ...]:
    """Ways to run, the quickest first, with their memory by a model of the stages.

    Args:
        area: pixels of the canvas.
        wide: bytes of a number: 2 or 4.
        size: of the model over the published one.
        card: there is a graphics card, which need not hold all parts at once.
    """
    share = area / _TRAINED_AREA * wide / 2 * size
    weights = _PARAMETERS * wide * size
    decode = 6.1 * _GIB * share
    asked_once, asked_twice = (gib * _GIB * share for gib in (1.72, 2.34))
    unet = 1_439_000_000 * wide * size
    found = [
        Plan("full", int(weights + max(decode, asked_twice)), batched=True),
        Plan("guidance in turns", int(weights + max(decode, asked_once)), batched=False),
    ]
    if card:
        found.append(Plan("staged", int(max(unet + asked_once, decode)), False, staged=True))
    return tuple(found)


class ToonCrafter(PaintingEngine[Frames]):
    """Engine around `ToonCrafterPainter`: one run draws the whole span."""

    multiple = ToonCrafterPainter.multiple
    least = ToonCrafterPainter.least

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        super().__init__(info, device, locate)
        self._kind = device.name.partition(":")[0]
        self._speed = _SPEED[self._kind]
        self._plan: Plan | None = None

    def tiers(self, options: Options) -> Sequence[Tier]:
        """One: what taking frames from the run needs; the model's own memory is in `plans`."""
        del options
        return (Tier("full", bytes_per_pixel=64),)

    def pace(self, options: Options) -> Pace:
        """Of taking frames from the run; the model's own time is in `estimate`."""
        del options
        return Pace(load=20.0, prepare=0.0, paint=0.05)

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`; what was drawn before tells how fast this machine is."""
        base = super().estimate(request)
        if base.seconds == 0:
            return base
        options = checked(self.info, request.settings.options)
        found = self._plans(request, options)
        plan = self._fitting(found)
        note = "" if plan else _advice(found[-1], self._device)
        plan = plan or found[-1]
        seconds = self._work(request, options) / self._speed
        return Cost(base.seconds + seconds, plan.memory, self._device.name, plan.name, note)

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        options = checked(self.info, request.settings.options)
        token.check()
        plan = self._planned(request, options)
        painter = self._ready(options)
        assert isinstance(painter, ToonCrafterPainter)
        painter.run = _run(options, request.settings, plan.batched)
        if styles := _styles(options):
            share = float(options["lora_strength"])
            painter.weigh([share * style.strength for style in styles])
        began = time.perf_counter()
        yield from super().draw(request, token)
        if painter.drawn_at >= began:
            # Known now, for the next estimate.
            spent = max(painter.seconds, 1e-3)
            self._speed = self._work(request, options) / spent

    def painter(self, options: Options) -> ToonCrafterPainter:
        """See `PaintingEngine.painter`."""
        pipeline = pipeline_of(_path(options), self._device)
        add_styles(pipeline.unet, [style.path for style in _styles(options)])
        if self._plan and self._plan.staged:
            pipeline.enable_model_cpu_offload(device=self._device.torch)
        else:
            pipeline.to(self._device.torch)
        return ToonCrafterPainter(pipeline, between_frames(self._locate, self._device))

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The model and what is put on it say which weights are read."""
        return options["model"], *(str(style.path) for style in _styles(options))

    def _planned(self, request: SpanRequest, options: Options) -> Plan:
        """How this request runs; weights that lie elsewhere than it needs are let go of.

        Raises:
            OutOfMemoryError: the model does not fit in any way.
        """
        _path(options)
        found = self._plans(request, options)
        if self._painter is not None and self.key(options) == self._painter_key and self._plan:
            # Weights that are there already are not asked for again.
            taken = weight_bytes(_path(options))
            plan = self._fitting(found, taken)
        else:
            plan = self._fitting(found)
        if plan is None:
            # A computer that overcommits would end the whole program instead of refusing.
            raise OutOfMemoryError(_advice(found[-1], self._device))
        if self._plan and plan.staged != self._plan.staged:
            self._painter = None
        self._plan = plan
        return plan

    def _plans(self, request: SpanRequest, options: Options) -> tuple[Plan, ...]:
        wide = 2 if self._device.half else 4
        return plans(_area(request, options), wide, _size(options), self._kind == "cuda")

    def _fitting(self, found: Sequence[Plan], taken: int = 0) -> Plan | None:
        room = self._device.free * _USABLE + taken
        return next((plan for plan in found if plan.memory <= room), None)

    def _work(self, request: SpanRequest, options: Options) -> float:
        """10^12 operations that a request takes."""
        run = _run(options, request.settings)
        work = run.steps * run.guidance.branches * _STEP_TFLOP + (1 + run.repair) * _DECODE_TFLOP
        return work * _size(options) * _area(request, options) / _TRAINED_AREA


def _path(options: Options) -> Path:
    given = str(options["model"])
    if not given:
        raise ModelError(
            "ToonCrafter's weights do not come with GenAni: say where they lie with the setting "
            "'model', a published checkpoint or a folder that diffusers reads"
        )
    path = Path(given).expanduser()
    if not path.exists():
        raise ModelError(f"{path} is not there: the setting 'model' names ToonCrafter's weights")
    return path


def _size(options: Options) -> float:
    """Of the model over the published one, by its files; theirs where there are none yet."""
    given = str(options["model"])
    found = weight_bytes(Path(given).expanduser()) if given else 0
    return min(1.0, found / (2 * _PARAMETERS)) if found else 1.0


def _area(request: SpanRequest, options: Options) -> int:
    width, height = request.size
    return canvas_for(height, width, int(options["side"]), _MULTIPLE).area


def _styles(options: Options) -> tuple[Style, ...]:
    return styles_of(str(options["lora"]))


def _run(options: Options, settings: SpanSettings, batched: bool = True) -> Run:
    prompt, guidance = felt(str(options["prompt"]), float(options["guidance"]), settings.face)
    return Run(
        seed=settings.seed,
        steps=int(options["steps"]),
        guidance=Guidance(guidance, float(options["rescale"])),
        eta=float(options["eta"]),
        fs=int(options["motion"]),
        prompt=prompt,
        avoid=str(options["avoid"]),
        side=int(options["side"]),
        repair=bool(options["repair"]),
        match=bool(options["colour_match"]),
        batched=batched,
    )


def _advice(plan: Plan, device: Device) -> str:
    return (
        f"ToonCrafter needs {plan.memory / _GIB:.1f} GiB on {device.name} and has "
        f"{device.free / _GIB:.1f}: close other programs, lower the setting 'side', or use the "
        "engine 'rife'"
    )
