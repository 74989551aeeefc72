"""StyleGAN2's generator and discriminator (Karras et al., arXiv 1912.04958)."""

import math

import torch
from torch import Tensor, nn

from compete.tasks.generative.networks import widths
from compete.tasks.generative.networks.layers import (
    EqualConv,
    EqualLinear,
    ModulatedConv,
    Upsample,
    activate,
)
from compete.tasks.generative.settings import NetworkSettings


class Mapping(nn.Module):
    """From latent vectors to styles (StyleGAN, arXiv 1812.04948, section 2).

    Its input is brought to unit length, as in Progressive GAN, and it learns at a hundredth of the
    rate. It remembers the mean style, towards which truncation goes.
    """

    mean: Tensor

    def __init__(self, latent: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EqualLinear(latent, latent, rate=0.01) for _ in range(layers))
        self.register_buffer("mean", torch.zeros(latent))

    def forward(self, latents: Tensor) -> Tensor:
        """Return styles `(n, latent)` of latents `(n, latent)`."""
        styles = latents * torch.rsqrt(latents.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            styles = activate(layer(styles))
        return styles

    @torch.no_grad()
    def remember(self, mean: Tensor) -> None:
        """Move the mean style towards the mean of a batch, `(latent,)`."""
        self.mean.lerp_(mean.to(self.mean.dtype), 0.005)


class StyledConv(nn.Module):
    """A modulated convolution, then noise, bias and activation (section 2, figure 2d)."""

    fixed_noise: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, style: int, up: bool) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, style, up=up)
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("fixed_noise", torch.randn(1, 1, size, size))

    def forward(self, images: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        """Return features `(n, outputs, size, size)`."""
        made: Tensor = self.conv(images, style)
        noise = self.fixed_noise if noise is None else noise
        made = made + (noise * self.noise_strength).to(made.dtype)
        return activate(made + self.bias[None, :, None, None].to(made.dtype))


class ToImage(nn.Module):
    """From features to an image: a modulated 1x1 convolution without demodulation (figure 7b)."""

    def __init__(self, inputs: int, channels: int, style: int) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, channels, 1, style, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """Return images `(n, channels, h, w)`."""
        made: Tensor = self.conv(features, style)
        return made + self.bias[None, :, None, None]


class Generator(nn.Module):
    """The skip generator: each resolution adds to the image what it knows (section 4.1, figure 7b).

    Args:
        settings: the section `model.network`.
        size: pixels of a side.
        channels: of the images.
    """

    def __init__(self, settings: NetworkSettings, size: int, channels: int) -> None:
        super().__init__()
        self.latent = latent = settings.latent
        self.mapping = Mapping(latent, settings.mapping_layers)
        wide = widths(settings, size)
        self.constant = nn.Parameter(torch.randn(1, wide[4], 4, 4))
        convs = [StyledConv(wide[4], wide[4], 4, latent, up=False)]
        images = [ToImage(wide[4], channels, latent)]
        self.noise_sizes = [4]
        for each in [each for each in wide if each > 4]:
            convs.append(StyledConv(wide[each // 2], wide[each], each, latent, up=True))
            convs.append(StyledConv(wide[each], wide[each], each, latent, up=False))
            images.append(ToImage(wide[each], channels, latent))
            self.noise_sizes += [each, each]
        self.convs, self.to_images = nn.ModuleList(convs), nn.ModuleList(images)
        self.upsample = Upsample()
        self.styles = len(convs)

    def forward(
        self,
        latents: Tensor,
        noise: list[Tensor] | None = None,
        mixed: Tensor | None = None,
        crossover: Tensor | None = None,
        truncation: float = 1.0,
    ) -> Tensor:
        """Return images, as `GeneratorNetwork` tells."""
        return self.synthesize(self.to_styles(latents, mixed, crossover, truncation), noise)

    def to_styles(
        self,
        latents: Tensor,
        mixed: Tensor | None = None,
        crossover: Tensor | None = None,
        truncation: float = 1.0,
    ) -> Tensor:
        """Return each layer's style, `(n, styles, latent)`; mixed as in StyleGAN, section 3.1."""
        styles: Tensor = self.mapping(latents)[:, None].expand(-1, self.styles, -1)
        if mixed is not None and crossover is not None:
            layer = torch.arange(self.styles, device=latents.device)
            late = layer[None, :] >= crossover[:, None]
            styles = torch.where(late[:, :, None], self.mapping(mixed)[:, None], styles)
        if truncation != 1:
            styles = self.mapping.mean + truncation * (styles - self.mapping.mean)
        return styles

    def synthesize(self, styles: Tensor, noise: list[Tensor] | None = None) -> Tensor:
        """Return images of styles `(n, styles, latent)`."""
        features = self.constant.expand(len(styles), -1, -1, -1)
        if styles.device.type == "cuda" or len(styles) > 1:
            features = features.contiguous(memory_format=torch.channels_last)
        image: Tensor | None = None
        for number, conv in enumerate(self.convs):
            features = conv(features, styles[:, number], noise[number] if noise else None)
            if number % 2 == 0:
                # A resolution's image has the style of the layer after it (figure 2d of StyleGAN2).
                style = styles[:, min(number + 1, self.styles - 1)]
                added = self.to_images[number // 2](features, style)
                image = added if image is None else self.upsample(image) + added
        assert image is not None
        return image


class MinibatchDeviation(nn.Module):
    """One more channel: how much the images of a group differ, on average.

    Source: Progressive GAN (arXiv 1710.10196), section 3. Groups are strided through the batch, so
    that processes that each take every k-th image have the groups that one process would have.

    Args:
        group: images in a group; in a batch that it does not divide, the next smaller divisor.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, features: Tensor) -> Tensor:
        """Return features `(n, c + 1, h, w)` of features `(n, c, h, w)`."""
        count = len(features)
        group = next(size for size in range(min(self.group, count), 0, -1) if count % size == 0)
        grouped = features.reshape(group, count // group, *features.shape[1:]).float()
        deviation = (grouped.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3))
        channel = deviation.repeat(group)[:, None, None, None].to(features.dtype)
        return torch.cat([features, channel.expand(-1, 1, *features.shape[2:])], 1)


class ResidualBlock(nn.Module):
    """Two convolutions, the second at half the resolution, and a way past them (figure 7c)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = EqualConv(inputs, inputs, 3)
        self.second = EqualConv(inputs, outputs, 3, down=True)
        self.past = EqualConv(inputs, outputs, 1, bias=False, down=True)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of half the height and width."""
        deep = activate(self.second(activate(self.first(features))))
        made: Tensor = (deep + self.past(features)) / math.sqrt(2)
        return made


class Discriminator(nn.Module):
    """The residual discriminator (section 4.1, figure 7c).

    Args:
        settings: the section `model.network`.
        size: pixels of a side.
        channels: of the images.
    """

    def __init__(self, settings: NetworkSettings, size: int, channels: int) -> None:
        super().__init__()
        wide = widths(settings, size)
        sizes = sorted(wide, reverse=True)
        self.from_image = EqualConv(channels, wide[size], 1)
        self.blocks = nn.ModuleList(
            ResidualBlock(wide[each], wide[each // 2]) for each in sizes if each > 4
        )
        grouped = settings.minibatch_group > 1
        self.deviation = MinibatchDeviation(settings.minibatch_group) if grouped else nn.Identity()
        self.conv = EqualConv(wide[4] + grouped, wide[4], 3)
        self.hidden = EqualLinear(wide[4] * 16, wide[4])
        self.logit = EqualLinear(wide[4], 1)

    def features(self, images: Tensor) -> list[Tensor]:
        """Return features at each resolution, the finest first."""
        found = [activate(self.from_image(images))]
        for block in self.blocks:
            found.append(block(found[-1]))
        return found

    def forward(self, images: Tensor) -> Tensor:
        """Return logits `(n,)`: above 0 for real images."""
        last = activate(self.conv(self.deviation(self.features(images)[-1])))
        logits: Tensor = self.logit(activate(self.hidden(last.flatten(1))))
        return logits.squeeze(1).float()
