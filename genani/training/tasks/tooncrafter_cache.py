"""What the frozen parts of ToonCrafter make of a window, made once and kept on disk.

Latents, tokens of words and of the first drawing: with these at hand neither autoencoder nor CLIP
is needed while the network is trained. Imports torch: import it late.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from genani.engines.inbetween.tooncrafter.canvas import Canvas
from genani.engines.inbetween.tooncrafter.pipeline import ToonCrafterPipeline
from genani.engines.tensor import matte_for, over, premultiplied
from genani.media import atomic
from genani.training.tasks.tooncrafter_clips import Window

_FORMAT = "1"


@dataclass(frozen=True)
class Cache:
    """Encoded windows of one model at one size.

    Attributes:
        folder: where they lie.
        height, width: of the pictures, multiples of the model's.
    """

    folder: Path
    height: int
    width: int

    @classmethod
    def of(cls, home: Path, model: Path, height: int, width: int) -> Cache:
        """The cache for a model's folder or file, told apart by its path and time of change."""
        stamp = max((each.stat().st_mtime_ns for each in _files(model)), default=0)
        told = f"{_FORMAT} {model.absolute()} {stamp} {height} {width}"
        return cls(home / hashlib.sha256(told.encode()).hexdigest()[:16], height, width)

    def place(self, window: Window) -> Path:
        """Where a window's tensors lie, if it was encoded."""
        return self.folder / f"{window.digest[:32]}.safetensors"

    @property
    def nothing(self) -> Path:
        """Where the tokens of no words and of a grey picture lie."""
        return self.folder / "nothing.safetensors"

    def fill(
        self, windows: Sequence[Window], start: Callable[[], ToonCrafterPipeline]
    ) -> Iterator[None]:
        """Encode what is not there yet; one value a window.

        Args:
            start: gives the pipeline; not called where all is there.

        Raises:
            FileError: the disk is full or cannot be written.
        """
        pipe: ToonCrafterPipeline | None = None
        if not read_or_none(self.nothing):
            pipe = start()
            _write(self.nothing, _nothing(pipe, self.height, self.width))
        for window in windows:
            place = self.place(window)
            if not place.is_file():
                pipe = pipe or start()
                _write(place, _encoded(pipe, window, self.height, self.width))
            yield


def read_or_none(path: Path) -> Mapping[str, Tensor] | None:
    """The tensors of a file of the cache; None where it is missing or damaged."""
    try:
        return load_file(path)
    except (OSError, SafetensorError):
        return None


def _files(model: Path) -> list[Path]:
    return [each for each in model.rglob("*") if each.is_file()] if model.is_dir() else [model]


def _write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    with atomic.file(path) as temporary:
        save_file({name: item.contiguous() for name, item in tensors.items()}, temporary)


@torch.inference_mode()
def _nothing(pipe: ToonCrafterPipeline, height: int, width: int) -> dict[str, Tensor]:
    grey = torch.zeros(1, 3, height, width)
    return {
        "text": pipe.encode_text([""])[0].half().cpu(),
        "image": pipe.encode_image(grey)[0].half().cpu(),
    }


@torch.inference_mode()
def _encoded(
    pipe: ToonCrafterPipeline, window: Window, height: int, width: int
) -> dict[str, Tensor]:
    """`mean`, `std` (4, T, h, w), `text` and `image` tokens, `keys` (2, 3, H, W) uint8, `fs`."""
    frames = _laid(window, height, width)
    vae = pipe.vae
    moments = [vae.encode(frame[None].to(vae.device, vae.dtype)).posterior for frame in frames]
    mean = torch.cat([it.mean for it in moments]).transpose(0, 1)
    std = torch.cat([it.std for it in moments]).transpose(0, 1)
    ends = frames[[0, -1]]
    return {
        "mean": mean.float().cpu(),
        "std": std.float().cpu(),
        "text": pipe.encode_text([window.caption])[0].half().cpu(),
        "image": pipe.encode_image(frames[:1])[0].half().cpu(),
        "keys": ((ends + 1) * 127.5).round().to(torch.uint8),
        "fs": torch.tensor(window.fs),
    }


def _laid(window: Window, height: int, width: int) -> Tensor:
    """(T, 3, H, W) in -1..1: the drawings over a plain colour, whole, their border going on."""
    drawings = [premultiplied(picture.pixels) for picture in window.pictures]
    matte = matte_for(drawings[0], drawings[-1])
    tall, wide = drawings[0].shape[2:]
    scale = min(height / tall, width / wide)
    inside = max(1, round(tall * scale)), max(1, round(wide * scale))
    canvas = Canvas(height, width, *inside, (height - inside[0]) // 2, (width - inside[1]) // 2)
    seen = [canvas.laid(over(drawing, matte)).clamp(0, 1) for drawing in drawings]
    return 2 * torch.cat(seen) - 1
