"""Matrices of geometric and colour transforms, one for each image of a batch.

Coordinates are those of `torch.nn.functional.grid_sample`: -1 and 1 are the outer edges of the
image, x to the right and y down. Colours are from -1 to 1; their matrices are 4x4, homogeneous.
"""

import math

import torch
from torch import Tensor

LUMA = 1 / math.sqrt(3)  # of each channel, in the axis of grey colours


def _stack(rows: list[list[Tensor | float]]) -> Tensor:
    like = next(value for row in rows for value in row if isinstance(value, Tensor))
    flat = [
        value if isinstance(value, Tensor) else torch.full_like(like, value)
        for row in rows
        for value in row
    ]
    return torch.stack(flat, -1).reshape(*like.shape, len(rows), len(rows[0]))


def scale(x: Tensor, y: Tensor) -> Tensor:
    """Return matrices `(n, 3, 3)` that stretch by `x` and `y`, each `(n,)`."""
    return _stack([[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, 1.0]])


def rotate(angle: Tensor) -> Tensor:
    """Return matrices `(n, 3, 3)` that turn by `angle`, `(n,)` in radians, from x towards y."""
    c, s = angle.cos(), angle.sin()
    return _stack([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def translate(x: Tensor, y: Tensor) -> Tensor:
    """Return matrices `(n, 3, 3)` that shift by `x` and `y`; 2 is the side of an image."""
    return _stack([[1.0 + 0 * x, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def brighten(amount: Tensor) -> Tensor:
    """Return matrices `(n, 4, 4)` that add `amount` to all channels."""
    a = amount
    return _stack(
        [[1.0, 0.0, 0.0, a], [0.0, 1.0, 0.0, a], [0.0, 0.0, 1.0, a], [0.0, 0.0, 0.0, 1.0]]
    )


def contrast(factor: Tensor) -> Tensor:
    """Return matrices `(n, 4, 4)` that multiply all channels by `factor`."""
    f = factor
    return _stack(
        [[f, 0.0, 0.0, 0.0], [0.0, f, 0.0, 0.0], [0.0, 0.0, f, 0.0], [0.0, 0.0, 0.0, 1.0]]
    )


def _luma_axis(like: Tensor) -> Tensor:
    """Return `(4, 4)`: the projection on the axis of grey colours."""
    axis = LUMA * (1 - torch.eye(4, device=like.device)[3])
    return torch.outer(axis, axis)


def flip_luma(flipped: Tensor) -> Tensor:
    """Return matrices `(n, 4, 4)` that mirror the brightness and keep the hue where `flipped` is 1.

    Householder's reflection at the plane through 0 that is orthogonal to the axis of grey colours.
    """
    identity = torch.eye(4, device=flipped.device)
    return identity - 2 * flipped[:, None, None] * _luma_axis(flipped)


def rotate_hue(angle: Tensor) -> Tensor:
    """Return matrices `(n, 4, 4)` that turn colours around the grey axis (Rodrigues' formula)."""
    c, s = angle.cos(), angle.sin() * LUMA
    d = (1 - c) / 3
    return _stack(
        [
            [c + d, d - s, d + s, 0.0],
            [d + s, c + d, d - s, 0.0],
            [d - s, d + s, c + d, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def saturate(factor: Tensor) -> Tensor:
    """Return matrices `(n, 4, 4)` that move colours from grey: 0 leaves grey, 1 changes nothing."""
    axis = _luma_axis(factor)
    opaque = torch.zeros(4, 4, device=factor.device)
    opaque[3, 3] = 1.0
    colour = torch.eye(4, device=factor.device) - opaque - axis
    return axis + opaque + factor[:, None, None] * colour
