"""Layers that the networks are made of: equalised learning rate, modulation, filtered resampling."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_GAIN = math.sqrt(2)  # keeps the variance behind a leaky ReLU of slope 0.2, as good as


def activate(values: Tensor) -> Tensor:
    """Return the leaky ReLU of StyleGAN2, with its gain (arXiv 1912.04958, appendix B)."""
    return F.leaky_relu(values, 0.2) * _GAIN


class EqualLinear(nn.Module):
    """A linear layer whose weights are scaled when used, so that all learn at one rate.

    Source: Progressive GAN (arXiv 1710.10196), section 4.1.

    Args:
        inputs: numbers that come in.
        outputs: numbers that go out.
        bias: at the beginning.
        rate: the layer learns at this multiple of the learning rate (StyleGAN's mapping: 0.01).
    """

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.scale, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, values: Tensor) -> Tensor:
        """Return `(n, outputs)`."""
        return F.linear(values, self.weight * self.scale, self.bias * self.rate)


class EqualConv(nn.Module):
    """A convolution with equalised learning rate; `down` halves the resolution, filtered.

    Source: as `EqualLinear`; the filter before the stride is StyleGAN2's (arXiv 1912.04958,
    figure 7 and appendix B), after Zhang, "Making convolutional networks shift-invariant again".

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        kernel: pixels of its side, odd.
        bias: whether it has one.
        down: whether it halves the resolution.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, bias: bool = True, down: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale, self.down = 1 / math.sqrt(inputs * kernel**2), down

    def forward(self, images: Tensor) -> Tensor:
        """Return `(n, outputs, h, w)`, or of half the height and width."""
        weight = self.weight * self.scale
        kernel = weight.shape[-1]
        if not self.down:
            return F.conv2d(images, weight, self.bias, padding=kernel // 2)
        if kernel == 1:  # filter and stride first: the same, at a quarter of the work
            return F.conv2d(downsample(images), weight, self.bias)
        return F.conv2d(blur(images, kernel - 1), weight, self.bias, stride=2)


class ModulatedConv(nn.Module):
    """A convolution whose input channels a style scales, and whose output it brings back to 1.

    Source: StyleGAN2 (arXiv 1912.04958), section 2.2, equations 1 to 3. To scale the weights of
    each image is to scale its input channels before, and its output channels after, a convolution
    that all images share: the same numbers, many times as fast.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        kernel: pixels of its side, odd.
        style: numbers in a style.
        demodulate: whether the output is brought back to unit variance.
        up: whether it doubles the resolution, filtered.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        style: int,
        demodulate: bool = True,
        up: bool = False,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.affine = EqualLinear(style, inputs, bias=1.0)
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.demodulate, self.up = demodulate, up

    def forward(self, images: Tensor, style: Tensor) -> Tensor:
        """Return `(n, outputs, h, w)`, or of twice the height and width.

        Args:
            images: `(n, inputs, h, w)`.
            style: `(n, style)`.
        """
        weight = self.weight * self.scale
        scales = self.affine(style)
        modulated = images * scales[:, :, None, None].to(images.dtype)
        if self.up:
            weights = weight.transpose(0, 1)
            wide = F.conv_transpose2d(modulated, weights, stride=2)  # 2h + 1 pixels
            made = blur(wide, 1, gain=4.0)
        else:
            made = F.conv2d(modulated, weight, padding=weight.shape[-1] // 2)
        if not self.demodulate:
            return made
        squares = weight.float().square().sum((2, 3))
        power = F.linear(scales.float().square(), squares)
        return made * torch.rsqrt(power + 1e-8)[:, :, None, None].to(made.dtype)


def _kernel(images: Tensor, gain: float) -> Tensor:
    """Return the filter [1, 3, 3, 1] of StyleGAN2 in two dimensions, for each channel."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], device=images.device, dtype=images.dtype) / 8
    kernel = torch.outer(line, line) * gain
    return kernel.expand(images.shape[1], 1, 4, 4)


def blur(images: Tensor, padding: int, gain: float = 1.0) -> Tensor:
    """Return images through the low-pass filter [1, 3, 3, 1]; `2 * padding - 3` pixels are added.

    The filter is StyleGAN2's (arXiv 1912.04958, appendix B).
    """
    return F.conv2d(images, _kernel(images, gain), padding=padding, groups=images.shape[1])


def downsample(images: Tensor) -> Tensor:
    """Return images of half the height and width, filtered."""
    return F.conv2d(images, _kernel(images, 1.0), padding=1, stride=2, groups=images.shape[1])


def upsample(images: Tensor) -> Tensor:
    """Return images of twice the height and width, filtered."""
    kernel = _kernel(images, 4.0)
    return F.conv_transpose2d(images, kernel, padding=1, stride=2, groups=images.shape[1])
