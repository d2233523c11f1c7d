"""Random layers, scenes and edits for the property tests."""

from __future__ import annotations

from random import Random

from genani.scene.attachment import Attachment, Order, Piece, Pin, Pinned, Rigidity
from genani.scene.document import Cell, CellKind, Drawing, Layer, Marker, Scene
from genani.scene.edits import (
    AddBlank,
    AddDrawing,
    AddLayer,
    AddSpan,
    Attach,
    Batch,
    ChangeLayer,
    ChangeScene,
    ChangeSpan,
    CopyCells,
    DeleteCells,
    DeleteFrames,
    Edit,
    InsertFrames,
    KeepTake,
    MakeBreakdown,
    MoveCells,
    MoveLayer,
    RejectTake,
    RemoveLayer,
    RemoveSpan,
    ReplaceDrawing,
    SetExposure,
    SetKind,
    SetLandmarks,
    SetRange,
)
from genani.scene.face import Landmarks
from genani.scene.picture import PictureId
from genani.scene.request import SpanSettings
from genani.scene.span import Span
from genani.scene.time import Rate
from genani.scene.timing import SHAPES, TimingChart

EDITS: tuple[type[Edit], ...] = (
    AddBlank,
    AddDrawing,
    AddLayer,
    AddSpan,
    Attach,
    Batch,
    ChangeLayer,
    ChangeScene,
    ChangeSpan,
    CopyCells,
    DeleteCells,
    DeleteFrames,
    InsertFrames,
    KeepTake,
    MakeBreakdown,
    MoveCells,
    MoveLayer,
    RejectTake,
    RemoveLayer,
    RemoveSpan,
    ReplaceDrawing,
    SetExposure,
    SetKind,
    SetLandmarks,
    SetRange,
)


class EditMaker:
    """Makes edits that are plausible for a scene; some of them the scene will refuse."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"id{self.count}"

    def drawing(self) -> Drawing:
        return Drawing(self.name(), PictureId(f"{self.random.randrange(50):064x}"), self.count)

    def cell(self, drawing: str | None, frame: int | None = None) -> Cell:
        kind = self.random.choice([CellKind.KEY, CellKind.KEY, CellKind.BREAKDOWN])
        return Cell(self.name(), frame or self.random.randrange(1, 40), drawing, kind)

    def some_cells(self, layer: Layer) -> tuple[str, ...]:
        size = min(len(layer.cells), self.random.randrange(1, 4))
        return tuple(cell.id for cell in self.random.sample(layer.cells, size))

    def chart(self) -> TimingChart:
        return TimingChart.of(
            self.random.choice([s for s in SHAPES if s not in ("halves", "thirds", "quarters")]),
            self.random.randrange(0, 6),
        )

    def attachment(self, follows: str) -> Attachment | None:
        random = self.random
        if random.random() < 0.2:
            return None
        face = Landmarks(((random.random(), 2.0, 0.0),) * 478)
        pins = tuple(Pin(random.random(), 1.0, at) for at in random.sample(range(478), 3))
        picture = PictureId(f"{random.randrange(50):064x}")
        turns = random.random() < 0.5
        drawing = Pinned(picture, face, pins, random.choice(list(Rigidity)), turns)
        return Attachment(follows, (Piece(drawing, random.choice(list(Order))),))

    def edit(self, scene: Scene) -> Edit | None:
        """An edit for the scene, or None where this draw has nothing to work on."""
        kind = self.random.choice(EDITS)
        on_scene = self._scene_edit(kind, scene)
        if on_scene or not scene.layers:
            return on_scene
        layer = self.random.choice(scene.layers)
        return self._cell_edit(kind, layer) or self._span_edit(kind, layer)

    def _scene_edit(self, kind: type[Edit], scene: Scene) -> Edit | None:
        random = self.random
        if kind is AddLayer or not scene.layers:
            return AddLayer(Layer(self.name(), "layer"), random.randrange(3))
        layer = random.choice(scene.layers).id
        if kind is RemoveLayer:
            return RemoveLayer(layer) if len(scene.layers) > 2 else None
        if kind is MoveLayer:
            return MoveLayer(layer, random.randrange(4))
        if kind is ChangeLayer:
            return ChangeLayer(layer, visible=random.random() < 0.5, opacity=random.random())
        if kind is Attach:
            return Attach(layer, self.attachment(random.choice(scene.layers).id))
        if kind is ChangeScene:
            marker = Marker(random.randrange(1, 30), "note")
            return ChangeScene(rate=Rate(random.choice([12, 24, 25])), markers=(marker,))
        if kind is SetRange:
            return SetRange(random.choice([None, 1, 5]), random.choice([None, 3, 9]))
        if kind is Batch:
            edits = [
                edit for _ in range(2) if (edit := self._cell_edit(AddDrawing, scene.layers[0]))
            ]
            return Batch(tuple(edits))  # pyright: ignore[reportArgumentType]
        return None

    def _cell_edit(self, kind: type[Edit], layer: Layer) -> Edit | None:
        random = self.random
        if kind is AddDrawing:
            drawing = self.drawing()
            return AddDrawing(layer.id, self.cell(drawing.id), drawing)
        if kind is AddBlank:
            return AddBlank(layer.id, self.cell(None))
        if kind is InsertFrames:
            return InsertFrames(layer.id, random.randrange(1, 30), random.randrange(0, 4))
        if kind is DeleteFrames:
            return DeleteFrames(layer.id, random.randrange(1, 30), random.randrange(0, 4))
        if not layer.cells:
            return None
        cell = random.choice(layer.cells)
        if kind is MoveCells:
            ripple, over = random.random() < 0.4, random.random() < 0.5
            return MoveCells(
                layer.id, self.some_cells(layer), random.randrange(-30, 30), ripple, over
            )
        if kind is CopyCells:
            return CopyCells(layer.id, (self.cell(cell.drawing),), random.random() < 0.5)
        if kind is DeleteCells:
            return DeleteCells(layer.id, self.some_cells(layer), random.random() < 0.5)
        if kind is SetExposure:
            return SetExposure(layer.id, cell.id, random.randrange(0, 6))
        if kind is SetKind:
            kinds = (CellKind.KEY, CellKind.BREAKDOWN, CellKind.INBETWEEN)
            return SetKind(layer.id, self.some_cells(layer), random.choice(kinds))
        if kind is ReplaceDrawing:
            return ReplaceDrawing(layer.id, cell.id, self.drawing())
        if kind is SetLandmarks and cell.drawing:
            face = Landmarks(((1.0, 2.0, 0.0),) * 478)
            return SetLandmarks(layer.id, cell.drawing, random.choice([None, face]))
        return None

    def _span_edit(self, kind: type[Edit], layer: Layer) -> Edit | None:
        anchors = [cell for cell in layer.cells if cell.kind.anchor]
        if kind is AddSpan and len(anchors) > 1:
            place = self.random.randrange(len(anchors) - 1)
            ends = anchors[place].id, anchors[place + 1].id
            return AddSpan(layer.id, Span(self.name(), *ends, self.chart()))
        if not layer.spans:
            return None
        span = self.random.choice(layer.spans)
        if kind is RemoveSpan:
            return RemoveSpan(layer.id, span.id)
        if kind is ChangeSpan:
            settings = SpanSettings("blend", seed=self.random.randrange(9))
            changed = Span(span.id, span.first, span.last, self.chart(), settings)
            return ChangeSpan(layer.id, changed)
        if kind is RejectTake:
            return RejectTake(layer.id, span.id, span.kept or "take")
        frames = [(slot.frame, slot.t) for slot in layer.slots(span) if slot.frame]
        if kind is KeepTake:
            drawings = [
                Drawing(self.name(), PictureId("0" * 64), take="take", t=t) for _, t in frames
            ]
            cells = [
                Cell(self.name(), frame, drawing.id, CellKind.INBETWEEN)
                for (frame, _), drawing in zip(frames, drawings, strict=True)
            ]
            return KeepTake(layer.id, span.id, "take", tuple(cells), tuple(drawings))
        if kind is MakeBreakdown and frames:
            drawing = self.drawing()
            frame: int = self.random.choice(frames)[0]
            return MakeBreakdown(layer.id, span.id, self.cell(drawing.id, frame), drawing)
        return None


def one_span(chart: TimingChart, last: int = 9) -> Scene:
    """A scene of one layer: keys on frame 1 and `last`, a span between them."""
    keys = [Drawing(f"d{i}", PictureId(f"{i:064x}"), i) for i in (1, 2)]
    layer = Layer(
        "L",
        "A",
        {d.id: d for d in keys},
        (Cell("c1", 1, "d1"), Cell("c2", last, "d2")),
        (Span("s", "c1", "c2", chart, SpanSettings("blend")),),
    )
    return Scene(64, 48, layers=(layer,))
