"""Augmentation presets, and the views for test-time augmentation."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from compete.errors import Fault
from torch import Tensor
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

View = Callable[[Tensor], Tensor]
_FEW_PIXELS = 64
_SMOOTH = InterpolationMode.BILINEAR


@dataclass(frozen=True)
class Preset:
    """Training transforms and test-time augmentation of a preset.

    Args:
        transforms: takes the image size in pixels and returns torchvision transforms of one uint8
            image `(channels, side, side)`.
        views: transforms of a batch `(n, channels, side, side)` whose predictions are averaged with
            those of the unchanged images.
    """

    transforms: Callable[[int], list[v2.Transform]]
    views: tuple[View, ...] = field(default=())


def _affine(degrees: float, shift: float, zoom: float) -> v2.Transform:
    return v2.RandomAffine(
        degrees, translate=(shift, shift), scale=(1 - zoom, 1 + zoom), interpolation=_SMOOTH
    )


def _turn(degrees: float) -> View:
    return lambda images: functional.rotate(images, degrees, interpolation=_SMOOTH)


def _cut(side: int) -> v2.Transform:
    return v2.RandomResizedCrop(side, scale=(0.6, 1.0), ratio=(0.8, 1.25), antialias=True)


_FLIP = v2.RandomHorizontalFlip()
PRESETS = {
    "none": Preset(lambda side: []),
    # For signs and letters: a mirrored image would be another class.
    "light": Preset(lambda side: [_affine(10, 0.08, 0.1)], (_turn(6), _turn(-6))),
    # For small images that show the whole object: a large crop would cut off parts of it.
    "small": Preset(
        lambda side: [_FLIP, v2.RandomCrop(side, padding=side // 8, padding_mode="reflect")],
        (functional.hflip,),
    ),
    "photo": Preset(lambda side: [_FLIP, _cut(side)], (functional.hflip,)),
    "strong": Preset(
        lambda side: [
            _FLIP,
            _cut(side),
            v2.ColorJitter(0.2, 0.2, 0.2),
            v2.RandAugment(num_ops=2, magnitude=9, interpolation=_SMOOTH),
            v2.RandomErasing(p=0.25),
        ],
        (functional.hflip,),
    ),
    # For aerial and microscope images, which have no natural orientation.
    "aerial": Preset(
        lambda side: [
            _FLIP,
            v2.RandomVerticalFlip(),
            _affine(180, 0.05, 0.1),
            v2.ColorJitter(0.2, 0.2, 0.1),
        ],
        (functional.hflip, functional.vflip, lambda images: torch.rot90(images, 1, (2, 3))),
    ),
}


def get_preset(name: str, channels: int, side: int) -> Preset:
    """Return the preset `name`.

    Args:
        name: the preset, or `auto`: `light` for grayscale images, `small` for color images up to 64
            pixels, else `photo`.
        channels: number of channels of the image files.
        side: size of the image files in pixels.

    Raises:
        Fault: no preset has that name.
    """
    if name == "auto":
        name = "light" if channels == 1 else "small" if side <= _FEW_PIXELS else "photo"
    if name not in PRESETS:
        raise Fault(
            f"There is no augmentation preset {name!r}.",
            "Set `augment:` under `data` in params.yaml to one of: auto, "
            + ", ".join(PRESETS)
            + ".",
        )
    return PRESETS[name]
