"""Moves the pixels of images as matrices say, without aliasing."""

import torch
import torch.nn.functional as F
from torch import Tensor

# The lowpass filter of the wavelet sym6 (Daubechies, "Ten lectures on wavelets", 1992), with which
# arXiv 2006.06676, appendix B, filters: what goes up with it, and down again, is what it was.
_SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
_MARGIN = len(_SYM6) // 2
_BORDER = 4
# The filter is not symmetric: the place where it puts a pixel, less the middle of its two halves.
_OFFSET = sum(place * value for place, value in enumerate(_SYM6)) / sum(_SYM6) - _MARGIN + 0.5


def warp(images: Tensor, inverse: Tensor) -> Tensor:
    """Return images, moved.

    The images are brought to twice their resolution, sampled there, and brought back, both with
    the filter sym6; beyond their edges they are mirrored.

    Args:
        images: `(n, channels, size, size)`, square.
        inverse: `(n, 3, 3)`: from places in the new image to those in `images`, both from -1 to 1.
    """
    size = images.shape[-1]
    fine = _up(images)
    # The filter that goes down looks a few pixels beyond the edges.
    side = 2 * size + 2 * _MARGIN
    reach = side / (2 * size)
    offset = _OFFSET / size
    to_place = torch.tensor(
        [[reach, 0, -offset], [0, reach, -offset], [0, 0, 1.0]], device=images.device
    )
    to_fine = torch.tensor([[1, 0, offset], [0, 1, offset], [0, 0, 1.0]], device=images.device)
    matrices = (to_fine @ inverse @ to_place)[:, :2]
    sides = [len(images), images.shape[1], side, side]
    places = F.affine_grid(matrices, sides, align_corners=False)
    # Nearer than the filter's reach, the mirrored pixels are there; farther, places are mirrored.
    near = places.abs() <= reach + 1 / size
    places = torch.where(near, places, _mirrored(places, 1 - 1 / size))
    grid = places * (2 * size / fine.shape[-1])
    found = F.grid_sample(fine, grid, "bilinear", "border", align_corners=False)
    return _down(found)


def _mirrored(places: Tensor, edge: float) -> Tensor:
    """Return places brought between `-edge` and `edge` by mirrors at both."""
    return edge - (torch.remainder(places + edge, 4 * edge) - 2 * edge).abs()


def _filters(images: Tensor) -> tuple[Tensor, Tensor]:
    line = torch.tensor(_SYM6, device=images.device, dtype=images.dtype)
    line = line.expand(images.shape[1], 1, len(_SYM6))
    return line[:, :, None, :], line[:, :, :, None]


def _up(images: Tensor) -> Tensor:
    """Return images of twice the resolution, with a margin of `2 * _BORDER` mirrored pixels."""
    channels, size = images.shape[1], images.shape[-1] + 2 * _BORDER
    padded = F.pad(images, [_MARGIN + _BORDER] * 4, "reflect")
    across, down = (kernel * 2**0.5 for kernel in _filters(images))
    wide = F.conv_transpose2d(padded, across, stride=(1, 2), groups=channels)
    wide = F.conv_transpose2d(wide, down, stride=(2, 1), groups=channels)
    start = 3 * _MARGIN - 1
    return wide[:, :, start : start + 2 * size, start : start + 2 * size]


def _down(images: Tensor) -> Tensor:
    """Return images of half the resolution, less a margin: the reverse of `_up`."""
    channels = images.shape[1]
    across, down = (kernel / 2**0.5 for kernel in _filters(images))
    narrow = F.conv2d(images[..., 1:-1, 1:-1], across, stride=(1, 2), groups=channels)
    return F.conv2d(narrow, down, stride=(2, 1), groups=channels)
