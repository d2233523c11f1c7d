"""What a network would take, found without computing: run on the meta device, counted call by call.

Memory is that of tensors alive at once, weights left out; a kernel's own workspace is not seen.
Attention is counted as a kernel that never holds the scores.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Taken:
    """What one call takes.

    Attributes:
        tera: 10^12 operations, a product and its sum counted as two.
        peak: bytes alive at once, at most, made within the call.
    """

    tera: float
    peak: int


def taken(call: Callable[[], Any]) -> Taken:
    """Run a call on tensors of the meta device and count."""
    attention = _Attention()
    with torch.inference_mode(), _attending(attention):
        # Apart, as the counter takes calls to pieces that hold more at once.
        counter = FlopCounterMode(display=False)
        with counter:
            call()
        alive = _Alive()
        with alive:
            call()
    # The call ran twice.
    return Taken((counter.get_total_flops() + attention.operations / 2) / 1e12, alive.peak)


class _Alive(TorchDispatchMode):
    """Follows the bytes of every storage from its making to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        made = func(*args, **(kwargs or {}))
        given = {item.untyped_storage()._cdata for item in _tensors((args, kwargs))}
        for item in _tensors(made):
            storage = item.untyped_storage()
            if storage._cdata in given or storage._cdata in self._known:
                continue
            self._known.add(storage._cdata)
            size = storage.nbytes()
            self.now += size
            self.peak = max(self.peak, self.now)
            weakref.finalize(storage, self._gone, storage._cdata, size)
        return made

    def _gone(self, name: int, size: int) -> None:
        self._known.discard(name)
        self.now -= size


class _Attention:
    """Stands in for torch's attention, whose choice of kernel on the meta device is not real."""

    def __init__(self) -> None:
        self.operations = 0

    def __call__(self, query: Tensor, key: Tensor, value: Tensor, **_how: Any) -> Tensor:
        *front, places, width = query.shape
        self.operations += 4 * torch.Size(front).numel() * places * key.shape[-2] * width
        return torch.empty((*front, places, value.shape[-1]), dtype=query.dtype, device="meta")


@contextmanager
def _attending(stand_in: _Attention) -> Iterator[None]:
    with patch.object(functional, "scaled_dot_product_attention", stand_in):
        yield


def _tensors(found: Any) -> Iterator[Tensor]:
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, dict):
        for item in found.values():
            yield from _tensors(item)
    elif isinstance(found, list | tuple):
        for item in found:
            yield from _tensors(item)
