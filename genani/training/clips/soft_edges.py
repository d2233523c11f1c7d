"""A folder of drawings once more, with soft edges: CartoonGAN's third class."""

from __future__ import annotations

from pathlib import Path

from natsort import natsorted

from genani.engines.api import Progress, no_progress
from genani.media import atomic, image
from genani.media.files import shown, told
from genani.scene.errors import FileError
from genani.training.sources.smoothing import REACH, smoothed_picture

_MOST = 99


def smooth_edges(
    folder: Path, out: Path, *, reach: int = REACH, progress: Progress = no_progress
) -> tuple[Path, ...]:
    """Write every picture of a folder with soft edges, as PNG, all of them or none.

    Args:
        folder: pictures; folders in it are left alone.
        out: where to; another folder. Files of the same names are replaced.
        reach: see `smoothed_picture`; odd, 3 to 99.
        progress: told the share done and a text.

    Returns:
        What was written, in order of name.

    Raises:
        FileError: there is nothing to read, a picture is broken, or `out` cannot be written.
    """
    if reach % 2 == 0 or not 3 <= reach <= _MOST:
        raise FileError(f"the reach is an odd number of pixels from 3 to {_MOST}, not {reach}")
    with told(folder, "read"):
        paths = natsorted(
            path for path in folder.iterdir() if path.suffix.lower() in image.EXTENSIONS
        )
    if not paths:
        raise FileError(f"there is no picture in '{shown(folder)}'")
    if out.resolve() == folder.resolve():
        raise FileError(f"'{shown(out)}' holds the drawings themselves; name another folder")
    stems = [path.stem for path in paths]
    with atomic.folder(out) as staged:
        for done, path in enumerate(paths):
            # Two files that differ only in their ending would take each other's place.
            name = path.stem if stems.count(path.stem) == 1 else path.name
            image.write_png(smoothed_picture(image.read(path), reach), staged.path / f"{name}.png")
            progress((done + 1) / len(paths), path.name)
    return tuple(staged.written)
