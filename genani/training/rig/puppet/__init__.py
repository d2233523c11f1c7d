"""Puppets: drawn faces painted once in layers, then only deformed, fast and with exact truth.

Rooms, each using only those before it: brush (marks on a sheet), person (all that tells one
puppet from another), medium and casting (a person from a seed), head (the 478 points in space and
the solids under them), hair, skin, body, props, ground (one painted layer each), maps (smooth
maps to the frame and back), sheets (all layers of a person), acting (what the face does when),
pose (where that puts points and layers), features (eyes, brows and mouth, drawn anew each frame),
frame (one frame), truth (parts, flow, what is seen), source (training samples), vary (more of
them on the device), film (whole shots).
"""
