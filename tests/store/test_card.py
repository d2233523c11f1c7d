"""What a model's card says it cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from genani.store.card import known_limits


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENANI_MODELS", str(tmp_path))
    (tmp_path / "mine").mkdir()
    return tmp_path


def test_it_is_one_line_without_marks_or_commands(store: Path) -> None:
    (store / "mine" / "CARD.md").write_text(
        "# Mine\n\n**Known limits.** It draws `small`\npictures (train it with `genani train`).\n"
        "Nothing *else*.\n\nMore.\n"
    )
    assert known_limits("mine") == "It draws small pictures. Nothing else."


def test_the_last_paragraph_may_end_with_the_file(store: Path) -> None:
    (store / "mine" / "CARD.md").write_text("**Known limits.** None.")
    assert known_limits("mine") == "None."


@pytest.mark.parametrize("card", [b"# Mine\n\nIt draws.\n", b"\xff\xfe", None])
def test_a_card_that_says_nothing_is_no_trouble(store: Path, card: bytes | None) -> None:
    if card is not None:
        (store / "mine" / "CARD.md").write_bytes(card)
    assert known_limits("mine") == ""


@pytest.mark.parametrize("model", ["genani-rife", "moving-digits", "genani-sprite"])
def test_what_comes_with_the_program_says_what_it_cannot_do(model: str) -> None:
    assert known_limits(model)
