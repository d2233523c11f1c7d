"""CLIP's part: pictures and words brought to the form its towers take, and the towers, empty.

The towers themselves are transformers' own classes, of which one layer less is run than OpenCLIP
ViT-H/14 (Ilharco et al., 2021) has for text, and all of them without the last norm for pictures.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
)

from genani.engines.inbetween.tooncrafter.sizes import Settings
from genani.scene.errors import ModelError

TOKENS = 77
"""Tokens of a text, padding counted in."""

_SIDE = 224
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)

_START, _END, _PAD = "<|startoftext|>", "<|endoftext|>", "!"
_MERGES = 49152 - 256 - 2


def pixels(images: Tensor, side: int = _SIDE) -> Tensor:
    """Pictures (N, 3, H, W), -1..1, as the tower takes them: (N, 3, side, side) float32.

    Shrunk axes are blurred first; the aspect ratio is not kept, as in the published model.
    """
    images = images.float()
    height, width = images.shape[2:]
    if max(height, width) > side:
        images = _blurred(images, height / side, width / side)
    images = functional.interpolate(images, (side, side), mode="bicubic", align_corners=True)
    mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _STD))
    return ((images + 1) / 2 - mean) / std


def text_tower(settings: Settings) -> CLIPTextModel:
    """A text tower without weights, on the meta device; its `last_hidden_state` is what is used."""
    with torch.device("meta"):
        return _placed(CLIPTextModel(CLIPTextConfig(**_text_settings(settings))))


def image_tower(settings: Settings) -> CLIPVisionModel:
    """An image tower without weights, on the meta device."""
    with torch.device("meta"):
        return _placed(CLIPVisionModel(CLIPVisionConfig(**settings)))


def tokenizer(table: Path) -> CLIPTokenizer:
    """OpenCLIP's tokenizer, padding with id 0.

    Args:
        table: `bpe_simple_vocab_16e6.txt.gz` of OpenAI's CLIP, which open_clip_torch ships too.

    Raises:
        ModelError: the table cannot be read or is another.
    """
    try:
        with gzip.open(table, "rt", encoding="utf-8") as stream:
            lines = stream.read().split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ModelError(f"{table} is no table of word pieces: {error}") from error
    merges = lines[1 : _MERGES + 1]
    if len(merges) < _MERGES or any(len(merge.split()) != 2 for merge in merges):
        raise ModelError(f"{table} is not the table of word pieces that CLIP was trained with")
    return tokenizer_of(merges)


def tokenizer_of(merges: list[str]) -> CLIPTokenizer:
    """A tokenizer of these merges (`a b`), the strongest first; padding has id 0."""
    letters = _letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += ["".join(merge.split()) for merge in merges]
    vocabulary = {word: index for index, word in enumerate([*words, _START, _END])}
    pairs: Any = [tuple(merge.split()) for merge in merges]
    return CLIPTokenizer(
        vocabulary,
        pairs,
        pad_token=_PAD,
        model_max_length=TOKENS,
        clean_up_tokenization_spaces=False,
    )


def token_ids(by: CLIPTokenizer, texts: list[str]) -> Tensor:
    """(N, 77) ids of texts; longer ones are cut, and the end keeps its token."""
    given = by(texts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt")
    return torch.as_tensor(given["input_ids"])


def _text_settings(settings: Settings) -> dict[str, Any]:
    size = settings["vocab_size"]
    return {"bos_token_id": size - 2, "eos_token_id": size - 1, "pad_token_id": 0, **settings}


def _placed(tower: Any) -> Any:
    """The tower with its table of positions, which no checkpoint holds, off the meta device."""
    embeddings = tower.embeddings
    count = embeddings.position_embedding.num_embeddings
    embeddings.position_ids = torch.arange(count, device="cpu")[None]
    return tower


def _blurred(images: Tensor, down: float, across: float) -> Tensor:
    vertical, horizontal = (_bell((factor - 1) / 2, images) for factor in (down, across))
    tall, wide = len(vertical) // 2, len(horizontal) // 2
    images = functional.pad(images, (wide, wide, tall, tall), mode="reflect")
    kernel = vertical[:, None] * horizontal[None, :]
    return functional.conv2d(images, kernel.expand(3, 1, *kernel.shape), groups=3)


def _bell(sigma: float, like: Tensor) -> Tensor:
    """A Gaussian as long as the published model cuts it, its sum 1."""
    sigma = max(sigma, 0.001)
    length = int(max(4 * sigma, 3))
    length += length % 2 == 0
    steps = torch.arange(length, device=like.device, dtype=like.dtype) - length // 2
    bell = torch.exp(-(steps**2) / (2 * sigma**2))
    return bell / bell.sum()


def _letters() -> list[str]:
    """The 256 signs that stand for bytes: printable ones for themselves, the others moved."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)]
    plain += range(ord("®"), ord("ÿ") + 1)
    return [chr(byte) for byte in plain] + [chr(256 + index) for index in range(256 - len(plain))]
