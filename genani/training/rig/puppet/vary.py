"""More samples of a batch on the device it lies on: turned, zoomed, mirrored, recoloured, reversed.

Drawing a sample takes a core some tens of milliseconds; this makes several of it in well under
one on a graphics card, their truth kept.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from genani.face.mesh import canonical

_TURN = math.radians(14)
_ZOOM = 0.28
_SHIFT = 0.1
_PICTURES = ("first", "last", "between")


def varied(batch: dict[str, Tensor], copies: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Each sample of a batch as it is, and copies that differ, one block after the other.

    A copy's three drawings are turned by up to 14 degrees, zoomed by up to a third and moved by
    up to a tenth together, some mirrored, some run backwards, and their colours changed alike.

    Args:
        batch: first, last, between (B, 4, H, W) premultiplied 0..1; t (B,); points (B, 3, 478,
            2); flow (B, 2, 2, H, W) px; seen (B, 2, H, W); parts (B, H, W); any other tensors
            (B, ...) are repeated.
        copies: how many of each in the result, the unchanged one counted; 1 or more.
        generator: the chance, on the CPU, so that every device makes the same choices.

    Returns:
        The same entries with B * copies samples.
    """
    blocks = [batch, *(_copy(batch, generator) for _ in range(copies - 1))]
    return {name: torch.cat([block[name] for block in blocks]) for name in batch}


def _copy(batch: dict[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
    done = dict(batch)
    count, device = len(batch["t"]), batch["t"].device
    chance = torch.rand((count, 16), generator=generator)
    _place(done, _matrices(chance[:, :5]).to(device), (chance[:, 4] < 0.5).to(device))
    gains = (0.75 + 0.5 * chance[:, 5:8]).to(device)
    powers = torch.exp(0.5 * (chance[:, 8] - 0.5)).to(device)
    orders = _orders(chance[:, 9:13]).to(device)
    for name in _PICTURES:
        done[name] = _recoloured(done[name], gains, powers, orders)
    _reverse(done, (chance[:, 13] < 0.5).to(device))
    return done


def _matrices(chance: Tensor) -> Tensor:
    """(B, 2, 3) from shares of the half canvas before to those after."""
    angle = (2 * chance[:, 0] - 1) * _TURN
    zoom = torch.exp((2 * chance[:, 1] - 1) * _ZOOM)
    c, s = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    side = torch.where(chance[:, 4] < 0.5, -1.0, 1.0)
    shift = (2 * chance[:, 2:4] - 1) * 2 * _SHIFT
    rows = [torch.stack([c * side, -s, shift[:, 0]], 1), torch.stack([s * side, c, shift[:, 1]], 1)]
    return torch.stack(rows, 1)


def _place(batch: dict[str, Tensor], matrices: Tensor, mirrored: Tensor) -> None:
    """Move pictures, masks, flow and points of each sample by a matrix, in place."""
    linear = matrices[:, :, :2]
    back = torch.linalg.inv(linear)
    whole = torch.cat([back, -back @ matrices[:, :, 2:]], 2)
    count, _, high, wide = batch["first"].shape
    grid = affine_grid(whole, [count, 1, high, wide], align_corners=False)

    def nearest(values: Tensor, padding: str = "border") -> Tensor:
        return grid_sample(values, grid, "nearest", padding, align_corners=False)

    for name in _PICTURES:
        batch[name] = grid_sample(batch[name], grid, "bilinear", "border", align_corners=False)
    batch["parts"] = nearest(batch["parts"][:, None].float())[:, 0].round().to(batch["parts"].dtype)
    seen = nearest(batch["seen"].float(), "zeros") > 0.5
    # Halves of the canvas are not square where the canvas is not.
    half = torch.tensor([wide / 2, high / 2], device=linear.device)
    pixels = linear * half[:, None] / half[None, :]
    flow = nearest(batch["flow"].flatten(1, 2)).unflatten(1, (2, 2))
    batch["flow"] = torch.einsum("bij,bkjhw->bkihw", pixels, flow)
    batch["seen"] = (seen & _inside(batch["flow"])).to(batch["seen"].dtype)
    middle = half - 0.5
    moved = torch.einsum("bij,bknj->bkni", pixels, batch["points"] - middle)
    moved = moved + middle + (matrices[:, :, 2] * half)[:, None, None]
    twins = torch.from_numpy(canonical().mirror.copy()).to(moved.device)
    batch["points"] = torch.where(mirrored[:, None, None, None], moved[:, :, twins], moved)


def _inside(flow: Tensor) -> Tensor:
    """(B, 2, H, W) whether flow (B, 2, 2, H, W) leads to a pixel of the canvas."""
    high, wide = flow.shape[-2:]
    x = flow[:, :, 0] + torch.arange(wide, device=flow.device)
    y = flow[:, :, 1] + torch.arange(high, device=flow.device)[:, None]
    return (x >= 0) & (x <= wide - 1) & (y >= 0) & (y <= high - 1)


def _orders(chance: Tensor) -> Tensor:
    """(B, 3) which colour takes whose place; most keep theirs."""
    shuffled = chance[:, :3].argsort(1)
    return torch.where(chance[:, 3:] < 0.3, shuffled, torch.arange(3))


def _recoloured(picture: Tensor, gains: Tensor, powers: Tensor, orders: Tensor) -> Tensor:
    """Premultiplied pixels with their colours exchanged, curved and scaled, sample by sample."""
    alpha = picture[:, 3:]
    straight = picture[:, :3] / alpha.clamp(min=1e-4)
    order = orders[:, :, None, None].expand(-1, -1, *picture.shape[2:])
    changed = straight.clamp(0, 1).gather(1, order) ** powers[:, None, None, None]
    changed = (changed * gains[:, :, None, None]).clamp(0, 1)
    return torch.cat([changed * alpha, alpha], 1)


def _reverse(batch: dict[str, Tensor], backwards: Tensor) -> None:
    """Let some samples run from the last key to the first, in place."""
    pick = backwards[:, None, None, None]
    first, last = batch["first"], batch["last"]
    batch["first"], batch["last"] = torch.where(pick, last, first), torch.where(pick, first, last)
    batch["t"] = torch.where(backwards, 1 - batch["t"], batch["t"])
    batch["points"] = torch.where(pick, batch["points"].flip(1), batch["points"])
    batch["flow"] = torch.where(pick[..., None], batch["flow"].flip(1), batch["flow"])
    batch["seen"] = torch.where(pick, batch["seen"].flip(1), batch["seen"])
