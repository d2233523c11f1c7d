"""The engine over diffusers' video models: settings, cost, running in the memory there is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genani.engines.api import CancelToken, Cost, EngineInfo
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.inbetween.keyframe_diffusion.cost import GIB, Size, Way, operations, ways
from genani.engines.inbetween.keyframe_diffusion.painter import KeyframePainter, Run
from genani.engines.inbetween.keyframe_diffusion.source import Found, find, read
from genani.engines.inbetween.rife.between import between_frames
from genani.engines.inbetween.tooncrafter.canvas import canvas_for
from genani.engines.inbetween.tooncrafter.frames import Frames
from genani.engines.options import checked
from genani.engines.painter import Tier
from genani.engines.painting import Locate, Options, PaintingEngine
from genani.scene.errors import ModelError, OutOfMemoryError
from genani.scene.request import InBetween, OptionValue, SpanRequest

_SPEED = {"cpu": 0.1e12, "cuda": 60e12, "mps": 3e12}
"""Guessed operations a second, until a span was drawn and timed."""

_DISK = 5e8
"""Bytes of weights read in a second."""

_USABLE = 0.8


@dataclass(frozen=True)
class _Asked:
    """A request seen by the engine: the model, the run, and the size of the work."""

    found: Found
    run: Run
    size: Size


class KeyframeDiffusion(PaintingEngine[Frames]):
    """Engine around `KeyframePainter`: one run draws the whole span."""

    multiple = KeyframePainter.multiple
    least = KeyframePainter.least

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        super().__init__(info, device, locate)
        self._kind = device.name.partition(":")[0]
        self._speed = _SPEED[self._kind]
        self._way: Way | None = None

    def tiers(self, options: Options) -> Sequence[Tier]:
        """One: what taking frames from the run needs; the model's own memory is in `ways`."""
        del options
        return (Tier("full", bytes_per_pixel=64),)

    def pace(self, options: Options) -> Pace:
        """Of taking frames from the run; the model's own time is in `estimate`."""
        weights = sum(find(str(options["model"])).parameters.values()) * self._wide
        return Pace(load=weights / _DISK, prepare=0.0, paint=0.05)

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The model says which weights are read."""
        return (options["model"],)

    def estimate(self, request: SpanRequest) -> Cost:
        """See `Engine.estimate`; what was drawn before tells how fast this machine is."""
        try:
            asked = self._asked(request)
        except ModelError as error:
            return Cost(0.0, 0, self._device.name, note=str(error))
        base = super().estimate(request)
        if base.seconds == 0:
            return base
        there = self._ways(asked)
        way = self._fitting(there)
        note = "" if way else self._advice(asked, there[-1])
        way = way or there[-1]
        seconds = operations(asked.found, asked.size) * way.slower / self._speed
        return Cost(base.seconds + seconds, way.memory, self._device.name, way.name, note)

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        """See `Engine.draw`."""
        options = checked(self.info, request.settings.options)
        token.check()
        asked = self._asked(request)
        self._settle(asked, options)
        painter = self._ready(options)
        assert isinstance(painter, KeyframePainter)
        painter.run = asked.run
        began = time.perf_counter()
        yield from super().draw(request, token)
        if painter.drawn_at >= began and self._way:
            # Known now, for the next estimate.
            work = operations(asked.found, asked.size) * self._way.slower
            self._speed = work / max(painter.seconds, 1e-3)

    def painter(self, options: Options) -> KeyframePainter:
        """See `PaintingEngine.painter`."""
        found = find(str(options["model"]))
        pipeline = read(found, self._device.half)
        name = self._way.name if self._way else "full"
        if name == "staged":
            pipeline.enable_model_cpu_offload(device=self._device.torch)
        elif name == "layer by layer":
            pipeline.enable_sequential_cpu_offload(device=self._device.torch)
        else:
            pipeline.to(self._device.torch)
        return KeyframePainter(pipeline, found.family, between_frames(self._locate, self._device))

    def _settle(self, asked: _Asked, options: Options) -> None:
        """Choose how this request runs; weights that lie elsewhere than it needs are let go of.

        Raises:
            OutOfMemoryError: the model does not fit in any way.
        """
        there = self._ways(asked)
        kept = self._painter is not None and self.key(options) == self._painter_key
        # Weights that are there already are not asked for again.
        taken = sum(asked.found.parameters.values()) * self._wide if kept else 0
        way = self._fitting(there, taken)
        if way is None:
            # A computer that overcommits would end the whole program instead of refusing.
            raise OutOfMemoryError(self._advice(asked, there[-1]))
        if self._way and way.name != self._way.name:
            self._painter = None
        self._way = way

    @property
    def _wide(self) -> int:
        return 2 if self._device.half else 4

    def _ways(self, asked: _Asked) -> tuple[Way, ...]:
        return ways(asked.found, asked.size, self._wide, self._kind == "cuda")

    def _fitting(self, there: Sequence[Way], taken: int = 0) -> Way | None:
        room = self._device.free * _USABLE + taken
        return next((way for way in there if way.memory <= room), None)

    def _asked(self, request: SpanRequest) -> _Asked:
        options = checked(self.info, request.settings.options)
        found = find(str(options["model"]))
        family = found.family
        run = Run(
            seed=request.settings.seed,
            prompt=str(options["prompt"]),
            avoid=str(options["avoid"]),
            frames=family.count(int(options["frames"])),
            steps=max(int(options["steps"]) or family.steps, family.least),
            guidance=float(options["guidance"]) or family.guidance,
            side=int(options["side"]) or family.side,
            match=bool(options["colour_match"]),
        )
        width, height = request.size
        area = canvas_for(height, width, run.side, family.multiple).area
        branches = 2 if run.guidance > 1 else 1
        steps = run.steps * family.parts(run.frames) * branches
        return _Asked(found, run, Size(area, run.frames, steps))

    def _advice(self, asked: _Asked, way: Way) -> str:
        return (
            f"{asked.found.family.title} needs {way.memory / GIB:.1f} GiB on {self._device.name} "
            f"and has {self._device.free / GIB:.1f}: close other programs, lower the settings "
            "'side' or 'frames', or use the engine 'rife'"
        )
