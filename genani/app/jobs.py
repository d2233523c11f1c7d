"""What the window needs to know of jobs, handed on so that it need not know the render room."""

from genani.engines.api import Cost
from genani.render.job import Job, JobDone, JobId, JobMessage, JobState, JobYielded, Place, Work

__all__ = [
    "ANIMATING",
    "STYLING",
    "Cost",
    "Job",
    "JobDone",
    "JobId",
    "JobMessage",
    "JobState",
    "JobYielded",
    "Place",
    "Work",
    "listed",
]

STYLING, ANIMATING = "styling", "animating"
"""What the keys of jobs begin with that restyle and animate drawings; see `Job.span`."""


def listed(job: Job) -> bool:
    """Whether a person is shown a job in the queue: spans, and drawings restyled or animated."""
    kinds = (f"{STYLING}/", f"{ANIMATING}/")
    return job.request is not None or (job.span or "").startswith(kinds)
