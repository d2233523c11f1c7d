"""What a VQ-GAN that was trained here tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genani.training.config import TrainingConfig

if TYPE_CHECKING:
    from genani.training.tasks.vqgan import VqGanSettings


_TEXT = """\
# GenAni's VQ-GAN `{name}`

**What it is.** An autoencoder with a codebook (Esser, Rombach, Ommer, *Taming Transformers for
High-Resolution Image Synthesis*, CVPR 2021), diffusers' `VQModel`: drawings of {side} x {side}
pixels with alpha become {grid} x {grid} codes of {codes}; {weights:,} weights.

**Who made it.** GenAni, with `genani train vqgan`. **Licence:** Apache-2.0.

**Trained on.** {data}: at most {steps} steps of {batch} drawings at a learning rate of {rate:g}.
Losses: absolute and squared difference{more}.

**Figures**, on {held} drawings that it never learnt from:

{figures}
"""


def card(
    config: TrainingConfig,
    settings: VqGanSettings,
    figures: Mapping[str, float],
    weights: int,
    data: str,
) -> str:
    """The text of `CARD.md`.

    Args:
        config, settings: of the run.
        figures: of `validate`.
        weights: how many the network has.
        data: what it learnt from, in words.
    """
    more = ", SqueezeNet features" * (settings.perceptual > 0)
    more += ", and a patch judge with the hinge loss" * (settings.adversarial > 0)
    patch = settings.fold * 2 ** (len(settings.widths) - 1)
    return _TEXT.format(
        name=settings.name,
        side=settings.side,
        grid=settings.side // patch,
        codes=settings.codes,
        weights=weights,
        data=data,
        steps=config.steps,
        batch=config.batch,
        rate=config.learning_rate,
        more=more,
        held=settings.held,
        figures=table(figures),
    )


def table(figures: Mapping[str, float]) -> str:
    """Figures as a table of Markdown."""
    rows = [f"| {name} | {value:.4g} |" for name, value in figures.items()]
    return "\n".join(("| figure | value |", "|---|---|", *rows))
