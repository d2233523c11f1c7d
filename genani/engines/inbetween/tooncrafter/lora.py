"""Small trained additions to the video network (LoRA; Hu et al., 2021), by name and strength."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from genani.engines.inbetween.tooncrafter.checkpoint import read
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.scene.errors import ModelError
from genani.store import adapters

BASE = "tooncrafter-512"
"""The model that adapters are for, as the store calls it."""

KIND = "lora"

STRONGEST = 2.0

_SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Style:
    """An adapter that is asked for.

    Attributes:
        path: of its file.
        strength: 0 leaves the network as it is, 1 is as trained.
    """

    path: Path
    strength: float


def styles_of(text: str) -> tuple[Style, ...]:
    """The adapters of a text such as `mika:0.8, /home/me/ink.safetensors`.

    Each is a file, or the name of an adapter in the model store; a strength left out is 1.

    Raises:
        ModelError: one is not there or for another model, is named twice, or its strength is no
            number from 0 to 2.
    """
    found: dict[Path, Style] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, strength = _split(part)
        style = Style(_located(name), strength)
        if style.path in found:
            raise ModelError(f"the style '{name}' is named twice")
        found[style.path] = style
    return tuple(found.values())


def add_styles(unet: ToonCrafterUNet, paths: Sequence[Path]) -> None:
    """Put adapters on the network; `weigh` says how strong each is.

    Args:
        paths: safetensors files as `save_lora_adapter` writes them.

    Raises:
        ModelError: not there, damaged, or made for another network; the text says which.
    """
    loading: Any = unet
    for index, path in enumerate(paths):
        _check(unet, path)
        try:
            with warnings.catch_warnings():
                # Several adapters at once are what is wanted here.
                warnings.filterwarnings("ignore", "Already found a `peft_config`")
                loading.load_lora_adapter(
                    str(path.parent),
                    weight_name=path.name,
                    adapter_name=_name(index),
                    prefix=None,
                    use_safetensors=True,
                    local_files_only=True,
                )
        except Exception as error:  # PEFT and diffusers have many words for what does not fit
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{path} cannot be put on this model: {first[:200]}") from error


def weigh(unet: ToonCrafterUNet, strengths: Sequence[float]) -> None:
    """Set how strong each adapter is, in the order they were put on."""
    unet.set_adapters([_name(index) for index in range(len(strengths))], list(strengths))


def _name(index: int) -> str:
    return f"style{index}"


def _split(part: str) -> tuple[str, float]:
    name, colon, number = part.rpartition(":")
    if not colon or Path(part).expanduser().exists():
        return part, 1.0
    try:
        strength = float(number)
    except ValueError:
        # A path may hold a colon.
        return part, 1.0
    if not 0 <= strength <= STRONGEST:
        raise ModelError(f"'{part}': the strength of a style is a number from 0 to 2")
    return name.strip(), strength


def _located(name: str) -> Path:
    path = Path(name).expanduser()
    if path.exists() or path.suffix == _SUFFIX or path.is_absolute():
        return path
    adapter = adapters.find(name)
    if adapter.card.base != BASE or adapter.card.kind != KIND:
        raise ModelError(f"the adapter '{adapter.card.name}' was trained for {adapter.card.base}")
    return adapter.path


def _check(unet: ToonCrafterUNet, path: Path) -> None:
    if path.suffix.lower() != _SUFFIX and path.exists():
        raise ModelError(f"{path} is no safetensors file, as adapters must be")
    modules = dict(unet.named_modules())
    tensors = read(path)
    pairs = 0
    for name in tensors:
        target, found, side = name.partition(".lora_")
        layer = modules.get(target)
        layer = getattr(layer, "base_layer", layer)
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
