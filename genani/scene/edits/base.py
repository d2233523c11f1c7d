"""What an edit is."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

import msgspec

from genani.scene.document import Layer, Scene
from genani.scene.errors import SceneError


class Edit(msgspec.Struct, frozen=True):
    """One change of the scene."""

    def apply(self, scene: Scene) -> tuple[Scene, Edit]:
        """The changed scene, and the edit that changes it back.

        Raises:
            SceneError: the scene cannot take it; the scene is left as it was.
        """
        return self.after(scene), Restore(scene)

    @abstractmethod
    def after(self, scene: Scene) -> Scene:
        """The scene once the edit is done."""


class Restore(Edit, frozen=True, tag=True):
    """The scene as it was: layers that did not change are shared, so this is small."""

    scene: Scene

    def after(self, scene: Scene) -> Scene:
        """The scene that was kept."""
        del scene
        return self.scene


def put_layer(scene: Scene, layer: Layer) -> Scene:
    """The scene with the layer of that id replaced."""
    return replace(scene, layers=tuple(layer if it.id == layer.id else it for it in scene.layers))


class LayerEdit(Edit, frozen=True):
    """A change inside one layer."""

    layer: str

    def after(self, scene: Scene) -> Scene:
        """The scene with the layer changed.

        Raises:
            SceneError: the layer is unknown or locked.
        """
        before = scene.layer(self.layer)
        if before.locked:
            raise SceneError(f"layer {before.name} is locked")
        return put_layer(scene, self.change(before))

    @abstractmethod
    def change(self, layer: Layer) -> Layer:
        """The layer once the edit is done."""
