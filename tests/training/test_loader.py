from __future__ import annotations

import multiprocessing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.scene.errors import FileError, GenAniError
from genani.training.crew import Crew
from genani.training.loader import EMOTIONS, Loader, Stream, expanded, packed
from genani.training.sample import Sample
from genani.training.sources.ict import IctSource
from genani.training.sources.mix import Mix, Recipe
from tests.training.sources.stand_ins import write_clips, write_head


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    folder = tmp_path_factory.mktemp("data")
    clips = write_clips(folder / "clips")
    data = {"ict": write_head(folder / "head.npz"), "still": clips}
    return Mix(Recipe({"ict": 1, "still": 1}, data))


def _same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(two) and all(
        torch.equal(one[name].nan_to_num(-1), two[name].nan_to_num(-1)) for name in one
    )


def _take(loader: Loader, step: int, count: int) -> list[dict[str, torch.Tensor]]:
    batches = loader.batches(step)
    found = [next(batches) for _ in range(count)]
    batches.close()
    return found


def test_a_batch_has_what_losses_want(mix: Mix) -> None:
    (batch,) = _take(Loader(Stream(mix, 1, 3, (32,))), 0, 1)
    shapes = {name: tuple(tensor.shape) for name, tensor in batch.items()}
    assert shapes == {
        **dict.fromkeys(("first", "last", "between"), (3, 4, 32, 32)),
        **{"t": (3,), "points": (3, 3, 478, 2), "flow": (3, 2, 2, 32, 32)},
        **{"seen": (3, 2, 32, 32), "parts": (3, 32, 32), "emotion": (3,), "intensity": (3,)},
    }
    assert batch["parts"].dtype == batch["emotion"].dtype == torch.int64
    assert batch["seen"].dtype == torch.bool
    for name in ("first", "last", "between"):
        colour, alpha = batch[name][:, :3], batch[name][:, 3:]
        assert (colour <= alpha + 1e-6).all()
        assert alpha.max() <= 1


def test_packing_keeps_the_sample(mix: Mix) -> None:
    samples = [mix.sample(2, index, 32) for index in range(4)]
    batch = expanded(packed(samples))
    for at, sample in enumerate(samples):
        flow = batch["flow"][at].permute(0, 2, 3, 1).numpy()
        assert np.abs(flow - sample.flow).max() < 1 / 60
        assert (batch["parts"][at].numpy() == sample.parts).all()
        opaque = sample.first[..., 3] == 255
        first = batch["first"][at].permute(1, 2, 0).numpy()
        assert first[opaque] == pytest.approx(sample.first[opaque] / 255)
        assert batch["emotion"][at] == EMOTIONS.get(sample.emotion, -1)


def test_a_run_goes_on_with_the_next_batch_wherever_it_stopped(mix: Mix) -> None:
    stream = Stream(mix, 3, 2, (32, 48))
    whole = _take(Loader(stream), 0, 5)
    assert _same(_take(Loader(stream), 3, 1)[0], whole[3])
    assert [batch["first"].shape[-1] for batch in whole] == [32, 48, 32, 48, 32]
    assert not _same(whole[0], whole[2])


def test_worker_processes_make_the_same_batches_and_end_with_them(mix: Mix) -> None:
    stream = Stream(mix, 4, 2, (32,))
    loader = Loader(stream, 2, pack=True)
    batches = loader.batches(2)
    found = [next(batches) for _ in range(8)]
    workers = multiprocessing.active_children()
    assert len(workers) == 2
    batches.close()
    assert [worker.exitcode for worker in workers] == [0, 0]
    here = _take(Loader(stream, pack=True), 2, 8)
    assert all(_same(one, two) for one, two in zip(found, here, strict=True))
    assert 0 < loader.wait_share < 1
    assert loader.samples == 2


def test_workers_leave_no_files_behind(mix: Mix) -> None:
    with Crew(Stream(mix, 5, 2, (32, 48)), 1, 0) as crew:
        batch = next(crew.batches())
        assert batch["first"].shape == (2, 4, 32, 32)
        folder = crew.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_a_worker_that_dies_is_told_in_a_sentence(mix: Mix) -> None:
    with Crew(Stream(mix, 6, 1, (32,)), 1, 0) as crew:
        batches = crew.batches()
        next(batches)
        crew.processes[0].kill()
        with pytest.raises(GenAniError, match=r"ended by itself \(code -?\d+\)"):
            list(islice(batches, 9))


def test_batches_that_fit_nowhere_are_refused(mix: Mix) -> None:
    with pytest.raises(FileError, match=r"no room for .* GB of batches"):
        Crew(Stream(mix, 0, 10_000_000, (512,)), 1, 0)


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_data_is_told_in_a_sentence(tmp_path: Path, workers: int) -> None:
    loader = Loader(Stream(IctSource(tmp_path / "gone.npz"), 0, 2, (32,)), workers)
    with pytest.raises(FileError, match=r"^the ICT face model is missing"):
        next(loader.batches())


def test_what_goes_wrong_in_a_worker_is_told_in_a_sentence(tmp_path: Path) -> None:
    head = write_head(tmp_path / "head.npz")
    broken = _Fails(head)
    with pytest.raises(FileError, match=r"^the disc is gone$"):
        _take(Loader(Stream(broken, 0, 1, (32,)), 1), 0, 3)


class _Fails(IctSource):
    """A source whose disc goes away."""

    def sample(self, seed: int, index: int, size: int) -> Sample:
        if index:
            raise FileError("the disc is gone")
        return super().sample(seed, index, size)
