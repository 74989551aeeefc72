"""R3GAN's generator and discriminator: plain residual networks without normalisation.

Source: Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline", NeurIPS 2024,
sections 4.1 to 4.3 (configurations C to E) and appendix D: ResNeXt blocks with an inverted
bottleneck, a leaky ReLU before the grouped convolution and one behind it, Fix-up initialisation,
bilinear resampling outside of the residual branch.
"""

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compete.tasks.generative.networks import widths
from compete.tasks.generative.networks.layers import Downsample, Upsample
from compete.tasks.generative.settings import NetworkSettings

_EXPANSION = 2  # of the inverted bottleneck
_LAYERS = 3  # convolutions of a block
_SLOPE = 0.2


def _conv(inputs: int, outputs: int, kernel: int, groups: int = 1, gain: float = 1.0) -> nn.Conv2d:
    """Return a convolution without bias, initialised as He et al. (2015) do, times `gain`."""
    made = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)
    deviation = gain / math.sqrt(inputs // groups * kernel**2)
    with torch.no_grad():
        made.weight.normal_(0, deviation) if gain else made.weight.zero_()
    return made


class BiasedActivation(nn.Module):
    """A bias for each channel and a leaky ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        return F.leaky_relu(features + self.bias[None, :, None, None].to(features.dtype), _SLOPE)


class Block(nn.Module):
    """1x1, grouped 3x3, 1x1, added to what came in (section 4.2).

    Fix-up (Zhang et al., arXiv 1901.09321): the last convolution begins at zero, the others are
    scaled by `total ** (-1 / (2 * layers - 2))`, so that depth changes nothing at the beginning.

    Args:
        channels: of input and output.
        group_width: channels of a group.
        total: residual blocks of the whole network.
    """

    def __init__(self, channels: int, group_width: int, total: int) -> None:
        super().__init__()
        inner = channels * _EXPANSION
        gain = math.sqrt(2 / (1 + _SLOPE**2)) * total ** (-1 / (2 * _LAYERS - 2))
        self.layers = nn.Sequential(
            _conv(channels, inner, 1, gain=gain),
            BiasedActivation(inner),
            _conv(inner, inner, 3, groups=inner // group_width, gain=gain),
            BiasedActivation(inner),
            _conv(inner, channels, 1, gain=0),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        made: Tensor = features + self.layers(features)
        return made


class Generator(nn.Module):
    """A learned 4x4 basis that the latent vector weighs, then blocks and upsampling (section 4.3).

    Args:
        settings: the section `model.network`.
        size: pixels of a side.
        channels: of the images.
    """

    noise_sizes: ClassVar[list[int]] = []  # it has no noise
    styles = 1  # nor styles that could be mixed

    def __init__(self, settings: NetworkSettings, size: int, channels: int) -> None:
        super().__init__()
        self.latent = settings.latent
        wide = widths(settings, size)
        total = len(wide) * settings.blocks
        self.basis = nn.Parameter(torch.randn(1, wide[4], 4, 4))
        self.weigh = nn.Linear(settings.latent, wide[4], bias=False)
        nn.init.normal_(self.weigh.weight, 0, 1 / math.sqrt(settings.latent))
        self.change = nn.ModuleList(
            _conv(wide[each // 2], wide[each], 1) for each in wide if each > 4
        )
        self.stages = nn.ModuleList(
            nn.Sequential(
                *(Block(wide[each], settings.group_width, total) for _ in range(settings.blocks))
            )
            for each in wide
        )
        self.to_image = _conv(wide[size], channels, 1)
        self.upsample = Upsample()

    def forward(
        self,
        latents: Tensor,
        noise: list[Tensor] | None = None,
        mixed: Tensor | None = None,
        crossover: Tensor | None = None,
        truncation: float = 1.0,
    ) -> Tensor:
        """Return images, as `GeneratorNetwork` tells; truncation shrinks the latent vectors."""
        weights = self.weigh(latents * truncation)
        features = self.stages[0](self.basis * weights[:, :, None, None])
        for change, stage in zip(self.change, list(self.stages)[1:], strict=True):
            features = stage(change(self.upsample(features)))
        images: Tensor = self.to_image(features)
        return images


class Discriminator(nn.Module):
    """The mirror of the generator; a 4x4 convolution of each channel ends it (section 4.3).

    Args:
        settings: the section `model.network`.
        size: pixels of a side.
        channels: of the images.
    """

    def __init__(self, settings: NetworkSettings, size: int, channels: int) -> None:
        super().__init__()
        wide = widths(settings, size)
        sizes = sorted(wide, reverse=True)
        total = len(wide) * settings.blocks
        self.from_image = _conv(channels, wide[size], 1)
        self.downsample = Downsample()
        self.stages = nn.ModuleList(
            nn.Sequential(
                *(Block(wide[each], settings.group_width, total) for _ in range(settings.blocks))
            )
            for each in sizes
        )
        self.change = nn.ModuleList(
            _conv(wide[each], wide[each // 2], 1) for each in sizes if each > 4
        )
        self.pool = nn.Conv2d(wide[4], wide[4], 4, groups=wide[4], bias=False)
        self.logit = nn.Linear(wide[4], 1, bias=False)
        nn.init.normal_(self.pool.weight, 0, 1 / 4)
        nn.init.normal_(self.logit.weight, 0, 1 / math.sqrt(wide[4]))

    def features(self, images: Tensor) -> list[Tensor]:
        """Return features at each resolution, the finest first."""
        found = [self.stages[0](self.from_image(images))]
        for change, stage in zip(self.change, list(self.stages)[1:], strict=True):
            found.append(stage(change(self.downsample(found[-1]))))
        return found

    def forward(self, images: Tensor) -> Tensor:
        """Return logits `(n,)`: above 0 for real images."""
        logits: Tensor = self.logit(self.pool(self.features(images)[-1]).flatten(1))
        return logits.squeeze(1).float()
