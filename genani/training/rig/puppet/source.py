"""Training samples of puppets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from genani.scene.face import Emotion
from genani.training.rig.puppet.acting import Motion, motion
from genani.training.rig.puppet.frame import frame
from genani.training.rig.puppet.maps import Raster
from genani.training.rig.puppet.sheets import Sheets, sheets
from genani.training.rig.puppet.truth import flows, parts
from genani.training.sample import Sample

PER_PERSON = 8
"""Samples in a row of one person: painting takes longer than moving."""

_FELT = tuple(emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL)


@dataclass(frozen=True)
class RigSource:
    """Samples of drawn faces: a pure function of seed, index and size.

    In a third of them an emotion is felt between the keys that the keys do not have, as
    `genani.scene.face.FaceGuidance` asks for it: that is the sample's emotion and intensity.
    In the others they are neutral and 0, and the drawing lies plainly on its way.

    Attributes:
        split: "test" draws people whom "train" never does, in hands and styles of their own.
        name: of the source.
    """

    split: Literal["train", "test"] = "train"
    name: str = "rig"

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px.

        Args:
            seed, index: 0 or more.
            size: 32 or more.
        """
        painted, moving, t = self.scene(seed, index, size)
        raster = Raster(size)
        first, between, last = (frame(painted, moving.at(time), raster) for time in (0.0, t, 1.0))
        ways = flows(between, (first, last), raster)
        felt = moving.felt
        return Sample(
            first=first.rgba,
            last=last.rgba,
            between=between.rgba,
            t=t,
            points=np.stack([f.points for f in (first, between, last)]).astype(np.float32),
            flow=np.stack([way for way, _ in ways]),
            seen=np.stack([shows for _, shows in ways]),
            parts=parts(between),
            emotion=str(felt[0]) if felt else str(Emotion.NEUTRAL),
            intensity=felt[1] if felt else 0.0,
            source=self.name,
        )

    def scene(self, seed: int, index: int, size: int) -> tuple[Sheets, Motion, float]:
        """Who is drawn in a sample, how they move from key to key, and the time between."""
        block = np.random.default_rng([seed, index // PER_PERSON, 71])
        painted = sheets(int(block.integers(1 << 31)), self.split == "test", 2 * size)
        rng = np.random.default_rng([seed, index, 73])
        moving = motion(painted.head, rng, size)
        t = 0.5 if rng.random() < 0.25 else round(float(rng.uniform(0.08, 0.92)), 4)
        if rng.random() < 0.33:
            emotion = _FELT[int(rng.integers(len(_FELT)))]
            felt = (emotion, float(rng.uniform(0.3, 1.0)), float(rng.uniform(0.35, 0.65)))
            moving = replace(moving, felt=felt)
        return painted, moving, t
