"""The inspector: how the chosen span is to be drawn."""
