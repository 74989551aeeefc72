"""Views of test-time augmentation become tables of pixels that mix the same."""

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from compete.tasks.image.export import GeometricView

VIEWS = {
    "hflip": functional.hflip,
    "vflip": functional.vflip,
    "rot90": lambda images: torch.rot90(images, 1, (2, 3)),
    "turn": lambda images: functional.rotate(images, 6, interpolation=InterpolationMode.BILINEAR),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_geometric_view_is_the_view(name: str) -> None:
    images = torch.randint(0, 256, (3, 1, 24, 24), dtype=torch.uint8)
    exact = VIEWS[name](images).float()
    apart = (GeometricView(VIEWS[name], 24)(images.float()) - exact).abs()
    assert apart.max() <= 1  # a half may be rounded the other way
    assert (apart > 0).float().mean() < 0.01


def test_a_view_that_changes_colours_is_another() -> None:
    images = torch.randint(0, 256, (3, 1, 24, 24), dtype=torch.uint8)
    view = GeometricView(lambda images: images // 2, 24)
    assert (view(images.float()) - (images // 2).float()).abs().max() > 1
