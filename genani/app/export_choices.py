"""What the export window offers: formats, choices, and what a format would lose."""

from genani.media.export import would_replace
from genani.media.options import FORMATS, Dither, ExportOptions, Format, FormatInfo
from genani.media.sequence import Naming

__all__ = [
    "FORMATS",
    "Dither",
    "ExportOptions",
    "Format",
    "FormatInfo",
    "Naming",
    "would_replace",
]
