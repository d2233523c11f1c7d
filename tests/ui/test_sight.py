"""The view of a widget, and what wheel and hand do to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSizeF

from genani.ui.canvas.sight import Sight

SIZE, AREA = (100, 50), QSizeF(400, 300)


def test_it_stays_fitted_until_a_person_zooms() -> None:
    seen: list[float] = []
    sight = Sight(lambda: seen.append(sight.view.scale))
    sight.fit(SIZE, AREA)
    assert sight.fitted
    box = sight.view.rect(SIZE)
    assert abs(box.center().x() - 200) <= 1
    assert abs(box.center().y() - 150) <= 1
    under = QPointF(120, 160)
    kept = sight.view.to_canvas(under)
    sight.zoom(2, under)
    assert not sight.fitted
    assert (sight.view.to_canvas(under) - kept).manhattanLength() < 1e-6
    assert seen == [seen[0], 2 * seen[0]]
    sight.fit(SIZE, AREA)
    assert sight.fitted


def test_a_hand_drags_what_it_has_grabbed() -> None:
    sight = Sight(lambda: None)
    sight.fit(SIZE, AREA)
    before = sight.view
    assert not sight.drag(QPointF(50, 50))
    assert sight.view == before
    sight.grab(QPointF(10, 10))
    assert sight.grabbed
    assert sight.drag(QPointF(30, 5))
    assert sight.drag(QPointF(31, 5))
    assert (sight.view.x - before.x, sight.view.y - before.y) == (21, -5)
    assert not sight.fitted
    sight.let_go()
    assert not sight.drag(QPointF(0, 0))
