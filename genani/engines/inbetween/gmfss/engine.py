"""The GMFSS engine: reads the published weights and says how it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.inbetween.gmfss.features import FeatureNet
from genani.engines.inbetween.gmfss.fusion import GridNet
from genani.engines.inbetween.gmfss.gmflow.network import GMFlow
from genani.engines.inbetween.gmfss.metric import MetricNet
from genani.engines.inbetween.gmfss.network import Gmfss
from genani.engines.inbetween.gmfss.painter import GmfssPainter, Prepared, Still
from genani.engines.inbetween.rife.v46 import FlowNet46
from genani.engines.painter import Tier
from genani.engines.painting import Options, PaintingEngine
from genani.scene.errors import ModelError

MODEL = "gmfss-fortuna"

FILES = {
    "flow": "flownet.pkl",
    "metric": "metric_union.pkl",
    "features": "feat_union.pkl",
    "fusion": "fusionnet_union.pkl",
    "rife": "rife.pkl",
}
"""The network's parts and the files of the model that hold their weights."""

TIERS = (
    Tier("full", bytes_per_pixel=2650),
    # Flow ends at a square's edge, so larger squares match better.
    Tier("tiled", bytes_per_pixel=2650, tile=1024),
)
"""Bytes measured on CPU with alpha: 2350 to 2650 at 512x320, fewer a pixel at larger sizes."""

PACE = Pace(load=1.0, prepare=10.0, paint=8.0, weights=140 << 20)


def random_network(seed: int = 0) -> Gmfss:
    """A network of the right layout with random weights, small enough for any test."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        widths = (8, 8, 8)
        return Gmfss(
            flow=GMFlow(width=16, stem=(8, 8, 8), depth=2),
            metric=MetricNet(width=8),
            features=FeatureNet(widths),
            fusion=GridNet(widths),
            rife=FlowNet46((16, 8, 8, 8)),
        ).eval()


def fill(network: Gmfss, file: Callable[[str], Path]) -> Gmfss:
    """Give a network on the CPU the weights of the published files; return it.

    Args:
        file: finds a file of the model by its name; raises `ModelError` where it is missing.

    Raises:
        ModelError: a file is missing, or does not hold the weights it should.
    """
    for part, name in FILES.items():
        path = file(name)
        try:
            weights = torch.load(path, map_location="cpu", weights_only=True)
            network.get_submodule(part).load_state_dict(weights)
        except Exception as error:  # torch has many words for a file that does not fit
            raise ModelError(
                f"{path} does not hold weights of GMFSS Fortuna: fetch the model again"
            ) from error
    return network


def placed(network: Gmfss, device: Device) -> Gmfss:
    """The network where and how it is to run."""
    if device.half:
        network.halve()
    # Twice as fast for convolutions; GMFlow, which is more of matrix products, loses by it.
    for part in (network.features, network.fusion, network.metric, network.rife):
        part.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return network.to(device.torch)


class GmfssEngine(PaintingEngine[Prepared | Still]):
    """Engine around `GmfssPainter`."""

    multiple = GmfssPainter.multiple
    least = GmfssPainter.least

    def tiers(self, options: Options) -> Sequence[Tier]:
        """Whole, or in squares where memory is short."""
        del options
        return TIERS

    def pace(self, options: Options) -> Pace:
        """As measured; alpha doubles the time of painting, and is what cels have."""
        del options
        return PACE

    def painter(self, options: Options) -> GmfssPainter:
        """See `PaintingEngine.painter`."""
        del options
        network = fill(Gmfss().eval(), lambda name: self._locate(MODEL, name))
        return GmfssPainter(placed(network, self._device))
