"""The GMFSS Fortuna union network: from two keys to what lies between.

The published work is github.com/98mxr/GMFSS_Fortuna (MIT). Flow in both directions is found by
GMFlow (arXiv 2111.13680). A metric network says which pixels count where several meet. Both keys
and three scales of their features are pushed to `t` by softmax splatting (arXiv 2003.05534). The
union variant adds RIFE's drawing (arXiv 2011.06294) as a third candidate, and a GridNet
(arXiv 1707.07958) paints the result from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genani.engines.inbetween.gmfss.bands import Band, bands
from genani.engines.inbetween.gmfss.features import FeatureNet
from genani.engines.inbetween.gmfss.fusion import GridNet
from genani.engines.inbetween.gmfss.gmflow.network import MULTIPLE as FLOW_MULTIPLE
from genani.engines.inbetween.gmfss.gmflow.network import GMFlow
from genani.engines.inbetween.gmfss.metric import MetricNet
from genani.engines.inbetween.gmfss.sampling import occluded, resize, resize_flow
from genani.engines.inbetween.gmfss.splat import Splat
from genani.engines.inbetween.gmfss.stopping import Check, checked
from genani.engines.inbetween.rife.pyramid import FlowPyramid
from genani.engines.inbetween.rife.v46 import FlowNet46

MULTIPLE = 64
"""Both sides of the keys must be multiples of this."""

FLOW_LEAST = 160
"""Shortest side GMFlow is given. Below it, its windows are so small that it sees motion of two or
three pixels between identical pictures."""

BAND_PIXELS = 640_000
"""Pixels at half size fused at once; HD goes in one band."""

FLOW_PIXELS = 700_000
"""Pixels at half size beyond which flow is found at half of that again, as the authors advise for
4K: GMFlow knows only motion as long as in its training, and its work grows with the square."""

SMALLER, LARGER = 0.75, 1.5
"""Sizes of the second try at finding flow; the larger where the smaller would be too small."""

CLEARLY = 0.9
"""The second try is taken if it leaves less than this share of the doubt of the first."""

HALO = 64
"""Rows at half size that the fusion network looks beyond what it paints."""


@dataclass(frozen=True)
class Key:
    """One key, ready to be pushed to any `t`; each tuple is for 1/2, 1/4 and 1/8 of its size.

    Attributes:
        images: (B, 3, h, w) at half size: the key, in one or more looks.
        features: (B, C, ...) each.
        flows: (1, 2, ...), in that scale's pixels, to the other key.
        metrics: (1, 1, ...) each.
        riders: (1, 2, h, w): what goes along with the pixels, unseen by the networks: alpha, and
            how far the pixel travels to the other key, in pixels of the full size.
    """

    images: Tensor
    features: tuple[Tensor, ...]
    flows: tuple[Tensor, ...]
    metrics: tuple[Tensor, ...]
    riders: Tensor

    def splats(self, share: float, band: Band) -> tuple[Splat, ...]:
        """Push to `share` of the way to the other key; the band's rows, at each scale."""
        top, bottom = band.outer
        return tuple(
            Splat(flow * share, metric * share, (top >> level, bottom >> level))
            for level, (flow, metric) in enumerate(zip(self.flows, self.metrics, strict=True))
        )


@dataclass(frozen=True)
class Between:
    """What the network makes for one `t`.

    Attributes:
        images: (B, 3, H, W) float32, 0..1: the drawing in each look.
        alphas: (3, 1, h, w), at half size: the alpha of what the fusion network chose from, the
            first key's, the last key's and RIFE's.
        motion: (1, 1, h, w), at half size: how far what is seen travels between the keys, in
            pixels of the full size.
    """

    images: Tensor
    alphas: Tensor
    motion: Tensor


class Gmfss(nn.Module):
    """GMFSS Fortuna, union variant.

    Flow and metric run in float32 always: they are needed once a span, and an error there moves
    the whole drawing. Features, RIFE and fusion, which take the time, may run in half precision
    (`halve`).

    Args:
        flow, metric, features, fusion, rife: the five networks; the published sizes by default.
        second_opinion: find flow at a second size too and keep the pair of flows that agree with
            each other. GMFlow takes one eye for the other now and then, at one size but not at
            the next (measured: a large head turn comes out right; 22 clips gain 0.16 dB on
            average, the best 1.5, the worst loses 0.14). The published code does without.
    """

    def __init__(
        self,
        flow: GMFlow | None = None,
        metric: MetricNet | None = None,
        features: FeatureNet | None = None,
        fusion: GridNet | None = None,
        rife: FlowPyramid | None = None,
        second_opinion: bool = True,
    ) -> None:
        super().__init__()
        self.flow = flow or GMFlow()
        self.metric = metric or MetricNet()
        self.features = features or FeatureNet()
        self.fusion = fusion or GridNet()
        self.rife = rife or FlowNet46()
        self._second_opinion = second_opinion
        self._dtype = torch.float32

    def halve(self) -> None:
        """Run features, RIFE and fusion in float16 from now on."""
        for net in (self.features, self.rife, self.fusion):
            net.half()
        self._dtype = torch.float16

    def prepare(
        self,
        first: tuple[Tensor, Tensor],
        last: tuple[Tensor, Tensor],
        scale: float,
        check: Check,
    ) -> tuple[Key, Key]:
        """Do once what serves every `t`.

        Args:
            first, last: a key's looks, (B, 3, H, W) float32 in 0..1, sides multiples of
                `MULTIPLE`; and its alpha, (1, 1, H, W). Flow is found on the first look.
            scale: the size at which flow is found, 1 is the published one; see `FLOW_PIXELS`.
            check: called before each layer; what it raises goes through.
        """
        with checked(self, check):
            return self._prepared(first, last, scale)

    def _prepared(
        self, first: tuple[Tensor, Tensor], last: tuple[Tensor, Tensor], scale: float
    ) -> tuple[Key, Key]:
        half = first[0].shape[-2] // 2, first[0].shape[-1] // 2
        images = resize(first[0], half), resize(last[0], half)
        flows = self._flows(images[0][:1], images[1][:1], scale)
        metrics = self.metric(images[0][:1], images[1][:1], *flows)
        keys = []
        for i, (looks, alpha) in enumerate((first, last)):
            features = [self.features(look.to(self._dtype)) for look in looks.split(1)]
            motion = 2 * flows[i].norm(dim=1, keepdim=True)
            keys.append(
                Key(
                    images[i],
                    tuple(torch.cat(level) for level in zip(*features, strict=True)),
                    _levels(flows[i], resize_flow),
                    _levels(metrics[i], resize),
                    torch.cat((resize(alpha, half), motion), 1),
                )
            )
        return keys[0], keys[1]

    def _flows(self, first: Tensor, last: Tensor, scale: float) -> tuple[Tensor, Tensor]:
        """Flow both ways between keys at half size, (1, 2, h, w)."""
        height, width = first.shape[-2:]
        while height * width * scale**2 > FLOW_PIXELS:
            scale /= 2
        flows = self._flows_at(scale, first, last)
        if not self._second_opinion:
            return flows
        other = SMALLER if min(height, width) * scale * SMALLER >= FLOW_LEAST else LARGER
        second = self._flows_at(scale * other, first, last)
        return second if _doubt(*second) < CLEARLY * _doubt(*flows) else flows

    def _flows_at(self, scale: float, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        height, width = first.shape[-2:]
        size = _flow_side(height, scale), _flow_side(width, scale)
        there, back = self.flow(resize(first, size), resize(last, size))
        return resize_flow(there, (height, width)), resize_flow(back, (height, width))

    def paint(self, first: Key, last: Key, t: float, check: Check) -> Between:
        """Paint what lies at `t`, over 0 and under 1; `check` as in `prepare`."""
        with checked(self, check):
            return self._painted(first, last, t, check)

    def _painted(self, first: Key, last: Key, t: float, check: Check) -> Between:
        flow = self.rife(first.images[:1], last.images[:1], t)
        count, _, height, width = first.images.shape
        images = first.images.new_empty(count, 3, 2 * height, 2 * width)
        landed = torch.empty_like(first.riders), torch.empty_like(last.riders)
        from_rife = flow.blended(
            *(_stacked(key.images, key.riders[:, :1]) for key in (first, last))
        )
        candidates = from_rife[0, :-1].unflatten(0, (count, 3))
        for band in bands(height, width, BAND_PIXELS, HALO, 4):
            splats = first.splats(t, band), last.splats(1 - t, band)
            kept = slice(*band.inner)
            for key, (finest, *_), out in zip((first, last), splats, landed, strict=True):
                out[:, :, kept] = finest(key.riders)[:, :, band.kept]
            for look in range(count):
                one = slice(look, look + 1)
                fused = self._fuse(
                    (first, last), splats, one, candidates[one, :, slice(*band.outer)], check
                )
                images[one, :, 2 * kept.start : 2 * kept.stop] = fused[
                    :, :, 2 * band.kept.start : 2 * band.kept.stop
                ]
        return Between(
            images.clamp_(0, 1),
            torch.cat((landed[0][:, :1], landed[1][:, :1], from_rife[:, -1:])),
            torch.maximum(landed[0][:, 1:], landed[1][:, 1:]),
        )

    def _fuse(
        self,
        keys: tuple[Key, Key],
        splats: tuple[tuple[Splat, ...], tuple[Splat, ...]],
        look: slice,
        candidate: Tensor,
        check: Check,
    ) -> Tensor:
        """One band of one look: push everything to `t` and paint, (1, 3, 2h, 2w) float32."""

        def push(image: Tensor, splat: Splat) -> Tensor:
            check()
            return splat(image[look])

        first, last = (push(key.images, to[0]) for key, to in zip(keys, splats, strict=True))
        features = tuple(
            (
                push(keys[0].features[level], splats[0][level]),
                push(keys[1].features[level], splats[1][level]),
            )
            for level in range(len(splats[0]))
        )
        images = torch.cat((first, candidate, last), 1)
        return self.fusion(images.to(self._dtype), features).float()


def _flow_side(side: int, scale: float) -> int:
    """The side at which GMFlow is run for a key whose half-size side is `side`."""
    units = -(-side * scale // FLOW_MULTIPLE)
    return max(FLOW_LEAST, int(units) * FLOW_MULTIPLE)


def _doubt(there: Tensor, back: Tensor) -> float:
    """Share of pixels whose flow does not lead there and back again."""
    return float(occluded(there, back).mean() + occluded(back, there).mean()) / 2


def _stacked(images: Tensor, alpha: Tensor) -> Tensor:
    """Looks (B, 3, h, w) and their alpha (1, 1, h, w) as channels of one: (1, 3 * B + 1, h, w)."""
    return torch.cat((images.flatten(0, 1)[None], alpha), 1)


def _levels(
    full: Tensor, shrink: Callable[[Tensor, tuple[int, int]], Tensor]
) -> tuple[Tensor, ...]:
    """A map at its own size, at half and at a quarter of it."""
    height, width = full.shape[-2:]
    return full, shrink(full, (height // 2, width // 2)), shrink(full, (height // 4, width // 4))
