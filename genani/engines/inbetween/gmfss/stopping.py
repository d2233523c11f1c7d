"""Cancel within one layer: a network that looks up before each of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import nn

Check = Callable[[], None]
"""Raises if the work is to stop; cheap."""


@contextmanager
def checked(network: nn.Module, check: Check) -> Iterator[None]:
    """Call `check` before each module of a network runs; what it raises goes through."""
    hooks = [part.register_forward_pre_hook(lambda *_: check()) for part in network.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
