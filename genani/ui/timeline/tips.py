"""What a tool tip on the timeline says."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from genani.scene.document import CellKind
from genani.ui.timeline.paint import Look
from genani.ui.timeline.presses import Spot


def _tr(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)


def kind_name(kind: CellKind) -> str:
    """The name of a kind of cell, as animators say it."""
    names = {
        CellKind.KEY: _tr("Key"),
        CellKind.BREAKDOWN: _tr("Breakdown"),
        CellKind.INBETWEEN: _tr("In-between"),
        CellKind.GENERATED: _tr("Generated in-between"),
    }
    return names[kind]


def tip(spot: Spot, look: Look) -> str:
    """Kind, drawing number, exposure and span of a block; empty where there is nothing."""
    layer, exposure = spot.layer, spot.exposure
    if layer is None or exposure is None:
        return ""
    lines = [_tr("{0}, frame {1}").format(kind_name(exposure.kind), exposure.frame)]
    cell = exposure.cell
    if cell is not None and cell.drawing is None:
        lines = [_tr("Empty from frame {0}").format(exposure.frame)]
    elif cell is not None and cell.drawing is not None:
        drawing = layer.drawings[cell.drawing]
        lines.append(_tr("Drawing {0} {1}").format(drawing.number, drawing.name).strip())
        if drawing.corrected:
            lines.append(_tr("Corrected by hand"))
    if exposure.frames > 1:
        lines.append(_tr("Exposed for {0} frames").format(exposure.frames))
    if exposure.span is not None:
        lines.append(look.span(layer.id, exposure.span).label)
    if exposure.t is not None:
        lines.append(_tr("At {0} of the way").format(f"{float(exposure.t):.3g}"))
    return "\n".join(lines)
