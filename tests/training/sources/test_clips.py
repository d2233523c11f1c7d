from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genani.media.image import encode_png
from genani.scene.errors import FileError, ModelError
from genani.scene.picture import Picture
from genani.store.models import Catalogue
from genani.training.sources.clip_store import cache_folder, find_clips, open_clip
from genani.training.sources.clips import HELD_OUT, ClipSource, clip_paths
from genani.training.sources.clips import MODEL as EMOJI
from genani.training.sources.ict import FILE, MODEL
from genani.training.sources.stills import StillSource
from genani.training.sources.truth import warped_decibels
from tests.training.sources.stand_ins import disc


def _animation(path: Path, frames: int = 6, **options: Any) -> Path:
    pictures = [Image.fromarray(disc(64, 20 + 4 * n, 32, (220, 80, 90))) for n in range(frames)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=40, **options)
    return path


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif"])
def test_animations_of_every_kind_become_drawings(tmp_path: Path, name: str) -> None:
    options = (
        {"lossless": True}
        if name.endswith("webp")
        else {"disposal": 2}
        if name.endswith("gif")
        else {}
    )
    clip = open_clip(_animation(tmp_path / name, **options))
    assert clip is not None
    assert clip.drawings.shape == (6, 64, 64, 4)
    assert (np.diff(clip.starts) == clip.starts[1]).all()


def test_drawings_on_twos_are_one_drawing_each(clip_folder: Path) -> None:
    ones, twos = open_clip(clip_folder / "ones"), open_clip(clip_folder / "twos")
    assert ones is not None
    assert twos is not None
    assert len(ones.drawings) == len(twos.drawings) == 8
    assert np.diff(twos.starts).tolist() == [2] * 8


def test_a_clip_is_decoded_once(tmp_path: Path) -> None:
    path = _animation(tmp_path / "a.webp", lossless=True)
    open_clip(path)
    kept = {each.name: each.stat().st_mtime_ns for each in cache_folder().iterdir()}
    assert not any(name.endswith(".part") for name in kept)
    again = open_clip(path)
    assert isinstance(again.drawings, np.memmap) if again else False
    assert {each.name: each.stat().st_mtime_ns for each in cache_folder().iterdir()} == kept


def test_a_still_is_no_clip(clip_folder: Path) -> None:
    assert open_clip(clip_folder / "still.png") is None


def test_a_damaged_clip_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "bad.webp").write_bytes(b"RIFFxxxxWEBPnothing")
    with pytest.raises(FileError, match=r"bad.webp' is no clip to train on"):
        open_clip(tmp_path / "bad.webp")


def test_folders_that_hold_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no clips"):
        find_clips(tmp_path)
    with pytest.raises(FileError, match="no folder of clips at"):
        find_clips(tmp_path / "nowhere")
    (tmp_path / "still.png").write_bytes(encode_png(Picture(disc(16, 8, 8, (1, 2, 3)))))
    with pytest.raises(FileError, match="no clip of three drawings"):
        ClipSource(tmp_path).sample(0, 0, 32)


def test_evaluation_clips_are_never_training_material(tmp_path: Path) -> None:
    for name in ("1f622.webp", *(f"{start}-200d.webp" for start in HELD_OUT)):
        _animation(tmp_path / name, lossless=True)
    assert [path.name for path in clip_paths(tmp_path)] == ["1f622.webp"]
    names = [file.name for file in Catalogue().info(EMOJI).files]
    assert len(names) > 90
    assert not [name for name in names if name.startswith(HELD_OUT)]


def test_the_store_tells_how_to_get_what_sources_read() -> None:
    with pytest.raises(ModelError, match=f"genani models fetch {EMOJI}"):
        ClipSource().sample(0, 0, 32)
    assert [file.name for file in Catalogue().info(MODEL).files] == [FILE]


def test_clip_samples_lie_between_their_keys_and_claim_no_truth(clip_folder: Path) -> None:
    source = ClipSource(clip_folder)

    def eyes(picture: np.ndarray) -> np.ndarray:
        dark = picture[..., :3].astype(int).sum(2) < 150
        return np.nonzero(dark & (picture[..., 3] > 200))[1]

    times: list[float] = []
    for index in range(40):
        sample = source.sample(1, index, 64)
        assert not sample.seen.any()
        assert np.isnan(sample.points).all()
        assert 0 < sample.t < 1
        found = [eyes(each) for each in (sample.first, sample.between, sample.last)]
        whole = min(map(len, found)) > 0.9 * max(map(len, found))
        if (sample.first[..., 3] == 0).any() and whole:
            places = [each.mean() for each in found]
            share = (places[1] - places[0]) / (places[2] - places[0])
            assert share == pytest.approx(sample.t, abs=0.15)
            times.append(sample.t)
    assert len(set(times)) > 3


def test_still_samples_know_their_motion(clip_folder: Path) -> None:
    source = StillSource(clip_folder)
    samples = [source.sample(2, index, 96) for index in range(12)]
    assert np.median([warped_decibels(sample) for sample in samples]) > 38
    assert max(np.abs(sample.flow[sample.seen]).max() for sample in samples) > 4
    assert all(np.isnan(sample.points).all() for sample in samples)
    shares = [sample.seen.mean() for sample in samples]
    assert 0.2 < np.mean(shares) < 0.98
    assert any((sample.parts == 8).any() for sample in samples)


def test_what_a_cut_out_hides_in_a_key_is_not_seen_there(clip_folder: Path) -> None:
    source = StillSource(clip_folder)
    hidden = 0
    for index in range(20):
        sample = source.sample(3, index, 64)
        opaque = (sample.between[..., 3] == 255).all()
        behind = sample.parts == 0
        hidden += int(opaque and (behind & (sample.seen[0] != sample.seen[1])).any())
    assert hidden > 4


@pytest.mark.parametrize("kind", [ClipSource, StillSource])
def test_same_numbers_same_bytes(kind: type[ClipSource | StillSource], clip_folder: Path) -> None:
    one, two = (kind(clip_folder).sample(4, 9, 48) for _ in range(2))
    for name in ("first", "last", "between", "flow", "seen", "parts"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.t == two.t
