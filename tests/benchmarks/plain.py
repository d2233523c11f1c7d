"""What the engines are held against: a bare loop over the same networks, and nothing else.

No alpha, no padding beyond what the network needs, no palette, no pasting back, no cancel, no
pictures: float32 tensors in, float32 tensors out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from torch import Tensor

from genani.engines import registry
from genani.engines.device import pick
from genani.engines.inbetween.gmfss.engine import MODEL, fill
from genani.engines.inbetween.gmfss.network import MULTIPLE, Gmfss
from genani.engines.inbetween.rife.versions import VERSIONS, read_network
from genani.scene.picture import Picture
from genani.scene.request import SpanSettings
from genani.store.models import path

Loop = Callable[[Tensor, Tensor, list[float]], Iterator[Tensor]]
"""Two keys (1, 3, H, W) float32, 0 to 1, and times to the pictures at those times."""


def rgb(picture: Picture) -> Tensor:
    """(1, 3, H, W) float32, 0 to 1, alpha left out."""
    pixels = torch.from_numpy(picture.pixels[..., :3].copy())
    return pixels.permute(2, 0, 1)[None].float() / picture.white


def loop(settings: SpanSettings) -> Loop:
    """The bare loop of the network behind an engine's settings."""
    settings = registry.resolve(settings)
    if settings.engine == "rife":
        return _rife(str(settings.options["version"]))
    if settings.engine == "gmfss":
        return _gmfss()
    return _blend


def _blend(first: Tensor, last: Tensor, times: list[float]) -> Iterator[Tensor]:
    for t in times:
        yield torch.lerp(first, last, t)


def _rife(version: str) -> Loop:
    kind = VERSIONS[version]
    place = pick().torch
    network = read_network(version, path(kind.model, kind.file)).to(place)

    @torch.inference_mode()
    def draw(first: Tensor, last: Tensor, times: list[float]) -> Iterator[Tensor]:
        a, b, crop = _padded(first.to(place), last.to(place), network.multiple)
        for t in times:
            yield network(a, b, t).blended(a, b)[crop].cpu()

    return draw


def _gmfss() -> Loop:
    place = pick().torch
    network = fill(Gmfss().eval(), lambda file: path(MODEL, file)).to(place)

    @torch.inference_mode()
    def draw(first: Tensor, last: Tensor, times: list[float]) -> Iterator[Tensor]:
        a, b, crop = _padded(first.to(place), last.to(place), MULTIPLE)
        solid = torch.ones_like(a[:, :1])
        keys = network.prepare((a, solid), (b, solid), 1.0, _never)
        for t in times:
            yield network.paint(*keys, t, _never).images[crop].cpu()

    return draw


def _padded(first: Tensor, last: Tensor, multiple: int) -> tuple[Tensor, Tensor, tuple]:
    height, width = first.shape[-2:]
    rim = (0, -width % multiple, 0, -height % multiple)
    crop = (..., slice(height), slice(width))
    return F.pad(first, rim, mode="replicate"), F.pad(last, rim, mode="replicate"), crop


def _never() -> None:
    """A check that asks nobody."""
