"""The styling window: a style is chosen, looked at, and put on drawings."""
