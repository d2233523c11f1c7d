"""What an AnimeGAN that was trained here tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genani.training.config import TrainingConfig

if TYPE_CHECKING:
    from genani.training.tasks.animegan import AnimeGANSettings

_TEXT = """\
# GenAni's own AnimeGAN

**What it is.** AnimeGAN's lightweight generator: width {width}, {blocks} inverted residual
blocks, {norm} normalisation, {weights:,} weights{changes}. The method: Chen, Liu, Chen,
*AnimeGAN: A Novel Lightweight GAN for Photo Animation*, ISICA 2019. Content and style are
measured on SqueezeNet 1.1's ImageNet features where the authors use VGG 19's.

**Who made it.** GenAni, with `genani train animegan`. **Licence:** MIT.

**Trained on.** {data}. {steps} steps of {batch} cuttings of {size} px, the first {content} for
content alone, at a learning rate of {rate:g}; at most {photos} photos to {drawings} drawings.

**Figures**, on {held} photos and {held} drawings that it never learnt from:

| | photo itself | redrawn |
|---|---|---|
| Fréchet distance of SqueezeNet features to the drawings (not FID) | {photo:.4g} | {frechet:.4g} |
| style: difference of Gram matrices to the drawings | {photo_style:.4g} | {style:.4g} |
| content: difference of features to the photo | 0 | {kept:.4g} |
| colour: difference in YUV to the photo | 0 | {colour:.4g} |

**Known limits.** It knows the kind of pictures that it learnt from, at about their size: set the
drawing size to bring others near it. It moves no outlines, so large eyes do not come of it.
"""

_CHANGES = ", whose result is added to the photo (not as published)"


def card(
    config: TrainingConfig,
    settings: AnimeGANSettings,
    figures: Mapping[str, float],
    weights: int,
    data: str,
) -> str:
    """The text of `CARD.md`.

    Args:
        config, settings: of the run.
        figures: of `validate`.
        weights: how many the generator has.
        data: what it learnt from, in words.
    """
    return _TEXT.format(
        width=settings.width,
        blocks=settings.blocks,
        norm=settings.norm,
        weights=weights,
        changes=_CHANGES if settings.changes else "",
        data=data,
        steps=config.steps,
        batch=config.batch,
        size=settings.size,
        rate=config.learning_rate,
        content=settings.content_steps,
        photos=settings.photos,
        drawings=settings.drawings,
        held=settings.held,
        photo=figures["photo frechet"],
        photo_style=figures["photo style"],
        frechet=figures["frechet"],
        style=figures["style"],
        kept=figures["content"],
        colour=figures["colour"],
    )
