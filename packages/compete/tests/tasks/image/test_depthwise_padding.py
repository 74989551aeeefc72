"""A depthwise convolution on a small map pads by itself, and gives the same result."""

import pytest
import torch
from torch import nn

from compete.tasks.image.depthwise_padding import pad_small_maps


@pytest.mark.skipif(torch.cuda.is_available(), reason="where a GPU trains nothing is changed")
@pytest.mark.parametrize(("size", "changed"), [(4, [True, False]), (64, [False, False])])
def test_the_result_is_the_same_and_only_small_maps_are_padded(
    size: int, changed: list[bool]
) -> None:
    torch.manual_seed(0)
    depthwise = nn.Conv2d(3, 3, 7, padding=3, groups=3)
    norm, dense = nn.BatchNorm2d(3), nn.Conv2d(3, 8, 7, padding=3)
    net = nn.Sequential(depthwise, norm, dense)
    images = torch.randn(2, 3, size, size)
    before = net.eval()(images)
    statistics = {key: value.clone() for key, value in norm.state_dict().items()}
    net.train()
    pad_small_maps(net, size)
    assert [one.padding_mode != "zeros" for one in (depthwise, dense)] == changed
    assert net.training
    assert all(torch.equal(value, statistics[key]) for key, value in norm.state_dict().items())
    assert torch.allclose(net.eval()(images), before, atol=1e-6)
    assert not any(module._forward_hooks for module in net.modules())
