"""Settings of the StyleGAN tasks."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from genani.engines.stylise.stylegan.generator import GeneratorConfig
from genani.training.config import ConfigError, Count, Natural, NotNegative, Share

Side = Annotated[int, msgspec.Meta(ge=8, le=1024)]


class AlbumSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the pictures that StyleGAN tasks learn from.

    Attributes:
        shares: `rig` (drawn faces) and `emoji`, and how much each gives; unused with own pictures.
        count: how many are learnt from.
        held: how many are held back to judge by.
        measure: features that crowds are judged by; `colours` needs no model.
    """

    shares: dict[str, NotNegative] = msgspec.field(default_factory=lambda: {"rig": 1.0})
    count: Count = 2000
    held: Count = 256
    measure: Literal["squeezenet", "colours"] = "squeezenet"


class StyleganSettings(AlbumSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the task `stylegan`.

    Attributes:
        size: side of the pictures, a power of two.
        channels, wide, latent, mapping: see `GeneratorConfig`; unused with `start`.
        start: a model to go on from, by name or file; its layout is taken. Empty is nothing.
        frozen: first layers of the judge that learn nothing (Freeze-D), with `start`.
        gamma: weight of R1.
        path: weight of the path-length regularisation; 0 leaves it out.
        augment: whether augmentation adapts; else there is none.
        target: mean sign of the judge on reals that it aims at.
        kilo: thousands of pictures in which the chance may go from 0 to 1.
        mirror: whether half of the pictures are mirrored.
        rebuilt: weight of drawing the reals again through an encoder that learns alongside; 0
            trains none; unused with `start`, whose encoder is kept.
        alone: first steps on which drawing again is all that is learnt, without the judge; seeds
            then come to lie where the styles of faces do. 0 leaves them out.
        name: of the model that comes of it.
        rights: who made the pictures and under which licence, for the card.
    """

    size: Side = 256
    channels: Annotated[int, msgspec.Meta(ge=4, le=1024)] = 512
    wide: Annotated[int, msgspec.Meta(ge=4, le=1024)] = 64
    latent: Annotated[int, msgspec.Meta(ge=4, le=1024)] = 512
    mapping: Count = 8
    start: str = ""
    frozen: Natural = 0
    gamma: NotNegative = 10.0
    path: NotNegative = 0.0
    augment: bool = True
    target: Share = 0.6
    kilo: Annotated[float, msgspec.Meta(gt=0)] = 500.0
    mirror: bool = True
    rebuilt: NotNegative = 0.0
    alone: Natural = 0
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.+-]*\Z")] = "genani-stylegan"
    rights: str = ""


def layout_of(settings: StyleganSettings) -> GeneratorConfig:
    """The layout that settings ask for.

    Raises:
        ConfigError: a side is no power of two.
    """
    try:
        return GeneratorConfig(
            settings.size, settings.channels, settings.wide, settings.latent, settings.mapping
        )
    except ValueError as error:
        raise ConfigError(f"task.{error}") from error
