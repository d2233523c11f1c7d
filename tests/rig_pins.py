"""The pins of the rig's characters, by the names that people place pins by."""

from __future__ import annotations

from collections.abc import Mapping

Point = tuple[float, float]


def mesh_pins(rig: Mapping[str, Point]) -> dict[str, Point]:
    """The pins of a drawing of the rig as `genani.face.fit.fit` takes them."""
    return {_name(name): at for name, at in rig.items()}


def _name(rig: str) -> str:
    """The mesh's name of one of the rig's points: `eye_outer_left` is `left eye outer`."""
    words = rig.split("_")
    side = next((word for word in words if word in ("left", "right")), "")
    rest = [word for word in words if word != side]
    kinds = {
        "mouth": "mouth corner",
        "lip": f"{rest[-1]} lip",
        "lid": f"{rest[-1]} lid",
        "nose": "nose wing" if side else "nose tip",
    }
    return f"{side} {kinds.get(rest[0], ' '.join(rest))}".strip()
