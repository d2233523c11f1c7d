from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from genani.media.clip import Clip
from genani.media.export import export
from genani.media.image import encode_png
from genani.media.load import is_video, load
from genani.media.sequence import Gaps
from genani.scene.errors import FileError
from genani.scene.time import Rate
from tests.media.pictures import cel, on_twos


def test_a_still_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "key 7.png"
    path.write_bytes(encode_png(cel(0)))
    assert load(path) == cel(0)


def test_numbered_files_are_a_clip_unless_one_is_asked_for(tmp_path: Path) -> None:
    files = export(on_twos(3), Rate(24), tmp_path / "run")
    clip = load(files[2], Rate(12))
    assert isinstance(clip, Clip)
    assert (list(clip.drawings), clip.rate) == (on_twos(3), Rate(12))
    assert load(tmp_path / "run") == load(files[0])
    assert load(files[2], numbered=False) == cel(1)
    files[3].unlink()
    with pytest.raises(FileError, match="4 is missing"):
        load(files[0], gaps=Gaps.ERROR)


def test_content_tells_and_not_the_name(tmp_path: Path) -> None:
    for source, name in (("a.gif", "b.mp4"), ("a.mp4", "b.png"), ("a.webp", "b.jpg")):
        export(on_twos(3), Rate(24), tmp_path / source)
        (tmp_path / source).rename(tmp_path / name)
        clip = load(tmp_path / name)
        assert isinstance(clip, Clip)
        assert clip.frames == 6
        assert is_video(tmp_path / name) is source.endswith("mp4")


def test_folders_without_one_clear_sequence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no numbered pictures"):
        load(tmp_path)
    export(
        on_twos(2),
        Rate(24),
        tmp_path,
    )
    (tmp_path / "notes.txt").touch()
    assert isinstance(load(tmp_path), Clip)
    for name in ("b1.png", "b2.png"):
        (tmp_path / name).write_bytes(encode_png(cel(0)))
    with pytest.raises(FileError, match=r"several sequences \(b#\.png, "):
        load(tmp_path)


def test_avif_is_refused_clearly(tmp_path: Path) -> None:
    (tmp_path / "a.avif").write_bytes(b"\0\0\0\x20ftypavif" + bytes(100))
    with pytest.raises(FileError, match=r"a\.avif"):
        load(tmp_path / "a.avif")


def test_media_pulls_in_no_heavy_library() -> None:
    script = (
        "import sys, genani.media.load, genani.media.export; "
        "print([m for m in ('cv2', 'imageio_ffmpeg', 'torch', 'PySide6') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
