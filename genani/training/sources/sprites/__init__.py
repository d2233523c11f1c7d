"""Loops of drawn figures to teach `sprite` with: a key, and what follows it on its way round.

Rooms, each using only those before it: loop (what a source gives), view (how a loop comes onto a
square, and its colours), kenney, figures, faces, still, own (sources), strips (examples of them).
"""
