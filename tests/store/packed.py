"""Wheels, sdists and tarballs made on the spot."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def tarred(path: Path, members: Mapping[str, bytes], link: tuple[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        if link:
            info = tarfile.TarInfo(link[0])
            info.type, info.linkname = tarfile.SYMTYPE, link[1]
            archive.addfile(info)
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return path


def wheel(folder: Path, name: str, version: str, members: Mapping[str, bytes]) -> Path:
    """A wheel that pip takes."""
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rest = {f"{info}/METADATA": about.encode(), f"{info}/WHEEL": tags.encode()}
    return zipped(
        folder / f"{name}-{version}-py3-none-any.whl",
        {**members, **rest, f"{info}/RECORD": b""},
    )


def sdist(folder: Path, name: str, version: str, members: Mapping[str, bytes], trap: Path) -> Path:
    """An sdist whose build code leaves the file `trap` behind if anyone runs it."""
    top = f"{name}-{version}"
    setup = f"open({str(trap)!r}, 'w').close()\n"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    rest = {f"{top}/setup.py": setup.encode(), f"{top}/PKG-INFO": about.encode()}
    inside = {f"{top}/{member}": body for member, body in members.items()}
    return tarred(folder / f"{top}.tar.gz", {**rest, **inside})
