"""Three spans chained over four keys, from a saved scene to written frames."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from genani.cli import main
from genani.engines import registry
from genani.engines.api import CancelToken
from genani.media import image, project
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.request import OptionValue, SpanRequest, SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart
from tests.engines.drawings import disc
from tests.engines.tooncrafter.models import saved_model

SIZE = 96, 60
KEYS = [disc(SIZE, (20 + 18 * place, 24 + 4 * place), 10 + place) for place in range(4)]
CHART = TimingChart.of("even", 2)
STEP = 3
"""Frames from a key to the next: two in-betweens on ones."""


def test_shared_keys_stay_and_nothing_fades_over_them(tmp_path: Path) -> None:
    options: dict[str, OptionValue] = {
        "model": str(saved_model(tmp_path / "model")),
        "steps": 1,
        "guidance": 1.0,
        "side": 64,
    }
    settings = [SpanSettings("tooncrafter", options, seed) for seed in range(3)]
    drawings = {f"d{n}": Drawing(f"d{n}", key.id, n) for n, key in enumerate(KEYS, 1)}
    cells = tuple(Cell(f"c{n}", 1 + STEP * (n - 1), f"d{n}") for n in range(1, 5))
    spans = tuple(Span(f"s{n}", f"c{n}", f"c{n + 1}", CHART, settings[n - 1]) for n in range(1, 4))
    scene = Scene(*SIZE, layers=(Layer("L", "A", drawings, cells, spans),))
    saved, out = tmp_path / "scene.genani", tmp_path / "frames"
    project.save(scene, {key.id: key for key in KEYS}.__getitem__, saved)
    assert main(["render", str(saved), "--out", str(out)]) == 0
    frames = [image.read(path) for path in sorted(out.iterdir())]
    for place, key in enumerate(KEYS):
        assert frames[STEP * place] == key, f"key {place + 1}"
    # Every in-between is what its own span draws alone: no neighbour has a say.
    engine = registry.create("tooncrafter")
    for place, pair in enumerate(pairwise(KEYS)):
        resolved = registry.resolve(settings[place])
        alone = {
            made.t: made.picture
            for made in engine.draw(SpanRequest(*pair, CHART.ticks, resolved), CancelToken())
        }
        for index, t in enumerate(CHART.ticks, 1):
            frame = frames[STEP * place + index]
            assert frame == alone[t], f"span {place + 1} at {t}"
            assert not np.array_equal(frame.pixels, pair[0].pixels)
            assert not np.array_equal(frame.pixels, pair[1].pixels)
    registry._known.forget()
