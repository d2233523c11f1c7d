"""What a GANime model that was trained here tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genani.training.config import TrainingConfig
from genani.training.sources.strip_mix import StripMaterial
from genani.training.tasks.vqgan_card import table

if TYPE_CHECKING:
    from genani.engines.inbetween.vqgpt.autoencoder import VqGan
    from genani.engines.inbetween.vqgpt.transformer import VqGpt
    from genani.training.tasks.vqgpt import VqGptSettings

_TEXT = """\
# GANime's way: `{name}`

**What it is.** A VQ-GAN (diffusers' `VQModel`, {gan:,} weights) turns drawings of {side} x {side}
pixels with alpha into {grid} x {grid} codes of {codes}; a GPT-2 (transformers, {layers} layers of
{width}; {gpt:,} weights with the network that looks at both keys) writes the codes of the
drawings between, one after another.

**Who made it.** GenAni, with `genani train vqgan` and `genani train vqgpt`. **Licence:**
Apache-2.0.

**Trained on.** {data}: at most {steps} steps of {batch} strips with {least} to {most} drawings
between the keys, at a learning rate of {rate:g}.

**Figures**, on {held} strips that it never learnt from, with {between} drawings between:

{figures}

`mse` is of the drawings between, written from the keys alone; `blend mse` is a cross-dissolve's,
`recoded mse` that of the true drawings through codes and back, which no writing can be under.

**Known limits.** It draws at {side} x {side}, whatever the canvas, and knows what it has learnt
from; finer detail and other styles are lost. It is here to be trained on one's own clips.
"""


def card(
    config: TrainingConfig,
    settings: VqGptSettings,
    networks: tuple[VqGan, VqGpt],
    figures: Mapping[str, float],
    drawings: StripMaterial,
) -> str:
    """The text of `CARD.md`.

    Args:
        config, settings: of the run.
        networks: both.
        figures: of `validate`.
        drawings: what it learnt from.
    """
    coder, writer = networks
    gan, gpt = (sum(each.numel() for each in network.parameters()) for network in networks)
    return _TEXT.format(
        name=settings.name,
        gan=gan,
        gpt=gpt,
        side=coder.config.side,
        grid=coder.config.grid,
        codes=coder.config.codes,
        layers=writer.config.layers,
        width=writer.config.width,
        data=drawings.learnt.name,
        steps=config.steps,
        batch=config.batch,
        least=settings.least,
        most=settings.most,
        rate=config.learning_rate,
        held=settings.held,
        between=settings.held_between,
        figures=table(figures),
    )
