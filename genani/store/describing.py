"""Writing the `model.toml` of a model that was trained here, so that the store can hold it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from genani.store.digest import digest_of
from genani.store.entry import DESCRIPTION


@dataclass(frozen=True)
class Description:
    """What a model says of itself; see `ModelEntry`.

    Attributes:
        name: which its folder in the store must have.
        title: what people read.
        architecture: which code loads it.
        credit: who made it.
        about: one sentence on what it does.
        licence: of the weights, by name.
    """

    name: str
    title: str
    architecture: str
    credit: str
    about: str
    licence: str = "MIT"


def describe(folder: Path, description: Description, files: Sequence[str]) -> None:
    """Write the description of a folder with weights.

    Args:
        folder: where; the files are there.
        description: all but the files.
        files: their names.

    Raises:
        OSError: a file cannot be read, or the description not be written.
    """
    # Strings of JSON are strings of TOML too.
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in asdict(description).items()
    ]
    for file in files:
        digest = digest_of(folder / file)
        lines += [
            "",
            "[[files]]",
            f'name = "{file}"',
            f"size = {digest.size}",
            f'sha256 = "{digest.sha256}"',
        ]
    (folder / DESCRIPTION).write_text("\n".join(lines) + "\n", encoding="utf-8")
