"""The network's weights: written and read as safetensors, with the layout in the file's header."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from genani.engines.inbetween.face_model import FaceModel, FaceModelConfig
from genani.engines.weights_file import WeightsKind, write
from genani.store.describing import Description, describe

if TYPE_CHECKING:
    from genani.engines.inbetween.rife.pyramid import FlowPyramid

MODEL, FILE = "genani-face", "face_model.safetensors"
"""Names in the model store."""

FORMAT = "genani-face-model/1"
"""Tag of the layout; another one is refused."""

_KIND = WeightsKind(FORMAT, "face model")

_DESCRIPTION = Description(
    MODEL,
    "GenAni's own face network",
    FORMAT,
    "GenAni; flow blocks from RIFE 4.6 by Zhewei Huang and others (Practical-RIFE, MIT)",
    "Draws the picture at any time between two pictures, along the landmarks of a face.",
)

TINY = FaceModelConfig((16, 8, 8, 8), (4, 4, 8), (8, 8, 8))
"""A layout for tests."""


def started_from(network: FlowPyramid, config: FaceModelConfig | None = None) -> FaceModel:
    """An untrained network that draws what RIFE does.

    Args:
        network: RIFE 4.6.
        config: the layout, its `widths` those of the network.
    """
    model = FaceModel(config or FaceModelConfig())
    model.load_state_dict(network.state_dict(), strict=False)
    return model


def save(model: FaceModel, path: Path, *, half: bool = False) -> None:
    """Write weights whole or not at all.

    Args:
        model: whose.
        path: where; its folder must be there.
        half: in half precision, half as large; nothing is seen of it in the drawings.

    Raises:
        OSError: it cannot be written.
    """
    header = {"format": FORMAT, "config": json.dumps(asdict(model.config))}
    write(path, model.state_dict(), header, half=half)


def pack(model: FaceModel, folder: Path) -> None:
    """Write weights as a model of the store: in a folder `genani-face` there, engines find them.

    Args:
        model: whose.
        folder: where; it must be there.

    Raises:
        OSError: it cannot be written.
    """
    save(model, folder / FILE, half=True)
    describe(folder, _DESCRIPTION, [FILE])


def load(path: Path) -> FaceModel:
    """The network that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    header, weights = _KIND.read(path)
    with _KIND.whole(path):
        model = FaceModel(msgspec.json.decode(header.get("config", ""), type=FaceModelConfig))
        model.load_state_dict(weights)
    return model.eval()
