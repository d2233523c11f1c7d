"""Scene values to JSON and back, checked field by field (msgspec)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from genani.scene.errors import SceneError

T = TypeVar("T")


def _encode_hook(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def _decode_hook(kind: type, value: Any) -> Any:
    if kind is Fraction and isinstance(value, str):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"'{value}' is not a fraction") from None
    raise NotImplementedError(kind.__name__)


def to_json(value: Any) -> bytes:
    """Canonical JSON of a scene value: same value, same bytes (sets and keys sorted)."""
    return msgspec.json.encode(value, enc_hook=_encode_hook, order="deterministic")


def from_json(text: bytes, kind: type[T]) -> T:
    """The value of type `kind` written by `to_json`.

    Raises:
        SceneError: not JSON, a missing field, a wrong type or a value out of range; the text
            says where.
    """
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_decode_hook)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SceneError(f"the record is not valid: {error}") from error
