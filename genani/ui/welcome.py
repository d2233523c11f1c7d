"""What an empty scene shows: where to drop the first two drawings, and samples to try."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from genani import resources
from genani.ui.icons import icon


def sample_scenes() -> list[Path]:
    """The sample scenes that came with the program."""
    return sorted((resources.folder("resources") / "samples").glob("*.genani"))


class WelcomePage(QWidget):
    """Shown over the canvas while the scene is empty.

    Signals:
        dropped: a list of paths that were let go here.
        choose_wanted: the person wants to choose files instead.
        sample_wanted: path of a sample scene to open.
    """

    dropped = Signal(object)
    choose_wanted = Signal()
    sample_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAcceptDrops(True)
        title = QLabel(self.tr("Drop two drawings here"))
        title.setObjectName("welcome-title")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setBold(True)
        title.setFont(font)
        text = QLabel(
            self.tr(
                "They become the two keys of a span. Set how many in-betweens lie between, draw "
                "the timing chart, press Generate.\nPNG, JPEG, WebP, TIFF, numbered sequences, GIF "
                "and video all work."
            )
        )
        choose = QPushButton(icon("open"), self.tr("Choose drawings…"))
        choose.setObjectName("welcome-choose")
        choose.clicked.connect(self.choose_wanted)
        column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (title, text):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        column.addSpacing(12)
        column.addWidget(choose, 0, Qt.AlignmentFlag.AlignCenter)
        samples = sample_scenes()
        if samples:
            column.addSpacing(24)
            label = QLabel(self.tr("or look at a sample"))
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
            row = QHBoxLayout()
            row.addStretch(1)
            for path in samples:
                button = QPushButton(path.stem.replace("_", " ").capitalize())
                button.setObjectName(f"sample-{path.stem}")
                button.clicked.connect(lambda _=False, path=path: self.sample_wanted.emit(path))
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(3)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().window())
        line = QColor(self.palette().windowText().color())
        line.setAlpha(90)
        painter.setPen(QPen(line, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(28, 28, -28, -28), 18, 18)
        painter.end()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
