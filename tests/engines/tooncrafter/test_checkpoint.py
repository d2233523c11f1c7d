"""Published files of every layout are read whole, and bad ones refused in one clear line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from genani.engines.inbetween.tooncrafter.checkpoint import (
    TOWERS,
    Loaded,
    as_towers,
    load,
    read,
    unwrapped,
)
from genani.engines.inbetween.tooncrafter.keys import BUFFERS, PREFIXES
from genani.engines.inbetween.tooncrafter.sizes import PUBLISHED, TINY
from genani.scene.errors import ModelError
from tests.engines.tooncrafter.goldens import AT_HAND, ROOT
from tests.engines.tooncrafter.published import shapes, weights

Tensors = dict[str, Tensor]


def official(tensors: Tensors) -> object:
    return {"state_dict": tensors, "epoch": 3, "global_step": 7}


def deepspeed(tensors: Tensors) -> object:
    return {"module": {f"_forward_module.{name}": item for name, item in tensors.items()}}


def pruned(tensors: Tensors) -> Tensors:
    towers = tuple(PREFIXES[part] for part in TOWERS)
    return {name: item for name, item in tensors.items() if not name.startswith(towers)}


def half(tensors: Tensors) -> Tensors:
    return {name: item.half() for name, item in tensors.items()}


def empty() -> Tensors:
    """The whole published file on the meta device."""
    return {name: torch.empty(it, device="meta") for name, it in shapes(PUBLISHED).items()}


def parameters(loaded: Loaded) -> dict[str, int]:
    return {
        part: sum(item.numel() for item in model.parameters())
        for part, model in loaded.parts.items()
    }


WHOLE = {
    "unet": 1_438_854_980,
    "vae": 99_941_907 - 20,
    "image_projector": 48_787_456,
    "text_encoder": 340_387_840,
    "image_encoder": 630_766_080,
}


@pytest.mark.parametrize("wrap", [official, deepspeed, dict, half, pruned])
def test_the_whole_published_file_is_read(wrap: Callable[[Tensors], object]) -> None:
    tensors = unwrapped(wrap(empty()), "the file")
    loaded = load(tensors, "the file")
    wanted = {part: n for part, n in WHOLE.items() if wrap is not pruned or part not in TOWERS}
    assert parameters(loaded) == wanted
    unused = sum(tensors[name].numel() for name in [*loaded.unused, *BUFFERS])
    assert sum(wanted.values()) + unused == sum(item.numel() for item in tensors.values())
    assert len(tensors) == 2668 if wrap is not pruned else 2668 - 692
    dtypes = {item.dtype for model in loaded.parts.values() for item in model.parameters()}
    assert dtypes == {torch.float16 if wrap is half else torch.float32}


def test_unused_keys_are_named_with_why() -> None:
    loaded = load(empty(), "the file")
    assert loaded.unused["first_stage_model.post_quant_conv.weight"]
    assert loaded.unused["cond_stage_model.model.transformer.resblocks.23.ln_1.bias"]
    assert len(loaded.unused) == 34


@pytest.fixture(scope="module")
def tiny() -> Tensors:
    return weights(TINY)


def as_pickle(content: object, folder: Path) -> Path:
    path = folder / "model.ckpt"
    torch.save(content, path)
    return path


def as_safetensors(tensors: Tensors, folder: Path) -> Path:
    path = folder / "model.safetensors"
    save_file(tensors, path)
    return path


Write = Callable[[Tensors, Path], Path]


@pytest.mark.parametrize(
    ("write", "exact"),
    [
        (lambda tensors, folder: as_pickle(official(tensors), folder), True),
        (lambda tensors, folder: as_pickle(deepspeed(tensors), folder), True),
        (lambda tensors, folder: as_safetensors(tensors, folder), True),
        (lambda tensors, folder: as_safetensors(half(tensors), folder), False),
    ],
    ids=["official", "deepspeed", "safetensors", "half"],
)
def test_files_give_the_same_model(
    write: Write, exact: bool, tiny: Tensors, tmp_path: Path
) -> None:
    path = write(tiny, tmp_path)
    loaded = load(read(path), str(path), TINY, dtype=torch.float32)
    # The file may go once the model is there.
    path.unlink()
    for part, model in load(tiny, "memory", TINY).parts.items():
        state = loaded.parts[part].state_dict()
        for name, item in model.state_dict().items():
            made = state[name]
            assert made.dtype == torch.float32
            assert torch.allclose(made, item, rtol=0 if exact else 1e-3, atol=1e-4 * (not exact))
    assert loaded.base_scale == 0.7


def test_an_old_pickle_is_read_too(tiny: Tensors, tmp_path: Path) -> None:
    path = tmp_path / "old.ckpt"
    torch.save(official(tiny), path, _use_new_zipfile_serialization=False)
    assert set(load(read(path), str(path), TINY).parts) == set(PREFIXES)


def test_pruned_files_take_towers_from_another(tiny: Tensors, tmp_path: Path) -> None:
    path = as_safetensors(pruned(tiny), tmp_path)
    loaded = load(read(path), str(path), TINY)
    assert set(loaded.parts) == set(PREFIXES) - set(TOWERS)
    # Both towers' text side in one, as OpenCLIP's own file has it.
    text, image = (PREFIXES[part] for part in TOWERS)
    clip = {
        name.removeprefix(text).removeprefix(image): item
        for name, item in tiny.items()
        if name.startswith((text, f"{image}visual."))
    }
    towers = load(as_towers(clip), "clip", TINY, parts=TOWERS)
    for part in TOWERS:
        wanted = load(tiny, "memory", TINY).parts[part].state_dict()
        for name, item in towers.parts[part].state_dict().items():
            assert torch.equal(item, wanted[name])


def test_precision_is_chosen_for_each_part(tiny: Tensors) -> None:
    loaded = load(tiny, "it", TINY, dtype=torch.float16, vae_dtype=torch.bfloat16)
    for part, model in loaded.parts.items():
        wanted = torch.bfloat16 if part == "vae" else torch.float16
        assert {item.dtype for item in model.parameters()} == {wanted}


def test_dynamicrafter_has_a_plain_autoencoder_and_its_own_scale() -> None:
    tensors = weights(TINY, video=False)
    tensors["scale_arr"] = torch.cat((torch.linspace(1, 0.3, 400), torch.full((1000,), 0.3)))
    for name in [name for name in tensors if ".fps_embedding." in name]:
        tensors[name.replace("fps_embedding", "framestride_embed")] = tensors.pop(name)
    loaded = load(tensors, "it", TINY)
    assert loaded.base_scale == 0.3
    assert loaded.parts["vae"].video is False
    assert not any("post_quant" in name for name in loaded.unused)


def refused(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load(read(path), str(path), TINY)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_no_file(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "model.ckpt")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("write", [as_pickle, as_safetensors])
def test_a_truncated_file(write: Any, share: float, tiny: Tensors, tmp_path: Path) -> None:
    path = write(tiny, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged or incomplete" in refused(path)


def test_a_file_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"Dear diary, " * 1000)
    assert "damaged" in refused(path)


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("code was run",)


def test_a_pickle_with_code(tiny: Tensors, tmp_path: Path, capsys: Any) -> None:
    path = as_pickle({"state_dict": tiny, "callbacks": _Trap()}, tmp_path)
    assert "holds code" in refused(path)
    assert "code was run" not in capsys.readouterr().out


def test_a_pickle_without_weights(tmp_path: Path) -> None:
    assert "no weights" in refused(as_pickle({"epoch": 3}, tmp_path))
    assert "no weights" in refused(as_pickle([torch.zeros(2)], tmp_path))


ANOTHER = "is not a ToonCrafter or DynamiCrafter model"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"control_model.conv.weight": torch.zeros(2)}, "nothing in ToonCrafter is called control"),
        ({"model.diffusion_model.label_emb.weight": torch.zeros(2)}, "is called model.diffusion"),
        (
            {"model.diffusion_model.out.2.weight": torch.zeros(4, 16, 3, 3)},
            "has the shape 4 x 16 x 3 x 3, not 4 x 32 x 3 x 3",
        ),
        (
            {"model.diffusion_model.out.2.weight": torch.zeros(32, 4, 3, 3)},
            "has the shape 32 x 4 x 3 x 3",
        ),
        ({"alphas_cumprod": torch.linspace(1, 0, 1000)}, "another schedule"),
        ({"alphas_cumprod": torch.zeros(500)}, "another schedule"),
    ],
)
def test_another_model(change: Tensors, words: str, tiny: Tensors, tmp_path: Path) -> None:
    text = refused(as_safetensors(tiny | change, tmp_path))
    assert ANOTHER in text
    assert words in text


def test_a_model_without_a_part(tiny: Tensors, tmp_path: Path) -> None:
    left = {name: it for name, it in tiny.items() if not name.startswith("image_proj_model.")}
    assert "it has no image query transformer" in refused(as_safetensors(left, tmp_path))


def test_a_parameter_missing(tiny: Tensors, tmp_path: Path) -> None:
    left = dict(tiny)
    del left["model.diffusion_model.input_blocks.0.0.bias"]
    text = refused(as_safetensors(left, tmp_path))
    assert "incomplete: 1 parameters of the video network are missing, such as conv_in" in text


def test_a_quantised_model(tiny: Tensors, tmp_path: Path) -> None:
    name = "model.diffusion_model.input_blocks.0.0.weight"
    changed = tiny | {name: torch.zeros(tiny[name].shape, dtype=torch.int8)}
    assert "quantised" in refused(as_safetensors(changed, tmp_path))


def test_published_counts_are_those_of_the_classes() -> None:
    numbers = {name: math.prod(shape) for name, shape in shapes(PUBLISHED).items()}
    assert sum(numbers.values()) == 2_625_430_449
    unet = PREFIXES["unet"]
    assert sum(n for name, n in numbers.items() if name.startswith(unet)) == WHOLE["unet"]


if AT_HAND:

    def test_the_manifest_is_read_whole() -> None:
        manifest = json.loads((ROOT / "state_dict_manifest.json").read_text("utf-8"))
        tensors = {
            key: torch.empty(shape, device="meta")
            for part in manifest["modules"].values()
            for key, shape in part["keys"].items()
        }
        assert len(tensors) == manifest["totals"]["num_keys"] == 2668
        assert parameters(load(tensors, "the manifest")) == WHOLE
