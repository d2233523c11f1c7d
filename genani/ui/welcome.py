"""What an empty scene shows: where to drop the first two drawings, and samples to try."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from genani.ui.primary_button import PrimaryButton
from genani.ui.samples import Sample, samples

CARD = QSize(84, 84)
_PAPER = QColor("#d4d4d2")


class WelcomePage(QWidget):
    """Shown over the canvas while the scene is empty.

    Signals:
        dropped: a list of paths that were let go here.
        choose_wanted: the person wants to choose files instead.
        sample_wanted: a `Sample` to open.
    """

    dropped = Signal(object)
    choose_wanted = Signal()
    sample_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAcceptDrops(True)
        self._over = False
        self._blank: list[tuple[QToolButton, Sample]] = []
        # Pictures of samples are read one by one, after the window is on the screen.
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._paint_next)
        choose = PrimaryButton("import", self.tr("Choose drawings…"))
        choose.setObjectName("welcome-choose")
        choose.clicked.connect(self.choose_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 40, 48, 40)
        column.setSpacing(8)
        column.addStretch(2)
        for widget in self._make_words():
            column.addWidget(widget)
        column.addSpacing(10)
        column.addWidget(choose, 0, Qt.AlignmentFlag.AlignCenter)
        self._add_samples(column)
        column.addStretch(2)

    def _make_words(self) -> tuple[QLabel, ...]:
        title = QLabel(self.tr("Drop two drawings here"))
        title.setObjectName("welcome-title")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setBold(True)
        title.setFont(font)
        steps = QLabel(
            self.tr("They become two keys. Press Generate, and GenAni draws what lies between.")
        )
        kinds = QLabel(
            self.tr("PNG, JPEG, WebP, TIFF, numbered sequences, GIF and video all work.")
        )
        kinds.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for label in (title, steps, kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        return title, steps, kinds

    def _add_samples(self, column: QVBoxLayout) -> None:
        found = samples()
        if not found:
            return
        column.addSpacing(20)
        label = QLabel(self.tr("or try one of these"))
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        for sample in found:
            button = QToolButton()
            button.setObjectName(f"sample-{sample.name}")
            button.setText(sample.title)
            button.setAutoRaise(True)
            button.setIconSize(CARD)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            keys = self.tr("%n key(s)", "", len(sample.keys))
            button.setToolTip(self.tr("Open this sample: {0}").format(keys))
            button.clicked.connect(lambda _=False, it=sample: self.sample_wanted.emit(it))
            self._blank.append((button, sample))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._blank:
            self._timer.start(0)

    def _paint_next(self) -> None:
        if not self._blank:
            self._timer.stop()
            return
        button, sample = self._blank.pop(0)
        button.setIcon(QIcon(_card(sample.keys[-1], self.devicePixelRatioF())))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().window())
        line = QColor(self.palette().windowText().color())
        line.setAlpha(90)
        box = QRectF(self.rect()).adjusted(20, 20, -20, -20)
        if self._over:
            line = self.palette().accent().color()
            painter.setBrush(QColor(line.red(), line.green(), line.blue(), 24))
        painter.setPen(QPen(line, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, 14, 14)
        painter.end()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._show_over(True)

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        del event
        self._show_over(False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._show_over(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def _show_over(self, over: bool) -> None:
        self._over = over
        self.update()


def _card(path: Path, ratio: float) -> QPixmap:
    """A picture on light paper with round corners."""
    card = QPixmap(CARD * ratio)
    card.setDevicePixelRatio(ratio)
    card.fill(Qt.GlobalColor.transparent)
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PAPER)
    painter.drawRoundedRect(0, 0, CARD.width(), CARD.height(), 6, 6)
    picture = QPixmap(str(path)).scaled(
        (CARD - QSize(8, 8)) * ratio,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    picture.setDevicePixelRatio(ratio)
    size = picture.deviceIndependentSize()
    x, y = (CARD.width() - size.width()) / 2, (CARD.height() - size.height()) / 2
    painter.drawPixmap(round(x), round(y), picture)
    painter.end()
    return card
