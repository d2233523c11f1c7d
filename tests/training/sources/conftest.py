from pathlib import Path

import pytest

from genani.training.sources.mix import Mix, Recipe
from tests.training.sources.stand_ins import write_clips, write_head


@pytest.fixture(scope="session")
def head_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny head of the ICT model's layout."""
    return write_head(tmp_path_factory.mktemp("head") / "ict_expressions.npz")


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips and a still."""
    return write_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def recipe(head_file: Path, clip_folder: Path) -> Recipe:
    """All sources that need no rig, from the stand-ins."""
    return Recipe(
        {"ict": 0.3, "emoji": 0.3, "still": 0.4},
        {"ict": head_file, "emoji": clip_folder, "still": clip_folder},
    )


@pytest.fixture
def mix(recipe: Recipe) -> Mix:
    """Samples of the recipe."""
    return Mix(recipe)
