"""The engine of the project's own network, with faces and without."""

from __future__ import annotations

from collections.abc import Sequence

from genani.engines.adapted import put_on
from genani.engines.api import EngineInfo
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.inbetween.face import Face, guide_of
from genani.engines.inbetween.face_model_painter import FaceModelPainter, Sighted
from genani.engines.inbetween.face_model_weights import FILE, MODEL, load
from genani.engines.inbetween.rife.motion import begun_at
from genani.engines.inbetween.rife.versions import placed
from genani.engines.painter import Painter, Tier
from genani.engines.painting import Locate, Options, PaintingEngine
from genani.scene.errors import ModelError
from genani.scene.request import OptionValue, SpanRequest

# The sizes are those at which RIFE, whose flow blocks these are, draws best.
_TIERS = (
    Tier("double-resolution flow", bytes_per_pixel=2200, scale=2, most_side=448),
    Tier("full", bytes_per_pixel=650, most_side=1600),
    Tier("half-resolution flow", bytes_per_pixel=240, scale=0.5, most_side=5120),
    Tier("quarter-resolution flow", bytes_per_pixel=160, scale=0.25),
    Tier("tiled", bytes_per_pixel=650, tile=512),
)

ADVICE = (
    "Its weights are made by `genani train face`; lay the folder it writes into the model store "
    f"as {MODEL}"
)
"""What to do where there are none."""

_PACE = Pace(load=0.3, prepare=0.02, paint=1.0, weights=24_000_000)


class GenAni(Face):
    """Draws along the face's path where it is marked, and whatever else moves as well."""

    guiding = 0.2
    without = ()

    def __init__(self, info: EngineInfo, device: Device, locate: Locate) -> None:
        super().__init__(info, device, locate, FaceModelDrawer(info, device, locate))


class FaceModelDrawer(PaintingEngine[Sighted]):
    """The network as a plain interpolator, along the landmarks of a request if it has any."""

    multiple = FaceModelPainter.multiple
    least = FaceModelPainter.least

    def tiers(self, options: Options) -> Sequence[Tier]:
        """By the size of the picture, unless the animator says how far things move.

        Taught on small drawings as they are, it draws those best at their own size; RIFE does
        at twice that.
        """
        motion = str(options["motion"])
        return _TIERS[1:] if motion == "auto" else begun_at(_TIERS, motion)

    def pace(self, options: Options) -> Pace:
        """Nothing is shared between in-betweens."""
        del options
        return _PACE

    def painter(self, options: Options) -> FaceModelPainter:
        """See `PaintingEngine.painter`."""
        try:
            place = self._locate(MODEL, FILE)
        except ModelError as error:
            raise ModelError(f"{self.info.title} cannot draw: {error}. {ADVICE}") from error
        network = load(place)
        put_on(network, str(options["styles"]), self.info.bases)
        return FaceModelPainter(placed(network, self._device))

    def set_up(self, painter: Painter[Sighted], request: SpanRequest) -> Painter[Sighted]:
        """See `PaintingEngine.set_up`."""
        way = guide_of(request, self.multiple)
        if way is None or not isinstance(painter, FaceModelPainter):
            return painter
        return painter.guided(way, request.settings.face)

    def key(self, options: Options) -> tuple[OptionValue, ...]:
        """There is one file of weights; what is put on it makes others of it."""
        return (options["styles"],)
