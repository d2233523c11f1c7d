"""`python -m tests.training.clips.detections`: what MediaPipe finds on altered pictures, kept.

The tests have no model. This writes, where the model store has it, `detections.npz`: for each of
four sample keys and each of `RECIPES`, the points found on the altered picture, in 1/64 pixel.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genani import resources
from genani.face.detect import MODEL, MODEL_FILE, FaceDetector
from genani.face.mesh import array_of
from genani.media import image
from genani.scene.picture import Picture
from genani.store.models import path
from genani.training.clips import framing, transforms
from genani.training.clips.transforms import Recipe

FILE = Path(__file__).parent / "detections.npz"
SIZE = (256, 256)
KEYS = ("blink/0001", "blink/0004", "neutral_to_sad/0017", "neutral_to_surprised/0001")
STEPS = 64

RECIPES = (
    Recipe(),
    Recipe(mirror=True),
    Recipe(turn=5.0),
    Recipe(turn=-5.0),
    Recipe(zoom=1.1, shift=(1.0, -1.0)),
    Recipe(zoom=0.9, shift=(-1.0, 1.0)),
    Recipe(brightness=1.2, saturation=1.1),
    Recipe(brightness=0.8, saturation=0.9),
    Recipe(blur=0.8),
    Recipe(True, -4.0, 1.07, (-0.6, 0.4), 0.9, 1.08, 0.5),
    Recipe(True, 3.0, 0.92, (0.8, 0.1), 1.1, 0.93),
)


def picture(key: str) -> Picture:
    """A sample key at the size of a clip's frame."""
    read = image.read(resources.folder("resources") / "samples" / f"{key}.png")
    return Picture(framing.framed(read.pixels, framing.whole(read.size, SIZE), SIZE))


def main() -> None:
    """Look, and write the file."""
    found = np.zeros((len(KEYS), len(RECIPES), 478, 2), np.uint16)
    with FaceDetector(path(MODEL, MODEL_FILE)) as detector:
        for row, key in enumerate(KEYS):
            plain = picture(key)
            for column, recipe in enumerate(RECIPES):
                altered = Picture(transforms.frame(recipe, np.asarray(plain.pixels, np.uint8)))
                (face,) = detector.detect(altered)
                found[row, column] = np.rint(array_of(face.landmarks)[:, :2] * STEPS)
    np.savez_compressed(FILE, points=found)


if __name__ == "__main__":
    main()
