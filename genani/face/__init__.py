"""Faces: detection, mesh, emotion, warps."""
