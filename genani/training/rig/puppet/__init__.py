"""Puppets: drawn faces painted once in layers, then only deformed, fast and with exact truth.

Rooms, each using only those before it: brush (marks on a sheet), person (who: every choice a
cast makes), head (the 478 points of a person and the solids under them), hair, skin, body, props,
ground (a layer painted each), sheets (all layers of one person), maps (smooth maps to the frame
and back), acting (what the face does when), features (eyes, brows and mouth of one frame), frame
(one frame), truth (flow and what is seen), source (training samples), film (whole shots).
"""
