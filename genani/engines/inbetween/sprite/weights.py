"""The network's weights: written and read as safetensors, with the layout in the file's header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import msgspec

from genani.engines.inbetween.sprite.network import SpriteConfig, SpriteNet
from genani.engines.weights_file import WeightsKind, write
from genani.store.describing import Description, describe

MODEL, FILE = "genani-sprite", "sprite.safetensors"
"""Names in the model store."""

FORMAT = "genani-sprite/1"
"""Tag of the layout; another one is refused."""

CARD = "CARD.md"

TINY = SpriteConfig((4, 8, 8, 8, 8), 8, 2, 64)
"""A layout for tests."""

_KIND = WeightsKind(FORMAT, "sprite network")

_DESCRIPTION = Description(
    MODEL,
    "GenAni's sprite network",
    FORMAT,
    "GenAni",
    "Makes a loop of frames out of one drawing: idle, walk, run, jump, attack, blink, talk.",
)

_CARD = """\
# GenAni's sprite network

**What it is.** {weights:.1f} million weights that make a loop of frames out of one drawing, for
`genani animate` and *Animate this drawing* on the timeline. Made by `genani train sprite`, format
`{format}`.

**Who made it.** GenAni. **Licence:** MIT. Trained from nothing.

**What it learnt from.** {data}

**Figures**, at {size} px, on characters and figures it never learnt from; lower is better in all.
`repeat` shows the key again and again; `alone` draws each frame without the one before; `pack` is
the held-back character of Kenney's pack alone. A run of {steps} steps, the best weights of it.

| figure | value |
|---|---|
{rows}

**Known limits.** It knows figures seen from the side or half from the front, with two arms and two
legs, standing alone; animals and vehicles move as figures would. What the key hides it has to
paint, and paints it softly. Who looks to the left walks to the left.
"""


def save(model: SpriteNet, path: Path, *, half: bool = False) -> None:
    """Write weights whole or not at all.

    Args:
        model: whose.
        path: where; its folder must be there.
        half: in half precision, half as large.

    Raises:
        OSError: it cannot be written.
    """
    header = {"format": FORMAT, "config": json.dumps(asdict(model.config))}
    write(path, model.state_dict(), header, half=half)


def pack(
    model: SpriteNet, folder: Path, figures: Mapping[str, float], data: str, size: int, steps: int
) -> None:
    """Write weights, description and card as a model of the store.

    Args:
        model: whose.
        folder: where; it must be there.
        figures: of `validate`.
        data: what was learnt from, in words.
        size: pixels a side at which the figures were taken.
        steps: of the run, at most.

    Raises:
        OSError: it cannot be written.
    """
    save(model, folder / FILE, half=True)
    describe(folder, _DESCRIPTION, [FILE])
    card = _CARD.format(
        weights=sum(weight.numel() for weight in model.parameters()) / 1e6,
        format=FORMAT,
        data=data,
        size=size,
        steps=steps,
        rows="\n".join(f"| {name} | {value:.4g} |" for name, value in figures.items()),
    )
    (folder / CARD).write_text(card, encoding="utf-8")


def load(path: Path) -> SpriteNet:
    """The network that a file holds, in float32 on the CPU, in evaluation mode.

    Raises:
        ModelError: it is no such file, or not whole.
    """
    header, weights = _KIND.read(path)
    with _KIND.whole(path):
        model = SpriteNet(msgspec.json.decode(header.get("config", ""), type=SpriteConfig))
        model.load_state_dict(weights)
    return model.eval()
