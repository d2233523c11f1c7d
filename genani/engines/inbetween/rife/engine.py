"""The RIFE engine: the tiers it runs at and what they cost."""

from __future__ import annotations

from collections.abc import Sequence

from genani.engines.adapted import put_on
from genani.engines.cost import Pace
from genani.engines.inbetween.rife.motion import begun_at
from genani.engines.inbetween.rife.painter import Keys, RifePainter
from genani.engines.inbetween.rife.versions import VERSIONS, placed, read_network
from genani.engines.painter import Tier
from genani.engines.painting import Options, PaintingEngine
from genani.scene.request import OptionValue

# Measured on drawings of our own: RIFE draws best where the picture it sees has a long side of
# 500 to 1000 pixels. Seen twice as large a picture of 256 gains 0.3 to 1.4 dB; seen at half, one
# of 1920 gains 0.7 dB at 100 pixels of motion and 0.9 at 450, one of 3840 gains 1.7 at 400.
_TIERS = (
    Tier("double-resolution flow", bytes_per_pixel=1500, scale=2, most_side=448),
    Tier("full", bytes_per_pixel=450, most_side=1600),
    Tier("half-resolution flow", bytes_per_pixel=180, scale=0.5, most_side=5120),
    Tier("quarter-resolution flow", bytes_per_pixel=140, scale=0.25),
    Tier("tiled", bytes_per_pixel=450, tile=512),
)

_PACE = Pace(load=0.3, prepare=0.02, paint=0.65, weights=22_000_000)


class Rife(PaintingEngine[Keys]):
    """RIFE, the motion estimated at the size that suits the picture and the memory."""

    multiple = RifePainter.multiple
    least = RifePainter.least

    def tiers(self, options: Options) -> Sequence[Tier]:
        """By the size of the picture, unless the animator says how far things move."""
        return begun_at(_TIERS, str(options["motion"]))

    def pace(self, options: Options) -> Pace:
        """Both versions cost about the same; nothing is shared between in-betweens."""
        del options
        return _PACE

    def painter(self, options: Options) -> RifePainter:
        """See `PaintingEngine.painter`."""
        version = str(options["version"])
        kind = VERSIONS[version]
        network = read_network(version, self._locate(kind.model, kind.file))
        put_on(network, str(options["styles"]), kind.bases)
        return RifePainter(placed(network, self._device))

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """The version and what is put on it say which weights are read."""
        return options["version"], options["styles"]
