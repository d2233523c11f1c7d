"""Whole runs of the tiny model: repeatable, guided, cancelled, saved, and read from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from safetensors.torch import save_file

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.scene.errors import Cancelled, ModelError
from tests.engines.tooncrafter.goldens import BLOCK, noise, off
from tests.engines.tooncrafter.published import ruled, weights
from tests.engines.tooncrafter.test_checkpoint import as_pickle, as_safetensors, official, pruned


@pytest.fixture(scope="module")
def pipeline() -> ToonCrafterPipeline:
    parts = load(weights(TINY), "the rule", TINY).parts
    made = ToonCrafterPipeline(
        **parts, tokenizer=clip.tokenizer_of([]), scheduler=ToonCrafterScheduler()
    )
    made.set_progress_bar_config(disable=True)
    return made


def keys() -> dict[str, Any]:
    first = ruled((1, 3, 32, 64), 5)
    return {"first": first, "last": first.flip(3)}


def run(pipeline: ToonCrafterPipeline, seed: int = 0, **settings: Any) -> Any:
    given: dict[str, Any] = {
        "num_inference_steps": 2,
        "generator": torch.Generator().manual_seed(seed),
        "guidance_scale": 3.0,
        **keys(),
        **settings,
    }
    made: Any = pipeline(**given)
    return made.frames


def test_sixteen_frames_in_range(pipeline: ToonCrafterPipeline) -> None:
    frames = run(pipeline)
    assert frames.shape == (1, 16, 3, 32, 64)
    assert frames.dtype == torch.float32
    assert 0 <= frames.min() < frames.max() <= 1


def test_the_same_seed_draws_the_same(pipeline: ToonCrafterPipeline) -> None:
    assert torch.equal(run(pipeline, 1), run(pipeline, 1))
    assert not torch.equal(run(pipeline, 1), run(pipeline, 2))


@pytest.mark.parametrize("image", [None, 2.0])
def test_guidance_in_one_call_or_in_several(
    pipeline: ToonCrafterPipeline, image: float | None
) -> None:
    one, several = (
        run(pipeline, image_guidance_scale=image, batched_guidance=batched, output_type="latent")
        for batched in (True, False)
    )
    assert off(one, several) < 1e-4
    assert off(one, run(pipeline, guidance_scale=1.0, output_type="latent")) > 1e-2


def test_guidance_of_equal_branches_changes_nothing() -> None:
    velocity = noise(2, 4, 3, 4, 5)
    for guidance in (Guidance(1.0), Guidance(7.5, 0.7), Guidance(7.5, 0.7, 2.0)):
        branches = [velocity] * guidance.branches
        assert off(guidance.combined(branches), velocity) < 1e-6


def test_rescale_brings_the_contrast_back() -> None:
    full, nothing = noise(2, 4, 3, 4, 5), noise(2, 4, 3, 4, 5, seed=1)
    pushed = Guidance(7.5, 0.0).combined([full, nothing])
    assert torch.allclose(pushed, nothing + 7.5 * (full - nothing))
    calmed = Guidance(7.5, 1.0).combined([full, nothing])
    for index in range(2):
        assert float(calmed[index].std()) == pytest.approx(float(full[index].std()), rel=1e-4)
        assert pushed[index].std() > 3 * full[index].std()


def test_settings_matter(pipeline: ToonCrafterPipeline) -> None:
    usual = run(pipeline, output_type="latent")
    others: list[dict[str, Any]]
    others = [{"fs": 30}, {"prompt": "rain"}, {"negative_prompt": "rain"}, {"eta": 0.0}]
    for other in others:
        assert off(run(pipeline, output_type="latent", **other), usual) > 1e-4, other


def test_only_the_two_middle_frames_are_repaired(pipeline: ToonCrafterPipeline) -> None:
    plain, repaired = (run(pipeline, repair_middle=on) for on in (False, True))
    changed = (plain != repaired).flatten(2).any(2)[0].nonzero().flatten().tolist()
    assert changed == [7, 8]


def test_every_step_is_told_and_may_cancel(pipeline: ToonCrafterPipeline) -> None:
    seen: list[tuple[int, int]] = []

    def look(_pipe: Any, place: int, step: int, given: dict[str, Any]) -> dict[str, Any]:
        seen.append((place, step))
        assert given["latents"].shape == (1, 4, 16, 4, 8)
        if place == 1:
            raise Cancelled
        return {}

    with pytest.raises(Cancelled):
        run(pipeline, num_inference_steps=4, callback_on_step_end=look)
    assert seen == [(0, 999), (1, 749)]


def test_forms_of_what_is_drawn(pipeline: ToonCrafterPipeline) -> None:
    exact = run(pipeline, 3)[0].permute(0, 2, 3, 1).numpy()
    assert np.array_equal(run(pipeline, 3, output_type="np")[0], exact)
    pictures = run(pipeline, 3, output_type="pil")[0]
    assert len(pictures) == 16
    assert np.array_equal(np.asarray(pictures[9]), (exact[9] * 255).astype(np.uint8))
    with pytest.raises(ValueError, match="'gif' is not one of"):
        run(pipeline, output_type="gif")


def test_pictures_are_taken_too(pipeline: ToonCrafterPipeline) -> None:
    array = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)
    picture = PIL.Image.fromarray(array)
    tensor = torch.from_numpy(array).permute(2, 0, 1).float() / 127.5 - 1
    one = run(pipeline, first=picture, last=picture, output_type="latent")
    assert torch.equal(one, run(pipeline, first=tensor, last=tensor, output_type="latent"))


def test_keys_that_do_not_fit(pipeline: ToonCrafterPipeline) -> None:
    with pytest.raises(ValueError, match="one size"):
        run(pipeline, last=torch.zeros(1, 3, 32, 32))
    odd = torch.zeros(1, 3, 40, 64)
    with pytest.raises(ValueError, match=r"64 x 40 do not fit.*multiples of 32"):
        run(pipeline, first=odd, last=odd)


def test_two_pairs_at_once(pipeline: ToonCrafterPipeline) -> None:
    both: dict[str, Any] = {name: torch.cat((key, -key)) for name, key in keys().items()}
    frames = run(pipeline, **both, prompt=["rain", "snow"])
    assert frames.shape == (2, 16, 3, 32, 64)
    with pytest.raises(ValueError, match="1 texts were given for 2"):
        run(pipeline, **both, prompt=["rain"])


def test_saved_and_read(pipeline: ToonCrafterPipeline, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path)
    again: Any = ToonCrafterPipeline.from_pretrained(tmp_path)
    again.set_progress_bar_config(disable=True)
    assert off(run(again), run(pipeline)) < BLOCK


def test_single_files(pipeline: ToonCrafterPipeline, tmp_path: Path) -> None:
    made, words = weights(TINY), pipeline.tokenizer
    whole = ToonCrafterPipeline.from_single_file(
        as_pickle(official(made), tmp_path), words, sizes=TINY
    )
    small = as_safetensors(pruned(made), tmp_path)
    with pytest.raises(ModelError, match="comes without CLIP"):
        ToonCrafterPipeline.from_single_file(small, words, sizes=TINY)
    towers = tmp_path / "clip.safetensors"
    text, image = "cond_stage_model.model.", "embedder.model."
    save_file(
        {
            name.removeprefix(text).removeprefix(image): item
            for name, item in made.items()
            if name.startswith((text, f"{image}visual."))
        },
        towers,
    )
    joined = ToonCrafterPipeline.from_single_file(small, words, towers, sizes=TINY)
    wanted = run(pipeline, output_type="latent")
    for other in (whole, joined):
        other.set_progress_bar_config(disable=True)
        assert off(run(other, output_type="latent"), wanted) < BLOCK
    save_file({"visual.proj": torch.zeros(2)}, towers)
    with pytest.raises(ModelError, match="no OpenCLIP"):
        ToonCrafterPipeline.from_single_file(small, words, towers, sizes=TINY)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_finite_at_every_kind_of_count(
    dtype: torch.dtype, tmp_path: Path
) -> None:
    path = as_safetensors(weights(TINY), tmp_path)
    half = ToonCrafterPipeline.from_single_file(
        path, clip.tokenizer_of([]), dtype=dtype, vae_dtype=torch.bfloat16, sizes=TINY
    )
    half.set_progress_bar_config(disable=True)
    for count, scale in ((7, 1.0), (1, 7.5)):
        frames = run(half, num_inference_steps=count, guidance_scale=scale)
        assert torch.isfinite(frames).all()
        assert frames.std() > 0.01
