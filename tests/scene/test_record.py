"""Records: every fault is one clear sentence, and no name can break a save."""

import pytest

from genani.scene.document import Scene
from genani.scene.errors import SceneError
from genani.scene.record import from_json, to_json


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "valid"),
        (b"[1]", "object"),
        (b'{"width":"wide"}', "width"),
        (b'{"width":0}', "empty"),
        (b'{"rate":{"numerator":0}}', "frames a second"),
        (b'{"layers":[{"id":"a"}]}', "name"),
        (b"[" * 100_000, "valid"),
    ],
)
def test_faults_are_told(text: bytes, said: str) -> None:
    with pytest.raises(SceneError, match=said):
        from_json(text, Scene)


def test_an_undecodable_name_is_written_readably() -> None:
    scene = Scene(name="caf\udce9")
    assert from_json(to_json(scene), Scene).name == "caf?"
