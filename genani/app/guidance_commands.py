"""Verbs for how a face travels through spans: emotion, peak, locks and leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from genani.engines.api import Capability
from genani.scene.document import Cell, Layer
from genani.scene.edits import ChangeSpan
from genani.scene.face import Emotion, FaceGuidance, FacePart, Landmarks
from genani.scene.request import SpanSettings
from genani.scene.span import Span

if TYPE_CHECKING:
    from genani.app.session import Session

FIRST_INTENSITY = 0.6
"""What an emotion is felt with when it is chosen for a plain span."""


@dataclass(frozen=True)
class KeyFace:
    """A key of a span, and the face marked on it."""

    cell: Cell
    landmarks: Landmarks | None


@dataclass(frozen=True)
class Reading:
    """An emotion that was read off a key: a suggestion.

    Attributes:
        layer, span: ids of the span it is for.
        frame: of the key it was read off.
        emotion: the likeliest.
        confidence: 0 to 1.
    """

    layer: str
    span: str
    frame: int
    emotion: Emotion
    confidence: float


class GuidanceCommands(QObject):
    """Changes the guidance of spans, each time in one step of the history.

    The span that `SpanCommands.target` names is meant.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._controller = session.controller

    def target(self) -> tuple[Layer, Span] | None:
        """The span that is meant, and its layer."""
        return self._session.commands.spans.target()

    def guidance(self) -> FaceGuidance:
        """What is asked of the span that is meant; the plain way where nothing is."""
        found = self.target()
        return (found[1].settings.face if found else None) or FaceGuidance()

    def faces(self) -> tuple[KeyFace, ...]:
        """The two keys of the span that is meant; empty without one."""
        found = self.target()
        if found is None:
            return ()
        layer, span = found
        cells = layer.cell(span.first), layer.cell(span.last)
        drawings = [layer.drawings[cell.drawing] if cell.drawing else None for cell in cells]
        return tuple(
            KeyFace(cell, drawing.landmarks if drawing else None)
            for cell, drawing in zip(cells, drawings, strict=True)
        )

    def follows(self, engine: str) -> bool:
        """True if an engine, or what `auto` would be on marked keys, follows faces."""
        return Capability.FACE in self._abilities(engine)

    def takes_words(self, engine: str) -> bool:
        """True if an engine, or what `auto` would be, is told of a feeling and sees no face."""
        abilities = self._abilities(engine)
        return Capability.EMOTION in abilities and Capability.FACE not in abilities

    def _abilities(self, engine: str) -> frozenset[Capability]:
        asked = SpanSettings(engine, face=FaceGuidance())
        resolved = self._session.sources.resolve(asked, True)
        cards = {info.name: info for info in self._session.services.engines()}
        known = cards.get(resolved.engine)
        return known.capabilities if known else frozenset()

    # Changing

    def feel(self, emotion: Emotion) -> None:
        """Let an emotion be felt; a plain span begins to feel it clearly."""
        now = self.guidance()
        intensity = 0.0
        if emotion is not Emotion.NEUTRAL:
            intensity = now.intensity or FIRST_INTENSITY
        text = self.tr("emotion: {0}").format(emotion.value)
        self.change(text, emotion=emotion, intensity=intensity)

    def lock(self, part: FacePart, locked: bool) -> None:
        """Let the emotion leave a part alone, or not."""
        locks = self.guidance().locks
        self.change(self.tr("lock part"), locks=locks | {part} if locked else locks - {part})

    def lead(self, part: FacePart, lead: float, merge: str = "") -> None:
        """Let a part go before (+) or after (-) the others."""
        leads: Mapping[FacePart, float] = {**self.guidance().leads, part: lead}
        leads = {part: leads[part] for part in FacePart if leads.get(part)}
        self.change(self.tr("timing of parts"), merge, leads=leads)

    def change(self, text: str, merge: str = "", **fields: object) -> bool:
        """Change the guidance of the span that is meant; edits of one drag share `merge`."""
        found = self.target()
        if found is None:
            return False
        guidance = replace(self.guidance(), **fields)  # pyright: ignore[reportArgumentType]
        return self._set(*found, guidance, text, merge)

    def _set(
        self, layer: Layer, span: Span, guidance: FaceGuidance, text: str, merge: str = ""
    ) -> bool:
        if guidance == (span.settings.face or FaceGuidance()):
            return True
        # Another take is meant now than the one that was chosen before.
        settings = replace(span.settings, face=guidance)
        changed = replace(span, settings=settings, shown=None)
        return self._controller.do(ChangeSpan(layer.id, changed), text, merge)

    def draw_with(self, engine: str) -> None:
        """Have the span drawn by another engine."""
        found = self.target()
        if found is not None:
            settings = replace(found[1].settings, engine=engine, options={})
            changed = replace(found[1], settings=settings, shown=None)
            self._controller.do(ChangeSpan(found[0].id, changed), self.tr("engine"))

    # What the keys show

    async def read(self) -> Reading | None:
        """What emotion the keys of the span show; None without a face on its last key.

        The last key is seen against the first one; where it shows nothing against that, by
        itself.

        Raises:
            GenAniError: faces cannot be found here, or a picture is missing.
        """
        found = self.target()
        if found is None:
            return None
        layer, span = found
        cells = layer.cell(span.first), layer.cell(span.last)
        first, last = (layer.drawings[c.drawing].picture if c.drawing else None for c in cells)
        if last is None:
            return None
        finding = self._session.faces.finding
        read = await finding.read(last, first)
        if read is not None and read[0] is Emotion.NEUTRAL:
            read = await finding.read(last)
        return Reading(layer.id, span.id, cells[1].frame, *read) if read else None

    # Several spans

    def others(self) -> tuple[tuple[Layer, Span], ...]:
        """The other spans of the selection: those of which both keys are selected."""
        target = self.target()
        cells = self._session.selection.cells
        if not cells:
            return ()
        return tuple(
            (layer, span)
            for layer in self._controller.scene.layers
            for span in layer.spans
            if {span.first, span.last} <= cells
            and (target is None or (layer.id, span.id) != (target[0].id, target[1].id))
        )

    def apply_to_others(self) -> int:
        """Let all selected spans feel as the one that is meant; returns how many were changed.

        Faces placed between their keys stay theirs.
        """
        now, changed = self.guidance(), 0
        with self._controller.step(self.tr("emotion of selected spans")):
            for layer, span in self.others():
                own = (span.settings.face or FaceGuidance()).breakdowns
                fields = replace(now, breakdowns=own, poses=())
                changed += self._set(layer, span, fields, self.tr("emotion"))
        return changed
