"""What a CartoonGAN that was trained here tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genani.engines.stylise.cartoongan_model import Generator, size_of
from genani.engines.stylise.cartoongan_weights import Kind
from genani.training.config import TrainingConfig

if TYPE_CHECKING:
    from genani.training.tasks.cartoongan import CartoonGanSettings

_TEXT = """\
# GenAni's own {title}

**What it is.** {title}'s generator at width {width}: {blocks} residual blocks of {convolutions}
convolution(s), {after} after them; {parameters:,} weights, {adds:.2f} billion multiply-adds for
256 x 256 pixels. {changes}The method: Y. Chen, Y.-K. Lai, Y.-J. Liu, *CartoonGAN*, CVPR 2018, with
cartoons whose edges were smoothed as a third class. Content is measured on SqueezeNet 1.1's
ImageNet features where the authors use VGG 19's.{reading}

**Who made it.** GenAni, with `genani train {task}`. **Licence:** MIT.

**Trained on.** {data}. {steps} steps of {batch} pictures of {size} px at a learning rate of
{rate:g}, the first {content_steps} for {first} alone; weights: {weights}.{inked}

**Figures**, on {held} photos and {held} cartoons that it never learnt from:

| | photo itself | redrawn |
|---|---|---|
| Fréchet distance to the cartoons (SqueezeNet; not FID) | {photo:.4g} | {frechet:.4g} |
| style: difference of Gram matrices to the cartoons | {photo_style:.4g} | {style:.4g} |
| content: difference of features to the photo | 0 | {kept:.4g} |
| proxy: all three, next to those of the photo and of any cartoon | 1 | {proxy:.4g} |

**Known limits.** It knows the kind of pictures that it learnt from, at about their size (set the
drawing size to bring others near it). It changes colours and lines and moves no outlines, so large
eyes do not come of it.
"""

_INKED = """ Not as published: content and pixels are
held to each photo as a plain filter draws it (H. Winnemöller and others, *Real-Time Video
Abstraction*, 2006: even areas, dark lines), since so small a judge, with so few pictures, else
draws stray lines or leaves the photo as it is. The judge then says what cartoons have beside."""

_WEIGHTS = ("adversarial", "content", "pixels", "style", "variation", "slope")

_READING = (
    " ArtifyGAN is described as having 10 blocks and lacking the convolutions after them, and as "
    "lighter than CartoonGAN: with two convolutions a block it would be heavier, so they have one."
)


def card(
    task: str,
    kind: Kind,
    config: TrainingConfig,
    settings: CartoonGanSettings,
    network: Generator,
    figures: Mapping[str, float],
    data: str,
) -> str:
    """The text of `CARD.md`.

    Args:
        task: its name.
        kind: what was trained.
        config, settings: of the run.
        network: the generator.
        figures: of `validate`.
        data: what it learnt from, in words.
    """
    layout, size = network.layout, size_of(network)
    weights = [(name, getattr(settings, name)) for name in _WEIGHTS]
    return _TEXT.format(
        title=kind.title,
        width=layout.width,
        blocks=layout.blocks,
        convolutions=layout.convolutions,
        after="two convolutions a size" if layout.after else "one a size",
        parameters=size.parameters,
        adds=size.multiply_adds / 1e9,
        changes="It draws a change of the photo. " if layout.changes else "",
        reading="" if layout.after else _READING,
        task=task,
        data=data,
        steps=config.steps,
        batch=config.batch,
        size=settings.size,
        rate=config.learning_rate,
        content_steps=settings.content_steps,
        first="pixels" if settings.pixels else "content",
        weights=", ".join(f"{name} {value:g}" for name, value in weights if value),
        inked=_INKED if settings.inked else "",
        held=settings.held,
        photo=figures["photo frechet"],
        frechet=figures["frechet"],
        kept=figures["content"],
        photo_style=figures["photo style"],
        style=figures["style"],
        proxy=figures["proxy"],
    )
