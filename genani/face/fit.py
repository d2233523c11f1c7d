"""The whole mesh from a few pins placed by hand, on any drawing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from genani.face.fit_parts import shape_parts
from genani.face.mesh import CONTOURS, JAW, PINS, canonical
from genani.face.pose import Similarity, fitted_robustly
from genani.face.spline import ThinPlate
from genani.scene.errors import SceneError
from genani.scene.face import Landmarks, LandmarkSource

LEAST_PINS = 3
"""With so many pins the mesh is moved, turned and scaled; with more it is bent to them too."""

_ANCHOR_SLACK = 0.05
"""How freely the outline, where it has no pins, leaves the place that the head's pose gives it."""


def fit(pins: Mapping[str, tuple[float, float]]) -> Landmarks:
    """Fit the canonical face to pins.

    A robust similarity first, so that a pin out of proportion does not tilt the face, then a
    thin-plate spline that meets every pin exactly. Depth is that of the canonical face.

    Args:
        pins: names of `mesh.PINS` to (x, y) on the canvas, in pixels; any subset.

    Raises:
        SceneError: an unknown pin, fewer than three, or pins that all lie in one place.
    """
    unknown = [name for name in pins if name not in PINS]
    if unknown:
        raise SceneError(f"there is no pin '{unknown[0]}'; pins are {', '.join(PINS)}")
    if len(pins) < LEAST_PINS:
        raise SceneError(
            f"a face needs at least {LEAST_PINS} pins, such as both eyes and the chin, "
            f"not {len(pins)}"
        )
    indices = np.array([PINS[name] for name in pins])
    placed = np.array(list(pins.values()), np.float64)
    if not np.isfinite(placed).all() or np.ptp(placed, axis=0).max() <= 0:
        raise SceneError("the pins lie all in one place: move them onto the face")
    rest = canonical().points
    pose = fitted_robustly(rest[indices, :2], placed, np.ones(len(indices)))
    points = np.column_stack([pose(rest[:, :2]), pose.scale * rest[:, 2]])
    if len(pins) > LEAST_PINS:
        points[:, :2] += _bent(indices, placed - points[indices, :2], pose)
        points[indices, :2] = placed
        flat = points[:, :2].copy()
        shape_parts(flat, indices.tolist(), pose.turned)
        points[:, :2] = flat
    return Landmarks(
        tuple((x, y, z) for x, y, z in points.tolist()), LandmarkSource.HAND, confidence=1.0
    )


def pins_of(landmarks: Landmarks) -> dict[str, tuple[float, float]]:
    """Where the pins of a face lie, as a start for moving them."""
    return {name: landmarks.points[index][:2] for name, index in PINS.items()}


def _bent(
    indices: NDArray[np.int64], off: NDArray[np.float64], pose: Similarity
) -> NDArray[np.float64]:
    """(478, 2) how far each point moves so that the pins lie where they were placed.

    Args:
        indices: the points that are pins.
        off: (N, 2), how far each pin lies from where the pose has it.
        pose: from the canonical face to the canvas.
    """
    rest = canonical().points[:, :2]
    # Without its outline the far side of a face would follow a tilt of a few near pins.
    # The jaw follows its own pins where it has some, or it would dent at each.
    jaw = JAW if np.isin(JAW, indices).any() else ()
    anchors = np.setdiff1d(CONTOURS["oval"], [*indices, *jaw])
    knots = np.concatenate([indices, anchors])
    slack = np.repeat([0.0, _ANCHOR_SLACK], [len(indices), len(anchors)])
    # Bent in the canonical face's own frame, so that a turned drawing is bent alike.
    wanted = pose.inverse.turned(np.concatenate([off, np.zeros((len(anchors), 2))]))
    return pose.turned(ThinPlate(rest[knots], wanted, slack)(rest))
