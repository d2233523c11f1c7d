"""A list of models to draw with, and the way to one that lies elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from genani.app.model_choices import Brought, ModelOffer
from genani.ui.dialogs.ask import open_files, open_folder
from genani.ui.train_button import TrainButton

if TYPE_CHECKING:
    from genani.app.session import Session

_LEAST_WIDTH = 12
"""Letters of the longest title that are always seen."""


class ModelBox(QComboBox):
    """Chooses a model of the store by its title, or a file or folder of one's own.

    Args:
        session: behind the window.

    Attributes:
        limits: says what the chosen model cannot do; for a row of its own, hidden where nobody
            has said.
        train: leads to the training of one where the chosen one is missing; likewise.

    Signals:
        chosen: the name of a model, after a person chose another one; a path for one of one's own.
    """

    chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = session.start
        self._offer = ModelOffer()
        self._name = ""
        self.limits = QLabel(self)
        self.limits.setWordWrap(True)
        self.limits.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.limits.hide()
        self.train = TrainButton(session, "", self)
        self.train.setObjectName("model-train")
        self.train.hide()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST_WIDTH)
        self.activated.connect(self._choose)

    @property
    def name(self) -> str:
        """Of the model that is chosen."""
        return self._name

    @property
    def missing(self) -> str:
        """How the chosen model is to be had; empty if it is there, or one's own."""
        found = (each.missing for each in self._offer.known if each.name == self._name)
        return next(found, "")

    def show_offer(self, offer: ModelOffer) -> None:
        """Offer these models; the chosen one stays, whatever it is."""
        if offer != self._offer:
            self._offer = offer
            self._fill()

    def show_name(self, name: str) -> None:
        """Choose a model; one that is not among those offered is added as one's own."""
        if name != self._name or not self.count():
            self._name = name
            self._fill()

    def _fill(self) -> None:
        self.blockSignals(True)
        self.clear()
        for model in self._offer.known:
            self._add(model.title, model.name, model.missing)
        if self.findData(self._name) < 0:
            self._add(_short(self._name), self._name, self._name)
        asking = (
            (Brought.FILE, self.tr("From a file…")),
            (Brought.FOLDER, self.tr("From a folder…")),
        )
        if self._offer.brought:
            self.insertSeparator(self.count())
        for kind, text in asking:
            if kind in self._offer.brought:
                self._add(text, kind, "")
        self.setCurrentIndex(self.findData(self._name))
        self.blockSignals(False)
        self._show_about()

    def _add(self, text: str, data: object, tip: str) -> None:
        self.addItem(text, data)
        self.setItemData(self.count() - 1, tip or None, Qt.ItemDataRole.ToolTipRole)

    def _choose(self, row: int) -> None:
        chosen = self.itemData(row)
        if isinstance(chosen, Brought):
            # Until one is chosen, and if none is, what there was stays.
            self.setCurrentIndex(self.findData(self._name))
            self._start(self._ask(chosen))
        elif chosen != self._name:
            self._name = chosen
            self._show_about()
            self.chosen.emit(chosen)

    def _show_about(self) -> None:
        found = (each.limits for each in self._offer.known if each.name == self._name)
        self.limits.setText(next(found, ""))
        self.limits.setVisible(bool(self.limits.text()))
        self.train.task = self._offer.task
        self.train.setVisible(bool(self.missing and self._offer.task))

    async def _ask(self, kind: Brought) -> None:
        at = Path(self._name).expanduser().parent if self._name else None
        folder = at if at is not None and at.is_absolute() and at.is_dir() else None
        if kind is Brought.FOLDER:
            path = await open_folder(self, self.tr("The model's folder"), folder)
        else:
            kinds = self.tr("Models (*.safetensors *.ckpt *.pt *.pth);;All files (*)")
            found = await open_files(self, self.tr("The model's file"), kinds, folder)
            path = found[0] if found else None
        if path is not None and str(path) != self._name:
            self.show_name(str(path))
            self.chosen.emit(self._name)


def _short(name: str) -> str:
    """A path by its last two parts: of a training the last one is always `result`."""
    path = Path(name)
    return str(Path(*path.parts[-2:])) if path.is_absolute() else name
