"""The comparison with stored results: passes what is right, names what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from genani.engines.inbetween.tooncrafter import clip, verify
from genani.engines.inbetween.tooncrafter.checkpoint import load
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.sampling import velocities
from genani.engines.inbetween.tooncrafter.schedule import buffers
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.sizes import TINY
from genani.engines.inbetween.tooncrafter.verify_runs import arguments, run_checks
from genani.engines.inbetween.tooncrafter.verify_tools import Check, Goldens, error_of
from tests.engines.tooncrafter.goldens import AT_HAND, FOLDER, noise
from tests.engines.tooncrafter.published import ruled, weights

PARTS = {
    "weights_unet": "model.diffusion_model.",
    "weights_vae": "first_stage_model.",
    "weights_text": "cond_stage_model.",
    "weights_image": "embedder.",
    "weights_resampler": "image_proj_model.",
}


def write(folder: Path, name: str, tensors: dict[str, Tensor], said: object = None) -> None:
    notes = {"args": json.dumps(said)} if said else None
    kept = {key: item.contiguous() for key, item in tensors.items()}
    save_file(kept, folder / f"{name}.safetensors", notes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the rule's weights give, laid out as stored results of the published code are."""
    place = tmp_path_factory.mktemp("goldens")
    made = weights(TINY)
    for name, prefix in PARTS.items():
        write(place, name, {key: item for key, item in made.items() if key.startswith(prefix)})
    tables = {name: torch.from_numpy(table).float() for name, table in buffers().items()}
    write(place, "schedule_buffers", tables)
    with torch.inference_mode():
        _write_run(place, load(made, "the rule", TINY).parts)
    return place


def _write_run(place: Path, parts: Mapping[str, Any]) -> None:
    """A run of three branches of guidance with irregular steps and fresh noise."""
    pipeline = ToonCrafterPipeline(
        **parts,
        tokenizer=clip.tokenizer_of([]),
        scheduler=ToonCrafterScheduler(),
    )
    pipeline.set_progress_bar_config(disable=True)
    pair, spread = ruled((2, 3, 32, 64), 1), noise(16, 4, 4, 8)
    write(place, "vae", _vae_outputs(pipeline, pair))
    keys = pipeline.encode_keys(pair[:1], pair[1:], noise=spread[[0, 15]])
    guidance = Guidance(4.0, 0.7, 2.0)
    full, nothing = (2 * ruled((1, 333, 32), index) for index in (5, 6))
    picture = torch.cat((nothing[:, :77], full[:, 77:]), 1)
    steps = list(noise(3, 1, 4, 16, 4, 8, seed=3))
    start = noise(1, 4, 16, 4, 8, seed=4)
    before, clean = [], []
    pipeline.scheduler.set_timesteps(3)
    latents = start
    for index, step in enumerate(pipeline.scheduler.timesteps.tolist()):
        before.append(latents)
        noisy = torch.cat((latents, keys.condition), 1)
        said = velocities(pipeline.unet, noisy, step, [full, nothing, picture], 8)
        after = pipeline.scheduler.step(
            guidance.combined(said), step, latents, 1.0, variance_noise=steps[index]
        )
        latents = after.prev_sample
        clean.append(after.pred_original_sample)
    fewer = latents[:, :, [frame for frame in range(16) if frame not in (1, 14)]]
    outputs = {
        "posterior_noise": spread,
        "x_T": start,
        "step_noise": torch.stack(steps),
        "context_cond": full,
        "context_uncond": nothing,
        "concat_latents": keys.condition,
        "x_at_step": torch.stack(before),
        "pred_x0_at_step": torch.stack(clean),
        "z_final": latents,
        "decoded_16": pipeline.decode(latents, keys.references, repair_middle=False),
        "decoded_14": pipeline.decode(fewer, keys.references, repair_middle=False),
        "video_out": pipeline.decode(latents, keys.references),
    }
    said = {
        "ddim_steps": 3,
        "eta": 1.0,
        "fs": 8,
        "guidance_scale": 4.0,
        "guidance_rescale": 0.7,
        "multiple_cond_cfg": True,
        "cfg_img": 2.0,
        "timestep_spacing": "uniform_trailing",
    }
    write(place, "pipeline_Q", outputs, said)


def _vae_outputs(pipeline: ToonCrafterPipeline, pair: Tensor) -> dict[str, Tensor]:
    encoded = pipeline.vae.encode(pair)
    references = encoded.references()
    latents = ruled((16, 4, 4, 8), 2)
    video = latents.transpose(0, 1)[None]
    return {
        "image_pair": pair,
        "moments": encoded.posterior.parameters,
        **{f"ref_context.{index}": item for index, item in enumerate(references)},
        "latent_frames": latents,
        "decoded_T16": pipeline.vae.decode(video, references)[0].transpose(0, 1),
        "decoded_T14": pipeline.vae.decode(video[:, :, :14], references)[0].transpose(0, 1),
        "decoded_T16_no_ref": pipeline.vae.decode(video)[0].transpose(0, 1),
    }


def test_what_is_right_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(folder)]) == 0
    told = capsys.readouterr().out
    assert "pipeline_Q: z_final  " in told
    assert "vae: decoded_T14" in told
    assert told.splitlines()[-1] == f"{len(told.splitlines()) - 1} outputs, 0 over their bound"


@pytest.mark.parametrize("fault", [0.01, float("nan")])
def test_one_wrong_number_is_found(
    folder: Path, fault: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {name: torch.from_numpy(table).float() for name, table in buffers().items()}
    tables["betas"][500] += fault
    write(tmp_path, "schedule_buffers", tables)
    assert verify.main([str(tmp_path)]) == 1
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.endswith("OVER")]
    assert len(wrong) == 1
    assert "betas" in wrong[0]


def test_errors() -> None:
    ones = torch.ones(2)
    assert error_of(ones, 2 * ones) == 0.5
    assert error_of(ones, torch.ones(3)) == float("inf")
    assert error_of(torch.full((2,), float("nan")), ones) == float("inf")
    assert error_of(torch.zeros(2), torch.zeros(2)) == 0
    assert not Check("x", 2e-5, 1e-5).passed
    assert not Check("x", float("nan"), 1e-5).passed


def test_nothing_to_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(tmp_path)]) == 2
    assert "holds no stored results" in capsys.readouterr().err
    assert verify.main([str(tmp_path / "none")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_results_without_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet", {"T16.x": torch.zeros(1)})
    assert verify.main([str(tmp_path)]) == 2
    assert "weights_unet.safetensors is not there" in capsys.readouterr().err


def test_a_run_nobody_describes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "pipeline_X", {"x_T": torch.zeros(1)})
    assert verify.main([str(tmp_path)]) == 2
    assert "says how the run was made" in capsys.readouterr().err


def test_the_index_may_describe_runs(tmp_path: Path) -> None:
    index = {"files": {"pipeline_X.safetensors": {"args": {"ddim_steps": 3, "eta": 1.0}}}}
    (tmp_path / "index.json").write_text(json.dumps(index), "utf-8")
    write(tmp_path, "pipeline_X", {"x_T": torch.zeros(1)})
    said = arguments(Goldens(tmp_path), tmp_path / "pipeline_X.safetensors")
    assert said == {"ddim_steps": 3, "eta": 1.0}


if AT_HAND:

    @pytest.mark.parametrize("path", sorted(FOLDER.glob("pipeline_*")), ids=lambda path: path.stem)
    def test_published_runs(path: Path) -> None:
        with torch.inference_mode():
            found = list(run_checks(Goldens(FOLDER), path))
        assert len(found) >= 10
        assert [str(check) for check in found if not check.passed] == []

    def test_published_geometry_and_tables(tmp_path: Path) -> None:
        for name in ("geometry", "schedule_tables", "schedule_buffers"):
            (tmp_path / f"{name}.safetensors").symlink_to(FOLDER / f"{name}.safetensors")
        assert verify.main([str(tmp_path)]) == 0
