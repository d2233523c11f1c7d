"""Words that several panels say."""

from __future__ import annotations

import pytest

from genani.ui.words import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "under a second"),
        (40, "about 40 s"),
        (89.4, "about 89 s"),
        (90, "about 2 min"),
        (3200, "about 53 min"),
        (5400, "about 2 h"),
        (3200 * 60, "about 2 days"),
    ],
)
def test_a_time_is_told_in_its_own_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
