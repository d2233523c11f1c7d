"""What frames show: holds run together, generated drawings come from their take."""

from dataclasses import replace
from fractions import Fraction

from genani.scene.document import Cell, Drawing, Layer
from genani.scene.edits import AddDrawing, AddLayer, ChangeLayer
from genani.scene.frame import Source, TakeFrame, exposure_at, shots
from genani.scene.picture import Picture, PictureId
from genani.scene.plan import record
from genani.scene.timing import TimingChart
from tests.scene.strategies import one_span


def test_a_span_shows_its_keys_and_its_take() -> None:
    scene = one_span(TimingChart.of("even", 3))
    layer = scene.layers[0]
    take = record(layer, layer.spans[0]).hash
    seen = [(s.frame, s.frames, s.layers[0][0]) for s in shots(scene, 1, scene.end)]
    assert seen == [
        (1, 2, f"{1:064x}"),
        (3, 2, TakeFrame(take, Fraction(1, 4))),
        (5, 2, TakeFrame(take, Fraction(1, 2))),
        (7, 2, TakeFrame(take, Fraction(3, 4))),
        (9, 2, f"{2:064x}"),
    ]


def test_a_chosen_variant_is_shown() -> None:
    scene = one_span(TimingChart.of("even", 1))
    layer = scene.layers[0]
    layer = replace(layer, spans=(replace(layer.spans[0], shown="variant"),))
    shown = list(shots(replace(scene, layers=(layer,)), 5, 6))
    assert [s.layers for s in shown] == [((TakeFrame("variant", Fraction(1, 2)), 1.0),)]


def test_layers_cut_each_other_and_hidden_ones_do_not() -> None:
    scene = one_span(TimingChart())
    front = Layer("F", "front", {"d": Drawing("d", PictureId("f" * 64))}, (Cell("c", 4, "d"),))
    scene = AddLayer(front, 1).apply(scene)[0]
    assert [(s.frame, s.frames, len(s.layers)) for s in shots(scene, 2, 10)] == [
        (2, 2, 1),
        (4, 5, 2),
        (9, 2, 2),
    ]
    hidden = ChangeLayer("F", visible=False).apply(scene)[0]
    assert [(s.frame, s.frames, len(s.layers)) for s in shots(hidden, 2, 10)] == [
        (2, 7, 1),
        (9, 2, 1),
    ]


def test_before_the_first_drawing_there_is_an_empty_frame() -> None:
    scene = one_span(TimingChart())
    layer = scene.layers[0]
    later = replace(layer, cells=tuple(replace(c, frame=c.frame + 4) for c in layer.cells))
    first = next(shots(replace(scene, layers=(later,)), 1, 3))
    assert first.layers == ()
    assert first.picture((4, 4), lambda _: None) == Picture.blank(4, 4)
    assert exposure_at(later, 1, 20) is None
    block = exposure_at(later, 6, 20)
    assert block is not None
    assert block.frame == 5


def test_a_take_that_is_not_there_shows_nothing() -> None:
    scene = one_span(TimingChart.of("even", 1))
    key = Picture.blank(64, 48)

    def look(what: Source) -> Picture | None:
        return None if isinstance(what, TakeFrame) else key

    pictures = [s.picture(scene.size, look) for s in shots(scene, 1, 9)]
    assert pictures[0] is key
    assert pictures[1] == Picture.blank(64, 48)
    drawing = Drawing("d3", PictureId("3" * 64))
    filled = AddDrawing("L", Cell("c3", 5, "d3"), drawing).apply(scene)[0]
    assert all(isinstance(s.layers[0][0], str) for s in shots(filled, 1, 9))
