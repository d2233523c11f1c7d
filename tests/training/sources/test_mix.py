from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genani.engines.inbetween.rife.versions import random_network
from genani.face.mesh import canonical
from genani.scene.errors import GenAniError
from genani.training.sample import Sample
from genani.training.sources.augment import augmented, backwards, coloured, cut, mirrored
from genani.training.sources.dice import Dice
from genani.training.sources.distilled import Distilled
from genani.training.sources.ict import IctSource
from genani.training.sources.mix import Mix, Recipe, sample_hash, source_of, within_reach
from genani.training.sources.sheet import sheet, strip
from genani.training.sources.truth import warped_decibels

FIRST_HUNDRED = "6fb0d51c700b2c76a97bf02136cdf8bb6349d0e89f96780abc799db5af9aa2f7"
"""Of the stand-ins; it changes only when samples are meant to."""

ARRAYS = ("first", "last", "between", "points", "flow", "seen", "parts")


@pytest.fixture(scope="module")
def sample(head_file: Path) -> Sample:
    return IctSource(head_file).sample(1, 4, 64)


def _alike(one: Sample, two: Sample) -> bool:
    near = [np.allclose(getattr(one, n), getattr(two, n), atol=1e-3) for n in ARRAYS]
    return all(near) and one.t == pytest.approx(two.t)


def test_mirroring_twice_gives_the_sample_back(sample: Sample) -> None:
    assert not _alike(mirrored(sample), sample)
    assert _alike(mirrored(mirrored(sample)), sample)


def test_a_mirror_exchanges_left_and_right_landmarks(sample: Sample) -> None:
    other = mirrored(sample)
    twin = int(canonical().mirror[33])
    assert other.points[1, 33, 0] == pytest.approx(64 - sample.points[1, twin, 0])
    assert other.points[1, 33, 1] == pytest.approx(sample.points[1, twin, 1])
    assert warped_decibels(other) == pytest.approx(warped_decibels(sample), abs=0.3)


def test_playing_backwards_twice_gives_the_sample_back(sample: Sample) -> None:
    assert backwards(sample).t == pytest.approx(1 - sample.t)
    assert (backwards(sample).first == sample.last).all()
    assert _alike(backwards(backwards(sample)), sample)


def test_a_cut_keeps_the_truth_and_sees_nothing_beyond_it(sample: Sample) -> None:
    part = cut(sample, 8, 12, 40)
    assert part.between.shape == (40, 40, 4)
    assert part.points[1, 1] == pytest.approx(sample.points[1, 1] - (12, 8))
    columns, rows = np.meshgrid(np.arange(40) + 0.5, np.arange(40) + 0.5)
    for key in (0, 1):
        to_x, to_y = columns + part.flow[key, ..., 0], rows + part.flow[key, ..., 1]
        beyond = (to_x < 0) | (to_x >= 40) | (to_y < 0) | (to_y >= 40)
        assert not part.seen[key][beyond].any()


def test_colouring_is_the_same_in_all_pictures_and_keeps_alpha(sample: Sample) -> None:
    still = replace(sample, last=sample.first, between=sample.first)
    changed = 0
    for seed in range(6):
        other = coloured(Dice(seed), still)
        assert (other.first == other.between).all()
        assert (other.first == other.last).all()
        assert (other.first[..., 3] == sample.first[..., 3]).all()
        changed += bool((other.first != sample.first).any())
    assert changed == 6


def test_augmented_samples_have_the_size_asked_for(sample: Sample) -> None:
    assert {augmented(Dice(n), sample, 48).flow.shape for n in range(6)} == {(2, 48, 48, 2)}


def test_a_mix_draws_from_all_in_their_shares(mix: Mix) -> None:
    told = Counter(mix.sample(1, index, 32).source for index in range(128))
    assert set(told) == {"ict", "emoji", "still"}
    assert told["still"] / 128 == pytest.approx(0.4, abs=0.13)


def test_the_order_of_a_recipe_changes_nothing(recipe: Recipe) -> None:
    turned = replace(recipe, shares=dict(sorted(recipe.shares.items(), reverse=True)))
    assert sample_hash(Mix(recipe), 2, 6, 32) == sample_hash(Mix(turned), 2, 6, 32)


def test_the_first_hundred_samples_are_these_in_any_process(
    recipe: Recipe, mix: Mix, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "import torch, cv2\n"
        "torch.set_num_threads(2); cv2.setNumThreads(3)\n"
        "from genani.training.sources.mix import Mix, Recipe, sample_hash\n"
        "head, clips = map(Path, sys.argv[1:])\n"
        "data = {'ict': head, 'emoji': clips, 'still': clips}\n"
        "mix = Mix(Recipe({'still': 0.4, 'emoji': 0.3, 'ict': 0.3}, data))\n"
        "print(sample_hash(mix, 7, 100, 32))\n"
    )
    places = [str(recipe.data[name]) for name in ("ict", "emoji")]
    ran = subprocess.run(
        [sys.executable, "-c", code, *places], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == FIRST_HUNDRED
    assert sample_hash(mix, 7, 4, 32) == sample_hash(Mix(recipe), 7, 4, 32)


def test_another_seed_is_other_data(mix: Mix) -> None:
    assert sample_hash(mix, 1, 3, 32) != sample_hash(mix, 2, 3, 32)


def test_sources_that_cannot_be_had_are_left_out_and_told(clip_folder: Path) -> None:
    left, wrong = within_reach(Recipe({"ict": 1, "still": 1}, {"still": clip_folder}))
    assert left.shares == {"still": 1}
    assert len(wrong) == 1
    assert "ict-facekit" in wrong[0]
    with pytest.raises(GenAniError, match=r"nothing to train on: .*genani models"):
        within_reach(Recipe({"ict": 1}))


@pytest.mark.parametrize(
    ("name", "told"), [("clay", r"no source .* 'clay'"), ("clips", r"needs a folder of clips")]
)
def test_unknown_and_unfinished_sources_are_told(name: str, told: str) -> None:
    with pytest.raises(GenAniError, match=told):
        source_of(name)
    with pytest.raises(GenAniError, match="no source of training samples has a share"):
        Mix(Recipe({name: 0}))


def test_small_motions_are_drawn_by_the_teacher(clip_folder: Path, tmp_path: Path) -> None:
    plain = source_of("still", clip_folder)
    taught = Distilled(plain)
    # A small network of the same layout stands in for the published one.
    vars(taught)["_teacher"] = random_network("4.6")
    with torch.no_grad():
        for weight in vars(taught)["_teacher"].parameters():
            weight.mul_(0)
    before, after = plain.sample(1, 2, 64), taught.sample(1, 2, 64)
    assert (after.last == before.between).all()
    assert not after.seen.any()
    assert np.isnan(after.points).all()
    mean = (before.first[..., 3].astype(int) + before.between[..., 3]) / 2
    assert np.abs(after.between[..., 3] - mean).max() <= 1


def test_a_sheet_shows_keys_drawing_and_truth(mix: Mix, sample: Sample) -> None:
    assert strip(sample).shape == (64, 6 * 64, 3)
    assert sheet(mix, 1, 3, 32).shape == (96, 192, 3)
