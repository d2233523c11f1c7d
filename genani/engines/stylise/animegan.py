"""AnimeGAN as a stylist: the generator that this project trained, or one of the person's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.engines.painting import Options
from genani.engines.stylise.animegan_model import (
    LEAST,
    MULTIPLE,
    AnimeGAN,
    AnimeGANConfig,
)
from genani.engines.stylise.animegan_weights import FILE, MODEL, layout_of, load
from genani.engines.stylise.norms import Moments, remembering, told
from genani.engines.stylise.painting import PaintingStylist
from genani.scene.errors import ModelError

_SQUARES = (512, 256)
_BYTES = 30.0
"""Of each pixel, for each channel at full size."""


class AnimeGANPainter:
    """Paints with a generator.

    Args:
        network: on the device and in the precision it is to run in, in evaluation mode.
        moments: of the whole picture, where squares of it are painted.
    """

    def __init__(self, network: AnimeGAN, moments: Sequence[Moments] = ()) -> None:
        self._network, self._moments = network, moments

    def paint(self, rgb: Tensor, token: CancelToken) -> Tensor:
        """See `StylePainter.paint`."""
        dtype = next(self._network.parameters()).dtype
        if not self._moments:
            return self._network(rgb.to(dtype), token.check).float()
        with told(self._network, self._moments):
            return self._network(rgb.to(dtype), token.check).float()

    def seeing(self, rgb: Tensor, token: CancelToken) -> AnimeGANPainter:
        """See `StylePainter.seeing`."""
        with remembering(self._network) as seen:
            self.paint(rgb, token)
        return AnimeGANPainter(self._network, tuple(seen))


class AnimeGANStylist(PaintingStylist[AnimeGANPainter]):
    """The stylist `animegan`; see `PaintingStylist` for the arguments."""

    multiple = MULTIPLE
    least = LEAST

    def tiers(self, options: Options) -> Sequence[Tier]:
        """See `PaintingStylist.tiers`."""
        each = _BYTES * self._layout(options).width
        squares = (Tier(f"tiled {side}", each, tile=side) for side in _SQUARES)
        return Tier("full", each), *squares

    def pace(self, options: Options) -> Pace:
        """See `PaintingStylist.pace`."""
        layout = self._layout(options)
        heavy = (layout.width / 64) ** 1.4 * (0.7 + 0.3 * layout.blocks / 8)
        return Pace(load=0.2, prepare=0.0, paint=12.0 * heavy, weights=int(16e6 * heavy))

    def painter(self, options: Options) -> AnimeGANPainter:
        """See `PaintingStylist.painter`."""
        try:
            network = load(self._file(str(options["model"])))
        except ModelError as error:
            raise ModelError(
                f"AnimeGAN cannot draw: {error}. `genani train animegan` makes such a model"
            ) from error
        return AnimeGANPainter(_placed(network, self._device))

    def _layout(self, options: Options) -> AnimeGANConfig:
        try:
            return layout_of(self._file(str(options["model"])))
        except ModelError:
            # Said when it is to draw; an estimate may be asked for before.
            return AnimeGANConfig()

    def _file(self, wanted: str) -> Path:
        """Where the weights lie: a file, a folder that training has made, or the store's."""
        if not wanted:
            return self._locate(MODEL, FILE)
        place = Path(wanted).expanduser()
        if place.is_dir():
            place = place / FILE
        if place.is_file():
            return place
        if place.name == wanted:
            return self._locate(wanted, FILE)
        raise ModelError(f"there are no weights at '{place}': name a file that training has made")


def _placed(network: AnimeGAN, device: Device) -> AnimeGAN:
    # Not channels last: on a CPU its depthwise convolutions are a half slower then (measured).
    return network.requires_grad_(False).to(device.torch, device.dtype)
