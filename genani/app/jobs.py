"""What the window needs to know of jobs, handed on so that it need not know the render room."""

from genani.engines.api import Cost
from genani.render.job import Job, JobDone, JobId, JobMessage, JobState, Place

__all__ = ["Cost", "Job", "JobDone", "JobId", "JobMessage", "JobState", "Place"]
