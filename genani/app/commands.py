"""Connects actions to their verbs, and lets only those be used that can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from genani.app.cell_commands import CellCommands
from genani.app.playback import Loop
from genani.app.settings import Theme
from genani.app.span_commands import SpanCommands
from genani.scene.document import CellKind

if TYPE_CHECKING:
    from genani.app.session import Session

ON_CELLS = ("cut", "copy", "delete-ripple", "mark-key", "mark-breakdown", "mark-inbetween")
ON_SPAN = ("remove-span", "chart", "new-seed", "previous-variant", "next-variant")
ON_TAKE = ("keep", "reject", "pin")
ON_BLOCK = ("duplicate", "edit-outside", "stylise", "animate", "exposure-more", "exposure-less")
ON_LAYER = ("delete-layer", "layer-up", "layer-down", "blank", "insert", "select-all")


class Commands(QObject):
    """The verbs behind the actions.

    Actions that need a dialog or a view (`open`, `save-as`, `import`, `add-key`, `export`,
    `quit`, `zoom-in`, `chart`, `compare`, ...) are connected by the window.

    Attributes:
        cells: verbs for drawings, layers, markers, range.
        spans: verbs for spans and takes.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._shut = False
        self.cells = CellCommands(session)
        self.spans = SpanCommands(session)
        for verbs in (self._document_verbs, self._cell_verbs, self._span_verbs, self._play_verbs):
            for action_id, verb in verbs().items():
                session.actions.connect_to(action_id, verb)
        # Many changes come in one go: what can be used is worked out once after them.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.refresh)
        self._watch()
        self.refresh()

    def shut(self) -> None:
        """Stop looking at what changes."""
        self._shut = True
        self._timer.stop()

    def _document_verbs(self) -> dict[str, Callable[[], object]]:
        session = self._session
        themes = {f"theme-{theme.value}": partial(self._theme, theme) for theme in Theme}
        return {
            "save": self._save,
            "undo": session.controller.undo_stack.undo,
            "redo": session.controller.undo_stack.redo,
            "cut": session.clipboard.cut,
            "copy": session.clipboard.copy,
            "paste": session.clipboard.paste,
            "onion": self._toggle_onion,
            "checkerboard": self._toggle_checkerboard,
            **themes,
        }

    def _cell_verbs(self) -> dict[str, Callable[[], object]]:
        cells = self.cells
        return {
            "select-all": cells.select_all,
            "select-none": self._session.selection.clear,
            "delete": cells.delete,
            "delete-ripple": partial(cells.delete, ripple=True),
            "insert": cells.insert,
            "duplicate": cells.duplicate,
            "blank": cells.blank,
            "exposure-more": partial(cells.expose, 1),
            "exposure-less": partial(cells.expose, -1),
            "mark-key": partial(cells.mark, CellKind.KEY),
            "mark-breakdown": partial(cells.mark, CellKind.BREAKDOWN),
            "mark-inbetween": partial(cells.mark, CellKind.INBETWEEN),
            "add-layer": cells.add_layer,
            "delete-layer": cells.delete_layer,
            "layer-up": partial(cells.move_layer, 1),
            "layer-down": partial(cells.move_layer, -1),
            "marker": cells.toggle_marker,
            "range-in": partial(cells.range_from_playhead, True),
            "range-out": partial(cells.range_from_playhead, False),
            "range-selection": cells.range_from_selection,
            "range-clear": cells.clear_range,
        }

    def _span_verbs(self) -> dict[str, Callable[[], object]]:
        spans, renders = self.spans, self._session.renders
        return {
            "add-span": spans.add,
            "remove-span": spans.remove,
            "generate": spans.generate,
            "new-seed": spans.new_seed,
            "generate-all": spans.generate_all,
            "regenerate-one": spans.regenerate_one,
            "cancel": self._cancel,
            "cancel-queued": renders.cancel_queued,
            "cancel-all": self._cancel_all,
            "previous-variant": partial(spans.step_variant, -1),
            "next-variant": partial(spans.step_variant, 1),
            "keep": spans.keep,
            "reject": spans.reject,
            "pin": spans.pin,
            "breakdown": spans.breakdown,
            "edit-outside": self._session.corrections.open_outside,
        }

    def _play_verbs(self) -> dict[str, Callable[[], object]]:
        playback = self._session.playback
        return {
            "play": playback.toggle,
            "loop": partial(self._toggle_loop, Loop.LOOP),
            "ping-pong": partial(self._toggle_loop, Loop.PING_PONG),
            "next-frame": partial(playback.step, 1),
            "previous-frame": partial(playback.step, -1),
            "next-drawing": playback.next_drawing,
            "previous-drawing": playback.previous_drawing,
            "next-key": playback.next_key,
            "previous-key": playback.previous_key,
            "first-frame": playback.first,
            "last-frame": playback.last,
            "flip": playback.flip,
        }

    def _save(self) -> None:
        if self._session.path is None:
            self._session.actions.action("save-as").trigger()
        else:
            self._session.start(self._session.save())

    def _cancel(self) -> None:
        self._cancel_looking()
        self._session.renders.cancel_active()

    def _cancel_all(self) -> None:
        self._cancel_looking()
        self._session.renders.cancel_all()

    def _cancel_looking(self) -> None:
        self._session.faces.finding.cancel()
        self._session.acting.voices.cancel()

    def _toggle_loop(self, loop: Loop) -> None:
        playback = self._session.playback
        playback.set_loop(Loop.ONCE if playback.loop is loop else loop)
        self.refresh()

    def _toggle_onion(self) -> None:
        onion = self._session.settings.onion
        self._session.change_settings(onion=replace(onion, on=not onion.on))

    def _toggle_checkerboard(self) -> None:
        self._session.change_settings(checkerboard=not self._session.settings.checkerboard)

    def _theme(self, theme: Theme) -> None:
        self._session.change_settings(theme=theme)
        self.refresh()

    def _watch(self) -> None:
        session = self._session
        for signal in (
            session.selection.changed,
            session.controller.scene_changed,
            session.controller.undo_stack.indexChanged,
            session.playback.frame_changed,
            session.playback.loop_changed,
            session.renders.span_changed,
            session.renders.job_changed,
            session.settings_changed,
            session.document_changed,
            session.faces.finding.progressed,
            session.acting.voices.busy_changed,
        ):
            signal.connect(self._changed)
        session.playback.playing_changed.connect(self._playing_changed)

    @Slot()
    def _changed(self) -> None:
        # While it plays nothing is aimed at, and every millisecond is the picture's.
        if not (self._shut or self._session.playback.playing or self._timer.isActive()):
            self._timer.start()

    @Slot(bool)
    def _playing_changed(self, playing: bool) -> None:
        self._session.actions.check("play", playing)
        self._changed()

    @Slot()
    def refresh(self) -> None:
        """Enable what can be used now, and check what is on."""
        self._refresh_document()
        self._refresh_timeline()
        self._refresh_checks()

    def _refresh_document(self) -> None:
        session, actions = self._session, self._session.actions
        stack = session.controller.undo_stack
        undo, redo = actions.action("undo"), actions.action("redo")
        undo.setEnabled(stack.canUndo())
        redo.setEnabled(stack.canRedo())
        undo.setText(self.tr("Undo {0}").format(stack.undoText()).strip())
        redo.setText(self.tr("Redo {0}").format(stack.redoText()).strip())
        something = any(layer.cells for layer in session.controller.scene.layers)
        actions.enable("export", something)
        actions.enable("export-again", something and bool(session.settings.export_target))
        actions.enable("save", session.modified or session.path is None)
        scene = session.controller.scene
        actions.enable("range-clear", bool(scene.first_frame or scene.last_frame))

    def _refresh_timeline(self) -> None:
        session, actions = self._session, self._session.actions
        cells = bool(self.cells.targets())
        span = self.spans.target()
        block = self.cells.block()
        view = self.spans.shown_take() if span else None
        for ids, usable in (
            (ON_CELLS, cells),
            (ON_SPAN, span is not None),
            (ON_TAKE, view is not None),
            (ON_BLOCK, block is not None),
            (ON_LAYER, session.selection.layer is not None),
        ):
            for action_id in ids:
                actions.enable(action_id, usable)
        between = block is not None and block[1].span is not None and not block[1].kind.anchor
        gap = self.spans.gap() is not None
        actions.enable("delete", cells or session.selection.span is not None)
        actions.enable("breakdown", between)
        actions.enable("regenerate-one", between)
        # Between keys that stand too close they say why not.
        close = self.spans.tight() is not None
        actions.enable("add-span", gap or close)
        actions.enable("generate", span is not None or gap or close)
        actions.enable("generate-all", any(la.spans for la in session.controller.scene.layers))
        actions.enable("range-selection", bool(session.selection.cells or session.selection.span))
        actions.check("pin", view is not None and view.pinned)

    def _refresh_checks(self) -> None:
        session, actions = self._session, self._session.actions
        busy = session.renders.busy
        actions.enable("cancel-queued", busy)
        for action_id in ("cancel", "cancel-all"):
            looking = session.faces.finding.busy or session.acting.voices.busy
            actions.enable(action_id, busy or looking)
        actions.check("play", session.playback.playing)
        actions.check("loop", session.playback.loop is Loop.LOOP)
        actions.check("ping-pong", session.playback.loop is Loop.PING_PONG)
        actions.check("onion", session.settings.onion.on)
        actions.check("checkerboard", session.settings.checkerboard)
        for theme in Theme:
            actions.check(f"theme-{theme.value}", session.settings.theme is theme)
