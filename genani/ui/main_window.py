"""The main window: canvas in the middle, timeline below, panels around."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QGridLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QStackedLayout,
    QTabWidget,
    QToolBar,
    QToolButton,
    QUndoView,
    QWidget,
)
from typing_extensions import override

from genani.app.import_task import is_empty
from genani.app.jobs import JobDone
from genani.ui import theme
from genani.ui.calm_wheel import CalmWheel
from genani.ui.canvas.drops import CanvasDrops
from genani.ui.canvas.view import CanvasView
from genani.ui.compare import Comparing
from genani.ui.documents import Documents
from genani.ui.faces.on_canvas import FacesOnCanvas
from genani.ui.faces.panel import FacePanel
from genani.ui.icons import icon
from genani.ui.inspector.panel import InspectorPanel
from genani.ui.menus import fill_menu_bar, timeline_menu
from genani.ui.message_bar import MessageBar
from genani.ui.onion_settings import onion_menu
from genani.ui.playback_bar import PlaybackBar
from genani.ui.queue_dock import QueuePanel
from genani.ui.takes.panel import TakesPanel
from genani.ui.timeline.looks import Looks
from genani.ui.timeline.media_bin import MediaBin
from genani.ui.timeline.view import TimelineView
from genani.ui.welcome import WelcomePage

if TYPE_CHECKING:
    from genani.app.jobs import JobMessage
    from genani.app.session import Session

LAYOUT_VERSION = 2
"""Raised when docks come or go, so that an old layout is not forced on new ones."""

NEXT_STEP_MS = 10_000

_TOOLS = (
    ("undo", "redo"),
    ("import", "add-span", "generate", "generate-all", "cancel"),
    ("keep", "reject", "breakdown", "compare"),
    ("export",),
)
_ICON_ONLY = {"undo", "redo", "cancel"}
"""Their texts grow with what they would undo, or their sign says enough."""


class MainWindow(QMainWindow):
    """The window an animator keeps open all day."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowIcon(QIcon(icon("genani")))
        self.setAcceptDrops(False)
        self._session = session
        self._closing = False
        self.resize(1440, 900)
        theme.apply(session.settings.theme)
        session.actions.set_icons(icon)
        self.canvas = CanvasView(session)
        self.faces = FacesOnCanvas(session, self.canvas)
        self.looks = Looks(session)
        self.timeline = TimelineView(session, self.looks.look)
        self.media_bin = MediaBin(session)
        self.documents = Documents(session, self)
        self.comparing = Comparing(session, self.canvas)
        self._make_middle()
        self._make_docks()
        self._make_bars()
        self._connect()
        self.addActions(session.actions.window_actions())
        for widget in (self.canvas, self.timeline):
            widget.addActions(session.actions.canvas_actions())
        self._first_layout = self.saveState(LAYOUT_VERSION)
        self._restore_layout()
        self._show_title()
        self._show_welcome()

    # What is in it

    def _make_middle(self) -> None:
        self.messages = MessageBar(self._session.actions)
        self.playback_bar = PlaybackBar(self._session)
        self.welcome = WelcomePage()
        stage = QWidget()
        self._stage = QStackedLayout(stage)
        self._stage.addWidget(self.canvas)
        self._stage.addWidget(self.welcome)
        middle = QWidget()
        grid = QGridLayout(middle)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(stage, 0, 0)
        # In the same place: a message covers the edge of the canvas and never moves the picture.
        grid.addWidget(self.messages, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.faces.bar, 1, 0)
        grid.addWidget(self.faces.attach_bar, 1, 0)
        grid.addWidget(self.playback_bar, 2, 0)
        grid.setRowStretch(0, 1)
        self.messages.raise_()
        self.setCentralWidget(middle)

    def _make_docks(self) -> None:
        self.setDockNestingEnabled(True)
        areas = Qt.DockWidgetArea
        right, bottom = areas.RightDockWidgetArea, areas.BottomDockWidgetArea
        left = areas.LeftDockWidgetArea
        self.setTabPosition(right, QTabWidget.TabPosition.North)
        self._history = QUndoView(self._session.controller.undo_stack)
        self._history.setObjectName("history-list")
        self._history.setEmptyLabel(self.tr("As it was opened"))
        self._history.setCleanIcon(icon("save"))
        self._docks = {
            name: self._dock(name, title, widget, area)
            for name, title, widget, area in (
                ("timeline", self.tr("Timeline"), self.timeline, bottom),
                ("inspector", self.tr("Span"), _scrolled(InspectorPanel(self._session)), right),
                ("face", self.tr("Face"), _scrolled(FacePanel(self._session)), right),
                ("takes", self.tr("Takes"), TakesPanel(self._session), right),
                ("queue", self.tr("Queue"), QueuePanel(self._session), right),
                ("history", self.tr("History"), self._history, right),
                ("media", self.tr("Media"), self.media_bin, left),
            )
        }
        self.tabifyDockWidget(self._docks["inspector"], self._docks["face"])
        self._docks["inspector"].raise_()
        self.tabifyDockWidget(self._docks["takes"], self._docks["queue"])
        self.tabifyDockWidget(self._docks["queue"], self._docks["history"])
        self._docks["takes"].raise_()
        self._docks["media"].hide()
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self.resizeDocks([self._docks["inspector"]], [340], Qt.Orientation.Horizontal)
        self.resizeDocks([self._docks["timeline"]], [250], Qt.Orientation.Vertical)
        above, below = self._docks["inspector"], self._docks["takes"]
        self.resizeDocks([above, below], [620, 200], Qt.Orientation.Vertical)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{name}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _make_bars(self) -> None:
        tools = QToolBar(self.tr("Tools"), self)
        tools.setObjectName("tools")
        tools.setMovable(False)
        tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for place, group in enumerate(_TOOLS):
            if place:
                tools.addSeparator()
            for name in group:
                tools.addAction(self._session.actions.action(name))
                button = tools.widgetForAction(self._session.actions.action(name))
                if name in _ICON_ONLY and isinstance(button, QToolButton):
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addToolBar(tools)
        self._busy = QLabel()
        self._busy.setObjectName("busy")
        self.statusBar().addPermanentWidget(self._busy)
        self._recent = QMenu(self.tr("Open recent"), self)
        self._recent.aboutToShow.connect(self._fill_recent)
        panels = QMenu(self.tr("Panels"), self)
        for dock in self._docks.values():
            panels.addAction(dock.toggleViewAction())
        submenus = {
            "recent": self._recent,
            "panels": panels,
            "onion-settings": onion_menu(self, self._session),
        }
        fill_menu_bar(self.menuBar(), self._session, submenus)

    # How it hangs together

    def _connect(self) -> None:
        session, actions = self._session, self._session.actions
        session.message.connect(self.messages.show_message)
        session.busy.connect(self._busy.setText)
        session.document_changed.connect(self._show_title)
        session.controller.scene_changed.connect(self._show_welcome)
        session.settings_changed.connect(self._follow_settings)
        session.renders.job_changed.connect(self._say_what_next)
        self.canvas.scale_changed.connect(self.playback_bar.show_scale)
        self.timeline.menu_wanted.connect(self._show_timeline_menu)
        self.timeline.dropped.connect(self.documents.drop)
        drops = CanvasDrops(session, self.canvas)
        drops.dropped.connect(self.documents.drop)
        drops.pinned.connect(self.documents.attach)
        self.welcome.dropped.connect(self.documents.import_dropped)
        self.welcome.choose_wanted.connect(actions.action("import").trigger)
        self.welcome.sample_wanted.connect(self.documents.open_sample)
        verbs: dict[str, Callable[[], object]] = {
            "zoom-in": lambda: self.canvas.zoom(1.25),
            "zoom-out": lambda: self.canvas.zoom(0.8),
            "fit": self.canvas.fit,
            "actual-size": self.canvas.actual_size,
            "chart": lambda: self._show_panel("inspector"),
            "face-panel": lambda: self._show_panel("face"),
            "reset-layout": self.reset_layout,
            "quit": self.close,
            "about": self.documents.about,
        }
        for name, verb in verbs.items():
            actions.connect_to(name, verb)
        for name in ("generate", "regenerate-one", "generate-all"):
            actions.connect_to(name, self._leave_buttons)
        self.documents.connect_actions()

    def _leave_buttons(self) -> None:
        """Esc, Space and K now mean what is drawn, and not the button that was pressed."""
        focus = self.focusWidget()
        if isinstance(focus, QAbstractButton):
            self.timeline.setFocus()

    def _show_title(self) -> None:
        star = "[*]"
        self.setWindowTitle(self.tr("{0}{1} – GenAni").format(self._session.title, star))
        self.setWindowModified(self._session.modified)

    def _show_welcome(self) -> None:
        empty = is_empty(self._session.controller.scene)
        shown = self.welcome if empty else self.canvas
        if self._stage.currentWidget() is not shown:
            self._stage.setCurrentWidget(shown)
            # The keys of playing and drawing work at once.
            self.canvas.setFocus()

    def _follow_settings(self) -> None:
        theme.apply(self._session.settings.theme)
        self.timeline.refresh()

    def _say_what_next(self, message: JobMessage) -> None:
        job = message.job
        if isinstance(message, JobDone) and job.request:
            text = self.tr(
                "%n in-between(s) drawn. Space plays them; Keep accepts them.",
                "",
                len(job.request.times),
            )
            self.statusBar().showMessage(text, NEXT_STEP_MS)

    def _show_panel(self, name: str) -> None:
        self._docks[name].show()
        self._docks[name].raise_()

    def _show_timeline_menu(self, place: object, layer: str, frame: int) -> None:
        if layer:
            self._session.selection.set_layer(layer)
        if frame:
            self._session.playback.seek(frame)
        timeline_menu(self, self._session, place, on_name=not frame)  # pyright: ignore[reportArgumentType]

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self._session.memory.recents():
            self._recent.addAction(path.name, lambda path=path: self.documents.open_path(path))
        self._recent.addSeparator()
        self._recent.addAction(self.tr("Clear this list"), self._session.memory.clear_recents)

    # Layout and leaving

    def reset_layout(self) -> None:
        """Put every panel back in its place."""
        self.restoreState(self._first_layout, LAYOUT_VERSION)

    def _restore_layout(self) -> None:
        geometry = self._session.memory.bytes("geometry")
        state = self._session.memory.bytes("state")
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if not state.isEmpty() and not self.restoreState(state, LAYOUT_VERSION):
            self.reset_layout()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            event.accept()
            return
        event.ignore()
        self._session.start(self._leave())

    async def _leave(self) -> None:
        discard = await self.documents.may_leave()
        if discard is None:
            return
        self._session.memory.keep("geometry", self.saveGeometry())
        self._session.memory.keep("state", self.saveState(LAYOUT_VERSION))
        await self._session.close(discard)
        self.shut()

    def shut(self) -> None:
        """Close for good, without any question: the session has ended, or is about to."""
        self._closing = True
        self.canvas.shut()
        self.close()

    def start(self) -> None:
        """Offer what an earlier run left unsaved, once the window is on the screen."""
        QTimer.singleShot(0, lambda: self._session.start(self.documents.offer_recovery()))


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(f"scroll-{widget.objectName()}")
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setMinimumWidth(320)
    area.setWidget(widget)
    CalmWheel(widget)
    return area
