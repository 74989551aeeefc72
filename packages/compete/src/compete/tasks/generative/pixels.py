"""Images as bytes, which are stored, and as numbers from -1 to 1, which networks see."""

import torch
from torch import Tensor


def to_floats(images: Tensor) -> Tensor:
    """Return bytes as numbers from -1 to 1, with the channels of a pixel side by side in memory."""
    values = images.float() / 127.5 - 1
    return values.contiguous(memory_format=torch.channels_last)


def to_bytes(images: Tensor) -> Tensor:
    """Return numbers from -1 to 1 as bytes, those beyond cut off."""
    return (images.float() * 127.5 + 128).clamp(0, 255).to(torch.uint8)
