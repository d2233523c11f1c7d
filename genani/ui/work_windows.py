"""Windows that stay open beside the work: made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from genani.app.session import Session
    from genani.ui.animating.window import AnimateWindow
    from genani.ui.main_window import MainWindow
    from genani.ui.styling.seeds import SeedsWindow
    from genani.ui.styling.window import StyliseWindow
    from genani.ui.training.window import TrainingWindow


class WorkWindows(QObject):
    """Each is imported when it is first shown: most days the program opens without it.

    Attributes:
        training, styling, animating, seeds: the windows; None until they were shown.
    """

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.training: TrainingWindow | None = None
        self.styling: StyliseWindow | None = None
        self.animating: AnimateWindow | None = None
        self.seeds: SeedsWindow | None = None

    def verbs(self) -> Mapping[str, Callable[[], None]]:
        """What shows them, by the id of the action."""
        return {
            "train": self.show_training,
            "stylise": self.show_styling,
            "animate": self.show_animating,
            "seeds": self.show_seeds,
        }

    def show_training(self) -> None:
        """Show the training window, where it was left."""
        if self.training is None:
            from genani.ui.training.window import TrainingWindow

            self.training = TrainingWindow(self._session, self._window)
        self.training.open_here()

    def show_styling(self) -> None:
        """Show the styling window, for what is meant now."""
        if self.styling is None:
            from genani.ui.styling.window import StyliseWindow

            self.styling = StyliseWindow(self._session, self._window)
        self.styling.open_here()

    def show_seeds(self) -> None:
        """Show the faces that come from seeds."""
        if self.seeds is None:
            from genani.ui.styling.seeds import SeedsWindow

            self.seeds = SeedsWindow(self._session, self._window)
        self.seeds.open_here()

    def show_animating(self) -> None:
        """Show *Animate this drawing*, for the drawing that is meant now."""
        if self.animating is None:
            from genani.ui.animating.window import AnimateWindow

            self.animating = AnimateWindow(self._session, self._window)
        self.animating.open_here()
