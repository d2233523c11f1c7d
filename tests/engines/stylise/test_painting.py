"""What is the same for all stylists: squares, sizes, memory, cancel, settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import pytest
import torch
from torch import Tensor

from genani.engines.api import CancelToken
from genani.engines.cost import Pace
from genani.engines.device import Device
from genani.engines.painter import Tier
from genani.engines.painting import Options
from genani.engines.stylise import registry
from genani.engines.stylise.api import Part, StyleSettings, Stylist, StylistInfo
from genani.engines.stylise.painting import PaintingStylist
from genani.scene.errors import Cancelled, EngineError, OutOfMemoryError
from genani.scene.picture import Picture
from tests.engines.stylise.test_canvas import picture


class Negative:
    """Colours turned round, and the mean of the whole picture taken off."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.most = most
        self.seen: list[tuple[int, int]] = []
        self.mean: Tensor | None = None

    def paint(self, rgb: Tensor, token: CancelToken) -> Tensor:
        token.check()
        if rgb.shape[2] * rgb.shape[3] > self.most:
            raise torch.OutOfMemoryError
        self.seen.append((rgb.shape[2], rgb.shape[3]))
        mean = rgb.mean() if self.mean is None else self.mean
        return 1 - rgb - mean / 10

    def seeing(self, rgb: Tensor, token: CancelToken) -> Self:
        token.check()
        self.mean = rgb.mean()
        return self


class Negatives(PaintingStylist[Negative]):
    multiple = 8
    least = 16
    brush = Negative()
    ways: tuple[Tier, ...] = (Tier("full", 10), Tier("tiled", 10, tile=64))

    def tiers(self, options: Options) -> Sequence[Tier]:
        del options
        return self.ways

    def pace(self, options: Options) -> Pace:
        del options
        return Pace(load=1, prepare=0, paint=2, weights=10)

    def painter(self, options: Options) -> Negative:
        del options
        return self.brush


INFO = StylistInfo("negative", "Negative", "Turned round.")


def stylist(*ways: Tier, most: int = 1 << 30) -> Negatives:
    made = Negatives(INFO, Device(), lambda model, file: Path(model, file))
    made.ways = ways or Negatives.ways
    made.brush = Negative(most)
    return made


def settings(strength: float = 1.0, **options: int | str) -> StyleSettings:
    return StyleSettings("negative", strength, options)


def test_squares_agree_with_the_whole() -> None:
    given = picture(150, 201)
    whole = stylist(Tier("full", 10)).stylise(given, settings(), CancelToken())
    tiled = stylist(Tier("tiled", 10, tile=64)).stylise(given, settings(), CancelToken())
    off = whole.pixels.astype(int) - tiled.pixels
    assert np.abs(off).max() <= 2
    assert np.array_equal(whole.pixels[..., 3], given.pixels[..., 3])


def test_out_of_memory_goes_on_in_squares_and_then_says_so() -> None:
    given = picture(150, 201)
    drawer = stylist(most=70 * 70)
    drawer.stylise(given, settings(), CancelToken())
    assert len(drawer.brush.seen) > 6
    assert all(height % 8 == width % 8 == 0 for height, width in drawer.brush.seen)
    with pytest.raises(OutOfMemoryError, match="201 x 150"):
        stylist(most=10).stylise(given, settings(), CancelToken())


def test_more_memory_than_there_is_is_never_asked_for() -> None:
    drawer = stylist(Tier("full", 1e12))
    with pytest.raises(OutOfMemoryError, match="smaller drawing size"):
        drawer.stylise(picture(40, 40), settings(), CancelToken())


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (33, 7)])
def test_any_size_comes_back(size: tuple[int, int]) -> None:
    given = Picture(np.full((*size, 4), 255, np.uint8))
    assert stylist().stylise(given, settings(), CancelToken()).size == given.size


def test_another_drawing_size_is_drawn_at_that_size() -> None:
    drawer = stylist()
    made = drawer.stylise(picture(300, 200), settings(side=60), CancelToken())
    drawer.natural = 80
    drawer.stylise(picture(30, 40), settings(), CancelToken())
    drawer.stylise(picture(90, 16), settings(), CancelToken())
    drawer.stylise(picture(30, 40), settings(side=40), CancelToken())
    assert drawer.brush.seen == [(64, 40), (64, 80), (96, 16), (32, 40)]
    assert made.size == (200, 300)


def test_no_strength_and_nothing_to_be_seen_take_no_work() -> None:
    drawer = stylist()
    given, empty = picture(20, 20), Picture.blank(20, 20)
    assert drawer.stylise(given, settings(0), CancelToken()) is given
    assert drawer.stylise(empty, settings(), CancelToken()) is empty
    assert not drawer.brush.seen


def test_cancel_comes_between_squares() -> None:
    told: list[str] = []

    def watch(_share: float, text: str) -> None:
        told.append(text)
        if "square 3" in text:
            token.cancel()

    token = CancelToken(watch)
    drawer = stylist(Tier("tiled", 10, tile=64))
    with pytest.raises(Cancelled):
        drawer.stylise(picture(150, 201), settings(), Part(token, 1, 4, "picture 2 of 4"))
    assert len(drawer.brush.seen) == 2
    assert told[-1].startswith("picture 2 of 4: square 3 of ")


def test_progress_of_a_part_is_a_share_of_the_whole() -> None:
    told: list[float] = []
    whole = CancelToken(lambda share, _text: told.append(share))
    parts = [Part(whole, index, 2) for index in range(2)]
    for part in parts:
        part.step(0.5, "half")
        assert not part.cancelled
    parts[0].cancel()
    assert whole.cancelled
    assert told == [0.25, 0.75]


def test_the_estimate_counts_pictures_and_squares() -> None:
    drawer = stylist()
    one, four = drawer.estimate((100, 100)), drawer.estimate((100, 100), 4)
    assert four.seconds - 1 == pytest.approx(4 * (one.seconds - 1))
    assert one.tier == "full"
    small = drawer.estimate((1000, 1000), 1, settings(side=100))
    assert small.seconds == pytest.approx(one.seconds)
    tiled = stylist(Tier("tiled", 10, tile=64)).estimate((200, 200))
    assert tiled.seconds > drawer.estimate((200, 200)).seconds


@pytest.mark.parametrize("wrong", [{"side": -1}, {"side": "x"}, {"other": 1}])
def test_wrong_settings_are_told(wrong: dict[str, int | str]) -> None:
    with pytest.raises(EngineError, match="the style 'negative'"):
        stylist().stylise(picture(20, 20), StyleSettings("negative", 1.0, wrong), CancelToken())


def test_strength_and_seed_have_bounds() -> None:
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(EngineError, match="strength"):
            StyleSettings("negative", strength)
    with pytest.raises(EngineError, match="seed"):
        StyleSettings("negative", seed=-1)


def test_every_card_can_be_made_and_keeps_the_contract() -> None:
    for name in registry.names():
        made = registry.create(name, "cpu")
        assert isinstance(made, Stylist)
        assert made.info == registry.info(name)
        assert made is registry.create(name, "cpu")
        assert made.estimate((640, 360), 24).seconds > 0
        full = registry.resolve(StyleSettings(name, options={"side": "320"}))
        assert full.options["side"] == 320
        assert registry.installed(name, lambda _model: True)
    with pytest.raises(EngineError, match="there is no style 'x'; styles are"):
        registry.create("x")


@pytest.mark.parametrize("style", ["cartoongan", "artifygan", "animegan", "stylegan"])
def test_a_model_of_ones_own_stands_for_the_stylists(style: str, tmp_path: Path) -> None:
    def there(model: str, *have: str) -> bool:
        return registry.installed(style, lambda name: name in have, {"model": model})

    assert not there("")
    assert there("", f"genani-{style}")
    assert there("our-show-1a2b3c", "our-show-1a2b3c")
    assert not there("our-show-1a2b3c", f"genani-{style}")
    assert there(str(tmp_path))
    assert not there(str(tmp_path / "gone.safetensors"), "gone.safetensors")
