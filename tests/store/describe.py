"""Descriptions of models for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def payload(size: int, seed: int = 0) -> bytes:
    """Bytes that do not compress and differ by seed."""
    blocks = (size + 31) // 32
    return b"".join(hashlib.sha256(f"{seed}:{i}".encode()).digest() for i in range(blocks))[:size]


def describe(
    folder: Path,
    name: str,
    files: Mapping[str, bytes],
    sources: Sequence[Mapping[str, Any]] = (),
    twins: Mapping[str, bytes] | None = None,
) -> Path:
    """Write `folder/name/model.toml`; the path of it."""
    lines = [f'{key} = "{name} {key}"' for key in ("title", "architecture", "licence", "credit")]
    lines += [f'name = "{name}"', 'about = "What it does."']
    for file, body in files.items():
        lines += ["[[files]]", f'name = "{file}"', *_digest(body)]
        if twins and file in twins:
            lines += ["[[files.twins]]", *_digest(twins[file])]
    for source in sources:
        lines += ["[[sources]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in source.items() if key != "files"]
        lines += ["[sources.files]"]
        lines += [f'"{key}" = {json.dumps(value)}' for key, value in source["files"].items()]
    path = folder / name / "model.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
    return path


def _digest(body: bytes) -> tuple[str, str]:
    return f"size = {len(body)}", f'sha256 = "{sha256(body)}"'
