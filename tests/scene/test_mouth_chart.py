"""Names of mouth shapes, and the sounds they stand for."""

import pytest

from genani.scene.acting import Viseme
from genani.scene.errors import SceneError
from genani.scene.mouth_chart import LETTERS, PRESTON_BLAIR, SOUNDS, chart_of, viseme_of_sound


def test_every_shape_has_a_name_on_each_chart() -> None:
    assert set(LETTERS.values()) == set(PRESTON_BLAIR.values()) == set(SOUNDS) == set(Viseme)


@pytest.mark.parametrize(
    ("sound", "shape"),
    [("M", "A"), ("AA1", "D"), ("iy0", "B"), ("F", "G"), ("UW2", "F"), ("L", "H"), ("SIL", "X")],
)
def test_sounds_have_shapes(sound: str, shape: str) -> None:
    assert viseme_of_sound(sound) == shape


def test_all_of_arpabet_has_a_shape_and_nothing_else() -> None:
    vowels = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
    consonants = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
    assert all(viseme_of_sound(sound) for sound in f"{vowels} {consonants}".split())
    assert viseme_of_sound("QQ") is None
    assert viseme_of_sound("") is None


def test_an_e_means_what_the_other_names_say() -> None:
    assert chart_of(["E", "A", "X"])["E"] is Viseme.E
    assert chart_of(["E", "rest", "AI"])["E"] is Viseme.C
    assert chart_of(["E"])["E"] is Viseme.E
    assert chart_of([]) == {}


@pytest.mark.parametrize(
    ("names", "why"), [(["A", "blub"], "'blub' is not"), (["A", "MBP"], "several charts")]
)
def test_strange_names_are_told(names: list[str], why: str) -> None:
    with pytest.raises(SceneError, match=why):
        chart_of(names)
