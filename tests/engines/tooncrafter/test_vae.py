"""The autoencoder: its figures, its look back at the keys, and its plain sibling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED
from genani.engines.inbetween.tooncrafter.vae import ToonCrafterVAE
from tests.engines.tooncrafter.goldens import AT_HAND, BLOCK, off, stored
from tests.engines.tooncrafter.models import published_part, ruled_part
from tests.engines.tooncrafter.published import figures, ruled

# Of the rule's weights, made by code that agrees with the published figures to 2e-6.
MOMENTS = [0.01953, 0.42043, 0.06825, 0.27034, -0.1002, 0.31333, -0.5428]
SIXTEEN = [-0.02885, 1.98492, -0.70464, -1.38606, -1.14638, 0.58677, 1.93303]
ALONE = [-0.03126, 2.23562, -0.44586, -1.40983, 4.35738, 0.40809, -0.46097]


def keys() -> Tensor:
    return ruled((2, 3, 32, 64), 1)


def latents(frames: int) -> Tensor:
    return 2 * ruled((1, 4, frames, 4, 8), 2)


@torch.inference_mode()
def test_figures() -> None:
    vae = ruled_part("vae")
    encoded = vae.encode(keys())
    assert figures(encoded.posterior.parameters) == pytest.approx(MOMENTS, abs=1e-4)
    made = vae.decode(latents(16), encoded.references())
    assert made.shape == (1, 3, 16, 32, 64)
    assert figures(made) == pytest.approx(SIXTEEN, abs=1e-4)
    assert figures(vae.decode(latents(16))) == pytest.approx(ALONE, abs=1e-4)


@torch.inference_mode()
def test_references_have_five_sizes() -> None:
    references = ruled_part("vae").encode(keys()).references()
    assert [tuple(item.shape) for item in references] == [
        (1, 32, 2, 32, 64),
        (1, 32, 2, 16, 32),
        (1, 64, 2, 8, 16),
        (1, 64, 2, 4, 8),
        (1, 32, 2, 32, 64),
    ]


@torch.inference_mode()
def test_two_clips_do_not_mix() -> None:
    vae = ruled_part("vae")
    pictures = torch.cat((keys(), keys().flip(3)))
    references = vae.encode(pictures).references()
    both = vae.decode(torch.cat((latents(3), latents(3).flip(4))), references)
    for index in range(2):
        one = slice(index, index + 1)
        clip = (latents(3), latents(3).flip(4))[index]
        alone = vae.decode(clip, tuple(item[one] for item in references))
        assert off(both[one], alone) < BLOCK


@torch.inference_mode()
def test_ends_see_more_of_the_keys_than_the_middle() -> None:
    vae = ruled_part("vae")
    references = vae.encode(keys()).references()
    others = vae.encode(keys().flip(0)).references()
    change = (vae.decode(latents(9), references) - vae.decode(latents(9), others)).abs()
    assert change[:, :, [0, 8]].mean() > 2 * change[:, :, 4].mean() > 0


def test_published_size() -> None:
    with torch.device("meta"):
        vae = ToonCrafterVAE(**PUBLISHED.vae)
        # The published 99,941,907 less the convolution that is never used.
        assert sum(item.numel() for item in vae.parameters()) == 99_941_907 - 20
        made = vae.encode(torch.empty(2, 3, 320, 512)).posterior.mean
    assert made.shape == (2, 4, 40, 64)


def test_saved_and_read(tmp_path: Path) -> None:
    vae = ruled_part("vae")
    vae.save_pretrained(tmp_path)
    again = ToonCrafterVAE.from_pretrained(tmp_path)
    assert isinstance(again, ToonCrafterVAE)
    with torch.inference_mode():
        assert off(again(keys()), vae(keys())) < BLOCK


def plain_twin() -> tuple[ToonCrafterVAE, Any]:
    """Our plain autoencoder and diffusers' own, with the same weights."""
    ours: ToonCrafterVAE = ruled_part("vae", video=False)
    kind: Any = AutoencoderKL
    theirs = kind(
        block_out_channels=(32, 32, 64, 64),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
    )
    theirs.load_state_dict({_theirs(name): item for name, item in ours.state_dict().items()})
    return ours, theirs.eval()


def _theirs(name: str) -> str:
    side, _, rest = name.partition(".")
    if side in ("quant", "post_quant"):
        return f"{side}_conv.{rest}"
    parts = rest.split(".")
    middles = {"0": "resnets.0", "1": "attentions.0", "2": "resnets.1"}
    if parts[0] == "middle":
        parts[:2] = ["mid_block", middles[parts[1]]]
    elif parts[0] in ("down", "up"):
        level = int(parts[1]) if parts[0] == "down" else 3 - int(parts[1])
        sampler = "downsamplers.0" if parts[0] == "down" else "upsamplers.0"
        inside = {"units": ["resnets", parts[3]], "resize": [sampler]}[parts[2]]
        parts = [f"{parts[0]}_blocks", str(level), *inside, *parts[3 + (parts[2] == "units") :]]
    joined = ".".join([side, *parts])
    for ours, theirs in (
        ("attentions.0.norm.", "attentions.0.group_norm."),
        (".to_out.", ".to_out.0."),
        (".shortcut.", ".conv_shortcut."),
        (".norm_out.", ".conv_norm_out."),
    ):
        joined = joined.replace(ours, theirs)
    return joined


@torch.inference_mode()
def test_the_plain_sibling_is_the_autoencoder_of_stable_diffusion() -> None:
    ours, theirs = plain_twin()
    encoded = ours.encode(keys())
    assert off(encoded.posterior.parameters, theirs.encode(keys()).latent_dist.parameters) < BLOCK
    made = ours.decode(latents(3), encoded.references())
    wanted = theirs.decode(latents(3)[0].transpose(0, 1)).sample
    assert off(made[0].transpose(0, 1), wanted) < BLOCK


if AT_HAND:

    @torch.inference_mode()
    def test_published_outputs() -> None:
        given, vae = stored("vae"), published_part("vae")
        encoded = vae.encode(given["image_pair"])
        assert off(encoded.posterior.parameters, given["moments"]) < BLOCK
        references = encoded.references()
        for index, reference in enumerate(references):
            assert off(reference, given[f"ref_context.{index}"]) < BLOCK
        clip = given["latent_frames"].transpose(0, 1)[None]
        for name, frames, seen in (
            ("decoded_T16", 16, references),
            ("decoded_T14", 14, references),
            ("decoded_T16_no_ref", 16, None),
        ):
            made = vae.decode(clip[:, :, :frames], seen)[0].transpose(0, 1)
            assert off(made, given[name]) < BLOCK, name
