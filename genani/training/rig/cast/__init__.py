"""The cast: ready-made characters in several styles."""

from __future__ import annotations

from genani.training.rig.cast.elin import ELIN
from genani.training.rig.cast.mika import MIKA
from genani.training.rig.cast.tobi import TOBI
from genani.training.rig.identity import Identity

CAST: dict[str, Identity] = {who.name: who for who in (MIKA, TOBI, ELIN)}
"""Every ready-made character by name."""

__all__ = ["CAST", "ELIN", "MIKA", "TOBI"]
