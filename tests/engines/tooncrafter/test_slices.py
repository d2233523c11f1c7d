"""What saves memory or work in the autoencoder gives the same pictures."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from genani.engines.inbetween.tooncrafter.vae import References, ToonCrafterVAE
from tests.benchmarks.on_paper import taken
from tests.engines.tooncrafter.goldens import AT_HAND, off, stored
from tests.engines.tooncrafter.models import published_part, ruled_part
from tests.engines.tooncrafter.published import ruled

ROUNDING = 3e-5
"""Norms summed in another order, on weights that make much of it."""


def latents(frames: int, clips: int = 1) -> Tensor:
    return 2 * ruled((clips, 4, frames, 4, 8), 2)


def references(vae: ToonCrafterVAE, clips: int = 1) -> References:
    return vae.encode(ruled((2 * clips, 3, 32, 64), 1)).references()


@torch.inference_mode()
@pytest.mark.parametrize("frames", [2, 14, 16])
def test_slices_are_the_whole(frames: int) -> None:
    vae = ruled_part("vae")
    for seen in (references(vae), None):
        whole = vae.decode(latents(frames), seen)
        assert off(vae.decode(latents(frames), seen, sliced=True), whole) < ROUNDING


@torch.inference_mode()
def test_slices_of_two_clips_do_not_mix() -> None:
    vae = ruled_part("vae")
    seen = references(vae, 2)
    whole = vae.decode(latents(5, 2), seen)
    assert off(vae.decode(latents(5, 2), seen, sliced=True), whole) < ROUNDING


@torch.inference_mode()
def test_one_frame_and_plain_autoencoders_have_no_slices() -> None:
    vae, plain = ruled_part("vae"), ruled_part("vae", video=False)
    for one, frames in ((vae, 1), (plain, 3)):
        given = latents(frames)
        assert torch.equal(one.decode(given, sliced=True), one.decode(given))
    assert torch.equal(plain.decode(latents(3), wanted=(1, 2)), plain.decode(latents(3))[:, :, 1:2])


@torch.inference_mode()
@pytest.mark.parametrize("sliced", [False, True])
def test_wanted_frames_are_those_of_the_whole(sliced: bool) -> None:
    vae = ruled_part("vae")
    for seen in (references(vae), None):
        whole = vae.decode(latents(14), seen, sliced=sliced)
        made = vae.decode(latents(14), seen, (6, 8), sliced)
        assert torch.equal(made, whole[:, :, 6:8])


@torch.inference_mode()
def test_two_pictures_encoded_once_are_sixteen_copies() -> None:
    vae = ruled_part("vae")
    pair = ruled((2, 3, 32, 64), 1)
    copies = vae.encode(pair.repeat_interleave(8, 0))
    once = vae.encode(pair)
    assert off(once.posterior.parameters, copies.posterior.parameters[[0, 15]]) < 1e-5
    for ours, theirs in zip(once.features, copies.features, strict=True):
        assert off(ours, theirs[[0, 15]]) < 1e-5


@torch.inference_mode()
def test_slices_take_a_third_of_the_memory() -> None:
    with torch.device("meta"):
        vae = ToonCrafterVAE()
        given = torch.empty(1, 4, 16, 40, 64)
        seen = vae.encode(torch.empty(2, 3, 320, 512)).references()
    half = given[:, :, :8]
    whole = taken(lambda: vae.decode(half, seen))
    sliced = taken(lambda: vae.decode(half, seen, sliced=True))
    assert sliced.peak < 0.4 * whole.peak
    assert sliced.tera == pytest.approx(whole.tera, rel=0.02)
    # As the published code was counted.
    assert taken(lambda: vae.decode(given, seen)).tera == pytest.approx(37.9, rel=0.01)


if AT_HAND:

    @torch.inference_mode()
    def test_slices_of_published_latents() -> None:
        given, vae = stored("vae"), published_part("vae")
        seen = vae.encode(given["image_pair"]).references()
        clip = given["latent_frames"].transpose(0, 1)[None]
        made = vae.decode(clip, seen, sliced=True)[0].transpose(0, 1)
        assert off(made, given["decoded_T16"]) < 1e-5
