"""Moves the pixels of images as matrices say, without aliasing."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


class Warp(nn.Module):
    """Moves pixels: up to twice the resolution, sampled there, and down, both by the filter sym6.

    Beyond their edges images are mirrored.
    """

    line: Tensor
    unit: Tensor

    def __init__(self) -> None:
        super().__init__()
        # Kept with the module, for a GPU waits for what comes from the CPU; and no weights.
        self.register_buffer("line", torch.tensor(_SYM6), persistent=False)
        self.register_buffer("unit", torch.eye(3), persistent=False)

    def forward(self, images: Tensor, inverse: Tensor) -> Tensor:
        """Return images, moved.

        Args:
            images: `(n, channels, size, size)`, square.
            inverse: `(n, 3, 3)`: from places in the new image to those in `images`, from -1 to 1.
        """
        size = images.shape[-1]
        fine = self._up(images)
        # The filter that goes down looks a few pixels beyond the edges.
        side = 2 * size + 2 * _MARGIN
        reach = side / (2 * size)
        offset = _OFFSET / size
        to_place = self.unit * reach
        to_place[:2, 2] -= offset
        to_place[2, 2] = 1
        sides = [len(images), images.shape[1], side, side]
        places = F.affine_grid((inverse @ to_place)[:, :2], sides, align_corners=False)
        # Within the filter's reach the mirrored pixels are there; beyond, places are mirrored.
        near = places.abs() <= reach + 1 / size
        places = torch.where(near, places, _mirrored(places, 1 - 1 / size))
        grid = (places + offset) * (2 * size / fine.shape[-1])
        found = F.grid_sample(fine, grid, "bilinear", "border", align_corners=False)
        return self._down(found)

    def _filters(self, channels: int, gain: float) -> tuple[Tensor, Tensor]:
        line = (self.line * gain).expand(channels, 1, len(_SYM6))
        return line[:, :, None, :], line[:, :, :, None]

    def _up(self, images: Tensor) -> Tensor:
        """Return images of twice the resolution, with a margin of `2 * _BORDER` mirrored pixels."""
        channels, size = images.shape[1], images.shape[-1] + 2 * _BORDER
        padded = F.pad(images, [_MARGIN + _BORDER] * 4, "reflect")
        across, down = self._filters(channels, 2**0.5)
        wide = F.conv_transpose2d(padded, across, stride=(1, 2), groups=channels)
        wide = F.conv_transpose2d(wide, down, stride=(2, 1), groups=channels)
        start = 3 * _MARGIN - 1
        return wide[:, :, start : start + 2 * size, start : start + 2 * size]

    def _down(self, images: Tensor) -> Tensor:
        """Return images of half the resolution, less a margin: the reverse of `_up`."""
        channels = images.shape[1]
        across, down = self._filters(channels, 0.5**0.5)
        narrow = F.conv2d(images[..., 1:-1, 1:-1], across, stride=(1, 2), groups=channels)
        return F.conv2d(narrow, down, stride=(2, 1), groups=channels)


def _mirrored(places: Tensor, edge: float) -> Tensor:
    """Return places brought between `-edge` and `edge` by mirrors at both."""
    return edge - (torch.remainder(places + edge, 4 * edge) - 2 * edge).abs()
