"""Faces in the window: how they feel, what they do, and where their points are."""
