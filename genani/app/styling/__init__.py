"""Drawings in another style: which, the work behind the window, and what becomes of them."""
