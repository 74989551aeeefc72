"""Layers of the networks: equalised learning rate, modulation, filtered resampling."""

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


class Filter(nn.Module):
    """The low-pass filter [1, 3, 3, 1] of StyleGAN2 (appendix B), on each channel.

    Args:
        padding: pixels of zeros on each side.
        gain: what constant images are multiplied by.
    """

    kernel: Tensor

    def __init__(self, padding: int = 1, gain: float = 1.0) -> None:
        super().__init__()
        line = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        # Kept with the module, for a GPU waits for what comes from the CPU; and no weight.
        kernel = (torch.outer(line, line) * gain)[None, None]
        self.register_buffer("kernel", kernel, persistent=False)
        self.padding = padding

    def forward(self, images: Tensor) -> Tensor:
        """Return images with `2 * padding - 3` pixels more on a side."""
        return F.conv2d(images, self._kernels(images), padding=self.padding, groups=images.shape[1])

    def _kernels(self, images: Tensor) -> Tensor:
        return self.kernel.expand(images.shape[1], 1, 4, 4)


class Downsample(Filter):
    """Halves height and width, filtered."""

    def forward(self, images: Tensor) -> Tensor:
        """Return images of half the height and width."""
        kernels, groups = self._kernels(images), images.shape[1]
        return F.conv2d(images, kernels, padding=1, stride=2, groups=groups)


class Upsample(Filter):
    """Doubles height and width, filtered."""

    def __init__(self) -> None:
        super().__init__(gain=4.0)

    def forward(self, images: Tensor) -> Tensor:
        """Return images of twice the height and width."""
        kernels, groups = self._kernels(images), images.shape[1]
        return F.conv_transpose2d(images, kernels, padding=1, stride=2, groups=groups)


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
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.filter: Filter | None = None
        if down:  # before a 1x1 convolution, filter and stride: the same, at a quarter of the work
            self.filter = Downsample() if kernel == 1 else Filter(kernel - 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return `(n, outputs, h, w)`, or of half the height and width."""
        weight = self.weight * self.scale
        kernel = weight.shape[-1]
        if self.filter is None:
            return F.conv2d(images, weight, self.bias, padding=kernel // 2)
        stride = 1 if kernel == 1 else 2
        return F.conv2d(self.filter(images), weight, self.bias, stride=stride)


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
        self.demodulate = demodulate
        self.filter = Filter(padding=1, gain=4.0) if up else None

    def forward(self, images: Tensor, style: Tensor) -> Tensor:
        """Return `(n, outputs, h, w)`, or of twice the height and width.

        Args:
            images: `(n, inputs, h, w)`.
            style: `(n, style)`.
        """
        weight = self.weight * self.scale
        scales = self.affine(style)
        modulated = images * scales[:, :, None, None].to(images.dtype)
        if self.filter is not None:
            weights = weight.transpose(0, 1)
            wide = F.conv_transpose2d(modulated, weights, stride=2)  # 2h + 1 pixels
            made: Tensor = self.filter(wide)
        else:
            made = F.conv2d(modulated, weight, padding=weight.shape[-1] // 2)
        if not self.demodulate:
            return made
        squares = weight.float().square().sum((2, 3))
        power = F.linear(scales.float().square(), squares)
        return made * torch.rsqrt(power + 1e-8)[:, :, None, None].to(made.dtype)
