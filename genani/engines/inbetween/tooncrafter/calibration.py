"""How fast this machine draws: timed in one step, and remembered for the next estimate."""

from __future__ import annotations

import json
import math
import os
import platform
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
import torch

from genani.engines.device import Device


@dataclass(frozen=True)
class Speed:
    """10^12 operations a second.

    Attributes:
        step: of the network.
        decode: of the autoencoder.
        timed: False where it is a guess.
    """

    step: float
    decode: float
    timed: bool = False


GUESSED = {"cpu": Speed(0.1, 0.1), "cuda": Speed(60.0, 40.0), "mps": Speed(3.0, 3.0)}
"""Until a step was timed."""


def remembered(device: Device) -> Speed:
    """What was timed on this device last, in this program or an earlier one; else a guess."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(_file().read_text("utf-8"))[_name(device)]
        step, decode = float(found["step"]), float(found["decode"])
        if math.isfinite(step) and math.isfinite(decode) and step > 0 and decode > 0:
            return Speed(step, decode, timed=True)
    return GUESSED[device.name.partition(":")[0]]


def remember(device: Device, speed: Speed) -> None:
    """Keep a speed; where nothing can be written, only this program knows it."""
    path = _file()
    known = {}
    with suppress(OSError, ValueError):
        read = json.loads(path.read_text("utf-8"))
        known = read if isinstance(read, dict) else {}
    known[_name(device)] = {key: value for key, value in asdict(speed).items() if key != "timed"}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=1)
        Path(beside).replace(path)


def settle(device: torch.device) -> None:
    """Wait until the device has done all it was told, so that a clock tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _file() -> Path:
    root = os.environ.get("GENANI_CACHE")
    cache = Path(root or platformdirs.user_cache_dir("GenAni", appauthor=False))
    return cache / "tooncrafter_speed.json"


def _name(device: Device) -> str:
    """A device with all that its speed depends on."""
    if device.name.startswith("cuda"):
        what = torch.cuda.get_device_name(device.torch)
    else:
        what = f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"
    return f"{device.name} {what} {'half' if device.half else 'float32'}"
