"""Sketches: the published encoder's layout is read, and what it says reaches the frames."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.controlnets.controlnet import ControlNetModel
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from genani.engines.inbetween.tooncrafter.control import (
    PUBLISHED,
    SketchControl,
    read_encoder,
    read_lines,
)
from genani.engines.inbetween.tooncrafter.unet import Deep
from genani.scene.errors import ModelError
from tests.engines.tooncrafter.goldens import noise
from tests.engines.tooncrafter.models import ruled_part
from tests.engines.tooncrafter.published import ruled

TINY: dict[str, Any] = {
    **PUBLISHED,
    "block_out_channels": (32, 32, 64),
    "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "layers_per_block": 1,
    "attention_head_dim": (2, 2, 4),
    "cross_attention_dim": 32,
}


def published_name(name: str, layers: int, hints: int) -> str:
    """The other way round: a name of diffusers' class as the published file has it."""
    if hit := re.match(r"down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.*)", name):
        number = 1 + int(hit[1]) * (layers + 1) + int(hit[3])
        name = f"input_blocks.{number}.{int(hit[2] == 'attentions')}.{hit[4]}"
    elif hit := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.*)", name):
        name = f"input_blocks.{(int(hit[1]) + 1) * (layers + 1)}.0.op.{hit[2]}"
    elif hit := re.match(r"controlnet_cond_embedding\.blocks\.(\d+)\.(.*)", name):
        name = f"input_hint_block.{2 * int(hit[1]) + 2}.{hit[2]}"
    elif hit := re.match(r"controlnet_down_blocks\.(\d+)\.(.*)", name):
        name = f"zero_convs.{hit[1]}.0.{hit[2]}"
    for ours, theirs in (
        ("conv_in.", "input_blocks.0.0."),
        ("controlnet_cond_embedding.conv_in.", "input_hint_block.0."),
        ("controlnet_cond_embedding.conv_out.", f"input_hint_block.{2 * hints + 2}."),
        ("controlnet_mid_block.", "middle_block_out.0."),
        ("mid_block.resnets.0.", "middle_block.0."),
        ("mid_block.attentions.0.", "middle_block.1."),
        ("mid_block.resnets.1.", "middle_block.2."),
        ("time_embedding.linear_1.", "time_embed.0."),
        ("time_embedding.linear_2.", "time_embed.2."),
        (".norm1.", ".in_layers.0."),
        (".conv1.", ".in_layers.2."),
        (".time_emb_proj.", ".emb_layers.1."),
        (".norm2.", ".out_layers.0."),
        (".conv2.", ".out_layers.3."),
        (".conv_shortcut.", ".skip_connection."),
    ):
        if ours[0] != ".":
            name = re.sub(f"^{re.escape(ours)}", theirs, name)
        elif "transformer_blocks" not in name:
            name = name.replace(ours, theirs)
    return f"control_model.{name}"


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """The tiny encoder's, as a published file has them."""
    encoder = ControlNetModel(**TINY)
    hints = len(encoder.controlnet_cond_embedding.blocks)
    return {
        published_name(name, 1, hints): 0.05 * ruled(tuple(item.shape), place)
        for place, (name, item) in enumerate(sorted(encoder.state_dict().items()))
    }


@pytest.fixture
def file(weights: dict[str, Tensor], tmp_path: Path) -> Path:
    path = tmp_path / "sketch_encoder.ckpt"
    torch.save({"state_dict": weights}, path)
    return path


def test_every_published_key_has_its_place(file: Path, weights: dict[str, Tensor]) -> None:
    encoder = read_encoder(file, TINY)
    assert len(encoder.state_dict()) == len(weights)
    assert torch.equal(encoder.conv_in.weight, weights["control_model.input_blocks.0.0.weight"])
    assert torch.equal(
        encoder.controlnet_mid_block.weight, weights["control_model.middle_block_out.0.weight"]
    )


def test_the_published_size() -> None:
    with torch.device("meta"):
        encoder = ControlNetModel(**PUBLISHED)
    # 1.46 GB in float32, as the published file has.
    assert 1.45e9 < 4 * sum(item.numel() for item in encoder.parameters()) < 1.47e9


def test_files_that_do_not_fit(weights: dict[str, Tensor], tmp_path: Path) -> None:
    path = tmp_path / "sketch.safetensors"
    name = next(iter(weights))
    for change, words in (
        ({"unet.weight": torch.zeros(2)}, "nothing in one is called unet.weight"),
        ({name: torch.zeros(3)}, "has another shape"),
        ({name: weights[name].to(torch.int8)}, "another shape or type"),
    ):
        save_file({**weights, **change}, path)
        with pytest.raises(ModelError, match=words):
            read_encoder(path, TINY)
    save_file({k: v for k, v in weights.items() if k != name}, path)
    with pytest.raises(ModelError, match="1 parameters of the sketch encoder are missing"):
        read_encoder(path, TINY)


def test_sketches_steer_the_network_where_they_stand(file: Path) -> None:
    unet = ruled_part("unet")
    lines = torch.zeros(1, 1, 32, 64)
    lines[:, :, 10:14] = 1
    sample, context = noise(1, 8, 16, 4, 8, seed=1), noise(1, 333, 32, seed=2)
    control = SketchControl(read_encoder(file, TINY), lines)
    added = control(sample[:, :4], 500, context)
    known = [bool(it.abs().sum() > 0) for it in added.middle]
    # One sketch stands in the middle of the sixteen frames, and steers no other.
    assert known.index(True) == 8
    assert sum(known) == 1
    dense = SketchControl(control._encoder, lines.repeat(16, 1, 1, 1))
    assert all(bool(it.abs().sum() > 0) for it in dense(sample[:, :4], 500, context).middle)
    with torch.inference_mode():
        plain = unet(sample, 500, context).sample
        try:
            unet.sketch = control
            steered = unet(sample, 500, context).sample
            unet.sketch = SketchControl(control._encoder, lines, 0.0)
            none = unet(sample, 500, context).sample
        finally:
            unet.sketch = None
    assert not torch.allclose(plain, steered)
    assert torch.equal(plain, none)


@torch.inference_mode()
@pytest.mark.parametrize("units", [1, 2])
def test_sketches_steer_steps_that_reuse_coarse_features(file: Path, units: int) -> None:
    unet = ruled_part("unet")
    sample, context = noise(1, 8, 16, 4, 8, seed=1), noise(1, 333, 32, seed=2)
    lines = torch.zeros(16, 1, 32, 64)
    lines[:, :, 10:14] = 1
    deep = Deep(units)
    try:
        unet.sketch = SketchControl(read_encoder(file, TINY), lines)
        whole = unet(sample, 500, context).sample
        assert torch.equal(unet(sample, 500, context, deep=deep).sample, whole)
        # The same question again: only the outermost units are asked, and they see the lines.
        assert torch.equal(unet(sample, 500, context, deep=deep).sample, whole)
        unet.sketch = None
        assert not torch.allclose(unet(sample, 500, context, deep=deep).sample, whole)
    finally:
        unet.sketch = None


def test_lines_are_white_on_black(tmp_path: Path) -> None:
    drawn = np.full((20, 30, 4), 255, np.uint8)
    drawn[5, :, :3] = 0
    drawn[10:, :, 3] = 0
    for name in ("b.png", "a.png"):
        Image.fromarray(drawn).save(tmp_path / name)
    lines = read_lines(tmp_path)
    assert lines.shape == (2, 1, 20, 30)
    assert (lines[:, :, 5] == 1).all()
    assert lines[:, :, 6:].max() == 0
    Image.fromarray(drawn[:10]).save(tmp_path / "c.png")
    with pytest.raises(ModelError, match="must have one size"):
        read_lines(tmp_path)
    (tmp_path / "c.png").write_bytes(b"no picture")
    with pytest.raises(ModelError, match=r"c\.png is damaged or no picture"):
        read_lines(tmp_path)
    with pytest.raises(ModelError, match="is not there"):
        read_lines(tmp_path / "none")
