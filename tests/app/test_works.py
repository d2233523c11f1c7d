"""Work of one part of the window in the queue of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from genani.app.jobs import JobState, Place
from genani.app.session import Session
from genani.app.works import Ears, Works
from genani.engines.api import CancelToken
from genani.scene.errors import EngineError


@dataclass
class Heard:
    """What was heard of one piece of work."""

    values: list[object] = field(default_factory=list)
    ends: list[tuple[JobState, str]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    @property
    def ears(self) -> Ears:
        return Ears(
            self.values.append,
            lambda state, error: self.ends.append((state, error)),
            lambda share, _text: self.shares.append(share),
        )


def counting(upto: int) -> Callable[[CancelToken], Iterator[object]]:
    def work(token: CancelToken) -> Iterator[object]:
        for number in range(upto):
            token.step(number / upto, "")
            yield number

    return work


def broken(_token: CancelToken) -> Iterator[object]:
    yield "half"
    raise EngineError("the pencil broke")


def test_values_progress_and_the_end_are_heard(
    session: Session, until: Callable[..., None]
) -> None:
    works = Works(session.renders, session)
    done, failed = Heard(), Heard()
    works.begin(counting(3), "count", "a", Place.BACK, done.ears)
    works.begin(broken, "break", "b", Place.BACK, failed.ears)
    assert works.busy
    session.renders.start()
    until(lambda: not works.busy, "both ends")
    assert done.values == [0, 1, 2]
    assert done.ends == [(JobState.DONE, "")]
    assert done.shares == sorted(done.shares)
    assert max(done.shares) > 0
    assert failed.values == ["half"]
    assert failed.ends == [(JobState.FAILED, "the pencil broke")]


def test_what_is_replaced_or_forgotten_is_not_heard_and_what_is_stopped_is(
    session: Session, until: Callable[..., None]
) -> None:
    works = Works(session.renders, session)
    first, second, third = Heard(), Heard(), Heard()
    works.begin(counting(3), "count", "a", Place.REPLACE, first.ears)
    works.begin(counting(3), "count", "a", Place.REPLACE, second.ears)
    works.stop()
    until(lambda: not works.busy, "the end")
    assert first == Heard()
    assert second.ends == [(JobState.CANCELLED, "")]
    works.begin(counting(3), "count", "b", Place.BACK, third.ears)
    works.forget()
    assert not works.busy
    session.renders.start()
    last = Heard()
    works.begin(counting(1), "count", "c", Place.BACK, last.ears)
    until(lambda: not works.busy, "the last")
    assert last.values == [0]
    assert third.ends == third.values == []
