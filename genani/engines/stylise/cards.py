"""The name cards of all stylists, known without importing one of them.

A new stylist adds its card to `CARDS`, and nothing else changes.
"""

from __future__ import annotations

from genani.engines.api import OptionInfo
from genani.engines.catalogue import Card
from genani.engines.stylise.api import StylistInfo

_MODEL = OptionInfo(
    "model",
    "Model",
    "",
    help="Your own instead of GenAni's: the folder 'result' of a training, a file of weights, or "
    "the name of one in the model store.",
)

_STYLEGAN = (
    _MODEL,
    OptionInfo(
        "part",
        "What is redrawn",
        "auto",
        choices=("auto", "face", "whole"),
        help="The face, or the whole picture; auto takes the face where one is found.",
    ),
    OptionInfo(
        "steps",
        "Steps",
        40,
        0,
        1000,
        help="How often the likeness is made better before the style is put on; 0 takes the "
        "encoder's guess.",
    ),
    OptionInfo(
        "truncation",
        "Character",
        1.0,
        0.0,
        1.5,
        help="1 keeps what is special about the face, 0 makes it the mean of all.",
    ),
    OptionInfo(
        "mix", "Mixing", 0.0, 0.0, 1.0, help="How much of the seed's colours and lines comes in."
    ),
    OptionInfo(
        "level",
        "Mixed from",
        4,
        0,
        18,
        help="First layer that the seed takes part in: the lower, the more of the shapes change.",
    ),
    OptionInfo(
        "direction",
        "Feature",
        0,
        0,
        12,
        help="A feature that changes, by number, the strongest first; 0 is none.",
    ),
    OptionInfo("amount", "Amount", 1.0, -5.0, 5.0, help="How far the feature changes."),
    OptionInfo("age", "Older", 0.0, -5.0, 5.0, help="Over 0 is older, under 0 younger."),
)

CARDS: tuple[Card[StylistInfo], ...] = (
    Card(
        StylistInfo(
            "paprika",
            "CartoonGAN: Paprika",
            "Flat colours and dark, even lines, as in Satoshi Kon's film; small and quick.",
            models=("cartoongan-light-paprika",),
        ),
        "genani.engines.stylise.cartoongan:LightCartoonGan",
    ),
    Card(
        StylistInfo(
            "shinkai",
            "CartoonGAN: Shinkai",
            "Bright skies and soft light, as in Makoto Shinkai's films; small and quick.",
            models=("cartoongan-light-shinkai",),
        ),
        "genani.engines.stylise.cartoongan:LightCartoonGan",
    ),
    Card(
        StylistInfo(
            "cartoongan",
            "CartoonGAN",
            "Draws dark outlines on photos; can be trained on your own pictures.",
            models=("genani-cartoongan",),
            options=(_MODEL,),
        ),
        "genani.engines.stylise.cartoongan:CartoonGan",
    ),
    Card(
        StylistInfo(
            "artifygan",
            "ArtifyGAN",
            "Draws dark outlines on photos with a lighter network; can be trained on your own "
            "pictures.",
            models=("genani-artifygan",),
            options=(_MODEL,),
        ),
        "genani.engines.stylise.cartoongan:CartoonGan",
    ),
    Card(
        StylistInfo(
            "stylegan",
            "StyleGAN2",
            "Draws a face anew as its model knows faces, with features, age and mixing to turn; "
            "can be trained on your own pictures.",
            models=("genani-stylegan",),
            options=_STYLEGAN,
            seeded=True,
        ),
        "genani.engines.stylise.stylegan.stylist:StyleGan",
    ),
    Card(
        StylistInfo(
            "jojogan",
            "JoJoGAN",
            "Draws a face anew in the style of one picture; a picture of your own makes another "
            "style, by training.",
            models=("genani-jojogan",),
            options=_STYLEGAN,
            seeded=True,
        ),
        "genani.engines.stylise.stylegan.stylist:StyleGan",
    ),
    Card(
        StylistInfo(
            "animegan",
            "AnimeGAN",
            "Clear lines and even colours by a small, quick network; can be trained on your own "
            "pictures.",
            models=("genani-animegan",),
            options=(
                OptionInfo(
                    "model",
                    "Model",
                    "",
                    help="What `genani train animegan` made: a folder, a file, or a name in the "
                    "model store; empty for GenAni's own.",
                ),
            ),
        ),
        "genani.engines.stylise.animegan:AnimeGANStylist",
    ),
)
"""In the order in which they are shown."""
