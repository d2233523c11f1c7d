"""GenAni: the animator draws the keys, GenAni draws what lies between."""

__version__ = "0.1.0"
