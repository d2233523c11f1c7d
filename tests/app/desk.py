"""A session with keys and a span, and short ways to look at it."""

from __future__ import annotations

from collections.abc import Callable

from genani.app.messages import Message
from genani.app.session import Session
from genani.app.states import SpanStatus
from genani.scene.document import Layer
from genani.scene.span import Span
from tests.app.conftest import Run


class Desk:
    """Short ways to look at a session, and to use it as its keys and menus do."""

    def __init__(self, session: Session, run: Run, until: Callable[..., None]) -> None:
        self.session, self.run, self.until = session, run, until
        self.messages: list[Message] = []
        session.message.connect(self.messages.append)

    @property
    def layer(self) -> Layer:
        return self.session.controller.scene.layers[0]

    @property
    def span(self) -> Span:
        return self.layer.spans[0]

    @property
    def frames(self) -> list[int]:
        return [cell.frame for cell in self.layer.cells]

    def trigger(self, action: str, frame: int | None = None) -> None:
        """Put the playhead somewhere and trigger an action, and let all it started end."""
        if frame is not None:
            self.session.playback.seek(frame)
        self.session.commands.refresh()
        assert self.session.actions.action(action).isEnabled(), f"{action} cannot be used"
        self.run(self._trigger(action))

    async def _trigger(self, action: str) -> None:
        self.session.actions.action(action).trigger()
        for task in tuple(self.session._tasks):
            await task

    def draw(self) -> None:
        """Draw the first span and wait for it."""
        self.trigger("generate", 1)
        self.until(lambda: self.status is not SpanStatus.QUEUED, "the span to be queued")
        self.until(lambda: self.status is SpanStatus.DONE, "the span")

    @property
    def status(self) -> SpanStatus:
        return self.session.renders.span_state(self.layer.id, self.span.id).state
