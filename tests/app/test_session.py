"""The session: from files to drawn spans, saved and opened again."""

from collections.abc import Callable
from pathlib import Path

from genani.app.messages import Message
from genani.app.session import Session
from genani.app.states import SpanStatus
from tests.app.conftest import Run


def test_keys_become_a_span_that_is_drawn_and_survives_saving(
    session: Session, run: Run, until: Callable[..., None], png: Callable[..., Path], tmp_path: Path
) -> None:
    messages: list[Message] = []
    session.message.connect(messages.append)
    run(session.import_files([png("a.png", 10), png("b.png", 200)]))
    [layer] = session.controller.scene.layers
    assert [cell.frame for cell in layer.cells] == [1, 9]
    assert session.controller.scene.size == (32, 24)
    [span] = layer.spans
    assert len(span.chart) == 3
    assert session.renders.span_state(layer.id, span.id).state is SpanStatus.STALE
    session.renders.start()
    assert session.renders.generate([(layer.id, span.id)]) == 1
    state = session.renders.span_state
    until(lambda: state(layer.id, span.id).state is SpanStatus.DONE, "the span")
    assert session.modified
    run(session.save(tmp_path / "shot.genani"))
    assert not session.modified
    session.new()
    assert session.controller.scene.layers[0].cells == ()
    run(session.open(tmp_path / "shot.genani"))
    assert session.controller.scene.layers == (layer,)
    assert [take.times for take in session.renders.takes(layer.id, span.id)] == [span.chart.ticks]
    assert messages == []
