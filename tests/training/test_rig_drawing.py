"""Whole drawings of the drawn-face rig: pixels and pins."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from genani.scene.face import Emotion
from genani.training.rig.cast import CAST
from genani.training.rig.drawing import Drawn, draw
from genani.training.rig.expression import Expression, felt
from genani.training.rig.head import Pose
from genani.training.rig.view import Framing

SMALL = Framing(256, 256)
PINS = {
    *(f"brow_{at}_{side}" for at in ("inner", "middle", "outer") for side in ("left", "right")),
    *(f"eye_{at}_{side}" for at in ("inner", "outer") for side in ("left", "right")),
    *(f"lid_{at}_{side}" for at in ("upper", "lower") for side in ("left", "right")),
    *(f"{name}_{side}" for name in ("iris", "nose", "mouth", "jaw") for side in ("left", "right")),
    *("nose_tip", "lip_upper", "lip_lower", "chin"),
}

every = pytest.mark.parametrize("name", list(CAST))


@cache
def drawn(name: str, mood: Expression, pose: Pose, framing: Framing = SMALL) -> Drawn:
    return draw(CAST[name], mood, pose, framing)


def front(name: str, emotion: Emotion = Emotion.NEUTRAL) -> Drawn:
    return drawn(name, felt(emotion), Pose())


def nearest(pixels: NDArray[np.uint8], at: tuple[float, float], reach: int, tone: tuple) -> float:
    """Smallest distance of an RGB colour to `tone` within `reach` pixels of a point."""
    x, y = round(at[0]), round(at[1])
    part = pixels[y - reach : y + reach + 1, x - reach : x + reach + 1, :3].astype(float)
    return float(np.sqrt(((part - tone) ** 2).sum(-1)).min())


def like(pixels: NDArray[np.uint8], tone: tuple, within: float = 40) -> NDArray[np.bool_]:
    return np.sqrt(((pixels[..., :3].astype(float) - tone) ** 2).sum(-1)) < within


@every
def test_same_parameters_same_bytes(name: str) -> None:
    again = draw(CAST[name], felt(Emotion.NEUTRAL), Pose(), SMALL)
    assert again.picture == front(name).picture
    assert again.pins == front(name).pins


@every
def test_alpha_is_clean(name: str) -> None:
    pixels = front(name).picture.pixels
    alpha = pixels[..., 3]
    assert not alpha[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert not pixels[alpha == 0].any()
    assert alpha[128, 128] == 255
    soft = ((alpha > 0) & (alpha < 255)).sum()
    assert 200 < soft < 0.05 * alpha.size


@every
def test_no_fringe_at_the_edge(name: str) -> None:
    """Half-transparent pixels have the colour of the figure, not of a background."""
    pixels = front(name).picture.pixels.astype(int)
    edge = (pixels[..., 3] > 60) & (pixels[..., 3] < 200)
    edge[-2:] = False
    # Figures are outlined in dark ink: a white or grey matte would show as light edge pixels.
    light = pixels[edge][:, :3].min(1) > 225
    assert light.mean() < 0.02


@every
@pytest.mark.parametrize("emotion", [Emotion.HAPPY, Emotion.FEAR])
@pytest.mark.parametrize("yaw", [-30.0, 25.0])
def test_pins_have_their_names_and_lie_on_the_figure(
    name: str, emotion: Emotion, yaw: float
) -> None:
    shown = drawn(name, felt(emotion), Pose(yaw=yaw, pitch=5, roll=-4))
    assert set(shown.pins) == PINS
    alpha = shown.picture.pixels[..., 3]
    for pin, (x, y) in shown.pins.items():
        assert 0 <= x < 256, pin
        assert 0 <= y < 256, pin
        assert alpha[int(y), int(x)] > 100, pin


@every
def test_mouth_pins_lie_on_the_line_of_the_lips(name: str) -> None:
    palette, shown = CAST[name].palette, front(name, Emotion.HAPPY)
    for pin in ("mouth_left", "mouth_right", "lip_upper", "lip_lower"):
        assert nearest(shown.picture.pixels, shown.pins[pin], 2, palette.skin_line) < 90, pin


@every
def test_iris_and_lid_pins_lie_on_the_eye(name: str) -> None:
    palette, shown = CAST[name].palette, front(name)
    for side in ("left", "right"):
        assert nearest(shown.picture.pixels, shown.pins[f"iris_{side}"], 1, palette.lash) < 90
        assert nearest(shown.picture.pixels, shown.pins[f"lid_upper_{side}"], 3, palette.lash) < 60


@every
def test_a_blink_closes_the_eye(name: str) -> None:
    palette, framing, calm = CAST[name].palette, Framing(400, 400), felt(Emotion.NEUTRAL)
    open_ = drawn(name, calm, Pose(), framing)
    shut = drawn(name, calm.blinking(1.0), Pose(), framing)
    x0, y0 = open_.pins["eye_inner_left"]
    x1, _ = open_.pins["eye_outer_left"]
    high, low = open_.pins["lid_upper_left"][1], open_.pins["lid_lower_left"][1]
    x, y = (int(v) for v in open_.pins["iris_left"])
    iris = np.s_[y - 1 : y + 2, x - 1 : x + 2]
    assert not like(open_.picture.pixels[iris], palette.skin).any()
    assert like(shut.picture.pixels[iris], palette.skin).all()
    # The middle of the eye, clear of lashes and hair.
    part = np.s_[int(high + 0.3 * (low - high)) : int(low), int(x0 + 8) : int(x1 - 8)]
    eye, lid = open_.picture.pixels[part], shut.picture.pixels[part]
    assert like(eye, palette.sclera, 15).mean() > 0.02
    assert not like(lid, palette.sclera, 8).any()
    assert like(lid, palette.skin, 50).mean() > 0.5
    gap = shut.pins["lid_lower_left"][1] - shut.pins["lid_upper_left"][1]
    assert 0 <= gap < 1
    assert y0 == pytest.approx(shut.pins["eye_inner_left"][1], abs=1)


@every
def test_a_dropped_jaw_takes_the_chin_along(name: str) -> None:
    chins = [drawn(name, Expression(jaw=v), Pose()).pins["chin"][1] for v in (0.0, 0.5, 1.0)]
    assert chins[0] + 2 < chins[1] < chins[2] - 2


@every
def test_a_turn_moves_near_things_further(name: str) -> None:
    calm = felt(Emotion.NEUTRAL)
    still, turned = drawn(name, calm, Pose()), drawn(name, calm, Pose(yaw=25))

    def moved(pin: str) -> float:
        return turned.pins[pin][0] - still.pins[pin][0]

    eyes = (moved("iris_left") + moved("iris_right")) / 2
    jaws = (moved("jaw_left") + moved("jaw_right")) / 2
    assert moved("nose_tip") > eyes > jaws > 0

    def width(side: str) -> float:
        a, b = turned.pins[f"eye_inner_{side}"], turned.pins[f"eye_outer_{side}"]
        return abs(b[0] - a[0])

    # Turned to the viewer's right, the face's left eye is the far one.
    assert width("left") < 0.85 * width("right")


@every
def test_a_mirrored_turn_mirrors_the_pins(name: str) -> None:
    calm = felt(Emotion.NEUTRAL)
    right, left = drawn(name, calm, Pose(yaw=20)), drawn(name, calm, Pose(yaw=-20))
    for pin, (x, y) in right.pins.items():
        other = pin.replace("left", "?").replace("right", "left").replace("?", "right")
        assert left.pins[other] == pytest.approx((256 - x, y), abs=1e-6), pin


@every
def test_a_small_step_makes_a_small_change(name: str) -> None:
    """No part pops in or out as the head turns through the front and past the ears."""
    calm = felt(Emotion.NEUTRAL)
    framing = Framing(160, 160)
    for yaw in (-5.0, 0.0, 4.5, 12.0):
        pair = [drawn(name, calm, Pose(yaw=y), framing).picture.pixels for y in (yaw, yaw + 0.3)]
        change = np.abs(pair[0].astype(int) - pair[1].astype(int)).max(-1)
        assert (change > 120).mean() < 0.002, yaw


@every
@pytest.mark.parametrize("size", [(64, 96), (333, 211)])
def test_any_size(name: str, size: tuple[int, int]) -> None:
    shown = draw(CAST[name], framing=Framing(*size))
    assert shown.picture.size == size
    assert shown.picture.pixels[..., 3].max() == 255


def test_drawing_alone_imports_no_heavy_library() -> None:
    code = (
        "import sys, genani.training.rig.drawing, genani.training.rig.shots\n"
        "heavy = {'cv2', 'torch', 'mediapipe', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
