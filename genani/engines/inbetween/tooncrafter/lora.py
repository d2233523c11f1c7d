"""Small trained additions to the video network (LoRA; Hu et al., 2021), by file and strength."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from genani.engines.inbetween.tooncrafter.checkpoint import read
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.scene.errors import ModelError

_NAME = "animator"


def add_lora(unet: ToonCrafterUNet, path: Path) -> None:
    """Put an adapter on the network; `weigh` says how strong it is.

    Args:
        path: a safetensors file as `save_lora_adapter` writes it.

    Raises:
        ModelError: not there, damaged, or made for another network; the text says which.
    """
    _check(unet, path)
    loading: Any = unet
    try:
        loading.load_lora_adapter(
            str(path.parent),
            weight_name=path.name,
            adapter_name=_NAME,
            prefix=None,
            use_safetensors=True,
            local_files_only=True,
        )
    except Exception as error:  # PEFT and diffusers have many words for what does not fit
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path} cannot be put on this model: {first[:200]}") from error


def weigh(unet: ToonCrafterUNet, strength: float) -> None:
    """Set how strong the adapter is: 0 leaves the network as it is, 1 is as trained."""
    unet.set_adapters([_NAME], [strength])


def _check(unet: ToonCrafterUNet, path: Path) -> None:
    if path.suffix.lower() != ".safetensors" and path.exists():
        raise ModelError(f"{path} is no safetensors file, as adapters must be")
    modules = dict(unet.named_modules())
    tensors = read(path)
    pairs = 0
    for name in tensors:
        target, found, side = name.partition(".lora_")
        layer = modules.get(target)
        tensor = tensors[name]
        if not found or not isinstance(layer, nn.Linear):
            raise ModelError(f"{path} was made for another network: it changes {name}")
        wanted = layer.in_features if side.startswith("A") else layer.out_features
        if wanted not in tensor.shape:
            raise ModelError(f"{path} was made for another network: {name} has another width")
        if not tensor.is_floating_point():
            raise ModelError(f"{path} holds {tensor.dtype} where floating point is needed")
        pairs += 1
    if not pairs:
        raise ModelError(f"{path} holds no adapter")
