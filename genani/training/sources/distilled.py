"""Small motions as RIFE draws them, so that a network of our own does not unlearn them.

Self-distillation keeps a fine-tuned network near its teacher where the teacher is right. The
teacher is a network: its drawings differ in the last bits between machines and thread counts, so
a mix with these samples is alike on one machine only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genani.store import models
from genani.training.sample import Sample, Source
from genani.training.sources.dice import Dice
from genani.training.sources.sampling import U8, premultiplied, straight

if TYPE_CHECKING:
    from torch import Tensor

    from genani.engines.inbetween.rife.pyramid import FlowPyramid

_SALT = 0xD15
_VERSION = "4.6"
_SMALL = 0.03
"""Motion up to this share of the canvas is small."""

_MOST = 0.99
"""So many of the pixels must move little; where nothing is drawn flow means nothing."""


class Distilled:
    """Samples of another source, small motions drawn by RIFE; see `genani.training.sample.Source`.

    Its first key and the drawing between become the keys; where they lie too far apart for RIFE
    to be trusted, the sample stays as it is.

    Args:
        source: of the keys.
        weights: RIFE 4.6's file; None takes the model store's.

    Raises:
        ModelError: at the first sample, when RIFE is not installed.
    """

    def __init__(self, source: Source, weights: Path | None = None) -> None:
        self.name = source.name
        self._source, self._weights = source, weights

    def __getstate__(self) -> dict[str, object]:
        kept = {"name", "_source", "_weights"}
        return {name: value for name, value in self.__dict__.items() if name in kept}

    @cached_property
    def _teacher(self) -> FlowPyramid:
        from genani.engines.inbetween.rife.versions import VERSIONS, read_network

        kind = VERSIONS[_VERSION]
        return read_network(_VERSION, self._weights or models.path(kind.model, kind.file))

    def sample(self, seed: int, index: int, size: int) -> Sample:
        """Sample `index` of the stream `seed`, `size` x `size` px."""
        sample = self._source.sample(seed, index, size)
        t = Dice(seed, index, _SALT).between(0.1, 0.9)
        between = self._drawn(sample.first, sample.between, t)
        if between is None:
            return sample
        return replace(
            sample,
            last=sample.between,
            between=between,
            t=t,
            points=np.full_like(sample.points, np.nan),
            flow=np.zeros_like(sample.flow),
            seen=np.zeros_like(sample.seen),
            parts=np.zeros_like(sample.parts),
            emotion="",
            intensity=0.0,
        )

    def _drawn(self, first: U8, last: U8, t: float) -> U8 | None:
        """RIFE's drawing of straight pictures; None where they lie far apart."""
        import torch
        from torch.nn import functional

        multiple = self._teacher.multiple
        height, width = first.shape[:2]
        room = (0, -width % multiple, 0, -height % multiple)

        def tensor(picture: U8) -> Tensor:
            pixels = torch.from_numpy(premultiplied(picture)).permute(2, 0, 1)[None].float() / 255
            return functional.pad(pixels, room, mode="replicate")

        a, b = tensor(first), tensor(last)
        with torch.inference_mode():
            flow = self._teacher(a[:, :3], b[:, :3], t)
            motion = torch.quantile(flow.flow.abs(), _MOST)
            if float(motion) > _SMALL * max(height, width):
                return None
            drawn = flow.blended(a, b)[0, :, :height, :width]
        pixels = (drawn.clamp(0, 1) * 255 + 0.5).byte().permute(1, 2, 0).contiguous().numpy()
        pixels = pixels.copy()
        pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])
        return straight(pixels)
