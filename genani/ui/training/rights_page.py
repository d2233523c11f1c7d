"""Page 3: whose films these are. Without an answer nothing is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QRadioButton, QWidget
from typing_extensions import override

from genani.ui.training.page import Page

if TYPE_CHECKING:
    from genani.app.session import Session


class RightsPage(Page):
    """Who made the films, under which licence, and whether they may be trained on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            "rights",
            self.tr("Rights"),
            self.tr(
                "Everything stays on this computer. Say whose work this is: it is written into "
                "the data set and into what comes of the training, and training waits for it."
            ),
            parent,
        )
        self._session = session
        self._trainings = session.training
        self._maker = QLineEdit()
        self._maker.setObjectName("rights-maker")
        self._maker.setPlaceholderText(self.tr("a name, or a studio's"))
        self._licence = QComboBox()
        self._licence.setObjectName("rights-licence")
        self._licence.setEditable(True)
        self._licence.addItems(
            [
                self.tr("own work"),
                self.tr("with its maker's permission"),
                "CC0",
                "CC-BY 4.0",
            ]
        )
        self._yes = QRadioButton(self.tr("Yes, they may be trained on"))
        self._yes.setObjectName("rights-yes")
        self._no = QRadioButton(self.tr("No, or I do not know"))
        self._no.setObjectName("rights-no")
        self._verdict = QLabel()
        self._verdict.setObjectName("rights-verdict")
        self._verdict.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("Who made them?"), self._maker)
        form.addRow(self.tr("Under which licence?"), self._licence)
        form.addRow(self.tr("May they be trained on?"), self._yes)
        form.addRow("", self._no)
        self.column.addLayout(form)
        self.column.addWidget(self._verdict)
        self.column.addStretch(1)
        self._maker.editingFinished.connect(self._keep)
        self._licence.textActivated.connect(lambda _text: self._keep())
        for button in (self._yes, self._no):
            button.clicked.connect(lambda _on=False: self._keep())

    @override
    def refresh(self) -> None:
        """See `Page.refresh`."""
        rights = self._trainings.rights
        self.setEnabled(rights is not None)
        if rights is None:
            self._verdict.setText(self.tr("There is nothing of yours yet to say this of."))
            return
        if not self._maker.hasFocus() or not self._maker.isModified():
            self._maker.setText(rights.made_by or self._maker.text())
        if rights.licence:
            self._licence.setEditText(rights.licence)
        self._yes.setChecked(rights.may_train is True)
        self._no.setChecked(rights.may_train is False)
        self._verdict.setText(
            self.tr("Training waits: {0}.").format(rights.wanting)
            if rights.wanting
            else self.tr("Settled.")
        )

    def _keep(self) -> None:
        if self._trainings.rights is None or not (self._yes.isChecked() or self._no.isChecked()):
            return
        self._maker.setModified(False)
        self._session.start(
            self._trainings.set_rights(
                self._maker.text().strip(),
                self._licence.currentText().strip(),
                self._yes.isChecked(),
            )
        )
