"""The project's own network: RIFE's coarse-to-fine flow, told where a face is and what it feels.

Four blocks of RIFE 4.6 (Huang et al., arXiv 2011.06294) estimate flow and a mask; guidance, where
there is any, takes the place of what the coarsest of them sees. Every block is also told of
alpha, of the parts of the face at `t`, and of the emotion. At the end a synthesis stage draws
what neither key shows, only in eyes, mouth and where the keys do not agree. All that RIFE does
not have is zero at first, so that an untrained network draws what guided RIFE does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from genani.engines.inbetween.face_model_guidance import Guidance, guide, unguided
from genani.engines.inbetween.face_model_layers import (
    Context,
    Feeling,
    GuidedBlock,
    Judge,
    Synthesis,
    shrunk,
)
from genani.engines.inbetween.face_model_picture import CHANNELS
from genani.engines.inbetween.rife.pyramid import SCALES, WIDTHS, Flow, resized, warp

MULTIPLE = 32
"""Sides of what the network sees are brought to multiples of this."""

_MORE = 2 + CHANNELS + 1 + 4
"""What a block is told besides: both alphas, the face, trust, and the flow off the guide."""

_TOLD = 1 + 1 + 4 + CHANNELS
"""What the synthesis is told: trust, where it may draw, flow, face."""

_ALIKE, _APART = 0.08, 0.25
"""Differences of the keys at `t` from which something new may be drawn, and may be wholly."""


@dataclass(frozen=True)
class FaceModelConfig:
    """The layout of a network.

    Attributes:
        widths: channels of the four flow blocks, coarse to fine.
        context: channels of the keys' features at a half, a quarter and an eighth of the size.
        synthesis: channels of the last stage at these sizes.
    """

    widths: tuple[int, int, int, int] = WIDTHS
    context: tuple[int, int, int] = (12, 24, 48)
    synthesis: tuple[int, int, int] = (24, 48, 96)


@dataclass(frozen=True)
class Seen:
    """Two keys as the network sees them.

    Attributes:
        first, last: (B, 4, H, W) float32 premultiplied, sides multiples of `MULTIPLE`.
        shown_first, shown_last: (B, 3, H, W) over a matte.
        opaque: there is nothing to see through in either, so that less has to be computed.
    """

    first: Tensor
    last: Tensor
    shown_first: Tensor
    shown_last: Tensor
    opaque: bool = False

    @classmethod
    def over(cls, first: Tensor, last: Tensor, matte: Tensor | float) -> Seen:
        """Keys laid over a matte, (1, 3, 1, 1) or one number for white and grey."""
        one, two = (key[:, :3] + matte * (1 - key[:, 3:]) for key in (first, last))
        return cls(first, last, one, two)


Contexts = tuple[Sequence[Tensor], Sequence[Tensor]]
"""Features of the first and of the last key at a half, a quarter and an eighth of their size."""


@dataclass(frozen=True)
class Travel:
    """How both keys travel to `t`, and what is known there.

    Attributes:
        flow: pixels, and logits of the share of the first key.
        steps: (B, 4, H, W) the flow after each block, coarse to fine.
        trust: (B, 1, H, W) how far it started from guidance.
    """

    flow: Flow
    steps: list[Tensor]
    trust: Tensor


@dataclass(frozen=True)
class Output:
    """What the network draws.

    Attributes:
        picture: (B, 4, H, W) float32 premultiplied RGBA, about 0 to 1.
        flows: (B, 4, H, W) pixels towards the first key, x and y, and the last, coarse to fine.
        mask: (B, 1, H, W) share of the first key, 0 to 1.
        added: (B, 4, H, W) what is in the picture of neither key.
        trust: (B, 1, H, W) how far guidance was the start, 0 to about 1.
    """

    picture: Tensor
    flows: list[Tensor]
    mask: Tensor
    added: Tensor
    trust: Tensor


class FaceModel(nn.Module):
    """Draws what lies between two drawings, faces above all.

    Args:
        config: the layout.
    """

    def __init__(self, config: FaceModelConfig = FaceModelConfig()) -> None:
        super().__init__()
        self.config = config
        for index, width in enumerate(config.widths):
            # Names as in RIFE's published files.
            self.add_module(f"block{index}", GuidedBlock(7 if index == 0 else 12, width, _MORE))
        self.judge = Judge(CHANNELS)
        self.feeling = Feeling((*config.widths, *config.synthesis))
        self.context = Context(config.context)
        self.synthesis = Synthesis(_TOLD, config.context, config.synthesis)

    @staticmethod
    def guide(points: Tensor, size: tuple[int, int]) -> Guidance:
        """See `genani.engines.inbetween.face_model_guidance.guide`."""
        return guide(points, size)

    def forward(
        self,
        first: Tensor,
        last: Tensor,
        t: Tensor | float,
        guidance: Guidance | None = None,
        matte: Tensor | float = 1.0,
        check: Callable[[], None] = lambda: None,
    ) -> Output:
        """The drawing at `t`.

        Args:
            first, last: (B, 4, H, W) float32 premultiplied RGBA, 0 to 1, of any size.
            t: over 0 and under 1, one for all or (B,).
            guidance: of the keys' size; None for none.
            matte: (B or 1, 3, 1, 1) or a grey, what flow is estimated over.
            check: called between the steps; what it raises goes through.
        """
        height, width = first.shape[2:]
        sides = [-(-side // MULTIPLE) * MULTIPLE for side in (height, width)]
        more = (0, sides[1] - width, 0, sides[0] - height)
        if any(more):
            first, last = (functional.pad(key, more, mode="replicate") for key in (first, last))
        guidance = unguided(first) if guidance is None else guidance.padded(*sides)
        time = torch.as_tensor(t, dtype=first.dtype, device=first.device).expand(len(first))
        seen = Seen.over(first, last, matte)
        made = self.finished(seen, self.travel(seen, time, guidance, check), time, guidance)
        whole = (slice(None), slice(None), slice(height), slice(width))
        return Output(
            made.picture[whole],
            [flow[whole] for flow in made.flows],
            made.mask[whole],
            made.added[whole],
            made.trust[whole],
        )

    def travel(
        self,
        seen: Seen,
        time: Tensor,
        guidance: Guidance,
        check: Callable[[], None] = lambda: None,
    ) -> Travel:
        """Flow from coarse to fine.

        Args:
            seen: the keys.
            time: (B,).
            guidance, check: as for a call.
        """
        feelings = self._feelings(time, guidance)
        at = time.view(-1, 1, 1, 1)
        told = _Told(seen, at, guidance)
        plain = self._block(0).told(*told.coarse(SCALES[0]), feelings[0])
        check()
        start, flow, share = self._started(told, plain, time, feelings[1])
        steps = [start, flow.flow]
        for index in (2, 3):
            check()
            step = self._block(index).told(*told.along(flow, SCALES[index]), feelings[index])
            flow = flow + step
            if not guidance.blank:
                flow = _held(flow, guidance.flow, at, share)
            steps.append(flow.flow)
        return Travel(flow, steps, share)

    def _started(
        self, told: _Told, plain: Flow, time: Tensor, feeling: Tensor
    ) -> tuple[Tensor, Flow, Tensor]:
        """The flow before and after the second block, and the share of guidance in it.

        The block corrects both the plain flow and the guide; then the judge sees which it is.
        """
        guidance, block = told.guidance, self._block(1)
        if guidance.blank:
            made = plain + block.told(*told.along(plain, SCALES[1]), feeling)
            return plain.flow, made, torch.zeros_like(plain.mask)
        guide = Flow(guidance.flow, torch.logit(1 - told.at).expand_as(plain.mask))
        both = _joined(told.along(plain, SCALES[1]), told.along(guide, SCALES[1]))
        step = block.told(*both, feeling.repeat(2, 1, 1, 1))
        flows, masks = step.flow.chunk(2), step.mask.chunk(2)
        made = plain + Flow(flows[0], masks[0])
        along = guide + Flow(flows[1], masks[1])
        along = _held(along, guidance.flow, told.at, torch.ones_like(told.at))
        share = self.judge(
            (told.apart(made), told.apart(along)),
            guidance.trust,
            guidance.inside,
            guidance.face,
            guidance.travel,
            guidance.sure,
            time,
        )
        return (
            torch.lerp(plain.flow, guidance.flow, share),
            Flow(
                torch.lerp(made.flow, along.flow, share), torch.lerp(made.mask, along.mask, share)
            ),
            share,
        )

    def finished(self, seen: Seen, travel: Travel, time: Tensor, guidance: Guidance) -> Output:
        """Both keys brought to `t`, fused, and what neither shows put in."""
        flow = travel.flow
        pulled = flow.warped(seen.first, seen.last)
        added, logits = self.drawn(self.contexts(seen), pulled, travel, time, guidance)
        share = torch.sigmoid(flow.mask + logits)
        picture = torch.lerp(pulled[1], pulled[0], share) + added
        return Output(picture, travel.steps, share, added, travel.trust)

    def contexts(self, seen: Seen) -> Contexts:
        """Features of both keys, which serve every `t`."""
        return self.context(seen.first), self.context(seen.last)

    def drawn(
        self,
        keys: Contexts,
        pulled: tuple[Tensor, Tensor],
        travel: Travel,
        time: Tensor,
        guidance: Guidance,
    ) -> tuple[Tensor, Tensor]:
        """Colour to add (B, 4, H, W), and logits (B, 1, H, W) to add to the mask."""
        flow = shrunk(travel.flow.flow, 2)
        free = torch.maximum(guidance.parts, _different(*pulled))
        seen_at = torch.cat((*pulled, torch.sigmoid(travel.flow.mask)), 1)
        told = torch.cat((shrunk(travel.trust, 2), free, flow / 32, guidance.face), 1)
        contexts = [
            [
                warp(level.float(), shrunk(each, scale) / (2 * scale)).to(level.dtype)
                for level, scale in zip(key, (1, 2, 4), strict=True)
            ]
            for key, each in zip(keys, flow.split(2, 1), strict=True)
        ]
        met = [torch.cat(pair, 1) for pair in zip(*contexts, strict=True)]
        feelings = self._feelings(time, guidance)[len(self.config.widths) :]
        added, logits = self.synthesis(seen_at, told, met, feelings)
        return added * resized(free, 2), logits

    def _feelings(self, time: Tensor, guidance: Guidance) -> list[Tensor]:
        return self.feeling(guidance.emotion, guidance.intensity, time)

    def _block(self, index: int) -> GuidedBlock:
        return self.get_submodule(f"block{index}")  # pyright: ignore[reportReturnType]


class _Told:
    """What every block is told of one batch."""

    def __init__(self, seen: Seen, at: Tensor, guidance: Guidance) -> None:
        self.keys = seen.shown_first, seen.shown_last
        self.at = at
        self.guidance = guidance
        self._alphas = tuple(shrunk(key[:, 3:], 2) for key in (seen.first, seen.last))
        self._opaque = seen.opaque
        self._small = tuple(shrunk(key, 4) for key in self.keys)
        self._trust = guidance.trust
        self._fixed = torch.cat((guidance.face, guidance.trust), 1)
        self._guide = shrunk(guidance.flow, 2) / 2

    def coarse(self, scale: float) -> Shown:
        """What the first block sees: the keys as they are, and where the guide goes."""
        keys = (resized(key, 1 / scale) for key in self.keys)
        return self._shown((*keys, self.at), self._alphas, torch.zeros_like(self._guide), scale)

    def along(self, flow: Flow, scale: float) -> Shown:
        """What a later block sees: the keys along a flow, and the flow."""
        # Each part is shrunk by itself: one copy less of all that is large.
        keys = (resized(key, 1 / scale) for key in flow.warped(*self.keys))
        ways = resized(flow.flow, 1 / scale) / scale
        half = shrunk(flow.flow, 2) / 2
        alphas = self._alphas
        if not self._opaque:
            alphas = [warp(key, way) for key, way in zip(alphas, half.split(2, 1), strict=True)]
        parts = (*keys, self.at, resized(flow.mask, 1 / scale), ways)
        return self._shown(parts, alphas, half, scale)

    def apart(self, flow: Flow) -> Tensor:
        """(B, 1, H / 4, W / 4) how far the keys are from each other, the mean of the colours."""
        ways = (shrunk(flow.flow, 4) / 4).split(2, 1)
        one, two = (warp(key, way) for key, way in zip(self._small, ways, strict=True))
        return (one - two).abs().mean(1, keepdim=True)

    def _shown(
        self, parts: Sequence[Tensor], alphas: Sequence[Tensor], flow: Tensor, scale: float
    ) -> Shown:
        """What a block sees, and besides alpha, the face, and how far the guide is off a flow.

        Args:
            parts: at the size that it sees; what is 1 x 1 is the same everywhere.
            alphas, flow: of half the keys' size, the flow in its pixels.
            scale: how much smaller it sees.
        """
        size = parts[0].shape[2:]
        off = (self._guide - flow) * (self._trust / (scale / 2))
        more = shrunk(torch.cat((*alphas, self._fixed, off), 1), scale)
        return torch.cat([part.expand(-1, -1, *size) for part in parts], 1), scale, more


Shown = tuple[Tensor, float, Tensor]
"""What a block sees, how many times it is shrunk, and what it is told besides."""


def _joined(one: Shown, two: Shown) -> Shown:
    """Both in one batch."""
    return torch.cat((one[0], two[0])), one[1], torch.cat((one[2], two[2]))


def _held(flow: Flow, guided: Tensor, at: Tensor, trust: Tensor) -> Flow:
    """Flow kept to the guided path next to the keys; see `FlowPyramid.refined`."""
    of_first, of_last = (flow.flow - guided).chunk(2, 1)
    off = trust * (1 - 4 * at * (1 - at)) * ((1 - at) * of_first + at * of_last)
    return Flow(flow.flow - torch.cat((off, off), 1), flow.mask)


def _different(first: Tensor, last: Tensor) -> Tensor:
    """(B, 1, H / 2, W / 2) 0 where the keys show the same at `t`, 1 where two other things."""
    apart = functional.max_pool2d((first - last).detach().abs().amax(1, keepdim=True), 2)
    share = ((apart - _ALIKE) / (_APART - _ALIKE)).clamp(0, 1)
    return share * share * (3 - 2 * share)
