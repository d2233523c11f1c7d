"""Whole stored runs compared: conditions, each step by itself, the free run, the decodings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from genani.engines.inbetween.tooncrafter.checkpoint import read
from genani.engines.inbetween.tooncrafter.clip import tokenizer_of
from genani.engines.inbetween.tooncrafter.guidance import Guidance
from genani.engines.inbetween.tooncrafter.pipeline import Keys, ToonCrafterPipeline
from genani.engines.inbetween.tooncrafter.sampling import velocities
from genani.engines.inbetween.tooncrafter.schedule import leading, trailing
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler, ToonCrafterStep
from genani.engines.inbetween.tooncrafter.verify_arithmetic import published_arithmetic
from genani.engines.inbetween.tooncrafter.verify_tools import BLOCK, RUN, Check, Goldens, error_of
from genani.scene.errors import ModelError

Checks = Iterator[Check]
Stored = Mapping[str, Tensor]


def run_checks(goldens: Goldens, path: Path) -> Checks:
    """All outputs of one stored run.

    Raises:
        ModelError: nothing says how the run was made.
    """
    stored, said = read(path), arguments(goldens, path)
    pipeline = ToonCrafterPipeline(
        **goldens.parts(), tokenizer=tokenizer_of([]), scheduler=ToonCrafterScheduler()
    )
    pipeline.set_progress_bar_config(disable=True)
    pair = goldens.stored("vae")["image_pair"]
    noise = stored["posterior_noise"]
    # The published code draws noise for sixteen frames and uses the ends.
    ends = torch.stack((noise[0], noise[-1]))
    frames = stored["x_T"].shape[2]
    keys = pipeline.encode_keys(pair[:1], pair[1:], frames, noise=ends)
    yield from _conditions(pipeline, goldens, stored, said, keys, pair[:1])
    yield from _steps(pipeline, stored, said)
    yield from _free_run(pipeline, stored, said, keys)


def arguments(goldens: Goldens, path: Path) -> dict[str, Any]:
    """How a run was made, as its file or the index says."""
    with safe_open(path, framework="pt") as file:
        notes = file.metadata() or {}
    said = json.loads(notes["args"]) if "args" in notes else _found(goldens.index, path.stem)
    if said is None:
        raise ModelError(f"neither {path} nor the index beside it says how the run was made")
    return said


def _found(index: Any, name: str) -> dict[str, Any] | None:
    """The settings of a run somewhere in the index, under its name."""
    if not isinstance(index, dict):
        return None
    for key, value in index.items():
        if key.startswith(name) and isinstance(value, dict) and "ddim_steps" in value:
            return value
        if key.startswith(name) and isinstance(value, dict) and "args" in value:
            inner = value["args"]
            return json.loads(inner) if isinstance(inner, str) else inner
        if (deeper := _found(value, name)) is not None:
            return deeper
    return None


def _guidance(said: Mapping[str, Any]) -> Guidance:
    scale = float(said.get("guidance_scale", 1.0))
    image = said.get("cfg_img")
    if image is None and said.get("multiple_cond_cfg"):
        image = scale
    return Guidance(scale, float(said.get("guidance_rescale", 0.0)), image)


def _conditions(
    pipeline: ToonCrafterPipeline,
    goldens: Goldens,
    stored: Stored,
    said: Mapping[str, Any],
    keys: Keys,
    starts: Tensor,
) -> Checks:
    yield Check("concat_latents", error_of(keys.condition, stored["concat_latents"]), BLOCK)
    for index, reference in enumerate(keys.references):
        name = f"ref_context.{index}"
        if name in stored:
            yield Check(name, error_of(reference, stored[name]), BLOCK)
    words = _words(goldens)
    pictures = {"context_cond": starts, "context_uncond": torch.zeros_like(starts)}
    prompts = {"context_cond": said.get("prompt"), "context_uncond": ""}
    for name, picture in pictures.items():
        ids = words.get(prompts[name])
        if name not in stored or ids is None:
            continue
        with torch.inference_mode():
            text = pipeline.text_encoder(ids[None]).last_hidden_state
        made = torch.cat((text, pipeline.encode_image(picture)), 1)
        yield Check(name, error_of(made, stored[name]), BLOCK)


def _words(goldens: Goldens) -> dict[Any, Tensor]:
    """Token ids of the texts whose ids are stored."""
    path = goldens.folder / "text.safetensors"
    if not path.is_file():
        return {}
    with safe_open(path, framework="pt") as file:
        notes = file.metadata() or {}
        ids = file.get_tensor("tiny_token_ids")
    texts = json.loads(notes.get("args", "{}")).get("prompts", [])
    texts = json.loads(texts) if isinstance(texts, str) else texts
    return dict(zip(texts, ids, strict=False))


def _contexts(stored: Stored, guidance: Guidance) -> list[Tensor]:
    full = stored["context_cond"]
    if guidance.branches == 1:
        return [full]
    nothing = stored["context_uncond"]
    picture = stored.get("context_img", torch.cat((nothing[:, :77], full[:, 77:]), 1))
    return [full, nothing, picture][: guidance.branches]


def _set_steps(pipeline: ToonCrafterPipeline, stored: Stored, said: Mapping[str, Any]) -> None:
    count = len(stored["x_at_step"])
    spacing = str(said.get("timestep_spacing", "uniform_trailing"))
    steps = trailing(count) if "trailing" in spacing else leading(int(said["ddim_steps"]))
    pipeline.scheduler.set_timesteps(timesteps=steps)


def _steps(pipeline: ToonCrafterPipeline, stored: Stored, said: Mapping[str, Any]) -> Checks:
    """Each step fed with what was stored before it.

    Guidance multiplies rounding, so the nearer of two orders of summation counts: this machine's
    attention kernel, and the published code's own.
    """
    _set_steps(pipeline, stored, said)
    after = [*stored["x_at_step"][1:], stored["z_final"]]
    for place, step in enumerate(pipeline.scheduler.timesteps.tolist()):
        made = _step(pipeline, stored, said, place, step)
        with published_arithmetic():
            again = _step(pipeline, stored, said, place, step)
        last = place + 1 == len(after)
        arrived = "z_final after one step" if last else f"x_at_step.{place + 1}"
        outputs = (
            (f"pred_x0_at_step.{place}", "pred_original_sample", stored["pred_x0_at_step"][place]),
            (arrived, "prev_sample", after[place]),
        )
        for name, field, wanted in outputs:
            errors = [error_of(getattr(one, field), wanted) for one in (made, again)]
            yield Check(name, min(errors), BLOCK)


def _step(
    pipeline: ToonCrafterPipeline, stored: Stored, said: Mapping[str, Any], place: int, step: int
) -> ToonCrafterStep:
    guidance = _guidance(said)
    sample = stored["x_at_step"][place]
    noisy = torch.cat((sample, stored["concat_latents"]), 1)
    contexts, fs = _contexts(stored, guidance), int(said.get("fs", 10))
    found = velocities(pipeline.unet, noisy, step, contexts, fs, batched=False)
    return pipeline.scheduler.step(
        guidance.combined(found),
        step,
        sample,
        float(said.get("eta", 0.0)),
        variance_noise=stored["step_noise"][place],
    )


def _free_run(
    pipeline: ToonCrafterPipeline, stored: Stored, said: Mapping[str, Any], keys: Keys
) -> Checks:
    """From the first noise on, by itself, and what is decoded of it."""
    _set_steps(pipeline, stored, said)
    guidance = _guidance(said)
    latents = pipeline.denoise(
        stored["x_T"],
        keys.condition,
        _contexts(stored, guidance),
        guidance,
        float(said.get("eta", 0.0)),
        int(said.get("fs", 10)),
        noises=list(stored["step_noise"]),
    )
    yield Check("z_final", error_of(latents, stored["z_final"]), RUN)
    whole = pipeline.decode(latents, keys.references, repair_middle=False)
    yield Check("decoded_16", error_of(whole, stored["decoded_16"]), RUN)
    frames = latents.shape[2]
    keep = [frame for frame in range(frames) if frame not in (1, frames - 2)]
    fewer = pipeline.decode(latents[:, :, keep], keys.references, repair_middle=False)
    yield Check("decoded_14", error_of(fewer, stored["decoded_14"]), RUN)
    video = pipeline.decode(latents, keys.references)
    yield Check("video_out", error_of(video, stored["video_out"]), RUN)
