"""Timings for people to read; never part of a test run."""
