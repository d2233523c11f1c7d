"""`genani render --on ray` on a real Ray of two places."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genani.cli import main
from genani.cli.drawing import draw
from genani.cli.on_ray import draw_package, ray_site
from genani.media import project
from genani.render.cache import TakeCache
from genani.render.spread import Package, Parcel, spread
from genani.scene.document import Cell, Drawing, Layer, Scene
from genani.scene.picture import Picture
from genani.scene.request import SpanRequest, SpanSettings
from genani.scene.span import Span
from genani.scene.timing import TimingChart

KILLED = "GENANI_TEST_KILLED"


def picture(seed: int) -> Picture:
    rng = np.random.default_rng(seed)
    return Picture(rng.integers(0, 255, (48, 64, 4), np.uint8, endpoint=True))


def saved(path: Path, spans: int, seed: int = 0) -> Path:
    """A scene with as many spans, each of three in-betweens."""
    pictures = [picture(seed + n) for n in range(spans + 1)]
    drawings = {f"d{n}": Drawing(f"d{n}", p.id, n) for n, p in enumerate(pictures)}
    cells = tuple(Cell(f"c{n}", 1 + 8 * n, f"d{n}") for n in range(spans + 1))
    between = tuple(
        Span(f"s{n}", f"c{n}", f"c{n + 1}", TimingChart.of("even", 3), SpanSettings("blend"))
        for n in range(spans)
    )
    scene = Scene(64, 48, layers=(Layer("L", "A", drawings, cells, between),))
    project.save(scene, {p.id: p for p in pictures}.__getitem__, path)
    return path


def render(cache: Path, out: Path, *words: str | Path) -> dict[str, object]:
    """The command line in a process of its own, as a person would run it."""
    given = ["render", *map(str, words), "--out", str(out), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "genani", *given],
        env={**os.environ, "GENANI_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_frames_are_those_of_one_machine(tmp_path: Path) -> None:
    scenes = [saved(tmp_path / "one.genani", 3), saved(tmp_path / "two.genani", 2, 50)]
    plain = render(tmp_path / "a", tmp_path / "alone", *scenes)
    spread_out = render(tmp_path / "b", tmp_path / "ray", *scenes, "--on", "ray")
    assert plain["drawn"] == spread_out["drawn"] == 15
    alone = sorted(path.relative_to(tmp_path / "alone") for path in plain_files(tmp_path / "alone"))
    assert {path.parent.name for path in alone} == {"one", "two"}
    assert len(alone) == 26 + 18
    for path in alone:
        assert (tmp_path / "alone" / path).read_bytes() == (tmp_path / "ray" / path).read_bytes()


def plain_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def dying(package: Package) -> Parcel:
    """Draws, but the first time that anybody is asked, the process is killed midway."""
    try:
        Path(os.environ[KILLED]).touch(exist_ok=False)
    except FileExistsError:
        return draw_package(package)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


SCRIPT = """
import sys
from pathlib import Path
from tests.cli.test_ray import killed_midway
killed_midway(Path(sys.argv[1]))
"""


def killed_midway(folder: Path) -> None:
    """Six spans on two places, one of which is killed; runs in a process of its own."""
    times = (Fraction(1, 4), Fraction(1, 2))
    spans = [
        SpanRequest(picture(n), picture(n + 1), times, SpanSettings("blend")) for n in range(6)
    ]
    there, told = TakeCache(folder / "ray"), []
    with ray_site("ray", dying) as site:
        tries = spread(spans, site, there, lambda _done, _total, text: told.append(text))
    pictures = []
    for each in spans:
        for t in each.times:
            between = there.get(each.hash, t)
            assert between is not None
            pictures.append(between.picture.id)
    again = sum("drawn again" in text for text in told)
    print(json.dumps({"pictures": pictures, "sent": sum(tries.values()), "again": again}))


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env={**os.environ, KILLED: str(tmp_path / "killed"), "GENANI_CACHE": str(tmp_path / "c")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "killed").exists()
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["again"] == report["sent"] - 6 >= 1
    times = (Fraction(1, 4), Fraction(1, 2))
    cache = TakeCache(None)
    for n in range(6):
        request = SpanRequest(picture(n), picture(n + 1), times, SpanSettings("blend"))
        draw(request, "span", cache)
        for t in times:
            between = cache.get(request.hash, t)
            assert between is not None
            assert report["pictures"][2 * n + times.index(t)] == between.picture.id


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["render", *map(str, words)]) == 2
    return capsys.readouterr().err


def test_what_cannot_be_spread_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENANI_CACHE", str(tmp_path / "cache"))
    scene, out = saved(tmp_path / "one.genani", 1), ("--out", tmp_path / "o")
    (tmp_path / "more").mkdir()
    twin = saved(tmp_path / "more" / "one.genani", 1)
    assert "ray or ray:ADDRESS, not 'slurm'" in refused(capsys, scene, *out, "--on", "slurm")
    assert "different file names" in refused(capsys, scene, twin, *out)
    other = saved(tmp_path / "two.genani", 1, 9)
    assert "--span is of one scene" in refused(capsys, scene, other, *out, "--span", "s0")
    monkeypatch.setattr("genani.cli.on_ray.RAY", "no_such_ray")
    told = refused(capsys, scene, *out, "--on", "ray")
    assert "Ray is not installed: `pip install 'genani[ray]'`" in told
    assert not (tmp_path / "o").exists()
