"""What tasks have in common: sheets of samples, and what stands beside a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from genani.media.image import read_bytes
from genani.training.config import TrainingConfig
from genani.training.tasks.result import FIGURES, record
from genani.training.tasks.sheets import sheet


def test_a_sheet_has_its_rows_from_the_top_and_what_is_too_bright_is_white() -> None:
    dark, light = torch.zeros(2, 3, 4, 5), torch.full((2, 3, 4, 5), 1.5)
    made = read_bytes(sheet((dark, light)))
    assert made.size == (10, 8)
    assert (made.pixels[:4, :, :3] == 0).all()
    assert (made.pixels[4:] == 255).all()
    assert (made.pixels[..., 3] == 255).all()


def test_figures_are_written_with_their_settings(tmp_path: Path) -> None:
    record(tmp_path, TrainingConfig(seed=7), {"distance": 0.5})
    told = json.loads((tmp_path / FIGURES).read_text("utf-8"))
    assert told["figures"] == {"distance": 0.5}
    assert told["config"]["seed"] == 7


def test_rows_of_other_widths_are_no_sheet() -> None:
    with pytest.raises(RuntimeError):
        sheet((torch.zeros(2, 3, 4, 5), torch.zeros(1, 3, 4, 5)))
