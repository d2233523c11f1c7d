"""The RIFE engine: the tiers it runs at and what they cost."""

from __future__ import annotations

from collections.abc import Sequence

from genani.engines.cost import Pace
from genani.engines.inbetween.rife.painter import Keys, RifePainter
from genani.engines.inbetween.rife.versions import VERSIONS, placed, read_network
from genani.engines.painter import Tier
from genani.engines.painting import Options, PaintingEngine

_TIERS = (
    Tier("full", bytes_per_pixel=450, most_side=2560),
    Tier("half-resolution flow", bytes_per_pixel=180, scale=0.5, most_side=5120),
    Tier("quarter-resolution flow", bytes_per_pixel=140, scale=0.25),
    Tier("tiled", bytes_per_pixel=450, tile=512),
)
_PACE = Pace(load=0.3, prepare=0.02, paint=0.7, weights=22_000_000)


class Rife(PaintingEngine[Keys]):
    """RIFE at the largest scale of motion that memory allows."""

    multiple = RifePainter.multiple
    least = RifePainter.least

    def tiers(self, options: Options) -> Sequence[Tier]:
        """Smaller flow first, as it keeps the drawing's own sharpness; squares come last."""
        del options
        return _TIERS

    def pace(self, options: Options) -> Pace:
        """Both versions cost about the same; nothing is shared between in-betweens."""
        del options
        return _PACE

    def painter(self, options: Options) -> RifePainter:
        """See `PaintingEngine.painter`."""
        version = str(options["version"])
        kind = VERSIONS[version]
        path = self._locate(kind.model, kind.file)
        return RifePainter(placed(read_network(version, path), self._device))
