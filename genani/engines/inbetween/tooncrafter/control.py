"""Line drawings that say how the frames between the keys look: the published sketch encoder.

The encoder is a ControlNet (Zhang et al., 2023) of Stable Diffusion 2's form, asked for each frame
on its own. How its published weights are to be used was never published: channels, hint and
strength follow what two independent rebuilders agree on, and wait for a look at real results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from PIL import Image, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional

from genani.engines.inbetween.tooncrafter.checkpoint import Tensors, read
from genani.engines.inbetween.tooncrafter.layers import folded
from genani.scene.errors import ModelError

STRENGTH = 0.6
"""What is added is scaled by this, as its rebuilders found."""

PUBLISHED: Mapping[str, Any] = {
    "in_channels": 4,
    "conditioning_channels": 1,
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "attention_head_dim": (5, 10, 20, 20),
    "cross_attention_dim": 1024,
    "use_linear_projection": True,
}

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")

Rules = Sequence[tuple[str, str]]

_TOP: Rules = (
    (r"^time_embed\.0\.", "time_embedding.linear_1."),
    (r"^time_embed\.2\.", "time_embedding.linear_2."),
    (r"^input_blocks\.0\.0\.", "conv_in."),
    (r"^zero_convs\.(\d+)\.0\.", r"controlnet_down_blocks.\1."),
    (r"^middle_block_out\.0\.", "controlnet_mid_block."),
    (r"^middle_block\.0\.", "mid_block.resnets.0."),
    (r"^middle_block\.1\.", "mid_block.attentions.0."),
    (r"^middle_block\.2\.", "mid_block.resnets.1."),
)

_RESIDUAL: Rules = (
    (r"\.in_layers\.0\.", ".norm1."),
    (r"\.in_layers\.2\.", ".conv1."),
    (r"\.emb_layers\.1\.", ".time_emb_proj."),
    (r"\.out_layers\.0\.", ".norm2."),
    (r"\.out_layers\.3\.", ".conv2."),
    (r"\.skip_connection\.", ".conv_shortcut."),
)


@dataclass(frozen=True)
class Residuals:
    """What the encoder adds to the video network.

    Attributes:
        skips: (B*T, C, h, w) each, in the order of the way down.
        middle: added after the middle.
    """

    skips: tuple[Tensor, ...]
    middle: Tensor


class SketchControl:
    """A sketch encoder with the lines it is shown.

    Args:
        encoder: in evaluation mode, where it is to run.
        lines: (N, 1, H, W) in 0..1, white lines on black, in order from key to key.
        strength: on what is added; 0 adds nothing.
    """

    def __init__(self, encoder: ControlNetModel, lines: Tensor, strength: float = STRENGTH) -> None:
        self._encoder, self._lines, self._strength = encoder, lines, strength

    @torch.inference_mode()
    def __call__(self, noisy: Tensor, step: Tensor | int, context: Tensor) -> Residuals:
        """What is added for noisy latents (B, 4, T, h, w) with context (B, N, D)."""
        frames = noisy.shape[2]
        shown, which = self._shown(frames, *noisy.shape[3:])
        batch = len(noisy)
        hint = shown.to(noisy.device, self._encoder.dtype).repeat(batch, 1, 1, 1)
        steps = torch.as_tensor(step, device=noisy.device).reshape(-1).expand(batch)
        skips, middle = self._encoder(
            folded(noisy).to(self._encoder.dtype),
            steps.repeat_interleave(frames),
            context.to(self._encoder.dtype).repeat_interleave(frames, 0),
            hint,
            conditioning_scale=self._strength,
            return_dict=False,
        )
        # A frame without a sketch is left alone.
        mask = which.to(noisy.device, noisy.dtype).repeat(batch)[:, None, None, None]
        return Residuals(tuple(skip.to(noisy.dtype) * mask for skip in skips), middle * mask)

    def _shown(self, frames: int, tall: int, wide: int) -> tuple[Tensor, Tensor]:
        """(T, 1, 8h, 8w) lines, and (T,) whether a frame has any."""
        height, width = 8 * tall, 8 * wide
        count = len(self._lines)
        places = (
            range(frames)
            if count >= frames
            else [round((at + 1) * (frames - 1) / (count + 1)) for at in range(count)]
        )
        picked = [round(at * (count - 1) / (frames - 1)) for at in range(frames)]
        made, which = torch.zeros(frames, 1, height, width), torch.zeros(frames)
        for order, place in enumerate(places):
            index = picked[place] if count >= frames else order
            made[place] = _fitted(self._lines[index], height, width)
            which[place] = 1
        return made, which


def read_encoder(path: Path, settings: Mapping[str, Any] = PUBLISHED) -> ControlNetModel:
    """The published sketch encoder, `sketch_encoder.ckpt`, or a safetensors version of it.

    Raises:
        ModelError: damaged, with code in it, or another network.
    """
    tensors = read(path)
    with torch.device("meta"):
        encoder = ControlNetModel(**settings)
    state = _placed(tensors, encoder, path)
    encoder.load_state_dict(state, assign=True)
    return encoder.eval()


def read_lines(folder: Path) -> Tensor:
    """(N, 1, H, W) in 0..1: the drawings in a folder by name, their lines white on black.

    Raises:
        ModelError: no folder, no pictures, of different sizes, or damaged.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder} is not there: the setting 'sketches' names a folder")
    files = sorted(each for each in folder.iterdir() if each.suffix.lower() in _PICTURES)
    if not files:
        raise ModelError(f"{folder} holds no pictures to take as sketches")
    made = [_line_art(file) for file in files]
    if len({each.shape for each in made}) > 1:
        raise ModelError(f"the sketches in {folder} must have one size")
    return torch.from_numpy(np.stack(made))[:, None]


def _line_art(file: Path) -> np.ndarray:
    try:
        with Image.open(file) as opened:
            drawn = opened.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ModelError(f"{file} is damaged or no picture") from error
    paper = Image.new("RGBA", drawn.size, (255, 255, 255, 255))
    grey = Image.alpha_composite(paper, drawn).convert("L")
    return 1 - np.asarray(grey, np.float32) / 255


def _fitted(lines: Tensor, height: int, width: int) -> Tensor:
    """(1, H, W) brought whole to the middle of the canvas, nothing around it."""
    tall, wide = lines.shape[1:]
    scale = min(height / tall, width / wide)
    inside = max(1, round(tall * scale)), max(1, round(wide * scale))
    small = functional.interpolate(lines[None], inside, mode="bilinear", antialias=True)[0]
    top, left = (height - inside[0]) // 2, (width - inside[1]) // 2
    right, below = width - inside[1] - left, height - inside[0] - top
    return functional.pad(small, (left, right, top, below))


def _placed(tensors: Tensors, encoder: ControlNetModel, path: Path) -> dict[str, Tensor]:
    missing = dict(encoder.state_dict())
    state: dict[str, Tensor] = {}
    for key in tensors:
        name = _name(key, encoder)
        tensor = tensors[key]
        wanted = missing.pop(name, None)
        if wanted is None:
            raise ModelError(f"{path} is no sketch encoder: nothing in one is called {key}")
        if tensor.numel() != wanted.numel() or not tensor.is_floating_point():
            raise ModelError(f"{path} is no sketch encoder: {key} has another shape or type")
        state[name] = tensor.clone().reshape(wanted.shape)
    if missing:
        raise ModelError(
            f"{path} is incomplete: {len(missing)} parameters of the sketch encoder are missing, "
            f"such as {next(iter(missing))}"
        )
    return state


def _name(key: str, encoder: ControlNetModel) -> str:
    """A published key's name in diffusers' class; whatever stands before it is cut off."""
    found = re.search(
        r"(?:^|\.)((time_embed|input_blocks|input_hint_block|zero_convs|middle_block(_out)?)\..*)",
        key,
    )
    name = found[1] if found else key
    for pattern, replacement in _TOP:
        name = re.sub(pattern, replacement, name)
    name = re.sub(r"^input_hint_block\.(\d+)\.", lambda hit: _hint(int(hit[1]), encoder), name)
    name = re.sub(r"^input_blocks\.(\d+)\.(\d)\.(op\.)?", lambda hit: _block(hit, encoder), name)
    for pattern, replacement in _RESIDUAL:
        name = re.sub(pattern, replacement, name)
    return name


def _hint(index: int, encoder: ControlNetModel) -> str:
    last = len(encoder.controlnet_cond_embedding.blocks) + 1
    place = index // 2
    if place == 0:
        return "controlnet_cond_embedding.conv_in."
    if place == last:
        return "controlnet_cond_embedding.conv_out."
    return f"controlnet_cond_embedding.blocks.{place - 1}."


def _block(hit: re.Match[str], encoder: ControlNetModel) -> str:
    layers = int(encoder.config["layers_per_block"])
    level, place = divmod(int(hit[1]) - 1, layers + 1)
    if place == layers:
        return f"down_blocks.{level}.downsamplers.0.conv."
    kind = "resnets" if hit[2] == "0" else "attentions"
    return f"down_blocks.{level}.{kind}.{place}."
