"""The generator that turns one image into another (CUT, arXiv 2007.15651, appendix C.1).

It is the residual network of CycleGAN (arXiv 1703.10593) with filtered resampling.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from compete.tasks.generative.networks.layers import Downsample, Upsample
from compete.tasks.generative.settings import NetworkSettings


class _Conv(nn.Module):
    """A convolution over mirrored edges, then instance normalisation and a ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, active: bool = True) -> None:
        super().__init__()
        self.pad, self.active = kernel // 2, active
        self.conv = nn.Conv2d(inputs, outputs, kernel, bias=False)
        self.norm = nn.InstanceNorm2d(outputs, affine=True)
        nn.init.normal_(self.conv.weight, 0, 0.02)  # as CycleGAN's, section 7.1

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = self.norm(self.conv(F.pad(features, [self.pad] * 4, mode="reflect")))
        return F.relu(made) if self.active else made


class _Block(nn.Module):
    """Two convolutions and a way past them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _Conv(channels, channels, 3), _Conv(channels, channels, 3, active=False)
        )

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = features + self.layers(features)
        return made


class Translator(nn.Module):
    """From an image to an image of the same size.

    Attributes:
        channels: of each of the features that `encode` returns.

    Args:
        settings: the section `model.network`, for `width` and `max_width`.
        channels: of the images.
        blocks: residual blocks between down and up.
    """

    def __init__(self, settings: NetworkSettings, channels: int, blocks: int) -> None:
        super().__init__()
        wide = [min(settings.max_width, settings.width * 2**power) for power in range(3)]
        self.stem = _Conv(channels, wide[0], 7)
        self.down = nn.ModuleList(_Conv(wide[k], wide[k + 1], 3) for k in range(2))
        self.blocks = nn.ModuleList(_Block(wide[2]) for _ in range(blocks))
        self.up = nn.ModuleList(_Conv(wide[k + 1], wide[k], 3) for k in (1, 0))
        self.to_image = nn.Conv2d(wide[0], channels, 7)
        nn.init.normal_(self.to_image.weight, 0, 0.02)
        self.downsample, self.upsample = Downsample(), Upsample()
        self.middle = (blocks + 1) // 2  # the blocks that are the encoder's
        self.channels = [channels, wide[1], wide[2], wide[2]]

    def encode(self, images: Tensor) -> list[Tensor]:
        """Return features `(n, c, h, w)` of the encoder: pixels, both downsamplings, the middle."""
        found = [images]
        features = self.stem(images)
        for conv in self.down:
            features = self.downsample(conv(features))
            found.append(features)
        for block in list(self.blocks)[: self.middle]:
            features = block(features)
        return [*found, features]

    def decode(self, features: Tensor) -> Tensor:
        """Return images of the last features that `encode` returns."""
        for block in list(self.blocks)[self.middle :]:
            features = block(features)
        for conv in self.up:
            features = conv(self.upsample(features))
        return torch.tanh(self.to_image(F.pad(features, [3] * 4, mode="reflect")))

    def forward(self, images: Tensor) -> Tensor:
        """Return images of the same shape, from -1 to 1."""
        return self.decode(self.encode(images)[-1])
