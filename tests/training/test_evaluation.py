import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from genani.engines import registry
from genani.engines.api import CancelToken, Engine, EngineInfo, OptionInfo
from genani.engines.cards import STYLES
from genani.media.image import write_png
from genani.scene.errors import Cancelled, EngineError, FileError, ModelError
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest
from genani.store import adapters
from genani.training.clips.source import ClipSource
from genani.training.evaluation import Report, evaluate, page
from genani.training.evaluation.held_back import held_back
from genani.training.evaluation.report import SCHEMA
from genani.training.evaluation.scores import ClipScore, FrameScore, Measure, mean_values, paired
from tests.training.clips.films import data_set
from tests.training.shots import Shifter, edit_manifest, square, write_shot


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


def _seen(contestant: str, errors: dict[int, float]) -> ClipScore:
    """A score of three frames, of which some show a face."""
    frames = [
        FrameScore(i, Fraction(i, 4), {Measure.LANDMARKS: errors[i]} if i in errors else {})
        for i in (1, 2, 3)
    ]
    return ClipScore(
        "clip", "c", contestant, tuple(frames), mean_values([f.values for f in frames])
    )


def test_landmarks_are_compared_on_frames_where_all_show_a_face() -> None:
    careful, blind = _seen("careful", {1: 2.0, 2: 4.0, 3: 30.0}), _seen("blind", {1: 3.0, 2: 5.0})
    failed = ClipScore("clip", "c", "failed", error="no")
    found = {each.contestant: each.values for each in paired([careful, blind, failed])}
    assert found["careful"] == {Measure.LANDMARKS: 3.0}
    assert found["blind"] == {Measure.LANDMARKS: 4.0}
    assert found["failed"] == {}


def test_without_a_shared_face_no_landmark_is_compared() -> None:
    values = [each.values for each in paired([_seen("one", {1: 2.0}), _seen("two", {3: 2.0})])]
    assert values == [{}, {}]


def test_the_held_back_clips_of_a_data_set_are_shots(tmp_path: Path) -> None:
    data_set(tmp_path / "own", clips=12, frames=20)
    clips = held_back(tmp_path / "own")
    train = ClipSource(tmp_path / "own").clips
    assert clips
    assert not {clip.name for clip in clips} & set(train)
    assert {clip.keys for clip in clips} == {(0, 8, 16, 19)}
    report = evaluate(tmp_path / "own", ["blend"], registry.create)
    assert {score.clip for score in report.clips} == {clip.name for clip in clips}
    assert [len(score.frames) for score in report.clips] == [16] * len(clips)


def test_a_last_span_without_a_frame_is_taken_in(tmp_path: Path) -> None:
    data_set(tmp_path / "own", frames=18)
    assert held_back(tmp_path / "own")[0].keys == (0, 8, 17)


def test_a_data_set_that_holds_nothing_back_is_told(tmp_path: Path) -> None:
    data_set(tmp_path / "one", clips=1)
    with pytest.raises(FileError, match="holds back no clips"):
        evaluate(tmp_path / "one", ["blend"], registry.create)
    data_set(tmp_path / "own")
    with pytest.raises(FileError, match="no held-back clip is of the category 'sad'"):
        evaluate(tmp_path / "own", ["blend"], registry.create, category="sad")


class Styled(Shifter):
    """Draws as far off as its adapters are strong."""

    info = EngineInfo(
        "shifter", "Shifter", "", models=("rife-4.6",), bases=("rife-4.6",), options=(STYLES,)
    )

    def draw(self, request: SpanRequest, token: CancelToken) -> Iterator[InBetween]:
        mix = adapters.mixed(str(request.settings.options["styles"]), ("rife-4.6",))
        self.off = round(4 * sum(strength for _, strength in mix))
        yield from super().draw(request, token)


@pytest.fixture
def mika(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path / "models"))
    path = tmp_path / "mika.safetensors"
    save_file({"a": np.zeros(1)}, path, adapters.header(adapters.AdapterCard("mika", "rife-4.6")))
    return adapters.add(path).id


def test_an_adapter_is_scored_beside_its_base(folder: Path, mika: str) -> None:
    engine = Styled()
    report = evaluate(folder, ["it"], lambda _name: engine, styles=["mika:0.5"])
    assert report.contestants == ("it", "it + mika:0.5")
    assert report.means("it")[Measure.PSNR] == 100
    assert report.means("it + mika:0.5")[Measure.PSNR] < 30
    told = {str(request.settings.options["styles"]) for request in engine.requests}
    assert told == {"", f"{mika}:0.5"}


def test_an_adapter_that_cannot_be_put_on_is_told(folder: Path, tmp_path: Path, mika: str) -> None:
    with pytest.raises(EngineError, match="takes no adapters"):
        evaluate(folder, ["exact"], make, styles=["mika"])
    with pytest.raises(ModelError, match="no adapter 'elin'"):
        evaluate(folder, ["it"], lambda _name: Styled(), styles=["elin"])
    path = tmp_path / "other.safetensors"
    save_file({"a": np.ones(1)}, path, adapters.header(adapters.AdapterCard("tobi", "other")))
    adapters.add(path)
    with pytest.raises(ModelError, match="'tobi' was trained for other"):
        evaluate(folder, ["it"], lambda _name: Styled(), styles=["tobi"])


def test_sets_are_compared_as_sets(folder: Path, squeezenet_file: Path) -> None:
    report = evaluate(folder, ["exact", "off"], make, feature_weights=squeezenet_file)
    exact, off = report.means("exact"), report.means("off")
    assert exact[Measure.FRECHET] == pytest.approx(0, abs=1e-9)
    assert off[Measure.FRECHET] > 1e-6
    assert Measure.FRECHET not in report.means("off", "body")
    assert "torch-fidelity" in report.absent["FID"]


class Page(HTMLParser):
    """The elements and the texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_the_page_is_whole_in_itself(folder: Path, tmp_path: Path) -> None:
    report = evaluate(folder, ["exact", "off"], make, strips=True)
    page.write(report, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    shown = Page(text)
    sources = [attrs["src"] or "" for tag, attrs in shown.found if tag == "img"]
    assert len(sources) == 2
    for source in sources:
        data = base64.b64decode(source.removeprefix("data:image/jpeg;base64,"))
        assert Image.open(io.BytesIO(data)).width > 200
    assert not re.search(r"(src|href)=.(?!data:)|url\(|@import", text)
    assert shown.texts.count("PSNR dB ↑") == 3 + 1
    marks = [attrs for tag, attrs in shown.found if tag == "path" and "transform" in attrs]
    assert len(marks) % (2 * 2) == 0
    best = [attrs for tag, attrs in shown.found if tag == "td" and attrs.get("class") == "best"]
    assert best


def test_names_cannot_change_the_page(folder: Path, tmp_path: Path) -> None:
    edit_manifest(folder, id="<b>walk&", path="walk")
    page.write(evaluate(folder, ["exact"], make, strips=True), tmp_path / "page.html")
    shown = Page((tmp_path / "page.html").read_text())
    assert "b" not in {tag for tag, _ in shown.found}
    assert "<b>walk&" in shown.texts


def test_importing_the_room_brings_no_torch() -> None:
    code = (
        "import genani.training.evaluation, sys;print('torch' in sys.modules, 'cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
