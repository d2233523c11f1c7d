"""The canvas: what the frame looks like."""
