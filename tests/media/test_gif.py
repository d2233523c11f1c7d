from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genani.media import animation, gif
from genani.media.clip import Exposed
from genani.media.options import Dither, ExportOptions
from genani.media.palette import ColourCount, Mapper, build, packed, unpacked
from genani.scene.errors import PictureError
from genani.scene.picture import Picture
from genani.scene.time import Rate
from tests.media.pictures import (
    RED,
    animations,
    by_ffmpeg,
    cel,
    gif_delays,
    noise,
    on_twos,
    opaque,
    visible,
)

HARD = ExportOptions()


def hard(picture: Picture) -> np.ndarray:
    """What a GIF should show: alpha all or nothing."""
    pixels = picture.pixels.copy()
    pixels[..., 3] = np.where(pixels[..., 3] >= 128, 255, 0)
    return visible(Picture(pixels))


def as_frames(drawings: list[Exposed]) -> list[Picture]:
    return [drawing.picture for drawing in drawings for _ in range(drawing.frames)]


def test_24_frames_at_24_fps_last_exactly_1000_ms(tmp_path: Path) -> None:
    drawings = [Exposed(cel(at)) for at in range(24)]
    gif.write(drawings, Rate(24), tmp_path / "a.gif", HARD)
    delays = gif_delays(tmp_path / "a.gif")
    assert sum(delays) == 100
    assert len(delays) == 24
    with Image.open(tmp_path / "a.gif") as other:
        total = 0
        for index in range(24):
            other.seek(index)
            total += other.info["duration"]
        assert total == 1000


def test_no_trails_whoever_decodes(tmp_path: Path) -> None:
    drawings = on_twos()
    gif.write(drawings, Rate(24), tmp_path / "a.gif", HARD)
    clip = animation.read(tmp_path / "a.gif")
    theirs = by_ffmpeg(tmp_path / "a.gif", 40, 30)
    assert len(clip.drawings) == len(theirs) == 12
    for drawing, ours, other in zip(drawings, clip.drawings, theirs, strict=True):
        assert np.array_equal(visible(ours.picture), hard(drawing.picture))
        assert np.array_equal(visible(Picture(other)), hard(drawing.picture))
    assert [drawing.frames for drawing in clip.drawings] == [2] * 12
    assert clip.rate == Rate(24)


@settings(max_examples=25, deadline=None)
@given(animations(), st.sampled_from([Rate(24), Rate(12), Rate(25), Rate(50)]))
def test_flat_art_comes_back_exactly_in_time_and_colour(
    tmp_path_factory: pytest.TempPathFactory, drawings: list[Exposed], rate: Rate
) -> None:
    path = tmp_path_factory.mktemp("gif") / "a.gif"
    gif.write(drawings, rate, path, HARD)
    total = sum(drawing.frames for drawing in drawings)
    assert sum(gif_delays(path)) == int(rate.seconds(total) * 100 + 0.5)
    shown = list(animation.read(path, rate).pictures())
    wanted = as_frames(drawings)
    assert len(shown) == len(wanted)
    for one, other in zip(shown, wanted, strict=True):
        assert np.array_equal(visible(one), hard(other))
    size = wanted[0].size
    stored = by_ffmpeg(path, *size)
    assert np.array_equal(visible(Picture(stored[-1])), hard(wanted[-1]))


def test_empty_frames_first_in_the_middle_and_last(tmp_path: Path) -> None:
    empty = Picture.blank(40, 30)
    drawings = [Exposed(each) for each in (empty, cel(3), empty, cel(9), empty)]
    gif.write(drawings, Rate(10), tmp_path / "a.gif", HARD)
    assert (tmp_path / "a.gif").read_bytes().count(b"GIF89a") == 1
    for frame, drawing in zip(by_ffmpeg(tmp_path / "a.gif", 40, 30), drawings, strict=True):
        assert np.array_equal(visible(Picture(frame)), hard(drawing.picture))


def test_opaque_frames(tmp_path: Path) -> None:
    drawings = [Exposed(opaque(at)) for at in (0, 4, 4, 20)]
    gif.write(drawings, Rate(10), tmp_path / "a.gif", HARD)
    frames = by_ffmpeg(tmp_path / "a.gif", 40, 30)
    assert gif_delays(tmp_path / "a.gif") == [10, 20, 10]  # the hold is one frame
    for frame, at in zip(frames, (0, 4, 20), strict=True):
        assert np.array_equal(frame, opaque(at).pixels)


def test_threshold_and_matte(tmp_path: Path) -> None:
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0] = [(200, 0, 0, 255), (200, 0, 0, 128), (200, 0, 0, 100)]
    drawings = [Exposed(Picture(pixels))]
    rows = {}
    for name, options in {
        "plain": ExportOptions(),
        "low": ExportOptions(threshold=90),
        "matte": ExportOptions(matte=(0, 0, 255)),
        "flat": ExportOptions(alpha=False, matte=(0, 0, 255)),
        "white": ExportOptions(alpha=False),
    }.items():
        gif.write(drawings, Rate(10), tmp_path / "a.gif", options)
        rows[name] = visible(animation.read(tmp_path / "a.gif").drawings[0].picture)[0].tolist()
    assert rows["plain"] == [[200, 0, 0, 255], [200, 0, 0, 255], [0, 0, 0, 0]]
    assert rows["low"][2] == [200, 0, 0, 255]
    assert rows["matte"] == [[200, 0, 0, 255], [100, 0, 127, 255], [0, 0, 0, 0]]
    assert rows["flat"][2] == [78, 0, 155, 255]
    assert rows["white"][2] == [233, 155, 155, 255]


@pytest.mark.parametrize(("loops", "stored"), [(0, 0), (1, None), (5, 4)])
def test_loops(loops: int, stored: int | None, tmp_path: Path) -> None:
    gif.write(on_twos(2), Rate(10), tmp_path / "a.gif", ExportOptions(loops=loops))
    with Image.open(tmp_path / "a.gif") as other:
        assert other.info.get("loop") == stored


def test_over_100_frames_a_second_the_total_still_fits(tmp_path: Path) -> None:
    gif.write([Exposed(cel(at)) for at in range(24)], Rate(120), tmp_path / "a.gif", HARD)
    delays = gif_delays(tmp_path / "a.gif")
    assert sum(delays) == 20
    assert min(delays) > 0


def test_a_hold_of_many_minutes(tmp_path: Path) -> None:
    drawings = [Exposed(cel(0), 24 * 700), Exposed(cel(1))]
    gif.write(drawings, Rate(24), tmp_path / "a.gif", HARD)
    assert sum(gif_delays(tmp_path / "a.gif")) == 70_004
    assert animation.read(tmp_path / "a.gif").drawings[0].frames == 24 * 700


@pytest.mark.parametrize("colours", [2, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("dither", list(Dither))
def test_number_of_colours(colours: int, dither: Dither, tmp_path: Path) -> None:
    drawings = [Exposed(noise(24, 16, seed=seed)) for seed in range(2)]
    options = ExportOptions(colours=colours, dither=dither)
    gif.write(drawings, Rate(10), tmp_path / "a.gif", options)
    found = set()
    for drawing in animation.read(tmp_path / "a.gif").drawings:
        found |= set(map(tuple, visible(drawing.picture).reshape(-1, 4).tolist()))
    assert 2 <= len(found) <= colours


def test_size_estimate_is_near_and_exact_for_short_ones() -> None:
    for count, slack in ((5, 0.001), (20, 0.15)):
        drawings = [Exposed(cel(at, 160, 120)) for at in range(count)]
        out = io.BytesIO()
        gif.encode(drawings, Rate(24), out, HARD)
        assert gif.estimate(drawings, Rate(24), HARD) == pytest.approx(out.tell(), rel=slack)


def test_sizes_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"frame 3 is 41 x 30 pixels, the first is 40 x 30"):
        gif.write([Exposed(cel(0), 2), Exposed(cel(0, 41))], Rate(), tmp_path / "a.gif", HARD)
    assert not list(tmp_path.iterdir())


def gradient() -> np.ndarray:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    return np.stack([np.tile(ramp, (32, 1)), np.full((32, 64), 90, np.uint8)] * 2, -1)[..., :3]


def palette_of(rgb: np.ndarray, size: int) -> np.ndarray:
    count = ColourCount()
    count.add(packed(rgb))
    return build(count, size)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 24), st.integers(1, 256))
def test_few_colours_are_kept_exactly(seed: int, colours: int) -> None:
    art = np.random.default_rng(seed).integers(0, 256, (colours, 3)).astype(np.uint8)
    entries = palette_of(art, 256)
    indices = Mapper(entries).indices(art[None])
    assert np.array_equal(entries[indices][0], art)


def test_flat_areas_stay_exact_beside_a_gradient() -> None:
    art = gradient()
    near_the_gradient = (130, 93, 127)
    art[:20, :20] = RED
    art[20:30, 30:50] = near_the_gradient
    for dither in Dither:
        entries = palette_of(art, 16)
        shown = entries[Mapper(entries, dither).indices(art)]
        assert len(entries) <= 16
        assert (shown[:20, :20] == RED).all()
        assert (shown[20:30, 30:50] == near_the_gradient).all()
        assert np.abs(shown.astype(int) - art).mean() < 12


def test_dither_brings_the_mean_nearer() -> None:
    art = np.full((32, 32, 3), (100, 100, 100), np.uint8)
    entries = np.array([(80, 80, 80), (140, 140, 140)], np.uint8)
    plain = entries[Mapper(entries).indices(art)].mean()
    for dither in (Dither.BAYER, Dither.FLOYD):
        mixed = entries[Mapper(entries, dither).indices(art)].mean()
        assert abs(mixed - 100) < abs(plain - 100) / 2


def test_counting_more_colours_than_fit_keeps_the_common_ones() -> None:
    count = ColourCount()
    count.add((np.arange(1 << 18) * 61 & 0xFFFFFF).astype(np.uint32))
    count.add(np.full(5000, 0x123457, np.uint32))
    assert len(count.colours) <= 1 << 18
    assert count.counts.sum() == (1 << 18) + 5000
    assert 0x123457 in count.colours
    assert tuple(unpacked(np.array([0x123457], np.uint32))[0]) == (0x12, 0x34, 0x57)
