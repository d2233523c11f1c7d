"""Distances of crowds against their closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genani.scene.errors import ModelError
from genani.training.metrics_frechet import Moments, fidelity_weights, frechet


def moments(vectors: np.ndarray) -> Moments:
    found = Moments(vectors.shape[1])
    for vector in vectors:
        found.add(vector)
    return found


def crowd(seed: int, count: int = 400, size: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, size))


def test_moments_are_numpys() -> None:
    vectors = crowd(0) @ np.diag(np.arange(1, 7)) + 3
    found = moments(vectors)
    assert np.allclose(found.mean, vectors.mean(0))
    assert np.allclose(found.covariance, np.cov(vectors.T))


def test_a_crowd_is_nothing_from_itself() -> None:
    assert frechet(moments(crowd(1)), moments(crowd(1))) == pytest.approx(0, abs=1e-9)


def test_a_shift_counts_by_its_square_and_the_order_does_not_count() -> None:
    vectors = crowd(2)
    one, other = moments(vectors), moments(vectors[::-1] + 2.0)
    assert frechet(one, other) == pytest.approx(6 * 4)
    assert frechet(other, one) == pytest.approx(6 * 4)


def test_a_spread_counts_by_the_difference_of_deviations() -> None:
    vectors = crowd(3)
    wide = frechet(moments(vectors), moments(vectors * 3 - 2 * vectors.mean(0)))
    assert wide == pytest.approx(4 * np.trace(np.cov(vectors.T)))


def test_fewer_pictures_than_features_are_no_harm() -> None:
    few = crowd(4, count=3, size=64)
    assert frechet(moments(few), moments(few)) == pytest.approx(0, abs=1e-6)
    assert frechet(moments(few), moments(few + 1)) == pytest.approx(64, rel=1e-6)


def test_inception_is_not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="torch-fidelity"):
        fidelity_weights()
