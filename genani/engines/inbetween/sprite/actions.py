"""What a drawing can be made to do. Imports nothing heavy."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """An action; its place in this list is its number in the network, so new ones come last."""

    IDLE = "idle"
    WALK = "walk"
    RUN = "run"
    JUMP = "jump"
    ATTACK = "attack"
    BLINK = "blink"
    TALK = "talk"


ACTIONS: tuple[Action, ...] = tuple(Action)

LEAST_FRAMES, MOST_FRAMES = 2, 120
"""Frames of a loop, the key counted in."""
