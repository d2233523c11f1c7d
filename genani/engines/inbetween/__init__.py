"""Engines that draw what lies between two keys."""
