"""Augmentation presets keep the shape and dtype of images, and apply only to training."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from compete.errors import Fault

Author = Callable[[str], ModuleType]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_preset_keeps_shape_and_dtype(author: Author, channels: int) -> None:
    image = torch.randint(256, (channels, 32, 32), dtype=torch.uint8)
    for name in author("augment").PRESETS:
        preset = author("augment").get_preset(name, channels, 32)
        for _ in range(5):
            changed = image
            for transform in preset.transforms(32):
                changed = transform(changed)
            assert (changed.shape, changed.dtype) == (image.shape, torch.uint8), name
        for view in preset.views:
            assert view(image[None]).shape == (1, channels, 32, 32), name


@pytest.mark.parametrize(
    ("channels", "side", "name"),
    [(1, 28, "light"), (1, 500, "light"), (3, 32, "small"), (3, 64, "small"), (3, 500, "photo")],
)
def test_auto_depends_on_channels_and_size(
    author: Author, channels: int, side: int, name: str
) -> None:
    augment = author("augment")
    assert augment.get_preset("auto", channels, side) is augment.PRESETS[name]


def test_an_unknown_preset_is_an_error_that_lists_the_presets(author: Author) -> None:
    with pytest.raises(Fault, match=r"no augmentation preset 'wild'.*auto, none, light"):
        author("augment").get_preset("wild", 3, 500)


def test_only_training_images_are_augmented(make: Callable[..., Any]) -> None:
    data, _ = make("--data.augment", "strong")
    plain, _ = make("--data.augment", "none")
    for name, equal in (("train", False), ("val", True), ("test", True)):
        first, second = (next(iter(getattr(d, f"{name}_dataloader")()))[0] for d in (data, plain))
        assert torch.equal(first, second) == equal, name
