"""Errors that are told to the animator: one clear sentence, in the animator's words."""


class GenAniError(Exception):
    """An expected failure whose text may be shown to a person as it is."""


class SceneError(GenAniError):
    """An edit that the scene cannot take: a frame below 1, an unknown layer, a taken frame."""


class ChartError(GenAniError):
    """A timing chart that cannot be drawn: ticks out of order, out of the span, or too many."""


class PictureError(GenAniError):
    """A picture that cannot be used: broken, too large, or of the wrong size."""


class FileError(GenAniError):
    """A file that cannot be read or written; the text names the file and says why."""


class ProjectError(FileError):
    """A project file that is damaged, unsafe, or from a later version."""


class ModelError(GenAniError):
    """A model that is missing, damaged, or does not fit its architecture."""


class EngineError(GenAniError):
    """An engine that is unknown or cannot draw this request."""


class OutOfMemoryError(EngineError):
    """The device has not enough memory for this request, at any tier that was tried."""


class Cancelled(Exception):  # noqa: N818 - a signal, not an error
    """Raised by `CancelToken.check` when the animator has asked to stop."""
