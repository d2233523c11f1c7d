"""Turning a project to another task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genani.app.training.album import Material

if TYPE_CHECKING:
    from genani.app.training.trainings import Trainings


async def turn_to(trainings: Trainings, task: str) -> None:
    """Have the project at hand train something else; nothing if it does already.

    Args:
        trainings: whose project.
        task: as `genani train` calls it.

    Raises:
        GenAniError: the project cannot be written.
    """
    project = trainings.project
    if project is None or task == project.choices.task:
        return
    # What was set for one may mean nothing to another.
    fields: dict[str, object] = {"task": task, "settings": {}, "adapter": ""}
    materials = {each.task: each.material for each in trainings.choices}
    if materials.get(task) is Material.ACTIONS and not trainings.clips:
        # Who walks needs legs.
        fields["crop"] = "whole"
    await trainings.choose(**fields)
