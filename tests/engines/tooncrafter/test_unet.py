"""The video network: its figures, its regimes, and what diffusers' and PEFT's ways give it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from torch import Tensor

from genani.engines.inbetween.tooncrafter.layers import shared
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, TINY
from genani.engines.inbetween.tooncrafter.unet import Deep, ToonCrafterUNet
from tests.engines.tooncrafter.goldens import AT_HAND, BLOCK, off, stored
from tests.engines.tooncrafter.models import published_part, ruled_part
from tests.engines.tooncrafter.published import figures, ruled

# Of the rule's weights, made by code that agrees with the published figures to 3e-6.
SIXTEEN = [0.0079, 0.59334, -0.46287, -0.47733, -1.12779, -0.19128, -0.34478]
TWELVE = [0.0002, 0.56008, 0.45116, -0.44403, 0.13374, -0.84258, -0.4042]


def latents(frames: int, batch: int = 1) -> Tensor:
    return 2 * ruled((batch, 8, frames, 4, 8), 1)


def tokens(images: int, batch: int = 1) -> Tensor:
    return 2 * ruled((batch, 77 + images, 32), 2)


@torch.inference_mode()
def test_figures_of_sixteen_frames() -> None:
    made = ruled_part("unet")(latents(16), 500, tokens(256), 10).sample
    assert figures(made) == pytest.approx(SIXTEEN, abs=2e-4)


@torch.inference_mode()
def test_figures_where_all_frames_see_all_tokens() -> None:
    made = ruled_part("unet")(latents(12), torch.tensor([999]), tokens(256), 24).sample
    assert figures(made) == pytest.approx(TWELVE, abs=2e-4)


@torch.inference_mode()
def test_frame_rate_left_out_is_24() -> None:
    unet = ruled_part("unet")
    given = latents(4), 20, tokens(64)
    assert torch.equal(unet(*given).sample, unet(*given, 24).sample)
    assert not torch.equal(unet(*given).sample, unet(*given, 10).sample)


@torch.inference_mode()
def test_samples_of_a_batch_do_not_mix() -> None:
    unet = ruled_part("unet")
    video, context = latents(4, 2), tokens(64, 2)
    steps, rates = torch.tensor([20, 700]), torch.tensor([8, 24])
    both = unet(video, steps, context, rates).sample
    for index in range(2):
        one = slice(index, index + 1)
        alone = unet(video[one], steps[one], context[one], rates[one], return_dict=False)[0]
        assert off(both[one], alone) < BLOCK


def test_image_tokens_are_shared_by_their_number() -> None:
    given = ruled((2, 77 + 48, 4), 0)
    each = shared(given, 77, 16, 3)
    assert torch.equal(each.image[4], given[1, 77 + 16 : 77 + 32])
    assert torch.equal(each.text, given[:, :77])
    everyone = shared(given, 77, 16, 2)
    assert torch.equal(everyone.image[3], given[1, 77:])


def test_sides_that_do_not_halve_are_told() -> None:
    with pytest.raises(ValueError, match=r"6 x 4.*multiples of 4"):
        ruled_part("unet")(torch.zeros(1, 8, 16, 4, 6), 1, tokens(256))


def test_published_size() -> None:
    with torch.device("meta"):
        unet = ToonCrafterUNet(**PUBLISHED.unet)
        assert sum(item.numel() for item in unet.parameters()) == 1_438_854_980
        made = unet(torch.empty(1, 8, 16, 40, 64), 999, torch.empty(1, 333, 1024), 10).sample
    assert made.shape == (1, 4, 16, 40, 64)


def test_gradients_are_the_same_with_checkpointing() -> None:
    unet = ToonCrafterUNet(**TINY.unet)
    unet.load_state_dict(ruled_part("unet").state_dict())
    unet.eval()
    found = []
    for checkpointing in (False, True):
        if checkpointing:
            unet.enable_gradient_checkpointing()
        unet.zero_grad()
        unet(latents(2), 500, tokens(32)).sample.square().mean().backward()
        assert unet.is_gradient_checkpointing is checkpointing
        found.append([item.grad for item in unet.parameters() if item.grad is not None])
    assert len(found[0]) == len(found[1]) == len(list(unet.parameters()))
    assert all(torch.allclose(*pair, atol=1e-6) for pair in zip(*found, strict=True))


def test_an_adapter_learns_and_is_switched(tmp_path: Path) -> None:
    unet = ToonCrafterUNet(**TINY.unet)
    unet.load_state_dict(ruled_part("unet").state_dict())
    unet.requires_grad_(False).eval()
    given = latents(2), 500, tokens(32)
    before = unet(*given).sample
    wanted = ["to_q", "to_k", "to_v", "to_out.0", "to_k_ip", "to_v_ip"]
    unet.add_adapter(
        LoraConfig(r=2, lora_alpha=2, target_modules=rf".*\.spatial\..*\.({'|'.join(wanted)})"),
        adapter_name="style",
    )
    trained = [item for item in unet.parameters() if item.requires_grad]
    assert len(trained) == 2 * 10 * 7  # 7 transformers over space, 4 + 6 matrices each
    optimiser = torch.optim.AdamW(trained, lr=1e-2)
    losses = []
    for _ in range(3):
        loss = (unet(*given).sample - 1).square().mean()
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[2] < losses[0]
    changed = unet(*given).sample
    assert not torch.allclose(changed, before)
    unet.save_lora_adapter(tmp_path, adapter_name="style")
    unet.disable_adapters()
    assert torch.equal(unet(*given).sample, before)

    again: Any = ToonCrafterUNet(**TINY.unet)
    again.load_state_dict(ruled_part("unet").state_dict())
    again.eval().load_lora_adapter(
        tmp_path, adapter_name="style", prefix=None, use_safetensors=True
    )
    assert off(again(*given).sample.detach(), changed.detach()) < BLOCK


def test_saved_and_read(tmp_path: Path) -> None:
    unet = ruled_part("unet")
    unet.save_pretrained(tmp_path)
    again = ToonCrafterUNet.from_pretrained(tmp_path)
    assert isinstance(again, ToonCrafterUNet)
    with torch.inference_mode():
        given = latents(2), 500, tokens(32)
        assert off(again(*given).sample, unet(*given).sample) < BLOCK


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_stays_near(dtype: torch.dtype) -> None:
    unet: Any = ToonCrafterUNet(**TINY.unet)
    unet.load_state_dict(ruled_part("unet").state_dict())
    unet.to(dtype=dtype)
    unet.eval()
    with torch.inference_mode():
        made = unet(latents(2).to(dtype), 999, tokens(32).to(dtype), 10).sample
        exact = ruled_part("unet")(latents(2), 999, tokens(32), 10).sample
    assert made.dtype == dtype
    assert off(made, exact) < 0.1


if AT_HAND:

    @pytest.mark.parametrize("case", ["T16", "T12_all_tokens", "T8_per_frame", "T16_default_fs"])
    @torch.inference_mode()
    def test_published_outputs(case: str) -> None:
        given = stored("unet")
        made = published_part("unet")(
            given[f"{case}.x"],
            given[f"{case}.timesteps"],
            given[f"{case}.context"],
            given.get(f"{case}.fs"),
        ).sample
        assert off(made, given[f"{case}.out"]) < BLOCK

    @torch.inference_mode()
    def test_published_training_step() -> None:
        given = stored("training_step")
        noisy = torch.cat((given["x_noisy"], given["concat"]), 1)
        made = published_part("unet")(noisy, given["t"], given["context"], given["fs"]).sample
        assert off(made, given["pred"]) < BLOCK
        loss = (made - given["v_target"]).square().mean()
        assert float(loss) == pytest.approx(float(given["loss"]), rel=BLOCK)


@torch.inference_mode()
@pytest.mark.parametrize("units", [1, 2])
def test_coarse_features_are_kept(units: int) -> None:
    unet = ruled_part("unet")
    sample, context = 2 * ruled((1, 8, 3, 4, 8), 1), 2 * ruled((1, 77 + 48, 32), 2)
    whole = unet(sample, 500, context, 10).sample
    deep = Deep(units)
    assert torch.equal(unet(sample, 500, context, 10, deep=deep).sample, whole)
    # The same question is answered the same from what was kept, another one nearly.
    assert torch.equal(unet(sample, 500, context, 10, deep=deep).sample, whole)
    other = unet(sample + 0.05 * ruled(tuple(sample.shape), 3), 480, context, 10)
    near = unet(sample + 0.05 * ruled(tuple(sample.shape), 3), 480, context, 10, deep=deep)
    assert 0 < off(near.sample, other.sample) < off(whole, other.sample)
