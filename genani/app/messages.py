"""What is told to the animator in the window's message bar."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from genani.scene.errors import GenAniError


class Level(StrEnum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Message:
    """One sentence for the message bar.

    Attributes:
        level: chooses colour and icon, and whether it goes away by itself.
        text: the sentence.
        details: for *Copy details*, such as a traceback; may be empty.
        action: id of an action that helps, offered beside the sentence; may be empty.
    """

    level: Level
    text: str
    details: str = ""
    action: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Message:
        """The message behind an error: its own sentence if it is meant to be read."""
        details = "".join(traceback.format_exception(error))
        if isinstance(error, GenAniError):
            return cls(Level.ERROR, str(error), details)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        unexpected = QCoreApplication.translate("Message", "Something unexpected happened: {0}")
        return cls(Level.ERROR, unexpected.format(reason), details)
