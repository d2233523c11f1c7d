"""A shot list over many places: the same pixels, whatever is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from genani.engines import registry
from genani.render import spread as room
from genani.render.cache import TakeCache
from genani.render.job import JobState
from genani.render.queue import JobQueue
from genani.render.spread import TRIES, LostError, Package, Parcel, drawn, packed, spread, unpacked
from genani.render.worker import Worker
from genani.scene.errors import EngineError
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings

TIMES = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))


def picture(seed: int, depth: int = 8) -> Picture:
    rng = np.random.default_rng(seed)
    kind = np.uint8 if depth == 8 else np.uint16
    return Picture(rng.integers(0, np.iinfo(kind).max, (20, 24, 4), kind, endpoint=True))


def request(seed: int, depth: int = 8, masked: bool = False) -> SpanRequest:
    keys = picture(seed, depth), picture(seed + 100, depth)
    mask = picture(seed + 200, depth) if masked else None
    return SpanRequest(*keys, TIMES, SpanSettings("blend"), mask=mask)


REQUESTS = [request(0), request(1, 16), request(2, masked=True), request(3)]


def alone(requests: Sequence[SpanRequest]) -> dict[tuple[str, Fraction], Picture]:
    """What one machine draws."""
    cache = TakeCache(None)
    for each in requests:
        job = Worker(JobQueue(), registry.create, cache).run_now(each, "span")
        assert job.state is JobState.DONE
    return kept(requests, cache)


def kept(requests: Sequence[SpanRequest], cache: TakeCache) -> dict[tuple[str, Fraction], Picture]:
    found = {}
    for each in requests:
        for t in each.times:
            between = cache.get(each.hash, t)
            assert between is not None
            found[each.hash, t] = between.picture
    return found


class Here:
    """Draws when it is waited for, the last package first; `spoil` is what may go wrong."""

    places = 2

    def __init__(self, spoil: Callable[[int, Parcel], Parcel] = lambda _n, parcel: parcel) -> None:
        self.sent: list[Package] = []
        self.most = self.out = 0
        self._spoil = spoil

    def send(self, package: Package) -> int:
        self.sent.append(package)
        self.out += 1
        self.most = max(self.most, self.out)
        return len(self.sent) - 1

    def first(self, tickets: Sequence[int]) -> int:
        return tickets[-1]

    def take(self, ticket: int) -> Parcel:
        self.out -= 1
        return self._spoil(ticket, drawn(self.sent[ticket], registry.create))


def silent(_done: int, _total: int, _text: str) -> None:
    """Nobody looks."""


def test_pixels_are_those_of_one_machine() -> None:
    cache, site = TakeCache(None), Here()
    tries = spread(REQUESTS, site, cache, silent)
    assert kept(REQUESTS, cache) == alone(REQUESTS)
    assert set(tries.values()) == {1}
    assert site.most == 2 * site.places
    info = cache.info(REQUESTS[0].hash)
    assert info is not None
    assert info.engine == "blend"


def lost(number: int, parcel: Parcel) -> Parcel:
    if number in (0, 2, 4):
        raise LostError
    return parcel


def torn(number: int, parcel: Parcel) -> Parcel:
    if number == 1:
        first, *rest = parcel.drawn
        return replace(parcel, drawn=(first[:-9] + bytes(9), *rest))
    return parcel


def short(number: int, parcel: Parcel) -> Parcel:
    return replace(parcel, drawn=parcel.drawn[1:]) if number == 3 else parcel


def mixed_up(number: int, parcel: Parcel) -> Parcel:
    return drawn(packed(REQUESTS[0]), registry.create) if number == 0 else parcel


def of_another_size(number: int, parcel: Parcel) -> Parcel:
    small = Picture(np.zeros((8, 8, 4), np.uint8))
    if number:
        return parcel
    other = drawn(packed(SpanRequest(small, small, TIMES, SpanSettings("blend"))), registry.create)
    return replace(other, hash=parcel.hash)


@pytest.mark.parametrize("spoil", [lost, torn, short, mixed_up, of_another_size])
def test_what_is_lost_or_wrong_is_drawn_again(spoil: Callable[[int, Parcel], Parcel]) -> None:
    cache, site = TakeCache(None), Here(spoil)
    told: list[str] = []
    tries = spread(REQUESTS, site, cache, lambda _done, _total, text: told.append(text))
    assert kept(REQUESTS, cache) == alone(REQUESTS)
    again = sum(tries.values()) - len(REQUESTS)
    assert again == len(site.sent) - len(REQUESTS) == sum("drawn again" in text for text in told)
    assert again >= 1
    assert told[-1] == "12 of 12 in-betweens"


def test_a_span_that_is_lost_every_time_is_given_up() -> None:
    def never(_number: int, _parcel: Parcel) -> Parcel:
        raise LostError

    site = Here(never)
    with pytest.raises(EngineError, match=f"lost {TRIES} times"):
        spread(REQUESTS[:1], site, TakeCache(None), silent)
    assert len(site.sent) == TRIES


def test_a_failure_is_told_and_what_was_drawn_stays() -> None:
    bad = replace(REQUESTS[3], settings=SpanSettings("nobody"))
    cache = TakeCache(None)
    with pytest.raises(EngineError, match="nobody"):
        spread([*REQUESTS[:3], bad], Here(), cache, silent)
    assert sum(bool(cache.times(each.hash)) for each in REQUESTS[:3]) >= 1


def test_one_span_in_two_scenes_is_drawn_once_at_the_times_of_both() -> None:
    one, other = (replace(REQUESTS[0], times=(t,)) for t in TIMES[:2])
    cache, site = TakeCache(None), Here()
    spread([one, other], site, cache, silent)
    assert len(site.sent) == 1
    assert cache.times(one.hash) == TIMES[:2]


def test_another_version_is_told_by_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    package = packed(REQUESTS[0])
    assert unpacked(package) == REQUESTS[0]
    parcel = drawn(replace(package, hash="0" * 64), registry.create)
    assert "another version of GenAni" in parcel.error
    monkeypatch.setattr(room, "packed", lambda each: replace(packed(each), hash="0" * 64))
    with pytest.raises(EngineError, match="another version"):
        spread(REQUESTS[:1], Here(), TakeCache(None), silent)
