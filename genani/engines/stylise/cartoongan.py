"""Stylists that are a CartoonGAN: the published light ones, and our own with the user's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.engines.painting import Options
from genani.engines.stylise import cartoongan_light as light
from genani.engines.stylise import cartoongan_model, norms
from genani.engines.stylise.cartoongan_model import Chain, Layout
from genani.engines.stylise.cartoongan_weights import KINDS, found, layout_of, load
from genani.engines.stylise.norms import Moments
from genani.engines.stylise.painting import PaintingStylist
from genani.scene.errors import ModelError

INDEX, DATA = "generator.index", "generator.data-00000-of-00001"
"""Files of the published checkpoints in the model store."""

_SQUARES = 512


class CartoonPainter:
    """A generator as a painter.

    Args:
        network: on the device.
        device: its type is what it computes in.
        moments: of the whole picture, where squares of it are painted.
    """

    def __init__(
        self, network: Chain, device: Device, moments: Sequence[Moments] | None = None
    ) -> None:
        self._network, self._device, self._moments = network, device, moments

    def paint(self, rgb: Tensor, token: CancelToken) -> Tensor:
        """See `StylePainter.paint`."""
        if self._moments is None:
            return self._drawn(rgb, token)
        with norms.told(self._network, self._moments):
            return self._drawn(rgb, token)

    def seeing(self, rgb: Tensor, token: CancelToken) -> Self:
        """See `StylePainter.seeing`."""
        with norms.remembering(self._network) as moments:
            self._drawn(rgb, token)
        return type(self)(self._network, self._device, tuple(moments))

    def _drawn(self, rgb: Tensor, token: CancelToken) -> Tensor:
        photo = rgb.to(self._device.dtype) * 2 - 1
        x = photo
        for stage in self._network.stages():
            token.check()
            x = stage(x)
        return (self._network.closed(x, photo).float() + 1) / 2


class LightCartoonGan(PaintingStylist[CartoonPainter]):
    """A published light CartoonGAN: the name card says which."""

    multiple, least, natural = light.MULTIPLE, light.LEAST, 640

    def tiers(self, options: Options) -> Sequence[Tier]:
        """See `PaintingStylist.tiers`."""
        del options
        return (
            Tier("full", bytes_per_pixel=2400),
            Tier("tiled", bytes_per_pixel=2400, tile=_SQUARES),
        )

    def pace(self, options: Options) -> Pace:
        """See `PaintingStylist.pace`."""
        del options
        return Pace(load=2.0, prepare=0, paint=9.0, weights=3_600_000)

    def painter(self, options: Options) -> CartoonPainter:
        """See `PaintingStylist.painter`."""
        del options
        (model,) = self._info.models
        network = light.load(self._locate(model, INDEX), self._locate(model, DATA))
        return CartoonPainter(placed(network, self._device), self._device)


class CartoonGan(PaintingStylist[CartoonPainter]):
    """Our own CartoonGAN or ArtifyGAN, or one that a person has trained."""

    multiple, least = cartoongan_model.MULTIPLE, cartoongan_model.LEAST

    def tiers(self, options: Options) -> Sequence[Tier]:
        """See `PaintingStylist.tiers`."""
        each = 30.0 * self._layout(options).width + 100
        return (
            Tier("full", bytes_per_pixel=each),
            Tier("tiled", bytes_per_pixel=each, tile=_SQUARES),
        )

    def pace(self, options: Options) -> Pace:
        """See `PaintingStylist.pace`."""
        layout = self._layout(options)
        heavy = layout.blocks * layout.convolutions / 16 + (0.4 if layout.after else 0.3)
        return Pace(load=0.3, prepare=0, paint=25.0 * heavy * (layout.width / 64) ** 2 + 0.3)

    def painter(self, options: Options) -> CartoonPainter:
        """See `PaintingStylist.painter`."""
        kind = KINDS[self._info.name]
        try:
            network = load(found(str(options["model"]), kind, self._locate))
        except ModelError as error:
            raise ModelError(
                f"{self._info.title} cannot draw: {error}. `genani train {self._info.name}` makes "
                "such a model"
            ) from error
        return CartoonPainter(placed(network, self._device), self._device)

    def _layout(self, options: Options) -> Layout:
        kind = KINDS[self._info.name]
        try:
            return layout_of(found(str(options["model"]), kind, self._locate))
        except ModelError:
            # Said when it is to draw; an estimate may be asked for before.
            return kind.layout


def placed(network: Chain, device: Device) -> Chain:
    """A network on a device, in what it computes in there."""
    return network.to(device.torch, device.dtype).requires_grad_(False)
