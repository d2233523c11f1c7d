"""Settings of a request checked against the engine's name card. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genani.engines.api import EngineInfo, OptionInfo
from genani.scene.errors import EngineError
from genani.scene.request import OptionValue

COMMON_OPTIONS: tuple[OptionInfo, ...] = (
    OptionInfo(
        "palette_snap",
        "Keep flat colours",
        "auto",
        choices=("auto", "on", "off"),
        help="Flat areas get exactly the colours of the keys; auto does so for flat art only.",
    ),
    OptionInfo(
        "colour_match",
        "Match colours to the keys",
        True,
        help="Takes out a drift in brightness or tint that the keys do not have.",
    ),
    OptionInfo(
        "keep_still",
        "Keep what does not move",
        True,
        help="Pixels that both keys share, and over which nothing moves, come from the keys.",
    ),
)
"""Settings that every engine has: the finish that follows any painter."""

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


def checked(info: EngineInfo, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """All settings of an engine: those given, checked, and the defaults of the rest.

    Raises:
        EngineError: an unknown setting, or a value of the wrong type, range or choice.
    """
    return filled(f"the engine '{info.name}'", (*info.options, *COMMON_OPTIONS), options)


def filled(
    owner: str, known: Sequence[OptionInfo], options: Mapping[str, OptionValue]
) -> dict[str, OptionValue]:
    """All settings of something: those given, checked, and the defaults of the rest.

    Args:
        owner: what they are settings of, as errors call it: `the engine 'rife'`.
        known: the settings there are.
        options: those that are given, by name.

    Raises:
        EngineError: an unknown setting, or a value of the wrong type, range or choice.
    """
    named = {option.name: option for option in known}
    for name in options:
        if name not in named:
            raise EngineError(f"{owner} has no setting '{name}'; it has {', '.join(named)}")
    return {
        name: _value(owner, option, options[name]) if name in options else option.default
        for name, option in named.items()
    }


def read(info: EngineInfo, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """The same settings, those given as text (on a command line) turned into their own types.

    Raises:
        EngineError: a text that says no value of the setting's type.
    """
    return read_as((*info.options, *COMMON_OPTIONS), options)


def read_as(
    known: Sequence[OptionInfo], options: Mapping[str, OptionValue]
) -> dict[str, OptionValue]:
    """Settings given as text turned into the types of those that are known.

    Raises:
        EngineError: a text that says no value of the setting's type.
    """
    kinds = {option.name: type(option.default) for option in known}
    return {
        name: _read(name, kinds[name], value) if isinstance(value, str) and name in kinds else value
        for name, value in options.items()
    }


def _read(name: str, kind: type, text: str) -> OptionValue:
    try:
        return _TRUTH[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise EngineError(f"'{text}' is no value for '{name}': {_WORDS[kind]} is needed") from None


def _value(owner: str, option: OptionInfo, value: OptionValue) -> OptionValue:
    setting = f"the setting '{option.name}' of {owner}"
    kind = type(option.default)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise EngineError(f"{setting} must be {_WORDS[kind]}, not {value!r}")
    if option.choices and value not in option.choices:
        raise EngineError(f"{setting} must be one of {', '.join(option.choices)}, not {value!r}")
    if not isinstance(value, str | bool) and not _inside(option, value):
        bounds = [f"at least {option.low:g}"] if option.low is not None else []
        bounds += [f"at most {option.high:g}"] if option.high is not None else []
        raise EngineError(f"{setting} must be {' and '.join(bounds)}, not {value:g}")
    return value


def _inside(option: OptionInfo, value: float) -> bool:
    # Written so that a NaN is outside.
    return (option.low is None or value >= option.low) and (
        option.high is None or value <= option.high
    )
