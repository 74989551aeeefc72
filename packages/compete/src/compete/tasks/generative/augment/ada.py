"""Adaptive discriminator augmentation (arXiv 2006.06676): the pipeline and its controller."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from compete.errors import Fault
from compete.tasks.generative.augment import matrices as m
from compete.tasks.generative.augment.base import Augment
from compete.tasks.generative.augment.warp import Warp
from compete.tasks.generative.draws import Draws
from compete.tasks.generative.settings import AugmentSettings

GROUPS = ("blit", "geometry", "color")


@dataclass(frozen=True)
class Drawn:
    """The transform of each image of a batch.

    Args:
        inverse: `(n, 3, 3)`: from places in the augmented image to those in the original; None
            where images stay in place.
        color: `(n, 4, 4)`: from colours to augmented colours; None where they stay.
    """

    inverse: Tensor | None
    color: Tensor | None


class AdaptiveAugment(Augment):
    """The pipeline `bgc` of appendix B, and the controller of section 3.2.

    Each transform is applied to an image with the probability `p`, which follows how much the
    discriminator overfits: up if the mean sign of its logits on real images is above `target`.

    Args:
        settings: the section `model.augment`.

    Raises:
        Fault: a value is none.
    """

    def __init__(self, settings: AugmentSettings) -> None:
        super().__init__(settings)
        self.p.fill_(settings.p)
        self.warp = Warp()
        self.groups = [name.strip() for name in settings.transforms.split(",") if name.strip()]
        if wrong := [name for name in self.groups if name not in GROUPS] or not self.groups:
            raise Fault(
                f"`transforms: {settings.transforms!r}` under `model.augment` names "
                f"{wrong[0] if isinstance(wrong, list) else 'none'}.",
                f"Name some of {', '.join(GROUPS)}, or set `kind: none`.",
            )

    @override
    def adapt(self, sign: Tensor, images: int) -> None:
        """Move `p` one step: `images / speed`, up if `sign` is above the target, else down."""
        if self.settings.target is None:
            return
        step = images / (self.settings.speed_kimg * 1000)
        self.p.add_(torch.sign(sign - self.settings.target) * step).clamp_(0, 1)

    @override
    def draw(self, draws: Draws, count: int, size: int) -> Drawn:
        """Return each image's matrices; the deviations are those of the paper's appendix B."""
        chance = _Chance(draws, count, self.p)
        inverse = None
        if "blit" in self.groups:
            inverse = self._blit(chance, size)
        if "geometry" in self.groups:
            general = self._geometry(chance)
            inverse = general if inverse is None else inverse @ general
        return Drawn(inverse, self._color(chance) if "color" in self.groups else None)

    @override
    def apply_to(self, images: Tensor, drawn: Drawn) -> Tensor:
        """Return the images, warped and recoloured."""
        if drawn.inverse is not None:
            images = self.warp(images, drawn.inverse)
        return images if drawn.color is None else recolor(images, drawn.color)

    @staticmethod
    def _blit(chance: "_Chance", size: int) -> Tensor:
        """X-flips, quarter turns and whole-pixel shifts."""
        flip = chance.where((chance.uniform() * 2).floor(), 0.0)
        turns = chance.where((chance.uniform() * 4).floor(), 0.0)
        x, y = (((chance.uniform() * 2 - 1) * 0.125 * size).round() * 2 / size for _ in range(2))
        moved = chance.on()
        zero = torch.zeros_like(x)
        return (
            m.scale(1 - 2 * flip, torch.ones_like(flip))
            @ m.rotate(-turns * math.pi / 2)
            @ m.translate(torch.where(moved, -x, zero), torch.where(moved, -y, zero))
        )

    @staticmethod
    def _geometry(chance: "_Chance") -> Tensor:
        """Scale, rotation, anisotropic scale between two rotations, shift."""
        overall = chance.where(torch.exp2(chance.normal() * 0.2), 1.0)
        rotation = 1 - (1 - chance.p).clamp(min=0).sqrt()  # so that one of two happens with p
        before = chance.where((chance.uniform() * 2 - 1) * math.pi, 0.0, rotation)
        uneven = chance.where(torch.exp2(chance.normal() * 0.2), 1.0)
        after = chance.where((chance.uniform() * 2 - 1) * math.pi, 0.0, rotation)
        x, y = (chance.normal() * 0.125 * 2 for _ in range(2))
        moved = chance.on()
        zero = torch.zeros_like(x)
        return (
            m.scale(1 / overall, 1 / overall)
            @ m.rotate(-before)
            @ m.scale(1 / uneven, uneven)
            @ m.rotate(-after)
            @ m.translate(torch.where(moved, -x, zero), torch.where(moved, -y, zero))
        )

    @staticmethod
    def _color(chance: "_Chance") -> Tensor:
        """Brightness, contrast, luma flip, hue and saturation."""
        added = chance.where(chance.normal() * 0.2, 0.0)
        factor = chance.where(torch.exp2(chance.normal() * 0.5), 1.0)
        flipped = chance.where((chance.uniform() * 2).floor(), 0.0)
        angle = chance.where((chance.uniform() * 2 - 1) * math.pi, 0.0)
        strength = chance.where(torch.exp2(chance.normal()), 1.0)
        return (
            m.saturate(strength)
            @ m.rotate_hue(angle)
            @ m.flip_luma(flipped)
            @ m.contrast(factor)
            @ m.brighten(added)
        )


class _Chance:
    """Draws for the images of one batch, and whether each transform happens."""

    def __init__(self, draws: Draws, count: int, p: Tensor) -> None:
        self.draws, self.count, self.p = draws, count, p

    def normal(self) -> Tensor:
        return self.draws.normal(self.count)

    def uniform(self) -> Tensor:
        return self.draws.uniform(self.count)

    def on(self, p: Tensor | None = None) -> Tensor:
        return self.uniform() < (self.p if p is None else p)

    def where(self, value: Tensor, otherwise: float, p: Tensor | None = None) -> Tensor:
        return torch.where(self.on(p), value, torch.full_like(value, otherwise))


def recolor(images: Tensor, matrices: Tensor) -> Tensor:
    """Return images with each pixel's colour multiplied by the image's matrix.

    Args:
        images: `(n, channels, h, w)`; grey ones, of one channel, change as three equal channels
            would, on average: hue and saturation do nothing to them.
        matrices: `(n, 4, 4)`.
    """
    linear, added = matrices[:, :3, :3], matrices[:, :3, 3]
    if images.shape[1] == 1:
        factor, shift = linear.sum((1, 2)) / 3, added.mean(1)
        return images * factor[:, None, None, None] + shift[:, None, None, None]
    flat = images.flatten(2)
    return (torch.bmm(linear, flat) + added[:, :, None]).reshape(images.shape)
