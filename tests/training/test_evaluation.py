import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from genani.engines import registry
from genani.engines.api import CancelToken, Engine, EngineInfo, OptionInfo
from genani.media.image import write_png
from genani.scene.errors import Cancelled, EngineError, FileError, ModelError
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest
from genani.training.evaluation import Report, evaluate
from genani.training.evaluation.report import SCHEMA
from genani.training.evaluation.scores import ClipScore, Measure, mean_values
from tests.training.shots import Shifter, square, write_shot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_shot(tmp_path / "clips", "walk", 7, [0, 6], "body")
    write_shot(tmp_path / "clips", "run", 5, [0, 2, 4], "sprite")
    return tmp_path / "clips"


class Refuser(Shifter):
    """An engine that cannot draw long spans."""

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        if len(request.times) > 1:
            raise EngineError("long spans are not for me")
        yield from super().draw(request, token)


class Forgetter(Shifter):
    """An engine that leaves out what comes last."""

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        drawn = list(super().draw(request, token))
        yield from drawn[: max(1, len(drawn) - 1)]


def make(name: str) -> Engine:
    return {
        "exact": lambda: Shifter(0),
        "off": lambda: Shifter(3),
        "refuser": Refuser,
        "forgetter": Forgetter,
    }[name]()


def test_an_engine_that_draws_the_truth_is_perfect(folder: Path) -> None:
    report = evaluate(folder, ["exact", "off"], make)
    exact, off = report.means("exact"), report.means("off")
    assert exact[Measure.PSNR] == 100
    assert exact[Measure.SSIM] == pytest.approx(1)
    assert exact[Measure.FLICKER] == exact[Measure.LINES] == exact[Measure.STRANGE_COLOURS] == 0
    assert off[Measure.PSNR] < 20
    assert off[Measure.LINES] > 0.5
    assert off[Measure.FLICKER] > 0
    assert {Measure.FIRST, Measure.FURTHER} <= set(exact)


def test_every_truth_frame_is_scored_at_its_exact_time(folder: Path) -> None:
    report = evaluate(folder, ["exact"], make)
    walk, run = report.clips
    assert [(each.frame, each.t) for each in walk.frames] == [
        (i, Fraction(i, 6)) for i in range(1, 6)
    ]
    assert [(each.frame, each.t) for each in run.frames] == [
        (1, Fraction(1, 2)),
        (3, Fraction(1, 2)),
    ]


def test_requests_are_the_keys_of_each_span_after_one_to_warm_up(folder: Path) -> None:
    engine = Shifter()
    evaluate(folder, ["it"], lambda _name: engine)
    keys = [(request.first, request.last) for request in engine.requests]
    walk = (square(0), square(12))
    assert keys == [walk, walk, (square(0), square(4)), (square(4), square(8))]
    assert engine.requests[0].times == (Fraction(1, 2),)
    assert len(engine.requests[1].times) == 5
    assert {request.settings.engine for request in engine.requests} == {"shifter"}


def test_contestants_that_share_an_engine_warm_it_up_for_each_clip(folder: Path) -> None:
    engine = Shifter()
    evaluate(folder, ["a", "b"], lambda _name: engine, category="sprite")
    assert [len(request.times) for request in engine.requests] == [1, 1, 1] * 2
    engine.requests.clear()
    evaluate(folder, ["a", "b"], lambda _name: engine)
    assert [len(request.times) for request in engine.requests] == [1, 5] * 2 + [1, 1, 1] * 2


def test_the_real_cross_dissolve_ghosts(folder: Path) -> None:
    report = evaluate(folder, ["blend"], registry.create, category="body")
    values = report.means("blend")
    assert values[Measure.STRANGE_COLOURS] > 10
    assert values[Measure.PSNR] < 25


def test_what_is_not_installed_is_not_measured(folder: Path) -> None:
    report = evaluate(folder, ["exact"], make)
    assert not {Measure.SQUEEZE, Measure.LANDMARKS} & set(report.means("exact"))
    table = report.table()
    assert "not measured: the perceptual distances" in table
    assert "genani models fetch squeezenet-features" in table
    assert "genani models fetch mediapipe-face-landmarker" in table


def test_weights_that_are_named_are_used(folder: Path, squeezenet_file: Path) -> None:
    report = evaluate(folder, ["exact", "off"], make, feature_weights=squeezenet_file)
    exact, off = report.means("exact"), report.means("off")
    assert exact[Measure.SQUEEZE] == exact[Measure.SQUEEZE_MOVING] == 0
    assert off[Measure.SQUEEZE_MOVING] > off[Measure.SQUEEZE] > 0
    assert "perceptual" not in " ".join(report.absent)


def test_a_named_file_that_is_missing_is_an_error(folder: Path, tmp_path: Path) -> None:
    gone = tmp_path / "nowhere"
    with pytest.raises(ModelError, match="nowhere"):
        evaluate(folder, ["exact"], make, feature_weights=gone)
    with pytest.raises(ModelError, match="nowhere"):
        evaluate(folder, ["exact"], make, face_model=gone)


def test_a_clip_that_cannot_be_drawn_is_noted(folder: Path, tmp_path: Path) -> None:
    report = evaluate(folder, ["refuser", "exact"], make, sheets=tmp_path / "sheets")
    failed = report.of("refuser", "body")[0]
    assert failed.error == "long spans are not for me"
    assert not failed.values
    assert report.of("refuser", "sprite")[0].values
    assert "refuser could not draw walk: long spans are not for me" in report.table()
    assert json.loads(report.to_json())["clips"][0]["error"] == failed.error
    assert (tmp_path / "sheets" / "walk.png").is_file()


def test_an_in_between_left_out_is_told(folder: Path) -> None:
    report = evaluate(folder, ["forgetter"], make, category="body")
    assert report.clips[0].error == "it left out 1 of 5 in-betweens"


def test_progress_rises_to_one_and_engines_do_not_disturb_it(folder: Path) -> None:
    told: list[tuple[float, str]] = []
    token = CancelToken(lambda share, text: told.append((share, text)))
    evaluate(folder, ["exact", "off"], make, token=token)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(told) == 2 * 7
    assert told[0][1] == "walk: exact, t = 1/2"


def test_cancel_stops_within_a_drawing_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    def stop(share: float, _text: str) -> None:
        if share > 0.5:
            token.cancel()

    token = CancelToken(stop)
    engine = Shifter()
    with pytest.raises(Cancelled):
        evaluate(folder, ["it"], lambda _: engine, token=token, sheets=tmp_path / "sheets")
    assert len(engine.requests) == 2
    assert not (tmp_path / "sheets").exists()


def test_sheets_show_keys_truth_and_each_engine(folder: Path, tmp_path: Path) -> None:
    evaluate(folder, ["exact", "off"], make, sheets=tmp_path / "sheets")
    assert sorted(p.name for p in (tmp_path / "sheets").iterdir()) == ["run.png", "walk.png"]
    with Image.open(tmp_path / "sheets" / "walk.png") as sheet:
        one_row = sheet.height / 3
        red = [
            [
                sheet.getpixel((x, round(row * one_row) + 20)) == (200, 30, 60)
                for x in range(sheet.width)
            ]
            for row in range(3)
        ]
    # Seven pictures of truth; engines have none under the two keys. Ten pixels of red in each.
    assert [sum(row) for row in red] == [70, 50, 50]


def test_json_has_all_figures_and_no_infinity(folder: Path, tmp_path: Path) -> None:
    report = evaluate(folder, ["exact", "off"], make)
    report.write_json(tmp_path / "out.json")
    content = json.loads((tmp_path / "out.json").read_bytes())
    assert (content["schema"], content["version"]) == (SCHEMA, 1)
    assert set(content["means"]) == {"body", "sprite", "all categories"}
    assert content["means"]["body"]["exact"]["psnr"] == 100
    frame = content["clips"][0]["frames"][0]
    assert (frame["frame"], frame["t"], frame["values"]["psnr"]) == (1, "1/6", None)
    assert content["measures"]["psnr"]["higher_is_better"] is True
    assert "the perceptual distances" in content["not_measured"]
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.json"]


def test_the_table_is_aligned_and_complete(folder: Path) -> None:
    table = evaluate(folder, ["exact", "off"], make).table()
    sections = table.split("\n\n")
    assert [section.splitlines()[0] for section in sections[:3]] == [
        "body (1 clip)",
        "sprite (1 clip)",
        "all categories (2 clips)",
    ]
    head, *rows = sections[0].splitlines()[1:]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert "PSNR dB ↑" in head
    assert rows[0].split()[:2] == ["exact", "100.00"]


def test_frames_of_another_size_are_told(folder: Path) -> None:
    write_png(Picture.blank(20, 20), folder / "walk" / "003.png")
    with pytest.raises(FileError, match=r"003\.png' is 20 x 20 pixels, but .* 40 x 32"):
        evaluate(folder, ["exact"], make)


@pytest.mark.parametrize("engines", [[], ["exact", "exact"]])
def test_engines_are_named_once(folder: Path, engines: list[str]) -> None:
    with pytest.raises(EngineError, match="each only once"):
        evaluate(folder, engines, make)


class Optional(Shifter):
    info = EngineInfo(
        "shifter",
        "Shifter",
        "",
        options=(OptionInfo("steps", "Steps", 4), OptionInfo("version", "Version", "4.6")),
    )


def test_settings_after_a_colon_reach_the_engine(folder: Path) -> None:
    engine = Optional()
    label = "it:steps=7,version=3.9,keep_still=off"
    report = evaluate(folder, [label], lambda name: {"it": engine}[name])
    options = engine.requests[-1].settings.options
    assert (options["steps"], options["version"], options["keep_still"]) == (7, "3.9", False)
    assert report.contestants == (label,)


@pytest.mark.parametrize("label", ["it:steps", "it:steps=many", "it:pace=3"])
def test_a_setting_that_does_not_fit_is_told(folder: Path, label: str) -> None:
    with pytest.raises(EngineError, match=r"steps|many|pace"):
        evaluate(folder, [label], lambda _name: Optional())


def test_means_skip_what_was_not_measured_and_cap_infinity() -> None:
    values = mean_values([{Measure.PSNR: float("inf")}, {Measure.PSNR: 20.0, Measure.SSIM: 0.5}])
    assert values == {Measure.PSNR: 60.0, Measure.SSIM: 0.5}
    scores = tuple(
        ClipScore(str(i), "c", "e", values={Measure.PSNR: 20.0 + 10 * i}) for i in range(2)
    )
    assert Report("f", ("e",), scores).means("e") == {Measure.PSNR: 25.0}


def test_importing_the_room_brings_no_torch() -> None:
    code = (
        "import genani.training.evaluation, sys;print('torch' in sys.modules, 'cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
