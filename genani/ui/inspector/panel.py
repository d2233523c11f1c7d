"""The inspector: how the chosen span is drawn, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from genani.app.import_task import is_empty
from genani.app.span_commands import has_room, no_room_text
from genani.scene.document import Layer
from genani.scene.span import Span
from genani.ui.icons import icon
from genani.ui.inspector.drawing import DrawingBox
from genani.ui.inspector.timing import TimingBox
from genani.ui.primary_button import PrimaryButton

if TYPE_CHECKING:
    from genani.app.session import Session


class InspectorPanel(QWidget):
    """Shows the selected span and changes it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self._session = session
        self._span: Span | None = None
        self._empty, self._page = self._make_empty(), self._make_span()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        # Not a stack: the wider page would cut off the texts of the other.
        for page in (self._empty, self._page):
            layout.addWidget(page)
        session.selection.changed.connect(self.refresh)
        session.playback.frame_changed.connect(self._follow_playhead)
        session.controller.scene_changed.connect(self.refresh)
        session.renders.span_changed.connect(self.refresh)
        self.refresh()

    def _follow_playhead(self) -> None:
        # Where nothing is selected, the span under the playhead is meant.
        if self._session.playback.playing or self._session.selection.span is not None:
            return
        found = self._session.commands.spans.target()
        if found is None or found[1] is not self._span:
            self.refresh()

    # The page without a span

    def _make_empty(self) -> QWidget:
        page = QWidget()
        self._hint = QLabel()
        self._hint.setObjectName("inspector-hint")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._join = PrimaryButton("span", self.tr("In-between these two keys"))
        self._join.setObjectName("inspector-join")
        self._join.clicked.connect(self._session.actions.action("add-span").trigger)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._hint)
        layout.addWidget(self._join)
        layout.addStretch(1)
        return page

    def _show_empty(self) -> None:
        gap, tight = self._session.commands.spans.gap(), self._session.commands.spans.tight()
        layer = self._session.selection.active_layer()
        attached = layer if layer and layer.attachment else None
        self._join.setVisible(gap is not None)
        if gap is not None:
            _, first, last = gap
            text = self.tr("Keys {0} and {1} have no in-betweens yet.")
            text = text.format(first.frame, last.frame)
        elif tight is not None:
            text = no_room_text(*tight)
        elif attached is not None:
            text = self.tr(
                "{0} goes along with the face of {1} by itself. Its place is set with the tools "
                "below the picture: Face, Place the attachment."
            ).format(attached.name, self._whose(attached))
        elif is_empty(self._session.controller.scene):
            text = self.tr(
                "How the in-betweens of two keys are drawn is chosen here: how many, their "
                "timing chart, and which engine draws them.\n\nBring in two drawings first."
            )
        else:
            text = self.tr(
                "A span lies between two keys.\n\nPut the playhead between two keys, or drop "
                "another drawing on the picture or on a later frame."
            )
        self._hint.setText(text)

    def _whose(self, attached: Layer) -> str:
        """The name of the layer whose face an attachment follows."""
        face = attached.attachment.follows if attached.attachment else ""
        layers = self._session.controller.scene.layers
        return next((layer.name for layer in layers if layer.id == face), "")

    # The page with a span

    def _make_span(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._title = QLabel()
        self._title.setObjectName("inspector-title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        layout.addWidget(self._title)
        self._tight = QLabel()
        self._tight.setObjectName("inspector-tight")
        self._tight.setWordWrap(True)
        self._timing, self._drawing = TimingBox(self._session), DrawingBox(self._session)
        for box in (self._timing, self._drawing):
            box.changed.connect(self.refresh)
        layout.addWidget(self._tight)
        layout.addWidget(self._timing)
        layout.addWidget(self._drawing)
        layout.addLayout(self._make_buttons())
        layout.addStretch(1)
        return page

    def _make_buttons(self) -> QVBoxLayout:
        self._generate = PrimaryButton("generate", self.tr("Generate"))
        self._generate.setObjectName("inspector-generate")
        self._one = QPushButton(icon("regenerate"), self.tr("Regenerate this one"))
        self._one.setObjectName("inspector-regenerate")
        every = QPushButton(self.tr("Generate all stale"))
        every.setObjectName("inspector-generate-all")
        for button, action in (
            (self._generate, "generate"),
            (self._one, "regenerate-one"),
            (every, "generate-all"),
        ):
            button.clicked.connect(self._session.actions.action(action).trigger)
            button.setToolTip(self._session.actions.action(action).toolTip())
        column = QVBoxLayout()
        for button in (self._generate, self._one, every):
            column.addWidget(button)
        return column

    # Showing

    def refresh(self) -> None:
        """Show the span that is selected now."""
        found = self._session.commands.spans.target()
        self._span = found[1] if found else None
        self._empty.setVisible(found is None)
        self._page.setVisible(found is not None)
        if found is None:
            self._show_empty()
        else:
            self._show(*found)

    def _show(self, layer: Layer, span: Span) -> None:
        first, last = layer.ends(span)
        self._title.setText(self.tr("Frames {0} to {1} on {2}").format(first, last, layer.name))
        room = has_room(layer, span)
        self._tight.setText("" if room else no_room_text(first, last))
        self._tight.setVisible(not room)
        for widget in (self._timing, self._drawing):
            widget.setEnabled(room)
        self._timing.show_span(layer, span)
        self._drawing.show_span(span)
        self._generate.setEnabled(room and not self._drawing.missing)
        self._one.setEnabled(room and self._session.selection.t is not None)
