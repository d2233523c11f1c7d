"""Examples to teach with: a key and three frames in a row of a loop, all seen the same way."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genani.engines.inbetween.sprite.actions import ACTIONS
from genani.training.sources.dice import Dice
from genani.training.sources.sprites.loop import Loop, Loops
from genani.training.sources.sprites.view import plain, thrown

_SALT = 0x5B
_FEWEST, _MOST = 5, 16
"""Frames of a loop whose phases are free."""

_ALONE = 0.15
"""Share of examples without a frame before: the key stands for it, as at the loop's beginning."""

_TRUSTED = 16.0
"""Difference of colours, of 255, up to which a flow between true frames is believed."""

_DRAWN = 127
"""Alpha over which something is drawn."""

Arrays = dict[str, NDArray]
"""A batch; see `Strips.batch`."""


@dataclass(frozen=True)
class Strips:
    """Examples out of several sources.

    Attributes:
        sources: and how much each gives, in any unit.
        seed: of everything thrown.
        sizes: sides of the square; each batch has the next of them.
        calm: sources whose colours stay as they are.
    """

    sources: Mapping[str, tuple[Loops, float]]
    seed: int
    sizes: Sequence[int]
    calm: frozenset[str] = frozenset()

    def batches(self, step: int, count: int, threads: int) -> Generator[Arrays]:
        """Batches of steps `step`, `step + 1`, ..., without end; batch k is always the same."""
        if not threads:
            while True:
                yield self.batch(step, count)
                step += 1
        with ThreadPoolExecutor(threads, "sprites") as crew:
            ahead = [crew.submit(self.batch, step + k, count) for k in range(2 * threads)]
            try:
                while True:
                    ready = ahead.pop(0)
                    ahead.append(crew.submit(self.batch, step + 2 * threads, count))
                    step += 1
                    yield ready.result()
            finally:
                for each in ahead:
                    each.cancel()

    def batch(self, step: int, count: int) -> Arrays:
        """The batch of a step.

        Returns:
            `frames` (B, 4, S, S, 4) uint8 premultiplied RGBA: the key, two frames, the one to be
            drawn; `action` (B,) int64; `phase`, `step` (B,) float32; `alone` (B,) bool, where
            the key stands for the frame before; `flow` (B, S, S, 2) float32, from the frame to
            the one before it, in shares of the half side; `seen` (B, S, S) float32, where that
            flow is to be believed.
        """
        size = self.sizes[step % len(self.sizes)]
        made = [self.example(step * count + index, size) for index in range(count)]
        return {name: np.stack([each[name] for each in made]) for name in made[0]}

    def example(self, index: int, size: int) -> Arrays:
        """One of a batch."""
        dice = Dice(self.seed, index, _SALT)
        names = list(self.sources)
        name = names[dice.weighted([self.sources[each][1] for each in names])]
        loop = self.sources[name][0].loop(dice, size)
        view = thrown(dice, loop, size, name in self.calm)
        steps = dice.one_of(loop.steps) if loop.steps else dice.whole(_FEWEST, _MOST)
        at = dice.whole(1, steps - 1)
        alone = dice.chance(_ALONE)
        phases = [0.0, 0.0, 0.0, at / steps] if alone else [
            0.0, *(max(0, at - back) / steps for back in (2, 1)), at / steps
        ]  # fmt: skip
        drawn = {phase: view.of(loop.at(phase)) for phase in dict.fromkeys(phases)}
        frames = np.stack([drawn[phase] for phase in phases])
        flow, seen = moved(frames[3], frames[2])
        return {
            "frames": frames,
            "action": np.asarray(ACTIONS.index(loop.action), np.int64),
            "phase": np.asarray(phases[3], np.float32),
            "step": np.asarray(phases[3] - phases[2], np.float32),
            "alone": np.asarray(alone, np.bool_),
            "flow": flow,
            "seen": seen,
        }


def whole(loop: Loop, size: int, count: int) -> NDArray[np.uint8]:
    """(N, size, size, 4) all frames of a loop as the engine frames it, the key first."""
    view = plain(loop, size)
    return np.stack([view.of(loop.at(k / count)) for k in range(count)])


def moved(
    here: NDArray[np.uint8], there: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How one true frame came from another.

    Args:
        here, there: (S, S, 4) premultiplied.

    Returns:
        (S, S, 2) for each place here the step to where it was there, in shares of the half side;
        (S, S) 1 where something is drawn and following it finds the same colour, else 0.
    """
    size = len(here)
    fine = (2 * size, 2 * size)
    grey = [
        cv2.resize(cv2.cvtColor(255 - each[..., 3:] + each[..., :3], cv2.COLOR_RGB2GRAY), fine)
        for each in (here, there)
    ]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(0)
    flow = np.asarray(search.calc(grey[0], grey[1], np.zeros((*fine, 2), np.float32)))
    flow = np.asarray(cv2.resize(flow, (size, size), interpolation=cv2.INTER_AREA)) / 2
    line = np.arange(size, dtype=np.float32)
    across, down = np.meshgrid(line, line)
    found = cv2.remap(there, across + flow[..., 0], down + flow[..., 1], cv2.INTER_LINEAR)
    apart = np.abs(found.astype(np.float32) - here).max(2)
    drawn = (apart < _TRUSTED) & (here[..., 3] > _DRAWN)
    return (flow * np.float32(2 / size)).astype(np.float32), drawn.astype(np.float32)
