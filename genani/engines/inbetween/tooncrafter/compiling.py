"""The network compiled for the device it runs on, where there is a compiler."""

from __future__ import annotations

import torch

from genani.engines.inbetween.tooncrafter.unet import ToonCrafterUNet

_KINDS = 64
"""Sizes of units that are compiled each for itself; torch gives up after fewer."""


def compiled(unet: ToonCrafterUNet, device: torch.device) -> str:
    """Have the network's units compiled when they are first asked: minutes once, quicker then.

    Returns:
        Why it is drawn without, in a few words; empty where a compiler was found.
    """
    try:
        trial = torch.compile(_trial)
        trial(torch.ones(8, device=device))
    except Exception as error:  # what is missing differs by system: a compiler, Triton, headers
        words = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
        return f"drawn without compiling, as there is no compiler that works: {words}"
    config = torch._dynamo.config
    config.recompile_limit = max(config.recompile_limit, _KINDS)
    unet.compile_repeated_blocks()
    return ""


def _trial(values: torch.Tensor) -> torch.Tensor:
    return (values * 2).sin() + 1
