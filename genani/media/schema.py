"""The scene as text with a schema name and version, and the way up from older versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from genani.scene.document import Scene
from genani.scene.errors import GenAniError, ProjectError
from genani.scene.record import from_json, to_json

SCHEMA = "genani.scene"
VERSION = 2

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the scene of one version, as plain JSON values, into that of the next."""


def _attachments(scene: dict[str, Any]) -> dict[str, Any]:
    """Version 2 has attachments, which a program of version 1 would lose."""
    for layer in scene["layers"]:
        layer["attachment"] = None
    return scene


UPGRADES: Mapping[int, Upgrade] = {1: _attachments}
"""By the version they start from. A change of `Scene` that older files do not fit raises
`VERSION` and adds its upgrade here, with a file of the old version among the tests."""


def scene_to_text(scene: Scene) -> bytes:
    """The scene as JSON; same scene, same bytes."""
    body = to_json(scene)
    return b'{"schema":"%s","version":%d,"scene":%s}' % (SCHEMA.encode(), VERSION, body)


def scene_from_text(
    text: bytes, upgrades: Mapping[int, Upgrade] = UPGRADES, version: int = VERSION
) -> Scene:
    """The scene written by this or an earlier version of `scene_to_text`.

    Args:
        text: JSON.
        upgrades: a step up from each older version.
        version: the one that this program writes.

    Raises:
        ProjectError: not a scene, damaged, or of a later or forgotten version.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProjectError(f"the scene in it is damaged: {error}") from error
    if head.schema != SCHEMA:
        raise ProjectError(f"it holds '{head.schema[:40]}', not a scene")
    if head.version > version:
        raise ProjectError(
            f"it was saved by a later GenAni (scene version {head.version}, this one knows "
            f"{version}): open it with that one"
        )
    body: bytes = bytes(head.scene)
    try:
        if head.version < version:
            values = msgspec.json.decode(body)
            for step in range(head.version, version):
                if step not in upgrades:
                    raise ProjectError(f"scene version {head.version} is too old to be read")
                values = upgrades[step](values)
            body = msgspec.json.encode(values)
        return from_json(body, Scene)
    except ProjectError:
        raise
    except GenAniError as error:
        raise ProjectError(f"the scene in it is damaged: {error}") from error
    except (msgspec.MsgspecError, LookupError, TypeError, AttributeError) as error:
        # An upgrade trusts its input; a damaged file can hand it anything.
        raise ProjectError("the scene in it is damaged: it cannot be brought up to date") from error


class _Head(msgspec.Struct):
    schema: str
    version: int
    scene: msgspec.Raw
