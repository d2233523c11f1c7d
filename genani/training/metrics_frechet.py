"""How far a crowd of pictures is from another crowd, whichever picture belongs to which."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genani.media.files import shown
from genani.scene.errors import ModelError

Vector = NDArray[np.float64]

FIDELITY = "torch_fidelity"
"""The library that computes the published measure, where it is installed."""


class Moments:
    """Mean and covariance of vectors that come one by one.

    Args:
        size: of each vector.
    """

    def __init__(self, size: int) -> None:
        self.count = 0
        self._sum = np.zeros(size)
        self._products = np.zeros((size, size))

    def add(self, vector: Vector) -> None:
        """Take one more vector in."""
        self.count += 1
        self._sum += vector
        self._products += np.outer(vector, vector)

    @property
    def mean(self) -> Vector:
        """(size,) float64."""
        return self._sum / self.count

    @property
    def covariance(self) -> Vector:
        """(size, size) float64, unbiased; nothing of a single vector."""
        if self.count < 2:
            return np.zeros_like(self._products)
        centred = self._products - np.outer(self._sum, self._sum) / self.count
        return centred / (self.count - 1)


def frechet(one: Moments, other: Moments) -> float:
    """The squared Fréchet distance of two Gaussians (D. Dowson, B. Landau, 1982); 0 for equals.

    The distance of FID (M. Heusel et al., arXiv 1706.08500), over whatever features are given.
    """
    root = _root(one.covariance)
    between = np.linalg.eigvalsh(root @ other.covariance @ root)
    shared = np.sqrt(np.clip(between, 0, None)).sum()
    traces = np.trace(one.covariance) + np.trace(other.covariance)
    return max(0.0, float(np.square(one.mean - other.mean).sum() + traces - 2 * shared))


def fidelity_weights(path: Path | None = None) -> Path:
    """The Inception weights that torch-fidelity takes, never fetched from here.

    Args:
        path: where a person says they are; None looks where torch-fidelity keeps them.

    Raises:
        ModelError: torch-fidelity or its weights are not there, or the file is no plain weights.
    """
    if importlib.util.find_spec(FIDELITY) is None:
        raise ModelError("torch-fidelity is not installed: `pip install torch-fidelity`")
    import torch
    from torch_fidelity.feature_extractor_inceptionv3 import (  # pyright: ignore[reportMissingImports]
        URL_INCEPTION_V3,
    )

    name = URL_INCEPTION_V3.rpartition("/")[2]
    found = path or Path(torch.hub.get_dir()) / "checkpoints" / name
    if not found.is_file():
        raise ModelError(f"torch-fidelity's weights are missing: '{shown(found)}'")
    try:
        # The library unpickles whatever the file holds; this refuses all but tensors.
        torch.load(found, weights_only=True, map_location="meta")
    except Exception as error:
        raise ModelError(f"'{shown(found)}' is no file of weights") from error
    return found


def fid(results: Path, truths: Path, weights: Path) -> float:
    """The Fréchet Inception Distance of two folders of PNG files, by torch-fidelity.

    Args:
        results, truths: folders of at least two pictures.
        weights: from `fidelity_weights`.
    """
    import torch
    from torch_fidelity import calculate_metrics  # pyright: ignore[reportMissingImports]

    measured = calculate_metrics(
        input1=str(results),
        input2=str(truths),
        fid=True,
        cuda=torch.cuda.is_available(),
        verbose=False,
        cache=False,
        batch_size=8,
        save_cpu_ram=True,
        feature_extractor_weights_path=str(weights),
    )
    return float(measured["frechet_inception_distance"])


def _root(matrix: Vector) -> Vector:
    """The square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
