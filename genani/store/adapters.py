"""Adapters: what training on a person's own clips has added to a model, one file each.

An adapter is a safetensors file whose header holds its card. It goes by an id of its name and the
beginning of its checksum, so that what was drawn with it can be told from what a later training
under the same name would draw.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from genani.scene.errors import ModelError
from genani.store.places import store_folder

HEADER = "genani-adapter"
"""Name of the card in the file's header."""

SUFFIX = ".safetensors"

LARGEST = 4 << 30
"""Bytes an adapter may have; anything larger is a whole model."""

STRONGEST = 2.0
"""An adapter is put on from 0, not at all, over 1, as trained, to this."""


class AdapterCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an adapter.

    Attributes:
        name: what its maker calls it.
        base: the model it was trained on, by its name in the store.
        kind: `difference`, added to weights of the same names, or `lora`.
        made: day of the training, as 2026-11-21.
        data: what it was trained on, in words.
        rights: who made that, and that it may be trained on.
        settings: of the training.
        figures: measured on clips that were held back, its own and the base's.
    """

    name: str
    base: str
    kind: str = "difference"
    made: str = ""
    data: str = ""
    rights: str = ""
    settings: dict[str, str] = {}
    figures: dict[str, float] = {}


@dataclass(frozen=True)
class Adapter:
    """An adapter in the store."""

    id: str
    path: Path
    card: AdapterCard


def header(card: AdapterCard) -> dict[str, str]:
    """The card as safetensors take it: `save_file(tensors, path, metadata=header(card))`."""
    return {HEADER: msgspec.json.encode(card).decode()}


def folder() -> Path:
    """Where adapters lie; it need not exist yet."""
    return store_folder() / "adapters"


def read_card(path: Path) -> AdapterCard:
    """The card in an adapter's header.

    Raises:
        ModelError: it is no adapter, or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as stored:
            text = (stored.metadata() or {}).get(HEADER)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"'{path}' cannot be read as an adapter: {_first_line(error)}") from error
    if text is None:
        raise ModelError(f"'{path}' is not an adapter of GenAni's")
    try:
        return msgspec.json.decode(text, type=AdapterCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"the card in '{path}' is damaged") from error


def listed(base: str | None = None) -> tuple[Adapter, ...]:
    """The adapters in the store, by name; only those of a base model where one is named.

    Files that are none, or damaged, are passed over.
    """
    found = []
    for path in sorted(folder().glob(f"*{SUFFIX}")):
        with suppress(ModelError):
            found.append(Adapter(path.stem, path, read_card(path)))
    return tuple(each for each in found if base in (None, each.card.base))


def find(name: str) -> Adapter:
    """The adapter of an id, or of a name that only one has.

    Raises:
        ModelError: there is none, or several of the name.
    """
    every = listed()
    found = [each for each in every if each.id == name]
    found = found or [each for each in every if each.card.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.id for each in found)
        raise ModelError(f"several adapters are called '{name}'; say which: {ids}")
    raise ModelError(
        f"there is no adapter '{name}'; `genani adapters list` names those there are, "
        "`genani adapters import FILE` brings one in"
    )


def add(path: Path) -> Adapter:
    """Copy an adapter into the store; one that is there already stays as it is.

    Raises:
        ModelError: it is no adapter, damaged or too large, or the store cannot be written.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ModelError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if size > LARGEST:
        raise ModelError(f"'{path}' is too large for an adapter ({size / 1e9:.1f} GB)")
    card = read_card(path)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        target = folder() / f"{_slug(card.name)}-{digest[:8]}{SUFFIX}"
        if not target.exists():
            folder().mkdir(parents=True, exist_ok=True)
            _copy(path, target)
    except OSError as error:
        where = error.filename or path
        raise ModelError(f"'{where}' cannot be copied: {error.strerror or error}") from error
    return Adapter(target.stem, target, card)


def export(adapter: Adapter, target: Path) -> Path:
    """Copy an adapter out of the store, as one file for others; `target` may be a folder.

    Raises:
        ModelError: the place cannot be written.
    """
    place = target / adapter.path.name if target.is_dir() else target
    try:
        _copy(adapter.path, place)
    except OSError as error:
        raise ModelError(f"'{place}' cannot be written: {error.strerror or error}") from error
    return place


def remove(adapter: Adapter) -> None:
    """Delete an adapter from the store.

    Raises:
        ModelError: it cannot be deleted.
    """
    try:
        adapter.path.unlink()
    except OSError as error:
        raise ModelError(
            f"'{adapter.path}' cannot be deleted: {error.strerror or error}"
        ) from error


def read_mix(text: str) -> tuple[tuple[str, float], ...]:
    """Ids and strengths out of `mika-1a2b3c4d:0.8, tobi-5e6f7a8b`; a strength left out is 1.

    Raises:
        ModelError: a strength is no number from 0 to 2, or something is named twice.
    """
    mix: dict[str, float] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, colon, number = part.rpartition(":")
        name = name.strip() if colon else part
        try:
            strength = float(number) if colon else 1.0
        except ValueError:
            strength = -1.0
        if not 0 <= strength <= STRONGEST:
            raise ModelError(f"'{part}': the strength of an adapter is a number from 0 to 2")
        if name in mix:
            raise ModelError(f"the adapter '{name}' is named twice")
        mix[name] = strength
    return tuple(mix.items())


def write_mix(mix: Sequence[tuple[str, float]]) -> str:
    """The text that `read_mix` reads."""
    return ", ".join(f"{name}:{strength:g}" for name, strength in mix)


def mixed(text: str, bases: Collection[str]) -> tuple[tuple[Adapter, float], ...]:
    """The adapters of a mix that do something, with their strengths.

    Args:
        text: as `read_mix` reads it.
        bases: models of which each has to be for one.

    Raises:
        ModelError: the text is wrong, one is not there, or is for another model.
    """
    found = []
    for name, strength in read_mix(text):
        adapter = find(name)
        if adapter.card.base not in bases:
            raise ModelError(
                f"the adapter '{adapter.card.name}' was trained for {adapter.card.base}, "
                f"not for {' or '.join(bases)}"
            )
        if strength:
            found.append((adapter, strength))
    return tuple(found)


def _slug(name: str) -> str:
    return re.sub(r"[^\w.+]+", "-", name).strip("-.")[:60] or "adapter"


def _copy(source: Path, target: Path) -> None:
    """Copy whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as stream:
            shutil.copyfileobj(stream, out)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
