"""Cutting tall pictures into bands, so that a network's memory does not grow with the picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Rows to work on and, within them, rows to keep; first, and one past the last.

    Attributes:
        outer: what the network is shown.
        inner: what it can get right; the inner rows of all bands are the whole picture.
    """

    outer: tuple[int, int]
    inner: tuple[int, int]

    @property
    def kept(self) -> slice:
        """The inner rows, counted from the first outer one."""
        return slice(self.inner[0] - self.outer[0], self.inner[1] - self.outer[0])


def bands(height: int, width: int, most: int, halo: int, multiple: int) -> list[Band]:
    """Cut `height` rows into as few bands of about equal size as keep to `most` pixels each.

    Args:
        height, width: of the picture; the height is a multiple of `multiple`.
        most: pixels of one band. A band is never less than its halo, even if that is more.
        halo: rows shown around those that are kept, a multiple of `multiple`.
        multiple: every band begins and ends on a multiple of this.
    """
    if height * width <= most:
        return [Band((0, height), (0, height))]
    rows = max(most // width - 2 * halo, halo, multiple)
    count = -(-height // rows)
    rows = -(-height // (count * multiple)) * multiple
    return [
        Band(
            (max(0, top - halo), min(height, top + rows + halo)),
            (top, min(height, top + rows)),
        )
        for top in range(0, height, rows)
    ]
