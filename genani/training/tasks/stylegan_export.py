"""What a training of StyleGAN2 leaves: the model, its directions, its card. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genani.engines.stylise.stylegan.directions import along, directions, usual_length
from genani.engines.stylise.stylegan.weights import StyleModel, pack
from genani.training.config import TrainingConfig
from genani.training.losses import on_white
from genani.training.tasks.result import record
from genani.training.tasks.sheets import sheet
from genani.training.tasks.stylegan_album import Album
from genani.training.tasks.stylegan_judging import batches

_LEAST_KNOWN, _MOST_KNOWN = 60, 1500
"""Pictures of known age that a direction is found from."""


def packed(
    model: StyleModel,
    folder: Path,
    named: tuple[str, str],
    config: TrainingConfig,
    pictures: Album,
    figures: Mapping[str, float],
) -> None:
    """Write a trained model as one of the store, and beside it what it was made with.

    Args:
        model: that was trained.
        folder: where to; it is there.
        named: the model's name in the store, and who made the pictures it learnt from.
        config: of the run.
        pictures: that it learnt from.
        figures: of the best weights.
    """
    model.generator.find_centre()
    model.draws.find_centre()
    model, found = with_directions(model, pictures)
    name, rights = named
    told = {"data": pictures.what, "rights": rights, "age": found}
    model = replace(model, told={name: text for name, text in told.items() if text})
    about = "Draws faces from seeds, and finds the styles of a picture and draws it in them."
    title = "GenAni's own StyleGAN2 of drawn faces"
    card = card_of(title, model, config, figures)
    pack(model, folder, name, title, about, card)
    record(folder, config, figures)


@torch.no_grad()
def with_directions(model: StyleModel, pictures: Album) -> tuple[StyleModel, str]:
    """A model with its directions, and how that of age was found, in words; empty if it was not."""
    generator = model.generator
    model = replace(model, directions=directions(generator))
    known = np.flatnonzero(np.isfinite(pictures.ages))[:_MOST_KNOWN]
    if model.encoder is None or len(known) < _LEAST_KNOWN:
        return model, ""
    drawn = batches(pictures.learnt[known], generator.centre.device)
    found = torch.cat([model.encoder(each).mean(1) for each in drawn])
    way, sure = along(found, torch.from_numpy(pictures.ages[known]))
    way = usual_length(generator, way)
    told = (
        f"by a ridge regression from the encoder's styles of {len(known)} drawings of the rig to "
        f"the ages they were drawn with; correlation on drawings left out: {sure:.2f}"
    )
    return replace(model, age=way), told


def card_of(
    title: str, model: StyleModel, config: TrainingConfig, figures: Mapping[str, float]
) -> str:
    """The text of a model card, with honest figures."""
    layout = model.config
    count = {
        name: sum(weight.numel() for weight in network.parameters())
        for name, network in model.networks().items()
    }
    sizes = ", ".join(f"{name} {number / 1e6:.2f} M" for name, number in count.items())
    told = "\n".join(f"- {name}: {value:.4g}" for name, value in figures.items())
    lines = [
        f"# {title}",
        f"**What it is.** StyleGAN2 (Karras et al., arXiv 1912.04958 and 2006.06676) at "
        f"{layout.size} x {layout.size} px in RGBA, at most {layout.channels} channels, styles of "
        f"{layout.latent}. Weights: {sizes}, in half precision.",
        f"**What it was trained on.** {model.told.get('data', 'unknown')}. "
        + (model.told.get("rights") or "Drawn by this project; no pictures of others."),
        f"**How.** {config.steps} steps of {config.batch} pictures at most, seed {config.seed}; "
        "the settings are in the run's `figures.json`. Where `task.rebuilt` is over 0, the encoder "
        "learnt along, which an ordinary StyleGAN2 does not do; for the first `task.alone` steps "
        "drawing again was all that was learnt, and then seeds were laid where faces lie. "
        "**Licence:** MIT.",
        f"**Figures on pictures held back** (Fréchet distances over SqueezeNet features or "
        f"colours are not FID and compare with nothing else):\n\n{told}",
        "**Directions.** Numbered directions are the largest eigenvectors of the modulations "
        "(SeFa, arXiv 2007.06600), found without labels. Older and younger was found "
        + (model.told.get("age") or "not at all: no pictures of known age were at hand")
        + ".",
        "**Known limits.** It draws what its pictures show, at its own size: small, heads and "
        "shoulders, front to three-quarter view. A picture unlike them is drawn as the nearest "
        "that it can.",
    ]
    return "\n\n".join(lines) + "\n"


def sheet_of(pictures: Tensor, columns: int) -> bytes:
    """Pictures (N, 4, H, W), -1 to 1, as a PNG file on white, row by row."""
    seen = on_white(pictures.float().clamp(-1, 1) / 2 + 0.5)
    return sheet(row for row in seen.split(columns) if len(row) == columns)
