"""Animate this drawing: what is animated, the work behind the window, and what becomes of it."""
