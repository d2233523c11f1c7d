"""What a model's card says, for those who would rather not read a file."""

from __future__ import annotations

import re

from genani.store.places import shipped_folder, store_folder

CARD = "CARD.md"
"""Name of the card in a model's folder."""

_LIMITS = re.compile(r"^\*\*Known limits\.\*\*(.*?)(?:\n\s*\n|\Z)", re.MULTILINE | re.DOTALL)
_ASIDE = re.compile(r"\s*\([^()]*`[^()]*\)")
"""In brackets, something for the command line."""


def known_limits(model: str) -> str:
    """What a model cannot do, as its card says it, in one line; empty where it says nothing.

    Args:
        model: its name.
    """
    for folder in (shipped_folder(), store_folder()):
        try:
            text = (folder / model / CARD).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found = _LIMITS.search(text)
        return _plain(found.group(1)) if found else ""
    return ""


def _plain(markdown: str) -> str:
    """A paragraph as a label shows it."""
    return " ".join(re.sub(r"[`*]", "", _ASIDE.sub("", markdown)).split())
