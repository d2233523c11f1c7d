from pathlib import Path

import numpy as np
import pytest
import torch

from genani.scene.errors import ModelError, PictureError
from genani.training.metrics import Image
from genani.training.metrics_caffemodel import read_caffemodel
from genani.training.metrics_features import SqueezeDistance, SqueezeNet, mean_distance
from tests.training.shots import caffemodel

CHANNELS = [64, 128, 256, 384, 384, 512, 512]


@pytest.fixture(scope="module")
def measure(squeezenet_file: Path) -> SqueezeDistance:
    return SqueezeDistance(squeezenet_file)


def noise(seed: int, shape: tuple[int, int] = (48, 56)) -> Image:
    return np.random.default_rng(seed).random((*shape, 3)).astype(np.float32)


def test_features_of_seven_layers(measure: SqueezeDistance) -> None:
    found = measure.features(noise(0))
    assert [layer.shape[0] for layer in found] == CHANNELS
    # Caffe's sizes: a convolution without a border, and pooling that rounds up.
    assert [tuple(layer.shape[1:]) for layer in found[:3]] == [(23, 27), (11, 13), (5, 6)]
    for layer in found:
        assert torch.allclose(layer.norm(dim=0), torch.ones(()), atol=1e-4)


def test_the_network_sees_blue_first_and_less_its_mean(squeezenet_file: Path) -> None:
    net = SqueezeNet()
    weights = read_caffemodel(squeezenet_file)
    net.load(weights)
    rgb = noise(1, (17, 17))
    with torch.inference_mode():
        found = net(torch.from_numpy(rgb.transpose(2, 0, 1).copy())[None])[0][0, :, 2, 3]
    seen = (rgb[4:7, 6:9, ::-1] * 255 - np.array([104, 117, 123])).transpose(2, 0, 1)
    kernel, bias = weights["conv1"]
    expected = np.maximum((kernel * seen).sum(axis=(1, 2, 3)) + bias, 0)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-3, atol=1e-2)


def test_equal_pictures_have_no_distance_and_others_some(measure: SqueezeDistance) -> None:
    one, other = measure.features(noise(0)), measure.features(noise(1))
    assert mean_distance(measure.maps(one, one)) == 0
    there, back = mean_distance(measure.maps(one, other)), mean_distance(measure.maps(other, one))
    assert there == back
    assert there is not None
    assert 0 < there < 14


def test_a_mask_of_everything_changes_nothing(measure: SqueezeDistance) -> None:
    maps = measure.maps(measure.features(noise(0)), measure.features(noise(1)))
    everywhere = np.ones((48, 56), bool)
    assert mean_distance(maps, everywhere) == pytest.approx(mean_distance(maps))
    assert mean_distance(maps, ~everywhere) is None


def test_a_mask_looks_only_where_it_is(measure: SqueezeDistance) -> None:
    truth = noise(0, (96, 96))
    wrong = truth.copy()
    wrong[:16, :16] = 0
    maps = measure.maps(measure.features(wrong), measure.features(truth))
    near, far = np.zeros((96, 96), bool), np.zeros((96, 96), bool)
    near[:16, :16] = True
    far[88:, 88:] = True
    inside, outside = mean_distance(maps, near), mean_distance(maps, far)
    assert inside is not None
    assert outside is not None
    assert inside > 10 * outside


def test_small_pictures_are_refused(measure: SqueezeDistance) -> None:
    measure.features(noise(0, (17, 17)))
    with pytest.raises(PictureError, match="17 pixels"):
        measure.features(noise(0, (16, 40)))


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.caffemodel"
    path.write_bytes(caffemodel({"conv1": [np.zeros((4, 3, 3, 3), np.float32)]}))
    with pytest.raises(ModelError, match=r"not SqueezeNet 1\.1: layer conv1"):
        SqueezeDistance(path)
