"""What a finished in-between is made to feel and do: the face is moved once the rest is drawn."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from genani.engines import tensor
from genani.engines.inbetween.face_align import moved
from genani.face.mesh import array_of, part_places
from genani.face.mouth import lips_seen, lips_together, with_openings
from genani.face.planned import expressed_at
from genani.face.warp import backward, held_still
from genani.scene.face import FaceGuidance, Landmarks
from genani.scene.picture import Picture


def felt(
    drawn: Picture, at: Landmarks, guidance: FaceGuidance | None, t: Fraction, device: torch.device
) -> Picture:
    """The in-between with the span's emotion and the lanes' acting put on its face.

    Args:
        drawn: the finished in-between; returned as it is where nothing is asked of its face.
        at: the plain face on it.
        guidance: emotion, intensity, peak, locks and poses.
        t: where in the span, 0 to 1.
        device: where to warp.
    """
    asked = expressed_at(at, guidance, t)
    if guidance is None or asked is None:
        return drawn
    plain = array_of(at)
    before = tensor.premultiplied(drawn.pixels)[0].permute(1, 2, 0).numpy()
    if not lips_seen(before, plain):
        asked = lips_together(plain, asked)
    warp = backward(plain, asked, head_moves=False)
    warp = held_still(warp, part_places(plain, guidance.locks), plain)
    warped = moved(drawn, warp, device)
    after = tensor.premultiplied(warped.pixels)[0].permute(1, 2, 0).numpy()
    done = with_openings(before, after, plain, asked)
    changed = (done != after).any(2)
    pixels = tensor.straight_pixels(torch.from_numpy(done).permute(2, 0, 1)[None], drawn.depth)
    return Picture(np.where(changed[..., None], pixels, warped.pixels), drawn.icc)
