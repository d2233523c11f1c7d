"""Scene values to JSON and back, checked field by field (msgspec)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from genani.scene.errors import GenAniError, SceneError

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
    """Canonical JSON of a scene value: same value, same bytes (sets and keys sorted).

    A name that came from a file name nobody could decode loses what JSON cannot hold.
    """
    try:
        return msgspec.json.encode(value, enc_hook=_encode_hook, order="deterministic")
    except UnicodeEncodeError:
        plain = _readable(msgspec.to_builtins(value, enc_hook=_encode_hook))
        return msgspec.json.encode(plain, order="deterministic")


def _readable(value: Any) -> Any:
    """The value with every lone surrogate in its texts replaced by a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_readable(key): _readable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(item) for item in value]
    return value


def from_json(text: bytes, kind: type[T]) -> T:
    """The value of type `kind` written by `to_json`.

    Raises:
        SceneError: not JSON, a missing field, a wrong type or a value out of range; the text
            says where.
    """
    try:
        return msgspec.json.decode(text, type=kind, dec_hook=_decode_hook)
    except (msgspec.MsgspecError, GenAniError, ValueError, RecursionError) as error:
        raise SceneError(f"the record is not valid: {error}") from error
