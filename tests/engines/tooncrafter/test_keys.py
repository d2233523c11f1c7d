"""Published keys: each has one place, or stands on the list of those nothing needs."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from genani.engines.inbetween.tooncrafter.keys import BUFFERS, PREFIXES, Layout, place, unused
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, TINY
from tests.engines.tooncrafter.goldens import AT_HAND, ROOT
from tests.engines.tooncrafter.models import ruled_part
from tests.engines.tooncrafter.published import shapes


@pytest.mark.parametrize("video", [True, False])
def test_every_parameter_has_exactly_one_key(video: bool) -> None:
    layout = Layout(layers=1, text_layers=2, video=video)
    found: Counter[tuple[str, str]] = Counter()
    for key in shapes(TINY, video):
        assert (place(key, layout) is None) is (key in BUFFERS or bool(unused(key, layout))), key
        placed = place(key, layout)
        if placed:
            found.update((placed.part, name) for name in placed.names)
    wanted = {
        (part, name) for part in PREFIXES for name in ruled_part(part, video=video).state_dict()
    }
    assert set(found) == wanted
    assert set(found.values()) == {1}


def test_the_older_name_of_the_frame_rate() -> None:
    old, new = (
        place(f"model.diffusion_model.{name}.2.bias", Layout())
        for name in ("framestride_embed", "fps_embedding")
    )
    assert old == new
    assert old is not None


@pytest.mark.parametrize(
    "key",
    [
        "model.diffusion_model.input_blocks.1.3.weight",
        "model.diffusion_model.output_blocks.1.4.norm.weight",
        "control_model.input_blocks.0.0.weight",
        "unet.conv_in.weight",
    ],
)
def test_keys_of_others_have_no_place(key: str) -> None:
    assert place(key, Layout()) is None
    assert unused(key, Layout()) is None


def test_the_number_of_keys() -> None:
    assert len(shapes(PUBLISHED)) == 2668


if AT_HAND:

    def test_the_list_of_the_real_file() -> None:
        text = (ROOT / "state_dict_manifest.json").read_text("utf-8")
        modules = json.loads(text)["modules"].values()
        real = {key: tuple(shape) for part in modules for key, shape in part["keys"].items()}
        assert shapes(PUBLISHED) == real
