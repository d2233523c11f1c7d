"""What the export window lets people choose, from the room of files."""

from genani.media.colour import RGB
from genani.media.export import format_of, would_replace
from genani.media.options import FORMATS, Dither, ExportOptions, Format, FormatInfo
from genani.media.sequence import Naming

__all__ = [
    "FORMATS",
    "RGB",
    "Dither",
    "ExportOptions",
    "Format",
    "FormatInfo",
    "Naming",
    "format_of",
    "would_replace",
]
