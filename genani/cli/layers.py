"""Which layer of a scene a command line means."""

from __future__ import annotations

from genani.scene.document import Layer, Scene
from genani.scene.errors import SceneError


def layer_called(scene: Scene, name: str | None, which: str = "which layer has the face") -> Layer:
    """The layer of that name, or the only one with drawings.

    Args:
        scene: where it is looked for.
        name: None where nobody said.
        which: what `--layer` is to say, should there be several.

    Raises:
        SceneError: there is none, or there are several.
    """
    fitting = [layer for layer in scene.layers if name is None or layer.name == name]
    if name is None:
        # A layer that only follows another one's face is not meant.
        fitting = [layer for layer in fitting if layer.cells] or fitting
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(f"'{layer.name}'" for layer in scene.layers) or "none"
    if name is None:
        raise SceneError(f"say with --layer {which}; the scene has {names}")
    if fitting:
        raise SceneError(f"the scene has several layers called '{name}': rename one")
    raise SceneError(f"the scene has no layer '{name}', but {names}")
