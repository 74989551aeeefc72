"""DiffAugment (Zhao et al., arXiv 2006.10738): colour, translation and cutout, always on."""

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from compete.tasks.generative.augment.base import Augment
from compete.tasks.generative.draws import Draws


@dataclass(frozen=True)
class Drawn:
    """What is done to each image of a batch, each `(n,)`.

    Args:
        brightness: is added, from -0.5 to 0.5.
        saturation: multiplies the distance from grey, 0 to 2.
        contrast: multiplies the distance from the image's mean, 0.5 to 1.5.
        shift: `(n, 2)`: whole pixels down and to the right, at most an eighth of the side.
        hole: `(n, 2)`: row and column of the centre of a square of half the side that is cut out.
    """

    brightness: Tensor
    saturation: Tensor
    contrast: Tensor
    shift: Tensor
    hole: Tensor


class DiffAugment(Augment):
    """The policy `color,translation,cutout` of section 3.2 and appendix A."""

    @override
    def draw(self, draws: Draws, count: int, size: int) -> Drawn:
        """Return what is done to each image."""
        number = draws.uniform(count, 7)
        reach = size // 8
        return Drawn(
            number[:, 0] - 0.5,
            number[:, 1] * 2,
            number[:, 2] + 0.5,
            (number[:, 3:5] * (2 * reach + 1)).floor().long() - reach,
            (number[:, 5:7] * (size + 1)).floor().long(),
        )

    @override
    def apply_to(self, images: Tensor, drawn: Drawn) -> Tensor:
        """Return the images: recoloured, shifted over black, and with a grey hole."""
        images = images + drawn.brightness[:, None, None, None]
        grey = images.mean(1, keepdim=True)
        images = grey + (images - grey) * drawn.saturation[:, None, None, None]
        mean = images.mean((1, 2, 3), keepdim=True)
        images = mean + (images - mean) * drawn.contrast[:, None, None, None]
        size = images.shape[-1]
        place = torch.arange(size, device=images.device)
        rows, columns = (place[None] - drawn.shift[:, axis, None] for axis in range(2))
        inside = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[
            :, None, :
        ]
        number = torch.arange(len(images), device=images.device)[:, None, None]
        taken = images.permute(0, 2, 3, 1)[
            number, rows.clamp(0, size - 1)[:, :, None], columns.clamp(0, size - 1)[:, None, :]
        ].permute(0, 3, 1, 2)
        half = size // 4
        cut = [
            (place[None] >= drawn.hole[:, axis, None] - half)
            & (place[None] < drawn.hole[:, axis, None] + half)
            for axis in range(2)
        ]
        kept = inside & ~(cut[0][:, :, None] & cut[1][:, None, :])
        return taken * kept[:, None].to(images.dtype)
