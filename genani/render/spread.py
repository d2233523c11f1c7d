"""A shot list spread over many places: who draws what, and what happens when one is lost.

Nothing here knows Ray: a `Site` hands packages to wherever drawing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from genani.render.cache import TakeCache
from genani.render.entry import BrokenEntry, decode, encode
from genani.render.job import JobDrawn, JobMessage, JobState
from genani.render.queue import JobQueue
from genani.render.worker import EngineFactory, Worker
from genani.scene.errors import EngineError, GenAniError
from genani.scene.picture import Picture, PictureId
from genani.scene.request import SpanRequest
from genani.scene.take import TakeInfo

TRIES = 4
"""How often a span is sent before it is given up."""


class LostError(Exception):
    """Whoever had a package is gone, and the package with it."""


@dataclass(frozen=True)
class Package:
    """A request on its way: plain values, so that nobody has to trust the sender's code.

    Attributes:
        hash: of the request.
        record: it as JSON, its pictures by id.
        pictures: pixels (H, W, 4) and colour profile of each.
    """

    hash: str
    record: bytes
    pictures: tuple[tuple[np.ndarray, bytes], ...]


@dataclass(frozen=True)
class Parcel:
    """What came back of a package.

    Attributes:
        hash: of the request as it was read where it was drawn.
        drawn: an in-between each, as `genani.render.entry` writes it, with its checksum.
        info: how it was drawn; None where it was not.
        error: why it was not, in one sentence.
    """

    hash: str
    drawn: tuple[bytes, ...] = ()
    info: TakeInfo | None = None
    error: str = ""


class Site(Protocol):
    """Where packages are drawn.

    Attributes:
        places: packages that are drawn at once.
    """

    places: int

    def send(self, package: Package) -> Any:
        """Hand a package over; gives a ticket for it."""
        ...

    def first(self, tickets: Sequence[Any]) -> Any:
        """Wait for one of the tickets, drawn or lost."""
        ...

    def take(self, ticket: Any) -> Parcel:
        """What came of it.

        Raises:
            LostError: whoever had it is gone.
        """
        ...


Told = Callable[[int, int, str], None]
"""Called with in-betweens done, all of them, and a text."""


def spread(
    requests: Sequence[SpanRequest], site: Site, cache: TakeCache, tell: Told
) -> dict[str, int]:
    """Have requests drawn all over the place and keep what comes back.

    The largest go first, so that none is left over at the end. What comes back counts only if it
    is whole, of the same request hash, and has every time that was asked for; otherwise, or when
    it is lost, it is drawn again elsewhere. What came back before an error stays in the cache.

    Returns:
        How often each request was sent, by hash.

    Raises:
        EngineError: a span could not be drawn, or was lost again and again.
    """
    wanted: dict[str, SpanRequest] = {}
    for request in requests:
        # Scenes may share a span; its chart need not be the same in both.
        times = {*request.times, *(wanted[request.hash].times if request.hash in wanted else ())}
        wanted[request.hash] = replace(request, times=tuple(sorted(times)))
    queue = sorted(wanted.values(), key=_size)
    tries = dict.fromkeys(wanted, 0)
    out: dict[Any, SpanRequest] = {}
    total = sum(len(request.times) for request in wanted.values())
    done = 0
    while queue or out:
        # A second one each, so that nobody waits for the post.
        while queue and len(out) < 2 * site.places:
            request = queue.pop()
            if tries[request.hash] == TRIES:
                raise EngineError(
                    f"a span was lost {TRIES} times on its way: the machines that draw are gone "
                    "or run out of memory"
                )
            tries[request.hash] += 1
            out[site.send(packed(request))] = request
        ticket = site.first(list(out))
        request = out.pop(ticket)
        try:
            parcel = site.take(ticket)
            if parcel.error:
                raise EngineError(parcel.error)
            _keep(request, parcel, cache)
        except (LostError, BrokenEntry) as error:
            queue.append(request)
            tell(done, total, f"{str(error) or 'a machine is gone'}: its span is drawn again")
            continue
        done += len(request.times)
        tell(done, total, f"{done} of {total} in-betweens")
    return tries


def packed(request: SpanRequest) -> Package:
    """A request as it travels."""
    pictures = [each for each in (request.first, request.last, request.mask) if each is not None]
    plain = tuple((each.pixels, each.icc) for each in pictures)
    return Package(request.hash, request.to_json(), plain)


def unpacked(package: Package) -> SpanRequest:
    """The request in a package.

    Raises:
        EngineError: it is another one here, as another version of GenAni reads it.
    """
    pictures: dict[PictureId, Picture] = {}
    for pixels, icc in package.pictures:
        picture = Picture(pixels, icc)
        pictures[picture.id] = picture
    request = SpanRequest.from_json(package.record, pictures.__getitem__)
    if request.hash != package.hash:
        raise EngineError("another version of GenAni draws there: install the same everywhere")
    return request


def drawn(package: Package, engine: EngineFactory) -> Parcel:
    """Draw what is in a package; an expected failure is told in the parcel."""
    try:
        request = unpacked(package)
    except (GenAniError, KeyError) as error:
        return Parcel(package.hash, error=str(error))
    queue, cache = JobQueue(), TakeCache(None)
    found: dict[Fraction, bytes] = {}

    def listen(message: JobMessage) -> None:
        if isinstance(message, JobDrawn):
            found[message.drawn.t] = encode(message.drawn)

    queue.listen(listen)
    job = Worker(queue, engine, cache).run_now(request, "span")
    if job.state is not JobState.DONE:
        return Parcel(request.hash, error=job.error or "stopped")
    return Parcel(request.hash, tuple(found.values()), cache.info(request.hash))


def _keep(request: SpanRequest, parcel: Parcel, cache: TakeCache) -> None:
    """Put a parcel into the cache, if it is what was asked for; raises `LostError` if not."""
    pictures = {each.t: each for each in map(decode, parcel.drawn)}
    sizes = {each.picture.size for each in pictures.values()}
    asked = parcel.hash == request.hash and set(pictures) == set(request.times)
    if not asked or sizes != {request.size} or parcel.info is None:
        raise LostError("what came back is not what was asked for")
    for t in sorted(pictures):
        cache.put(request.hash, pictures[t], parcel.info)


def _size(request: SpanRequest) -> int:
    return request.size[0] * request.size[1] * len(request.times)
