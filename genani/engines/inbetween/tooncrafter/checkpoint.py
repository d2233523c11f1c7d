"""Published checkpoints read into our classes: every key placed, or on the list of unused ones.

Models are made on the meta device, without memory, and take over the file's tensors one by one;
tensors are read as they are needed, so the peak is about one copy of the weights.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.image_tokens import ImageProjector
from genani.engines.inbetween.tooncrafter.keys import BUFFERS, PREFIXES, Layout, place, unused
from genani.engines.inbetween.tooncrafter.schedule import schedule
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, Sizes
from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet
from genani.engines.inbetween.tooncrafter.vae import ToonCrafterVAE
from genani.scene.errors import ModelError

TOWERS = ("text_encoder", "image_encoder")
"""Parts that pruned files lack; they may come from a file of their own."""

_WORDS = MappingProxyType(
    {
        "unet": "video network",
        "vae": "autoencoder",
        "image_projector": "image query transformer",
        "text_encoder": "text tower of CLIP",
        "image_encoder": "image tower of CLIP",
    }
)

_DEEPSPEED_PREFIX = len("_forward_module.")
_VIDEO_KEY = "first_stage_model.decoder.mid.block_1.mix_factor"
_TOO_FAR = 1e-3
"""Largest difference of the file's noise schedule from ours; half precision rounds by 5e-4."""

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Loaded:
    """What a checkpoint gave.

    Attributes:
        parts: models by name, as in `keys.PREFIXES`; towers only where the file has them.
        base_scale: of the noise schedule.
        unused: keys that nothing needs, with why.
    """

    parts: Mapping[str, Any]
    base_scale: float = 0.7
    unused: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Tensors:
    """The tensors of a file by their published names, each read when it is asked for.

    Takes safetensors, the official pickle (nothing but weights is unpickled), DeepSpeed's layout.

    Raises:
        ModelError: missing, damaged, with code in it, or not a file of weights.
    """
    if not path.is_file():
        raise ModelError(f"{path} is not there: give the file of a ToonCrafter model")
    if path.suffix.lower() in (".safetensors", ".sft"):
        try:
            return _LazyTensors(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path} is damaged or incomplete: download it again") from error
    return unwrapped(_unpickled(path), str(path))


def unwrapped(content: object, source: str) -> Tensors:
    """The tensors in what a pickle held: bare, under `state_dict`, or in DeepSpeed's `module`.

    Raises:
        ModelError: there are none.
    """
    if isinstance(content, Mapping):
        if isinstance(content.get("state_dict"), Mapping):
            content = content["state_dict"]
        elif isinstance(content.get("module"), Mapping):
            content = {name[_DEEPSPEED_PREFIX:]: it for name, it in content["module"].items()}
    tensors = content if isinstance(content, Mapping) else {}
    if not tensors or not all(isinstance(item, Tensor) for item in tensors.values()):
        raise ModelError(f"{source} holds no weights of a network")
    return tensors


def as_towers(tensors: Tensors) -> Tensors:
    """A file of OpenCLIP ViT-H/14 alone, under the names that a whole checkpoint uses."""
    return _Renamed(
        tensors,
        {
            PREFIXES["image_encoder" if name.startswith("visual.") else "text_encoder"] + name: name
            for name in tensors
        },
    )


def load(
    tensors: Tensors,
    source: str,
    sizes: Sizes = PUBLISHED,
    dtype: torch.dtype | None = None,
    vae_dtype: torch.dtype | None = None,
    parts: tuple[str, ...] = tuple(PREFIXES),
) -> Loaded:
    """Models of a checkpoint's tensors, ready to run.

    Args:
        tensors: by published name.
        source: what to call the file in messages.
        sizes: of the model.
        dtype: of the weights; as in the file where left out.
        vae_dtype: of the autoencoder; as `dtype` where left out.
        parts: what is wanted; towers may be missing, the rest may not.

    Raises:
        ModelError: another model's file, or an incomplete one.
    """
    video = _VIDEO_KEY in tensors
    layout = Layout(
        layers=sizes.unet.get("layers_per_block", Layout.layers),
        text_layers=sizes.text_encoder["num_hidden_layers"],
        video=video,
    )
    models: dict[str, _Filling] = {}
    left: dict[str, str] = {}
    tables: dict[str, Tensor] = {}
    for key in tensors:
        if key in BUFFERS:
            tables[key] = tensors[key]
        elif reason := unused(key, layout):
            left[key] = reason
        else:
            found = place(key, layout)
            if found is None:
                raise _another(source, f"nothing in ToonCrafter is called {key}")
            if found.part not in parts:
                continue
            if found.part not in models:
                precision = (vae_dtype or dtype) if found.part == "vae" else dtype
                models[found.part] = _Filling(_MAKERS[found.part](sizes, video), precision, source)
            models[found.part].take(key, found.names, tensors[key])
    for part in parts:
        if part not in models and part not in TOWERS:
            raise _another(source, f"it has no {_WORDS[part]}")
    made = {part: filling.finished(_WORDS[part]) for part, filling in models.items()}
    return Loaded(made, _base_scale(tables, source), left)


class _LazyTensors(Mapping[str, Tensor]):
    """A safetensors file, of which only the list of names is in memory."""

    def __init__(self, path: Path) -> None:
        # It has no close of its own that may be called before the last tensor is read.
        self._file: Any = safe_open(path, framework="pt", device="cpu")
        self._names = tuple(self._file.keys())
        self._known = frozenset(self._names)

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._known:
            raise KeyError(name)
        return self._file.get_tensor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Renamed(Mapping[str, Tensor]):
    """The same tensors under other names."""

    def __init__(self, tensors: Tensors, names: Mapping[str, str]) -> None:
        self._tensors, self._names = tensors, names

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[self._names[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Filling:
    """A model on the meta device that takes over tensors."""

    def __init__(self, model: nn.Module, dtype: torch.dtype | None, source: str) -> None:
        self._model, self._dtype, self._source = model, dtype, source
        self._missing = dict(model.state_dict())
        self._state: dict[str, Tensor] = {}

    def take(self, key: str, names: tuple[str, ...], tensor: Tensor) -> None:
        """Put a tensor where it belongs, cut where several parameters share it."""
        if not tensor.is_floating_point():
            raise ModelError(f"{self._source} is quantised ({tensor.dtype}), which is not read")
        if any(name not in self._missing for name in names):
            raise _another(self._source, f"nothing in ToonCrafter is called {key}")
        wanted = [self._missing.pop(name) for name in names]
        if tensor.numel() != sum(item.numel() for item in wanted) or not _same_shape(
            tensor, wanted
        ):
            raise _another(
                self._source, f"{key} has the shape {_words(tensor.shape)}, {_expected(wanted)}"
            )
        for name, piece, like in zip(names, tensor.chunk(len(names)), wanted, strict=True):
            # A copy, so that the file may be moved or deleted while the model is used.
            self._state[name] = piece.to(self._dtype or piece.dtype, copy=True).reshape(like.shape)

    def finished(self, words: str) -> nn.Module:
        """The model, if nothing is missing."""
        if self._missing:
            raise ModelError(
                f"{self._source} is incomplete: {len(self._missing)} parameters of the {words} "
                f"are missing, such as {next(iter(self._missing))}"
            )
        self._model.load_state_dict(self._state, assign=True)
        return self._model.eval()


def _same_shape(tensor: Tensor, wanted: list[Tensor]) -> bool:
    """Whether shapes agree, sides of 1 left out: some layers came as convolutions of width 1."""
    first = list(tensor.shape)
    if first:
        first[0] //= len(wanted)
    return all(_sides(first) == _sides(item.shape) for item in wanted)


def _sides(shape: Any) -> list[int]:
    return [side for side in shape if side != 1]


def _words(shape: Any) -> str:
    return " x ".join(map(str, shape)) or "of a number"


def _expected(wanted: list[Tensor]) -> str:
    shape = list(wanted[0].shape)
    shape[0] *= len(wanted)
    return f"not {_words(shape)}"


def _another(source: str, why: str) -> ModelError:
    return ModelError(f"{source} is not a ToonCrafter or DynamiCrafter model: {why}")


def _base_scale(tables: Tensors, source: str) -> float:
    alphas = tables.get("alphas_cumprod")
    if alphas is not None and not alphas.is_meta:
        ours = torch.from_numpy(schedule().alphas)
        if alphas.shape != ours.shape or (alphas.double() - ours).abs().max() > _TOO_FAR:
            raise _another(source, "it was trained with another schedule of noise")
    scale = tables.get("scale_arr")
    # Rounded, as half precision may have changed the last digits.
    return 0.7 if scale is None or scale.is_meta else round(float(scale[-1]), 3)


def _unpickled(path: Path) -> object:
    damaged = f"{path} is damaged or incomplete: download it again"
    try:
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except RuntimeError as error:
            # Files of the format before 2020 cannot be mapped.
            if "mmap can only be used" not in str(error):
                raise
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error) or "global" in str(error):
            raise ModelError(
                f"{path} holds code beside its weights and was not opened: "
                "use a safetensors version of it"
            ) from error
        raise ModelError(damaged) from error
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        raise ModelError(damaged) from error


def _unet(sizes: Sizes, video: bool) -> nn.Module:
    del video
    with torch.device("meta"):
        return ToonCrafterUNet(**sizes.unet)


def _vae(sizes: Sizes, video: bool) -> nn.Module:
    with torch.device("meta"):
        return ToonCrafterVAE(**{**sizes.vae, "video": video})


def _projector(sizes: Sizes, video: bool) -> nn.Module:
    del video
    with torch.device("meta"):
        return ImageProjector(**sizes.image_projector)


_MAKERS: Mapping[str, Callable[[Sizes, bool], nn.Module]] = MappingProxyType(
    {
        "unet": _unet,
        "vae": _vae,
        "image_projector": _projector,
        "text_encoder": lambda sizes, video: clip.text_tower(sizes.text_encoder),  # noqa: ARG005
        "image_encoder": lambda sizes, video: clip.image_tower(sizes.image_encoder),  # noqa: ARG005
    }
)
