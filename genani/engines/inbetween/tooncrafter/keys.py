"""Where each parameter of a published checkpoint goes: part, and name in our classes.

Every key of a file is either placed or on the written list `UNUSED`; `place` tells which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

PREFIXES = MappingProxyType(
    {
        "unet": "model.diffusion_model.",
        "vae": "first_stage_model.",
        "text_encoder": "cond_stage_model.model.",
        "image_encoder": "embedder.model.",
        "image_projector": "image_proj_model.",
    }
)
"""What the keys of each part begin with."""

BUFFERS = frozenset({"alphas_cumprod", "scale_arr"})
"""Tables of the schedule that are compared with ours; they have no prefix."""

UNUSED: Mapping[str, str] = MappingProxyType(
    {
        r"betas|alphas_cumprod_prev|sqrt_.*|log_one_.*|posterior_.*": "follows from alphas_cumprod",
        r"first_stage_model\.post_quant_conv\..*": "the video decoder goes without it",
        r"cond_stage_model\.model\.(text_projection|logit_scale)": "tokens are not projected",
        r"embedder\.model\.(positional_embedding|text_projection|logit_scale)": "text side",
        r"embedder\.model\.(token_embedding|ln_final)\..*": "text side",
        r"embedder\.model\.transformer\..*": "text side",
        r"embedder\.model\.visual\.proj": "tokens are not projected",
        r"model_ema\..*|loss\..*|first_stage_model\.loss\..*": "of training",
    }
)
"""Keys of published checkpoints that nothing needs, as patterns, each with why.

Besides, the text tower's blocks beyond those that are run: `unused` counts them.
"""

_BEYOND = "all blocks of the text tower are run but the last"

Names = tuple[str, ...]
"""Names in our class: more than one where the file keeps several matrices as one, in order."""


@dataclass(frozen=True)
class Place:
    """Where a tensor goes.

    Attributes:
        part: a key of `PREFIXES`.
        names: parameters of that part that share the tensor, cut along its first axis.
    """

    part: str
    names: Names


@dataclass(frozen=True)
class Layout:
    """What must be known of a model to place its keys.

    Attributes:
        layers: units of a level of the UNet on the way down.
        text_layers: blocks of the text tower that are run.
        video: the autoencoder's decoder mixes frames.
    """

    layers: int = 2
    text_layers: int = 23
    video: bool = True


def unused(key: str, layout: Layout) -> str | None:
    """Why nothing needs this key; None where something may."""
    if not layout.video and key.startswith("first_stage_model.post_quant_conv."):
        return None
    block = re.match(r"cond_stage_model\.model\.transformer\.resblocks\.(\d+)\.", key)
    if block:
        return _BEYOND if int(block[1]) >= layout.text_layers else None
    for pattern, reason in UNUSED.items():
        if re.fullmatch(pattern, key):
            return reason
    return None


def place(key: str, layout: Layout) -> Place | None:
    """Where a key of a published file goes; None where it has no place, or is not needed."""
    if unused(key, layout):
        return None
    for part, prefix in PREFIXES.items():
        if key.startswith(prefix):
            names = _NAMERS[part](key.removeprefix(prefix), layout)
            return Place(part, names) if names else None
    return None


Rules = Sequence[tuple[str, str]]


def _renamed(name: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


_RESIDUAL: Rules = (
    (r"\bin_layers\.0\b", "norm1"),
    (r"\bin_layers\.2\b", "conv1"),
    (r"\bemb_layers\.1\b", "time_emb_proj"),
    (r"\bout_layers\.0\b", "norm2"),
    (r"\bout_layers\.3\b", "conv2"),
    (r"\bskip_connection\b", "shortcut"),
    (r"\btemopral_conv\.conv1\.0\b", "temporal.0.norm"),
    (r"\btemopral_conv\.conv1\.2\b", "temporal.0.conv"),
    (r"\btemopral_conv\.conv2\.0\b", "temporal.1.norm"),
    (r"\btemopral_conv\.conv2\.3\b", "temporal.1.conv"),
    (r"\btemopral_conv\.conv3\.0\b", "temporal.2.norm"),
    (r"\btemopral_conv\.conv3\.3\b", "temporal.2.conv"),
    (r"\btemopral_conv\.conv4\.0\b", "temporal.3.norm"),
    (r"\btemopral_conv\.conv4\.3\b", "temporal.3.conv"),
    (r"\btransformer_blocks\.0\b", "block"),
)

_UNET: Rules = (
    (r"^time_embed\.0\b", "time_embedding.linear_1"),
    (r"^time_embed\.2\b", "time_embedding.linear_2"),
    # The older name is that of DynamiCrafter's files.
    (r"^(fps_embedding|framestride_embed)\.0\b", "fps_embedding.linear_1"),
    (r"^(fps_embedding|framestride_embed)\.2\b", "fps_embedding.linear_2"),
    (r"^input_blocks\.0\.0\b", "conv_in"),
    (r"^init_attn\.0\b", "first_temporal"),
    (r"^middle_block\.0\b", "middle.0.residual"),
    (r"^middle_block\.1\b", "middle.0.spatial"),
    (r"^middle_block\.2\b", "middle.0.temporal"),
    (r"^middle_block\.3\b", "middle.1.residual"),
    (r"^out\.0\b", "norm_out"),
    (r"^out\.2\b", "conv_out"),
)

_ROLES = ("residual", "spatial", "temporal")


def _unet_names(name: str, layout: Layout) -> Names:
    name = _renamed(_renamed(name, _UNET), _RESIDUAL)
    numbered = re.match(r"(input|output)_blocks\.(\d+)\.(\d)\.(.*)", name)
    if not numbered:
        return (name,)
    way, block, role, rest = numbered[1], int(numbered[2]), int(numbered[3]), numbered[4]
    if way == "input":
        level, place_in = divmod(block - 1, layout.layers + 1)
        if place_in == layout.layers:
            return (f"down.{level}.resize.{rest.removeprefix('op.')}",)
        return (f"down.{level}.units.{place_in}.{_ROLES[role]}.{rest}",) if role < 3 else ()
    level, place_in = divmod(block, layout.layers + 1)
    if role and rest.startswith("conv."):
        return (f"up.{level}.resize.{rest}",)
    return (f"up.{level}.units.{place_in}.{_ROLES[role]}.{rest}",) if role < 3 else ()


_VAE: Rules = (
    (r"^quant_conv\b", "quant"),
    (r"^post_quant_conv\b", "post_quant"),
    (r"\.mid\.block_1\b", ".middle.0"),
    (r"\.mid\.attn_1\b", ".middle.1"),
    (r"\.mid\.block_2\b", ".middle.2"),
    (r"\.block\.(\d+)\b", r".units.\1"),
    (r"\.(downsample|upsample)\b", ".resize"),
    (r"\.nin_shortcut\b", ".shortcut"),
    (r"\.attn_refinement\b", ".fusion"),
    (r"^decoder\.conv_out\.time_mix_conv\b", "decoder.time_conv"),
    (r"(\.middle\.1)\.([qkv])\.", r"\1.to_\2."),
    (r"(\.middle\.1)\.proj_out\.", r"\1.to_out."),
    (r"(\.fusion\.\d+)\.to_out\.0\.", r"\1.to_out."),
)

_VIDEO: Rules = (
    (r"\.(norm1|conv1|norm2|conv2|shortcut)\.", r".spatial.\1."),
    (r"\.time_stack\.in_layers\.0\.", ".temporal.norm1."),
    (r"\.time_stack\.in_layers\.2\.", ".temporal.conv1."),
    (r"\.time_stack\.out_layers\.0\.", ".temporal.norm2."),
    (r"\.time_stack\.out_layers\.3\.", ".temporal.conv2."),
    (r"\.mix_factor$", ".mix"),
)


def _vae_names(name: str, layout: Layout) -> Names:
    name = _renamed(name, _VAE)
    return (_renamed(name, _VIDEO) if layout.video and name.startswith("decoder.") else name,)


_TOWER: Rules = (
    (r"^(visual\.)?transformer\.resblocks\.", "encoder.layers."),
    (r"^(visual\.)?positional_embedding$", "embeddings.position_embedding.weight"),
    (r"^token_embedding\.", "embeddings.token_embedding."),
    (r"^ln_final\.", "final_layer_norm."),
    (r"^visual\.class_embedding$", "embeddings.class_embedding"),
    (r"^visual\.conv1\.", "embeddings.patch_embedding."),
    # Misspelt in transformers.
    (r"^visual\.ln_pre\.", "pre_layrnorm."),
    (r"^visual\.ln_post\.", "post_layernorm."),
    (r"\.ln_1\.", ".layer_norm1."),
    (r"\.ln_2\.", ".layer_norm2."),
    (r"\.mlp\.c_fc\.", ".mlp.fc1."),
    (r"\.mlp\.c_proj\.", ".mlp.fc2."),
    (r"\.attn\.out_proj\.", ".self_attn.out_proj."),
)


def _tower_names(name: str, layout: Layout) -> Names:
    del layout
    name = _renamed(name, _TOWER)
    fused = re.fullmatch(r"(.*)\.attn\.in_proj_(weight|bias)", name)
    if not fused:
        return (name,)
    return tuple(f"{fused[1]}.self_attn.{which}_proj.{fused[2]}" for which in "qkv")


_PROJECTOR: Rules = (
    (r"^(layers\.\d+)\.0\.norm1\b", r"\1.norm_tokens"),
    (r"^(layers\.\d+)\.0\.norm2\b", r"\1.norm_queries"),
    (r"^(layers\.\d+)\.0\.(to_\w+)\b", r"\1.\2"),
    (r"^(layers\.\d+)\.1\.0\b", r"\1.norm_ff"),
    (r"^(layers\.\d+)\.1\.1\b", r"\1.ff_in"),
    (r"^(layers\.\d+)\.1\.3\b", r"\1.ff_out"),
    (r"^latents$", "queries"),
)


def _projector_names(name: str, layout: Layout) -> Names:
    del layout
    name = _renamed(name, _PROJECTOR)
    if name.endswith(".to_kv.weight"):
        return name.replace(".to_kv.", ".to_k."), name.replace(".to_kv.", ".to_v.")
    return (name,)


_NAMERS: Mapping[str, Callable[[str, Layout], Names]] = MappingProxyType(
    {
        "unet": _unet_names,
        "vae": _vae_names,
        "text_encoder": _tower_names,
        "image_encoder": _tower_names,
        "image_projector": _projector_names,
    }
)
