"""What a drawing is made with besides full colour: bare lines, greys, pastels, two inks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from genani.training.rig.puppet.brush import Colour, colour, mixed
from genani.training.rig.puppet.person import Person


def in_medium(who: Person, medium: str, rng: np.random.Generator) -> Person:
    """The person in other colours than nature's: bare lines, greys, pastels or two tones.

    Args:
        who: as nature has them.
        medium: "colour", "line", "grey", "pastel" or "duo".
        rng: chance.
    """
    if medium == "colour":
        return who
    paper = mixed((255, 255, 255), who.ground_tones[0], 0.12)
    ink = mixed(colour(rng.random(), rng.uniform(0.4, 0.9), 0.35), (20, 20, 20), rng.uniform(0, 1))

    def tone(old: Colour) -> Colour:
        level = (0.3 * old[0] + 0.59 * old[1] + 0.11 * old[2]) / 255
        if medium == "line":
            return mixed(paper, old, 0.06)
        if medium == "grey":
            return mixed((0, 0, 0), (255, 255, 255), level)
        if medium == "pastel":
            return mixed(old, (255, 250, 244), 0.5)
        return mixed(ink, paper, level**0.8)

    hair = replace(who.hair, colour=tone(who.hair.colour), light=tone(who.hair.light))
    if medium != "line":
        hair = replace(hair, dark=tone(who.hair.dark))
    iris = tone(who.eye.iris) if medium in ("grey", "duo") else who.eye.iris
    line = who.line if medium in ("grey", "pastel") else ink
    pen = (
        replace(who.pen, kind="pencil") if who.pen.kind == "none" and medium == "line" else who.pen
    )
    return replace(
        who,
        skin=tone(who.skin),
        hair=hair,
        eye=replace(who.eye, iris=iris),
        lip=tone(who.lip),
        inside=mixed(tone(who.inside), who.line, 0.5) if medium != "pastel" else who.inside,
        cloth=tone(who.cloth),
        accent=tone(who.accent),
        brow=mixed(line, tone(who.brow), 0.3) if medium != "pastel" else who.brow,
        line=line,
        pen=pen,
        blush=0.0 if medium != "pastel" else who.blush,
        ground_tones=tuple(tone(each) for each in who.ground_tones),  # pyright: ignore[reportArgumentType]
    )
