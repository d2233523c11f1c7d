"""GANime's engine at tiny size: codes, writing with and without a cache, spans like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.api import CancelToken
from genani.engines.device import Device
from genani.engines.inbetween.vqgpt.autoencoder import VqGan, VqGanConfig, perplexity
from genani.engines.inbetween.vqgpt.engine import VqGpt as Engine
from genani.engines.inbetween.vqgpt.painter import Run, VqGptPainter
from genani.engines.inbetween.vqgpt.transformer import VqGpt, VqGptConfig
from genani.engines.inbetween.vqgpt.weights import (
    MODEL,
    VQGAN,
    VQGPT,
    load_coder,
    load_writer,
    save_coder,
    save_writer,
)
from genani.engines.inbetween.vqgpt.writing import Chance, written
from genani.engines.registry import choose, info
from genani.scene.errors import Cancelled, ModelError
from genani.scene.picture import Picture
from genani.scene.request import InBetween, SpanRequest, SpanSettings
from tests.engines.drawings import THIRDS, disc

CODER = VqGanConfig(side=16, fold=2, widths=(8, 8), codes=12, depth=4)
WRITER = VqGptConfig(codes=12, grid=4, width=16, layers=2, heads=2, look=8, shared=1, timed=1)
TIMES = (0.2, 0.5, 0.6)
CHANCES = (Chance(), Chance(1.0, 0, 3), Chance(0.7, 4, 5))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """More threads only wait for each other on networks this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def coder() -> VqGan:
    torch.manual_seed(0)
    return VqGan(CODER).eval()


@pytest.fixture
def writer(coder: VqGan) -> VqGpt:
    torch.manual_seed(1)
    model = VqGpt(WRITER)
    model.acquaint(coder.vectors)
    # Louder than at the start, so that codes differ.
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2.0)
    return model.eval()


@pytest.fixture
def folder(coder: VqGan, writer: VqGpt, tmp_path: Path) -> Path:
    save_coder(coder, tmp_path / VQGAN)
    save_writer(writer, tmp_path / VQGPT)
    return tmp_path


@pytest.fixture
def engine(folder: Path) -> Engine:
    def locate(name: str, file: str) -> Path:
        assert name == MODEL
        return folder / file

    return Engine(info("vqgpt"), Device(), locate)


def keys(count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes of two keys."""
    generator = torch.Generator().manual_seed(2)
    made = torch.randint(WRITER.codes, (2, count, WRITER.places), generator=generator)
    return made[0], made[1]


def codes_of(
    model: VqGpt, chance: Chance, times: tuple[float, ...] = TIMES, *, cached: bool = True
) -> torch.Tensor:
    found = written(model, *keys(), times, chance, CancelToken(), cached=cached)
    return torch.stack(list(found), 1)


def drawn(engine: Engine, request: SpanRequest) -> list[InBetween]:
    return list(engine.draw(request, CancelToken()))


def span(size: tuple[int, int] = (40, 24), **options: str | float | int | bool) -> SpanRequest:
    first, last = (disc(size, (x, 10), 6) for x in (10, 26))
    return SpanRequest(first, last, THIRDS, SpanSettings("vqgpt", options))


# -- codes --------------------------------------------------------------------------------------


def test_a_code_tells_its_own_patch_only(coder: VqGan) -> None:
    picture = torch.rand(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    changed = picture.clone()
    changed[:, :, 4:8, 8:12] = 0
    off = (coder.latents(picture) - coder.latents(changed)).abs().sum((0, 1))
    assert off.nonzero().tolist() == [[1, 2]]


def test_codes_together_tell_of_the_whole() -> None:
    torch.manual_seed(0)
    whole = VqGan(VqGanConfig(side=16, fold=2, widths=(8, 8), codes=12, depth=4, apart=False))
    whole.eval()
    picture = torch.rand(1, 4, 16, 16)
    changed = picture.clone()
    changed[:, :, :4, :4] = 0
    assert ((whole.latents(picture) - whole.latents(changed)).abs().sum(1) > 0).all()


def test_a_picture_of_codes_is_the_picture_coded(coder: VqGan) -> None:
    picture = torch.rand(2, 4, 16, 16)
    made = coder(picture)
    assert made.codes.shape == (2, CODER.grid, CODER.grid)
    assert torch.equal(made.codes, coder.codes(picture))
    assert torch.allclose(made.picture, coder.picture(made.codes), atol=1e-5)


def test_dead_vectors_are_moved_to_where_drawings_are(coder: VqGan) -> None:
    picture = torch.rand(4, 4, 16, 16)
    with torch.no_grad():
        coder.vectors[1:] = 1000 + torch.arange(11.0)[:, None]
    made = coder(picture)
    for _ in range(200):
        coder.watch(made.codes)
    assert float(perplexity(coder.use)) < 2
    before = coder.vectors.detach().clone()
    states = []
    for _ in range(2):
        torch.manual_seed(5)
        with torch.no_grad():
            coder.vectors.copy_(before)
            coder.use.copy_(torch.eye(12)[0])
        assert coder.revive(made.latents, 0.5) == 11
        states.append(coder.vectors.detach().clone())
    assert torch.equal(states[0], states[1])
    assert torch.equal(states[0][0], before[0])
    latents = made.latents.permute(0, 2, 3, 1).flatten(0, 2)
    apart = (states[0][1:, None] - latents[None]).abs().amax(2)
    assert apart.amin(1).max() < 1e-6
    assert float(perplexity(torch.bincount(coder.codes(picture).flatten(), minlength=12))) > 2


def test_perplexity_counts_codes_in_use() -> None:
    assert float(perplexity(torch.tensor([5.0, 5.0, 0.0, 0.0]))) == pytest.approx(2)
    assert float(perplexity(torch.zeros(4))) == pytest.approx(1)


# -- writing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", CHANCES)
def test_with_and_without_a_cache_the_codes_are_the_same(writer: VqGpt, chance: Chance) -> None:
    kept, anew = (codes_of(writer, chance, cached=cached) for cached in (True, False))
    assert torch.equal(kept, anew)
    assert len(kept.unique()) > 2


def test_more_drawings_than_it_was_taught(writer: VqGpt) -> None:
    writer.config = VqGptConfig(
        codes=12, grid=4, width=16, layers=2, heads=2, look=8, shared=1, timed=1, most=2
    )
    times = tuple((index + 1) / 8 for index in range(7))
    kept, anew = (codes_of(writer, Chance(), times, cached=cached) for cached in (True, False))
    assert kept.shape == (2, 7, WRITER.places)
    assert torch.equal(kept, anew)


def test_what_is_written_is_what_is_likeliest_when_told(writer: VqGpt) -> None:
    first, last = keys()
    made = codes_of(writer, Chance())
    times = torch.tensor(TIMES).expand(2, -1)
    known = torch.ones(2, 3, dtype=torch.bool)
    with torch.no_grad():
        said = writer(first, last, made, times, known).written
    assert torch.equal(said.argmax(-1), made)


def test_a_drawing_that_is_not_known_tells_later_ones_nothing(writer: VqGpt) -> None:
    first, last = keys()
    between = torch.stack(keys(2), 1)
    other = between.clone()
    other[:, 0] = (other[:, 0] + 1) % WRITER.codes
    times = torch.tensor((0.3, 0.6)).expand(2, -1)
    hidden = torch.tensor((False, True)).expand(2, -1)
    with torch.no_grad():
        one, two = (writer(first, last, each, times, hidden).written for each in (between, other))
        three = writer(first, last, other, times, torch.ones_like(hidden)).written
    assert torch.allclose(one[:, 1], two[:, 1], atol=1e-5)
    assert not torch.allclose(one[:, 1], three[:, 1], atol=1e-5)


def test_seeds_matter_with_chance_only(writer: VqGpt) -> None:
    hot = [codes_of(writer, Chance(1.5, 0, seed)) for seed in (1, 1, 2)]
    assert torch.equal(hot[0], hot[1])
    assert not torch.equal(hot[0], hot[2])
    cold = [codes_of(writer, Chance(0.0, 0, seed)) for seed in (1, 2)]
    assert torch.equal(cold[0], cold[1])


def test_one_choice_is_no_choice(writer: VqGpt) -> None:
    assert torch.equal(codes_of(writer, Chance(1.0, 1, 7)), codes_of(writer, Chance()))


def test_a_time_is_told(writer: VqGpt) -> None:
    early, late = (codes_of(writer, Chance(), (t,)) for t in (0.1, 0.9))
    assert not torch.equal(early, late)


def marked(rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Codes of empty drawings with a mark at one place, (B, 16)."""
    made = torch.zeros(len(rows), 16, dtype=torch.long)
    made[torch.arange(len(rows)), 4 * rows + columns] = 1
    return made


WAY = (1 / 3, 2 / 3)


def journeys(count: int = 24) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """First keys, drawings between (B, 2, 16) and last keys of marks from side to side."""
    rows, side = torch.randint(4, (count,)), torch.randint(2, (count,))
    first, *between, last = (marked(rows, (3 * side - at).abs()) for at in range(4))
    return first, torch.stack(between, 1), last


def test_it_learns_where_a_mark_is_on_its_way() -> None:
    torch.manual_seed(0)
    model = VqGpt(VqGptConfig(2, 4, width=16, layers=1, heads=2, look=16, shared=1, timed=1))
    model.acquaint(torch.eye(2))
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2)
    for step in range(120):
        first, read, last = journeys()
        said = model(first, last, read, torch.tensor(WAY).expand(24, -1), read[..., 0] < 2)
        loss = sum(
            torch.nn.functional.cross_entropy(logits.flatten(0, 2), read.flatten())
            for logits in (said.written, said.seen)
        )
        for group in optimiser.param_groups:
            group["lr"] = 1e-2 * (1 - step / 120)
        optimiser.zero_grad()
        torch.as_tensor(loss).backward()
        optimiser.step()
    first, read, last = journeys()
    found = written(model.eval(), first, last, WAY, Chance(), CancelToken())
    right = (torch.stack(list(found), 1) == read).all(2)
    assert right.float().mean() > 0.9


# -- the engine ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(37, 21), (64, 90)])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("detail", [True, False])
def test_any_size_depth_and_alpha(
    engine: Engine, size: tuple[int, int], depth: int, detail: bool
) -> None:
    first, last = (disc(size, (x, 10), 6, depth=depth) for x in (12, 20))
    before = first.pixels.copy(), last.pixels.copy()
    request = SpanRequest(first, last, THIRDS, SpanSettings("vqgpt", {"detail": detail}))
    made = drawn(engine, request)
    assert sorted(each.t for each in made) == sorted(THIRDS)
    for each in made:
        assert (each.picture.size, each.picture.depth) == (size, depth)
    assert np.array_equal(first.pixels, before[0])
    assert np.array_equal(last.pixels, before[1])


@torch.inference_mode()
def test_detail_of_the_keys_comes_back_where_a_drawing_is_like_one(
    coder: VqGan, writer: VqGpt
) -> None:
    run = Run((0.5,), Chance())
    first, last = torch.rand(2, 1, 4, 32, 48, generator=torch.Generator().manual_seed(3)).unbind()
    state = VqGptPainter(coder, writer, run).prepare(first, last, 1.0, CancelToken())
    ends = torch.full((2, 4, 16, 16), 0.2)
    ends[1] = 0.8
    for key, end in zip((first, last), ends.split(1), strict=True):
        like = replace(state, ends=ends, between={0.5: end})
        whole, plain = (
            VqGptPainter(coder, writer, each).paint(like, 0.5, CancelToken()).rgba
            for each in (run, replace(run, detail=False))
        )
        assert torch.allclose(whole, key, atol=1e-5)
        assert torch.allclose(plain, end.mean().expand_as(plain), atol=1e-5)
    other = replace(state, ends=ends, between={0.5: torch.full((1, 4, 16, 16), 0.5)})
    made = VqGptPainter(coder, writer, run).paint(other, 0.5, CancelToken()).rgba
    assert torch.allclose(made, torch.full_like(made, 0.5), atol=1e-5)


def test_the_same_request_is_the_same_drawing(engine: Engine) -> None:
    hot = replace(span(temperature=1.0), settings=replace(span().settings, seed=4))
    for request in (span(), hot):
        one, two = drawn(engine, request), drawn(engine, request)
        pairs = zip(one, two, strict=True)
        assert all(np.array_equal(a.picture.pixels, b.picture.pixels) for a, b in pairs)


def test_it_stops_between_codes(engine: Engine) -> None:
    looks = 0

    class Impatient(CancelToken):
        def check(self) -> None:
            nonlocal looks
            looks += 1
            if looks == 12:
                self.cancel()
            super().check()

    with pytest.raises(Cancelled):
        list(engine.draw(span(), Impatient()))
    assert looks == 12


def test_what_was_drawn_tells_the_cost(engine: Engine) -> None:
    request = span()
    guessed = engine.estimate(request)
    drawn(engine, request)
    known = engine.estimate(request)
    assert 0 < known.seconds < guessed.seconds
    more = replace(request, times=tuple(Fraction(k, 20) for k in range(1, 20)))
    assert engine.estimate(more).seconds > known.seconds


def test_a_model_by_its_folder(folder: Path) -> None:
    def locate(name: str, _file: str) -> Path:
        raise ModelError(f"there is no model called {name}")

    engine = Engine(info("vqgpt"), Device(), locate)
    assert len(drawn(engine, span(model=str(folder)))) == len(THIRDS)
    assert "the setting 'model'" in engine.estimate(span()).note
    with pytest.raises(ModelError, match=r"no model called nobody.*the setting 'model'"):
        drawn(engine, span(model="nobody"))


@pytest.mark.parametrize("file", [VQGAN, VQGPT])
def test_files_that_are_not_whole_are_told(folder: Path, file: str) -> None:
    engine = Engine(info("vqgpt"), Device(), lambda _name, _file: folder / _file)
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="is damaged"):
        drawn(engine, span())
    (folder / file).unlink()
    with pytest.raises(ModelError, match=f"holds no {file}"):
        drawn(engine, span(model=str(folder)))


def test_files_that_do_not_belong_together_are_told(folder: Path) -> None:
    save_writer(VqGpt(VqGptConfig(codes=13, grid=4, width=16, heads=2, look=8)), folder / VQGPT)
    engine = Engine(info("vqgpt"), Device(), lambda _name, file: folder / file)
    with pytest.raises(ModelError, match="not trained together"):
        drawn(engine, span())
    with pytest.raises(ModelError, match="does not hold weights of GenAni's autoencoder"):
        load_coder(folder / VQGPT)


def test_weights_come_back(folder: Path, coder: VqGan, writer: VqGpt) -> None:
    for kept, found in ((coder, load_coder(folder / VQGAN)), (writer, load_writer(folder / VQGPT))):
        assert kept.config == found.config
        for key, weight in kept.state_dict().items():
            assert torch.equal(weight.half().float(), found.state_dict()[key])


def test_nothing_takes_it_unasked() -> None:
    assert choose("auto", has=lambda model: model == MODEL).name == "blend"


def test_equal_keys_need_no_writing(engine: Engine) -> None:
    key = disc((30, 30), (12, 12), 5)
    made = drawn(engine, SpanRequest(key, Picture(key.pixels), THIRDS, SpanSettings("vqgpt")))
    assert all(each.picture is key for each in made)
