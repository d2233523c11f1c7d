"""One file over the network: streamed, resumed, retried, stopped at once when asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from genani import __version__
from genani.store.digest import do_nothing
from genani.store.errand import Patience, SourceError, ignore_bytes, megabytes

T = TypeVar("T")

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_ATTEMPTS = 200


class _TryAgain(Exception):  # noqa: N818 - a signal between attempts, never shown
    """This attempt brought nothing more; another may."""


@cache
def tls_context(extra: str | None = None) -> ssl.SSLContext:
    """The certificates to trust: the system's, those of httpx, and the file `extra`.

    Raises:
        SourceError: a file of certificates cannot be read.
    """
    try:
        context = httpx.create_ssl_context()
        context.load_default_certs()
        if extra:
            context.load_verify_locations(extra)
    except OSError as error:
        where = extra or "the file named by SSL_CERT_FILE"
        raise SourceError(f"the certificates in {where} cannot be read") from error
    return context


@dataclass(frozen=True)
class Download:
    """One file to fetch.

    Attributes:
        url: where it is.
        part: the file written to; bytes already there are kept and the rest is asked for.
        size: exact size in bytes where it is known.
        limit: bytes at which a file of unknown size is refused.
        headers: sent beside the usual ones.
        certificates: a file of certificates to trust as well.
        tell, check, patience: as in `Errand`.
    """

    url: str
    part: Path
    size: int | None = None
    limit: int = 1 << 32
    headers: Mapping[str, str] = field(default_factory=dict)
    certificates: str | None = None
    tell: Callable[[int, int], None] = ignore_bytes
    check: Callable[[], None] = do_nothing
    patience: Patience = field(default_factory=Patience)

    @property
    def host(self) -> str:
        """Who is asked, for messages."""
        return urlsplit(self.url).hostname or self.url


def download(job: Download) -> None:
    """Fetch `job.url` into `job.part`, whole; call it from a worker thread.

    The part stays after a failure or a cancel, and the next call goes on from its end. What it
    holds is not verified here.

    Raises:
        SourceError: the host cannot be reached, refuses, stalls, or sends too much.
        Cancelled: `job.check` raised it; within `patience.poll` seconds, even on a dead line.
        OSError: the part cannot be written.
    """
    if job.size is not None and _bytes_in(job.part) > job.size:
        job.part.unlink()
    if job.size is not None and _bytes_in(job.part) == job.size:
        return
    asyncio.run(_watched(_attempts(job), job.check, job.patience.poll))


async def _watched(work: Awaitable[T], check: Callable[[], None], poll: float) -> T:
    """Await `work` and call `check` every `poll` seconds; if it raises, `work` is stopped."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=poll)
            check()
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _attempts(job: Download) -> None:
    patience = job.patience
    timeout = httpx.Timeout(patience.stall, connect=patience.connect)
    headers = {"User-Agent": f"GenAni/{__version__}", "Accept-Encoding": "identity", **job.headers}
    async with httpx.AsyncClient(
        verify=tls_context(job.certificates),
        follow_redirects=True,
        timeout=timeout,
        headers=headers,
    ) as client:
        fruitless = 0
        for _ in range(_MOST_ATTEMPTS):
            before = _bytes_in(job.part)
            try:
                await _attempt(job, client)
                return
            except _TryAgain as stop:
                fruitless = 1 if _bytes_in(job.part) > before else fruitless + 1
                if fruitless >= patience.tries:
                    raise SourceError(str(stop)) from None
            await asyncio.sleep(patience.backoff * 2 ** (fruitless - 1))
        raise SourceError(f"{job.host} broke off {_MOST_ATTEMPTS} times")


async def _attempt(job: Download, client: httpx.AsyncClient) -> None:
    start = _bytes_in(job.part)
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        async with client.stream("GET", job.url, headers=headers) as response:
            await _receive(job, response, start)
    except httpx.TimeoutException:
        raise _TryAgain(f"{job.host} stopped sending") from None
    except httpx.TransportError:
        raise _TryAgain(f"{job.host} cannot be reached") from None
    except (httpx.TooManyRedirects, httpx.InvalidURL):
        raise SourceError(f"{job.host} sends in circles") from None


async def _receive(job: Download, response: httpx.Response, start: int) -> None:
    if response.status_code in _BUSY:
        raise _TryAgain(f"{job.host} answered {response.status_code}")
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and start:
        job.part.unlink()
        raise _TryAgain(f"{job.host} has another file by now")
    if not response.is_success:
        raise SourceError(f"{job.host} answered {response.status_code}")
    if response.status_code == httpx.codes.PARTIAL_CONTENT and not _goes_on_at(response, start):
        job.part.unlink(missing_ok=True)
        raise _TryAgain(f"{job.host} sent another part of the file than was asked for")
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        start = 0
    announced = response.headers.get("Content-Length", "")
    total = job.size or (start + int(announced) if announced.isdigit() else 0)
    most = job.size or job.limit
    done = start
    with job.part.open("ab" if start else "wb") as out:
        job.tell(done, total)
        async for block in response.aiter_raw():
            done += len(block)
            if done > most:
                break
            out.write(block)
            job.tell(done, total)
    if done > most:
        job.part.unlink()
        raise SourceError(f"{job.host} sends more than the {megabytes(most)} expected")
    if job.size is not None and done < job.size:
        raise _TryAgain(f"{job.host} broke off after {megabytes(done)} of {megabytes(job.size)}")


def _goes_on_at(response: httpx.Response, start: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _bytes_in(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
