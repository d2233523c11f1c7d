"""Faces from seeds: a sheet of them, two to mix, features to turn, one to keep."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QIcon, QImage, QPalette, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.styling.seeds import FaceModel, FaceWish
from genani.ui.icons import icon
from genani.ui.primary_button import PrimaryButton
from genani.ui.train_button import TrainButton

if TYPE_CHECKING:
    from genani.app.session import Session

COUNT = 16
"""Faces on the sheet."""

_THUMB, _LARGE = 96, 320
_SEED = Qt.ItemDataRole.UserRole
_MOST_SEED = 2**31 - 1
_AGE = -1
"""In the list of features: older or younger."""

_WAIT_MS = 150


class SeedsWindow(QDialog):
    """Modeless; click one face to look at it, a second one to mix it in."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seeds")
        self.setWindowTitle(self.tr("Faces from seeds"))
        self.setModal(False)
        self._session = session
        self._seeding = session.seeding
        self._chosen: list[int] = []
        self._kept_text = self.tr("It is on the timeline. Undo takes it back.")
        row = QHBoxLayout(self)
        row.addLayout(self._make_sheet(), 1)
        row.addLayout(self._make_side())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._look)
        self._connect()
        self.addActions([session.actions.action(name) for name in ("undo", "redo")])
        self._show_chosen()

    def _make_sheet(self) -> QVBoxLayout:
        self._models = QComboBox()
        self._models.setObjectName("seeds-model")
        self._models.setAccessibleName(self.tr("Who draws"))
        self._first = QSpinBox()
        self._first.setObjectName("seeds-first")
        self._first.setRange(0, _MOST_SEED - COUNT)
        self._first.setValue(1)
        self._first.setKeyboardTracking(False)
        self._dice = QToolButton()
        self._dice.setObjectName("seeds-dice")
        self._dice.setIcon(icon("dice"))
        self._dice.setToolTip(self.tr("Other faces"))
        label = QLabel(self.tr("&From seed"))
        label.setBuddy(self._first)
        self._sheet = QListWidget()
        self._sheet.setObjectName("seeds-sheet")
        self._sheet.setAccessibleName(self.tr("Faces"))
        self._sheet.setViewMode(QListWidget.ViewMode.IconMode)
        self._sheet.setMovement(QListWidget.Movement.Static)
        self._sheet.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._sheet.setSelectionMode(QListWidget.SelectionMode.MultiSelection)
        self._sheet.setIconSize(QSize(_THUMB, _THUMB))
        self._sheet.setUniformItemSizes(True)
        # Four a row.
        self._sheet.setMinimumSize(4 * (_THUMB + 18) + 24, 4 * (_THUMB + 34) + 12)
        top = QHBoxLayout()
        top.addWidget(self._models, 1)
        top.addWidget(label)
        top.addWidget(self._first)
        top.addWidget(self._dice)
        column = QVBoxLayout()
        self._limits = QLabel()
        self._limits.setObjectName("seeds-limits")
        self._limits.setWordWrap(True)
        self._limits.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column.addLayout(top)
        column.addWidget(self._limits)
        column.addWidget(self._sheet, 1)
        return column

    def _make_side(self) -> QVBoxLayout:
        self._face = QLabel()
        self._face.setObjectName("seeds-face")
        self._face.setFixedSize(_LARGE, _LARGE)
        self._face.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._face.setWordWrap(True)
        self._title = QLabel()
        self._title.setObjectName("seeds-title")
        self._level = self._slider("seeds-level", 0, 0)
        self._level.setToolTip(
            self.tr("From where the second face takes over: left its shapes too, right nothing")
        )
        self._character = self._slider("seeds-character", 100, 80)
        self._character.setToolTip(self.tr("Left the mean of all faces, right all that is special"))
        self._feature = QComboBox()
        self._feature.setObjectName("seeds-feature")
        self._amount = self._slider("seeds-amount", 30, 0)
        self._amount.setMinimum(-30)
        form = QFormLayout()
        form.addRow(self.tr("&Mixed from"), self._level)
        form.addRow(self.tr("&Character"), self._character)
        form.addRow(self.tr("&Feature"), self._feature)
        self._amount_label = QLabel()
        self._amount_label.setBuddy(self._amount)
        form.addRow(self._amount_label, self._amount)
        self._keep = PrimaryButton("keep", self.tr("Keep as drawing"))
        self._keep.setObjectName("seeds-keep")
        # Return in a field means that field, and keeps nothing.
        self._keep.setAutoDefault(False)
        self._told = QLabel()
        self._told.setObjectName("seeds-told")
        self._told.setWordWrap(True)
        column = QVBoxLayout()
        column.addWidget(self._face)
        column.addWidget(self._title)
        column.addLayout(form)
        column.addStretch(1)
        self._train = TrainButton(self._session, "stylegan")
        self._train.setObjectName("seeds-train")
        self._train.hide()
        column.addWidget(self._told)
        column.addWidget(self._train, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._keep)
        return column

    def _slider(self, name: str, most: int, value: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(name)
        slider.setRange(0, most)
        slider.setValue(value)
        return slider

    def _connect(self) -> None:
        seeding = self._seeding
        self._models.activated.connect(lambda _index: self._show_model())
        self._first.valueChanged.connect(lambda _value: self._fill())
        self._dice.clicked.connect(lambda: self._first.setValue(secrets.randbelow(1_000_000)))
        self._sheet.itemSelectionChanged.connect(self._choose)
        for slider in (self._level, self._character, self._amount):
            slider.valueChanged.connect(lambda _value: self._timer.start())
        self._feature.activated.connect(lambda _index: self._show_feature())
        self._keep.clicked.connect(self._do_keep)
        self._session.training.models_changed.connect(self._look_again)
        seeding.models_changed.connect(self._show_models)
        seeding.drew.connect(self._show_drawn)
        seeding.looked.connect(self._show_looked)
        seeding.kept.connect(self._show_kept)
        seeding.failed.connect(self._tell)
        self._session.controller.scene_changed.connect(self._forget_kept)

    def open_here(self) -> None:
        """Come up, with the models that there are by now."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._session.start(self._seeding.refresh())

    # The sheet

    def _look_again(self) -> None:
        # One may just have been trained.
        if self.isVisible():
            self._session.start(self._seeding.refresh())

    @property
    def _model(self) -> FaceModel | None:
        return self._models.currentData()

    def _show_models(self) -> None:
        before = self._model
        self._models.clear()
        for model in self._seeding.models:
            self._models.addItem(model.title, model)
        names = [model.name for model in self._seeding.models]
        if before is not None and before.name in names:
            self._models.setCurrentIndex(names.index(before.name))
        self._show_model()

    def _show_model(self) -> None:
        model = self._model
        self._limits.setText(model.limits if model else "")
        self._limits.setVisible(bool(self._limits.text()))
        self._train.setVisible(bool(model and model.missing))
        self._feature.clear()
        self._feature.addItem(self.tr("none"), 0)
        if model is None:
            return
        if model.ages:
            self._feature.addItem(self.tr("older or younger"), _AGE)
        for number in range(1, model.features + 1):
            self._feature.addItem(self.tr("feature {0}").format(number), number)
        self._level.setRange(0, model.layers)
        self._level.setValue(model.layers // 2)
        self._tell(model.missing)
        self._fill()

    def _fill(self) -> None:
        """A new sheet, its first face chosen."""
        model, first = self._model, self._first.value()
        self._sheet.blockSignals(True)
        self._sheet.clear()
        if model is not None and not model.missing:
            empty = QPixmap(_THUMB, _THUMB)
            empty.fill(Qt.GlobalColor.transparent)
            for seed in range(first, first + COUNT):
                item = QListWidgetItem(QIcon(empty), str(seed))
                item.setData(_SEED, seed)
                self._sheet.addItem(item)
            self._seeding.sheet(model.name, range(first, first + COUNT))
        self._sheet.blockSignals(False)
        self._chosen.clear()
        if self._sheet.count():
            self._sheet.item(0).setSelected(True)
        self._show_chosen()

    def _show_drawn(self, place: int, image: QImage) -> None:
        item = self._sheet.item(place)
        if item is not None:
            item.setIcon(QIcon(_pixmap(image, _THUMB)))

    def _choose(self) -> None:
        """Keep the order in which faces are clicked; a third one takes the second's place."""
        now = [item.data(_SEED) for item in self._sheet.selectedItems()]
        self._chosen = [seed for seed in self._chosen if seed in now]
        self._chosen += [seed for seed in now if seed not in self._chosen]
        if len(self._chosen) > 2:
            left = self._chosen.pop(1)
            self._sheet.blockSignals(True)
            self._sheet.item(left - self._first.value()).setSelected(False)
            self._sheet.blockSignals(False)
        self._show_chosen()

    # The face

    @property
    def wish(self) -> FaceWish | None:
        """The face as it is set here; None where none is chosen."""
        if not self._chosen:
            return None
        feature, amount = self._feature.currentData() or 0, self._amount.value() / 10
        return FaceWish(
            seed=self._chosen[0],
            other=self._chosen[1] if len(self._chosen) == 2 else None,
            level=self._level.value(),
            truncation=self._character.value() / 100,
            direction=max(feature, 0),
            amount=amount,
            age=amount if feature == _AGE else 0.0,
        )

    def _show_chosen(self) -> None:
        wish = self.wish
        text = self.tr("Click a face; click another to mix it in.")
        if wish is not None and wish.other is None:
            text = self.tr("Seed {0} · click another face to mix it in").format(wish.seed)
        elif wish is not None:
            text = self.tr("Seed {0} with {1}").format(wish.seed, wish.other)
        self._title.setText(text)
        self._level.setEnabled(wish is not None and wish.other is not None)
        self._keep.setEnabled(wish is not None)
        if wish is None:
            self._face.clear()
        self._show_feature()

    def _show_feature(self) -> None:
        feature = self._feature.currentData()
        self._amount.setEnabled(bool(feature))
        ages = feature == _AGE
        self._amount_label.setText(self.tr("&Younger – older") if ages else self.tr("&Amount"))
        self._timer.start()

    def _look(self) -> None:
        model, wish = self._model, self.wish
        if model is not None and wish is not None and self.isVisible():
            self._seeding.look(model.name, wish)

    def _show_looked(self, image: QImage) -> None:
        self._face.setPixmap(_pixmap(image, _LARGE))

    # Keeping

    def _do_keep(self) -> None:
        model, wish = self._model, self.wish
        if model is not None and wish is not None:
            self._keep.setEnabled(False)
            self._tell("")
            self._seeding.keep(model.name, wish)

    def _show_kept(self, why: str) -> None:
        self._keep.setEnabled(self.wish is not None)
        self._told.setText(why or self._kept_text)

    def _forget_kept(self) -> None:
        # Undone, or worked on: what was told is no news any more.
        if self._told.text() == self._kept_text:
            self._told.clear()

    def _tell(self, text: str) -> None:
        self._keep.setEnabled(self.wish is not None)
        self._told.setText(text)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._seeding.stop()
        super().closeEvent(event)


def _pixmap(image: QImage, side: int) -> QPixmap:
    return QPixmap.fromImage(image).scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
