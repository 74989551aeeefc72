"""Makes small feature maps quick on a CPU."""

from typing import Any

import torch
from torch import Tensor, nn


def pad_small_maps(net: nn.Module, size: int) -> None:
    """Pad explicitly where a depthwise convolution's kernel is larger than its feature map.

    There oneDNN has no quick backward pass for a convolution that pads by itself; one that is given
    the padded map is up to ten times faster, and the result is the same. On images of 64 pixels
    this is a third of an EfficientNet's training time. Does nothing where a GPU trains.

    Args:
        net: the network, changed in place.
        size: the side of the images in pixels.
    """
    if torch.cuda.is_available():
        return

    def look(module: nn.Module, inputs: tuple[Tensor, ...], _: Any) -> None:
        assert isinstance(module, nn.Conv2d)
        if min(inputs[0].shape[-2:]) < max(module.kernel_size):
            module.padding_mode = "constant"  # type: ignore[assignment]  # of zeros, by F.pad

    hooks = [
        module.register_forward_hook(look)
        for module in net.modules()
        if type(module) is nn.Conv2d
        and module.groups == module.in_channels > 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
        and any(module.padding)
    ]
    training = net.training
    with torch.no_grad():
        net.eval()(torch.zeros(1, 3, size, size))
    net.train(training)
    for hook in hooks:
        hook.remove()
