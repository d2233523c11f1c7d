from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.shots import caffemodel


@pytest.fixture(scope="session")
def squeezenet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Caffe model of SqueezeNet's shape with random weights that keep signals alive."""
    from genani.training.metrics_features import SqueezeNet

    rng = np.random.default_rng(7)
    layers: dict[str, list[NDArray[np.float32]]] = {}
    for name, weight in SqueezeNet().named_parameters():
        layer = name.removeprefix("fires.").rsplit(".", 1)[0].replace(".", "/")
        spread = 1.5 / np.sqrt(weight[0].numel()) if weight.ndim > 1 else 0.01
        blob = rng.normal(0, spread, tuple(weight.shape)).astype(np.float32)
        layers.setdefault(layer, []).append(blob)
    path = tmp_path_factory.mktemp("weights") / "squeezenet.caffemodel"
    path.write_bytes(caffemodel(layers))
    return path
