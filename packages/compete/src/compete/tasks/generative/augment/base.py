"""What augmentations share; by itself it leaves images as they are."""

from typing import Any

import torch
from torch import Tensor, nn

from compete.tasks.generative.draws import Draws
from compete.tasks.generative.settings import AugmentSettings


class Augment(nn.Module):
    """Leaves images as they are, as `augment.kind: none` says; the others derive from it.

    To draw and to apply are two steps, so that what is applied can be looked at.

    Attributes:
        p: the probability of each transform, a number.

    Args:
        settings: the section `model.augment`.
    """

    p: Tensor

    def __init__(self, settings: AugmentSettings) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("p", torch.zeros(()))

    def draw(self, draws: Draws, count: int, size: int) -> Any:
        """Return a transform for each image of a batch.

        Args:
            draws: the source of chance.
            count: images over all processes together.
            size: pixels of a side.
        """
        return None

    def apply_to(self, images: Tensor, drawn: Any) -> Tensor:
        """Return images `(n, channels, h, w)` with what `draw` returned applied, differentiable."""
        return images

    def forward(self, images: Tensor, draws: Draws, count: int) -> Tensor:
        """Return images, augmented in 32 bits.

        Args:
            images: `(n, channels, h, w)` from -1 to 1.
            draws: the source of chance.
            count: images over all processes together.
        """
        with torch.autocast(images.device.type, enabled=False):
            images = images.float()
            return self.apply_to(images, self.draw(draws, count, images.shape[-1]))

    def adapt(self, sign: Tensor, images: int) -> None:
        """Follow the discriminator's overfitting; only the adaptive one does.

        Args:
            sign: the mean sign of the discriminator on real images since the last time.
            images: real images that it has seen since then.
        """
