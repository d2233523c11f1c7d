"""Compare this implementation with stored results of the published one.

    python -m genani.engines.inbetween.tooncrafter.verify DIR

DIR holds the tiny model's weights (`weights_*.safetensors`) and what the published code made with
them. A line is printed for each stored output: relative error (largest difference over largest
value) and bound. The exit code is 1 if one is over its bound, 2 if there is nothing to compare.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.checkpoint import read
from genani.engines.inbetween.tooncrafter.geometry import published_crop
from genani.engines.inbetween.tooncrafter.schedule import buffers, schedule
from genani.engines.inbetween.tooncrafter.scheduler import ToonCrafterScheduler
from genani.engines.inbetween.tooncrafter.verify_runs import run_checks
from genani.engines.inbetween.tooncrafter.verify_tools import BLOCK, Check, Goldens, error_of
from genani.scene.errors import GenAniError, ModelError

Stored = Mapping[str, Tensor]
Checks = Iterator[Check]

_TABLE = 1e-6


@torch.inference_mode()
def checks(folder: Path) -> Checks:
    """Every stored output in a folder, compared, file after file.

    Raises:
        ModelError: weights that a comparison needs are missing or damaged.
    """
    goldens = Goldens(folder)
    for name, compare in _FILES.items():
        path = folder / f"{name}.safetensors"
        if path.is_file():
            yield from (check.within(name) for check in compare(goldens, read(path)))
    for path in sorted(folder.glob("pipeline_*.safetensors")):
        yield from (check.within(path.stem) for check in run_checks(goldens, path))


def main(arguments: list[str] | None = None) -> int:
    """Compare and tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Compare ToonCrafter with stored results of the published code."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the results lie")
    folder = parser.parse_args(arguments).folder
    over, count = 0, 0
    try:
        if not folder.is_dir():
            raise ModelError(f"{folder} is not a folder")
        for check in checks(folder):
            count += 1
            over += not check.passed
            print(check, flush=True)
    except GenAniError as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    if not count:
        print(f"verify: {folder} holds no stored results", file=sys.stderr)
        return 2
    print(f"{count} outputs, {over} over their bound")
    return 1 if over else 0


def _schedule_buffers(goldens: Goldens, stored: Stored) -> Checks:
    del goldens
    ours = buffers()
    for name, wanted in stored.items():
        yield Check(name, error_of(torch.from_numpy(ours[name]), wanted), _TABLE)


def _schedule_tables(goldens: Goldens, stored: Stored) -> Checks:
    del goldens
    scale = schedule().scale
    for name, wanted in stored.items():
        count, _, table = name.partition(".")
        scheduler = ToonCrafterScheduler()
        scheduler.set_timesteps(int(count.removeprefix("S")))
        # Stored from the last step to the first.
        steps = scheduler.timesteps.flip(0).tolist()
        factors = [scheduler.factors(step, eta=1.0) for step in steps]
        made: list[float] = {
            "timesteps": lambda steps=steps: steps,
            "alphas": lambda factors=factors: [by.signal**2 for by in factors],
            "alphas_prev": lambda factors=factors: [by.next_signal**2 for by in factors],
            "sigmas": lambda factors=factors: [by.sigma for by in factors],
            "scale": lambda steps=steps: [float(scale[step]) for step in steps],
            "scale_prev": lambda steps=steps, factors=factors: [
                float(scale[step]) * by.rescale for step, by in zip(steps, factors, strict=True)
            ],
        }[table]()
        bound = 0.0 if table == "timesteps" else _TABLE
        yield Check(name, error_of(torch.tensor(made, dtype=torch.float64), wanted), bound)


def _unet(goldens: Goldens, stored: Stored) -> Checks:
    unet = goldens.part("unet")
    for case in dict.fromkeys(name.partition(".")[0] for name in stored):
        taps = [name for name in stored if name.startswith(f"{case}.tap.")]
        with _Tapped(unet, [name.removeprefix(f"{case}.tap.") for name in taps]) as seen:
            out = unet(
                stored[f"{case}.x"],
                stored[f"{case}.timesteps"],
                stored[f"{case}.context"],
                stored.get(f"{case}.fs"),
            ).sample
        for name in taps:
            made = seen[name.removeprefix(f"{case}.tap.")]
            wanted = stored[name]
            if wanted.ndim == 5:
                wanted = wanted.transpose(1, 2).flatten(0, 1)
            yield Check(name, error_of(made, wanted), BLOCK)
        yield Check(f"{case}.out", error_of(out, stored[f"{case}.out"]), BLOCK)


class _Tapped:
    """Keeps what published blocks of the network give while it is used."""

    def __init__(self, unet: nn.Module, names: list[str]) -> None:
        self._seen: dict[str, Tensor] = {}
        self._hooks = [
            unet.get_submodule(_module_of(name, unet)).register_forward_hook(self._keeper(name))
            for name in names
        ]

    def __enter__(self) -> dict[str, Tensor]:
        return self._seen

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _keeper(self, name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def keep(_module: nn.Module, _given: Any, made: Tensor) -> None:
            self._seen[name] = made

        return keep


def _module_of(name: str, unet: nn.Module) -> str:
    """Which of our modules gives what a published block gives."""
    plain = {"input_blocks.0": "conv_in", "init_attn": "first_temporal", "middle_block": "middle.1"}
    if name in plain:
        return plain[name]
    side, number, *role = name.split(".")
    layers = len(unet.get_submodule("down.0.units")._modules)
    if side == "input_blocks":
        level, unit = divmod(int(number) - 1, layers + 1)
        if unit == layers:
            return f"down.{level}.resize"
        inside = f".{('residual', 'spatial', 'temporal')[int(role[0])]}" if role else ""
        return f"down.{level}.units.{unit}{inside}"
    level, unit = divmod(int(number), layers + 1)
    last = level == len(unet.get_submodule("up")._modules) - 1
    return f"up.{level}.resize" if unit == layers and not last else f"up.{level}.units.{unit}"


def _vae(goldens: Goldens, stored: Stored) -> Checks:
    vae = goldens.part("vae")
    encoded = vae.encode(stored["image_pair"])
    yield Check("moments", error_of(encoded.posterior.parameters, stored["moments"]), BLOCK)
    references = encoded.references()
    for index, reference in enumerate(references):
        name = f"ref_context.{index}"
        yield Check(name, error_of(reference, stored[name]), BLOCK)
    latents = stored["latent_frames"].transpose(0, 1)[None]
    for name in ("decoded_T16", "decoded_T14", "decoded_T16_no_ref"):
        frames = len(stored[name])
        seen = None if name.endswith("no_ref") else references
        made = vae.decode(latents[:, :, :frames], seen)[0].transpose(0, 1)
        yield Check(name, error_of(made, stored[name]), BLOCK)


def _resampler(goldens: Goldens, stored: Stored) -> Checks:
    made = goldens.part("image_projector")(stored["image_features"])
    yield Check("out", error_of(made, stored["out"]), BLOCK)


def _text(goldens: Goldens, stored: Stored) -> Checks:
    made = goldens.part("text_encoder")(stored["tiny_token_ids"]).last_hidden_state
    yield Check("penultimate_out", error_of(made, stored["penultimate_out"]), BLOCK)


def _image(goldens: Goldens, stored: Stored) -> Checks:
    tower = goldens.part("image_encoder")
    picture = (stored["image_u8_320x512"][None].float() / 255 - 0.5) * 2
    pixels = clip.pixels(picture)
    yield Check("clip_pixels_224", error_of(pixels, stored["clip_pixels_224"]), BLOCK)
    # The upper left 200 rows and 150 columns; every seventh pixel of the result is stored.
    part = clip.pixels(picture[:, :, :200, :150])[:, :, ::7, ::7]
    name = "clip_pixels_224_from_200x150"
    yield Check(name, error_of(part, stored[name]), BLOCK)
    made = tower(stored["clip_pixels_224"]).last_hidden_state
    yield Check("tokens_out", error_of(made, stored["tokens_out"]), BLOCK)
    grey = tower(clip.pixels(torch.zeros_like(picture))).last_hidden_state
    yield Check("zero_image_tokens", error_of(grey, stored["zero_image_tokens"]), BLOCK)


def _training_step(goldens: Goldens, stored: Stored) -> Checks:
    scheduler = ToonCrafterScheduler()
    given = stored["z"], stored["noise"], stored["t"]
    noisy, target = scheduler.add_noise(*given), scheduler.get_velocity(*given)
    yield Check("x_noisy", error_of(noisy, stored["x_noisy"]), BLOCK)
    yield Check("v_target", error_of(target, stored["v_target"]), BLOCK)
    seen = torch.cat((noisy, stored["concat"]), 1)
    made = goldens.part("unet")(seen, stored["t"], stored["context"], stored["fs"]).sample
    yield Check("pred", error_of(made, stored["pred"]), BLOCK)
    loss = (made - target).square().mean()
    yield Check("loss", error_of(loss.reshape(1), stored["loss"]), BLOCK)


def _geometry(goldens: Goldens, stored: Stored) -> Checks:
    del goldens
    for name, wanted in stored.items():
        size = name.removeprefix("crop_").split("x")
        height, width = wanted.shape[:2]
        made = published_crop(_test_card(int(size[0]), int(size[1])), width, height)
        yield Check(name, error_of(torch.from_numpy(np.array(made)), wanted), 0.0)


def _test_card(width: int, height: int) -> Image.Image:
    """Red rises to the right, green downwards, blue is a board of squares of five pixels."""
    y, x = np.mgrid[:height, :width]
    colours = x * 255 // width, y * 255 // height, (x // 5 + y // 5) % 2 * 255
    return Image.fromarray(np.stack(colours, -1).astype(np.uint8))


_FILES: Mapping[str, Callable[[Goldens, Stored], Checks]] = {
    "schedule_buffers": _schedule_buffers,
    "schedule_tables": _schedule_tables,
    "unet": _unet,
    "vae": _vae,
    "resampler": _resampler,
    "text": _text,
    "image": _image,
    "training_step": _training_step,
    "geometry": _geometry,
}

if __name__ == "__main__":
    sys.exit(main())
