"""The keys and shapes of a published checkpoint, for any sizes, written down apart from the loader.

Checked against the list of the real file where that lies at hand; else the loader is tested with
what this makes.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from genani.engines.inbetween.tooncrafter.image_tokens import ImageProjector
from genani.engines.inbetween.tooncrafter.schedule import buffers
from genani.engines.inbetween.tooncrafter.sizes import Sizes
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.engines.inbetween.tooncrafter.vae import ToonCrafterVAE

Shape = tuple[int, ...]
Shapes = Iterator[tuple[str, Shape]]


def shapes(sizes: Sizes, video: bool = True) -> dict[str, Shape]:
    """Every key of a whole file with its shape."""
    found: dict[str, Shape] = {}
    for prefix, part in (
        ("model.diffusion_model.", _unet(_filled(ToonCrafterUNet, sizes.unet))),
        ("first_stage_model.", _vae(_filled(ToonCrafterVAE, sizes.vae), video)),
        ("cond_stage_model.model.", _text(dict(sizes.text_encoder))),
        ("embedder.model.", _image(dict(sizes.image_encoder), dict(sizes.text_encoder))),
        ("image_proj_model.", _projector(_filled(ImageProjector, sizes.image_projector))),
    ):
        found |= {prefix + name: shape for name, shape in part}
    return found | {name: table.shape for name, table in buffers().items()}


def weights(sizes: Sizes, video: bool = True) -> dict[str, Tensor]:
    """A checkpoint whose weights follow a rule, sized so that nothing grows or dies on its way."""
    made: dict[str, Tensor] = {}
    for place, (name, shape) in enumerate(sorted(shapes(sizes, video).items())):
        value = ruled(shape, place)
        if len(shape) > 1:
            value *= math.sqrt(3 / math.prod(shape[1:]))
        elif name.endswith("weight"):
            value = 1 + 0.1 * value
        else:
            value *= 0.1
        made[name] = value
    return made | {name: torch.from_numpy(table).float() for name, table in buffers().items()}


def ruled(shape: Shape, place: int) -> Tensor:
    """Values in -1..1, as good as random and the same on every machine."""
    index = torch.arange(math.prod(shape), dtype=torch.float64)
    # The fraction of a large sine.
    wave = ((index * 12.9898 + place * 78.233).sin() * 43_758.5453).frac()
    return wave.float().reshape(shape)


def figures(tensor: Tensor) -> list[float]:
    """Mean, spread, and five values from all over a tensor."""
    flat = tensor.double().flatten()
    places = [int(flat.numel() * share) for share in (0.07, 0.29, 0.51, 0.73, 0.94)]
    return [flat.mean().item(), flat.std().item(), *flat[places].tolist()]


def _filled(kind: type[nn.Module], given: Any) -> dict[str, Any]:
    signature = inspect.signature(kind.__init__)
    usual = {name: item.default for name, item in signature.parameters.items() if name != "self"}
    return usual | dict(given)


def _both(name: str, weight: Shape) -> Shapes:
    yield f"{name}.weight", weight
    yield f"{name}.bias", weight[:1]


def _norm(name: str, width: int) -> Shapes:
    yield from _both(name, (width,))


def _conv(name: str, before: int, after: int, side: int = 3) -> Shapes:
    yield from _both(name, (after, before, side, side))


def _over_time(name: str, width: int) -> Shapes:
    yield from _both(name, (width, width, 3, 1, 1))


def _attention(name: str, width: int, context: int, image: bool) -> Shapes:
    yield f"{name}.to_q.weight", (width, width)
    for which in ("k", "v", *(("k_ip", "v_ip") if image else ())):
        yield f"{name}.to_{which}.weight", (width, context)
    yield from _both(f"{name}.to_out.0", (width, width))


def _transformer(name: str, width: int, inner: int, context: int | None, conv: bool) -> Shapes:
    flat = (1,) if conv else ()
    yield from _norm(f"{name}.norm", width)
    yield from _both(f"{name}.proj_in", (inner, width, *flat))
    yield from _both(f"{name}.proj_out", (width, inner, *flat))
    block = f"{name}.transformer_blocks.0"
    for norm in ("norm1", "norm2", "norm3"):
        yield from _norm(f"{block}.{norm}", inner)
    yield from _attention(f"{block}.attn1", inner, inner, False)
    yield from _attention(f"{block}.attn2", inner, context or inner, context is not None)
    yield from _both(f"{block}.ff.net.0.proj", (8 * inner, inner))
    yield from _both(f"{block}.ff.net.2", (inner, 4 * inner))


def _residual(name: str, before: int, after: int, embedding: int) -> Shapes:
    yield from _norm(f"{name}.in_layers.0", before)
    yield from _conv(f"{name}.in_layers.2", before, after)
    yield from _both(f"{name}.emb_layers.1", (after, embedding))
    yield from _norm(f"{name}.out_layers.0", after)
    yield from _conv(f"{name}.out_layers.3", after, after)
    if before != after:
        yield from _conv(f"{name}.skip_connection", before, after, 1)
    for stage in range(1, 5):
        yield from _norm(f"{name}.temopral_conv.conv{stage}.0", after)
        place = 2 if stage == 1 else 3
        yield from _over_time(f"{name}.temopral_conv.conv{stage}.{place}", after)


def _unet(size: Any) -> Shapes:
    widths, attends = size["block_out_channels"], size["attention_levels"]
    base, layers, context = widths[0], size["layers_per_block"], size["cross_attention_dim"]
    embedding = 4 * base

    def unit(name: str, before: int, after: int, full: bool) -> Shapes:
        yield from _residual(f"{name}.0", before, after, embedding)
        if full:
            yield from _transformer(f"{name}.1", after, after, context, False)
            yield from _transformer(f"{name}.2", after, after, None, False)

    for numbers in ("time_embed", "fps_embedding"):
        yield from _both(f"{numbers}.0", (embedding, base))
        yield from _both(f"{numbers}.2", (embedding, embedding))
    yield from _conv("input_blocks.0.0", size["in_channels"], base)
    inner = size["first_attention_heads"] * size["attention_head_dim"]
    yield from _transformer("init_attn.0", base, inner, None, True)
    skips, number, before = [base], 1, base
    for level, width in enumerate(widths):
        for _ in range(layers):
            yield from unit(f"input_blocks.{number}", before, width, attends[level])
            skips, number, before = [*skips, width], number + 1, width
        if level < len(widths) - 1:
            yield from _conv(f"input_blocks.{number}.0.op", width, width)
            skips, number = [*skips, width], number + 1
    yield from unit("middle_block", before, before, True)
    yield from _residual("middle_block.3", before, before, embedding)
    number = 0
    for level, width in reversed(list(enumerate(widths))):
        for place in range(layers + 1):
            yield from unit(f"output_blocks.{number}", before + skips.pop(), width, attends[level])
            before = width
            if level and place == layers:
                role = 3 if attends[level] else 1
                yield from _conv(f"output_blocks.{number}.{role}.conv", width, width)
            number += 1
    yield from _norm("out.0", base)
    yield from _conv("out.2", base, size["out_channels"])


def _frame_unit(name: str, before: int, after: int, video: bool) -> Shapes:
    yield from _norm(f"{name}.norm1", before)
    yield from _conv(f"{name}.conv1", before, after)
    yield from _norm(f"{name}.norm2", after)
    yield from _conv(f"{name}.conv2", after, after)
    if before != after:
        yield from _conv(f"{name}.nin_shortcut", before, after, 1)
    if video:
        yield f"{name}.mix_factor", (1,)
        yield from _norm(f"{name}.time_stack.in_layers.0", after)
        yield from _over_time(f"{name}.time_stack.in_layers.2", after)
        yield from _norm(f"{name}.time_stack.out_layers.0", after)
        yield from _over_time(f"{name}.time_stack.out_layers.3", after)


def _middle(name: str, width: int, video: bool) -> Shapes:
    yield from _frame_unit(f"{name}.block_1", width, width, video)
    yield from _norm(f"{name}.attn_1.norm", width)
    for which in ("q", "k", "v", "proj_out"):
        yield from _conv(f"{name}.attn_1.{which}", width, width, 1)
    yield from _frame_unit(f"{name}.block_2", width, width, video)


def _vae(size: Any, video: bool) -> Shapes:
    widths, latent = size["block_out_channels"], size["latent_channels"]
    last, top = widths[-1], len(widths) - 1
    yield from _conv("encoder.conv_in", 3, widths[0])
    before = widths[0]
    for level, width in enumerate(widths):
        for unit in range(size["layers_per_block"]):
            yield from _frame_unit(f"encoder.down.{level}.block.{unit}", before, width, False)
            before = width
        if level < top:
            yield from _conv(f"encoder.down.{level}.downsample.conv", width, width)
    yield from _middle("encoder.mid", last, False)
    yield from _norm("encoder.norm_out", last)
    yield from _conv("encoder.conv_out", last, 2 * latent)
    yield from _conv("decoder.conv_in", latent, last)
    yield from _middle("decoder.mid", last, video)
    before = last
    for level, width in reversed(list(enumerate(widths))):
        for unit in range(size["decoder_layers"]):
            yield from _frame_unit(f"decoder.up.{level}.block.{unit}", before, width, video)
            before = width
        if level:
            yield from _conv(f"decoder.up.{level}.upsample.conv", width, width)
    yield from _norm("decoder.norm_out", widths[0])
    yield from _conv("decoder.conv_out", widths[0], 3)
    if video:
        yield from _over_time("decoder.conv_out.time_mix_conv", 3)
        yield from _fusion(widths)
    yield from _conv("quant_conv", 2 * latent, 2 * latent, 1)
    yield from _conv("post_quant_conv", latent, latent, 1)


def _fusion(widths: Shape) -> Shapes:
    for level, width in enumerate((*widths, widths[0])):
        name = f"decoder.attn_refinement.{level}"
        if level not in (len(widths) - 2, len(widths) - 1):
            yield from _conv(f"{name}.conv", width, width, 1)
            continue
        for which in ("q", "k", "v"):
            yield f"{name}.to_{which}.weight", (512, width)
        yield from _both(f"{name}.to_out.0", (width, 512))
        yield from _norm(f"{name}.norm", width)


def _tower(name: str, width: int, inner: int, layers: int) -> Shapes:
    for layer in range(layers):
        block = f"{name}.resblocks.{layer}"
        yield from _norm(f"{block}.ln_1", width)
        yield f"{block}.attn.in_proj_weight", (3 * width, width)
        yield f"{block}.attn.in_proj_bias", (3 * width,)
        yield from _both(f"{block}.attn.out_proj", (width, width))
        yield from _norm(f"{block}.ln_2", width)
        yield from _both(f"{block}.mlp.c_fc", (inner, width))
        yield from _both(f"{block}.mlp.c_proj", (width, inner))


def _text_ends(size: Any) -> Shapes:
    width = size["hidden_size"]
    yield "positional_embedding", (77, width)
    yield "text_projection", (width, size["projection_dim"])
    yield "logit_scale", ()
    yield "token_embedding.weight", (size["vocab_size"], width)
    yield from _norm("ln_final", width)


def _text(size: Any) -> Shapes:
    yield from _text_ends(size)
    # One block more than is run.
    layers = size["num_hidden_layers"] + 1
    yield from _tower("transformer", size["hidden_size"], size["intermediate_size"], layers)


def _image(size: Any, text: Any) -> Shapes:
    width, inner = size["hidden_size"], size["intermediate_size"]
    patch = size["patch_size"]
    yield from _text_ends(text)
    yield "visual.class_embedding", (width,)
    yield "visual.positional_embedding", ((size["image_size"] // patch) ** 2 + 1, width)
    yield "visual.proj", (width, size["projection_dim"])
    yield "visual.conv1.weight", (width, 3, patch, patch)
    yield from _norm("visual.ln_pre", width)
    yield from _norm("visual.ln_post", width)
    yield from _tower("visual.transformer", width, inner, size["num_hidden_layers"])


def _projector(size: Any) -> Shapes:
    width, inner = size["width"], size["head_dim"] * size["heads"]
    yield "latents", (1, size["num_queries"], width)
    yield from _both("proj_in", (width, size["input_dim"]))
    yield from _both("proj_out", (size["output_dim"], width))
    yield from _norm("norm_out", size["output_dim"])
    for layer in range(size["depth"]):
        block = f"layers.{layer}"
        yield from _norm(f"{block}.0.norm1", width)
        yield from _norm(f"{block}.0.norm2", width)
        yield f"{block}.0.to_q.weight", (inner, width)
        yield f"{block}.0.to_kv.weight", (2 * inner, width)
        yield f"{block}.0.to_out.weight", (width, inner)
        yield from _norm(f"{block}.1.0", width)
        yield f"{block}.1.1.weight", (size["ff_ratio"] * width, width)
        yield f"{block}.1.3.weight", (width, size["ff_ratio"] * width)
