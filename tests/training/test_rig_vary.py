"""Copies of samples made on the device keep their truth."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from genani.face.mesh import LIDS, PINS
from genani.training.rig.puppet.source import PER_PERSON, RigSource
from genani.training.rig.puppet.vary import varied
from genani.training.sample import Sample

SIZE = 128


@pytest.fixture(scope="module")
def batch() -> dict[str, Tensor]:
    """Three samples as the loader would batch them."""
    source = RigSource()
    samples = [source.sample(2, PER_PERSON * k, SIZE) for k in range(3)]
    return {
        **{name: _stacked(samples, name) for name in ("first", "last", "between")},
        "t": torch.tensor([sample.t for sample in samples]),
        "points": torch.from_numpy(np.stack([sample.points for sample in samples])),
        "flow": torch.from_numpy(np.stack([s.flow for s in samples])).permute(0, 1, 4, 2, 3),
        "seen": torch.from_numpy(np.stack([sample.seen for sample in samples])),
        "parts": torch.from_numpy(np.stack([sample.parts for sample in samples])).long(),
        "emotion": torch.arange(3),
    }


def _stacked(samples: list[Sample], name: str) -> Tensor:
    pixels = torch.from_numpy(np.stack([getattr(sample, name) for sample in samples]))
    share = pixels.permute(0, 3, 1, 2).float() / 255
    return torch.cat([share[:, :3] * share[:, 3:], share[:, 3:]], 1)


def _chance(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _warped(key: Tensor, flow: Tensor) -> Tensor:
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    places = torch.stack([x, y], -1) + flow.permute(0, 2, 3, 1)
    return grid_sample(key, (places + 0.5) * 2 / SIZE - 1, align_corners=False)


def test_the_first_block_is_the_batch_itself(batch: dict[str, Tensor]) -> None:
    many = varied(batch, 3, _chance())
    for name, values in batch.items():
        assert len(many[name]) == 9
        assert torch.equal(many[name][:3], values)
        assert many[name].dtype == values.dtype
    assert not torch.equal(many["between"][3:6], many["between"][6:])


def test_the_same_chance_makes_the_same_copies(batch: dict[str, Tensor]) -> None:
    one, other = varied(batch, 2, _chance()), varied(batch, 2, _chance())
    assert all(torch.equal(one[name], other[name]) for name in batch)


def test_keys_of_copies_warp_onto_their_drawings(batch: dict[str, Tensor]) -> None:
    many = varied(batch, 5, _chance())
    for side, name in enumerate(("first", "last")):
        error = (_warped(many[name], many["flow"][:, side]) - many["between"]).square().mean(1)
        for k in range(len(error)):
            seen = many["seen"][k, side]
            assert -10 * torch.log10(error[k][seen].mean() + 1e-9) > 26


def test_points_of_copies_lie_where_the_parts_do(batch: dict[str, Tensor]) -> None:
    many = varied(batch, 5, _chance())
    for points, parts in zip(many["points"][:, 1], many["parts"], strict=True):
        x, y = points[PINS["nose tip"]].round().long().tolist()
        if 2 <= x < SIZE - 2 and 2 <= y < SIZE - 2:
            assert set(parts[y - 1 : y + 2, x - 1 : x + 2].unique().tolist()) & {1, 5, 8}


def test_the_face_keeps_its_own_left_and_right(batch: dict[str, Tensor]) -> None:
    many = varied(batch, 6, _chance())
    right, left = (many["points"][:, 1, lid.iris[0], 0] for lid in LIDS)
    ahead = batch["points"][:, 1, LIDS[0].iris[0], 0] < batch["points"][:, 1, LIDS[1].iris[0], 0]
    assert (right < left)[ahead.repeat(6)].all()
