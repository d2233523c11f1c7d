"""Words and pictures for CLIP, its towers, and the image query transformer."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import torch

from genani.engines.inbetween.tooncrafter import clip
from genani.engines.inbetween.tooncrafter.image_tokens import ImageProjector
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED
from genani.scene.errors import ModelError
from tests.engines.tooncrafter.goldens import AT_HAND, BLOCK, off, stored
from tests.engines.tooncrafter.models import published_part, ruled_part
from tests.engines.tooncrafter.published import figures, ruled

# Of the rule's weights, made by code that agrees with the published figures to 1e-6.
PROJECTED = [-0.00543, 1.01733, 0.37349, 0.0504, -0.65899, 0.9227, 0.19485]
TEXT = [0.00192, 1.00592, 1.18353, -0.13704, -2.14892, 0.01038, 0.81385]
IMAGE = [0.02871, 1.70159, 2.94412, -0.4651, -0.74814, 1.65492, -0.79869]
PIXELS = [0.1851, 1.02888, -0.18341, 1.20959, 1.93304, 1.79128, -0.87948]


@torch.inference_mode()
def test_figures() -> None:
    projected = ruled_part("image_projector")(2 * ruled((2, 257, 48), 1))
    assert projected.shape == (2, 256, 32)
    assert figures(projected) == pytest.approx(PROJECTED, abs=1e-4)
    ids = (ruled((2, 77), 3).abs() * 996).long()
    text = ruled_part("text_encoder")(ids).last_hidden_state
    assert figures(text) == pytest.approx(TEXT, abs=1e-4)
    pixels = clip.pixels(ruled((1, 3, 300, 250), 4))
    assert pixels.shape == (1, 3, 224, 224)
    assert figures(pixels) == pytest.approx(PIXELS, abs=1e-4)
    image = ruled_part("image_encoder")(pixels).last_hidden_state
    assert figures(image) == pytest.approx(IMAGE, abs=1e-4)


@pytest.mark.parametrize("size", [(32, 64), (224, 224), (150, 900), (1000, 100)])
def test_a_plain_picture_stays_plain(size: tuple[int, int]) -> None:
    # Mid grey is nought; normalised it is the mean's distance from a half.
    made = clip.pixels(torch.zeros(1, 3, *size))
    wanted = [(0.5 - m) / s for m, s in zip(clip._MEAN, clip._STD, strict=True)]
    assert made.shape == (1, 3, 224, 224)
    for channel, value in enumerate(wanted):
        assert (made[0, channel] - value).abs().max() < 1e-4


def test_words() -> None:
    words = clip.tokenizer_of(["a n", "an i", "m e</w>"])
    ids = clip.token_ids(words, ["An  anime", ""])
    assert ids.shape == (2, 77)
    start, end = len(words) - 2, len(words) - 1
    assert ids[1, :3].tolist() == [start, end, 0]
    pieces = words.convert_ids_to_tokens(ids[0, :6].tolist())
    assert pieces == ["<|startoftext|>", "a", "n</w>", "ani", "me</w>", "<|endoftext|>"]
    assert set(ids[0, 6:].tolist()) == {0}


def test_long_texts_keep_their_end() -> None:
    words = clip.tokenizer_of([])
    ids = clip.token_ids(words, ["a " * 500])
    assert ids[0, -1] == len(words) - 1


def test_the_table_of_word_pieces(tmp_path: Path) -> None:
    table = tmp_path / "pieces.txt.gz"
    table.write_bytes(b"no gzip")
    with pytest.raises(ModelError, match=r"pieces\.txt\.gz is no table"):
        clip.tokenizer(table)
    table.write_bytes(gzip.compress(b"version\na b\n"))
    with pytest.raises(ModelError, match="not the table"):
        clip.tokenizer(table)
    many = "\n".join(["version", *["a b"] * 60_000])
    table.write_bytes(gzip.compress(many.encode()))
    # 256 bytes, twice, 48,894 merges, the start and the end.
    assert len(clip.tokenizer(table).get_vocab()) <= 49_408


def test_published_sizes() -> None:
    def count(model: torch.nn.Module) -> int:
        return sum(item.numel() for item in model.parameters())

    with torch.device("meta"):
        assert count(ImageProjector(**PUBLISHED.image_projector)) == 48_787_456
    # The published towers less the last block of text and the matrices that project.
    assert count(clip.text_tower(PUBLISHED.text_encoder)) == 340_387_840
    assert count(clip.image_tower(PUBLISHED.image_encoder)) == 630_766_080


if AT_HAND:

    @torch.inference_mode()
    def test_published_image_tokens() -> None:
        given = stored("image")
        picture = (given["image_u8_320x512"][None].float() / 255 - 0.5) * 2
        pixels = clip.pixels(picture)
        assert off(pixels, given["clip_pixels_224"]) < BLOCK
        part = clip.pixels(picture[:, :, :200, :150])[:, :, ::7, ::7]
        assert off(part, given["clip_pixels_224_from_200x150"]) < BLOCK
        tower = published_part("image_encoder")
        assert off(tower(pixels).last_hidden_state, given["tokens_out"]) < BLOCK
        grey = tower(clip.pixels(torch.zeros(1, 3, 320, 512))).last_hidden_state
        assert off(grey, given["zero_image_tokens"]) < BLOCK

    @torch.inference_mode()
    def test_published_text() -> None:
        given = stored("text")
        assert torch.equal(given["openclip_token_ids"] % 997, given["tiny_token_ids"])
        made = published_part("text_encoder")(given["tiny_token_ids"]).last_hidden_state
        assert off(made, given["penultimate_out"]) < BLOCK

    @torch.inference_mode()
    def test_published_projection() -> None:
        given = stored("resampler")
        made = published_part("image_projector")(given["image_features"])
        assert off(made, given["out"]) < BLOCK
