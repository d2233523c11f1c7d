"""The blocks of the timeline, looked at through windows of frames."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from genani.app.blocks import PAGE, Blocks
from genani.scene.document import Cell, CellKind, Drawing, Layer, Scene
from genani.scene.errors import SceneError
from genani.scene.picture import PictureId
from tests.scene.strategies import EditMaker


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(1, 3 * PAGE), st.integers(0, 2 * PAGE)), max_size=6),
)
def test_windows_show_what_the_layer_does(
    seed: int, steps: int, windows: list[tuple[int, int]]
) -> None:
    maker = EditMaker(seed)
    scene = Scene(layers=(Layer("L", "A"),))
    blocks = Blocks()
    for _ in range(steps):
        edit = maker.edit(scene)
        if edit is not None:
            with suppress(SceneError):
                scene, _ = edit.apply(scene)
        for first, more in windows[:2]:
            for layer in scene.layers:
                blocks.between(scene, layer.id, first, first + more)
    for layer in scene.layers:
        assert blocks.of(scene, layer.id) == layer.exposures(scene.end)
        for first, more in windows:
            last = first + more
            whole = layer.exposures(max(scene.end, last))
            meant = [b for b in whole if b.frame <= last and b.frame + b.frames > first]
            assert list(blocks.between(scene, layer.id, first, last)) == meant
            shown = blocks.at(scene, layer.id, first)
            starts = [b.frame for b in layer.exposures(first) if b.frame <= first]
            assert (shown.frame if shown else 0) == (starts[-1] if starts else 0)


def test_a_long_hold_is_one_block() -> None:
    drawing = Drawing("d", PictureId("0" * 64))
    cells = (Cell("a", 10, "d"), Cell("b", 10 + 5 * PAGE, "d", CellKind.INBETWEEN))
    scene = Scene(layers=(Layer("L", "A", {"d": drawing}, cells),), length=12 * PAGE)
    blocks = Blocks()
    assert blocks.at(scene, "L", 9) is None
    held = blocks.at(scene, "L", 4 * PAGE)
    assert held is not None
    assert (held.frame, held.frames) == (10, 5 * PAGE)
    shown = blocks.between(scene, "L", 2 * PAGE, 12 * PAGE)
    assert [(b.frame, b.frames) for b in shown] == [
        (10, 5 * PAGE),
        (10 + 5 * PAGE, 12 * PAGE - 10 - 5 * PAGE + 1),
    ]
    last = blocks.at(scene, "L", 20 * PAGE)
    assert last is not None
    assert last.frame + last.frames - 1 == 20 * PAGE
