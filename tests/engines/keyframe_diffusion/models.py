"""Tiny models of diffusers' own pipeline classes, their weights drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

Parts = dict[str, Any]

# What these packages hand out lazily is not typed.
diffusers: Any = import_module("diffusers")
transformers: Any = import_module("transformers")


def words(start: str = "<s>") -> Any:
    """A tokenizer of few words."""
    vocabulary = {"<pad>": 0, start: 1, "</s>": 2, "<unk>": 3, "an": 4, "anime": 5, "scene": 6}
    inside = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    inside.pre_tokenizer = Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inside,
        pad_token="<pad>",
        bos_token=start,
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=77,
    )


def _t5(name: str = "UMT5") -> Any:
    config = getattr(transformers, f"{name}Config")
    small = config(vocab_size=16, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    return getattr(transformers, f"{name}EncoderModel")(small)


def _wan_vae() -> Any:
    return diffusers.AutoencoderKLWan(
        base_dim=3,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )


_NETWORK: Parts = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "out_channels": 16,
    "text_dim": 32,
    "freq_dim": 32,
    "ffn_dim": 32,
    "num_layers": 2,
    "cross_attn_norm": True,
    "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 32,
}


def _clip() -> Parts:
    config = transformers.CLIPVisionConfig(
        hidden_size=4,
        projection_dim=4,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        intermediate_size=16,
        patch_size=16,
    )
    return {
        "image_encoder": transformers.CLIPVisionModel(config),
        "image_processor": _clip_pictures(),
    }


def _clip_pictures() -> Any:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    return CLIPImageProcessorPil(crop_size=32, size=32)


def wan() -> Any:
    """First and last picture by masked latents and image tokens."""
    network = diffusers.WanTransformer3DModel(
        **_NETWORK, in_channels=36, image_dim=4, pos_embed_seq_len=2 * 5
    )
    return diffusers.WanImageToVideoPipeline(
        tokenizer=words(),
        text_encoder=_t5(),
        vae=_wan_vae(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        transformer=network,
        **_clip(),
    )


def vace() -> Any:
    """First and last picture as the kept ends of a masked video."""
    network = diffusers.WanVACETransformer3DModel(
        **_NETWORK, in_channels=16, vace_layers=[0], vace_in_channels=96
    )
    return diffusers.WanVACEPipeline(
        tokenizer=words(),
        text_encoder=_t5(),
        vae=_wan_vae(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        transformer=network,
    )


def skyreels() -> Any:
    """Like Wan, of others."""
    network = diffusers.SkyReelsV2Transformer3DModel(
        **_NETWORK, in_channels=36, image_dim=4, pos_embed_seq_len=2 * 5
    )
    return diffusers.SkyReelsV2ImageToVideoPipeline(
        tokenizer=words(),
        text_encoder=_t5(),
        vae=_wan_vae(),
        scheduler=diffusers.UniPCMultistepScheduler(
            flow_shift=5.0, use_flow_sigmas=True, prediction_type="flow_prediction"
        ),
        transformer=network,
        **_clip(),
    )


def ltx() -> Any:
    """Pictures as conditions at any frame."""
    four = (8, 8, 8, 8)
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=four,
        decoder_block_out_channels=four,
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        decoder_inject_noise=(False,) * 5,
        upsample_residual=(False,) * 4,
        upsample_factor=(1,) * 4,
        timestep_conditioning=False,
    )
    network = diffusers.LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=4,
        attention_head_dim=8,
        cross_attention_dim=32,
        num_layers=1,
        caption_channels=32,
    )
    return diffusers.LTXConditionPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=_t5("T5"),
        tokenizer=words(),
        transformer=network,
    )


def framepack() -> Any:
    """Part after part, from the last picture backwards."""
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    network = diffusers.HunyuanVideoFramepackTransformer3DModel(
        in_channels=4,
        out_channels=4,
        num_attention_heads=2,
        attention_head_dim=10,
        num_layers=1,
        num_single_layers=1,
        num_refiner_layers=1,
        patch_size=2,
        patch_size_t=1,
        guidance_embeds=True,
        text_embed_dim=16,
        pooled_projection_dim=8,
        rope_axes_dim=(2, 4, 4),
        image_condition_type=None,
        has_image_proj=True,
        image_proj_dim=32,
        has_clean_x_embedder=True,
    )
    four = 4
    vae = diffusers.AutoencoderKLHunyuanVideo(
        latent_channels=4,
        down_block_types=("HunyuanVideoDownBlock3D",) * four,
        up_block_types=("HunyuanVideoUpBlock3D",) * four,
        block_out_channels=(8,) * four,
        layers_per_block=1,
        norm_num_groups=4,
    )
    llama = transformers.LlamaConfig(
        hidden_size=16,
        intermediate_size=32,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=16,
        pad_token_id=0,
    )
    clip = transformers.CLIPTextConfig(
        hidden_size=8,
        intermediate_size=32,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=16,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    siglip = transformers.SiglipVisionConfig(
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=30,
        patch_size=15,
    )
    return diffusers.HunyuanVideoFramepackPipeline(
        text_encoder=transformers.LlamaModel(llama),
        tokenizer=words(),
        transformer=network,
        vae=vae,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder_2=transformers.CLIPTextModel(clip),
        tokenizer_2=words(),
        image_encoder=transformers.SiglipVisionModel(siglip),
        feature_extractor=SiglipImageProcessorPil(size={"height": 30, "width": 30}),
    )


MAKERS: dict[str, Callable[[], Any]] = {
    "WanImageToVideoPipeline": wan,
    "WanVACEPipeline": vace,
    "SkyReelsV2ImageToVideoPipeline": skyreels,
    "LTXConditionPipeline": ltx,
    "HunyuanVideoFramepackPipeline": framepack,
}


def saved(kind: str, folder: Path) -> Path:
    """One of them in a folder that diffusers reads."""
    torch.manual_seed(0)
    MAKERS[kind]().save_pretrained(folder)
    return folder
