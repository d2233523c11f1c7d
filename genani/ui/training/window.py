"""Train on my clips: six pages, in order, each to be come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from genani.app.training.projects import Project
from genani.app.training.turning import turn_to
from genani.ui.training.clips_page import ClipsPage
from genani.ui.training.labels_page import LabelsPage
from genani.ui.training.page import Page
from genani.ui.training.result_page import ResultPage
from genani.ui.training.rights_page import RightsPage
from genani.ui.training.run_page import RunPage
from genani.ui.training.settings_page import SettingsPage

if TYPE_CHECKING:
    from genani.app.session import Session


class TrainingWindow(QDialog):
    """Modeless: closing it stops nothing."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training")
        self.setWindowTitle(self.tr("Train on my clips"))
        self.setModal(False)
        self.resize(1040, 700)
        self._session = session
        self._trainings = session.training
        self._projects: list[Project] = []
        self._pages: tuple[Page, ...] = (
            ClipsPage(session),
            LabelsPage(session),
            RightsPage(session),
            SettingsPage(session),
            RunPage(session),
            ResultPage(session),
        )
        self._steps = QListWidget()
        self._steps.setObjectName("training-steps")
        self._steps.setAccessibleName(self.tr("Steps"))
        self._steps.setMaximumWidth(170)
        self._steps.setIconSize(QSize(16, 16))
        for number, text in enumerate(
            (
                self.tr("Clips"),
                self.tr("Labels"),
                self.tr("Rights"),
                self.tr("Settings"),
                self.tr("Training"),
                self.tr("Result"),
            ),
            1,
        ):
            self._steps.addItem(f"{number}  {text}")
        self._stack = QStackedWidget()
        for page in self._pages:
            self._stack.addWidget(page)
        self._steps.currentRowChanged.connect(self._turn_to)
        middle = QHBoxLayout()
        middle.addWidget(self._steps)
        middle.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.addLayout(self._make_top())
        column.addLayout(middle, 1)
        column.addLayout(self._make_bottom())
        for signal in (self._trainings.project_changed, self._trainings.clips_changed):
            signal.connect(self._refresh)
        # Return means the field it is pressed in, not a button that happens to be the first.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self._steps.setCurrentRow(0)

    def _make_top(self) -> QHBoxLayout:
        self._which = QComboBox()
        self._which.setObjectName("training-project")
        self._which.setMinimumWidth(220)
        self._which.activated.connect(self._choose_project)
        new = QPushButton(self.tr("New…"))
        new.setObjectName("training-new")
        new.clicked.connect(self._ask_name)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Clips of")))
        row.addWidget(self._which)
        row.addWidget(new)
        row.addStretch(1)
        return row

    def _make_bottom(self) -> QHBoxLayout:
        self._back = QPushButton(self.tr("Back"))
        self._back.setObjectName("training-back")
        self._back.clicked.connect(lambda: self._steps.setCurrentRow(self._steps.currentRow() - 1))
        self._next = QPushButton(self.tr("Next"))
        self._next.setObjectName("training-next")
        self._next.clicked.connect(lambda: self._steps.setCurrentRow(self._steps.currentRow() + 1))
        close = QPushButton(self.tr("Close"))
        close.setObjectName("training-close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self._back, self._next, close):
            row.addWidget(button)
        return row

    def open_here(self) -> None:
        """Come up, with the project worked on last, or a first one."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._session.start(self._take_up())

    async def _take_up(self) -> None:
        self._projects = await self._trainings.projects()
        if self._trainings.project is None:
            if self._projects:
                await self._trainings.open(self._projects[0])
            else:
                await self._create(self.tr("My clips"))
        wanted, self._trainings.wanted = self._trainings.wanted, ""
        if wanted:
            await turn_to(self._trainings, wanted)
        self._refresh()

    async def _create(self, name: str) -> None:
        await self._trainings.create(name)
        self._projects = await self._trainings.projects()
        self._steps.setCurrentRow(0)
        self._refresh()

    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setObjectName("training-name")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("New training"))
        dialog.setLabelText(self.tr("Whose clips are these? A character's or a show's name."))
        dialog.textValueSelected.connect(
            lambda name: name.strip() and self._session.start(self._create(name))
        )
        dialog.open()

    def _choose_project(self, index: int) -> None:
        if 0 <= index < len(self._projects):
            self._session.start(self._trainings.open(self._projects[index]))

    def _turn_to(self, row: int) -> None:
        for page in self._pages:
            if page is not self._pages[row]:
                page.leave()
        self._stack.setCurrentIndex(row)
        self._pages[row].come()
        self._refresh()

    def _refresh(self) -> None:
        project = self._trainings.project
        names = [each.name for each in self._projects]
        if [self._which.itemText(i) for i in range(self._which.count())] != names:
            self._which.clear()
            self._which.addItems(names)
        if project is not None:
            folders = [each.folder for each in self._projects]
            if project.folder in folders:
                self._which.setCurrentIndex(folders.index(project.folder))
        row = self._stack.currentIndex()
        self._back.setEnabled(row > 0)
        self._next.setEnabled(row + 1 < len(self._pages))
        if project is not None:
            self._pages[row].refresh()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        for page in self._pages:
            page.leave()
        super().closeEvent(event)
