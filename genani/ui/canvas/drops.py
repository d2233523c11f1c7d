"""Dropping on the canvas: a drawing becomes the next key, or with Alt goes along with the face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from genani.app.import_task import next_key
from genani.ui.timeline.drops import wanted

if TYPE_CHECKING:
    from genani.app.session import Session


class CanvasDrops(QObject):
    """Lets drawings be dropped on a widget that knows nothing of it.

    Args:
        session: whose active layer takes them.
        canvas: the widget.

    Signals:
        dropped: what was let go, id of the layer ("" where there is none) and the frame it is for.
        pinned: the path of a picture that was let go with Alt held, to go along with the face.
    """

    dropped = Signal(QMimeData, str, int)
    pinned = Signal(Path)

    def __init__(self, session: Session, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._session = session
        canvas.setAcceptDrops(True)
        canvas.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and isinstance(watched, QWidget):
            # Entering and moving are drop events of another type.
            if wanted(event.mimeData()):
                event.acceptProposedAction()
                self._tell_or_take(watched, event)
            return True
        if event.type() is QEvent.Type.DragLeave:
            QToolTip.hideText()
        return False

    def _tell_or_take(self, canvas: QWidget, event: QDropEvent) -> None:
        layer = self._session.selection.active_layer()
        frame = next_key(layer, self._session.playback.frame)
        file = self._to_pin(event)
        if isinstance(event, QDragMoveEvent):
            at = canvas.mapToGlobal(event.position().toPoint())
            text = self.tr("key on frame {0}").format(frame)
            QToolTip.showText(at, self.tr("pin to the face") if file else text, canvas)
            return
        QToolTip.hideText()
        if file:
            self.pinned.emit(file)
        else:
            self.dropped.emit(event.mimeData(), layer.id if layer else "", frame)

    def _to_pin(self, event: QDropEvent) -> Path | None:
        """The picture that is meant for the face, with Alt held; None for a key."""
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return None
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return files[0] if files else None
