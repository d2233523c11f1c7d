"""The sizes of the models there are: the published one, and the tiny one that tests are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Sizes:
    """Arguments of each part's class; what is left out is as published.

    Attributes:
        unet, vae, image_projector: of our classes.
        text_encoder, image_encoder: of transformers' CLIP configurations.
    """

    unet: Settings = field(default_factory=dict)
    vae: Settings = field(default_factory=dict)
    image_projector: Settings = field(default_factory=dict)
    text_encoder: Settings = field(default_factory=dict)
    image_encoder: Settings = field(default_factory=dict)


_TEXT = {
    "vocab_size": 49408,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    # OpenCLIP ViT-H/14 has 24; the last is not run.
    "num_hidden_layers": 23,
    "num_attention_heads": 16,
    "hidden_act": "gelu",
    "projection_dim": 1024,
}

_IMAGE = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 16,
    "image_size": 224,
    "patch_size": 14,
    "hidden_act": "gelu",
    "projection_dim": 1024,
}

PUBLISHED = Sizes(text_encoder=MappingProxyType(_TEXT), image_encoder=MappingProxyType(_IMAGE))
"""ToonCrafter 512 and DynamiCrafter 512 and 1024; text and image towers of OpenCLIP ViT-H/14."""

TINY = Sizes(
    unet=MappingProxyType(
        {
            "block_out_channels": (32, 32, 64),
            "attention_levels": (True, True, False),
            "layers_per_block": 1,
            "attention_head_dim": 16,
            "cross_attention_dim": 32,
        }
    ),
    vae=MappingProxyType(
        {
            "block_out_channels": (32, 32, 64, 64),
            "layers_per_block": 1,
            "decoder_layers": 2,
        }
    ),
    image_projector=MappingProxyType(
        {
            "input_dim": 48,
            "width": 32,
            "output_dim": 32,
            "depth": 2,
            "head_dim": 16,
            "heads": 3,
        }
    ),
    text_encoder=MappingProxyType(
        {
            **_TEXT,
            "vocab_size": 997,
            "hidden_size": 32,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "projection_dim": 32,
            # Real ids are taken modulo the vocabulary.
            "bos_token_id": 49406 % 997,
            "eos_token_id": 49407 % 997,
        }
    ),
    image_encoder=MappingProxyType(
        {
            **_IMAGE,
            "hidden_size": 48,
            "intermediate_size": 192,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "projection_dim": 32,
        }
    ),
)
"""The same topology at small widths: the model behind the published figures of every block."""
