"""Pictures as tensors moved along a `Warp`, on any device."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from genani.face.warp import Warp


def displacement(warp: Warp, size: tuple[int, int], device: torch.device | str = "cpu") -> Tensor:
    """(1, 2, H, W) float32, the same as `Warp.dense`: (x, y) at the centre of each pixel.

    Args:
        size: (width, height) of the canvas.
    """
    width, height = size
    field = torch.zeros(1, 2, height, width, device=device)
    rows, columns = _on_canvas(warp, size)
    field[:, :, rows, columns] = _part(warp, rows, columns, device)
    return field


def sampled(picture: Tensor, warp: Warp) -> Tensor:
    """The picture with its face moved; outside the warp's box it is the same, bit for bit.

    Args:
        picture: (1, C, H, W) float32, premultiplied where it has alpha.
    """
    if warp.still:
        return picture
    height, width = picture.shape[2:]
    rows, columns = _on_canvas(warp, (width, height))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return picture
    moved = _part(warp, rows, columns, picture.device)
    y = torch.arange(rows.start, rows.stop, device=picture.device) + 0.5
    x = torch.arange(columns.start, columns.stop, device=picture.device) + 0.5
    places = torch.stack((x + moved[0, 0], y[:, None] + moved[0, 1]), 2)[None]
    places = places * 2 / places.new_tensor([width, height]) - 1
    result = picture.clone()
    result[:, :, rows, columns] = cubic(picture, places)
    # What does not move is not read through a filter.
    still = (moved == 0).all(1, keepdim=True)
    kept = picture[:, :, rows, columns]
    result[:, :, rows, columns] = torch.where(still, kept, result[:, :, rows, columns])
    return result


def cubic(picture: Tensor, places: Tensor) -> Tensor:
    """(1, C, h, w) a picture read at places.

    Cubic, so that lines stay sharp (R. Keys, 1981), kept within the values around each place,
    so that flat colours get no fringes.

    Args:
        picture: (1, C, H, W) float32, premultiplied where it has alpha.
        places: (1, h, w, 2), x and y, -1 to 1 from border to border.
    """
    low = -functional.max_pool2d(-picture, 3, 1, 1)
    high = functional.max_pool2d(picture, 3, 1, 1)
    bounds = [_read(each, places, "nearest") for each in (low, high)]
    return _read(picture, places, "bicubic").clamp(*bounds)


def _read(picture: Tensor, places: Tensor, mode: str) -> Tensor:
    return functional.grid_sample(
        picture, places, mode=mode, padding_mode="border", align_corners=False
    )


def _on_canvas(warp: Warp, size: tuple[int, int]) -> tuple[slice, slice]:
    """The part of the canvas inside the box; empty where there is none."""
    (left, top, right, bottom), (width, height) = warp.box, size
    rows = slice(min(max(top, 0), height), max(min(bottom, height), 0))
    columns = slice(min(max(left, 0), width), max(min(right, width), 0))
    return rows, columns


def _part(warp: Warp, rows: slice, columns: slice, device: torch.device | str) -> Tensor:
    """(1, 2, h, w) displacement at the pixels of a part of the box."""
    left, top, right, bottom = warp.box
    nodes = torch.from_numpy(warp.nodes).to(device).permute(2, 0, 1)[None]
    y = torch.arange(rows.start, rows.stop, device=device) + 0.5 - top
    x = torch.arange(columns.start, columns.stop, device=device) + 0.5 - left
    y, x = torch.meshgrid(y * 2 / (bottom - top) - 1, x * 2 / (right - left) - 1, indexing="ij")
    places = torch.stack((x, y), 2)[None]
    return functional.grid_sample(nodes, places, align_corners=True)
