"""What can be trained, by name. Importing this imports no task and no torch; making one does.

A new task adds its card to `TASKS`, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genani.training.clips import dataset
from genani.training.config import ConfigError, TrainingConfig
from genani.training.tasks import presets_animegan, presets_cartoongan, presets_stylegan
from genani.training.tasks.presets_sprite import SPRITE
from genani.training.tasks.presets_vqgpt import VQGAN, VQGPT

if TYPE_CHECKING:
    from genani.training.task import Task


@dataclass(frozen=True)
class TaskCard:
    """A task that can be made.

    Attributes:
        summary: what comes of it, in a few words.
        module: has `make(config: TrainingConfig, data: Path | None) -> Task`, which raises
            `GenAniError` where something is missing.
        presets: settings laid over `TrainingConfig`'s own, by the name of the preset; each task
            has `quick`, `good` and `best`.
    """

    summary: str
    module: str
    presets: Mapping[str, Mapping[str, Any]]


_RIG_ALONE = {"rig": 1.0}

TASKS: dict[str, TaskCard] = {
    "face": TaskCard(
        "GenAni's own network, which follows faces",
        "genani.training.tasks.face",
        {
            "quick": {
                "steps": 600,
                "batch": 4,
                "warmup": 50,
                "learning_rate": 2e-4,
                "ema": 0.99,
                "validate_every": 50,
                "max_minutes": 10.0,
                "task": {"sizes": [96], "shares": _RIG_ALONE, "held": 24, "ordered": 0.25},
            },
            "good": {
                "steps": 20_000,
                "batch": 16,
                "workers": 4,
                "warmup": 500,
                "learning_rate": 2e-4,
                "validate_every": 500,
                "task": {"sizes": [192]},
            },
            "best": {
                "steps": 12_000,
                "batch": 16,
                "workers": 15,
                "warmup": 500,
                "learning_rate": 4e-4,
                "validate_every": 1000,
                "task": {"sizes": [256], "held": 128, "copies": 4},
            },
        },
    ),
    "rife": TaskCard(
        "RIFE fine-tuned to your drawings, as an adapter",
        "genani.training.tasks.rife",
        {
            "quick": {
                "steps": 400,
                "batch": 4,
                "warmup": 20,
                "learning_rate": 5e-5,
                "ema": 0.99,
                "validate_every": 50,
                "max_minutes": 10.0,
                "task": {"sizes": [96], "shares": _RIG_ALONE, "held": 24, "ordered": 0.25},
            },
            "good": {
                "steps": 1500,
                "batch": 6,
                "workers": 1,
                "max_minutes": 20.0,
                "learning_rate": 1e-4,
                "ema": 0.995,
                "task": {"sizes": [128]},
            },
            "best": {
                "steps": 6000,
                "batch": 16,
                "workers": 15,
                "warmup": 300,
                "learning_rate": 2e-4,
                "task": {"sizes": [256], "held": 96, "copies": 2},
            },
        },
    ),
    "animegan": TaskCard(
        "AnimeGAN: photos redrawn in a style that you show it",
        "genani.training.tasks.animegan",
        presets_animegan.PRESETS,
    ),
    "tooncrafter": TaskCard(
        "ToonCrafter fine-tuned to your clips, as a LoRA",
        "genani.training.tasks.tooncrafter",
        {
            "quick": {
                "steps": 200,
                "batch": 1,
                "warmup": 20,
                "learning_rate": 2e-4,
                "weight_decay": 0.01,
                "clip": 0.5,
                "ema": 0.0,
                "validate_every": 50,
                "task": {"rank": 8},
            },
            "good": {
                "steps": 2000,
                "batch": 2,
                "learning_rate": 1e-4,
                "weight_decay": 0.01,
                "clip": 0.5,
                "ema": 0.99,
                "task": {"rank": 16},
            },
            "best": {
                "steps": 6000,
                "batch": 4,
                "warmup": 300,
                "learning_rate": 1e-4,
                "weight_decay": 0.01,
                "clip": 0.5,
                "ema": 0.999,
                "validate_every": 500,
                "task": {"rank": 32, "feed_forward": True},
            },
        },
    ),
    "sprite": TaskCard(
        "a loop of frames out of one drawing",
        "genani.training.tasks.sprite",
        SPRITE,
    ),
    "stylegan": TaskCard(
        "StyleGAN2 with adaptive augmentation, which draws faces from seeds",
        "genani.training.tasks.stylegan",
        presets_stylegan.STYLEGAN,
    ),
    "stylegan-encoder": TaskCard(
        "the encoder of a StyleGAN2, which finds the styles of a picture",
        "genani.training.tasks.stylegan_encoder",
        presets_stylegan.ENCODER,
    ),
    "jojogan": TaskCard(
        "a style from one picture (--data PICTURE), for a StyleGAN2",
        "genani.training.tasks.jojogan",
        presets_stylegan.JOJOGAN,
    ),
    "cartoongan": TaskCard(
        "CartoonGAN: photos to cartoons, from pictures without counterparts",
        "genani.training.tasks.cartoongan",
        presets_cartoongan.PRESETS,
    ),
    "artifygan": TaskCard(
        "ArtifyGAN: CartoonGAN with ten lighter blocks",
        "genani.training.tasks.artifygan",
        presets_cartoongan.PRESETS,
    ),
    "vqgan": TaskCard(
        "GANime's VQ-GAN: drawings to codes and back",
        "genani.training.tasks.vqgan",
        VQGAN,
    ),
    "vqgpt": TaskCard(
        "GANime's transformer: the codes between those of two keys",
        "genani.training.tasks.vqgpt",
        VQGPT,
    ),
}
"""Every task by the name that `genani train` takes."""


def card(name: str) -> TaskCard:
    """A task's card.

    Raises:
        ConfigError: there is no such task.
    """
    if name not in TASKS:
        raise ConfigError(f"there is no task '{name}'; there are {', '.join(TASKS)}")
    return TASKS[name]


def preset(task: str, name: str) -> Mapping[str, Any]:
    """The settings of a preset.

    Raises:
        ConfigError: there is no such task or preset.
    """
    presets = card(task).presets
    if name not in presets:
        raise ConfigError(f"{task} has no preset '{name}'; it has {', '.join(presets)}")
    return presets[name]


def make(name: str, config: TrainingConfig, data: Path | None) -> Task:
    """A task, ready for `genani.training.loop.train`.

    Args:
        name: of the task.
        config: of the run.
        data: a folder of the user's own data; None for what the task makes itself.

    Raises:
        ConfigError: there is no such task, or its own settings are wrong.
        RightsError: the data are clips that nobody has allowed to be trained on.
        GenAniError: its data or a model it starts from is missing.
    """
    # Here, before any task looks at a picture, so that no task can forget it.
    if data is not None and (data / dataset.NOTE).is_file():
        dataset.check_rights(dataset.read(data))
    return import_module(card(name).module).make(config, data)
