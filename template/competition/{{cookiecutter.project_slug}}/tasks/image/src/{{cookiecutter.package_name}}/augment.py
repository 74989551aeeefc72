"""Named presets of augmentation, and the views that test-time augmentation averages over."""

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
    """How the images of a preset are changed in training, and looked at in prediction.

    Args:
        transforms: for a side in pixels, torchvision transforms of one uint8 image
            `(channels, side, side)`.
        views: functions of a batch `(n, channels, side, side)`, besides the images as they are.
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
    # Signs and letters: a mirror image would be another class.
    "light": Preset(lambda side: [_affine(10, 0.08, 0.1)], (_turn(6), _turn(-6))),
    # Few pixels show all of the object: a crop would cut off what tells its class.
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
    # From above or through a microscope, there is no up and down.
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
        name: `auto` is `light` for grey images, `small` for colour up to 64 pixels, else `photo`.
        channels: of the files' images.
        side: of the files' images, in pixels.

    Raises:
        Fault: there is no preset of that name.
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
