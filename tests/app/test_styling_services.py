"""What the styling window is told of the styles that there are, and of those that are not."""

from __future__ import annotations

import pytest

from genani.engines.api import CancelToken
from genani.scene.errors import ModelError
from genani.wiring_styles import make_styling


def test_a_published_model_is_offered_with_its_size_and_licence() -> None:
    known = {choice.id: choice for choice in make_styling(lambda: None).choices()}
    paprika = known["paprika"]
    assert paprika.fetch == ("cartoongan-light-paprika",)
    assert "CartoonGAN light (Paprika) (Apache-2.0), 3.7 MB to download" in paprika.missing
    assert not any(choice.fetch for choice in known.values() if not choice.missing)


def test_nothing_is_fetched_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENANI_OFFLINE", "1")
    with pytest.raises(ModelError, match="while GenAni is offline"):
        make_styling(lambda: None).fetch(["cartoongan-light-paprika"], CancelToken())
