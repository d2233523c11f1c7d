"""A web server on this machine that can also misbehave in the ways real ones do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass
class Host:
    """What the server holds and how it behaves.

    Attributes:
        files: body by path.
        kinds: content type by path.
        redirects: target by path.
        refusals: status codes that the next requests get instead of an answer.
        cuts: bytes of body after which the next answers are cut off.
        ranges: whether partial requests are understood.
        skew: bytes by which a partial answer starts too late.
        stall: bodies stop before their last byte until the server closes.
        asked: `(path, Range header)` of each request so far.
    """

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    refusals: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    skew: int = 0
    stall: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    host: Host


class _Answer(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Quiet."""

    def do_GET(self) -> None:
        host = cast("_Server", self.server).host
        wanted = self.headers.get("Range")
        host.asked.append((self.path, wanted))
        host.headers.append(dict(self.headers.items()))
        if host.refusals:
            self._refuse(host.refusals.pop(0))
        elif self.path in host.redirects:
            self.send_response(302)
            self.send_header("Location", host.redirects[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path not in host.files:
            self._refuse(404)
        else:
            self._send(host, host.files[self.path], wanted)

    def _refuse(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, host: Host, body: bytes, wanted: str | None) -> None:
        start = 0
        if wanted and host.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) + host.skew
            if start >= len(body):
                return self._refuse(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Content-Type", host.kinds.get(self.path, "application/octet-stream"))
        self.end_headers()
        rest = body[start:]
        if host.cuts:
            rest = rest[: host.cuts.pop(0)]
        if host.stall:
            self.wfile.write(rest[:-1])
            host.stalled.set()
            host.closing.wait(30)
            return None
        self.wfile.write(rest)
        return None


@contextmanager
def serving() -> Iterator[Host]:
    """A running server; when it ends, all its threads have ended."""
    server = _Server(("127.0.0.1", 0), _Answer)
    server.host = Host(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.host
    finally:
        server.host.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
