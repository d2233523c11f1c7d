"""Edits of the scene and its stack of layers."""

from __future__ import annotations

from dataclasses import replace

from genani.scene.acting import Acting
from genani.scene.attachment import Attachment
from genani.scene.document import Layer, Marker, Scene
from genani.scene.edits.base import Edit, LayerEdit, put_layer
from genani.scene.errors import SceneError
from genani.scene.time import Rate


class AddLayer(Edit, frozen=True, tag=True):
    """Put a layer into the scene; place 0 is at the back."""

    layer: Layer
    place: int

    def after(self, scene: Scene) -> Scene:
        """The scene with the layer."""
        place = min(max(self.place, 0), len(scene.layers))
        layers = (*scene.layers[:place], self.layer, *scene.layers[place:])
        return replace(scene, layers=layers)


class RemoveLayer(Edit, frozen=True, tag=True):
    """Take a layer and all on it out of the scene."""

    layer: str

    def after(self, scene: Scene) -> Scene:
        """The scene without the layer."""
        gone = scene.layer(self.layer)
        return replace(scene, layers=tuple(it for it in scene.layers if it.id != gone.id))


class MoveLayer(Edit, frozen=True, tag=True):
    """Put a layer further to the front or the back."""

    layer: str
    place: int

    def after(self, scene: Scene) -> Scene:
        """The scene with the layers in another order."""
        moving = scene.layer(self.layer)
        return AddLayer(moving, self.place).after(RemoveLayer(self.layer).after(scene))


class ChangeLayer(Edit, frozen=True, tag=True):
    """Rename, show, hide, lock or fade a layer, or set its lanes; what is None stays."""

    layer: str
    name: str | None = None
    visible: bool | None = None
    locked: bool | None = None
    opacity: float | None = None
    acting: Acting | None = None

    def after(self, scene: Scene) -> Scene:
        """The scene with the layer's properties changed."""
        was = scene.layer(self.layer)
        return put_layer(
            scene,
            replace(
                was,
                name=was.name if self.name is None else self.name,
                visible=was.visible if self.visible is None else self.visible,
                locked=was.locked if self.locked is None else self.locked,
                opacity=was.opacity if self.opacity is None else self.opacity,
                acting=was.acting if self.acting is None else self.acting,
            ),
        )


class Attach(LayerEdit, frozen=True, tag=True):
    """Have a layer show an attachment; None takes it off."""

    attachment: Attachment | None

    def after(self, scene: Scene) -> Scene:
        """The scene with the attachment.

        Raises:
            SceneError: it would follow its own layer, or one that is not there.
        """
        if self.attachment and self.attachment.follows == self.layer:
            raise SceneError("an attachment follows the face of another layer, not of its own")
        if self.attachment:
            scene.layer(self.attachment.follows)
        return super().after(scene)

    def change(self, layer: Layer) -> Layer:
        """The layer with the attachment."""
        return replace(layer, attachment=self.attachment)


class ChangeScene(Edit, frozen=True, tag=True):
    """Change what belongs to the whole scene; what is None stays."""

    name: str | None = None
    size: tuple[int, int] | None = None
    rate: Rate | None = None
    exposure: int | None = None
    length: int | None = None
    markers: tuple[Marker, ...] | None = None

    def after(self, scene: Scene) -> Scene:
        """The scene with its properties changed."""
        return replace(
            scene,
            name=scene.name if self.name is None else self.name,
            width=self.size[0] if self.size else scene.width,
            height=self.size[1] if self.size else scene.height,
            rate=self.rate or scene.rate,
            exposure=scene.exposure if self.exposure is None else self.exposure,
            length=scene.length if self.length is None else self.length,
            markers=scene.markers if self.markers is None else self.markers,
        )


class SetRange(Edit, frozen=True, tag=True):
    """Set the in and out points; None lifts one."""

    first: int | None
    last: int | None

    def after(self, scene: Scene) -> Scene:
        """The scene with its range set."""
        return replace(scene, first_frame=self.first, last_frame=self.last)
