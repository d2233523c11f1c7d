"""Bringing the published model of a style, once a person has asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from genani.app.messages import Message
from genani.app.styling.services import StyleChoice
from genani.app.threads import GuiCalls, Lane
from genani.engines.api import CancelToken
from genani.scene.errors import Cancelled

Fetch = Callable[[Sequence[str], CancelToken], None]
"""See `StyleServices.fetch`."""


class Fetching(QObject):
    """Fetches the models of one style at a time, on a thread of its own: drawing goes on.

    Args:
        fetch: does it.

    Signals:
        went: id of the style, a share, and a text.
        ended: id of the style, and why its models are not there; empty words if they are.
    """

    went = Signal(str, float, str)
    ended = Signal(str, str)

    def __init__(self, fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bring = fetch
        self._lane = Lane("genani-fetch")
        self._calls = GuiCalls(self)
        self._token: CancelToken | None = None
        self._style = ""

    @property
    def style(self) -> str:
        """Id of the style whose models are on their way; empty for none."""
        return self._style

    def begin(self, choice: StyleChoice) -> None:
        """Fetch what a style lacks, unless another one's models are on their way."""
        if self._style:
            return
        self._style = choice.id

        def tell(share: float, text: str) -> None:
            self._calls.call(partial(self.went.emit, choice.id, share, text))

        self._token = CancelToken(tell)
        self.went.emit(choice.id, 0.0, "")
        self._lane.submit(self._fetch, choice, self._token)

    def stop(self) -> None:
        """Ask the fetching to stop; the next time it goes on from there."""
        if self._token is not None:
            self._token.cancel()

    def shut(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        self._calls.close()
        self._lane.close()

    def _fetch(self, choice: StyleChoice, token: CancelToken) -> None:
        try:
            self._bring(choice.fetch, token)
        except Cancelled:
            why = self.tr("Stopped; Fetch goes on from here.")
        except Exception as error:
            # Whatever it was, the style must not seem to be on its way for ever.
            why = Message.of(error).text
        else:
            why = ""
        self._calls.call(partial(self._end, why))

    def _end(self, why: str) -> None:
        style, self._style, self._token = self._style, "", None
        self.ended.emit(style, why)
