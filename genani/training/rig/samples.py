"""The sample keys shipped with GenAni: `python -m genani.training.rig.samples OUTDIR`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from genani.media import atomic, files, image
from genani.media.image import encode_png
from genani.scene.errors import GenAniError
from genani.scene.face import Emotion
from genani.scene.picture import Picture
from genani.training.rig.cast import ELIN, MIKA, TOBI
from genani.training.rig.drawing import draw
from genani.training.rig.expression import felt
from genani.training.rig.head import Pose
from genani.training.rig.identity import Identity
from genani.training.rig.sample_scene import write_scene
from genani.training.rig.shots import Moment

_CALM = felt(Emotion.NEUTRAL)


@dataclass(frozen=True)
class Sample:
    """A folder of keys.

    Attributes:
        who: the character.
        keys: what is drawn on each frame number.
        about: what the animator is meant to get between them.
    """

    who: Identity
    keys: dict[int, Moment]
    about: str


SAMPLES: dict[str, Sample] = {
    "neutral_to_happy": Sample(
        MIKA,
        {1: Moment(_CALM, Pose()), 17: Moment(felt(Emotion.HAPPY), Pose(pitch=3, roll=-4))},
        "a smile opens, the cheeks rise, the head tilts a little",
    ),
    "neutral_to_surprised": Sample(
        TOBI,
        {
            1: Moment(_CALM, Pose()),
            17: Moment(felt(Emotion.SURPRISED), Pose(pitch=4, shift=(0.0, -0.04))),
        },
        "brows and lids fly up, the jaw drops, the head lifts",
    ),
    "head_turn": Sample(
        MIKA,
        {
            1: Moment(_CALM, Pose(yaw=-20)),
            17: Moment(replace(_CALM, smile=0.55), Pose(yaw=20, pitch=2)),
        },
        "a turn through the front view, hair and features moving at their own depths",
    ),
    "blink": Sample(
        ELIN,
        {1: Moment(_CALM, Pose()), 4: Moment(_CALM.blinking(1.0), Pose(pitch=-1))},
        "the lids shut; half way is not a mix of open and shut eyes",
    ),
    "neutral_to_sad": Sample(
        ELIN,
        {1: Moment(_CALM, Pose()), 17: Moment(felt(Emotion.SAD), Pose(pitch=-5, roll=3))},
        "inner brows rise, the corners of the mouth fall, the head sinks",
    ),
    "three_keys": Sample(
        MIKA,
        {
            1: Moment(_CALM, Pose(yaw=-8)),
            17: Moment(felt(Emotion.HAPPY), Pose(pitch=2, roll=-3)),
            33: Moment(felt(Emotion.SURPRISED), Pose(yaw=8, pitch=4, shift=(0.0, -0.03))),
        },
        "neutral, happy, surprised: two spans of one scene",
    ),
}
"""Every sample by the name of its folder."""


SCENE = "three_keys"
"""The sample that also comes as a project."""


def pictures(sample: Sample) -> dict[str, Picture]:
    """A sample's keys by file name, drawn anew."""
    return {
        f"{frame:04d}.png": draw(sample.who, key.mood, key.pose).picture
        for frame, key in sample.keys.items()
    }


def write(out: Path) -> list[Path]:
    """Draw every sample into its folder under `out`; returns the files written.

    Raises:
        FileError: the place cannot be written; a folder is filled whole or left as it was.
    """
    written: list[Path] = []
    for name, sample in SAMPLES.items():
        with atomic.folder(out / name) as staged:
            for file, picture in pictures(sample).items():
                (staged.path / file).write_bytes(encode_png(picture, level=9))
        written.extend(staged.written)
    return [*written, _write_scene(out)]


def _write_scene(out: Path) -> Path:
    """The scene of the three keys, from the very files beside it."""
    keys = {int(path.stem): image.read(path) for path in sorted((out / SCENE).glob("*.png"))}
    target = out / f"{SCENE}.genani"
    write_scene(keys, target)
    return target


def main(arguments: list[str]) -> int:
    """Write the samples into the folder named on the command line."""
    if len(arguments) != 1:
        print("usage: python -m genani.training.rig.samples OUTDIR", file=sys.stderr)
        return 2
    try:
        for path in write(Path(arguments[0])):
            print(files.shown(path))
    except GenAniError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
