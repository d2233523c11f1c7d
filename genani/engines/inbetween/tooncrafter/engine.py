"""The ToonCrafter engine: its settings, what it costs, and how it runs in the memory there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.engines.cost import Pace
from genani.engines.device import Device, is_out_of_memory, release
from genani.engines.inbetween.rife.between import between_frames
from genani.engines.inbetween.tooncrafter.adoption import adopted
from genani.engines.inbetween.tooncrafter.calibration import Speed, remember, remembered
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.compiling import compiled
from genani.engines.inbetween.tooncrafter.control import (
    SketchControl,
    read_encoder,
    read_lines,
)
from genani.engines.inbetween.tooncrafter.frames import Frames
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.lora import Style, add_styles, styles_of
from genani.engines.inbetween.tooncrafter.painter import Clock, Run, ToonCrafterPainter
from genani.engines.inbetween.tooncrafter.plans import (
    GIB,
    PARAMETERS,
    PLANS,
    SKETCH_PARAMETERS,
    Plan,
    Work,
    plans,
    work,
)
from genani.engines.inbetween.tooncrafter.presets import SECOND_ORDER, filled
from genani.engines.inbetween.tooncrafter.prompts import felt
from genani.engines.inbetween.tooncrafter.sampling import Shortcuts
from genani.engines.inbetween.tooncrafter.source import pipeline_of, weight_bytes
from genani.engines.options import checked
from genani.engines.painter import Tier
from genani.engines.painting import Locate, Options, PaintingEngine
from genani.scene.errors import ModelError, OutOfMemoryError
from genani.scene.request import InBetween, OptionValue, SpanRequest, SpanSettings
from genani.store.models import Catalogue

_MULTIPLE = 64
"""Of the published model's canvas; known before weights are read."""

_USABLE = 0.8
_LIKE_PUBLISHED = 0.5
"""From this size on, over the published model's, what is timed says something of other models."""

_LEAST_SECONDS = 1e-4


class ToonCrafter(PaintingEngine[Frames]):
    """Engine around `ToonCrafterPainter`: one run draws the whole span."""

    multiple = ToonCrafterPainter.multiple
    least = ToonCrafterPainter.least

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        super().__init__(info, device, locate)
        self._card = device.name.startswith("cuda")
        self._speed: Speed | None = None
        self._staged = False

    def tiers(self, options: Options) -> Sequence[Tier]:
        """One: what taking frames from the run needs; the model's own memory is in `plans`."""
        del options
        return (Tier("full", bytes_per_pixel=64),)

    def pace(self, options: Options) -> Pace:
        """Of taking frames from the run; the model's own time is in `estimate`."""
        del options
        return Pace(load=20.0, prepare=0.0, paint=0.05)

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`; one step timed here before tells how fast this machine is."""
        base = super().estimate(request)
        if base.seconds == 0:
            return base
        options = self._options(request)
        ways = self._ways(request, options)
        fitting = self._fitting(ways, options)
        plan = fitting[0] if fitting else ways[-1]
        speed = self._speed or remembered(self._device)
        notes = [] if fitting else [_advice(plan, self._device)]
        if not speed.timed:
            notes.append("the time is a guess until one step was drawn on this computer")
        run = self._work(request, options)
        seconds = (run.before + sum(run.steps)) / speed.step + run.decode / speed.decode
        seconds += base.seconds
        return Cost(seconds, plan.memory, self._device.name, plan.name, "; ".join(notes))

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`; where memory runs out after all, the next way to run is taken."""
        options = self._options(request)
        token.check()
        _path(options)
        left = self._planned(request, options)
        words: tuple[str, ...] = ()
        while True:
            done: set[Fraction] = set()
            # The error is let go of before the next try: it holds on to the tensors.
            try:
                for between in self._drawn(left[0], request, options, token):
                    done.add(between.t)
                    yield replace(between, warnings=(*words, *between.warnings))
                return
            except (OutOfMemoryError, RuntimeError, MemoryError) as error:
                if not isinstance(error, OutOfMemoryError) and not is_out_of_memory(error):
                    raise
            tried = left.pop(0)
            if not left:
                raise OutOfMemoryError(_advice(tried, self._device))
            words = (f"drawn '{left[0].name}', as memory ran out",)
            request = replace(request, times=tuple(t for t in request.times if t not in done))
            release(self._device)

    def painter(self, options: Options) -> ToonCrafterPainter:
        """See `PaintingEngine.painter`."""
        pipeline = pipeline_of(_path(options), self._device)
        add_styles(pipeline.unet, [style.path for style in _styles(options)])
        pipeline.unet.sketch = _sketch(options, self._device)
        if self._staged:
            pipeline.enable_model_cpu_offload(device=self._device.torch)
        else:
            pipeline.to(self._device.torch)
        remark = compiled(pipeline.unet, self._device.torch) if options["compile"] else ""
        between = between_frames(self._locate, self._device)
        return ToonCrafterPainter(pipeline, between, remark)

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The model and what is put on it say which weights are read."""
        styles = (str(style.path) for style in _styles(options))
        sketch = (options[name] for name in ("sketch_model", "sketches", "sketch_strength"))
        return options["model"], options["compile"], *sketch, *styles

    def _options(self, request: SpanRequest) -> Options:
        return filled(checked(self.info, request.settings.options))

    def _drawn(
        self, plan: Plan, request: SpanRequest, options: Options, token: CancelToken
    ) -> Iterator[InBetween]:
        if plan.staged != self._staged:
            # Weights that lie elsewhere than this way needs are let go of.
            self._painter = None
        self._staged = plan.staged
        painter = self._ready(options)
        assert isinstance(painter, ToonCrafterPainter)
        painter.run = _run(options, request.settings, plan)
        painter.clock = Clock()
        if styles := _styles(options):
            share = float(options["lora_strength"])
            painter.weigh([share * style.strength for style in styles])
        try:
            yield from super().draw(request, token)
        finally:
            # Cancelled runs tell as well, from their second step on.
            self._time(painter.clock, request, options)

    def _learn(self, expected: Cost, spent: float) -> None:
        """Nothing: the clock of the run tells more than its whole time."""

    def _time(self, clock: Clock, request: SpanRequest, options: Options) -> None:
        """Learn how fast this machine is from what was just drawn."""
        if clock.step is None:
            return
        run = self._work(request, options)
        before = self._speed or remembered(self._device)
        step = run.steps[clock.place] / max(clock.step, _LEAST_SECONDS)
        decode = before.decode
        if clock.decode is not None:
            decode = run.decode / max(clock.decode, _LEAST_SECONDS)
        self._speed = Speed(step, decode, timed=True)
        if _size(options) >= _LIKE_PUBLISHED:
            remember(self._device, self._speed)

    def _planned(self, request: SpanRequest, options: Options) -> list[Plan]:
        """The ways to run that this request fits, the quickest first.

        Raises:
            OutOfMemoryError: the model does not fit in any way.
        """
        ways = self._ways(request, options)
        # Weights that are there already are not asked for again.
        loaded = self._painter is not None and self.key(options) == self._painter_key
        taken = weight_bytes(_path(options)) if loaded and not self._staged else 0
        fitting = self._fitting(ways, options, taken)
        if not fitting:
            # A computer that overcommits would end the whole program instead of refusing.
            raise OutOfMemoryError(_advice(ways[-1], self._device))
        return fitting

    def _ways(self, request: SpanRequest, options: Options) -> tuple[Plan, ...]:
        wide = 2 if self._device.half else 4
        area, size, sketch = _area(request, options), _size(options), _sketch_size(options)
        return plans(area, wide, size, self._card, sketch)

    def _fitting(self, ways: Sequence[Plan], options: Options, taken: int = 0) -> list[Plan]:
        room = self._device.free * _USABLE + taken
        names = [plan.name for plan in ways]
        wish = str(options["memory"])
        # What only cards can do is done as far as it can be elsewhere.
        start = min(PLANS.index(wish), len(names) - 1) if wish in PLANS else 0
        return [plan for plan in ways[start:] if plan.memory <= room]

    def _work(self, request: SpanRequest, options: Options) -> Work:
        run = _run(options, request.settings)
        area = _area(request, options)
        size, sketch = _size(options), _sketch_size(options)
        return work(run.steps, run.guidance, run.shortcuts, run.repair, area, size, sketch)


def _path(options: Options) -> Path:
    given = str(options["model"])
    if not given:
        if own := adopted(Catalogue()):
            return own
        raise ModelError(
            "ToonCrafter's weights do not come with GenAni: say where they lie with the setting "
            "'model', a published checkpoint or a folder that diffusers reads, or keep a copy by "
            "`genani models import tooncrafter-512 FILE`"
        )
    path = Path(given).expanduser()
    if not path.exists():
        raise ModelError(f"{path} is not there: the setting 'model' names ToonCrafter's weights")
    return path


def _size(options: Options) -> float:
    """Of the model over the published one, by its files; theirs where there are none yet."""
    given = str(options["model"])
    found = weight_bytes(Path(given).expanduser()) if given else 0
    return min(1.0, found / (2 * sum(PARAMETERS.values()))) if found else 1.0


def _sketch_size(options: Options) -> float:
    """Of the sketch encoder over the published one, by its file; 0 where none is chosen."""
    given = str(options["sketch_model"])
    found = weight_bytes(Path(given).expanduser()) if given else 0
    return min(1.0, found / (2 * SKETCH_PARAMETERS))


def _area(request: SpanRequest, options: Options) -> int:
    width, height = request.size
    return canvas_for(height, width, int(options["side"]), _MULTIPLE).area


def _sketch(options: Options, device: Device) -> SketchControl | None:
    """What shows the network the sketches; None where none are given.

    Raises:
        ModelError: only one of encoder and sketches is given, or one cannot be read.
    """
    model, folder = (str(options[name]) for name in ("sketch_model", "sketches"))
    if not model and not folder:
        return None
    if not model or not folder:
        raise ModelError(
            "sketches need both settings: 'sketch_model', the sketch encoder's file, and "
            "'sketches', a folder of line drawings"
        )
    lines = read_lines(Path(folder).expanduser())
    encoder: Any = read_encoder(Path(model).expanduser())
    encoder.to(device.torch, device.dtype)
    return SketchControl(encoder, lines, float(options["sketch_strength"]))


def _styles(options: Options) -> tuple[Style, ...]:
    return styles_of(str(options["lora"]))


def _run(options: Options, settings: SpanSettings, plan: Plan | None = None) -> Run:
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
        batched=plan is None or plan.batched,
        sliced=plan is not None and plan.sliced,
        second_order=options["solver"] == SECOND_ORDER,
        shortcuts=Shortcuts(
            guided=float(options["guided"]), whole_every=int(options["whole_every"])
        ),
    )


def _advice(plan: Plan, device: Device) -> str:
    return (
        f"ToonCrafter needs {plan.memory / GIB:.1f} GiB on {device.name} and has "
        f"{device.free / GIB:.1f}: close other programs, lower the setting 'side', or use the "
        "engine 'rife'"
    )
