"""Page 4: what is trained, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.training.projects import Choices
from genani.app.training.services import TrainingChoice
from genani.app.training.turning import turn_to
from genani.ui.training.page import Page
from genani.ui.words import duration_text

if TYPE_CHECKING:
    from genani.app.session import Session

SIDES = ("task.sizes", "task.size", "task.side")
"""What tasks call the side of an example; each has one of them."""

_ADVANCED = ("steps", "batch", "learning_rate", *SIDES, "seed")
"""Settings that may be changed here; all others through `genani train --set`."""

_VARIED = "task.varied"


class SettingsPage(Page):
    """Engine, preset, and the rest folded away."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "settings",
            self.tr("Settings"),
            self.tr("What learns from your clips or pictures, and how long it may take."),
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._task = QComboBox()
        self._task.setObjectName("settings-task")
        self._task.activated.connect(lambda _index: self._choose_task())
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("Engine"), self._task)
        form.addRow("", self._summary)
        self._varied = QComboBox()
        self._varied.setObjectName("settings-varied")
        self._varied.setToolTip(
            self.tr(
                "Clips are turned, zoomed, mirrored, and lit otherwise, a little and each time "
                "anew, as if there were more of them. The fewer there are, the more this helps."
            )
        )
        for text, strength in (
            (self.tr("not at all"), "0"),
            (self.tr("gently"), "0.5"),
            (self.tr("as usual"), "1.0"),
            (self.tr("strongly"), "2.0"),
        ):
            self._varied.addItem(text, strength)
        self._varied.activated.connect(
            lambda _index: self._keep({_VARIED: self._varied.currentData()})
        )
        form.addRow(self.tr("Vary the clips"), self._varied)
        self._form = form
        self.column.addLayout(form)
        self._presets: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        for name in ("quick", "good", "best"):
            button = QRadioButton()
            button.setObjectName(f"settings-{name}")
            button.clicked.connect(lambda _on=False, name=name: self._choose(preset=name))
            group.addButton(button)
            self._presets[name] = button
            self.column.addWidget(button)
        self.column.addLayout(self._make_advanced())
        self._verdict = QLabel()
        self._verdict.setObjectName("settings-verdict")
        self._verdict.setWordWrap(True)
        self.column.addWidget(self._verdict)
        self.column.addStretch(1)

    def _make_advanced(self) -> QVBoxLayout:
        self._fold = QToolButton()
        self._fold.setObjectName("settings-advanced")
        self._fold.setText(self.tr("Advanced"))
        self._fold.setCheckable(True)
        self._fold.setAutoRaise(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setArrowType(Qt.ArrowType.RightArrow)
        self._fold.toggled.connect(self._unfold)
        names = {
            "steps": self.tr("Steps"),
            "batch": self.tr("Examples a step"),
            "learning_rate": self.tr("Learning rate"),
            **dict.fromkeys(SIDES, self.tr("Side of an example, px")),
            "seed": self.tr("Seed"),
        }
        self._more = QWidget()
        rows = self._rows = QFormLayout(self._more)
        self._fields: dict[str, QLineEdit] = {}
        for name in _ADVANCED:
            field = QLineEdit()
            field.setObjectName(f"settings-{name.replace('.', '-')}")
            field.setMaximumWidth(140)
            field.editingFinished.connect(self._keep_fields)
            self._fields[name] = field
            rows.addRow(names[name], field)
        self._more.hide()
        column = QVBoxLayout()
        column.addWidget(self._fold)
        column.addWidget(self._more)
        return column

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        choice, project = self._trainings.choice, self._trainings.project
        if choice is None or project is None:
            self._verdict.setText(self._trainings.wanting)
            return
        if self._task.count() != len(self._trainings.choices):
            self._task.clear()
            for each in self._trainings.choices:
                self._task.addItem(each.title, each.task)
        self._task.setCurrentIndex(self._task.findData(choice.task))
        self._summary.setText(choice.missing or choice.summary)
        words = {
            "quick": self.tr("Quick – to see whether it goes the right way"),
            "good": self.tr("Good – for a character or two"),
            "best": self.tr("Best – over night, or on a graphics card"),
        }
        for name, button in self._presets.items():
            seconds = self._trainings.seconds(choice, choice.presets.get(name, {}))
            button.setText(self.tr("{0}: {1}").format(words[name], duration_text(seconds)))
            button.setChecked(project.choices.preset == name)
        begun = self._trainings.run is not None and self._trainings.run.record.begun
        for widget in (*self._presets.values(), *self._fields.values(), self._varied):
            widget.setEnabled(not begun)
        self._show_fields(choice, project.choices)
        told = self.tr("The run has begun with these settings.") if begun else ""
        self._verdict.setText(self._trainings.wanting or told)

    def _show_fields(self, choice: TrainingChoice, chosen: Choices) -> None:
        preset, own = choice.presets.get(chosen.preset, {}), chosen.settings
        for name, field in self._fields.items():
            self._rows.setRowVisible(field, _offered(name, choice))
            field.setPlaceholderText(preset.get(name, ""))
            if not field.hasFocus():
                field.setText(own.get(name, ""))
        self._form.setRowVisible(self._varied, _offered(_VARIED, choice))
        strength = own.get(_VARIED, preset.get(_VARIED, "1.0"))
        self._varied.setCurrentIndex(self._varied.findData(strength))

    def _keep_fields(self) -> None:
        self._keep({name: field.text().strip() for name, field in self._fields.items()})

    def _keep(self, told: Mapping[str, str]) -> None:
        """Keep some settings; an empty text leaves one to the preset."""
        project = self._trainings.project
        if project is None:
            return
        settings = {**project.choices.settings, **told}
        settings = {name: text for name, text in settings.items() if text}
        if settings != project.choices.settings:
            self._choose(settings=settings)

    def _choose_task(self) -> None:
        self._session.start(turn_to(self._trainings, self._task.currentData()))

    def _choose(self, **fields: object) -> None:
        self._session.start(self._trainings.choose(**fields))

    def _unfold(self, on: bool) -> None:
        self._more.setVisible(on)
        arrow = Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow
        self._fold.setArrowType(arrow)


def _offered(setting: str, choice: TrainingChoice) -> bool:
    """Whether what is trained has a setting: those of every run, or one of its own."""
    return not setting.startswith("task.") or setting in choice.settings
