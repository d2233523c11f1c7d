"""Changing the span that is meant: one step of the history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from genani.scene.edits import ChangeSpan

if TYPE_CHECKING:
    from genani.app.session import Session


def change_span(session: Session, text: str, merge: str = "", **fields: object) -> None:
    """Give the span that is meant other values; nothing where there is none.

    Args:
        session: of the document.
        text: what the history calls it.
        merge: changes in a row with this word are one step; empty for a step of its own.
        fields: of `Span`.
    """
    found = session.commands.spans.target()
    if found is not None:
        layer, span = found
        changed = replace(span, **fields)  # pyright: ignore[reportArgumentType]
        session.controller.do(ChangeSpan(layer.id, changed), text, merge)
