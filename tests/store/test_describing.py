"""The description of a model that was trained here."""

from __future__ import annotations

from pathlib import Path

from genani.store.describing import Description, describe
from genani.store.digest import digest_of
from genani.store.entry import DESCRIPTION, read_entry


def test_what_is_written_is_read_as_it_was_meant(tmp_path: Path) -> None:
    folder = tmp_path / "our-show"
    folder.mkdir()
    for name in ("a.safetensors", "b.safetensors"):
        (folder / name).write_bytes(name.encode())
    told = Description(
        "our-show", 'Our "show" \\ Ä', "tiny/1", "Mika", "Draws\tlines.", "CC-BY-4.0"
    )
    describe(folder, told, ["a.safetensors", "b.safetensors"])
    entry = read_entry(folder / DESCRIPTION)
    assert (entry.name, entry.title, entry.architecture) == (told.name, told.title, "tiny/1")
    assert (entry.credit, entry.about, entry.licence) == ("Mika", told.about, "CC-BY-4.0")
    assert [file.name for file in entry.files] == ["a.safetensors", "b.safetensors"]
    assert entry.files[0].digests == (digest_of(folder / "a.safetensors"),)
    assert not entry.sources
