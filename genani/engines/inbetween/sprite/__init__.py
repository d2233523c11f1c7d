"""Animate this drawing: one key in, a loop of frames out.

Rooms, each using only those before it: actions (what a drawing can do), settings, layers, network,
weights, pixel_art (few colours stay few), stage (a drawing on the square the network sees, and
the network's plans carried out on it), animator (the whole). Everything but actions, settings and
pixel_art imports torch or cv2.
"""
