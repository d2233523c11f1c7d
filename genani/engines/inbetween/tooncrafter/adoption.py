"""A person's own copy of ToonCrafter's weights taken into the model store, looked at first.

The weights have no published checksum that GenAni knows. So the file is read by its names and
shapes, and what it is then described by is the checksum it has on the day it comes in.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from genani.engines.inbetween.tooncrafter.checkpoint import as_towers, load, read
from genani.engines.inbetween.tooncrafter.keys import PREFIXES
from genani.engines.inbetween.tooncrafter.lora import BASE
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, Sizes
from genani.engines.inbetween.tooncrafter.source import TOWERS, tower_file
from genani.scene.errors import ModelError
from genani.store.digest import digest_of, do_nothing
from genani.store.entry import DESCRIPTION, Digest
from genani.store.models import Catalogue

_NAMES = {".ckpt": "model.ckpt", ".pt": "model.ckpt", ".bin": "model.ckpt"}
_SAFE = "model.safetensors"
_PARTS = tuple(PREFIXES)

_DESCRIBED = """\
name = "{name}"
title = "ToonCrafter 512 (your own copy)"
architecture = "tooncrafter"
licence = "Apache-2.0 as its makers say; read the licence beside your copy"
credit = "Jinbo Xing and others (Doubiiu/ToonCrafter)"
about = "Draws sixteen frames between two pictures by latent video diffusion."
"""

_FILE = """
[[files]]
name = "{name}"
size = {digest.size}
sha256 = "{digest.sha256}"
"""


def adopt(
    path: Path,
    catalogue: Catalogue,
    sizes: Sizes = PUBLISHED,
    check: Callable[[], None] = do_nothing,
) -> tuple[Path, ...]:
    """Copy a checkpoint into the store as `tooncrafter-512`, after looking whether it is one.

    A pruned file's towers are taken along from beside it.

    Args:
        path: the checkpoint: the official one, DeepSpeed's, half precision or pruned.
        catalogue: whose store it goes to.
        sizes: of the model.
        check: called between blocks; what it raises stops the copy.

    Returns:
        The files now in the store.

    Raises:
        ModelError: damaged, another model, towers missing, no room or the store cannot be written.
    """
    towers = tower_file(path)
    _look(path, towers, sizes)
    files = {_NAMES.get(path.suffix.lower(), _SAFE): path}
    if towers:
        files[towers.name] = towers
    place = catalogue.store / BASE
    try:
        place.mkdir(parents=True, exist_ok=True)
        _expect_room(files, place)
        found = {name: _copied(source, place / name, check) for name, source in files.items()}
        text = _DESCRIBED.format(name=BASE)
        text += "".join(_FILE.format(name=name, digest=it) for name, it in found.items())
        described = place / f"{DESCRIPTION}.part"
        described.write_text(text, "utf-8")
        described.replace(place / DESCRIPTION)
    except OSError as error:
        where = error.filename or place
        raise ModelError(f"{where} cannot be written: {error.strerror or error}") from error
    return tuple(place / name for name in found)


def adopted(catalogue: Catalogue) -> Path | None:
    """The checkpoint in the store, sound; None where there is none.

    Raises:
        ModelError: it is damaged.
    """
    if BASE not in catalogue.names():
        return None
    entry = catalogue.info(BASE)
    names = [file.name for file in entry.files if file.name not in TOWERS]
    return catalogue.path(BASE, names[0]) if names else None


def _look(path: Path, towers: Path | None, sizes: Sizes) -> None:
    parts = set(load(read(path), str(path), sizes).parts)
    if towers and parts != set(_PARTS):
        missing = tuple(part for part in _PARTS if part not in parts)
        parts |= set(load(as_towers(read(towers)), str(towers), sizes, parts=missing).parts)
    if parts != set(_PARTS):
        raise ModelError(
            f"{path} comes without CLIP: put a file of OpenCLIP ViT-H/14 ({TOWERS[0]}) beside it"
        )


def _expect_room(files: dict[str, Path], place: Path) -> None:
    needed = sum(source.stat().st_size for source in files.values())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise ModelError(
            f"{place} has {free / 1e9:.1f} GB free and ToonCrafter needs {needed / 1e9:.1f}"
        )


def _copied(source: Path, target: Path, check: Callable[[], None]) -> Digest:
    """Copy whole or not at all; what the copy is."""
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        digest = digest_of(part, check)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return digest
