"""Widgets; they talk to `genani.app` and `genani.scene` only."""
