"""What a training run is told: one typed table, read from TOML or JSON and checked at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from genani.media.files import shown, told
from genani.scene.errors import GenAniError

Count = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]

Read = TypeVar("Read")

_UNKNOWN = re.compile("Object contains unknown field `(.*)`")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "object": "a table",
    "array": "a list",
    "null": "nothing",
}


class ConfigError(GenAniError):
    """A training setting that is unknown or has a value it cannot have."""


class TrainingConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a run that is not the task's own.

    Attributes:
        seed: of weights, data and everything random; the same seed gives the same curve.
        steps: optimiser steps of the whole run, over all its commands.
        batch: examples a step.
        workers: processes that make data; 0 makes it in this one.
        learning_rate: at its highest.
        warmup: steps on which the learning rate rises from 0.
        final_rate: share of the learning rate that is left at the last step (cosine).
        weight_decay: of AdamW, on weights with two dimensions or more.
        clip: largest norm of the gradient; 0 leaves it as it is.
        ema: how much of the running average of the weights stays at each step; 0 keeps none.
        precision: `bf16`, `float32`, or `auto`: bf16 where the card computes in it.
        compile: whether torch compiles the networks.
        threads: of torch on a CPU; 0 leaves torch's own choice.
        report_every: steps between two lines of metrics.
        validate_every: steps between two looks at the held-back data.
        checkpoint_seconds: at most this long between two checkpoints.
        max_minutes: after this long a run stops, to be resumed; 0 never does.
        task: the task's own settings.
    """

    seed: Natural = 0
    steps: Count = 2000
    batch: Count = 16
    workers: Natural = 0
    learning_rate: Positive = 2e-4
    warmup: Natural = 100
    final_rate: Share = 0.02
    weight_decay: NotNegative = 1e-4
    clip: NotNegative = 1.0
    ema: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.999
    precision: Literal["auto", "float32", "bf16"] = "auto"
    compile: bool = False
    threads: Natural = 0
    report_every: Count = 10
    validate_every: Count = 250
    checkpoint_seconds: Positive = 60.0
    max_minutes: NotNegative = 0.0
    task: dict[str, Any] = {}


def typed(data: Mapping[str, Any], kind: type[Read], where: str) -> Read:
    """A table as a `msgspec.Struct`, every value checked.

    Args:
        data: names and values.
        kind: the struct; one that forbids unknown fields also finds misspelt names.
        where: what holds the table, for the complaint: a file, `--set`, `task`.

    Raises:
        ConfigError: a name is unknown or a value is of the wrong type or out of range.
    """
    try:
        return msgspec.convert(dict(data), kind, strict=True)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `")
        name = place.rstrip("`").removeprefix("$").removeprefix(".")
        raise ConfigError(f"{where}: {f'{name}: ' if name else ''}{_plain(text, kind)}") from error


def read(path: Path) -> dict[str, Any]:
    """The table in a `.toml` or `.json` file, not checked yet.

    Raises:
        FileError: it cannot be read.
        ConfigError: it is not TOML or JSON, or holds no table.
    """
    with told(path, "read"):
        text = path.read_bytes()
    is_json = path.suffix.lower() == ".json"
    try:
        data = json.loads(text) if is_json else tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:
        kind = "JSON" if is_json else "TOML"
        raise ConfigError(f"'{shown(path)}' is not {kind}: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"'{shown(path)}' holds no table of settings")
    return data


def assigned(words: Sequence[str]) -> dict[str, Any]:
    """The table of `key=value` words; `task.size=96` goes into the table `task`.

    Values are read as TOML where they can be (`3`, `1e-4`, `true`, `[1, 2]`), else as text.

    Raises:
        ConfigError: a word has no `=` or no key.
    """
    table: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        names = [name.strip() for name in key.split(".")]
        if not equals or not all(names):
            raise ConfigError(f"'{word}' is not a setting; write key=value, as in steps=500")
        place = table
        for name in names[:-1]:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ConfigError(f"'{word}': {name} already has a value of its own")
        place[names[-1]] = _value(text.strip())
    return table


def merged(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables laid over each other, later ones on top, tables within them likewise."""
    result: dict[str, Any] = {}
    for table in tables:
        for name, value in table.items():
            below = result.get(name)
            if isinstance(value, Mapping) and isinstance(below, Mapping):
                value = merged(below, value)
            result[name] = value
    return result


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _plain(text: str, kind: type) -> str:
    """A complaint of msgspec's in a person's words."""
    if found := _UNKNOWN.match(text):
        near = get_close_matches(found[1], kind.__annotations__, 1)
        hint = f"; do you mean '{near[0]}'?" if near else ""
        return f"there is no setting '{found[1]}'{hint}"
    for type_, words in _WORDS.items():
        text = text.replace(f"`{type_}`", words)
    return text.replace("Expected", "must be").replace("Invalid enum value", "cannot be")
